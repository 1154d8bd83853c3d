/*
 * Pool: the compute threads, on all cores, fair between requests.
 *
 * A job is a number of parts. Workers take one part of the job at the head of the queue and put the
 * job back at the tail, so that requests take turns and no part is longer than about 1 ms. When the
 * last part of a job has ended, job->ended() is called once, on the worker that ended it (or in
 * pool_cancel); it may submit the job again with other parts (the next stage) or hand the request
 * back to its loop.
 *
 * Owner      The job is embedded in its request. pool_submit lends it; ended() gives it back.
 * Cancel     What has not begun never begins; what runs, finishes. ended() still comes, once. It
 *            sticks: a job cancelled between two stages ends at once when it is submitted again.
 * Threads    pool_submit and pool_cancel from any thread; part() on workers, several at once.
 */
#ifndef ASTRO_DISPATCH_POOL_H
#define ASTRO_DISPATCH_POOL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pool;

struct job {
    /* Set by the submitter. */
    size_t n_parts;                             /* at least 1 */
    double ns_per_part;                         /* predicted; for the backlog */
    void (*part)(struct job *job, size_t part); /* any worker */
    void (*ended)(struct job *job);             /* once; the job is not the pool's any more */
    /* The pool's own, under its lock. */
    struct job *previous, *next;
    bool queued;
    size_t taken, finished;
    uint64_t submitted_ns, begun_ns;
    _Atomic bool cancelled; /* parts may look at it, to stop early */
};

struct pool *pool_create(unsigned threads); /* caller owns; NULL */
/* The job is zeroed before its first submission. */
void pool_submit(struct pool *pool, struct job *job);
/* Of a job that is not in the pool: only stops later submissions. */
void pool_cancel(struct pool *pool, struct job *job);
/* Predicted ns of work that has been submitted and not done, over all threads. */
uint64_t pool_backlog_ns(const struct pool *pool);
size_t pool_queued(const struct pool *pool); /* jobs waiting */
unsigned pool_threads(const struct pool *pool);
void pool_destroy(struct pool *pool); /* joins; no job may be left; NULL is fine */

#endif
