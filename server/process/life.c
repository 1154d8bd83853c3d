#include "process/life.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "dispatch/pool.h"
#include "memory/alloc.h"
#include "memory/slab.h"
#include "observe/log.h"
#include "plugins/fleet.h"
#include "process/loop.h"
#include "process/server.h"
#include "process/sockets.h"
#include "process/time_files.h"

static struct {
    uv_signal_t term, interrupt, hangup;
    uv_timer_t grace;
    bool open;
} life;

/* --- memory --- */

enum { TRIM_EVERY = 5 }; /* returns of slabs per return of malloc'd memory: every 10 s */

static struct {
    struct job job;
    _Atomic bool busy;
    unsigned rounds;
} memory;

static void return_memory(struct job *job, size_t part)
{
    (void)job;
    (void)part;
    slab_pool_decay();
    if (++memory.rounds % TRIM_EVERY == 0)
        mem_trim();
}

static void memory_returned(struct job *job)
{
    (void)job;
    atomic_store(&memory.busy, false);
}

void life_return_memory(void)
{
    if (atomic_exchange(&memory.busy, true))
        return;
    memset(&memory.job, 0, sizeof memory.job);
    memory.job.n_parts = 1;
    memory.job.part = return_memory;
    memory.job.ended = memory_returned;
    pool_submit(server.pool, &memory.job);
}

void life_settle(void)
{
    while (atomic_load(&memory.busy))
        uv_sleep(1);
}

/* --- signals --- */

static void wake_all(void)
{
    for (size_t i = 0; i < server.n_loops; i++) {
        if (!atomic_load(&server.loops[i]->ended))
            uv_async_send(&server.loops[i]->wake);
    }
}

static void on_grace_over(uv_timer_t *timer)
{
    (void)timer;
    LOG_EVENT(LEVEL_WARN, "grace_over", LOG_F("seconds", server.settings.shutdown_grace));
    for (size_t i = 0; i < server.n_loops; i++)
        atomic_store(&server.loops[i]->stop_asked, true);
    wake_all();
}

static void on_stop_signal(uv_signal_t *handle, int number)
{
    (void)handle;
    if (atomic_exchange(&server.draining, true)) {
        LOG_EVENT(LEVEL_WARN, "second_signal", LOG_I("signal", number));
        log_stop();
        _exit(1);
    }
    LOG_EVENT(LEVEL_INFO, "draining", LOG_I("signal", number),
              LOG_F("grace_s", server.settings.shutdown_grace));
    uv_timer_start(&life.grace, on_grace_over, (uint64_t)(server.settings.shutdown_grace * 1e3), 0);
    sockets_forget();
    for (size_t i = 0; i < server.n_loops; i++)
        atomic_store(&server.loops[i]->drain_asked, true);
    wake_all();
}

/* The new table is read and checked before any loop lets go of the old one. */
static void reload_tokens(void)
{
    char *error = NULL;
    struct token_table *table = token_table_read(server.settings.auth_tokens, &error);
    if (table == NULL) {
        LOG_EVENT(LEVEL_ERROR, "reload_failed",
                  LOG_S("reason", error != NULL ? error : "no memory"));
        mem_free(error);
        return;
    }
    for (size_t i = 0; i < server.n_loops; i++) {
        struct loop *loop = server.loops[i];
        token_table_release(atomic_exchange(&loop->tokens_next, token_table_hold(table)));
        atomic_store(&loop->reload_asked, true);
    }
    LOG_EVENT(LEVEL_INFO, "reloaded", LOG_S("what", "auth.tokens"),
              LOG_I("tokens", token_table_count(table)));
    token_table_release(table);
    wake_all();
}

static void on_reload_signal(uv_signal_t *handle, int number)
{
    (void)handle;
    (void)number;
    bool plugins = server.settings.plugins_directory != NULL;
    if (server.settings.auth_tokens != NULL)
        reload_tokens();
    if (time_files_reload()) {
        for (size_t i = 0; i < server.n_loops; i++)
            atomic_store(&server.loops[i]->forget_asked, true);
        wake_all();
    }
    if (plugins)
        fleet_reload("signal");
}

bool life_begin(void)
{
    uv_loop_t *uv = &server.loops[0]->uv;
    uv_timer_init(uv, &life.grace);
    if (uv_signal_init(uv, &life.term) != 0 || uv_signal_init(uv, &life.interrupt) != 0 ||
        uv_signal_init(uv, &life.hangup) != 0)
        return false;
    life.open = true;
    return uv_signal_start(&life.term, on_stop_signal, SIGTERM) == 0 &&
           uv_signal_start(&life.interrupt, on_stop_signal, SIGINT) == 0 &&
           uv_signal_start(&life.hangup, on_reload_signal, SIGHUP) == 0;
}

/* The plugin hosts go when nobody can ask them any more; loop 0 watches over them until the last. */
bool life_may_end(const struct loop *loop)
{
    if (loop->index != 0)
        return true;
    if (atomic_load(&server.loops_ended) < server.n_loops - 1)
        return false;
    fleet_drain();
    return fleet_ended();
}

void life_loop_ended(struct loop *loop)
{
    atomic_fetch_add(&server.loops_ended, 1);
    if (loop->index != 0) {
        uv_async_send(&server.loops[0]->wake);
        return;
    }
    uv_close((uv_handle_t *)&life.term, NULL);
    uv_close((uv_handle_t *)&life.interrupt, NULL);
    uv_close((uv_handle_t *)&life.hangup, NULL);
    uv_close((uv_handle_t *)&life.grace, NULL);
}
