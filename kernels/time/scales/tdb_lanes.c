/*
 * TT to TDB and back.
 *
 *   Given      context   struct astro__step: station, and utc if one is given
 *              in[0..1]  a two-part date, in[1] may be NULL
 *   Returned   out[0..1] the date in the other scale, renormalised
 *   Accuracy   1e-11 s, of which the table (tdb_table.h) has 4e-12 s. The difference is taken at the
 *              date as given, in TT or TDB: it changes by 6e-13 s in the 2 ms between them
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is
 *              NaN. Before 1850 and after 2150 each row calls eraDtdb; more than 100000 years from
 *              2000, where the powers of its series run away, the difference is 0. No allocation,
 *              any thread.
 *   Source     ERFA eraDtdb: Fairhead and Bretagnon (1990) for the centre of the Earth; for a
 *              station the terms of Moyer (1981) and Murray (1983), with UTC for UT. Where there is
 *              no UTC, before 1960, TT less its difference of 1960
 */
#include <erfa.h>

#include "../../simd/lanes.h"
#include "../leap/piece_lanes.h"
#include "../step.h"
#include "tdb_table.h"

astro__kernel ASTRO__LANES(tt_to_tdb);
astro__kernel ASTRO__LANES(tdb_to_tt);

#define J2000       2451545.0
#define SERIES_DAYS 36525000.0
#define TT_LESS_TAI (32.184 / ASTRO__DAY_SECONDS) /* days */

/* --- the centre of the Earth --- */

ASTRO__INLINE vd powers_of(const vd *coefficient, vd z)
{
    vd zz = z * z;
    vd odd = coefficient[ASTRO__TDB_TERMS - 1], even = coefficient[ASTRO__TDB_TERMS - 2];

    for (size_t k = ASTRO__TDB_TERMS - 2; k >= 2; k -= 2) {
        odd = v_fma(odd, zz, coefficient[k - 1]);
        even = v_fma(even, zz, coefficient[k - 2]);
    }
    return v_fma(odd, z, even);
}

/* The same polynomial for all lanes, or one for each. */
ASTRO__INLINE vd table_value(const double *segments, vd z)
{
    vd coefficient[ASTRO__TDB_TERMS];
    size_t rows[ASTRO__WIDTH];
    bool same = true;

    for (size_t i = 0; i < ASTRO__WIDTH; i++) {
        rows[i] = (size_t)segments[i];
        same = same && rows[i] == rows[0];
    }
    if (__builtin_expect(same, 1)) {
        for (size_t k = 0; k < ASTRO__TDB_TERMS; k++)
            coefficient[k] = v_set(astro__tdb_table[rows[0]][k]);
        return powers_of(coefficient, z);
    }
    for (size_t k = 0; k < ASTRO__TDB_TERMS; k++) {
        double lanes[ASTRO__WIDTH];
        for (size_t i = 0; i < ASTRO__WIDTH; i++)
            lanes[i] = astro__tdb_table[rows[i]][k];
        coefficient[k] = v_load(lanes, 0);
    }
    return powers_of(coefficient, z);
}

/* Lanes that the table does not reach, one by one. */
static __attribute__((noinline, unused)) vd series_value(vm reached, const vd *date, vd value)
{
    double days[ASTRO__WIDTH], parts[ASTRO__WIDTH], values[ASTRO__WIDTH];
    int64_t skip[ASTRO__WIDTH];

    v_store(days, 0, date[0]);
    v_store(parts, 0, date[1]);
    v_store(values, 0, value);
    memcpy(skip, &reached, sizeof skip);
    for (size_t i = 0; i < ASTRO__WIDTH; i++) {
        if (skip[i])
            continue;
        values[i] = fabs(days[i] - J2000) > SERIES_DAYS
                        ? 0.0
                        : eraDtdb(days[i], parts[i], 0.0, 0.0, 0.0, 0.0) / ASTRO__DAY_SECONDS;
    }
    return v_load(values, 0);
}

/* TDB - TT in days. */
ASTRO__INLINE vd at_centre(const vd *date)
{
    double rows[ASTRO__WIDTH];
    vd since = date[0] - ASTRO__TDB_FIRST;
    vd segment = date_floor(since * (1.0 / ASTRO__TDB_DAYS));
    vm reached = (vm)(segment >= 0.0) & (vm)(segment < (double)ASTRO__TDB_SEGMENTS);

    segment = v_keep(reached, segment);
    vd z = (((since - segment * ASTRO__TDB_DAYS) - ASTRO__TDB_MIDDLE) + date[1]) *
           (1.0 / ASTRO__TDB_HALF);
    v_store(rows, 0, segment);
    vd value = table_value(rows, v_keep(reached, z));
    if (__builtin_expect(!v_all(reached), 0))
        value = series_value(reached, date, value);
    return value;
}

/* --- a station --- */

/* sin of x turns, |x| <= 1/2; the error, 7e-9, is 2e-14 s of the largest term. */
ASTRO__INLINE vd sin_turns(vd x)
{
    vm beyond = (vm)(v_abs(x) > 0.25);
    vd folded = v_flip(v_set(0.5), v_sign(x)) - x;
    vd r = v_select(beyond, folded, x);
    vd u = r * r;
    vd s = v_fma(v_set(39.75983), u, v_set(-76.5811726));

    s = v_fma(s, u, v_set(81.60247637));
    s = v_fma(s, u, v_set(-41.34168061));
    s = v_fma(s, u, v_set(6.28318528));
    return s * r;
}

/* An argument of a term in turns: `solar` x local mean solar time + at J2000.0 + per day. */
struct argument {
    double amplitude; /* s per km */
    double at_j2000;
    double per_day;
};

/* Degrees at J2000.0 and arcseconds per Julian millennium, as turns and turns per day: mean
 * longitude of the Sun, its mean anomaly, elongation of the Moon, longitudes of Jupiter, Saturn. */
#define AT(degrees)   ((degrees) / 360.0)
#define RATE(arcsecs) ((arcsecs) / (1296000.0 * 365250.0))
#define SUN_AT        AT(280.46645683)
#define SUN_RATE      RATE(1296027711.03429)
#define ANOMALY_AT    AT(357.52910918)
#define ANOMALY_RATE  RATE(1295965810.481)
#define MOON_AT       AT(297.85019547)
#define MOON_RATE     RATE(16029616012.090)
#define JUPITER_AT    AT(34.35151874)
#define JUPITER_RATE  RATE(109306899.89453)
#define SATURN_AT     AT(50.07744430)
#define SATURN_RATE   RATE(44046398.47038)

/* Times the distance from the axis: sines of the solar time plus these. */
static const struct argument daily[] = {
    {3.17679e-10, 0.0, 0.0},
    {-0.13677e-10, 2.0 * SUN_AT, 2.0 * SUN_RATE},
    {0.05312e-10, -ANOMALY_AT, -ANOMALY_RATE},
    {-0.00229e-10, 2.0 * SUN_AT + ANOMALY_AT, 2.0 * SUN_RATE + ANOMALY_RATE},
    {0.00133e-10, SUN_AT - JUPITER_AT, SUN_RATE - JUPITER_RATE},
    {0.00133e-10, -MOON_AT, -MOON_RATE},
    {0.00100e-10, -2.0 * ANOMALY_AT, -2.0 * ANOMALY_RATE},
    {0.00029e-10, SUN_AT - SATURN_AT, SUN_RATE - SATURN_RATE},
};

/* Times the distance from the equator: cosines, a quarter of a turn ahead of the sines. */
static const struct argument yearly[] = {
    {-1.31840e-10, SUN_AT + 0.25, SUN_RATE},
    {-0.02200e-10, SUN_AT + ANOMALY_AT + 0.25, SUN_RATE + ANOMALY_RATE},
};

ASTRO__INLINE vd terms(const struct argument *argument, const size_t n, vd solar, vd days)
{
    vd sum = v_set(0.0);

    for (size_t k = 0; k < n; k++) {
        vd turns = solar + (argument[k].at_j2000 + argument[k].per_day * days);
        sum += argument[k].amplitude * sin_turns(turns - date_round(turns));
    }
    return sum;
}

/* What TDB - TT has beyond the centre of the Earth, days. */
ASTRO__INLINE vd at_station(const struct astro__step *step, struct piece_hint *hint, const vd *date)
{
    const struct astro__station *station = &step->station;
    struct piece_lanes piece = piece_at(step->utc, hint, TT_LESS_TAI, date);
    vd passed = piece_elapsed(piece.first, piece.dat, TT_LESS_TAI, date[0], date[1]);
    vd ut = date[1] - ((piece.dat + TT_LESS_TAI) + passed * piece.shrink);
    vd solar = (ut + 0.5) + station->longitude;
    vd days = (date[0] - J2000) + date[1];
    vd sum = station->u * terms(daily, sizeof daily / sizeof daily[0], solar, days) +
             station->v * terms(yearly, sizeof yearly / sizeof yearly[0], v_set(0.0), days);

    return sum / ASTRO__DAY_SECONDS;
}

/* --- both ways --- */

static inline void to_tdb_core(const void *context, void *state, const vd *in, vd *out)
{
    (void)context;
    (void)state;
    date_settle(in[0], in[1] + at_centre(in), out);
}

static inline void to_tdb_core_station(const void *context, void *state, const vd *in, vd *out)
{
    date_settle(in[0], in[1] + (at_centre(in) + at_station(context, state, in)), out);
}

static inline void to_tt_core(const void *context, void *state, const vd *in, vd *out)
{
    (void)context;
    (void)state;
    date_settle(in[0], in[1] - at_centre(in), out);
}

static inline void to_tt_core_station(const void *context, void *state, const vd *in, vd *out)
{
    date_settle(in[0], in[1] - (at_centre(in) + at_station(context, state, in)), out);
}

void ASTRO__LANES(tt_to_tdb)(const void *context, size_t n, const void *const in[],
                             void *const out[])
{
    const struct astro__step *step = context;

    if (step->station.given) {
        struct piece_hint hint = {step->utc->pieces};
        dates(step, &hint, n, in, out, 2, to_tdb_core_station);
    } else {
        dates(step, NULL, n, in, out, 2, to_tdb_core);
    }
}

void ASTRO__LANES(tdb_to_tt)(const void *context, size_t n, const void *const in[],
                             void *const out[])
{
    const struct astro__step *step = context;

    if (step->station.given) {
        struct piece_hint hint = {step->utc->pieces};
        dates(step, &hint, n, in, out, 2, to_tt_core_station);
    } else {
        dates(step, NULL, n, in, out, 2, to_tt_core);
    }
}
