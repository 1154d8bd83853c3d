/* Tensors of other datatypes become columns of double or int64_t. */
#ifndef ASTRO_CODEC_OIP_PROMOTE_H
#define ASTRO_CODEC_OIP_PROMOTE_H

#include "request/call.h"

/*
 * Elements [from, from + n) of a binary tensor into the column of `field`; `bytes` may lie
 * anywhere. 64-bit integers round to the nearest double; for an INT64 input, what int64_t cannot
 * hold is out_of_range; for a BOOL input, bytes other than 0 and 1 are bad_type.
 */
bool oip_promote(const struct astro_field *field, enum datatype datatype, const char *bytes,
                 void *column, size_t from, size_t n, struct astro_error *err);

/*
 * Elements [from, to) that were read from JSON, made what their datatype can hold: FP32 is rounded,
 * integers must be whole and in range (bad_type).
 */
bool oip_settle(const struct astro_field *field, enum datatype datatype, void *column, size_t from,
                size_t to, struct astro_error *err);

#endif
