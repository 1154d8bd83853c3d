/*
 * The vector kernels of the group units, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_UNITS_KERNELS_H
#define ASTRO_KERNELS_UNITS_KERNELS_H

#define ASTRO__UNIT_KERNELS(X)                                                                     \
    X(times_factor)                                                                                \
    X(times_factor_plus)                                                                           \
    X(factor_over)                                                                                 \
    X(factor_over_positive)                                                                        \
    X(to_velocity)                                                                                 \
    X(from_velocity)

#endif
