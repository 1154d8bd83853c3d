/*
 * The vector kernels of places, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_PLACES_KERNELS_H
#define ASTRO_KERNELS_PLACES_KERNELS_H

#define ASTRO__PLACE_KERNELS(X)                                                                    \
    X(astrometric)                                                                                 \
    X(place_of_star)                                                                               \
    X(star_of_place)                                                                               \
    X(horizon_of_cirs)                                                                             \
    X(cirs_of_horizon)

#endif
