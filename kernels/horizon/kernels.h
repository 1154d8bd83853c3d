/*
 * The vector kernels of the group horizon, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_HORIZON_KERNELS_H
#define ASTRO_KERNELS_HORIZON_KERNELS_H

#define ASTRO__HORIZON_KERNELS(X)                                                                  \
    X(parallactic_angle)                                                                           \
    X(refract_alt)                                                                                 \
    X(unrefract_alt)                                                                               \
    X(airmass_kasten_young)                                                                        \
    X(airmass_pickering)                                                                           \
    X(airmass_secant)

#endif
