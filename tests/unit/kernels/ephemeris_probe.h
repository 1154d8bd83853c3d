/* The ephemeris for registers of dates (ephemeris_lanes.h) on arrays, one copy per target. Test code
 * only. */
#ifndef ASTRO_TESTS_KERNELS_EPHEMERIS_PROBE_H
#define ASTRO_TESTS_KERNELS_EPHEMERIS_PROBE_H

#include <stddef.h>

enum {
    PROBE_X,
    PROBE_Y,
    PROBE_S,
    PROBE_EO,
    PROBE_EARTH,
    PROBE_VELOCITY = PROBE_EARTH + 3,
    PROBE_SUN_EARTH = PROBE_VELOCITY + 3,
    PROBE_SUN_VELOCITY = PROBE_SUN_EARTH + 3,
    PROBE_2000 = PROBE_SUN_VELOCITY + 3,
    PROBE_1994,
    PROBE_COLUMNS
};

struct ephemeris_probe {
    const char *name;
    size_t step; /* n must be a multiple of it */
    void (*all)(size_t n, const double *day, const double *part, double *const out[PROBE_COLUMNS]);
    /* the parts that can be had alone: eo, and earth without the rest */
    void (*alone)(size_t n, const double *day, const double *part,
                  double *const out[PROBE_COLUMNS]);
};

#endif
