/*
 * Body: the bytes of one message, written once, to where codecs and kernels read them.
 *
 * Lies       in the arena when it is small, else in a slab. With a binary part the first byte lies at
 *            an offset that leaves the first array 64-byte aligned.
 * Encoded    gzip and deflate bodies are collected as they come and undone by body_inflate_step() later,
 *            in slices, into a buffer of the decoded size that never exceeds the limit.
 * Limits     the declared length is checked before anything is taken; a growing (chunked) body on the way.
 * Errors     too_large, overloaded (memory), invalid_request (bad gzip), unsupported_encoding.
 */
#ifndef ASTRO_REQUEST_BODY_H
#define ASTRO_REQUEST_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/error.h"
#include "memory/arena.h"
#include "memory/slab.h"

enum body_encoding { BODY_IDENTITY, BODY_GZIP, BODY_DEFLATE };

struct body {
    char *data;      /* first byte; NULL while empty */
    size_t length;   /* bytes so far */
    size_t capacity; /* bytes from data on that may be written */
    size_t expected; /* Content-Length, SIZE_MAX when chunked */
    size_t lead;     /* offset of data in its block, for alignment */
    enum body_encoding encoding;
    bool discard;               /* an answer is certain: count, do not keep */
    uint64_t received;          /* bytes off the wire, discarded ones too */
    struct slab_source *source; /* of the decoded body's slab, borrowed; NULL: the pool */
    struct slab slab;           /* owned; empty: data lies in the arena (or is NULL) */
    void *inflater;             /* z_stream while undoing an encoding */
};

/* expected: Content-Length or SIZE_MAX; header_length: of the binary extension, or -1; source: see
 * above. */
bool body_begin(struct body *body, struct arena *arena, size_t expected, int64_t header_length,
                enum body_encoding encoding, size_t limit, struct slab_source *source,
                struct astro_error *err);
/* Where the next bytes may be read to directly; false: use another buffer and body_write(). */
bool body_window(const struct body *body, char **ret_data, size_t *ret_size);
/* Appends; bytes that already lie in the window are only counted. */
bool body_write(struct body *body, struct arena *arena, const char *data, size_t size, size_t limit,
                struct astro_error *err);

enum body_status { BODY_FAILED, BODY_MORE, BODY_DONE };
/* One slice of about `budget` decoded bytes; BODY_DONE: data, length and slab are the decoded body. */
enum body_status body_inflate_step(struct body *body, struct arena *arena, int64_t header_length,
                                   size_t limit, size_t budget, struct astro_error *err);
void body_release(struct body *body); /* the slab and the inflater; empty is fine */

#endif
