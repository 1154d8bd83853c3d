/*
 * Answer: the values of an answer as JSON text, written in parts by many threads or in one by the
 * loop.
 *
 * The text is   before[0] values[0] before[1] values[1] ... after
 * where values are nested as the shape says. A few numbers become one contiguous text in the arena
 * and one piece; many become parts of about 16k numbers, each in its own region of one slab
 * (call->text) whose size is a checked upper bound, sent as they are: a gather write skips what was
 * not needed.
 */
#ifndef ASTRO_CODEC_ANSWER_H
#define ASTRO_CODEC_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request/call.h"

struct answer_column {
    const char *before; /* borrowed */
    size_t before_length;
    const void *values; /* as many as the answer's count */
    enum astro_type type;
    size_t room; /* bytes that one value's text needs at the most, without a separator */
};

struct answer_part {
    char *text;
    size_t length; /* set when the part has been written */
};

struct answer {
    /* Filled in by the codec. */
    unsigned rank; /* 0: one bare number; 1: flat */
    const size_t *shape;
    size_t count;
    unsigned n_columns;
    struct answer_column columns[ASTRO_MAX_OUTPUTS];
    const char *after; /* borrowed */
    size_t after_length;
    /* Made by answer_begin(). */
    size_t parts_per_column; /* 0: all of it is one part */
    size_t n_parts;
    struct answer_part *parts;
    size_t block[CALL_MAX_RANK]; /* values within one array of each level */
};

/* For answer_column.room. */
size_t answer_room(const struct astro_conversion *conversion, enum astro_type type);
/* Takes the memory and says in how many parts the text is written. Errors: overloaded. */
bool answer_begin(struct answer *answer, struct call *call, size_t *ret_parts);
void answer_write(struct answer *answer, size_t part);
/* Pieces that answer_say() will hand over; bytes of them once all parts are written. */
size_t answer_pieces(const struct answer *answer);
size_t answer_length(const struct answer *answer);
void answer_say(const struct answer *answer, struct request *request);

/* Bits of the warnings that this call gives, and how many rows each concerns. */
uint32_t answer_warnings(struct call *call);
uint64_t answer_warning_rows(struct call *call, enum astro_warning warning);

/* The cost of writing one number as text, ns. */
extern const double answer_ns_per_number;

/* What nothing after run() needs any more: the body and the decoded columns. */
void answer_drop_inputs(struct call *call);

#endif
