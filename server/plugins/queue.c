#include "plugins/queue.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "catalogue/catalogue.h"
#include "dispatch/work.h"
#include "plugins/fleet.h"
#include "plugins/frame.h"
#include "plugins/frame_inputs.h"
#include "plugins/queue_internal.h"
#include "plugins/ring.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/call.h"

struct queue queue;

/* A request waits for a host that is this near; for one further off it is refused. */
enum { WAIT_FOR_HOST_S = 2 };
/* A client that asks for a short deadline does not cost a host its life before this. */
static const uint64_t KILL_FLOOR_NS = 1000000000;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic size_t n_waiting;                     /* queue.waiting.n, for who looks unlocked */
static struct part_list in_turn[PROTOCOL_MAX_LOOPS]; /* each its loop's own */

void plugins_lock(void)
{
    pthread_mutex_lock(&mutex);
}

void plugins_unlock(void)
{
    atomic_store_explicit(&n_waiting, queue.waiting.n, memory_order_relaxed);
    pthread_mutex_unlock(&mutex);
}

size_t queue_waiting(void)
{
    return atomic_load_explicit(&n_waiting, memory_order_relaxed);
}

/* --- lists --- */

void list_append(struct part_list *list, struct plugin_part *part)
{
    part->next = NULL;
    part->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = part;
    list->last = part;
    list->n++;
}

void list_prepend(struct part_list *list, struct plugin_part *part)
{
    part->previous = NULL;
    part->next = list->first;
    *(list->first != NULL ? &list->first->previous : &list->last) = part;
    list->first = part;
    list->n++;
}

void list_remove(struct part_list *list, struct plugin_part *part)
{
    *(part->previous != NULL ? &part->previous->next : &list->first) = part->next;
    *(part->next != NULL ? &part->next->previous : &list->last) = part->previous;
    part->previous = part->next = NULL;
    list->n--;
}

/* --- coming in --- */

static bool fail_full(struct astro_error *err)
{
    return astro_fail(err, ASTRO_OVERLOADED, NULL,
                      "%u requests wait for a plugin host already (plugins.queue); try again",
                      server.settings.plugins_queue);
}

bool queue_admits(struct request *request, const struct plugin_conversion *conversion,
                  struct region_memory **ret_region)
{
    if (!fleet_admits(conversion->plugin, &request->error, &request->retry_after))
        return false;
    if (queue_waiting() >= server.settings.plugins_queue)
        return fail_full(&request->error);
    plugins_lock();
    struct host *home = choice_home(conversion);
    struct region_memory *region = home != NULL ? region_memory_hold(home->region) : NULL;
    plugins_unlock();
    if (region == NULL) {
        unsigned seconds = fleet_retry_after();
        if (seconds > WAIT_FOR_HOST_S) {
            request->retry_after = seconds;
            return astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                              "no host of the plugin %s is up; one is expected in %u s",
                              conversion->plugin, seconds);
        }
    }
    *ret_region = region;
    return true;
}

void queue_fail(struct plugin_part *part, int code, const char *text)
{
    part->state = PART_ENDED;
    astro_fail(&part->request->error, (enum astro_code)code, NULL, "%s", text);
    loop_finish_work(part->request);
}

static void enter(struct plugin_part *part, uint64_t now)
{
    part->state = PART_WAITING;
    part->queued_ns = now;
    list_append(&queue.waiting, part);
}

void queue_submit(struct request *request, bool from_loop)
{
    struct plugin_part *part = request->call->plugin;
    part->from_loop = from_loop;
    frame_copy_texts_ahead(request);
    if (from_loop) {
        part->state = PART_TURN;
        list_append(&in_turn[request->loop->index], part);
        return;
    }
    plugins_lock();
    if (work_cancelled(request->call->work)) {
        part->state = PART_ENDED;
        loop_finish_work(request);
    } else {
        enter(part, loop_clock_ns());
    }
    plugins_unlock();
    queue_dispatch();
}

void queue_flush(struct loop *loop)
{
    struct part_list *turn = &in_turn[loop->index];
    if (turn->n == 0)
        return;
    uint64_t now = loop_clock_ns();
    plugins_lock();
    while (turn->first != NULL) {
        struct plugin_part *part = turn->first;
        list_remove(turn, part);
        enter(part, now);
    }
    plugins_unlock();
    queue_dispatch();
}

void queue_cancel(struct request *request)
{
    struct plugin_part *part = request->call->plugin;
    plugins_lock();
    if (part->state == PART_TURN)
        list_remove(&in_turn[request->loop->index], part);
    else if (part->state == PART_WAITING)
        list_remove(&queue.waiting, part);
    else
        part = NULL; /* not here yet, or on a host */
    if (part != NULL) {
        part->state = PART_ENDED;
        loop_finish_work(request);
    }
    plugins_unlock();
}

/* --- going out --- */

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* From when it is the first of its host's calls. A joined call may take as long as its most patient
 * request allows. */
static void start_clock(struct plugin_call *call, uint64_t now)
{
    uint64_t deadline = 0;
    for (unsigned i = 0; i < call->n_pieces; i++)
        deadline = later(deadline, call->pieces[i]->deadline_ns);
    uint64_t most = now + (uint64_t)(server.settings.plugins_timeout * 1e9);
    uint64_t kill = later(deadline, now + KILL_FLOOR_NS);
    call->begun_ns = now;
    call->kill_ns = kill < most ? kill : most;
}

static void wake(struct host *host)
{
    struct channel *channel = region_memory_channel(host->region);
    if (atomic_exchange_explicit(&channel->host_asleep, 0, memory_order_acq_rel) == 0)
        return;
    uint64_t one = 1;
    if (write(host->wake, &one, sizeof one) < 0)
        host->stuck = true; /* an eventfd takes what is written, or it is not ours any more */
}

static void fail_pieces(struct plugin_call *call, int code, const char *text)
{
    for (unsigned i = 0; i < call->n_pieces; i++)
        queue_fail(call->pieces[i]->call->plugin, code, text);
}

/* The frame is there: the host gets it. */
static void hand_over(struct host *host, struct plugin_call *call)
{
    struct channel *channel = region_memory_channel(host->region);
    struct ring_entry entry = {
        .call = call->id,
        .frame = region_memory_offset(host->region, call->frame.data),
    };
    if (!ring_put(&channel->calls, entry)) { /* it pretends not to have read them */
        host->stuck = true;
        fail_pieces(call, ASTRO_PLUGIN_CRASHED, "the plugin host does not take requests any more");
        slab_release(&call->frame);
        return;
    }
    uint64_t now = loop_clock_ns();
    for (unsigned i = 0; i < call->n_pieces; i++) {
        struct call *piece = call->pieces[i]->call;
        piece->queue_ns += now - piece->plugin->queued_ns;
        if (piece->t_run == 0)
            piece->t_run = now;
    }
    if (host->n_calls == 0)
        start_clock(call, now);
    host->calls[host->n_calls++] = *call;
    wake(host);
}

static void dispatch_locked(void)
{
    struct host *host;
    struct plugin_call call = {0};
    while (choice_next(&host, &call)) {
        call.id = (uint64_t)call.loop << 56 | (++queue.next_call & (UINT64_MAX >> 8));
        if (frame_build(host, &call)) {
            hand_over(host, &call);
        } else {
            fail_pieces(&call, ASTRO_OVERLOADED,
                        "the memory shared with the plugin hosts (plugins.shared_memory) is used "
                        "up; try again");
        }
        call.frame = SLAB_EMPTY;
    }
    while (queue.waiting.n > server.settings.plugins_queue) {
        struct plugin_part *part = queue.waiting.last;
        list_remove(&queue.waiting, part);
        part->state = PART_ENDED;
        fail_full(&part->request->error);
        loop_finish_work(part->request);
    }
}

void queue_dispatch(void)
{
    plugins_lock();
    if (queue.waiting.n > 0)
        dispatch_locked();
    plugins_unlock();
}

/* --- for the fleet: locked --- */

void queue_host_ready(struct host *host)
{
    struct channel *channel = region_memory_channel(host->region);
    for (size_t i = 0; i < server.n_loops && i < PROTOCOL_MAX_LOOPS; i++)
        atomic_store_explicit(&channel->loops[i].asleep, 1, memory_order_release);
    host->state = HOST_READY;
    host->next = queue.hosts;
    queue.hosts = host;
    if (queue.waiting.n > 0)
        dispatch_locked();
}

void queue_host_leaves(struct host *host)
{
    if (host->state == HOST_READY)
        host->state = HOST_DRAINING;
}

/* Its turn has not come, or it was one of several of which any may have been the culprit. */
static void try_again(struct plugin_part *part, bool alone)
{
    part->alone = part->alone || alone;
    part->state = PART_WAITING;
    frame_undo(part->request);
    list_prepend(&queue.waiting, part);
}

static void answer_for_the_dead(struct plugin_call *call, bool begun, int code, const char *text)
{
    for (unsigned i = call->n_pieces; i-- > 0;) {
        struct plugin_part *part = call->pieces[i]->call->plugin;
        if (begun && call->n_pieces == 1)
            queue_fail(part, code, text);
        else
            try_again(part, begun);
    }
    slab_release(&call->frame);
}

/* What a loop will still find in its ring of completions. */
static void mark_completed(struct host *host)
{
    struct channel *channel = region_memory_channel(host->region);
    for (unsigned c = 0; c < host->n_calls; c++) {
        struct plugin_call *call = &host->calls[c];
        const struct call_ring *done = &channel->loops[call->loop].done;
        uint32_t head = atomic_load_explicit(&done->head, memory_order_relaxed);
        uint32_t tail = atomic_load_explicit(&done->tail, memory_order_acquire);
        for (uint32_t i = 0; i < PROTOCOL_CALLS && head + i != tail; i++)
            call->completed =
                call->completed || done->entries[(head + i) % PROTOCOL_CALLS].call == call->id;
    }
}

static void unlist(struct host *host)
{
    for (struct host **place = &queue.hosts; *place != NULL; place = &(*place)->next) {
        if (*place == host) {
            *place = host->next;
            host->next = NULL;
            return;
        }
    }
}

void queue_host_died(struct host *host, int code, const char *text)
{
    host->state = HOST_DEAD;
    mark_completed(host);
    unsigned kept = 0;
    bool begun = true; /* the first that is not complete was at work */
    struct plugin_call calls[HOST_DEPTH];
    unsigned n = host->n_calls;
    memcpy(calls, host->calls, n * sizeof calls[0]);
    for (unsigned c = 0; c < n; c++) {
        if (calls[c].completed)
            host->calls[kept++] = calls[c];
    }
    host->n_calls = kept;
    for (unsigned c = 0; c < n; c++) {
        if (calls[c].completed) {
            uint64_t one = 1; /* it may have died before it could say so */
            (void)!write(queue_loop_descriptor(calls[c].loop), &one, sizeof one);
            continue;
        }
        answer_for_the_dead(&calls[c], begun, code, text);
        begun = false;
    }
    if (kept == 0) {
        unlist(host);
        retained_give_up(host);
    }
    if (queue.waiting.n > 0)
        dispatch_locked();
}

bool queue_host_gone(const struct host *host)
{
    if (host->state != HOST_DEAD || host->n_calls > 0)
        return false;
    for (const struct host *other = queue.hosts; other != NULL; other = other->next) {
        if (other == host)
            return false;
    }
    return true;
}

void queue_call_ended(struct host *host, unsigned index)
{
    host->n_calls--;
    memmove(&host->calls[index], &host->calls[index + 1],
            (host->n_calls - index) * sizeof host->calls[0]);
    if (host->state == HOST_DEAD && host->n_calls == 0) {
        unlist(host);
        retained_give_up(host);
    } else if (index == 0 && host->n_calls > 0) {
        start_clock(&host->calls[0], loop_clock_ns());
    }
}

void queue_conversions_changed(void)
{
    struct plugin_part *next;
    for (struct plugin_part *part = queue.waiting.first; part != NULL; part = next) {
        next = part->next;
        bool served = false;
        for (struct host *host = queue.hosts; host != NULL && !served; host = host->next)
            served = (host->state == HOST_READY || host->state == HOST_DRAINING) &&
                     choice_conversion(host, part->conversion) != NULL;
        if (served)
            continue;
        list_remove(&queue.waiting, part);
        queue_fail(part, ASTRO_UNKNOWN_CONVERSION, "this conversion has been unloaded");
    }
    if (queue.waiting.n > 0)
        dispatch_locked();
}

void queue_refuse_all(void)
{
    while (queue.waiting.first != NULL) {
        struct plugin_part *part = queue.waiting.first;
        list_remove(&queue.waiting, part);
        queue_fail(part, ASTRO_DRAINING, "the server is shutting down");
    }
}

bool queue_running(const struct host *host, char ret_plugin[64], char ret_request[64])
{
    if (host->n_calls == 0)
        return false;
    const struct plugin_part *part = host->calls[0].pieces[0]->call->plugin;
    memcpy(ret_plugin, part->conversion->plugin, 64);
    memcpy(ret_request, part->request_id, 64);
    return true;
}

size_t queue_overdue(uint64_t now_ns, struct host *ret[], size_t most)
{
    size_t n = 0;
    for (struct host *host = queue.hosts; host != NULL && n < most; host = host->next) {
        bool alive = host->state == HOST_READY || host->state == HOST_DRAINING;
        if (alive && (host->stuck || (host->n_calls > 0 && host->calls[0].kill_ns <= now_ns)))
            ret[n++] = host;
    }
    return n;
}

uint64_t queue_next_overdue(void)
{
    uint64_t next = UINT64_MAX;
    for (struct host *host = queue.hosts; host != NULL; host = host->next) {
        if (host->stuck)
            return 0;
        if (host->n_calls > 0 && host->calls[0].kill_ns < next)
            next = host->calls[0].kill_ns;
    }
    return next;
}
