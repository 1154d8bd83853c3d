/*
 * Longitude and latitude in a frame centred on an origin, and back.
 */
#include <float.h>

#include "../../simd/lanes.h"
#include "../fields.h"
#include "separations.h"

void astro__offset_matrix(double lon0, double lat0, double rotation, double matrix[3][3])
{
    double sl, cl, sb, cb, sr, cr;

    astro__sincos_degrees(lon0, &sl, &cl);
    astro__sincos_degrees(lat0, &sb, &cb);
    astro__sincos_degrees(rotation, &sr, &cr);
    const double east[3] = {-sl, cl, 0.0}, north[3] = {-sb * cl, -sb * sl, cb};

    matrix[0][0] = cb * cl;
    matrix[0][1] = cb * sl;
    matrix[0][2] = sb;
    for (int k = 0; k < 3; k++) {
        matrix[1][k] = cr * east[k] - sr * north[k];
        matrix[2][k] = sr * east[k] + cr * north[k];
    }
}

/* values: unit, lon0, lat0, rotation */
static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)ret_warnings;
    (void)err;
    *rotation =
        astro__rotation(ASTRO_LONGITUDE, ASTRO_LONGITUDE, (enum astro_unit)values[0].choice);
    astro__offset_matrix(values[1].number, values[2].number, values[3].number, rotation->matrix);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    prepare_to(values, context, ret_warnings, err);
    astro__rotation_invert(context);
    return true;
}

static void run_to(const void *context, size_t n, const void *const in[], void *const out[],
                   struct astro_report *report)
{
    (void)report;
    astro__lanes->rotate_signed(context, n, in, out);
}

static void run_from(const void *context, size_t n, const void *const in[], void *const out[],
                     struct astro_report *report)
{
    (void)report;
    astro__lanes->rotate(context, n, in, out);
}

static const struct astro_field position[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "latitude"),
};

static const struct astro_field offsets[] = {
    ASTRO__FIELD("dlon", ASTRO_ANGLE, "longitude in the frame of the origin, (-180, 180]"),
    ASTRO__FIELD("dlat", ASTRO_LATITUDE, "latitude in the frame of the origin"),
};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT,
    ASTRO__NUMBER("lon0", NULL, -DBL_MAX, DBL_MAX, "deg", "longitude of the origin"),
    ASTRO__NUMBER("lat0", NULL, -90.0, 90.0, "deg", "latitude of the origin"),
    ASTRO__NUMBER("rotation", "0", -DBL_MAX, DBL_MAX, "deg",
                  "position angle, seen from the origin, of what gets positive dlat"),
};

#define BOTH                                                                                       \
    .group = "separations",                                                                        \
    .description =                                                                                 \
        "A rotation of the sphere that brings the origin to 0, 0, and what lies at position "      \
        "angle "                                                                                   \
        "rotation from there to positive dlat: astropy's SkyOffsetFrame. dlon is in (-180, 180]. " \
        "Any finite longitude is taken. " ASTRO__SAYS_NAN,                                         \
    .reference = "Rx(-rotation) Ry(-lat0) Rz(lon0), in the signs of ERFA; astropy SkyOffsetFrame", \
    .accuracy = "1e-9 arcsec", ASTRO__PARAMETERS(parameters), .ns_per_point = 9.0,                 \
    .prepare_ns = 200.0, .context_size = sizeof(struct astro__rotation)

const struct astro_conversion astro__lonlat_to_skyoffset = {
    .name = "lonlat_to_skyoffset",
    .summary = "Position in the frame of an origin",
    ASTRO__INPUTS(position),
    ASTRO__OUTPUTS(offsets),
    .prepare = prepare_to,
    .run = run_to,
    BOTH,
};

const struct astro_conversion astro__skyoffset_to_lonlat = {
    .name = "skyoffset_to_lonlat",
    .summary = "Position from the frame of an origin",
    ASTRO__INPUTS(offsets),
    ASTRO__OUTPUTS(position),
    .prepare = prepare_from,
    .run = run_from,
    BOTH,
};
