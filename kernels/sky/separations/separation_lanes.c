/*
 * Angular separation and position angle of two points.
 *
 *   Given      context   struct astro__sky
 *              in[0..3]  lon1, lat1, lon2, lat2; longitudes any finite value, latitudes beyond the
 *                        pole are the pole   deg or rad
 *   Returned   separation:     out[0] in [0, 180] deg, exactly 0 for equal points
 *              position_angle: out[0] of point 2 seen from point 1, from north through east, in
 *                              [0, 360) deg; 0 for equal points
 *   Accuracy   separation 1e-13 deg, and 1e-15 relative when small; position angle
 *              1e-13 deg / sin(separation)
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity
 *              is NaN. No allocation, any thread.
 *   Source     the quantities of ERFA eraSeps and eraPas, written in half differences. With d, m
 *              and h half of the difference and of the sum of the latitudes and half of the
 *              difference of the longitudes, s = sin^2(separation / 2) is
 *                      s = sin^2 d + cos(lat1) cos(lat2) sin^2 h
 *                  1 - s = sin^2 m + cos(lat1) cos(lat2) cos^2 h
 *              Both are sums of positive terms: nothing cancels, at no separation.
 */
#include "../../simd/lanes.h"
#include "pair_lanes.h"

astro__kernel ASTRO__LANES(separation);
astro__kernel ASTRO__LANES(position_angle);

ASTRO__INLINE void separated(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__sky *sky = context;
    const struct astro__circle *lat = &sky->lat;
    vd lat1 = within_poles(lat, in[1]), lat2 = within_poles(lat, in[3]);
    vd sin_h, cos_h, eighths;

    v_sincos_latitude(radians, &sky->lon, half_difference(radians, &sky->lon, in[2], in[0]), &sin_h,
                      &cos_h);
    vd sin_d = v_sin_latitude(radians, lat, 0.5 * (lat2 - lat1));
    vd sin_m = v_sin_latitude(radians, lat, 0.5 * (lat2 + lat1));
    vd cosines = v_cos_latitude(radians, lat, lat1) * v_cos_latitude(radians, lat, lat2);

    /* Below 1e-120 the squares would vanish: scale by a power of two, and back after the root. */
    vm tiny = (vm)(v_max(v_abs(sin_d), v_abs(sin_h)) < 0x1p-400);
    vd up = v_select(tiny, v_set(0x1p+700), v_set(1.0));
    vd down = v_select(tiny, v_set(0x1p-700), v_set(1.0));
    vd a = sin_d * up, b = sin_h * up;
    vd near = v_sqrt(v_fma(a, a, cosines * (b * b))) * down;
    vd far = v_sqrt(v_fma(sin_m, sin_m, cosines * (cos_h * cos_h)));
    vd rest = v_arc(near, far, &eighths);
    out[0] = 2.0 * v_angle(radians, &sky->lon, eighths, rest);
}

/*
 * tan = 2 sin h cos h cos(lat2) / (sin 2d + 2 sin(lat1) cos(lat2) sin^2 h), without the factor 2.
 */
ASTRO__INLINE void directed(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__sky *sky = context;
    const struct astro__circle *lat = &sky->lat;
    vd lat1 = within_poles(lat, in[1]), lat2 = within_poles(lat, in[3]);
    vd sin_h, cos_h, sin_d, cos_d;

    v_sincos_latitude(radians, &sky->lon, half_difference(radians, &sky->lon, in[2], in[0]), &sin_h,
                      &cos_h);
    v_sincos_latitude(radians, lat, 0.5 * (lat2 - lat1), &sin_d, &cos_d);
    vd cos_lat2 = v_cos_latitude(radians, lat, lat2);
    vd sin_lat1 = v_sin_latitude(radians, lat, lat1);
    vd east = sin_h * cos_h * cos_lat2;
    vd north = v_fma(sin_d, cos_d, cos_lat2 * sin_lat1 * (sin_h * sin_h));
    out[0] = v_longitude(radians, &sky->lon, east, north);
}

SWEEP_CORES(separated)
SWEEP_CORES(directed)

void ASTRO__LANES(separation)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    const struct astro__sky *sky = context;

    SWEEP_UNITS(sky, &sky->lon, two_points_to_one, n, in, out, pair_ordinary, separated, separated);
}

void ASTRO__LANES(position_angle)(const void *context, size_t n, const void *const in[],
                                  void *const out[])
{
    const struct astro__sky *sky = context;

    SWEEP_UNITS(sky, &sky->lon, two_points_to_one, n, in, out, pair_ordinary, directed, directed);
}
