/*
 * astrometric: catalogue to astrometric place: motion and parallax alone.
 * place_of_star: ICRS, with motion or without, to the frame of struct astro__place.
 * star_of_place: from that frame to the ICRS.
 *
 *   Given      context   struct astro__placing
 *              in        the columns of place.h
 *   Returned   out[0]    longitude of the frame: [0, full circle), hour angles (-half, half]
 *              out[1]    its latitude
 *   Accuracy   1e-8 arcsec against ERFA
 *   Edges      any alignment; a row with NaN or infinity is NaN, as is one of dates so far away, or
 *              of motions so large, that the arithmetic leaves the range of doubles. No allocation.
 *   Source     ERFA eraAtccq, eraAtciq, eraAtioq; eraAtoiq, eraAticq
 */
#include "../simd/lanes.h"
#include "column_lanes.h"

astro__kernel ASTRO__LANES(astrometric);
astro__kernel ASTRO__LANES(place_of_star);
astro__kernel ASTRO__LANES(star_of_place);

ASTRO__INLINE void catalogue(const bool radians, const bool moves, const struct astro__place *place,
                             const struct sight *sight, const vd *in, vd p[3])
{
    if (moves)
        move_star(sight, radians, &place->in, in[0], in[1], in + ASTRO__PLACE_MOTION, p);
    else
        to_vector(radians, &place->in, in[0], in[1], p);
}

/* --- astrometric --- */

ASTRO__INLINE void moved_once(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    struct sight sight = sight_of(&place->sight);
    vd p[3];

    catalogue(radians, true, place, &sight, in, p);
    from_vector(radians, &place->out, p, &out[0], &out[1]);
    settle(out);
}

SWEEP_CORES(moved_once)

ASTRO__INLINE void moved(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    const vd *times = in + ASTRO__PLACE_TIME;
    struct ephemeris_lanes when = ephemeris_at(times[0], times[1]);
    struct sight sight = {.years = ((times[0] - J2000) + times[1]) * (1.0 / 365.25)};
    vd p[3];

    ephemeris_position(&when, sight.position, NULL, NULL);
    catalogue(radians, true, place, &sight, in, p);
    from_vector(radians, &place->out, p, &out[0], &out[1]);
    settle(out);
}

SWEEP_CORES(moved)

void ASTRO__LANES(astrometric)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;

    if (place->moments.fixed)
        SWEEP_UNITS(context, &place->in.lon, moving, n, in, out, ordinary_moving, moved_once,
                    moved_once);
    else
        SWEEP_UNITS(context, &place->in.lon, at_times, n, in, out, ordinary_times, moved, moved);
}

/* --- place_of_star --- */

ASTRO__INLINE void placed_once(const bool radians, const bool moves, const void *context,
                               const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    struct sight sight = sight_of(&place->sight);
    vd p[3];

    catalogue(radians, moves, place, &sight, in, p);
    deflect(&sight, p, p);
    aberrate(&sight, p, p);
    matrix_times(place->matrix, p, p);
    put_place(radians, place, p, out);
}

ASTRO__INLINE void placed_still(const bool radians, const void *context, const vd *in, vd *out)
{
    placed_once(radians, false, context, in, out);
}

ASTRO__INLINE void placed_moving(const bool radians, const void *context, const vd *in, vd *out)
{
    placed_once(radians, true, context, in, out);
}

SWEEP_CORES(placed_still)
SWEEP_CORES(placed_moving)

ASTRO__INLINE void placed(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__placing *placing = context;
    const struct astro__place *place = placing->place;
    struct sight sight;
    struct turning turning;
    vd p[3];

    sight_at(place, in + ASTRO__PLACE_TIME, &sight, &turning);
    catalogue(radians, placing->moving, place, &sight, in, p);
    deflect(&sight, p, p);
    aberrate(&sight, p, p);
    if (place->frame > ASTRO__GCRS) {
        tilt(&turning, p);
        turn_earth(&turning, p);
    }
    if (place->topocentric) {
        shift_pole(&turning, p);
        matrix_times(place->local, p, p);
    }
    put_place(radians, place, p, out);
}

SWEEP_CORES(placed)

void ASTRO__LANES(place_of_star)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__placing *placing = context;
    const struct astro__circle *circle = &placing->place->in.lon;

    if (!placing->place->moments.fixed)
        SWEEP_UNITS(context, circle, at_times, n, in, out, ordinary_times, placed, placed);
    else if (placing->moving)
        SWEEP_UNITS(context, circle, moving, n, in, out, ordinary_moving, placed_moving,
                    placed_moving);
    else
        SWEEP_UNITS(context, circle, still, n, in, out, ordinary, placed_still, placed_still);
}

/* --- star_of_place --- */

ASTRO__INLINE void star_of(const bool radians, const struct astro__place *place,
                           const struct sight *sight, vd p[3], vd *out)
{
    vd natural[3], coordinate[3];

    unaberrate(sight, p, natural);
    undeflect(sight, natural, coordinate);
    from_vector(radians, &place->out, coordinate, &out[0], &out[1]);
    settle(out);
}

ASTRO__INLINE void star_once(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    struct sight sight = sight_of(&place->sight);
    vd p[3];

    take_place(radians, place, in, p);
    transpose_times(place->matrix, p, p);
    star_of(radians, place, &sight, p, out);
}

SWEEP_CORES(star_once)

ASTRO__INLINE void star_then(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;
    struct sight sight;
    struct turning turning;
    vd p[3];

    sight_at(place, in + ASTRO__PLACE_TIME, &sight, &turning);
    take_place(radians, place, in, p);
    if (place->topocentric) {
        transpose_times(place->local, p, p);
        unshift_pole(&turning, p);
    }
    if (place->frame > ASTRO__GCRS) {
        unturn_earth(&turning, p);
        untilt(&turning, p);
    }
    star_of(radians, place, &sight, p, out);
}

SWEEP_CORES(star_then)

void ASTRO__LANES(star_of_place)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__place *place = ((const struct astro__placing *)context)->place;

    if (place->moments.fixed)
        SWEEP_UNITS(context, &place->in.lon, still, n, in, out, ordinary, star_once, star_once);
    else
        SWEEP_UNITS(context, &place->in.lon, at_times, n, in, out, ordinary_times, star_then,
                    star_then);
}
