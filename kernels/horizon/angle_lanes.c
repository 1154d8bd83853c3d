/*
 * parallactic_angle: between the north pole and the zenith, seen from the object.
 *
 *   Given      context   struct astro__parallactic
 *              in[0]     hour angle, any finite value              deg, h or rad
 *              in[1]     declination; beyond the pole is the pole   deg or rad
 *   Returned   out[0]    in (-half, half] of the circle of the declination, positive west of the
 *                        meridian; 0 at the zenith
 *   Accuracy   1e-13 deg / sin(zenith distance)
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity
 *              is NaN. No allocation, any thread.
 *   Source     ERFA eraHd2pa, with the differences sin(lat - dec) and 1 - cos(ha) as squares and
 *              products of half angles: nothing cancels near the zenith, where it is exactly 0
 */
#include "../simd/lanes.h"
#include "../sky/separations/pair_lanes.h"
#include "group.h"

astro__kernel ASTRO__LANES(parallactic_angle);

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    const struct astro__parallactic *parallactic = context;

    return position_ordinary(&parallactic->sky, in);
}

ASTRO__INLINE void parallactic(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__parallactic *at = context;
    const struct astro__circle *ha = &at->sky.lon, *dec = &at->sky.lat;
    vd sin_h, cos_h, sin_d, cos_d;
    vd declination = within_poles(dec, in[1]);
    vd sine = v_sin_latitude(radians, dec, declination);

    v_sincos_latitude(radians, ha, half_difference(radians, ha, in[0], v_set(0.0)), &sin_h, &cos_h);
    v_sincos_latitude(radians, dec, 0.5 * (at->lat - declination), &sin_d, &cos_d);
    vd east = at->cos_lat * (sin_h * cos_h);
    vd north = v_fma(at->cos_lat * sine, sin_h * sin_h, sin_d * cos_d);
    out[0] = v_direction(radians, dec, east, north);
}

SWEEP_CORES(parallactic)

void ASTRO__LANES(parallactic_angle)(const void *context, size_t n, const void *const in[],
                                     void *const out[])
{
    static const struct sweep_shape shape = {2, 1, 1};
    const struct astro__parallactic *at = context;

    SWEEP_UNITS(at, &at->sky.lon, shape, n, in, out, ordinary, parallactic, parallactic);
}
