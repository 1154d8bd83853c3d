/*
 * A circle: how one unit divides it. What `unit` means to a kernel.
 *
 * Purpose    The same vector code takes degrees, hours and radians: these are its constants.
 * Ownership  Constant tables; contexts hold copies.
 */
#ifndef ASTRO_KERNELS_SIMD_CIRCLE_H
#define ASTRO_KERNELS_SIMD_CIRCLE_H

#include <stdbool.h>

#include "astrolabe/conversion.h"

struct astro__circle {
    bool radians;        /* the quarter is not a double: it has a low part, reduction is longer */
    double quarter;      /* 90 deg, 6 h, pi/2 rad (nearest double) */
    double quarter_low;  /* pi/2 less its nearest double; 0 where the quarter is exact */
    double per_quarter;  /* 1 / quarter */
    double to_radians;   /* radians in one unit */
    double from_radians; /* units in one radian */
    double full;         /* 360, 24, 2 pi (nearest double): what a longitude stays below */
    double limit;        /* largest magnitude that the vector code reduces itself */
};

/* The circle for columns of this role when the request says `unit`. */
const struct astro__circle *astro__circle(enum astro_role role, enum astro_unit unit);

/*
 * An equivalent of a finite longitude of any size, within half a turn or, in degrees and hours,
 * one turn of 0. Exact in degrees and hours; in radians good to half a unit in the last place.
 */
double astro__circle_reduce(const struct astro__circle *circle, double longitude);

/* Sine and cosine of an angle in degrees, exact at multiples of 90. For prepare(). */
void astro__sincos_degrees(double angle, double *ret_sin, double *ret_cos);

#endif
