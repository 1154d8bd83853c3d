/*
 * Response: what a handler says, and the bytes that go out for it: one head and pieces, sent as one
 * gather write.
 *
 * Ownership  Head and small pieces lie in the request's arena, columns in its slabs. Pieces borrow.
 */
#ifndef ASTRO_REQUEST_RESPONSE_H
#define ASTRO_REQUEST_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "astrolabe/error.h"

struct request;

enum response_encoding { RESPONSE_IDENTITY, RESPONSE_GZIP, RESPONSE_DEFLATE };

struct response {
    int status;               /* 0: nothing said yet */
    enum astro_code code;     /* ASTRO_OK, or the word for X-Error-Code and the metrics */
    const char *content_type; /* static text */
    const char
        *extra; /* further header lines, each with \r\n; in the arena or static; may be NULL */
    uv_buf_t *pieces; /* [0] is room for the head; in the arena */
    size_t n_pieces;  /* with the head, once response_finish() has run */
    size_t capacity;
    uint64_t length;       /* bytes of the body pieces */
    int64_t header_length; /* Inference-Header-Content-Length of the answer; -1: none */
    uint32_t warnings;     /* bits of enum astro_warning, for X-Astrolabe-Warning */
    bool may_compress;     /* a conversion's successful answer */
    enum response_encoding encoding;
    bool close;           /* Connection: close */
    uv_buf_t last_resort; /* the one piece when the arena has no room for others */
};

/* Room for `pieces` body pieces; false when out of memory (then answer with response_fail). */
bool response_begin(struct request *request, int status, const char *content_type, size_t pieces);
void response_piece(struct request *request, const char *data_borrow, size_t length);
/* One more header line, formatted. */
bool response_header(struct request *request, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes request->id when none came: for whoever has to name the request before it is answered. On its
 * loop. False: out of memory. */
bool response_id(struct request *request);

/* Whole answers. They drop whatever had been said before. */
void response_text(struct request *request, int status, const char *content_type,
                   const char *text_borrow, size_t length);
/* From request->error: plain API {"error","code","field"}, all else {"error"}; with X-Error-Code,
 * Retry-After, Allow, WWW-Authenticate as the code demands. */
void response_fail(struct request *request);

/* Writes the head into pieces[0] and counts. The last step, on the loop; cannot fail (falls back to a
 * canned 500/503 without a body of its own when the arena is exhausted). */
void response_finish(struct request *request);

/* A whole answer, 503 and Connection: close, for when there is no memory even for a request.
 * Static. */
uv_buf_t response_out_of_memory(void);

#endif
