/*
 * The core conversions with SLEEF's 1.0-ulp AVX2 functions, as a peer to measure against.
 * Degrees; rows beyond the last whole register are left out. Compiled for AVX2 only.
 */
#ifndef ASTRO_TESTS_BENCH_KERNELS_SLEEF_H
#define ASTRO_TESTS_BENCH_KERNELS_SLEEF_H

#include <stdbool.h>
#include <stddef.h>

bool sleef_usable(void);
void sleef_to_xyz(size_t n, const double *ra, const double *dec, double *x, double *y, double *z);
void sleef_to_sphere(size_t n, const double *x, const double *y, const double *z, double *ra,
                     double *dec, double *distance);

#endif
