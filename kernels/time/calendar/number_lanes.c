/*
 * Dates as other numbers: MJD, years, seconds of a day, Unix time, GPS seconds.
 *
 * All: context struct astro__step. Dates are in[0], in[1] (may be NULL) or out[0], out[1],
 * renormalised. n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is
 * NaN. No allocation, any thread.
 *
 * date_to_mjd, mjd_to_date
 *   Accuracy   half a unit in the last place of the MJD, 2^-54 d
 *
 * date_to_year, year_to_date: year = offset + (date - ref) / 365.25 or a tropical year
 *   Given      offset: the year at ref_day + ref_part; rate: 365.25 less the length of the year, days
 *   Accuracy   1 unit in the last place of the year
 *   Source     ERFA eraEpj, eraEpb, eraEpj2jd, eraEpb2jd
 *
 * date_to_clock, clock_to_date: the civil day, counted from 1970-01-01, and the seconds since its
 * beginning, less than the length of the day
 *   Given      utc: whose days may be longer or shorter than 86400 s; NULL: none is
 *   Accuracy   1.5e-11 s
 *
 * date_to_unix, unix_to_date: 86400 s x that day + those seconds (POSIX)
 *   Accuracy   1 unit in the last place of the number; 2^-54 d
 *
 * date_to_gps, gps_to_date: seconds since 1980-01-06T00:00:19 of a date of TAI
 *   Accuracy   1 unit in the last place of the number; 2^-53 d
 */
#include "../../simd/lanes.h"
#include "../leap/piece_lanes.h"
#include "../step.h"

astro__kernel ASTRO__LANES(date_to_mjd);
astro__kernel ASTRO__LANES(mjd_to_date);
astro__kernel ASTRO__LANES(date_to_year);
astro__kernel ASTRO__LANES(year_to_date);
astro__kernel ASTRO__LANES(date_to_clock);
astro__kernel ASTRO__LANES(clock_to_date);
astro__kernel ASTRO__LANES(date_to_unix);
astro__kernel ASTRO__LANES(unix_to_date);
astro__kernel ASTRO__LANES(date_to_gps);
astro__kernel ASTRO__LANES(gps_to_date);

#define UNIX_DAY 2440588.0 /* J of 1970-01-01 */
#define GPS_DAY  2444245.0 /* J of 1980-01-06 */
#define GPS_NOON 43181.0   /* GPS seconds at its noon, TAI */

/* --- MJD --- */

static inline void to_mjd_core(const void *context, void *state, const vd *in, vd *out)
{
    (void)context;
    (void)state;
    out[0] = (in[0] - 2400001.0) + (in[1] + 0.5);
}

void ASTRO__LANES(date_to_mjd)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    dates(context, NULL, n, in, out, 1, to_mjd_core);
}

static inline void from_mjd_core(const void *context, void *state, const vd *in, vd *out)
{
    vd whole = date_round(in[0]);

    (void)context;
    (void)state;
    date_settle(whole + 2400000.0, (in[0] - whole) + 0.5, out);
}

void ASTRO__LANES(mjd_to_date)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    numbers(context, n, in, out, 2, from_mjd_core);
}

/* --- years --- */

static inline void to_year_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd since = (in[0] - step->ref_day) + (in[1] - step->ref_part);

    (void)state;
    out[0] = step->offset + since / (365.25 - step->rate);
}

void ASTRO__LANES(date_to_year)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    dates(context, NULL, n, in, out, 1, to_year_core);
}

/* Whole years times 365.25 are exact; the rest is small. */
static inline void from_year_core(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd years = in[0] - step->offset;
    vd whole = date_round(years);
    vd quarters = whole * 365.25;
    vd days = date_round(quarters);
    vd rest = (years - whole) * (365.25 - step->rate) - whole * step->rate;

    (void)state;
    date_settle(days + step->ref_day, ((quarters - days) + step->ref_part) + rest, out);
}

void ASTRO__LANES(year_to_date)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    numbers(context, n, in, out, 2, from_year_core);
}

/* --- seconds of the day --- */

/* Day from 1970 and seconds; `extra` is what the day has beyond 86400 s. */
ASTRO__INLINE void clock_of(vd day, vd part, vd extra, vd *out)
{
    vd length = ASTRO__DAY_SECONDS + extra;
    vd seconds = part * length + 0.5 * length;

    out[0] = day - UNIX_DAY;
    out[1] = v_max(v_min(seconds, length * (1.0 - 0x1p-53)), v_set(0.0));
}

ASTRO__INLINE void date_of(vd day, vd seconds, vd extra, vd *out)
{
    vd length = ASTRO__DAY_SECONDS + extra;

    date_settle(day + UNIX_DAY, (seconds - 0.5 * length) / length, out);
}

static inline void to_clock_core(const void *context, void *state, const vd *in, vd *out)
{
    vd day, part;

    (void)context;
    (void)state;
    date_civil(in, &day, &part);
    clock_of(day, part, v_set(0.0), out);
}

static inline void to_clock_core_utc(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;
    vd day, part;

    date_civil(in, &day, &part);
    clock_of(day, part, piece_on(step->utc, state, day).extra, out);
}

void ASTRO__LANES(date_to_clock)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__step *step = context;

    if (step->utc) {
        struct piece_hint hint = {step->utc->pieces};
        dates(context, &hint, n, in, out, 2, to_clock_core_utc);
    } else {
        dates(context, NULL, n, in, out, 2, to_clock_core);
    }
}

static inline void from_clock_core(const void *context, void *state, const vd *in, vd *out)
{
    (void)context;
    (void)state;
    date_of(in[0], in[1], v_set(0.0), out);
}

static inline void from_clock_core_utc(const void *context, void *state, const vd *in, vd *out)
{
    const struct astro__step *step = context;

    date_of(in[0], in[1], piece_on(step->utc, state, in[0] + UNIX_DAY).extra, out);
}

void ASTRO__LANES(clock_to_date)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__step *step = context;

    if (step->utc) {
        struct piece_hint hint = {step->utc->pieces};
        day_and_seconds(context, &hint, n, in, out, 2, from_clock_core_utc);
    } else {
        day_and_seconds(context, NULL, n, in, out, 2, from_clock_core);
    }
}

/* --- Unix time, always from UTC --- */

static inline void to_unix_core(const void *context, void *state, const vd *in, vd *out)
{
    vd clock[2];

    to_clock_core_utc(context, state, in, clock);
    out[0] = clock[0] * ASTRO__DAY_SECONDS + clock[1];
}

void ASTRO__LANES(date_to_unix)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    const struct astro__step *step = context;
    struct piece_hint hint = {step->utc->pieces};

    dates(context, &hint, n, in, out, 1, to_unix_core);
}

/* The quotient may be one off beside a whole number; the rest is exact and shows it. */
static inline void from_unix_core(const void *context, void *state, const vd *in, vd *out)
{
    vd day = date_floor(in[0] * (1.0 / ASTRO__DAY_SECONDS));
    vd rest = in[0] - day * ASTRO__DAY_SECONDS;
    vm below = (vm)(rest < 0.0), above = (vm)(rest >= ASTRO__DAY_SECONDS);
    vd turn = v_keep(above, v_set(1.0)) - v_keep(below, v_set(1.0));
    vd clock[2] = {day + turn, rest - turn * ASTRO__DAY_SECONDS};

    from_clock_core_utc(context, state, clock, out);
}

void ASTRO__LANES(unix_to_date)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    const struct astro__step *step = context;
    struct piece_hint hint = {step->utc->pieces};

    dates_columns(false, false, context, &hint, n, in, out, 2, from_unix_core);
}

/* --- GPS, always from TAI --- */

static inline void to_gps_core(const void *context, void *state, const vd *in, vd *out)
{
    (void)context;
    (void)state;
    out[0] = (in[0] - GPS_DAY) * ASTRO__DAY_SECONDS + (in[1] * ASTRO__DAY_SECONDS + GPS_NOON);
}

void ASTRO__LANES(date_to_gps)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    dates(context, NULL, n, in, out, 1, to_gps_core);
}

static inline void from_gps_core(const void *context, void *state, const vd *in, vd *out)
{
    vd day = date_round(in[0] * (1.0 / ASTRO__DAY_SECONDS));
    vd rest = in[0] - day * ASTRO__DAY_SECONDS;

    (void)context;
    (void)state;
    date_settle(day + GPS_DAY, (rest - GPS_NOON) / ASTRO__DAY_SECONDS, out);
}

void ASTRO__LANES(gps_to_date)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    numbers(context, n, in, out, 2, from_gps_core);
}
