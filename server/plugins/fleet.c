#include "plugins/fleet.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/breaker.h"
#include "plugins/fleet_internal.h"
#include "plugins/region.h"
#include "process/loop.h"
#include "process/server.h"

enum { PULSE_MS = 200, DRAIN_MS = 10, PAUSED_MS = 50, OVERDUE_MOST = 256, WATCH_S = 1 };
enum { SILENCE_S = 60 }; /* at least: importing large libraries from a slow disk takes long */
#define MILLISECOND UINT64_C(1000000)

struct fleet fleet = {.orders_lock = PTHREAD_MUTEX_INITIALIZER};

double fleet_random(void)
{
    uint64_t x = fleet.random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    fleet.random = x;
    return (double)(x >> 11) * 0x1p-53;
}

/* --- jobs for a compute thread --- */

static void job_part(struct job *job, size_t part)
{
    (void)part;
    struct fleet_job *fleet_job = (struct fleet_job *)(void *)job;
    fleet_job->run(fleet_job);
}

static void job_ended(struct job *job)
{
    struct fleet_job *fleet_job = (struct fleet_job *)(void *)job;
    struct fleet_job *head = atomic_load(&fleet.jobs_done);
    do {
        fleet_job->next = head;
    } while (!atomic_compare_exchange_weak(&fleet.jobs_done, &head, fleet_job));
    /* The handle is closed only when no job is at work: this one is, until it has been taken. */
    uv_async_send(&fleet.wake);
}

void fleet_job_submit(struct fleet_job *job)
{
    job->job = (struct job){.n_parts = 1, .part = job_part, .ended = job_ended};
    fleet.jobs++;
    pool_submit(server.pool, &job->job);
}

static void take_jobs(void)
{
    struct fleet_job *job = atomic_exchange(&fleet.jobs_done, NULL);
    while (job != NULL) {
        struct fleet_job *next = job->next;
        fleet.jobs--;
        job->done(job);
        job = next;
    }
}

/* --- the watch over the directory --- */

static struct {
    struct fleet_job job;
    bool seen;
    uint64_t fingerprint;
    char why[TREE_WHY];
} look;

static void look_run(struct fleet_job *job)
{
    (void)job;
    look.seen = watch_fingerprint(server.settings.plugins_directory, &look.fingerprint, look.why);
}

static void look_done(struct fleet_job *job)
{
    (void)job;
    fleet.watching = false;
    if (!look.seen && !fleet.watch_failed)
        LOG_EVENT(LEVEL_WARN, "plugin_watch", LOG_S("reason", look.why));
    fleet.watch_failed = !look.seen;
    if (look.seen && fleet.next == NULL && watch_look(&fleet.watch, look.fingerprint))
        fleet_reload("files have changed");
}

static void watch_pulse(uint64_t now_ns)
{
    if (server.settings.plugins_reload != RELOAD_WATCH || fleet.watching || fleet.next != NULL ||
        now_ns < fleet.watch_due_ns)
        return;
    fleet.watch_due_ns = now_ns + WATCH_S * FLEET_SECOND;
    fleet.watching = true;
    look.job = (struct fleet_job){.run = look_run, .done = look_done};
    fleet_job_submit(&look.job);
}

/* --- the pulse --- */

static void pulse(uv_timer_t *timer);
static void close_if_ended(void);

/* A stuck host has broken its rings, unless it is stuck because of what we know already. */
static void end_overdue(struct host *host, uint64_t now_ns)
{
    const struct fleet_process *process = host->process;
    if (host->n_calls > 0 && host->calls[0].kill_ns <= now_ns)
        fleet_kill(host, reason_words[REASON_DEADLINE]);
    else if (!process->killed && !process->exhausted && process->drain_due_ns == 0)
        fleet_kill(host, "protocol");
}

static void kill_overdue(uint64_t now_ns, uint64_t *ret_next_ns)
{
    struct host *hosts[OVERDUE_MOST];
    plugins_lock();
    size_t n = queue_overdue(now_ns, hosts, OVERDUE_MOST);
    for (size_t i = 0; i < n; i++)
        end_overdue(hosts[i], now_ns);
    *ret_next_ns = queue_next_overdue();
    plugins_unlock();
    /* What was due at once has been killed by now; its death is an event of its own. */
    if (*ret_next_ns < now_ns + DRAIN_MS * MILLISECOND)
        *ret_next_ns = now_ns + DRAIN_MS * MILLISECOND;
}

/* A generation on its way carries out one round of orders; what comes meanwhile waits for the next. */
static void follow_orders(void)
{
    if (!fleet.settled && fleet.next == NULL)
        generation_begin(NULL, "start"); /* there was no memory for it */
    if (!orders_waiting())
        return;
    if (fleet.next != NULL && fleet.settled && fleet.current == NULL)
        generation_give_up(fleet.next, "", "it did not become ready; the directory is read again");
    if (fleet.next != NULL)
        return;
    struct order *orders = orders_next();
    if (orders != NULL)
        generation_begin(orders, orders->why);
}

static void sooner(uint64_t *next_ns, uint64_t due_ns)
{
    if (due_ns < *next_ns)
        *next_ns = due_ns;
}

static void sooner_for_places(const struct generation *generation, uint64_t *next_ns)
{
    for (size_t i = 0; i < generation->n_places; i++) {
        const struct place *place = &generation->places[i];
        bool starts = place->process == NULL || (place->replace && place->successor == NULL);
        if (starts && generation->state != GENERATION_COPYING &&
            generation->state != GENERATION_ENDING)
            sooner(next_ns, place->start_due_ns);
    }
}

static void rearm(uint64_t now_ns, uint64_t overdue_ns)
{
    uint64_t next_ns = now_ns + PULSE_MS * MILLISECOND;
    sooner(&next_ns, overdue_ns);
    if (fleet.phase == FLEET_RUNNING) {
        sooner(&next_ns, fleet.memory_due_ns);
        for (const struct generation *generation = fleet.generations; generation != NULL;
             generation = generation->next)
            sooner_for_places(generation, &next_ns);
    }
    for (const struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        if (process->retiring && process->drain_due_ns == 0)
            sooner(&next_ns, now_ns + DRAIN_MS * MILLISECOND);
        if (process->output_paused)
            sooner(&next_ns, now_ns + PAUSED_MS * MILLISECOND);
    }
    now_ns = loop_clock_ns();
    uint64_t wait_ns = next_ns > now_ns ? next_ns - now_ns : 0;
    uv_update_time(fleet.uv);
    uv_timer_start(&fleet.pulse, pulse, (wait_ns + MILLISECOND - 1) / MILLISECOND, 0);
}

static void pulse(uv_timer_t *timer)
{
    (void)timer;
    uint64_t now_ns = loop_clock_ns(), overdue_ns;
    kill_overdue(now_ns, &overdue_ns);
    for (struct fleet_process *process = fleet.processes; process != NULL; process = process->next)
        process_pulse(process, now_ns);
    if (fleet.phase == FLEET_RUNNING) {
        /* A generation may end here, and is freed only by the sweep; new ones come first in the list. */
        for (struct generation *generation = fleet.generations; generation != NULL;
             generation = generation->next)
            generation_pulse(generation, now_ns);
        follow_orders();
        memory_pulse(now_ns);
        traces_pulse(now_ns);
        watch_pulse(now_ns);
    }
    readiness_refresh(now_ns);
    processes_bury();
    generations_sweep();
    if (fleet.phase == FLEET_DRAINING)
        close_if_ended();
    if (fleet.phase == FLEET_RUNNING || fleet.phase == FLEET_DRAINING)
        rearm(now_ns, overdue_ns);
}

void fleet_poke(void)
{
    if (fleet.phase == FLEET_RUNNING || fleet.phase == FLEET_DRAINING)
        uv_timer_start(&fleet.pulse, pulse, 0, 0);
}

static void on_wake(uv_async_t *wake)
{
    (void)wake;
    take_jobs();
    fleet_poke();
}

/* --- start --- */

static bool complain(const char *text)
{
    LOG_EVENT(LEVEL_ERROR, "plugins_not_started", LOG_S("reason", text));
    return false;
}

/* What no later try can mend. */
static bool check(void)
{
    char text[CHILD_TEXT];
    struct stat status;
    const char *directory = server.settings.plugins_directory;
    if (server.n_loops > PROTOCOL_MAX_LOOPS)
        return complain("plugins need 64 event loops at most: lower `loops`");
    json_t *path = json_string(directory);
    json_decref(path);
    if (path == NULL)
        return complain("plugins.directory: the path is not UTF-8");
    if (stat(directory, &status) != 0 || access(directory, R_OK | X_OK) != 0) {
        snprintf(text, sizeof text, "plugins.directory: %.300s: %s", directory, strerror(errno));
        return complain(text);
    }
    if (!S_ISDIR(status.st_mode)) {
        snprintf(text, sizeof text, "plugins.directory: %.300s is no directory", directory);
        return complain(text);
    }
    return child_program(fleet.program, sizeof fleet.program, text) || complain(text);
}

static bool make_tables(void)
{
    unsigned hosts = server.settings.plugins_hosts > 0 ? server.settings.plugins_hosts : 1;
    fleet.message = mem_alloc(PROTOCOL_MESSAGE_MAX);
    fleet.place_restarts = mem_zalloc(hosts, sizeof *fleet.place_restarts);
    return fleet.message != NULL && fleet.place_restarts != NULL;
}

bool fleet_start(void (*ready)(void))
{
    if (server.settings.plugins_directory == NULL) {
        ready();
        return true;
    }
    if (!check())
        return false;
    /* Ignored by a parent it would be ignored here, and the kernel would reap our children. */
    signal(SIGCHLD, SIG_DFL);
    fleet.ready = ready;
    fleet.uv = &server.loops[0]->uv;
    fleet.random = loop_clock_ns() * 2 + 1;
    double silence = server.settings.plugins_timeout > SILENCE_S ? server.settings.plugins_timeout
                                                                 : (double)SILENCE_S;
    fleet.silence_ns = (uint64_t)(silence * 1e9);
    fleet.start_s = 1;
    for (size_t i = 0; i < server.n_loops; i++)
        fleet.loops[i] = queue_loop_descriptor(i);
    if (!make_tables() || uv_async_init(fleet.uv, &fleet.wake, on_wake) != 0) {
        fleet_release();
        return complain("out of memory or descriptors");
    }
    uv_timer_init(fleet.uv, &fleet.pulse);
    fleet.open_handles = 2;
    fleet.phase = FLEET_RUNNING;
    pthread_mutex_lock(&fleet.orders_lock);
    fleet.accepting = true;
    pthread_mutex_unlock(&fleet.orders_lock);
    generation_begin(NULL, "start");
    fleet_poke();
    return true;
}

/* --- shutdown --- */

static void on_handle_closed(uv_handle_t *handle)
{
    (void)handle;
    if (--fleet.open_handles > 0)
        return;
    fleet.phase = FLEET_ENDED;
    uv_async_send(&server.loops[0]->wake); /* who waits for this looks after a turn */
}

static void refuse_queue(void)
{
    plugins_lock();
    queue_refuse_all();
    plugins_unlock();
}

static void close_if_ended(void)
{
    if (fleet.processes != NULL || fleet.generations != NULL || fleet.jobs > 0)
        return;
    refuse_queue();
    fleet.phase = FLEET_CLOSING;
    uv_close((uv_handle_t *)&fleet.pulse, on_handle_closed);
    uv_close((uv_handle_t *)&fleet.wake, on_handle_closed);
}

void fleet_drain(void)
{
    if (fleet.phase != FLEET_RUNNING)
        return;
    fleet.phase = FLEET_DRAINING;
    pthread_mutex_lock(&fleet.orders_lock);
    fleet.accepting = false;
    struct order *orders = fleet.orders;
    fleet.orders = NULL;
    pthread_mutex_unlock(&fleet.orders_lock);
    orders_refuse(orders, ASTRO_DRAINING, "the server shuts down");
    traces_refuse("the server shuts down");
    for (struct generation *generation = fleet.generations; generation != NULL;
         generation = generation->next) {
        orders_refuse(generation->orders, ASTRO_DRAINING, "the server shuts down");
        generation->orders = NULL;
        generation_end(generation);
    }
    if (fleet.processes == NULL)
        refuse_queue();
    fleet_poke();
}

void fleet_kill_all(void)
{
    fleet_drain();
    if (fleet.phase != FLEET_DRAINING)
        return;
    for (struct fleet_process *process = fleet.processes; process != NULL; process = process->next)
        process_kill(process, "shutdown", "");
    refuse_queue();
}

bool fleet_ended(void)
{
    return fleet.phase == FLEET_OFF || fleet.phase == FLEET_ENDED;
}

void fleet_release(void)
{
    fleet.phase = FLEET_ENDED;
    while (fleet.generations != NULL) {
        struct generation *generation = fleet.generations;
        fleet.generations = generation->next;
        generation_free(generation);
    }
    records_release();
    breaker_reset();
    mem_free(fleet.message);
    mem_free(fleet.place_restarts);
    fleet = (struct fleet){.orders_lock = PTHREAD_MUTEX_INITIALIZER};
}

/* --- what other threads ask --- */

bool fleet_admits(const char *plugin, struct astro_error *err, unsigned *ret_retry_after)
{
    return breaker_admits(plugin, loop_clock_ns(), err, ret_retry_after);
}

void fleet_call_ended(const char *plugin)
{
    if (breaker_call_ended(plugin, loop_clock_ns()))
        LOG_EVENT(LEVEL_INFO, "plugin_back", LOG_S("plugin", plugin));
}
