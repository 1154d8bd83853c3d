/*
 * Places seen from the centre of the Earth: astrometric, GCRS, CIRS, TETE.
 */
#include "fields.h"
#include "group.h"

static const struct astro_field star_in[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    ASTRO__STAR_FIELDS,
    ASTRO__MOMENT_FIELDS,
};

static const struct astro_field place_in[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    ASTRO__MOMENT_FIELDS,
};

static const struct astro_parameter star_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EPOCH_PARAMETER,
    ASTRO__MOMENT_PARAMETERS,
};

static const struct astro_parameter place_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__MOMENT_PARAMETERS,
};

static bool prepare_to(enum astro__place_frame frame, const struct astro_value *values,
                       void *context, uint32_t *ret_warnings, struct astro_error *err)
{
    const struct astro__place_values given = {
        .unit = &values[0], .epoch = &values[1], .time = &values[2]};

    return astro__place_prepare(&(struct astro__place_kind){.frame = frame}, &given, context,
                                ret_warnings, err);
}

static bool prepare_from(enum astro__place_frame frame, const struct astro_value *values,
                         void *context, uint32_t *ret_warnings, struct astro_error *err)
{
    const struct astro__place_values given = {.unit = &values[0], .time = &values[1]};

    return astro__place_prepare(&(struct astro__place_kind){.frame = frame, .back = true}, &given,
                                context, ret_warnings, err);
}

#define PREPARE(function, way, frame)                                                              \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        return way((frame), values, context, ret_warnings, err);                                   \
    }

PREPARE(to_astrometric, prepare_to, ASTRO__ASTROMETRIC)
PREPARE(to_gcrs, prepare_to, ASTRO__GCRS)
PREPARE(to_cirs, prepare_to, ASTRO__CIRS)
PREPARE(to_tete, prepare_to, ASTRO__TETE)
PREPARE(from_gcrs, prepare_from, ASTRO__GCRS)
PREPARE(from_cirs, prepare_from, ASTRO__CIRS)
PREPARE(from_tete, prepare_from, ASTRO__TETE)

ASTRO__PLACE_RUN(run_astrometric, astrometric, true)
ASTRO__PLACE_RUN(run_to, place_of_star, true)
ASTRO__PLACE_RUN(run_from, star_of_place, false)

ASTRO__STAR_COST(cost_astrometric, 18.0, 50.0, 42000.0)
ASTRO__STAR_COST(cost_to, 15.0, 60.0, 75000.0)
ASTRO__PLACE_COST(cost_from, 38.0, 85.0, 75000.0)

#define ALL                                                                                        \
    .group = "places", ASTRO__OUTPUTS(astro__equatorial), ASTRO__PLACE_CONTEXT,                    \
    .accuracy = "1e-8 arcsec against ERFA, 2e-8 against astropy"

#define TO(function)                                                                               \
    ALL, ASTRO__INPUTS(star_in), ASTRO__PARAMETERS(star_parameters),                               \
        .ns_per_point = 15.0, .prepare_ns = 70000.0, .prepare = (function)

#define FROM(function)                                                                             \
    ALL, ASTRO__INPUTS(place_in), ASTRO__PARAMETERS(place_parameters),                             \
        .ns_per_point = 38.0, .prepare_ns = 70000.0, .prepare = (function), .run = run_from,       \
        .cost = cost_from

#define SAYS_TO                                                                                    \
    "Space motion, parallax, deflection by the Sun and aberration for an observer at the centre "  \
    "of the Earth. " ASTRO__SAYS_STAR ASTRO__SAYS_TIME                                             \
    "Within 9 arcmin of the Sun's centre deflection grows no further. " ASTRO__SAYS_LONGITUDES     \
        ASTRO__SAYS_NAN

#define SAYS_FROM                                                                                  \
    "Aberration and deflection by the Sun for an observer at the centre of the Earth are taken "   \
    "off; what comes out is the direction of J2000.0 of a star without motion and parallax. "      \
    "There and back agree within 1e-6 arcsec. " ASTRO__SAYS_TIME ASTRO__SAYS_LONGITUDES            \
        ASTRO__SAYS_NAN

const struct astro_conversion astro__place_icrs_to_astrometric = {
    .name = "icrs_to_astrometric",
    .summary = "Catalogue position to astrometric place: space motion and parallax",
    .description =
        "Where the star is seen at the time from the centre of the Earth, in ICRS directions, "
        "without deflection and aberration. " ASTRO__SAYS_STAR ASTRO__SAYS_TIME
            ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,
    .reference = "ERFA eraAtcc13 (TDB)",
    TO(to_astrometric),
    .run = run_astrometric,
    .cost = cost_astrometric,
};

const struct astro_conversion astro__place_icrs_to_gcrs = {
    .name = "icrs_to_gcrs",
    .summary = "ICRS to GCRS: the proper direction seen from the moving Earth",
    .description = SAYS_TO,
    .reference = "ERFA eraApcg13 and eraAtciq (TDB)",
    TO(to_gcrs),
    .run = run_to,
    .cost = cost_to,
};

const struct astro_conversion astro__place_gcrs_to_icrs = {
    .name = "gcrs_to_icrs",
    .summary = "GCRS to ICRS",
    .description = SAYS_FROM,
    .reference = "ERFA eraApcg13 and eraAticq (TDB)",
    FROM(from_gcrs),
};

const struct astro_conversion astro__place_icrs_to_cirs = {
    .name = "icrs_to_cirs",
    .summary = "ICRS to CIRS: true equator of date, celestial intermediate origin",
    .description = SAYS_TO,
    .reference = "ERFA eraAtci13 (TDB)",
    TO(to_cirs),
    .run = run_to,
    .cost = cost_to,
};

const struct astro_conversion astro__place_cirs_to_icrs = {
    .name = "cirs_to_icrs",
    .summary = "CIRS to ICRS",
    .description = SAYS_FROM,
    .reference = "ERFA eraAtic13 (TDB)",
    FROM(from_cirs),
};

const struct astro_conversion astro__place_icrs_to_tete = {
    .name = "icrs_to_tete",
    .summary = "ICRS to true equator and true equinox of date (apparent place)",
    .description = SAYS_TO,
    .reference = "ERFA eraAtci13 (TDB), right ascension less the equation of the origins",
    TO(to_tete),
    .run = run_to,
    .cost = cost_to,
};

const struct astro_conversion astro__place_tete_to_icrs = {
    .name = "tete_to_icrs",
    .summary = "True equator and true equinox of date to ICRS",
    .description = SAYS_FROM,
    .reference = "ERFA eraAtic13 (TDB), right ascension plus the equation of the origins",
    FROM(from_tete),
};
