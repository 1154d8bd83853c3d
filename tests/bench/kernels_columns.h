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

/* What run() takes; optional inputs are absent. */
void columns_of(const struct astro_conversion *conversion, const void *from[], void *to[]);

#endif
