/*
 * Hour angle and declination, azimuth and altitude: geometry of a place on Earth.
 */
#include "../registry/groups.h"
#include "../simd/lanes.h"
#include "../sky/fields.h"
#include "group.h"

/*
 * The rotation between them is its own inverse: a half turn about the direction in the meridian
 * that lies between the pole and the horizon below it.
 * values: unit, lat
 */
static void between(const struct astro_value *values, enum astro_role in, enum astro_role out,
                    struct astro__rotation *rotation)
{
    double s, c;

    *rotation = astro__rotation(in, out, (enum astro_unit)values[0].choice);
    astro__sincos_degrees(values[1].number, &s, &c);
    rotation->matrix[0][0] = -s;
    rotation->matrix[0][2] = c;
    rotation->matrix[1][1] = -1.0;
    rotation->matrix[2][0] = c;
    rotation->matrix[2][2] = s;
}

static bool prepare_to_altaz(const struct astro_value *values, void *context,
                             uint32_t *ret_warnings, struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    between(values, ASTRO_HOURS, ASTRO_LONGITUDE, context);
    return true;
}

static bool prepare_to_hadec(const struct astro_value *values, void *context,
                             uint32_t *ret_warnings, struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    between(values, ASTRO_LONGITUDE, ASTRO_HOURS, context);
    return true;
}

static bool prepare_parallactic(const struct astro_value *values, void *context,
                                uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__parallactic *at = context;

    (void)ret_warnings;
    (void)err;
    at->sky = astro__sky(ASTRO_HOURS, (enum astro_unit)values[0].choice);
    at->lat =
        at->sky.lat.radians ? values[1].number * (at->sky.lat.quarter / 90.0) : values[1].number;
    astro__sincos_degrees(values[1].number, &at->sin_lat, &at->cos_lat);
    return true;
}

static void run_to_altaz(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    (void)report;
    astro__lanes->rotate(context, n, in, out);
}

static void run_to_hadec(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    (void)report;
    astro__lanes->rotate_signed(context, n, in, out);
}

static void run_parallactic(const void *context, size_t n, const void *const in[],
                            void *const out[], struct astro_report *report)
{
    (void)report;
    astro__lanes->parallactic_angle(context, n, in, out);
}

static const struct astro_field hadec[] = {
    ASTRO__FIELD("ha", ASTRO_HOURS,
                 "hour angle, positive west of the meridian; hours under hourangle"),
    ASTRO__FIELD_DEC,
};

static const struct astro_field altaz[] = {
    ASTRO__FIELD("az", ASTRO_LONGITUDE, "azimuth from north through east"),
    ASTRO__FIELD("alt", ASTRO_LATITUDE, "altitude above the horizon"),
};

static const struct astro_field angle[] = {
    ASTRO__FIELD("parallactic_angle", ASTRO_ANGLE,
                 "from the direction of the north pole to that of the zenith, (-180, 180]"),
};

static const struct astro_parameter parameters[] = {
    ASTRO__CHOICE("unit", "deg", astro__units_with_hours,
                  "of the angles, in and out; hourangle: ha in hours, the others in degrees"),
    ASTRO__NUMBER("lat", NULL, -90.0, 90.0, "deg", "geodetic latitude of the observer"),
};

#define ALL .group = "horizon", ASTRO__PARAMETERS(parameters), .prepare_ns = 120.0

#define SAYS_GEOMETRY                                                                              \
    "Pure geometry: neither refraction nor diurnal aberration nor polar motion. For an observer "  \
    "at a pole the meridian is the one of the hour angle. "

const struct astro_conversion astro__hadec_to_altaz = {
    .name = "hadec_to_altaz",
    .summary = "Hour angle and declination to azimuth and altitude",
    .description = SAYS_GEOMETRY "Any finite hour angle is taken; az is in [0, 360). In the "
                                 "zenith and the nadir, which have none, it is what rounding "
                                 "leaves. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraHd2ae",
    .accuracy = "1e-9 arcsec",
    ASTRO__INPUTS(hadec),
    ASTRO__OUTPUTS(altaz),
    .ns_per_point = 9.0,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_to_altaz,
    .run = run_to_altaz,
    ALL,
};

const struct astro_conversion astro__altaz_to_hadec = {
    .name = "altaz_to_hadec",
    .summary = "Azimuth and altitude to hour angle and declination",
    .description = SAYS_GEOMETRY "Any finite azimuth is taken; ha is in (-180, 180], in hours in "
                                 "(-12, 12], 0 at the celestial poles. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraAe2hd",
    .accuracy = "1e-9 arcsec",
    ASTRO__INPUTS(altaz),
    ASTRO__OUTPUTS(hadec),
    .ns_per_point = 9.0,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_to_hadec,
    .run = run_to_hadec,
    ALL,
};

const struct astro_conversion astro__parallactic_angle = {
    .name = "parallactic_angle",
    .summary = "Parallactic angle",
    .description =
        "The angle at the object between the directions of the north celestial pole and of the "
        "zenith, positive west of the meridian, in (-180, 180]; 0 at the zenith. " SAYS_GEOMETRY
            ASTRO__SAYS_NAN,
    .reference = "ERFA eraHd2pa",
    .accuracy = "1e-12 deg / sin(zenith distance)",
    ASTRO__INPUTS(hadec),
    ASTRO__OUTPUTS(angle),
    .ns_per_point = 8.0,
    .context_size = sizeof(struct astro__parallactic),
    .prepare = prepare_parallactic,
    .run = run_parallactic,
    ALL,
};

static const struct astro_conversion *const conversions[] = {
    &astro__hadec_to_altaz, &astro__altaz_to_hadec, &astro__parallactic_angle,
    &astro__refract_alt,    &astro__unrefract_alt,  &astro__airmass,
};

const struct astro__group astro__group_horizon = {conversions, ASTRO__COUNT(conversions)};
