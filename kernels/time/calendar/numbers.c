/*
 * Dates as one number: MJD, Julian, Besselian and calendar years. The loops are in number_lanes.c
 * and decimalyear_lanes.c.
 */
#include "../group.h"

#define NUMBER(function, first, action)                                                            \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        (void)values;                                                                              \
        (void)ret_warnings;                                                                        \
        (void)err;                                                                                 \
        astro__pipeline_begin(context, first);                                                     \
        (void)astro__pipeline_add(context, (action), false);                                       \
        return true;                                                                               \
    }

NUMBER(to_mjd, "jd1", ASTRO__DATE_TO_MJD)
NUMBER(from_mjd, "mjd", ASTRO__MJD_TO_DATE)
NUMBER(to_decimalyear, "jd1", ASTRO__DATE_TO_DECIMALYEAR)
NUMBER(from_decimalyear, "decimalyear", ASTRO__DECIMALYEAR_TO_DATE)

/* A calendar of years of equal length: offset is the year at the reference date. */
struct years {
    double offset, ref_day, ref_part;
    double less; /* days by which its year is shorter than 365.25 */
};

static const struct years julian = {2000.0, 2451545.0, 0.0, 0.0};
static const struct years besselian = {1900.0, 2415020.0, 0.31352, 0.007801219};

#define YEARS(function, first, action, calendar)                                                   \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        (void)values;                                                                              \
        (void)ret_warnings;                                                                        \
        (void)err;                                                                                 \
        astro__pipeline_begin(context, first);                                                     \
        struct astro__step *step = astro__pipeline_add(context, (action), false);                  \
        step->offset = (calendar).offset;                                                          \
        step->ref_day = (calendar).ref_day;                                                        \
        step->ref_part = (calendar).ref_part;                                                      \
        step->rate = (calendar).less;                                                              \
        return true;                                                                               \
    }

YEARS(to_jyear, "jd1", ASTRO__DATE_TO_YEAR, julian)
YEARS(from_jyear, "jyear", ASTRO__YEAR_TO_DATE, julian)
YEARS(to_byear, "jd1", ASTRO__DATE_TO_YEAR, besselian)
YEARS(from_byear, "byear", ASTRO__YEAR_TO_DATE, besselian)

static const struct astro_field mjd[] = {ASTRO__PLAIN("mjd", "d", "Modified Julian Date")};
static const struct astro_field jyear[] = {ASTRO__PLAIN("jyear", "yr", "Julian epoch")};
static const struct astro_field byear[] = {ASTRO__PLAIN("byear", "yr", "Besselian epoch")};
static const struct astro_field decimalyear[] = {
    ASTRO__PLAIN("decimalyear", "yr", "year of the calendar and the share of it that has passed"),
};

#define FROM_DATE(conversion, function, field, text, says, source, figure, ns)                     \
    const struct astro_conversion astro__time_jd_to_##conversion = {                               \
        .name = "jd_to_" #conversion,                                                              \
        .group = "time",                                                                           \
        .summary = text,                                                                           \
        .description = says "The date is taken as it stands, in whatever scale. " ASTRO__SAYS_NAN, \
        .reference = source,                                                                       \
        .accuracy = figure,                                                                        \
        ASTRO__INPUTS(astro__date_in),                                                             \
        ASTRO__OUTPUTS(field),                                                                     \
        .ns_per_point = (ns),                                                                      \
        .prepare_ns = 60.0,                                                                        \
        ASTRO__PIPELINE(function),                                                                 \
    }

#define TO_DATE(conversion, function, field, text, says, source, figure, ns)                       \
    const struct astro_conversion astro__time_##conversion##_to_jd = {                             \
        .name = #conversion "_to_jd",                                                              \
        .group = "time",                                                                           \
        .summary = text,                                                                           \
        .description = says ASTRO__SAYS_DATES ASTRO__SAYS_NAN,                                     \
        .reference = source,                                                                       \
        .accuracy = figure,                                                                        \
        ASTRO__INPUTS(field),                                                                      \
        ASTRO__OUTPUTS(astro__date_out),                                                           \
        .ns_per_point = (ns),                                                                      \
        .prepare_ns = 60.0,                                                                        \
        ASTRO__PIPELINE(function),                                                                 \
    }

#define SAYS_MJD "MJD = JD - 2400000.5. "
#define SAYS_YEAR                                                                                  \
    "The year of the proleptic Gregorian calendar plus the share of its 365 or 366 days that has " \
    "passed; exact at the beginnings of years. "

FROM_DATE(mjd, to_mjd, mjd, "Julian Date to Modified Julian Date", SAYS_MJD,
          "IAU 1997, resolution B1", "1 unit in the last place", 1.7);
TO_DATE(mjd, from_mjd, mjd, "Modified Julian Date to Julian Date", SAYS_MJD,
        "IAU 1997, resolution B1", "exact (2.5e-11 s)", 0.8);
FROM_DATE(jyear, to_jyear, jyear, "Julian Date to Julian epoch", "", "ERFA eraEpj", "5e-13 yr",
          2.1);
TO_DATE(jyear, from_jyear, jyear, "Julian epoch to Julian Date", "", "ERFA eraEpj2jd", "5e-13 yr",
        1.4);
FROM_DATE(byear, to_byear, byear, "Julian Date to Besselian epoch", "", "ERFA eraEpb", "5e-13 yr",
          2.1);
TO_DATE(byear, from_byear, byear, "Besselian epoch to Julian Date", "", "ERFA eraEpb2jd",
        "5e-13 yr", 1.4);
FROM_DATE(decimalyear, to_decimalyear, decimalyear, "Julian Date to decimal year", SAYS_YEAR,
          "astropy.time, format decimalyear", "5e-13 yr", 12.0);
TO_DATE(decimalyear, from_decimalyear, decimalyear, "Decimal year to Julian Date", SAYS_YEAR,
        "astropy.time, format decimalyear", "5e-13 yr", 4.2);
