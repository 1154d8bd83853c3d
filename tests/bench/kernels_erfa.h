/*
 * The conversions with ERFA's functions in a plain C loop, as peers to measure against.
 */
#ifndef ASTRO_TESTS_BENCH_KERNELS_ERFA_H
#define ASTRO_TESTS_BENCH_KERNELS_ERFA_H

/* Converts all rows of the columns of bench_kernels. */
typedef void erfa_loop(void *unused);

/* NULL where ERFA has nothing of the kind. */
erfa_loop *erfa_peer(const char *conversion);

#endif
