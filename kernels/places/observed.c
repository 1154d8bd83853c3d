/*
 * Places seen from a site: azimuth and altitude, hour angle and declination.
 */
#include "fields.h"
#include "group.h"

static const struct astro_field altaz[] = {ASTRO__FIELD_AZ, ASTRO__FIELD_ALT};
static const struct astro_field hadec[] = {ASTRO__FIELD_HA, ASTRO__FIELD_DEC};

static const struct astro_field star_in[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    ASTRO__STAR_FIELDS,
    ASTRO__MOMENT_FIELDS,
};
static const struct astro_field cirs_in[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    ASTRO__MOMENT_FIELDS,
};
static const struct astro_field altaz_in[] = {
    ASTRO__FIELD_AZ,
    ASTRO__FIELD_ALT,
    ASTRO__MOMENT_FIELDS,
};
static const struct astro_field hadec_in[] = {
    ASTRO__FIELD_HA,
    ASTRO__FIELD_DEC,
    ASTRO__MOMENT_FIELDS,
};

#define OBSERVER                                                                                   \
    ASTRO__MOMENT_PARAMETERS, ASTRO__SITE_PARAMETERS, ASTRO__AIR_PARAMETERS, ASTRO__EOP_PARAMETERS

static const struct astro_parameter star_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EPOCH_PARAMETER,
    OBSERVER,
};

static const struct astro_parameter place_parameters[] = {
    ASTRO__UNIT_HOURS,
    OBSERVER,
};

enum { TIME_COUNT = 2 };

static bool prepare_star(const struct astro__place_kind *kind, const struct astro_value *values,
                         void *context, uint32_t *ret_warnings, struct astro_error *err)
{
    const struct astro__place_values given = {.unit = &values[0],
                                              .epoch = &values[1],
                                              .time = &values[2],
                                              .site = &values[2 + TIME_COUNT]};

    return astro__place_prepare(kind, &given, context, ret_warnings, err);
}

static bool prepare_place(const struct astro__place_kind *kind, const struct astro_value *values,
                          void *context, uint32_t *ret_warnings, struct astro_error *err)
{
    const struct astro__place_values given = {
        .unit = &values[0], .time = &values[1], .site = &values[1 + TIME_COUNT]};

    return astro__place_prepare(kind, &given, context, ret_warnings, err);
}

#define PREPARE(function, way, ...)                                                                \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        return way(&(struct astro__place_kind){__VA_ARGS__}, values, context, ret_warnings, err);  \
    }

PREPARE(to_altaz, prepare_star, .frame = ASTRO__ALTAZ)
PREPARE(to_hadec, prepare_star, .frame = ASTRO__HADEC)
PREPARE(from_altaz, prepare_place, .frame = ASTRO__ALTAZ, .back = true)
PREPARE(from_hadec, prepare_place, .frame = ASTRO__HADEC, .back = true)
PREPARE(cirs_altaz, prepare_place, .frame = ASTRO__ALTAZ, .from_cirs = true)
PREPARE(altaz_cirs, prepare_place, .frame = ASTRO__ALTAZ, .from_cirs = true, .back = true)

ASTRO__PLACE_RUN(run_to, place_of_star, true)
ASTRO__PLACE_RUN(run_from, star_of_place, false)
ASTRO__PLACE_RUN(run_above, horizon_of_cirs, false)
ASTRO__PLACE_RUN(run_below, cirs_of_horizon, false)

ASTRO__STAR_COST(cost_to, 20.0, 70.0, 70000.0)
ASTRO__PLACE_COST(cost_from, 42.0, 95.0, 70000.0)
ASTRO__PLACE_COST(cost_between, 16.0, 35.0, 35.0) /* no ephemeris */

#define ALL(function, ns)                                                                          \
    .group = "places", ASTRO__PLACE_CONTEXT, .ns_per_point = (ns), .prepare = (function),          \
    .accuracy = "1e-8 arcsec against ERFA (a time per row 1.5e-8, the rounding of eraEra00), "     \
                "2e-8 against astropy with the same Earth orientation"

#define TO(function)                                                                               \
    ALL(function, 20.0), .prepare_ns = 70000.0, ASTRO__INPUTS(star_in),                            \
                         ASTRO__PARAMETERS(star_parameters), .run = run_to, .cost = cost_to

#define FROM(function)                                                                             \
    ALL(function, 42.0), .prepare_ns = 70000.0, ASTRO__PARAMETERS(place_parameters),               \
                         ASTRO__OUTPUTS(astro__equatorial), .run = run_from, .cost = cost_from

#define SAYS_TO                                                                                    \
    "The whole way from the catalogue to what is observed: space motion, parallax, deflection by " \
    "the Sun, aberration with the rotation of the Earth, precession and nutation, polar motion, "  \
    "refraction. " ASTRO__SAYS_STAR ASTRO__SAYS_TIME ASTRO__SAYS_SITE

#define SAYS_FROM                                                                                  \
    "The way back from what is observed to the direction of J2000.0 of a star without motion and " \
    "parallax. There and back agree within 1e-6 arcsec without an atmosphere, and within 0.06 "    \
    "arcsec above 10 degrees of altitude with one. " ASTRO__SAYS_TIME ASTRO__SAYS_SITE

const struct astro_conversion astro__place_icrs_to_altaz = {
    .name = "icrs_to_altaz",
    .summary = "ICRS to azimuth and altitude at a site",
    .description = SAYS_TO ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,
    .reference = "ERFA eraAtco13",
    ASTRO__OUTPUTS(altaz),
    TO(to_altaz),
};

const struct astro_conversion astro__place_altaz_to_icrs = {
    .name = "altaz_to_icrs",
    .summary = "Azimuth and altitude at a site to ICRS",
    .description = SAYS_FROM ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,
    .reference = "ERFA eraAtoc13, type A",
    ASTRO__INPUTS(altaz_in),
    FROM(from_altaz),
};

const struct astro_conversion astro__place_icrs_to_hadec = {
    .name = "icrs_to_hadec",
    .summary = "ICRS to local hour angle and declination at a site",
    .description = SAYS_TO "Hour angles come back in (-180, 180]. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraAtco13 (hob, dob)",
    ASTRO__OUTPUTS(hadec),
    TO(to_hadec),
};

const struct astro_conversion astro__place_hadec_to_icrs = {
    .name = "hadec_to_icrs",
    .summary = "Local hour angle and declination at a site to ICRS",
    .description = SAYS_FROM ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,
    .reference = "ERFA eraAtoc13, type H",
    ASTRO__INPUTS(hadec_in),
    FROM(from_hadec),
};

#define BETWEEN(function)                                                                          \
    ALL(function, 16.0), .prepare_ns = 1500.0, ASTRO__PARAMETERS(place_parameters),                \
                         .cost = cost_between

#define SAYS_BETWEEN                                                                               \
    "The geocentric CIRS on one side, what is observed at the site on the other: rotation of the " \
    "Earth, polar motion, diurnal aberration, refraction; parallax does not count at the "         \
    "distance of stars. The time of observation is given in one way: obstime for all rows, or "    \
    "jd1 with jd2 or mjd for each row; scale says in which time scale. " ASTRO__SAYS_SITE          \
        ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN

const struct astro_conversion astro__place_cirs_to_altaz = {
    .name = "cirs_to_altaz",
    .summary = "Geocentric CIRS to azimuth and altitude at a site",
    .description = SAYS_BETWEEN,
    .reference = "ERFA eraAtio13",
    BETWEEN(cirs_altaz),
    ASTRO__INPUTS(cirs_in),
    ASTRO__OUTPUTS(altaz),
    .run = run_above,
};

const struct astro_conversion astro__place_altaz_to_cirs = {
    .name = "altaz_to_cirs",
    .summary = "Azimuth and altitude at a site to geocentric CIRS",
    .description = SAYS_BETWEEN,
    .reference = "ERFA eraAtoi13, type A",
    BETWEEN(altaz_cirs),
    ASTRO__INPUTS(altaz_in),
    ASTRO__OUTPUTS(astro__equatorial),
    .run = run_below,
};
