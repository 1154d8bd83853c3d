/*
 * One doubly linked queue under one lock. A part is tens of microseconds to a millisecond, so the
 * lock is taken a few thousand times a second and core; nothing finer would be felt.
 *
 * Who ends a job: the one that makes `finished` equal `n_parts` under the lock. Cancelling cuts
 * n_parts down to what has been taken, so the same rule holds for a cancelled job, and it holds
 * once.
 */
#include "dispatch/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "memory/alloc.h"
#include "memory/check.h"

/*
 * Runs of rows keep two blocks of columns on the stack (run.c), 262 KiB at the most. Sanitizers lay
 * their own state of a thread on it too, and more than half a MiB of it.
 */
#if defined(__has_feature)
#define SANITIZED (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
#elif defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif
enum { COMPUTE_NICE = 10 };
enum { STACK_BYTES = (SANITIZED ? 4 : 1) * 1024 * 1024, NAME_ROOM = 16, WAKE_AT_ONCE = 2 };

/* A prediction beyond this is a mistake of the predictor, and must not close the service. */
static const double PART_NS_MAX = 60e9;

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct job *head, *tail; /* jobs with parts that nobody has taken */
    size_t waiting;          /* such parts */
    size_t idle, woken;      /* workers that sleep; those of them that have been called */
    bool stopping;
    _Atomic size_t queued;
    _Atomic uint64_t backlog_ns;
    unsigned n_threads;
    pthread_t threads[];
};

/* The pool whose ended() this thread is in: it takes the next part itself and need not be woken. */
static _Thread_local const struct pool *ending;

static uint64_t part_ns(const struct job *job)
{
    double ns = job->ns_per_part;
    if (!(ns > 0))
        return 0;
    return (uint64_t)(ns < PART_NS_MAX ? ns : PART_NS_MAX);
}

static void backlog_add(struct pool *pool, uint64_t ns)
{
    atomic_fetch_add_explicit(&pool->backlog_ns, ns, memory_order_relaxed);
}

static void backlog_sub(struct pool *pool, uint64_t ns)
{
    atomic_fetch_sub_explicit(&pool->backlog_ns, ns, memory_order_relaxed);
}

static void queue_push(struct pool *pool, struct job *job)
{
    job->previous = pool->tail;
    job->next = NULL;
    *(pool->tail != NULL ? &pool->tail->next : &pool->head) = job;
    pool->tail = job;
    job->queued = true;
    atomic_fetch_add_explicit(&pool->queued, 1, memory_order_relaxed);
}

static void queue_unlink(struct pool *pool, struct job *job)
{
    *(job->previous != NULL ? &job->previous->next : &pool->head) = job->next;
    *(job->next != NULL ? &job->next->previous : &pool->tail) = job->previous;
    job->previous = job->next = NULL;
    job->queued = false;
    atomic_fetch_sub_explicit(&pool->queued, 1, memory_order_relaxed);
}

/*
 * Under the lock: how many sleepers to call for the parts that wait. At most two: each of them
 * calls two more if there is work for them, so that many threads are up after a few steps and the
 * submitter, which may be an event loop, pays for two wake-ups and not for sixty.
 */
static size_t to_wake(struct pool *pool, size_t takers)
{
    size_t expected = takers + pool->woken;
    size_t asleep = pool->idle > pool->woken ? pool->idle - pool->woken : 0;
    size_t useful = pool->waiting > expected ? pool->waiting - expected : 0;
    size_t n = useful < asleep ? useful : asleep;
    if (n > WAKE_AT_ONCE)
        n = WAKE_AT_ONCE;
    pool->woken += n;
    return n;
}

static void wake(struct pool *pool, size_t n)
{
    while (n-- > 0)
        pthread_cond_signal(&pool->work);
}

/* Under the lock: one part of the job at the head, which then stands behind all others. */
static struct job *take_part(struct pool *pool, size_t *ret_part)
{
    struct job *job = pool->head;
    queue_unlink(pool, job);
    if (job->taken == 0)
        job->begun_ns = uv_hrtime();
    *ret_part = job->taken++;
    pool->waiting--;
    if (job->taken < job->n_parts)
        queue_push(pool, job);
    return job;
}

/* Under the lock: true when the job is over, and the caller the one that says so. */
static bool end_part(struct pool *pool, struct job *job)
{
    backlog_sub(pool, part_ns(job));
    job->finished++;
    return job->finished == job->n_parts;
}

static void wait_for_work(struct pool *pool)
{
    pool->idle++;
    pthread_cond_wait(&pool->work, &pool->lock);
    pool->idle--;
    /* A spurious riser takes the place of one that was called; that one then finds nothing. */
    if (pool->woken > 0)
        pool->woken--;
}

/*
 * Where a loop and a compute thread share a core, the loop goes first: it has many small things to
 * do, soon. On Linux a nice value belongs to the thread. Not being allowed to is no reason to do
 * without threads.
 */
static void step_back(void)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), COMPUTE_NICE);
}

static void *work_loop(void *argument)
{
    step_back();
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->head == NULL && !pool->stopping)
            wait_for_work(pool);
        if (pool->head == NULL)
            break;
        size_t part;
        struct job *job = take_part(pool, &part);
        size_t n = to_wake(pool, 0);
        pthread_mutex_unlock(&pool->lock);
        wake(pool, n);
        job->part(job, part);
        pthread_mutex_lock(&pool->lock);
        if (end_part(pool, job)) {
            pthread_mutex_unlock(&pool->lock);
            ending = pool;
            job->ended(job); /* the job may be gone now */
            ending = NULL;
            pthread_mutex_lock(&pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool start_threads(struct pool *pool, unsigned threads)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    /* Signals are the loops' business; those that a thread causes itself stay with it. */
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF};
    sigset_t others, before;
    sigfillset(&others);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sigdelset(&others, own[i]);
    pthread_sigmask(SIG_SETMASK, &others, &before);
    bool good = pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0;
    for (unsigned i = 0; good && i < threads; i++) {
        good = pthread_create(&pool->threads[i], &attributes, work_loop, pool) == 0;
        if (!good)
            break;
        pool->n_threads = i + 1;
        char name[NAME_ROOM];
        snprintf(name, sizeof name, "compute-%u", i % 1000000);
        pthread_setname_np(pool->threads[i], name);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return good;
}

struct pool *pool_create(unsigned threads)
{
    if (threads == 0)
        threads = 1;
    struct pool *pool = mem_zalloc(1, sizeof *pool + threads * sizeof pool->threads[0]);
    if (pool == NULL)
        return NULL;
    if (pthread_mutex_init(&pool->lock, NULL) != 0) {
        mem_free(pool);
        return NULL;
    }
    if (pthread_cond_init(&pool->work, NULL) != 0) {
        pthread_mutex_destroy(&pool->lock);
        mem_free(pool);
        return NULL;
    }
    if (!start_threads(pool, threads)) {
        pool_destroy(pool);
        return NULL;
    }
    return pool;
}

void pool_submit(struct pool *pool, struct job *job)
{
    job->submitted_ns = uv_hrtime();
    job->begun_ns = 0;
    job->taken = job->finished = 0;
    pthread_mutex_lock(&pool->lock);
    CHECK(!job->queued && !pool->stopping, "submitted twice, or after the end");
    if (atomic_load_explicit(&job->cancelled, memory_order_relaxed)) {
        /* Cancelled between two stages: nothing of it begins. */
        pthread_mutex_unlock(&pool->lock);
        job->ended(job);
        return;
    }
    CHECK(job->n_parts > 0, "a job has at least one part");
    backlog_add(pool, part_ns(job) * job->n_parts);
    pool->waiting += job->n_parts;
    queue_push(pool, job);
    size_t n = to_wake(pool, ending == pool ? 1 : 0);
    pthread_mutex_unlock(&pool->lock);
    wake(pool, n);
}

void pool_cancel(struct pool *pool, struct job *job)
{
    pthread_mutex_lock(&pool->lock);
    atomic_store_explicit(&job->cancelled, true, memory_order_relaxed);
    bool ended = false;
    if (job->queued) {
        size_t left = job->n_parts - job->taken;
        queue_unlink(pool, job);
        pool->waiting -= left;
        backlog_sub(pool, part_ns(job) * left);
        job->n_parts = job->taken;
        ended = job->finished == job->n_parts;
    }
    pthread_mutex_unlock(&pool->lock);
    if (ended)
        job->ended(job);
}

uint64_t pool_backlog_ns(const struct pool *pool)
{
    return atomic_load_explicit(&pool->backlog_ns, memory_order_relaxed);
}

size_t pool_queued(const struct pool *pool)
{
    return atomic_load_explicit(&pool->queued, memory_order_relaxed);
}

unsigned pool_threads(const struct pool *pool)
{
    return pool->n_threads;
}

void pool_destroy(struct pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    CHECK(pool->head == NULL, "the pool ends before its jobs");
    pool->stopping = true;
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_broadcast(&pool->work);
    for (unsigned i = 0; i < pool->n_threads; i++)
        pthread_join(pool->threads[i], NULL);
    CHECK(pool_backlog_ns(pool) == 0, "the backlog does not come out even");
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    mem_free(pool);
}
