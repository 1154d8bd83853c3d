/*
 * What the sky kernels need beside the points.
 *
 * Purpose    Made by prepare() of the conversions, read by the vector kernels.
 * Ownership  The caller's memory; nothing in it points anywhere.
 */
#ifndef ASTRO_KERNELS_SKY_CONTEXT_H
#define ASTRO_KERNELS_SKY_CONTEXT_H

#include "../simd/circle.h"

/* Conversions that need no more than the unit: Cartesian coordinates, separations. */
struct astro__sky {
    struct astro__circle lon; /* the circle of the longitudes: hours for ra under hourangle */
    struct astro__circle lat; /* that of the latitudes: degrees or radians */
};

/* One rotation: spherical in one frame, spherical in another. */
struct astro__rotation {
    struct astro__sky in, out;
    double matrix[3][3]; /* x_out = matrix x_in */
};

/* Circles for a frame whose longitude has this role. */
struct astro__sky astro__sky(enum astro_role longitude, enum astro_unit unit);

/* A rotation between frames whose longitudes have these roles; its matrix is still zero. */
struct astro__rotation astro__rotation(enum astro_role in, enum astro_role out,
                                       enum astro_unit unit);

/* Makes it the rotation back. */
void astro__rotation_invert(struct astro__rotation *rotation);

#endif
