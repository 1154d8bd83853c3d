/*
 * Vectors between the ITRS and the GCRS or TEME.
 *
 * All: in[0..2] x, y, z of any unit of length; out[0..2] the same vector in the other axes. n = 0 is
 * valid, any alignment, outputs overlap nothing; a row with NaN or infinity is NaN. No allocation,
 * any thread.
 *
 * turn_vector: by one matrix; context struct astro__turn.
 *
 * The others have a time per row: in[3..4] UT1, in[5..6] TT (J and part), in[7..8] the pole, rad; no
 * context.
 *   Accuracy   1e-14 of the length against ERFA from 1900 to 2100, plus its own rounding of the
 *              Earth rotation angle (1e-14 turns); outside, ERFA row by row, 40 us
 *   Source     ERFA eraC2t06a; TEME: eraGmst82, eraPom00 with s' = 0
 */
#include "../simd/lanes.h"
#include "../sky/sphere_lanes.h"
#include "columns_lanes.h"
#include "rotation.h"
#include "turning_lanes.h"

astro__kernel ASTRO__LANES(turn_vector);
astro__kernel ASTRO__LANES(itrs_to_gcrs);
astro__kernel ASTRO__LANES(gcrs_to_itrs);
astro__kernel ASTRO__LANES(teme_to_itrs);
astro__kernel ASTRO__LANES(itrs_to_teme);

static const struct columns_shape alone = {.inputs = 3, .outputs = 3, .dates = 3},
                                  timed = {
                                      .inputs = 3 + ASTRO__TURN_COLUMNS, .outputs = 3, .dates = 3};

static inline void turned(const void *context, const vd *in, vd *out)
{
    const struct astro__turn *turn = context;

    matrix_times(turn->matrix, in, out);
}

ASTRO__INLINE void turning_of(const vd *in, struct turning_lanes *ret)
{
    const vd *times = in + 3;
    struct ephemeris_lanes when = ephemeris_at(times[ASTRO__TURN_TT], times[ASTRO__TURN_TT + 1]);

    turning_at(&when, times + ASTRO__TURN_UT1, times + ASTRO__TURN_POLE, ret);
}

ASTRO__INLINE void copy(const vd *in, vd *out)
{
    for (size_t k = 0; k < 3; k++)
        out[k] = in[k];
}

static inline void to_sky(const void *context, const vd *in, vd *out)
{
    struct turning_lanes turning;

    (void)context;
    turning_of(in, &turning);
    copy(in, out);
    earth_to_sky(&turning, out);
}

static inline void to_earth(const void *context, const vd *in, vd *out)
{
    struct turning_lanes turning;

    (void)context;
    turning_of(in, &turning);
    copy(in, out);
    sky_to_earth(&turning, out);
}

/* TEME: mean sidereal time of 1982, and the pole. */
ASTRO__INLINE void teme_of(const vd *in, struct turn_lanes *ret_turn, struct pole_lanes *ret_pole)
{
    const vd *ut1 = in + 3 + ASTRO__TURN_UT1, *pole = in + 3 + ASTRO__TURN_POLE;

    *ret_turn = turn_of(mean_turns_1982(ut1[0], ut1[1]));
    *ret_pole = pole_of(pole[0], pole[1]);
}

static inline void from_teme(const void *context, const vd *in, vd *out)
{
    struct turn_lanes turn;
    struct pole_lanes pole;

    (void)context;
    teme_of(in, &turn, &pole);
    copy(in, out);
    turn_axes(&turn, 1.0, &out[0], &out[1]);
    pole_vector(&pole, out);
}

static inline void to_teme(const void *context, const vd *in, vd *out)
{
    struct turn_lanes turn;
    struct pole_lanes pole;

    (void)context;
    teme_of(in, &turn, &pole);
    copy(in, out);
    unpole_vector(&pole, out);
    turn_axes(&turn, -1.0, &out[0], &out[1]);
}

void ASTRO__LANES(turn_vector)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    columns(context, alone, n, in, out, turned);
}

void ASTRO__LANES(itrs_to_gcrs)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    columns(context, timed, n, in, out, to_sky);
}

void ASTRO__LANES(gcrs_to_itrs)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    columns(context, timed, n, in, out, to_earth);
}

void ASTRO__LANES(teme_to_itrs)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    columns(context, timed, n, in, out, from_teme);
}

void ASTRO__LANES(itrs_to_teme)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    columns(context, timed, n, in, out, to_teme);
}
