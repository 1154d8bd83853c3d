#include "process/loop.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "catalogue/catalogue.h"
#include "dispatch/context.h"
#include "dispatch/pipeline.h"
#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/fleet.h"
#include "plugins/queue.h"
#include "process/life.h"
#include "process/server.h"
#include "request/request.h"
#include "wire/connection.h"
#include "wire/listener.h"

enum {
    TICK_MS = 500,
    ARENA_DECAY_TICKS = 4, /* 2 s */
    MEMORY_TICKS = 4
};

uint64_t loop_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t loop_recent_ns(struct loop *loop)
{
    if (loop->recent_ns == 0)
        loop->recent_ns = loop_clock_ns();
    return loop->recent_ns;
}

static void refresh_date(struct loop *loop)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    snprintf(loop->date, sizeof loop->date, "%s, %02u %s %04u %02u:%02u:%02u GMT",
             days[(unsigned)tm.tm_wday % 7], (unsigned)tm.tm_mday % 100,
             months[(unsigned)tm.tm_mon % 12], (unsigned)(tm.tm_year + 1900) % 10000,
             (unsigned)tm.tm_hour % 100, (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
}

/* --- requests that come back from the pool --- */

static void give_back(struct request *request)
{
    struct loop *loop = request->loop;
    struct request *head = atomic_load_explicit(&loop->finished, memory_order_relaxed);
    do {
        request->next = head;
    } while (!atomic_compare_exchange_weak_explicit(&loop->finished, &head, request,
                                                    memory_order_release, memory_order_relaxed));
    uv_async_send(&loop->wake);
}

void loop_finish_work(struct request *request)
{
    give_back(request);
}

void loop_finish_later(struct request *request)
{
    give_back(request);
}

/* Its connection is gone or has answered already: nobody reads the answer, but the books are kept.
 */
static void end_abandoned(struct loop *loop, struct request *request)
{
    if (request->late) {
        request->error = (struct astro_error){.code = ASTRO_DEADLINE};
        request->response.code = ASTRO_DEADLINE;
        stats_record(loop->stats, request);
    }
    request_destroy(&request);
}

void loop_answered(struct request *request)
{
    if (request->connection != NULL)
        connection_answered(request->connection, request);
    else
        end_abandoned(request->loop, request);
}

static void finish_later(struct request *request)
{
    if (request->error.code == ASTRO_OK)
        request->later(request);
    if (request->error.code != ASTRO_OK)
        response_fail(request);
    request_move(request, REQUEST_ANSWER);
}

static void take_finished(struct loop *loop)
{
    struct request *newest = atomic_exchange_explicit(&loop->finished, NULL, memory_order_acquire);
    struct request *oldest = NULL;
    while (newest != NULL) {
        struct request *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != NULL) {
        struct request *request = oldest;
        oldest = request->next;
        request->next = NULL;
        if (request->later != NULL)
            finish_later(request);
        else
            pipeline_finish(request);
        loop_answered(request);
    }
}

/* --- orders from outside --- */

static void take_tokens(struct loop *loop)
{
    if (!atomic_exchange(&loop->reload_asked, false))
        return;
    struct token_table *next = atomic_exchange(&loop->tokens_next, NULL);
    if (next != NULL) {
        token_table_release(loop->tokens);
        loop->tokens = next;
    }
}

/* Those at work keep theirs to the end. */
static void forget_contexts(struct loop *loop)
{
    if (atomic_exchange(&loop->forget_asked, false))
        context_cache_clear(loop->contexts);
}

static void close_connections(struct loop *loop)
{
    while (loop->connections != NULL)
        connection_close(loop->connections);
}

static void on_wake_closed(uv_handle_t *handle)
{
    (void)handle;
}

/* Ends when no request lives: connections go, then the loop's own handles, then uv_run returns. */
static void end_if_idle(struct loop *loop)
{
    if (!loop->draining || loop->listeners_due > 0 || loop->ended)
        return;
    if (loop->stopping)
        close_connections(loop);
    if (loop->requests_live > 0 || loop->n_lingering > 0)
        return;
    close_connections(loop);
    if (loop->n_connections > 0 || !life_may_end(loop))
        return; /* the close callbacks come first, then this is called again */
    loop->ended = true;
    uv_close((uv_handle_t *)&loop->wake, on_wake_closed);
    uv_close((uv_handle_t *)&loop->tick, on_wake_closed);
    uv_close((uv_handle_t *)&loop->turn, on_wake_closed);
    uv_close((uv_handle_t *)&loop->before, on_wake_closed);
    queue_loop_close(loop);
    life_loop_ended(loop);
}

static void on_wake(uv_async_t *wake)
{
    struct loop *loop = wake->data;
    take_tokens(loop);
    forget_contexts(loop);
    catalogue_take_over(loop);
    take_finished(loop);
    if (atomic_load(&loop->drain_asked) && !loop->draining) {
        loop->draining = true;
        loop->listeners_due = 2; /* whoever has connected by now is let in first */
        uv_async_send(&loop->wake);
    }
    if (atomic_load(&loop->stop_asked) && !loop->stopping) {
        loop->stopping = true;
        if (loop->index == 0)
            fleet_kill_all(); /* what works on a host comes back by that */
    }
}

/* After every turn of a draining loop; costs a turn nothing else. */
static void on_turn(uv_check_t *turn)
{
    struct loop *loop = turn->data;
    queue_flush(loop);
    if (loop->listeners_due > 0) {
        if (--loop->listeners_due == 0)
            listener_close_all(loop);
        else
            uv_async_send(&loop->wake);
    }
    end_if_idle(loop);
}

/* What timers have let in: the loop may sleep now. */
static void on_before(uv_prepare_t *before)
{
    queue_flush(before->data);
}

/* --- housekeeping --- */

static void measure_lag(struct loop *loop)
{
    uint64_t now = loop_clock_ns();
    uint64_t lag = now > loop->tick_due_ns ? now - loop->tick_due_ns : 0;
    atomic_store_explicit(&loop->stats->lag_ns, lag, memory_order_relaxed);
    if (lag > stats_get(&loop->stats->lag_max_ns))
        atomic_store_explicit(&loop->stats->lag_max_ns, lag, memory_order_relaxed);
    loop->tick_due_ns = now + TICK_MS * 1000000ull;
}

static void on_tick(uv_timer_t *tick)
{
    struct loop *loop = tick->data;
    measure_lag(loop);
    refresh_date(loop);
    listener_retry(loop);
    loop->ticks++;
    if (loop->ticks % ARENA_DECAY_TICKS == 0)
        arena_source_decay(&loop->arenas);
    if (loop->index == 0 && loop->ticks % MEMORY_TICKS == 0)
        life_return_memory();
}

/* --- life --- */

static bool init_handles(struct loop *loop)
{
    if (uv_loop_init(&loop->uv) != 0)
        return false;
    loop->uv.data = loop;
    if (uv_async_init(&loop->uv, &loop->wake, on_wake) != 0)
        return false; /* the process ends: nothing to undo */
    uv_timer_init(&loop->uv, &loop->tick);
    uv_check_init(&loop->uv, &loop->turn);
    loop->wake.data = loop->tick.data = loop->turn.data = loop;
    uv_check_start(&loop->turn, on_turn);
    uv_prepare_init(&loop->uv, &loop->before);
    loop->before.data = loop;
    uv_prepare_start(&loop->before, on_before);
    return uv_timer_start(&loop->tick, on_tick, TICK_MS, TICK_MS) == 0;
}

struct loop *loop_create(size_t index, struct token_table *tokens)
{
    struct loop *loop = mem_zalloc(1, sizeof *loop);
    if (loop == NULL)
        return NULL;
    loop->index = index;
    arena_source_init(&loop->arenas);
    loop->stats = stats_create();
    loop->contexts = context_cache_create(server.settings.limits_contexts / server.settings.loops);
    loop->tokens = tokens != NULL ? token_table_hold(tokens) : NULL;
    loop->catalogue = catalogue_current();
    snprintf(loop->id_prefix, sizeof loop->id_prefix, "%08x-%02x-",
             (unsigned)(server.started_unix_s & 0xffffffff), (unsigned)(index & 0xff));
    refresh_date(loop);
    loop->tick_due_ns = loop_clock_ns() + TICK_MS * 1000000ull;
    if (loop->stats == NULL || loop->contexts == NULL || !connection_reserve(loop) ||
        !init_handles(loop)) {
        mem_free(loop); /* only at start: the process ends */
        return NULL;
    }
    return loop;
}

/* Spins for a while before it sleeps, if asked for: a sleeping core takes long to wake. */
static void run_busy(struct loop *loop)
{
    uint64_t spin = (uint64_t)(server.settings.poll_busy * 1e9);
    uint64_t last = loop_clock_ns();
    uint64_t seen = 0;
    while (uv_loop_alive(&loop->uv)) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        uint64_t read = stats_get(&loop->stats->bytes_read);
        uint64_t now = loop_clock_ns();
        if (read != seen) {
            seen = read;
            last = now;
        } else if (now - last > spin) {
            uv_run(&loop->uv, UV_RUN_ONCE);
            last = loop_clock_ns();
        }
    }
}

void loop_run(struct loop *loop)
{
    if (server.settings.poll_busy > 0)
        run_busy(loop);
    else
        uv_run(&loop->uv, UV_RUN_DEFAULT);
}

bool loop_destroy(struct loop *loop)
{
    if (loop == NULL)
        return true;
    bool clean = uv_loop_close(&loop->uv) == 0 && loop->requests_live == 0;
    context_cache_destroy(loop->contexts);
    token_table_release(loop->tokens);
    token_table_release(atomic_load(&loop->tokens_next));
    catalogue_drop(loop->catalogue);
    catalogue_drop(atomic_load(&loop->catalogue_next));
    stats_destroy(loop->stats);
    arena_source_release(&loop->arenas);
    mem_free(loop->spare);
    mem_free(loop);
    return clean;
}
