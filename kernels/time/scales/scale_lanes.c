/*
 * Scales that are a straight line apart, and UTC.
 *
 * All: context struct astro__step; in[0], in[1] a two-part date, in[1] may be NULL; out[0], out[1]
 * the date in the other scale, renormalised. n = 0 is valid, any alignment, outputs overlap nothing;
 * a row with NaN or infinity is NaN. No allocation, any thread.
 *
 * date_line
 *   Given      offset, rate, ref_day, ref_part: out = in + offset + rate (in - ref)
 *   Accuracy   2^-54 d
 *   Source     ERFA eraTaitt, eraTttcg, eraTcgtt, eraTdbtcb, eraTcbtdb
 *
 * date_from_utc, date_to_utc
 *   Given      offset: the other scale less TAI; utc
 *   Accuracy   2^-54 d. Dates before 1960 take the TAI-UTC of 1960; it is the caller's to refuse them
 *   Source     ERFA eraUtctai, eraTaiutc, solved instead of iterated
 *
 * utc_to_ut1
 *   Given      offset: UT1-UTC in days, of all rows; utc
 *   Accuracy   2^-54 d
 *   Source     ERFA eraUtcut1: the day that ends with a step of UTC is stretched; so are, with its
 *              use of TAI-UTC at 0h, the days of 1960 to 1971, by up to 2.6 ms
 *
 * tai_minus_utc
 *   Given      a date of UTC; utc
 *   Returned   out[0]: TAI-UTC, s; exact from 1972 on
 *   Source     ERFA eraDat
 */
#include "../../simd/lanes.h"
#include "../leap/piece_lanes.h"
#include "../step.h"

astro__kernel ASTRO__LANES(date_line);
astro__kernel ASTRO__LANES(date_from_utc);
astro__kernel ASTRO__LANES(date_to_utc);
astro__kernel ASTRO__LANES(utc_to_ut1);
astro__kernel ASTRO__LANES(tai_minus_utc);

static inline void line_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd since = (in[0] - step->ref_day) + (in[1] - step->ref_part);

    (void)state;
    date_settle(in[0], in[1] + (step->offset + step->rate * since), out);
}

void ASTRO__LANES(date_line)(const void *context, size_t n, const void *const in[],
                             void *const out[])
{
    dates(context, NULL, n, in, out, 2, line_core);
}

static inline void from_utc_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd day, part;

    date_civil(in, &day, &part);
    struct piece_lanes piece = piece_on(step->utc, state, day);
    vd passed = (day - piece.first) + (part + 0.5);
    date_settle(in[0], in[1] + ((piece.dat + step->offset) + passed * piece.stretch), out);
}

void ASTRO__LANES(date_from_utc)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__step *step = context;
    struct piece_hint hint = {step->utc->pieces};

    dates(context, &hint, n, in, out, 2, from_utc_core);
}

static inline void to_utc_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    struct piece_lanes piece = piece_at(step->utc, state, step->offset, in);
    vd passed = piece_elapsed(piece.first, piece.dat, step->offset, in[0], in[1]);

    date_settle(in[0], in[1] - ((piece.dat + step->offset) + passed * piece.shrink), out);
}

void ASTRO__LANES(date_to_utc)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    const struct astro__step *step = context;
    struct piece_hint hint = {step->utc->pieces};

    dates(context, &hint, n, in, out, 2, to_utc_core);
}

static inline void utc_to_ut1_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd day, part;

    date_civil(in, &day, &part);
    struct piece_lanes piece = piece_on(step->utc, state, day);
    date_settle(in[0], in[1] + (step->offset + (part + 0.5) * piece.stretch), out);
}

void ASTRO__LANES(utc_to_ut1)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    const struct astro__step *step = context;
    struct piece_hint hint = {step->utc->pieces};

    dates(context, &hint, n, in, out, 2, utc_to_ut1_core);
}

static inline void tai_minus_utc_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd day, part;

    date_civil(in, &day, &part);
    struct piece_lanes piece = piece_on(step->utc, state, day);
    out[0] = piece.seconds + ((day - piece.first) + (part + 0.5)) * piece.drift;
}

void ASTRO__LANES(tai_minus_utc)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__step *step = context;
    struct piece_hint hint = {step->utc->pieces};

    dates(context, &hint, n, in, out, 1, tai_minus_utc_core);
}
