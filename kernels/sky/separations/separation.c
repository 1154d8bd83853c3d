/*
 * The group separations: angles between two points. The loops are in separation_lanes.c.
 */
#include "../../registry/groups.h"
#include "../../simd/lanes.h"
#include "../context.h"
#include "../fields.h"

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct astro__sky *sky = context;

    (void)ret_warnings;
    (void)err;
    *sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[0].choice);
    return true;
}

static void run_separation(const void *context, size_t n, const void *const in[], void *const out[],
                           struct astro_report *report)
{
    (void)report;
    astro__lanes->separation(context, n, in, out);
}

static void run_position_angle(const void *context, size_t n, const void *const in[],
                               void *const out[], struct astro_report *report)
{
    (void)report;
    astro__lanes->position_angle(context, n, in, out);
}

static const struct astro_field two_points[] = {
    ASTRO__FIELD("lon1", ASTRO_LONGITUDE, "longitude of the first point"),
    ASTRO__FIELD("lat1", ASTRO_LATITUDE, "latitude of the first point"),
    ASTRO__FIELD("lon2", ASTRO_LONGITUDE, "longitude of the second point"),
    ASTRO__FIELD("lat2", ASTRO_LATITUDE, "latitude of the second point"),
};

static const struct astro_field separation_out[] = {
    ASTRO__FIELD("separation", ASTRO_ANGLE, "angle between the points, 0 to half a circle"),
};

static const struct astro_field position_angle_out[] = {
    ASTRO__FIELD("position_angle", ASTRO_ANGLE,
                 "direction of the second point seen from the first: north 0, east a quarter"),
};

static const struct astro_parameter parameters[] = {ASTRO__UNIT};

#define BOTH                                                                                       \
    .group = "separations", ASTRO__INPUTS(two_points), ASTRO__PARAMETERS(parameters),              \
    .prepare_ns = 60.0, .context_size = sizeof(struct astro__sky), .prepare = prepare

static const struct astro_conversion separation = {
    .name = "separation",
    .summary = "Angular separation of two points",
    .description =
        "The angle between two directions, in any spherical frame. Accurate for points that "
        "nearly coincide and for points that are nearly opposite; exactly 0 for equal "
        "points. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraSeps",
    .accuracy = "1e-13 deg from 1e-12 to 180 deg, and 1e-9 relative when tiny",
    ASTRO__OUTPUTS(separation_out),
    .ns_per_point = 11.0,
    .run = run_separation,
    BOTH,
};

static const struct astro_conversion position_angle = {
    .name = "position_angle",
    .summary = "Position angle of one point seen from another",
    .description =
        "The direction in which the second point lies, seen from the first: north is 0, east is "
        "90 degrees, results are in [0, 360). Seen from a pole it counts from the point's own "
        "longitude. Equal points give 0. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraPas",
    .accuracy = "1e-13 deg / sin(separation)",
    ASTRO__OUTPUTS(position_angle_out),
    .ns_per_point = 8.8,
    .run = run_position_angle,
    BOTH,
};

static const struct astro_conversion *const conversions[] = {&separation, &position_angle};

const struct astro__group astro__group_separations = {conversions, ASTRO__COUNT(conversions)};
