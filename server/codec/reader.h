/*
 * Reader: a strict JSON cursor over a buffer that stays put. Owns nothing, allocates only what its
 * callers ask for (decoded strings, in an arena they pass).
 *
 * Accepts exactly what jansson accepts with JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
 * JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL (duplicates are the callers' business: they know the names;
 * reader_value_skip checks the objects it passes over), plus, as array elements and values, the bare
 * literals NaN, Infinity and -Infinity that existing clients send. UTF-8 is checked, depth is bounded.
 * One difference: jansson swallows a NUL byte right behind a number or a literal; here it is an error.
 *
 * Errors     The first one sets *err (invalid_json) with the byte offset in the text; every later call
 *            then returns the failing value, so that a caller may check once at the end of a level.
 *            A value of another type than was asked for is bad_type, a duplicate key in what
 *            reader_value_skip passes over duplicate_key, no memory overloaded.
 */
#ifndef ASTRO_CODEC_READER_H
#define ASTRO_CODEC_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/error.h"
#include "memory/arena.h"

enum reader_type {
    READER_BAD, /* error, or end of text where a value was expected */
    READER_OBJECT,
    READER_ARRAY,
    READER_STRING,
    READER_NUMBER,
    READER_NONFINITE, /* NaN, Infinity, -Infinity */
    READER_TRUE,
    READER_FALSE,
    READER_NULL
};

struct reader {
    const char *begin, *next, *end;
    unsigned depth, max_depth;
    struct astro_error *err; /* borrowed */
};

struct reader_string {
    const char *data; /* points into the text when nothing was escaped, else into the arena */
    size_t length;
};

void reader_init(struct reader *reader, const char *text, size_t length, unsigned max_depth,
                 struct astro_error *err_borrow);

/* Type of the next value; skips white space, consumes nothing else. */
enum reader_type reader_peek(struct reader *reader);

/*
 * Objects:  if (!reader_object_begin(r)) fail;
 *           while (reader_object_next(r, arena, &key)) { ... consume exactly one value ... }
 *           (ends at the brace, or on error: check reader->err->code)
 * Arrays likewise with reader_array_begin / reader_array_next.
 */
bool reader_object_begin(struct reader *reader);
bool reader_object_next(struct reader *reader, struct arena *arena, struct reader_string *ret_key);
bool reader_array_begin(struct reader *reader);
bool reader_array_next(struct reader *reader);

bool reader_string(struct reader *reader, struct arena *arena, struct reader_string *ret);
bool reader_number(struct reader *reader,
                   double *ret); /* overflow of a double is an error, as in jansson */
/* A JSON integer without fraction or exponent within int64; anything else is an error (bad_type). */
bool reader_integer(struct reader *reader, int64_t *ret);
bool reader_boolean(struct reader *reader, bool *ret);
bool reader_null(struct reader *reader);
bool reader_nonfinite(struct reader *reader, double *ret);
/* Any value, fully checked. At most 65,536 keys in all objects open at a time: too_large. */
bool reader_value_skip(struct reader *reader);
bool reader_finish(struct reader *reader); /* nothing but white space may follow */

/*
 * A span: one array passed over at vector speed without being checked, to be scanned later by
 * column_scan, which checks every byte of it. Only brackets, quotes and commas are looked at.
 */
struct reader_span {
    const char *data;
    size_t length;
    size_t offset;    /* of data in the text, for error texts */
    size_t commas;    /* outside strings: the array has at most commas + 1 scalars */
    bool has_strings; /* a quote or a brace was seen: not a column of numbers */
};
bool reader_array_span(struct reader *reader, struct reader_span *ret);

/*
 * Column scan: the values of one (possibly nested) array into memory, in slices, with its shape.
 * null and the non-finite literals are NaN and infinities (FP64 only). Ragged nesting is
 * shape_mismatch, anything that is no value of the column is bad_type, both naming the place (ra[3][1]).
 */
enum { COLUMN_MAX_RANK = 32 };
enum column_kind { COLUMN_FP64, COLUMN_INT64, COLUMN_BYTES, COLUMN_BOOL };

struct column_scan {
    enum column_kind kind;
    const char *name; /* for error texts */
    const char *begin, *next, *end;
    size_t offset;          /* of begin in the whole text, for error texts */
    void *out;              /* double, int64_t (BOOL: 0 or 1) or astro_text, room for span.commas
                               + 1 */
    struct arena *arena;    /* BYTES: for texts with escapes; others point into the text. Set by the
                               caller after column_scan_init() */
    size_t capacity, count; /* elements */
    unsigned rank;          /* known (not 0) after the first innermost array has begun */
    unsigned depth, max_depth;
    size_t shape[COLUMN_MAX_RANK];    /* known extents; complete when done */
    size_t position[COLUMN_MAX_RANK]; /* index of the current element in each open level */
    bool shape_fixed[COLUMN_MAX_RANK];
    enum column_place { /* what may come next */
                        COLUMN_AT_START,
                        COLUMN_AT_FIRST, /* a value or ']' */
                        COLUMN_AT_VALUE,
                        COLUMN_BEHIND_VALUE, /* ',' or ']' */
                        COLUMN_AT_END
    } place;
    struct astro_error *err; /* borrowed */
};

enum scan_status { SCAN_FAILED, SCAN_MORE, SCAN_DONE };

void column_scan_init(struct column_scan *scan, enum column_kind kind, const char *name_borrow,
                      struct reader_span span, unsigned max_depth, void *out_borrow,
                      size_t capacity, struct astro_error *err_borrow);
/* Works on about `max_bytes` more of the text (a number is never cut). */
enum scan_status column_scan_step(struct column_scan *scan, size_t max_bytes);

#endif
