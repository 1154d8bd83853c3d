/* The vector functions of simd/trig.h on arrays, one copy per target. Test code only. */
#ifndef ASTRO_TESTS_KERNELS_TRIG_PROBE_H
#define ASTRO_TESTS_KERNELS_TRIG_PROBE_H

#include <stddef.h>

struct trig_probe {
    const char *name;
    size_t step; /* n must be a multiple of it */
    void (*sincos_octant)(size_t n, const double *x, double *s, double *c);
    void (*sin_quadrant)(size_t n, const double *x, double *s);
    void (*arc)(size_t n, const double *y, const double *x, double *radians);
};

#endif
