/*
 * Pixels and the sky: what prepare() makes of one header.
 *
 * Purpose    The steps between a pixel and a position, as numbers: distance from the reference
 *            pixel, SIP, matrix, TPV, projection. Gnomonic images (TAN, with SIP, TPV) are vector
 *            code throughout; the other projections are wcslib's celx2s() and cels2x().
 * Ownership  The caller's memory, a fixed size whatever the header: wcslib's own structs, which
 *            allocate, live only while prepare() runs. Nothing to release.
 * Threads    Read-only after astro__wcs_make(): wcslib writes to a celprm only until it is set,
 *            and reports errors there only after wcserr_enable(), which nobody calls.
 * Units      pixels in the caller's counting, plane in degrees, angles in the request's unit
 */
#ifndef ASTRO_KERNELS_WCS_WCS_H
#define ASTRO_KERNELS_WCS_WCS_H

#include <wcslib/cel.h>

#include "../sky/context.h"
#include "header.h"

enum { ASTRO__RADIAL_TERMS = 4 };

/* Two polynomials of two variables, and odd powers of their distance from 0. */
struct astro__surface {
    int order;
    bool has_radial;
    double tolerance; /* the step at which the iteration of the inverse may end */
    double term[2][ASTRO__SIP_MOST_ORDER + 1][ASTRO__SIP_MOST_ORDER + 1]; /* of u^p v^q */
    double radial[2][ASTRO__RADIAL_TERMS];                                /* of r, r^3, r^5, r^7 */
};

enum astro__wcs_distortion {
    ASTRO__UNDISTORTED,
    ASTRO__DISTORTED_PIXELS, /* SIP: before the matrix */
    ASTRO__DISTORTED_PLANE   /* TPV: behind it */
};

struct astro__wcs {
    struct astro__sky sky;
    double reference[2]; /* the reference pixel */
    double matrix[2][2]; /* to degrees in the plane, longitude first */
    double inverse[2][2];
    enum astro__wcs_distortion distortion;
    struct astro__surface surface;
    bool tangent;       /* vector code throughout */
    double frame[3][3]; /* tangent: of a direction along x, y and towards the tangent point */
    struct celprm cel;  /* the others */
};

/* The radius of the sphere whose plane is in degrees. */
#define ASTRO__WCS_RADIUS 57.29577951308232

/*
 * origin is the number of the first pixel, 0 or 1. On failure false with *err = bad_header, and
 * *wcs is worthless.
 */
bool astro__wcs_make(struct astro__wcs *wcs, const struct astro__wcs_header *header,
                     enum astro_unit unit, int64_t origin, struct astro_error *err);

/* Columns of n rows: pixels to positions and back. What has no answer is NaN. No allocation. */
void astro__wcs_to_world(const struct astro__wcs *wcs, size_t n, const void *const in[],
                         void *const out[]);
void astro__wcs_to_pixel(const struct astro__wcs *wcs, size_t n, const void *const in[],
                         void *const out[]);

#endif
