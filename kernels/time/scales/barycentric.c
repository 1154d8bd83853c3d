/*
 * Conversions that cross from TT to TDB, where an observer may be given, and the general one.
 */
#include <erfa.h>
#include <erfam.h>
#include <math.h>

#include "../../observed/moment.h"
#include "../../registry/cost.h"
#include "../group.h"
#include "tdb_table.h"
#include "way.h"

/* Places of the parameters of an observer, from `first` on. */
enum { LON, LAT, HEIGHT, OBSERVER };

static bool fail_lonely(const struct astro_value *lon, struct astro_error *err)
{
    const char *missing = lon->present ? "lat" : "lon";
    const char *given = lon->present ? "lon" : "lat";

    return astro_fail(err, ASTRO_MISSING_PARAMETER, missing,
                      "%s is missing: an observer has a lon and a lat (%s was given)", missing,
                      given);
}

/* The observer of the parameters, if there is one. */
static bool read_observer(const struct astro_value *values, struct astro__station *ret,
                          struct astro_error *err)
{
    double xyz[3];

    *ret = (struct astro__station){.given = false};
    if (values[LON].present != values[LAT].present)
        return fail_lonely(&values[LON], err);
    if (!values[LON].present) {
        return !values[HEIGHT].given ||
               astro_fail(err, ASTRO_CONFLICT, "height",
                          "height is given without lon and lat: without an observer the time is "
                          "that at the centre of the Earth");
    }
    double lon = remainder(values[LON].number, 360.0);
    double lat = values[LAT].number * (ERFA_DPI / 180.0);
    if (eraGd2gc(ERFA_WGS84, lon * (ERFA_DPI / 180.0), lat, values[HEIGHT].number, xyz) != 0)
        return astro_fail(err, ASTRO_OUT_OF_RANGE, "lat", "lat and height are no place on Earth");
    *ret = (struct astro__station){
        .given = true,
        .longitude = lon / 360.0,
        .u = hypot(xyz[0], xyz[1]) / 1e3,
        .v = xyz[2] / 1e3,
    };
    return true;
}

/* The observer, who must have a meaning between these scales. */
static bool read_station(const struct astro_value *observer, enum astro__scale in,
                         enum astro__scale out, struct astro__station *ret, struct astro_error *err)
{
    if (!read_observer(observer, ret, err))
        return false;
    return !ret->given || astro__crosses_tdb(in, out) ||
           astro_fail(err, ASTRO_CONFLICT, "lon",
                      "lon and lat have no meaning between %s and %s: an observer's place only "
                      "counts between TT and TDB",
                      astro__scale_words[in], astro__scale_words[out]);
}

static bool prepare_scales(const struct astro_value *observer, enum astro__scale in,
                           enum astro__scale out, void *context, struct astro_error *err)
{
    struct astro__station station;

    if (!read_station(observer, in, out, &station, err))
        return false;
    astro__pipeline_begin(context, "jd1");
    astro__pipeline_scale(context, in, out, &station);
    return true;
}

#define SCALES(function, in, out)                                                                  \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        (void)ret_warnings;                                                                        \
        return prepare_scales(values, (in), (out), context, err);                                  \
    }

SCALES(tt_tdb, ASTRO__TT, ASTRO__TDB)
SCALES(tdb_tt, ASTRO__TDB, ASTRO__TT)
SCALES(utc_tdb, ASTRO__UTC, ASTRO__TDB)
SCALES(tdb_utc, ASTRO__TDB, ASTRO__UTC)

/* Places of the parameters of convert_time. */
enum { SCALE_IN, SCALE_OUT, ANY_OBSERVER, DUT1 = ANY_OBSERVER + OBSERVER, EOP };

static bool any_scales(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    enum astro__scale in = (enum astro__scale)values[SCALE_IN].choice;
    enum astro__scale out = (enum astro__scale)values[SCALE_OUT].choice;
    struct astro__station station;

    (void)ret_warnings;
    return read_station(values + ANY_OBSERVER, in, out, &station, err) &&
           astro__way_prepare(in, out, &station, &values[DUT1], &values[EOP], context, err);
}

/* --- costs --- */

#define NS_NEAR   16.0
#define NS_UT1    70.0   /* from UT1, by the table */
#define NS_SERIES 9000.0 /* eraDtdb */

static double dates_cost(size_t n, const void *const in[], const size_t count[])
{
    double end = ASTRO__TDB_FIRST + ASTRO__TDB_DAYS * ASTRO__TDB_SEGMENTS;
    double outside =
        astro__share_outside(in[0], count[0], in[1], count[1], 0.0, ASTRO__TDB_FIRST, end);

    return (double)n * (NS_NEAR + outside * NS_SERIES);
}

static double tdb_cost(const struct astro_value *values, size_t n, const void *const in[],
                       const size_t count[])
{
    (void)values;
    return dates_cost(n, in, count);
}

static double any_cost(const struct astro_value *values, size_t n, const void *const in[],
                       const size_t count[])
{
    enum astro__scale from = (enum astro__scale)values[SCALE_IN].choice;
    enum astro__scale to = (enum astro__scale)values[SCALE_OUT].choice;
    double turning = from == ASTRO__UT1 || to == ASTRO__UT1 ? (double)n * NS_UT1 : 0.0;

    return turning +
           (astro__crosses_tdb(from, to) ? dates_cost(n, in, count) : (double)n * NS_NEAR);
}

/* --- descriptors --- */

#define OBSERVER_PARAMETER(parameter_name, absent, low, high, fixed_unit, text)                    \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_NUMBER, .optional = true, .default_doc = (absent), \
        .minimum = (low), .maximum = (high), .unit = (fixed_unit), .doc = (text)                   \
    }

#define OBSERVER_PARAMETERS                                                                        \
    OBSERVER_PARAMETER("lon", "the centre of the Earth", -HUGE_VAL, HUGE_VAL, "deg",               \
                       "east longitude of the observer; together with lat"),                       \
        OBSERVER_PARAMETER("lat", "the centre of the Earth", -90.0, 90.0, "deg",                   \
                           "geodetic latitude of the observer, WGS 84"),                           \
        ASTRO__NUMBER("height", "0", -1e4, 1e8, "m", "height of the observer above the ellipsoid")

static const struct astro_parameter observer[] = {OBSERVER_PARAMETERS};

static const struct astro_parameter scales[] = {
    ASTRO__CHOICE("scale_in", NULL, astro__scale_words, "scale of the dates that come"),
    ASTRO__CHOICE("scale_out", NULL, astro__scale_words, "scale of the dates that go"),
    OBSERVER_PARAMETERS,
    ASTRO__UT1_PARAMETERS,
};

#define SAYS_TDB                                                                                   \
    "TDB - TT is the series of Fairhead and Bretagnon at the centre of the Earth; an observer's "  \
    "lon, lat and height add its daily terms, up to 2 us, with UTC for UT. More than 100000 "      \
    "years "                                                                                       \
    "from 2000, where the series has no meaning, the difference is 0. "

#define DATES .group = "time", ASTRO__INPUTS(astro__date_in), ASTRO__OUTPUTS(astro__date_out)

#define TDB_CONVERSION(conversion, function, text, says, erfa, ns)                                 \
    const struct astro_conversion astro__time_##conversion = {                                     \
        .name = #conversion,                                                                       \
        .summary = text,                                                                           \
        .description = SAYS_TDB ASTRO__SAYS_DATES says ASTRO__SAYS_NAN,                            \
        .reference = erfa,                                                                         \
        .accuracy = "1e-10 s; with an observer 1e-9 s",                                            \
        .ns_per_point = (ns),                                                                      \
        .prepare_ns = 120.0,                                                                       \
        .cost = tdb_cost,                                                                          \
        ASTRO__PARAMETERS(observer),                                                               \
        ASTRO__PIPELINE(function),                                                                 \
        DATES,                                                                                     \
    }

TDB_CONVERSION(tt_to_tdb, tt_tdb, "Terrestrial Time to Barycentric Dynamical Time", "",
               "ERFA eraDtdb, eraTttdb", 8.0);
TDB_CONVERSION(tdb_to_tt, tdb_tt, "Barycentric Dynamical Time to Terrestrial Time", "",
               "ERFA eraDtdb, eraTdbtt", 8.0);
TDB_CONVERSION(utc_to_tdb, utc_tdb, "UTC to Barycentric Dynamical Time", ASTRO__SAYS_UTC,
               "ERFA eraUtctai, eraTaitt, eraDtdb, eraTttdb", 12.0);
TDB_CONVERSION(tdb_to_utc, tdb_utc, "Barycentric Dynamical Time to UTC", ASTRO__SAYS_UTC,
               "ERFA eraDtdb, eraTdbtt, eraTttai, eraTaiutc", 12.0);

const struct astro_conversion astro__time_convert_time = {
    .name = "convert_time",
    .summary = "Any time scale to any other",
    .description =
        "From scale_in to scale_out, through TT, and to and from UT1 through UTC. The same scale "
        "for both only renormalises. lon, lat and height are refused where the way does not lead "
        "from TT to TDB or back, dut1 and eop where it does not lead to UT1 or "
        "back. " ASTRO__SAYS_UT1 SAYS_TDB ASTRO__SAYS_DATES ASTRO__SAYS_UTC ASTRO__SAYS_NAN,
    .reference = "ERFA eraUtctai, eraTaitt, eraTttcg, eraDtdb, eraTdbtcb, eraUtcut1 and their "
                 "inverses",
    .accuracy = "5e-10 s; with an observer, or UT1 from the table, 1e-9 s",
    .ns_per_point = 16.0,
    .prepare_ns = 120.0,
    .cost = any_cost,
    ASTRO__PARAMETERS(scales),
    .context_size = sizeof(struct astro__way),
    .prepare = any_scales,
    .release = astro__way_release,
    .run = astro__way_run,
    DATES,
};
