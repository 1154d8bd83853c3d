/*
 * The conversions with ERFA's functions in a plain C loop, as peers to measure against.
 */
#ifndef ASTRO_TESTS_BENCH_KERNELS_ERFA_H
#define ASTRO_TESTS_BENCH_KERNELS_ERFA_H

#include <stdbool.h>

/* Converts all rows of the columns of bench_kernels. */
typedef void erfa_loop(void *unused);

/* NULL where ERFA has nothing of the kind. per_row: each row has its own time. */
erfa_loop *erfa_peer(const char *conversion, bool per_row);
erfa_loop *erfa_sky_peer(const char *conversion, bool per_row); /* those that hang on the time */

#endif
