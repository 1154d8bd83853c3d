/*
 * The vector kernels of the group rotation, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_ROTATION_KERNELS_H
#define ASTRO_KERNELS_ROTATION_KERNELS_H

#define ASTRO__ROTATION_KERNELS(X)                                                                 \
    X(earth_angle)                                                                                 \
    X(turn_vector)                                                                                 \
    X(itrs_to_gcrs)                                                                                \
    X(gcrs_to_itrs)                                                                                \
    X(teme_to_itrs)                                                                                \
    X(itrs_to_teme)

#endif
