/*
 * Loop: one event loop with everything that is its own. Loops share nothing on the hot path.
 */
#ifndef ASTRO_PROCESS_LOOP_H
#define ASTRO_PROCESS_LOOP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "auth/tokens.h"
#include "memory/arena.h"
#include "observe/stats.h"

struct request;
struct catalogue;
struct connection;
struct listener;
struct context_cache;

enum { LOOP_READ_BUFFER = 64 * 1024 };

struct loop {
    uv_loop_t uv;
    size_t index;
    uv_thread_t thread;  /* loop 0 runs on the main thread */
    uv_async_t wake;     /* completions, drain, reload */
    uv_timer_t tick;     /* housekeeping, every half second */
    uv_check_t turn;     /* after every turn: has a draining loop come to its end? */
    uv_prepare_t before; /* before a turn may sleep: what has come for plugins is sent */
    uint64_t tick_due_ns;
    uint64_t ticks;
    uint64_t recent_ns;                 /* see loop_recent_ns(); 0: nobody has looked yet */
    _Atomic(struct request *) finished; /* given back by the pool: a stack, newest first */
    _Atomic bool drain_asked, reload_asked, stop_asked;
    _Atomic bool forget_asked; /* contexts were made with time data that has been replaced */
    struct arena_source arenas;
    struct context_cache *contexts;
    struct stats *stats;
    struct token_table *tokens;                 /* counted reference; NULL: no tokens */
    _Atomic(struct token_table *) tokens_next;  /* a reload's, to be taken by the loop */
    struct catalogue *catalogue;                /* counted reference */
    _Atomic(struct catalogue *) catalogue_next; /* published, to be taken by the loop */
    struct listener *listeners;                 /* list */
    struct connection *connections;             /* list of all open ones */
    size_t n_connections, n_lingering;
    unsigned listeners_due;   /* turns until a draining loop closes its listeners; 0: not due */
    uint64_t complained_ns;   /* when this loop last logged that it cannot accept */
    struct connection *spare; /* accepts and refuses when memory is out; NULL while in use */
    uint64_t requests_live;   /* request objects of this loop */
    bool draining, stopping;
    _Atomic bool ended; /* its handles are closing */
    char date[32];      /* "Sat, 21 Nov 2026 08:00:00 GMT" */
    char id_prefix[20]; /* of made request ids */
    uint64_t id_next;
    double access_debt;            /* of the sampled access log: a line when it reaches 1 */
    char buffer[LOOP_READ_BUFFER]; /* what sockets are read into when the body has no place yet */
};

/* On the main thread, before any loop runs. NULL: no memory. Holds its own reference to `tokens`.
 */
struct loop *loop_create(size_t index, struct token_table *tokens);
void loop_run(struct loop *loop);     /* on its thread; returns when drained */
bool loop_destroy(struct loop *loop); /* false: handles or requests were left, which is a defect */

/* Monotonic nanoseconds, as of the last time anybody looked while the present bytes were being
 * handled: a clock read costs as much as parsing a header, and the requests of one read come within
 * microseconds. */
uint64_t loop_recent_ns(struct loop *loop);
/* Monotonic nanoseconds. */
uint64_t loop_clock_ns(void);
/* From any thread: gives a request in state WORK back to its loop. */
void loop_finish_work(struct request *request);
/* On its loop: a request that was lent, in state ANSWER, goes back to its connection, or ends. */
void loop_answered(struct request *request);
/* The same as loop_finish_work() for a request with `later` set (request/request.h). */
void loop_finish_later(struct request *request);

#endif
