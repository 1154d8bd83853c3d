/*
 * Proper motions from ICRS to galactic coordinates and back.
 */
#include <erfa.h>

#include "../simd/lanes.h"
#include "../sky/fields.h"
#include "../sky/frames/frames.h"
#include "group.h"

/* values: unit, definition */
static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)ret_warnings;
    (void)err;
    *rotation = astro__rotation(ASTRO_HOURS, ASTRO_LONGITUDE, (enum astro_unit)values[0].choice);
    astro__galactic_matrix((enum astro__galactic)values[1].choice, rotation->matrix);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    prepare_to(values, context, ret_warnings, err);
    astro__rotation_invert(context);
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    (void)report;
    astro__lanes->rotate_motion(context, n, in, out);
}

static const struct astro_field equatorial[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    ASTRO__PLAIN("pm_ra_cosdec", "mas/yr", "proper motion in right ascension, times cos(dec)"),
    ASTRO__PLAIN("pm_dec", "mas/yr", "proper motion in declination"),
};

static const struct astro_field galactic[] = {
    ASTRO__FIELD("l", ASTRO_LONGITUDE, "galactic longitude"),
    ASTRO__FIELD("b", ASTRO_LATITUDE, "galactic latitude"),
    ASTRO__PLAIN("pm_l_cosb", "mas/yr", "proper motion in galactic longitude, times cos(b)"),
    ASTRO__PLAIN("pm_b", "mas/yr", "proper motion in galactic latitude"),
};

static const struct astro_parameter parameters[] = {ASTRO__UNIT_HOURS, ASTRO__GALACTIC_DEFINITION};

#define BOTH                                                                                       \
    .group = "motion",                                                                             \
    .description =                                                                                 \
        "A rotation of the position and of the vector of its motion; the length of the motion "    \
        "stays. At a pole the directions are those of longitude 0. " ASTRO__SAYS_LONGITUDES        \
            ASTRO__SAYS_NAN,                                                                       \
    .reference = "the matrix of ERFA eraIcrs2g; ESA SP-1200, volume 1, section 1.5.3",             \
    .accuracy = "positions 1e-9 arcsec; motions up to 1000 mas/yr 1e-11 mas/yr / cos(latitude)",   \
    ASTRO__PARAMETERS(parameters), .ns_per_point = 11.4, .prepare_ns = 100.0,                      \
    .context_size = sizeof(struct astro__rotation), .run = run

const struct astro_conversion astro__pm_icrs_to_galactic = {
    .name = "pm_icrs_to_galactic",
    .summary = "Positions and proper motions from ICRS to galactic coordinates",
    ASTRO__INPUTS(equatorial),
    ASTRO__OUTPUTS(galactic),
    .prepare = prepare_to,
    BOTH,
};

const struct astro_conversion astro__pm_galactic_to_icrs = {
    .name = "pm_galactic_to_icrs",
    .summary = "Positions and proper motions from galactic coordinates to ICRS",
    ASTRO__INPUTS(galactic),
    ASTRO__OUTPUTS(equatorial),
    .prepare = prepare_from,
    BOTH,
};
