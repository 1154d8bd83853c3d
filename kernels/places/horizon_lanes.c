/*
 * horizon_of_cirs: geocentric CIRS to azimuth and altitude at a site.
 * cirs_of_horizon: back.
 *
 *   Given      context   struct astro__placing
 *              in        the columns of place.h
 *   Returned   out[0]    azimuth, north through east, or right ascension, in [0, full circle)
 *              out[1]    altitude, or declination
 *   Accuracy   1e-8 arcsec against ERFA
 *   Edges      as place_lanes.c
 *   Source     ERFA eraApio, eraAtioq, eraAtoiq
 */
#include "../simd/lanes.h"
#include "column_lanes.h"

astro__kernel ASTRO__LANES(horizon_of_cirs);
astro__kernel ASTRO__LANES(cirs_of_horizon);

/* By the rotation of the Earth: towards the east point. */
ASTRO__INLINE void aberrate_daily(vd diurnal, vd p[3])
{
    vd factor = v_fma(-diurnal, p[1], v_set(1.0));

    p[0] = factor * p[0];
    p[1] = factor * (p[1] + diurnal);
    p[2] = factor * p[2];
}

ASTRO__INLINE void unaberrate_daily(vd diurnal, vd p[3])
{
    vd factor = v_fma(diurnal, p[1], v_set(1.0));

    p[0] = factor * p[0];
    p[1] = factor * (p[1] - diurnal);
    p[2] = factor * p[2];
}

/* The turn of the Earth at the times of the rows; returns the diurnal aberration. */
ASTRO__INLINE vd turning_at(const struct astro__place *place, const vd *times,
                            struct turning *ret_turning)
{
    vd position[3], velocity[3];

    set_turn(ret_turning, earth_angle(times[0], times[1], times[2], times[3]));
    set_pole(ret_turning, times[4], times[5]);
    carry_site(place, ret_turning, position, velocity);
    return LIGHT_DAYS_PER_AU * v_sqrt(v_fma(velocity[0], velocity[0], velocity[1] * velocity[1]));
}

/* --- horizon_of_cirs --- */

ASTRO__INLINE void above(const bool radians, const struct astro__place *place, vd diurnal, vd p[3],
                         vd *out)
{
    aberrate_daily(diurnal, p);
    stand(place, p);
    put_place(radians, place, p, out);
}

ASTRO__INLINE void above_once(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    vd p[3];

    to_vector(radians, &place->in, in[0], in[1], p);
    matrix_times(place->matrix, p, p);
    above(radians, place, v_set(place->diurnal), p, out);
}

SWEEP_CORES(above_once)

ASTRO__INLINE void above_then(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    struct turning turning;
    vd diurnal = turning_at(place, in + ASTRO__PLACE_TIME, &turning);
    vd p[3];

    to_vector(radians, &place->in, in[0], in[1], p);
    turn_earth(&turning, p);
    shift_pole(&turning, p);
    matrix_times(place->local, p, p);
    above(radians, place, diurnal, p, out);
}

SWEEP_CORES(above_then)

void ASTRO__LANES(horizon_of_cirs)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;

    if (place->moments.fixed)
        SWEEP_UNITS(context, &place->in.lon, still, n, in, out, ordinary, above_once, above_once);
    else
        SWEEP_UNITS(context, &place->in.lon, at_times, n, in, out, ordinary_times, above_then,
                    above_then);
}

/* --- cirs_of_horizon --- */

ASTRO__INLINE void below(const bool radians, const struct astro__place *place, const vd *in,
                         vd diurnal, vd p[3])
{
    take_place(radians, place, in, p);
    lean(place, p);
    unaberrate_daily(diurnal, p);
}

ASTRO__INLINE void below_once(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    vd p[3];

    below(radians, place, in, v_set(place->diurnal), p);
    transpose_times(place->matrix, p, p);
    from_vector(radians, &place->out, p, &out[0], &out[1]);
    settle(out);
}

SWEEP_CORES(below_once)

ASTRO__INLINE void below_then(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    struct turning turning;
    vd diurnal = turning_at(place, in + ASTRO__PLACE_TIME, &turning);
    vd p[3];

    below(radians, place, in, diurnal, p);
    transpose_times(place->local, p, p);
    unshift_pole(&turning, p);
    unturn_earth(&turning, p);
    from_vector(radians, &place->out, p, &out[0], &out[1]);
    settle(out);
}

SWEEP_CORES(below_then)

void ASTRO__LANES(cirs_of_horizon)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;

    if (place->moments.fixed)
        SWEEP_UNITS(context, &place->in.lon, still, n, in, out, ordinary, below_once, below_once);
    else
        SWEEP_UNITS(context, &place->in.lon, at_times, n, in, out, ordinary_times, below_then,
                    below_then);
}
