/*
 * A connection: a socket, the parser on it, and the requests that came over it.
 *
 * States     IDLE     no request; the idle timer runs
 *            READING  a message has begun and is not complete
 *            WORKING  the pool has the current request; further bytes wait in the stash
 *            BLOCKED  answers wait for the peer to read; nothing is read or parsed meanwhile
 *            LINGER   the last answer is out, input is thrown away until the peer closes
 *                     (RFC 9112, 9.6)
 *            CLOSED   uv_close() has been called; only the close callbacks may follow
 *            Legal moves stand in one table in connection.c and are asserted on every move.
 * Owner      the loop's list. The handles are embedded; memory goes in the last close callback.
 * Requests   owns the one being read, the queue of answers, and lends the one at work to the pool.
 *            When the connection closes, those of its own are destroyed, the one at work is abandoned.
 * Order      answers go out in the order of the requests: nothing is parsed while one is at work.
 * Writes     answers made from one read leave in one gather write, head and body together.
 * Memory     an idle connection holds no request, no buffer, no arena: only this struct.
 * Leaving    a peer that closes its sending side while its request is at work is taken to have left.
 */
#ifndef ASTRO_WIRE_CONNECTION_H
#define ASTRO_WIRE_CONNECTION_H

#include <llhttp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "request/request.h"

struct head;
struct loop;

enum connection_state {
    CONNECTION_IDLE,
    CONNECTION_READING,
    CONNECTION_WORKING,
    CONNECTION_BLOCKED,
    CONNECTION_LINGER,
    CONNECTION_CLOSED,
    CONNECTION_STATES
};

struct connection {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    uv_timer_t timer;
    llhttp_t parser;
    uint32_t magic;
    enum connection_state state;
    struct loop *loop;                  /* borrowed */
    struct connection *previous, *next; /* in the loop's list */

    struct request *reading;               /* owned: the message that is coming in */
    struct head *head;                     /* of `reading`, in its arena */
    struct request *working;               /* lent to the pool */
    struct request *answers, *answers_end; /* owned: complete, in order, not yet written */
    unsigned n_answers;
    unsigned n_blocked; /* answers in the write that is under way */

    char *stash; /* owned: bytes that came while nothing could be parsed; NULL: none */
    size_t stash_size;

    const char *feed, *feed_end; /* what the parser is being fed */
    uint32_t feeds;              /* how often it has been fed */

    uint64_t mark_ms;       /* since when the current wait lasts (loop time) */
    uint64_t timer_ms;      /* when the timer is set to fire; UINT64_MAX: not set */
    size_t unwritten;       /* bytes in the write under way when we last looked */
    uint32_t lingered;      /* bytes thrown away */
    uint8_t handles;        /* open handles: the struct goes with the last one */
    bool reads;             /* uv_read_start is in force */
    bool peer_local;        /* loopback or Unix: may ask admin paths when there are no tokens */
    bool last_answer;       /* nothing is parsed after it; close when it is written */
    bool unread_input;      /* the peer may still be sending: linger */
    bool continue_due;      /* 100 Continue goes out with the next flush */
    bool memory_answer_due; /* no memory for a request: the canned 503 goes out with the next flush
                             */
    bool used;              /* a request has begun on it */
    bool counted;           /* in server.connections */
    bool is_spare;          /* the loop's reserve: accepts and refuses when memory is out */
};

/* Accepts one connection from a listening stream; refuses with 503 over the limit. False: no memory
 * to accept it with; libuv then listens no further until it is accepted by another call. */
bool connection_accept(struct loop *loop, uv_stream_t *listener, bool is_pipe);
/* The loop's reserve, with which connections are refused when memory is out; at start. */
bool connection_reserve(struct loop *loop);
/* The pool has given its request back (on the loop, state ANSWER). */
void connection_answered(struct connection *connection, struct request *request);
/* Closes now; answers that are not written are lost. Idempotent. */
void connection_close(struct connection *connection);
/* Parses what is stashed, writes what is answered, sets reading and timers as the state demands. */
void connection_advance(struct connection *connection);

/* Gives the struct back, to the heap or as the loop's reserve. */
void connection_free(struct connection *connection, struct loop *loop);

/* --- between the files of this folder --- */

/* Initialises zeroed memory and puts it on the loop's list; false: nothing has happened. */
bool connection_open(struct connection *connection, struct loop *loop, bool is_pipe);
/* Takes it out of limits.connections: it is refused, or gone. Idempotent. */
void connection_uncount(struct connection *connection);
/* Everything is written: closes, lingering first when the peer may still be sending. */
void connection_finish(struct connection *connection);
void connection_move(struct connection *connection, enum connection_state to);
/* Puts a complete answer (state ANSWER, response said) at the end of the queue; finishes its head.
 */
void connection_queue(struct connection *connection, struct request *request);
/* output.c: writes the queue as far as the socket takes it; may close. False when closed. */
bool connection_flush(struct connection *connection);
/* http.c: feeds the parser; what cannot be consumed now is stashed. */
void connection_parse(struct connection *connection, const char *data, size_t size);
void connection_parser_init(struct connection *connection);
/* deadline.c: sets the timer for the state the connection is in. */
void connection_timer_set(struct connection *connection);
void connection_timer_fired(uv_timer_t *timer);
/* access.c: statistics and the access log for one answer that is written or given up. */
void connection_account(struct connection *connection, struct request *request);

#endif
