/*
 * The inner loop of column_scan, on the C++ side of the border so that the conversion is inlined
 * into it: a call for each number would cost a tenth of the whole.
 */
#ifndef ASTRO_CODEC_NUMBER_RUN_H
#define ASTRO_CODEC_NUMBER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Numbers separated by commas, white space after those allowed. A number is begun only before
 * `stop` and while there is `room`. Ends at whatever is not such a list any more, without a
 * judgement: the caller looks at that byte again and knows the words for it.
 *
 * With an `extent`, goes on from a row of so many numbers to the next one, over "],[" or "], [".
 */
struct number_run {
    const char *next, *stop, *end;
    size_t room, count;
    size_t extent; /* 0: one row only */
    size_t in_row; /* numbers of the current row so far, in and out */
    size_t rows;   /* how many were completed and left */
    enum { RUN_AT_VALUE, RUN_AT_FIRST, RUN_BEHIND_VALUE } place; /* what `next` is */
};

void number_run_doubles(struct number_run *run, double *out);
void number_run_integers(struct number_run *run, int64_t *out);

#ifdef __cplusplus
}
#endif
#endif
