/*
 * The group separations: angles between two points. The loops are in separation_lanes.c.
 */
#include "../../registry/groups.h"
#include "../../simd/lanes.h"
#include "../fields.h"
#include "separations.h"

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct astro__sky *sky = context;

    (void)ret_warnings;
    (void)err;
    *sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[0].choice);
    return true;
}

#define RUN(kernel)                                                                                \
    static void run_##kernel(const void *context, size_t n, const void *const in[],                \
                             void *const out[], struct astro_report *report)                       \
    {                                                                                              \
        (void)report;                                                                              \
        astro__lanes->kernel(context, n, in, out);                                                 \
    }

RUN(separation)
RUN(position_angle)
RUN(offset_by)
RUN(spherical_offsets)
RUN(midpoint)

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

static const struct astro_field position[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "latitude"),
};

static const struct astro_field offset_in[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude of the start"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "latitude of the start"),
    ASTRO__FIELD("position_angle", ASTRO_ANGLE, "direction to go: north 0, east a quarter"),
    ASTRO__FIELD("separation", ASTRO_ANGLE, "how far to go, along the great circle"),
};

static const struct astro_field offsets_out[] = {
    ASTRO__FIELD("dlon", ASTRO_ANGLE, "longitude seen from the first point, (-180, 180]"),
    ASTRO__FIELD("dlat", ASTRO_LATITUDE, "latitude seen from the first point"),
};

static const struct astro_parameter parameters[] = {ASTRO__UNIT};

#define BOTH                                                                                       \
    .group = "separations", ASTRO__PARAMETERS(parameters), .prepare_ns = 60.0,                     \
    .context_size = sizeof(struct astro__sky), .prepare = prepare

static const struct astro_conversion separation = {
    .name = "separation",
    .summary = "Angular separation of two points",
    .description =
        "The angle between two directions, in any spherical frame. Accurate for points that "
        "nearly coincide and for points that are nearly opposite; exactly 0 for equal "
        "points. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraSeps",
    .accuracy = "1e-13 deg from 1e-12 to 180 deg, and 1e-9 relative when tiny",
    ASTRO__INPUTS(two_points),
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
    ASTRO__INPUTS(two_points),
    ASTRO__OUTPUTS(position_angle_out),
    .ns_per_point = 8.8,
    .run = run_position_angle,
    BOTH,
};

static const struct astro_conversion offset_by = {
    .name = "offset_by",
    .summary = "The point at a position angle and separation from another",
    .description =
        "Where one arrives along a great circle. From a pole the position angle counts from the "
        "start's own longitude. Any finite longitude, position angle and separation is taken; "
        "results are in [0, 360). " ASTRO__SAYS_NAN,
    .reference = "spherical trigonometry; astropy SkyCoord.directional_offset_by",
    .accuracy = "1e-9 arcsec",
    ASTRO__INPUTS(offset_in),
    ASTRO__OUTPUTS(position),
    .ns_per_point = 13.8,
    .run = run_offset_by,
    BOTH,
};

static const struct astro_conversion spherical_offsets = {
    .name = "spherical_offsets",
    .summary = "One point in the frame whose origin is another",
    .description = "The longitude and latitude of the second point in the frame that has the first "
                   "one at 0, 0 "
                   "and the same north. Nothing is lost however close the points are. dlon is in "
                   "(-180, 180]. " ASTRO__SAYS_NAN,
    .reference = "Ry(-lat1) Rz(lon1), in the signs of ERFA; astropy spherical_offsets_to",
    .accuracy = "1e-9 arcsec",
    ASTRO__INPUTS(two_points),
    ASTRO__OUTPUTS(offsets_out),
    .ns_per_point = 13.7,
    .run = run_spherical_offsets,
    BOTH,
};

static const struct astro_conversion midpoint = {
    .name = "midpoint",
    .summary = "The middle of the great circle between two points",
    .description = "Results are in [0, 360). Antipodes, to 1e-15 rad, have no middle and give "
                   "NaN. " ASTRO__SAYS_NAN,
    .reference = "the direction of the sum of the unit vectors",
    .accuracy = "5e-9 arcsec up to a separation of 179 deg",
    ASTRO__INPUTS(two_points),
    ASTRO__OUTPUTS(position),
    .ns_per_point = 13.4,
    .run = run_midpoint,
    BOTH,
};

static const struct astro_conversion *const conversions[] = {
    &separation,
    &position_angle,
    &offset_by,
    &spherical_offsets,
    &midpoint,
    &astro__lonlat_to_skyoffset,
    &astro__skyoffset_to_lonlat,
    &astro__radec_to_tangent,
    &astro__tangent_to_radec,
};

const struct astro__group astro__group_separations = {conversions, ASTRO__COUNT(conversions)};
