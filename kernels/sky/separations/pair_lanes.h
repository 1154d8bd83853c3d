/*
 * Two points: differences that keep what their rounding would lose. For _lanes.c files.
 */
#ifndef ASTRO_KERNELS_SKY_SEPARATIONS_PAIR_LANES_H
#define ASTRO_KERNELS_SKY_SEPARATIONS_PAIR_LANES_H

#include "../sphere_lanes.h"

static const struct sweep_shape two_points_to_one = {4, 1, 1u << 0 | 1u << 2},
                                two_points_to_two = {4, 2, 1u << 0 | 1u << 2};

/* For lon1, lat1, lon2, lat2. */
ASTRO__INLINE vm pair_ordinary(const void *context, const vd *in)
{
    return position_ordinary(context, in) & position_ordinary(context, in + 2);
}

/*
 * Half of (to - from), within a quarter turn of 0, whole turns taken off. The difference keeps what
 * its rounding would lose, so that points a hair apart on the two sides of 0 stay that hair apart.
 */
ASTRO__INLINE vd half_difference(const bool radians, const struct astro__circle *circle, vd to,
                                 vd from)
{
    vd difference = to - from;
    vd other = difference - to;
    vd lost = (to - (difference - other)) - (from + other);
    vd turns = v_fma(difference, v_set(0.25 * circle->per_quarter), v_set(V_ROUNDER)) - V_ROUNDER;

    if (!radians)
        return 0.5 * (v_fma(turns, v_set(-4.0 * circle->quarter), difference) + lost);
    vd r = v_fma(turns, v_set(-4.0 * HALF_PI_1), difference);
    vd second = turns * (4.0 * HALF_PI_2);
    vd sum = r - second;
    vd low = v_fma(turns, v_set(-4.0 * HALF_PI_3), (r - sum) - second);
    return 0.5 * (sum + (low + lost));
}

ASTRO__INLINE vd within_poles(const struct astro__circle *circle, vd latitude)
{
    return v_max(v_min(latitude, v_set(circle->quarter)), v_set(-circle->quarter));
}

#endif
