/*
 * Points beside points: offset_by, spherical_offsets, midpoint, and the tangent plane.
 *
 * offset_by
 *   Given      context   struct astro__sky
 *              in[0..3]  lon, lat, position angle, separation; all but lat any finite value
 *   Returned   out[0..1] lon in [0, full circle), lat
 *
 * spherical_offsets
 *   Given      in[0..3]  lon1, lat1, lon2, lat2
 *   Returned   out[0..1] dlon in (-half, half] of the circle and dlat: point 2 in the frame whose
 *                        origin is point 1; nothing cancels, however close they are
 *
 * midpoint
 *   Given      in[0..3]  lon1, lat1, lon2, lat2
 *   Returned   out[0..1] lon, lat of the middle of the great circle between them; NaN within 1e-15
 *                        rad of antipodes
 *
 * All of them: latitudes beyond the pole are the pole; deg or rad.
 *
 * to_tangent, from_tangent
 *   Given      context   struct astro__rotation into the frame of the tangent point, and back
 *              in[0..1]  ra, dec; or xi, eta (tangents, in the unit of angles)
 *   Returned   out[0..1] xi, eta, NaN where the point is not nearer than 90 degrees less 1e-6 rad; or
 *                        ra, dec
 *
 *   Accuracy   1e-9 arcsec; midpoint 5e-9 arcsec up to 179 degrees; tangents 1e-9 arcsec times
 *              (1 + xi^2 + eta^2)
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity
 *              is NaN throughout. No allocation, any thread.
 *   Source     spherical trigonometry in vectors; ERFA eraTpxes, eraTpsts
 */
#include "../../simd/lanes.h"
#include "pair_lanes.h"

astro__kernel ASTRO__LANES(offset_by);
astro__kernel ASTRO__LANES(spherical_offsets);
astro__kernel ASTRO__LANES(midpoint);
astro__kernel ASTRO__LANES(to_tangent);
astro__kernel ASTRO__LANES(from_tangent);

/* --- offset_by --- */

ASTRO__INLINE vm offset_ordinary(const void *context, const vd *in)
{
    const struct astro__sky *sky = context;
    vd limit = v_set(sky->lon.limit);

    return position_ordinary(sky, in) & (vm)(v_abs(in[2]) <= limit) & (vm)(v_abs(in[3]) <= limit);
}

ASTRO__INLINE void moved(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__sky *sky = context;
    vd sin_b, cos_b, sin_p, cos_p, sin_s, cos_s;

    v_sincos_latitude(radians, &sky->lat, in[1], &sin_b, &cos_b);
    v_sincos_longitude(radians, &sky->lon, in[2], &sin_p, &cos_p);
    v_sincos_longitude(radians, &sky->lon, in[3], &sin_s, &cos_s);
    /* x in the meridian of the start, y east of it */
    vd north = sin_s * cos_p;
    vd p[3] = {v_fma(cos_s, cos_b, -(north * sin_b)), sin_s * sin_p,
               v_fma(cos_s, sin_b, north * cos_b)};
    vd turn;
    offsets_of(radians, sky, p, &turn, &out[1]);
    out[0] = v_wrap(radians, &sky->lon, v_wrap(radians, &sky->lon, in[0]) + turn);
}

SWEEP_CORES(moved)

void ASTRO__LANES(offset_by)(const void *context, size_t n, const void *const in[],
                             void *const out[])
{
    static const struct sweep_shape shape = {4, 2, 1u << 0 | 1u << 2 | 1u << 3};
    const struct astro__sky *sky = context;

    SWEEP_UNITS(sky, &sky->lon, shape, n, in, out, offset_ordinary, moved, moved);
}

/* --- spherical_offsets --- */

/* With h and d half of the differences of longitude and latitude. */
ASTRO__INLINE void beside(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__sky *sky = context;
    const struct astro__circle *lat = &sky->lat;
    vd lat1 = within_poles(lat, in[1]), lat2 = within_poles(lat, in[3]);
    vd sin_h, cos_h, sin_d, cos_d, sin1, cos1;

    v_sincos_latitude(radians, &sky->lon, half_difference(radians, &sky->lon, in[2], in[0]), &sin_h,
                      &cos_h);
    v_sincos_latitude(radians, lat, 0.5 * (lat2 - lat1), &sin_d, &cos_d);
    v_sincos_latitude(radians, lat, lat1, &sin1, &cos1);
    vd cos2 = v_cos_latitude(radians, lat, lat2);
    vd across = 2.0 * cos2 * (sin_h * sin_h);
    vd p[3] = {1.0 - v_fma(cos1, across, 2.0 * (sin_d * sin_d)), 2.0 * cos2 * (sin_h * cos_h),
               v_fma(sin1, across, 2.0 * (sin_d * cos_d))};
    offsets_of(radians, sky, p, &out[0], &out[1]);
}

SWEEP_CORES(beside)

void ASTRO__LANES(spherical_offsets)(const void *context, size_t n, const void *const in[],
                                     void *const out[])
{
    const struct astro__sky *sky = context;

    SWEEP_UNITS(sky, &sky->lon, two_points_to_two, n, in, out, pair_ordinary, beside, beside);
}

/* --- midpoint --- */

/* Square of the sum of two unit vectors below which its direction is rounding. */
#define NO_DIRECTION 1e-30

ASTRO__INLINE void halfway(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__sky *sky = context;
    vd p[3], q[3];

    to_vector(radians, sky, in[0], in[1], p);
    to_vector(radians, sky, in[2], in[3], q);
    for (size_t k = 0; k < 3; k++)
        p[k] += q[k];
    vm none = (vm)(dot(p, p) <= NO_DIRECTION);
    from_vector(radians, sky, p, &out[0], &out[1]);
    for (size_t k = 0; k < 2; k++)
        out[k] = v_select(none, v_set((double)NAN), out[k]);
}

SWEEP_CORES(halfway)

void ASTRO__LANES(midpoint)(const void *context, size_t n, const void *const in[],
                            void *const out[])
{
    const struct astro__sky *sky = context;

    SWEEP_UNITS(sky, &sky->lon, two_points_to_two, n, in, out, pair_ordinary, halfway, halfway);
}

/* --- the tangent plane --- */

static const struct sweep_shape position = {2, 2, 1}, plane = {2, 2, 0};

#define NEAREST 1e-6 /* cosine of the distance; at and below it eraTpxes refuses */

ASTRO__INLINE vm position_in(const void *context, const vd *in)
{
    const struct astro__rotation *rotation = context;

    return position_ordinary(&rotation->in, in);
}

ASTRO__INLINE void projected(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__rotation *rotation = context;
    vd p[3];

    to_vector(radians, &rotation->in, in[0], in[1], p);
    matrix_times(rotation->matrix, p, p);
    vm far = (vm)(p[0] <= NEAREST);
    vd depth = v_select(far, v_set(1.0), p[0]);
    for (size_t k = 0; k < 2; k++)
        out[k] =
            v_select(far, v_set((double)NAN), p[k + 1] / depth * rotation->out.lat.from_radians);
}

SWEEP_CORES(projected)

void ASTRO__LANES(to_tangent)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    const struct astro__rotation *rotation = context;

    SWEEP_UNITS(rotation, &rotation->in.lon, position, n, in, out, position_in, projected,
                projected);
}

/* Tangents beyond this would overflow when squared; of those only the direction counts. */
#define LARGE 0x1p+400

ASTRO__INLINE vm plane_ordinary(const void *context, const vd *in)
{
    (void)context;
    return (vm)(v_abs(in[0]) + v_abs(in[1]) <= LARGE);
}

ASTRO__INLINE void raised(const bool radians, const struct astro__rotation *rotation, const vd *in,
                          vd down, vd *out)
{
    vd p[3] = {down, in[0] * (rotation->in.lat.to_radians * down),
               in[1] * (rotation->in.lat.to_radians * down)};

    matrix_times(rotation->matrix, p, p);
    from_vector(radians, &rotation->out, p, &out[0], &out[1]);
}

ASTRO__INLINE void deprojected(const bool radians, const void *context, const vd *in, vd *out)
{
    raised(radians, context, in, v_set(1.0), out);
}

ASTRO__INLINE void deprojected_far(const bool radians, const void *context, const vd *in, vd *out)
{
    vm small = plane_ordinary(context, in);

    raised(radians, context, in, v_select(small, v_set(1.0), v_set(0x1p-600)), out);
}

SWEEP_CORES(deprojected)
SWEEP_CORES(deprojected_far)

void ASTRO__LANES(from_tangent)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    const struct astro__rotation *rotation = context;

    SWEEP_UNITS(rotation, &rotation->out.lon, plane, n, in, out, plane_ordinary, deprojected,
                deprojected_far);
}
