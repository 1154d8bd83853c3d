/*
 * The vector kernels of the group angles, for the table of simd/lanes.h.
 */
#ifndef ASTRO_KERNELS_ANGLES_KERNELS_H
#define ASTRO_KERNELS_ANGLES_KERNELS_H

#define ASTRO__ANGLE_KERNELS(X) X(wrap_angle)

#endif
