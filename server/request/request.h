/*
 * A request: from the first byte of a message to its written answer, the one owner of all memory in between.
 *
 * States     HEAD -> BODY -> READY -> WORK -> ANSWER -> DONE
 *            HEAD    the request line and headers are being read
 *            BODY    the body is being read into request->body
 *            READY   the message is complete; a handler runs on the loop
 *            WORK    its call is on the compute pool: arena and call belong to the jobs, not to the loop
 *            ANSWER  response.* is complete; in the connection's queue of answers
 *            DONE    written (or given up); only request_destroy() may follow
 *            Legal moves stand in one table in request.c and are asserted on every move; a message
 *            that ends early skips states forward only (HEAD -> ANSWER for an error in the head).
 * Abandoned  The client left, or the deadline passed and another object carries the 504: connection is
 *            NULL, the jobs are told to stop, and the request ends when the last of them has let go.
 * Owner      the connection (HEAD, BODY, READY, ANSWER), the pool (WORK), the connection again. One at a time.
 * Memory     the struct lies in its own arena; small things in the arena; arrays in slabs; everything
 *            foreign is attached with its release function.
 * Ends       in request_destroy(), exactly once: the answer is written, or the connection is gone and
 *            no job works on it. It asserts that no job is at work.
 */
#ifndef ASTRO_REQUEST_REQUEST_H
#define ASTRO_REQUEST_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "astrolabe/conversion.h"
#include "memory/arena.h"
#include "memory/slab.h"
#include "request/body.h"
#include "request/response.h"

struct connection;
struct loop;
struct call;
struct route;

enum request_state {
    REQUEST_HEAD,
    REQUEST_BODY,
    REQUEST_READY,
    REQUEST_WORK,
    REQUEST_ANSWER,
    REQUEST_DONE,
    REQUEST_STATES
};

enum request_method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

/* Names and values are slices of head text in the arena; NULL when the header did not come. */
struct request_text {
    const char *data;
    size_t length;
};

enum { REQUEST_SEGMENTS = 8, REQUEST_ATTACHED = 4 };

enum { REQUEST_RETRY_DEFAULT = 1 }; /* seconds in Retry-After when nothing better is known */

struct request_attached {
    void *object;
    void (*release)(void *object);
};

struct request {
    uint32_t magic;
    enum request_state state;
    struct connection *connection; /* borrowed; NULL once abandoned */
    struct loop *loop;             /* borrowed */
    struct request *next;          /* in the connection's queue of answers */
    struct arena arena;

    /* The head, as the wire left it. */
    enum request_method method;
    uint8_t minor;           /* HTTP/1.minor */
    bool keep_alive;         /* what the client wants and the framing allows */
    bool expects_continue;   /* Expect: 100-continue, not answered yet */
    bool began_before_drain; /* may still be served while draining */
    bool stands_in;          /* carries the 504 of a request that is still at work */
    bool late;               /* at work, abandoned because its deadline passed */
    bool accepts_gzip, accepts_deflate;
    int64_t header_length;     /* Inference-Header-Content-Length; -1: absent */
    struct request_text path;  /* raw, without the query */
    struct request_text query; /* raw, behind '?'; data NULL: none */
    struct request_text segments[REQUEST_SEGMENTS]; /* percent-decoded, between the slashes */
    size_t n_segments;
    struct request_text authorization, content_encoding, id, traceparent;
    uint64_t began_ns; /* first byte, monotonic */
    _Atomic uint64_t
        deadline_ns; /* monotonic; answers after it are 504; decoding on the pool may bring
                                     it closer (OIP's `timeout`) while the loop reads it */

    struct body body;
    size_t body_limit;         /* bytes, decoded */
    const struct route *route; /* NULL: none matched; error is set */
    const char *allow;         /* static: value of Allow for a 405 */
    struct call *call;         /* in the arena; NULL for everything but conversions */
    struct astro_error error;  /* the first thing that went wrong */
    struct response response;

    /*
     * A request that is not a call and cannot be answered at once (load, unload, trace): its handler
     * sets `later`, moves it to WORK and hands it on; loop_finish_later() gives it back, and later()
     * says the answer on its loop: it ends with the response said, or with `error` set.
     */
    void (*later)(struct request *request);
    void *later_document;          /* json_t, owned: what the answer is made from; NULL: nothing */
    struct request_text traceback; /* of a plugin's exception, to be shown; in the arena */
    unsigned retry_after;          /* seconds, for Retry-After of a 503; 0: REQUEST_RETRY_DEFAULT */

    struct request_attached attached[REQUEST_ATTACHED];
    size_t n_attached;
};

/* Caller owns; NULL when out of memory. State HEAD, deadline from the settings. */
struct request *request_create(struct loop *loop, struct connection *connection_borrow);
/* Takes `object`, on failure too: then release(object) has run and false is returned. */
bool request_attach(struct request *request, void *object, void (*release)(void *));
void request_move(struct request *request, enum request_state to);
void request_destroy(
    struct request **request_take); /* NULL and *NULL are fine; empties *request_take */
bool request_path_is(const struct request *request, size_t segment, const char *text);

#endif
