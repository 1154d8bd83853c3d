/*
 * Arguments: what both codecs share in reading: parameters, and memory for decoded columns.
 *
 * Errors go into the request's error, with the argument's name as its field.
 */
#ifndef ASTRO_CODEC_ARGUMENTS_H
#define ASTRO_CODEC_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "codec/reader.h"
#include "request/call.h"

/* limits.json_depth, for a whole document. */
unsigned arguments_depth(void);

/* The value at the cursor is the parameter `index`: text, a number or a boolean. duplicate_key when
 * it has been given before, in the query for one. */
bool arguments_parameter(struct call *call, struct reader *reader, size_t index);

/*
 * Room for n columns of counts[i] values of their types: together in the arena when that is little,
 * else each 64-byte aligned in one slab, call->columns.
 */
bool arguments_columns(struct call *call, size_t n, const size_t counts[],
                       const enum astro_type types[], void *ret_columns[]);
/* How the column of an input is scanned. */
enum column_kind arguments_kind(const struct astro_field *field);

/* duplicate_key for the input or key `name`; always false. */
bool arguments_fail_twice(struct call *call, const char *name);

#endif
