/*
 * The vector kernels of the group wcs, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_WCS_KERNELS_H
#define ASTRO_KERNELS_WCS_KERNELS_H

#define ASTRO__WCS_KERNELS(X)                                                                      \
    X(pixel_to_plane)                                                                              \
    X(plane_to_pixel)                                                                              \
    X(pixel_to_tangent_world)                                                                      \
    X(tangent_world_to_pixel)

#endif
