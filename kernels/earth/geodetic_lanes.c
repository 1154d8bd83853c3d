/*
 * Geodetic and geocentric coordinates.
 *
 * geodetic_to_xyz
 *   Given      context   struct astro__earth
 *              in[0]     longitude, any finite value             deg or rad
 *              in[1]     latitude; beyond the pole is the pole   deg or rad
 *              in[2]     height above the ellipsoid, m; or NULL for 0
 *   Returned   out[0..2] x, y, z, m
 *   Accuracy   1e-8 m x (1 + |height| / radius)
 *   Source     ERFA eraGd2gce
 *
 * xyz_to_geodetic
 *   Given      in[0..2]  x, y, z, m
 *   Returned   out[0]    longitude in [0, full circle); 0 on the axis
 *              out[1]    latitude; the pole at the centre
 *              out[2]    height, m; minus the polar radius at the centre
 *   Accuracy   longitude 2e-13 deg, latitude 3e-13 deg, height 1e-8 m x (1 + |height| / radius) down
 *              to 1000 km from the centre; nearer than 43 km several latitudes fit, and one is given
 *   Source     Fukushima (2006), J. Geod. 79, 689; ERFA eraGc2gde stops one step earlier, which
 *              shows from 400 km of height on
 *
 * Both: n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is NaN
 * throughout. No allocation, any thread.
 */
#include "../simd/lanes.h"
#include "earth_lanes.h"

astro__kernel ASTRO__LANES(geodetic_to_xyz);
astro__kernel ASTRO__LANES(xyz_to_geodetic);

ASTRO__INLINE vm flat_ordinary(const void *context, const vd *in)
{
    const struct astro__earth *earth = context;

    return position_ordinary(&earth->sky, in);
}

ASTRO__INLINE vm high_ordinary(const void *context, const vd *in)
{
    return flat_ordinary(context, in) & sweep_finite(in[2]);
}

ASTRO__INLINE void on_ground(const bool radians, const void *context, const vd *in, vd *out)
{
    geodetic_to_xyz(radians, context, in[0], in[1], v_set(0.0), out);
}

ASTRO__INLINE void above_ground(const bool radians, const void *context, const vd *in, vd *out)
{
    geodetic_to_xyz(radians, context, in[0], in[1], in[2], out);
}

SWEEP_CORES(on_ground)
SWEEP_CORES(above_ground)

void ASTRO__LANES(geodetic_to_xyz)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    static const struct sweep_shape flat = {2, 3, 1}, high = {3, 3, 1};
    const struct astro__earth *earth = context;

    if (in[2])
        SWEEP_UNITS(earth, &earth->sky.lon, high, n, in, out, high_ordinary, above_ground,
                    above_ground);
    else
        SWEEP_UNITS(earth, &earth->sky.lon, flat, n, in, out, flat_ordinary, on_ground, on_ground);
}

/* --- xyz_to_geodetic --- */

ASTRO__INLINE vm xyz_ordinary(const void *context, const vd *in)
{
    (void)context;
    return small_enough(in[0], in[1], in[2]);
}

ASTRO__INLINE void found(const bool radians, const void *context, const vd *in, vd *out)
{
    xyz_to_geodetic(radians, context, in, no_shrink(), &out[0], &out[1], &out[2]);
}

ASTRO__INLINE void found_far(const bool radians, const void *context, const vd *in, vd *out)
{
    struct shrink shrink = shrink_for(in[0], in[1], in[2]);
    vd p[3] = {in[0], in[1], in[2]};

    times(shrink.down, p);
    xyz_to_geodetic(radians, context, p, shrink, &out[0], &out[1], &out[2]);
}

SWEEP_CORES(found)
SWEEP_CORES(found_far)

void ASTRO__LANES(xyz_to_geodetic)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    static const struct sweep_shape shape = {3, 3, 0};
    const struct astro__earth *earth = context;

    SWEEP_UNITS(earth, &earth->sky.lon, shape, n, in, out, xyz_ordinary, found, found_far);
}
