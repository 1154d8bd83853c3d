/*
 * The vector kernels of the group motion, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_MOTION_KERNELS_H
#define ASTRO_KERNELS_MOTION_KERNELS_H

#define ASTRO__MOTION_KERNELS(X)                                                                   \
    X(rotate_motion)                                                                               \
    X(thousand_over)                                                                               \
    X(distance_to_modulus)                                                                         \
    X(modulus_to_distance)

#endif
