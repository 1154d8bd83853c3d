/*
 * The columns of bench_kernels: memory for any conversion, and plausible values in it.
 */
#ifndef ASTRO_TESTS_BENCH_KERNELS_COLUMNS_H
#define ASTRO_TESTS_BENCH_KERNELS_COLUMNS_H

#include "astrolabe/kernels.h"

extern size_t rows;
extern double *in[ASTRO_MAX_INPUTS], *out[ASTRO_MAX_OUTPUTS]; /* FP64 and INT64 */

/* False when memory is out. */
bool columns_open(size_t count);
void columns_close(void);

/* Values for every input of the conversion, rooms for its texts. */
void columns_fill(const struct astro_conversion *conversion);

/* Whether a conversion takes a time of observation, which is one for all rows or a time per row. */
bool columns_timed(const struct astro_conversion *conversion);

/* How the rows are timed. */
enum timing {
    ONE_TIME,  /* by the parameter obstime */
    ONE_NIGHT, /* a time per row, within some hours */
    ALL_TIMES  /* a time per row, anywhere in 80 years */
};
extern enum timing timing;

/* What run() takes; optional inputs are absent, but for the times of the rows. */
void columns_of(const struct astro_conversion *conversion, const void *from[], void *to[]);

#endif
