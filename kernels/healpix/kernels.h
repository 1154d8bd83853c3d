/*
 * The vector kernels of the group healpix, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_HEALPIX_KERNELS_H
#define ASTRO_KERNELS_HEALPIX_KERNELS_H

#define ASTRO__HEALPIX_KERNELS(X)                                                                  \
    X(healpix_pixel)                                                                               \
    X(healpix_centre)                                                                              \
    X(healpix_corners)                                                                             \
    X(healpix_reorder)                                                                             \
    X(healpix_neighbours)

#endif
