/*
 * Local coordinates: east, north, up, or azimuth, elevation, range, seen from an origin.
 *
 *   Given      context   struct astro__earth with its origin
 *              in        x, y, z (m); or lon, lat, height (NULL for 0); or east, north, up (m); or
 *                        az, el, range (m)
 *   Returned   out[0..2] the same kinds; azimuths and longitudes in [0, full circle), azimuth from
 *                        north through east; range 0 has azimuth and elevation 0
 *   Accuracy   1e-8 m at the target for rotations, 3e-8 m with angles on one side, 5e-8 m with
 *              angles on both, times (1 + distance / radius)
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity
 *              is NaN throughout. No allocation, any thread.
 *   Source     IOGP 373-7-2, sections 4.1.1 and 4.1.2
 */
#include "../simd/lanes.h"
#include "earth_lanes.h"

astro__kernel ASTRO__LANES(xyz_to_enu);
astro__kernel ASTRO__LANES(enu_to_xyz);
astro__kernel ASTRO__LANES(geodetic_to_enu);
astro__kernel ASTRO__LANES(enu_to_geodetic);
astro__kernel ASTRO__LANES(xyz_to_aer);
astro__kernel ASTRO__LANES(aer_to_xyz);
astro__kernel ASTRO__LANES(geodetic_to_aer);
astro__kernel ASTRO__LANES(aer_to_geodetic);

/* Ordinary rows: three lengths; longitude and latitude; these with a height or a range. */

ASTRO__INLINE vm lengths_ordinary(const void *context, const vd *in)
{
    (void)context;
    return small_enough(in[0], in[1], in[2]);
}

ASTRO__INLINE vm angles_ordinary(const void *context, const vd *in)
{
    const struct astro__earth *earth = context;

    return position_ordinary(&earth->sky, in);
}

ASTRO__INLINE vm both_ordinary(const void *context, const vd *in)
{
    return angles_ordinary(context, in) & (vm)(v_abs(in[2]) <= LARGE);
}

static const struct sweep_shape lengths = {3, 3, 0}, two_angles = {2, 3, 1}, angles = {3, 3, 1};

/* --- lengths to lengths --- */

static inline void seen(const void *context, const vd *in, vd *out)
{
    xyz_to_enu(context, no_shrink(), in, out);
}

static inline void seen_far(const void *context, const vd *in, vd *out)
{
    struct shrink shrink = shrink_for(in[0], in[1], in[2]);
    vd p[3] = {in[0], in[1], in[2]};

    times(shrink.down, p);
    xyz_to_enu(context, shrink, p, out);
    times(shrink.up, out);
}

void ASTRO__LANES(xyz_to_enu)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    sweep(context, NULL, lengths, n, in, out, lengths_ordinary, seen, seen_far);
}

static inline void placed(const void *context, const vd *in, vd *out)
{
    enu_to_xyz(context, no_shrink(), in, out);
}

static inline void placed_far(const void *context, const vd *in, vd *out)
{
    struct shrink shrink = shrink_for(in[0], in[1], in[2]);
    vd local[3] = {in[0], in[1], in[2]};

    times(shrink.down, local);
    enu_to_xyz(context, shrink, local, out);
    times(shrink.up, out);
}

void ASTRO__LANES(enu_to_xyz)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    sweep(context, NULL, lengths, n, in, out, lengths_ordinary, placed, placed_far);
}

/* --- to azimuth, elevation, range --- */

ASTRO__INLINE void pointed(const bool radians, const void *context, const vd *in, vd *out)
{
    vd local[3];

    xyz_to_enu(context, no_shrink(), in, local);
    enu_to_aer(radians, context, no_shrink(), local, out);
}

ASTRO__INLINE void pointed_far(const bool radians, const void *context, const vd *in, vd *out)
{
    struct shrink shrink = shrink_for(in[0], in[1], in[2]);
    vd p[3] = {in[0], in[1], in[2]}, local[3];

    times(shrink.down, p);
    xyz_to_enu(context, shrink, p, local);
    enu_to_aer(radians, context, shrink, local, out);
}

SWEEP_CORES(pointed)
SWEEP_CORES(pointed_far)

void ASTRO__LANES(xyz_to_aer)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    const struct astro__earth *earth = context;

    SWEEP_UNITS(earth, &earth->sky.lon, lengths, n, in, out, lengths_ordinary, pointed,
                pointed_far);
}

/* --- from longitude, latitude, height --- */

ASTRO__INLINE void ground_seen(const bool radians, const void *context, const vd *in, vd *out)
{
    vd p[3];

    geodetic_to_xyz(radians, context, in[0], in[1], v_set(0.0), p);
    xyz_to_enu(context, no_shrink(), p, out);
}

ASTRO__INLINE void height_seen(const bool radians, const void *context, const vd *in, vd *out)
{
    vd p[3];

    geodetic_to_xyz(radians, context, in[0], in[1], in[2], p);
    xyz_to_enu(context, no_shrink(), p, out);
}

ASTRO__INLINE void height_seen_far(const bool radians, const void *context, const vd *in, vd *out)
{
    vd p[3];

    geodetic_to_xyz(radians, context, in[0], in[1], in[2], p);
    seen_far(context, p, out);
}

SWEEP_CORES(ground_seen)
SWEEP_CORES(height_seen)
SWEEP_CORES(height_seen_far)

void ASTRO__LANES(geodetic_to_enu)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__earth *earth = context;

    if (in[2])
        SWEEP_UNITS(earth, &earth->sky.lon, angles, n, in, out, both_ordinary, height_seen,
                    height_seen_far);
    else
        SWEEP_UNITS(earth, &earth->sky.lon, two_angles, n, in, out, angles_ordinary, ground_seen,
                    ground_seen);
}

ASTRO__INLINE void ground_pointed(const bool radians, const void *context, const vd *in, vd *out)
{
    vd p[3];

    geodetic_to_xyz(radians, context, in[0], in[1], v_set(0.0), p);
    pointed(radians, context, p, out);
}

ASTRO__INLINE void height_pointed(const bool radians, const void *context, const vd *in, vd *out)
{
    vd p[3];

    geodetic_to_xyz(radians, context, in[0], in[1], in[2], p);
    pointed(radians, context, p, out);
}

ASTRO__INLINE void height_pointed_far(const bool radians, const void *context, const vd *in,
                                      vd *out)
{
    vd p[3];

    geodetic_to_xyz(radians, context, in[0], in[1], in[2], p);
    pointed_far(radians, context, p, out);
}

SWEEP_CORES(ground_pointed)
SWEEP_CORES(height_pointed)
SWEEP_CORES(height_pointed_far)

void ASTRO__LANES(geodetic_to_aer)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__earth *earth = context;

    if (in[2])
        SWEEP_UNITS(earth, &earth->sky.lon, angles, n, in, out, both_ordinary, height_pointed,
                    height_pointed_far);
    else
        SWEEP_UNITS(earth, &earth->sky.lon, two_angles, n, in, out, angles_ordinary, ground_pointed,
                    ground_pointed);
}

/* --- to longitude, latitude, height --- */

ASTRO__INLINE void located(const bool radians, const struct astro__earth *earth,
                           struct shrink shrink, const vd local[3], vd *out)
{
    vd p[3];

    enu_to_xyz(earth, shrink, local, p);
    xyz_to_geodetic(radians, earth, p, shrink, &out[0], &out[1], &out[2]);
}

ASTRO__INLINE void enu_located(const bool radians, const void *context, const vd *in, vd *out)
{
    located(radians, context, no_shrink(), in, out);
}

ASTRO__INLINE void enu_located_far(const bool radians, const void *context, const vd *in, vd *out)
{
    struct shrink shrink = shrink_for(in[0], in[1], in[2]);
    vd local[3] = {in[0], in[1], in[2]};

    times(shrink.down, local);
    located(radians, context, shrink, local, out);
}

SWEEP_CORES(enu_located)
SWEEP_CORES(enu_located_far)

void ASTRO__LANES(enu_to_geodetic)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__earth *earth = context;

    SWEEP_UNITS(earth, &earth->sky.lon, lengths, n, in, out, lengths_ordinary, enu_located,
                enu_located_far);
}

ASTRO__INLINE void aer_located(const bool radians, const void *context, const vd *in, vd *out)
{
    vd local[3];

    aer_to_enu(radians, context, in, in[2], local);
    located(radians, context, no_shrink(), local, out);
}

ASTRO__INLINE void aer_located_far(const bool radians, const void *context, const vd *in, vd *out)
{
    struct shrink shrink = shrink_for(in[2], v_set(0.0), v_set(0.0));
    vd local[3];

    aer_to_enu(radians, context, in, in[2] * shrink.down, local);
    located(radians, context, shrink, local, out);
}

SWEEP_CORES(aer_located)
SWEEP_CORES(aer_located_far)

void ASTRO__LANES(aer_to_geodetic)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__earth *earth = context;

    SWEEP_UNITS(earth, &earth->sky.lon, angles, n, in, out, both_ordinary, aer_located,
                aer_located_far);
}

ASTRO__INLINE void aer_placed(const bool radians, const void *context, const vd *in, vd *out)
{
    vd local[3];

    aer_to_enu(radians, context, in, in[2], local);
    enu_to_xyz(context, no_shrink(), local, out);
}

SWEEP_CORES(aer_placed)

void ASTRO__LANES(aer_to_xyz)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    const struct astro__earth *earth = context;

    SWEEP_UNITS(earth, &earth->sky.lon, angles, n, in, out, both_ordinary, aer_placed, aer_placed);
}
