/*
 * The group motion: what its sources share.
 */
#ifndef ASTRO_KERNELS_MOTION_GROUP_H
#define ASTRO_KERNELS_MOTION_GROUP_H

#include "../sky/context.h"

/* space_motion.c, proper.c, distance.c */
extern const struct astro_conversion astro__apply_space_motion;
extern const struct astro_conversion astro__pm_icrs_to_galactic, astro__pm_galactic_to_icrs;
extern const struct astro_conversion astro__parallax_to_distance, astro__distance_to_parallax,
    astro__distance_to_modulus, astro__modulus_to_distance;

#endif
