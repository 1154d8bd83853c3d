/*
 * The log's front: levels, the writer thread, and what happens when stderr does not take lines.
 *
 * Before log_init() and after log_stop() lines are written by the caller, so that errors at the
 * start and the end are not lost; that is the only time a caller may wait, and it does so for
 * WRITE_PATIENCE.
 */
#include "observe/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "observe/log_format.h"
#include "observe/log_ring.h"

/* How long, in ms, an end waits for a stderr that takes nothing, and how often it looks. */
enum { WRITE_PATIENCE = 2000, WRITE_SLICE = 100, JOIN_PATIENCE = 3000 };

static struct {
    _Atomic int level, format;
    atomic_bool running;  /* lines go to the ring */
    atomic_bool stopping; /* the writer ends when the ring is empty */
    atomic_bool asleep;   /* the writer is about to wait for `wake` */
    atomic_bool dead;     /* stderr took nothing for WRITE_PATIENCE: look once, do not wait again */
    _Atomic uint64_t dropped;
    bool has_semaphore; /* these two: log_init() and log_stop() only */
    bool stuck;         /* a writer that could not be joined still uses the ring */
    sem_t wake;
    pthread_t writer;
} log_state = {.level = LEVEL_INFO};

/*
 * Writes whole lines, together no longer than PIPE_BUF: after POLLOUT a pipe takes them without
 * blocking. stderr is not made non-blocking, because it is shared with whoever started us.
 * `forever`: wait until log_stop(), else for WRITE_PATIENCE. False when lines were lost.
 */
static bool write_lines(const char *text, size_t length, bool forever)
{
    for (int waited = 0; length > 0;) {
        struct pollfd fd = {.fd = STDERR_FILENO, .events = POLLOUT};
        bool dead = atomic_load(&log_state.dead);
        int ready = poll(&fd, 1, dead ? 0 : WRITE_SLICE);
        if (ready <= 0) {
            if (dead || (ready < 0 && errno != EINTR))
                return false;
            if (!forever || atomic_load(&log_state.stopping))
                waited += WRITE_SLICE;
            if (waited >= WRITE_PATIENCE)
                atomic_store(&log_state.dead, true);
            continue;
        }
        ssize_t n = write(STDERR_FILENO, text, length);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (n > 0) {
            text += n;
            length -= (size_t)n;
            waited = 0;
            atomic_store(&log_state.dead, false);
        }
    }
    return true;
}

static struct timespec now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return time;
}

/* As many lines as one write may carry. False when the ring is empty. */
static bool write_batch(void)
{
    char batch[LOG_LINE_MAX];
    size_t length = 0, lines = 0, n;
    while ((n = log_ring_take(batch + length, sizeof batch - length)) > 0) {
        length += n;
        lines++;
    }
    if (lines > 0 && !write_lines(batch, length, true))
        atomic_fetch_add(&log_state.dropped, lines);
    return lines > 0;
}

static void report_drops(void)
{
    char line[LOG_LINE_MAX];
    uint64_t lines = atomic_exchange(&log_state.dropped, 0);
    if (lines == 0)
        return;
    const struct log_field field = LOG_I("lines", lines);
    size_t length = log_format((enum settings_log_format)atomic_load(&log_state.format),
                               now(CLOCK_REALTIME), LEVEL_WARN, "log_dropped", &field, 1, line);
    if (!write_lines(line, length, true))
        atomic_fetch_add(&log_state.dropped, lines);
}

static void *writer(void *unused)
{
    (void)unused;
    for (;;) {
        /* Looked at before the ring: what was logged before log_stop() is still written. */
        bool last = atomic_load(&log_state.stopping);
        while (write_batch())
            ;
        report_drops();
        if (last)
            return NULL;
        /* An exchange on both sides: either we see the line or its author sees us asleep. */
        atomic_exchange(&log_state.asleep, true);
        if (!log_ring_ready() && !atomic_load(&log_state.stopping))
            sem_wait(&log_state.wake); /* EINTR is one more round */
        atomic_store(&log_state.asleep, false);
    }
}

/* Signals belong to the loops; SIGPIPE from a closed stderr ends nothing when it is blocked. */
static bool start_writer(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&log_state.writer, NULL, writer, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed == 0;
}

bool log_init(enum settings_level level, enum settings_log_format format)
{
    atomic_store(&log_state.level, (int)level);
    atomic_store(&log_state.format, (int)format);
    if (atomic_load(&log_state.running))
        return true;
    if (log_state.stuck || (!log_state.has_semaphore && sem_init(&log_state.wake, 0, 0) != 0))
        return false;
    log_state.has_semaphore = true;
    atomic_store(&log_state.stopping, false);
    atomic_store(&log_state.dead, false);
    if (!start_writer())
        return false;
    atomic_store(&log_state.running, true);
    return true;
}

void log_stop(void)
{
    if (!atomic_exchange(&log_state.running, false))
        return;
    atomic_store(&log_state.stopping, true);
    sem_post(&log_state.wake);
    struct timespec end = now(CLOCK_REALTIME);
    end.tv_sec += JOIN_PATIENCE / 1000;
    /* Another process can fill the pipe between our poll and our write: then the thread is left
       where it is, for the process is about to end. */
    if (pthread_timedjoin_np(log_state.writer, NULL, &end) != 0) {
        pthread_detach(log_state.writer);
        log_state.stuck = true;
    }
}

bool log_enabled(enum settings_level level)
{
    return (int)level <= atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

void log_write(enum settings_level level, const char *event, const struct log_field *fields,
               size_t n)
{
    char line[LOG_LINE_MAX];
    if (!log_enabled(level))
        return;
    size_t length = log_format(
        (enum settings_log_format)atomic_load_explicit(&log_state.format, memory_order_relaxed),
        now(CLOCK_REALTIME), level, event, fields, n, line);
    if (!atomic_load(&log_state.running)) {
        write_lines(line, length, false);
        return;
    }
    if (!log_ring_put(line, length)) {
        atomic_fetch_add(&log_state.dropped, 1);
        return;
    }
    if (atomic_exchange(&log_state.asleep, false))
        sem_post(&log_state.wake);
}
