/*
 * pixel_to_plane: pixels to the plane of projection: reference pixel, SIP, matrix, TPV.
 *
 *   Given      context   struct astro__wcs
 *              in[0..1]  x, y: pixels
 *   Returned   out[0..1] degrees in the plane, along the longitude and the latitude axis
 *   Accuracy   1e-15 of the sum of the magnitudes of the terms
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row that is not finite,
 *              or ends beyond 1e100 degrees, is NaN. No allocation, any thread.
 *   Source     Greisen and Calabretta 2002 (A&A 395, 1061); Shupe et al. 2005 (ASP 347, 491)
 *
 * plane_to_pixel: back. The distortions are inverted by iteration; NaN where that finds nothing.
 *
 * pixel_to_tangent_world: pixels of a gnomonic image to positions: pixel_to_plane, and the
 * direction to that place. Accuracy 1e-9 arcsec against wcslib.
 *
 * tangent_world_to_pixel: back; NaN for the hemisphere behind the tangent plane. Accuracy 1e-8
 * pixel.
 */
#include "../simd/lanes.h"
#include "../sky/sphere_lanes.h"
#include "surface_lanes.h"

astro__kernel ASTRO__LANES(pixel_to_plane);
astro__kernel ASTRO__LANES(plane_to_pixel);
astro__kernel ASTRO__LANES(pixel_to_tangent_world);
astro__kernel ASTRO__LANES(tangent_world_to_pixel);

static const struct sweep_shape flat = {2, 2, 0};
static const struct sweep_shape round_in = {2, 2, 1};

/* What is farther out is nowhere; squares of what is not are finite. */
#define FARTHEST 1e100

ASTRO__INLINE vm within_reach(const vd p[2])
{
    return (vm)(v_abs(p[0]) <= FARTHEST) & (vm)(v_abs(p[1]) <= FARTHEST);
}

ASTRO__INLINE vm pixel_ordinary(const void *context, const vd *in)
{
    (void)context;
    return sweep_finite(in[0]) & sweep_finite(in[1]);
}

ASTRO__INLINE void times(const double m[2][2], vd p[2])
{
    vd x = v_fma(v_set(m[0][0]), p[0], m[0][1] * p[1]);
    vd y = v_fma(v_set(m[1][0]), p[0], m[1][1] * p[1]);

    p[0] = x;
    p[1] = y;
}

/* Returns the lanes that are somewhere; the others are at 0. */
ASTRO__INLINE vm plane_of(const struct astro__wcs *wcs, const vd *pixel, vd p[2])
{
    p[0] = pixel[0] - wcs->reference[0];
    p[1] = pixel[1] - wcs->reference[1];
    if (wcs->distortion == ASTRO__DISTORTED_PIXELS)
        surface_apply(&wcs->surface, p);
    times(wcs->matrix, p);
    if (wcs->distortion == ASTRO__DISTORTED_PLANE)
        surface_apply(&wcs->surface, p);
    vm somewhere = within_reach(p);
    p[0] = v_keep(somewhere, p[0]);
    p[1] = v_keep(somewhere, p[1]);
    return somewhere;
}

/* p is in the plane, and anything where `somewhere` is not set. */
ASTRO__INLINE void pixel_of(const struct astro__wcs *wcs, vm somewhere, vd p[2], vd *out)
{
    somewhere = somewhere & within_reach(p);
    p[0] = v_keep(somewhere, p[0]);
    p[1] = v_keep(somewhere, p[1]);
    if (wcs->distortion == ASTRO__DISTORTED_PLANE)
        somewhere = somewhere & surface_solve(&wcs->surface, p);
    times(wcs->inverse, p);
    if (wcs->distortion == ASTRO__DISTORTED_PIXELS)
        somewhere = somewhere & surface_solve(&wcs->surface, p);
    for (size_t k = 0; k < 2; k++)
        out[k] = v_select(somewhere, p[k] + wcs->reference[k], v_set((double)NAN));
}

/* --- plane --- */

static inline void to_plane(const void *context, const vd *in, vd *out)
{
    vd p[2];
    vm somewhere = plane_of(context, in, p);

    out[0] = v_select(somewhere, p[0], v_set((double)NAN));
    out[1] = v_select(somewhere, p[1], v_set((double)NAN));
}

void ASTRO__LANES(pixel_to_plane)(const void *context, size_t n, const void *const in[],
                                  void *const out[])
{
    sweep(context, NULL, flat, n, in, out, pixel_ordinary, to_plane, to_plane);
}

static inline void from_plane(const void *context, const vd *in, vd *out)
{
    vd p[2] = {in[0], in[1]};

    pixel_of(context, ~(vm)v_set(0.0), p, out);
}

void ASTRO__LANES(plane_to_pixel)(const void *context, size_t n, const void *const in[],
                                  void *const out[])
{
    sweep(context, NULL, flat, n, in, out, pixel_ordinary, from_plane, from_plane);
}

/* --- gnomonic --- */

ASTRO__INLINE void to_world(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__wcs *wcs = context;
    vd p[3], lon, lat;
    vm somewhere = plane_of(wcs, in, p);

    p[2] = v_set(ASTRO__WCS_RADIUS);
    matrix_times(wcs->frame, p, p);
    from_vector(radians, &wcs->sky, p, &lon, &lat);
    out[0] = v_select(somewhere, lon, v_set((double)NAN));
    out[1] = v_select(somewhere, lat, v_set((double)NAN));
}

SWEEP_CORES(to_world)

void ASTRO__LANES(pixel_to_tangent_world)(const void *context, size_t n, const void *const in[],
                                          void *const out[])
{
    const struct astro__wcs *wcs = context;

    SWEEP_UNITS(wcs, &wcs->sky.lon, flat, n, in, out, pixel_ordinary, to_world, to_world);
}

ASTRO__INLINE vm world_ordinary(const void *context, const vd *in)
{
    const struct astro__wcs *wcs = context;

    return position_ordinary(&wcs->sky, in);
}

ASTRO__INLINE void from_world(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__wcs *wcs = context;
    vd p[3];

    to_vector(radians, &wcs->sky, in[0], in[1], p);
    transpose_times(wcs->frame, p, p);
    vm in_front = (vm)(p[2] > 0.0);
    vd scale = ASTRO__WCS_RADIUS / v_select(in_front, p[2], v_set(1.0));
    p[0] = p[0] * scale;
    p[1] = p[1] * scale;
    pixel_of(wcs, in_front, p, out);
}

SWEEP_CORES(from_world)

void ASTRO__LANES(tangent_world_to_pixel)(const void *context, size_t n, const void *const in[],
                                          void *const out[])
{
    const struct astro__wcs *wcs = context;

    SWEEP_UNITS(wcs, &wcs->sky.lon, round_in, n, in, out, world_ordinary, from_world, from_world);
}
