/*
 * Conversions between UTC, TAI, TT, TCG; TAI-UTC. The loops are in scale_lanes.c.
 */
#include "../group.h"

#define SCALES(function, in, out)                                                                  \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        (void)values;                                                                              \
        (void)ret_warnings;                                                                        \
        (void)err;                                                                                 \
        astro__pipeline_begin(context, "jd1");                                                     \
        astro__pipeline_scale(context, (in), (out), NULL);                                         \
        return true;                                                                               \
    }

SCALES(utc_tai, ASTRO__UTC, ASTRO__TAI)
SCALES(tai_utc, ASTRO__TAI, ASTRO__UTC)
SCALES(utc_tt, ASTRO__UTC, ASTRO__TT)
SCALES(tt_utc, ASTRO__TT, ASTRO__UTC)
SCALES(tai_tt, ASTRO__TAI, ASTRO__TT)
SCALES(tt_tai, ASTRO__TT, ASTRO__TAI)
SCALES(tt_tcg, ASTRO__TT, ASTRO__TCG)
SCALES(tcg_tt, ASTRO__TCG, ASTRO__TT)
SCALES(tdb_tcb, ASTRO__TDB, ASTRO__TCB)
SCALES(tcb_tdb, ASTRO__TCB, ASTRO__TDB)

static bool tai_less_utc(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    (void)values;
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "jd1");
    (void)astro__pipeline_add(context, ASTRO__TAI_MINUS_UTC, true);
    return true;
}

#define DATES                                                                                      \
    .group = "time", ASTRO__INPUTS(astro__date_in), ASTRO__OUTPUTS(astro__date_out),               \
    .prepare_ns = 60.0

#define UTC_CONVERSION(conversion, function, text, erfa)                                           \
    const struct astro_conversion astro__time_##conversion = {                                     \
        .name = #conversion,                                                                       \
        .summary = text,                                                                           \
        .description = ASTRO__SAYS_DATES ASTRO__SAYS_UTC ASTRO__SAYS_NAN,                          \
        .reference = erfa,                                                                         \
        .accuracy = "exact (2.5e-11 s); from 1960 to 1971 1e-9 s",                                 \
        .ns_per_point = 5.0,                                                                       \
        ASTRO__PIPELINE(function),                                                                 \
        DATES,                                                                                     \
    }

UTC_CONVERSION(utc_to_tai, utc_tai, "UTC to International Atomic Time",
               "ERFA eraUtctai; from 1972 on the leap-second table");
UTC_CONVERSION(tai_to_utc, tai_utc, "International Atomic Time to UTC",
               "ERFA eraTaiutc; from 1972 on the leap-second table");
UTC_CONVERSION(utc_to_tt, utc_tt, "UTC to Terrestrial Time",
               "ERFA eraUtctai, eraTaitt; from 1972 on the leap-second table");
UTC_CONVERSION(tt_to_utc, tt_utc, "Terrestrial Time to UTC",
               "ERFA eraTttai, eraTaiutc; from 1972 on the leap-second table");

#define LINE_CONVERSION(conversion, function, text, erfa, figure)                                  \
    const struct astro_conversion astro__time_##conversion = {                                     \
        .name = #conversion,                                                                       \
        .summary = text,                                                                           \
        .description = ASTRO__SAYS_DATES ASTRO__SAYS_NAN,                                          \
        .reference = erfa,                                                                         \
        .accuracy = figure,                                                                        \
        .ns_per_point = 2.4,                                                                       \
        ASTRO__PIPELINE(function),                                                                 \
        DATES,                                                                                     \
    }

LINE_CONVERSION(tai_to_tt, tai_tt, "International Atomic Time to Terrestrial Time", "ERFA eraTaitt",
                "exact (2.5e-11 s)");
LINE_CONVERSION(tt_to_tai, tt_tai, "Terrestrial Time to International Atomic Time", "ERFA eraTttai",
                "exact (2.5e-11 s)");
LINE_CONVERSION(tt_to_tcg, tt_tcg, "Terrestrial Time to Geocentric Coordinate Time",
                "ERFA eraTttcg", "2.5e-10 s");
LINE_CONVERSION(tcg_to_tt, tcg_tt, "Geocentric Coordinate Time to Terrestrial Time",
                "ERFA eraTcgtt", "2.5e-10 s");
LINE_CONVERSION(tdb_to_tcb, tdb_tcb, "Barycentric Dynamical Time to Barycentric Coordinate Time",
                "ERFA eraTdbtcb", "2.5e-10 s");
LINE_CONVERSION(tcb_to_tdb, tcb_tdb, "Barycentric Coordinate Time to Barycentric Dynamical Time",
                "ERFA eraTcbtdb", "2.5e-10 s");

static const struct astro_field difference_out[] = {
    ASTRO__PLAIN("tai_minus_utc", "s", "TAI - UTC"),
};

const struct astro_conversion astro__time_tai_minus_utc = {
    .name = "tai_minus_utc",
    .group = "time",
    .summary = "TAI - UTC, the count of leap seconds",
    .description =
        "The difference at a date of UTC, in seconds. A leap second counts from 0h of the day "
        "after it; from 1960 to 1971 the difference drifts. " ASTRO__SAYS_UTC ASTRO__SAYS_NAN,
    .reference = "ERFA eraDat; from 1972 on the leap-second table",
    .accuracy = "exact; from 1960 to 1971 1e-12 s",
    ASTRO__INPUTS(astro__date_in),
    ASTRO__OUTPUTS(difference_out),
    .ns_per_point = 4.0,
    .prepare_ns = 60.0,
    ASTRO__PIPELINE(tai_less_utc),
};
