/*
 * rotate: longitude and latitude in one frame to those in another, turned against it.
 *
 *   Given      context   struct astro__rotation
 *              in[0]     longitude, any finite value             deg, h or rad
 *              in[1]     latitude; beyond the pole is the pole   deg or rad
 *   Returned   out[0]    longitude in [0, full circle); 0 at the poles
 *              out[1]    latitude
 *   Accuracy   1e-9 arcsec against ERFA with the same matrix; 4e-10 is measured
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity
 *              is NaN throughout. No allocation, any thread.
 *   Source     ERFA eraS2c, eraRxp, eraC2s
 *
 * rotate_signed: the same, with the longitude in (-half, half] of the circle: for offsets.
 *
 * same_position: the same with a context of struct astro__sky and no rotation: only the longitude
 * is brought into its range, exactly, and the latitude between the poles.
 */
#include "../../simd/lanes.h"
#include "../../simd/sweep.h"
#include "../sphere_lanes.h"

astro__kernel ASTRO__LANES(rotate);
astro__kernel ASTRO__LANES(rotate_signed);
astro__kernel ASTRO__LANES(same_position);

static const struct sweep_shape shape = {2, 2, 1};

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    const struct astro__rotation *rotation = context;

    return position_ordinary(&rotation->in, in);
}

ASTRO__INLINE void turned(const bool radians, const struct astro__rotation *rotation, const vd *in,
                          vd p[3])
{
    to_vector(radians, &rotation->in, in[0], in[1], p);
    matrix_times(rotation->matrix, p, p);
}

/* --- rotate --- */

ASTRO__INLINE void rotated(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__rotation *rotation = context;
    vd p[3];

    turned(radians, rotation, in, p);
    from_vector(radians, &rotation->out, p, &out[0], &out[1]);
}

SWEEP_CORES(rotated)

void ASTRO__LANES(rotate)(const void *context, size_t n, const void *const in[], void *const out[])
{
    const struct astro__rotation *rotation = context;

    SWEEP_UNITS(rotation, &rotation->in.lon, shape, n, in, out, ordinary, rotated, rotated);
}

/* --- rotate_signed --- */

ASTRO__INLINE void offset(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__rotation *rotation = context;
    vd p[3];

    turned(radians, rotation, in, p);
    offsets_of(radians, &rotation->out, p, &out[0], &out[1]);
}

SWEEP_CORES(offset)

void ASTRO__LANES(rotate_signed)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__rotation *rotation = context;

    SWEEP_UNITS(rotation, &rotation->in.lon, shape, n, in, out, ordinary, offset, offset);
}

/* --- same_position --- */

ASTRO__INLINE vm same_ordinary(const void *context, const vd *in)
{
    return position_ordinary(context, in);
}

ASTRO__INLINE void wrapped(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__sky *sky = context;
    vd pole = v_set(sky->lat.quarter);

    out[0] = v_wrap(radians, &sky->lon, in[0]);
    out[1] = v_max(v_min(in[1], pole), -pole);
}

SWEEP_CORES(wrapped)

void ASTRO__LANES(same_position)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__sky *sky = context;

    SWEEP_UNITS(sky, &sky->lon, shape, n, in, out, same_ordinary, wrapped, wrapped);
}
