/*
 * The vector kernels of the group barycentric, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_BARYCENTRIC_KERNELS_H
#define ASTRO_KERNELS_BARYCENTRIC_KERNELS_H

#define ASTRO__BARYCENTRIC_KERNELS(X)                                                              \
    X(along_direction)                                                                             \
    X(date_along_direction)                                                                        \
    X(light_time)                                                                                  \
    X(light_date)                                                                                  \
    X(velocity_correction)

#endif
