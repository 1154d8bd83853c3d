/*
 * Head: collects the request line and the headers that matter, however the wire cuts them.
 *
 * Ownership  Lies in the arena of the request that is being read, and so does its text; values are
 *            slices of that text once the head is complete.
 * Limits     limits.header_bytes for all of it (431), half of that for the target (414).
 */
#ifndef ASTRO_WIRE_HEAD_H
#define ASTRO_WIRE_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request/request.h"

/* X(identifier, lower-case name, may come more than once: later ones are joined by a comma) */
#define HEAD_FIELDS(X)                                                                             \
    X(HOST, "host", false)                                                                         \
    X(ACCEPT_ENCODING, "accept-encoding", true)                                                    \
    X(AUTHORIZATION, "authorization", false)                                                       \
    X(CONTENT_ENCODING, "content-encoding", true)                                                  \
    X(TRANSFER_ENCODING, "transfer-encoding", true)                                                \
    X(EXPECT, "expect", true)                                                                      \
    X(HEADER_LENGTH, "inference-header-content-length", false)                                     \
    X(REQUEST_ID, "x-request-id", false)                                                           \
    X(REQUEST_TIMEOUT, "x-request-timeout", false)                                                 \
    X(TRACEPARENT, "traceparent", false)

enum head_field {
#define X(id, name, many) HEAD_##id,
    HEAD_FIELDS(X)
#undef X
        HEAD_FIELD_COUNT,
    HEAD_IGNORED = HEAD_FIELD_COUNT
};

struct head_value {
    uint32_t offset, length;
    bool present;
};

enum { HEAD_NAME_ROOM = 40, HEAD_MAX_FIELDS = 128 };

struct head {
    char *text; /* target and values, one behind the other */
    size_t length, capacity;
    size_t seen; /* bytes of the head, ignored ones too */
    unsigned n_fields;
    char name[HEAD_NAME_ROOM];
    size_t name_length; /* may exceed the room: then it is no name of ours */
    enum head_field field;
    bool value_begun;       /* a piece of the present value has come, */
    const char *value_stop; /* where it stopped; NULL: at the end of the feed, */
    uint32_t value_feed;    /* in this feed */
    struct head_value target;
    struct head_value values[HEAD_FIELD_COUNT];
};

struct head *head_create(struct request *request); /* in its arena; NULL */
/* Pieces as the parser hands them out; false: request->error is set. */
bool head_target(struct request *request, struct head *head, const char *data, size_t length);
bool head_name(struct request *request, struct head *head, const char *data, size_t length);
bool head_name_complete(struct request *request, struct head *head);
bool head_value(struct request *request, struct head *head, const char *data, size_t length);

/*
 * The head is complete: fills path, query, segments and header fields of the request. False:
 * request->error is set; the framing is intact all the same.
 */
bool head_complete(struct request *request, struct head *head);
/* Fills path, query, segments from a target (origin or absolute form). In target.c. */
bool head_split_target(struct request *request, const char *target, size_t length);

#endif
