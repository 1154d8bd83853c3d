/*
 * The table of vector kernels: one per target, one chosen at start.
 *
 * A new kernel: a source <name>_lanes.c that defines ASTRO__LANES(name), one line in
 * ASTRO__KERNELS below, one line in kernels/CMakeLists.txt.
 */
#ifndef ASTRO_KERNELS_SIMD_LANES_H
#define ASTRO_KERNELS_SIMD_LANES_H

#include "../angles/kernels.h"
#include "../barycentric/kernels.h"
#include "../healpix/kernels.h"
#include "../horizon/kernels.h"
#include "../motion/kernels.h"
#include "../places/kernels.h"
#include "../rotation/kernels.h"
#include "../time/kernels.h"
#include "../units/kernels.h"
#include "../wcs/kernels.h"
#include "astrolabe/kernels.h"

#define ASTRO__KERNELS(X)                                                                          \
    X(radec_to_xyz)                                                                                \
    X(xyz_to_radec)                                                                                \
    X(rotate)                                                                                      \
    X(rotate_signed)                                                                               \
    X(same_position)                                                                               \
    X(fk4_from)                                                                                    \
    X(fk4_to)                                                                                      \
    X(separation)                                                                                  \
    X(position_angle)                                                                              \
    X(offset_by)                                                                                   \
    X(spherical_offsets)                                                                           \
    X(midpoint)                                                                                    \
    X(to_tangent)                                                                                  \
    X(from_tangent)                                                                                \
    X(geodetic_to_xyz)                                                                             \
    X(xyz_to_geodetic)                                                                             \
    X(xyz_to_enu)                                                                                  \
    X(enu_to_xyz)                                                                                  \
    X(geodetic_to_enu)                                                                             \
    X(enu_to_geodetic)                                                                             \
    X(xyz_to_aer)                                                                                  \
    X(aer_to_xyz)                                                                                  \
    X(geodetic_to_aer)                                                                             \
    X(aer_to_geodetic)                                                                             \
    ASTRO__ANGLE_KERNELS(X)                                                                        \
    ASTRO__HORIZON_KERNELS(X)                                                                      \
    ASTRO__HEALPIX_KERNELS(X)                                                                      \
    ASTRO__MOTION_KERNELS(X)                                                                       \
    ASTRO__PLACE_KERNELS(X)                                                                        \
    ASTRO__ROTATION_KERNELS(X)                                                                     \
    ASTRO__BARYCENTRIC_KERNELS(X)                                                                  \
    ASTRO__TIME_KERNELS(X)                                                                         \
    ASTRO__UNIT_KERNELS(X)                                                                         \
    ASTRO__WCS_KERNELS(X)

/* Columns in, columns out: as astro_conversion.run, without the report. */
typedef void astro__kernel(const void *context, size_t n, const void *const in[],
                           void *const out[]);

struct astro__lanes {
    enum astro_target target;
    size_t width; /* rows in one register */
#define X(name) astro__kernel *name;
    ASTRO__KERNELS(X)
#undef X
    size_t (*first_beyond)(double limit, const void *column, size_t n);
    size_t (*first_negative)(const void *column, size_t n);
    size_t (*first_outside)(int64_t limit, const void *column, size_t n);
};

/* The one in use. Written by astro_kernels_init() before threads start. */
extern const struct astro__lanes *astro__lanes;

#endif
