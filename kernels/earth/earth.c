/*
 * The group earth: geodetic, geocentric and local coordinates. The loops are in geodetic_lanes.c
 * and local_lanes.c.
 */
#include "earth.h"

#include <float.h>
#include <math.h>

#include <erfa.h>
#include <erfam.h>

#include "../registry/fields.h"
#include "../registry/groups.h"
#include "../simd/lanes.h"

static const char *const ellipsoids[] = {"wgs84", "grs80", "wgs72", NULL};

/* `choice` in the order of the words above, which is that of ERFA's numbers. */
static struct astro__ellipsoid ellipsoid(int choice)
{
    double a, f;

    (void)eraEform(choice + ERFA_WGS84, &a, &f);
    return (struct astro__ellipsoid){
        .a = a, .e2 = (2.0 - f) * f, .ratio = 1.0 - f, .ratio2 = (1.0 - f) * (1.0 - f)};
}

static void set_origin(struct astro__earth *earth, double lon, double lat, double height)
{
    const struct astro__ellipsoid *e = &earth->ellipsoid;
    double sl, cl, sb, cb;

    astro__sincos_degrees(lon, &sl, &cl);
    astro__sincos_degrees(lat, &sb, &cb);
    double normal = e->a / sqrt(cb * cb + e->ratio2 * sb * sb);
    const double axes[3][3] = {{-sl, cl, 0.0}, {-sb * cl, -sb * sl, cb}, {cb * cl, cb * sl, sb}};

    earth->origin[0] = (normal + height) * cb * cl;
    earth->origin[1] = (normal + height) * cb * sl;
    earth->origin[2] = (e->ratio2 * normal + height) * sb;
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            earth->axes[i][j] = axes[i][j];
    }
}

/* values: unit, ellipsoid */
static bool prepare_global(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                           struct astro_error *err)
{
    struct astro__earth *earth = context;

    (void)ret_warnings;
    (void)err;
    *earth = (struct astro__earth){
        .sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[0].choice),
        .ellipsoid = ellipsoid(values[1].choice),
    };
    return true;
}

/* values: lon0, lat0, height0, ellipsoid */
static void local(enum astro_unit unit, const struct astro_value *values,
                  struct astro__earth *earth)
{
    *earth = (struct astro__earth){
        .sky = astro__sky(ASTRO_LONGITUDE, unit),
        .ellipsoid = ellipsoid(values[3].choice),
    };
    set_origin(earth, values[0].number, values[1].number, values[2].number);
}

static bool prepare_local(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                          struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    local((enum astro_unit)values[0].choice, values + 1, context);
    return true;
}

static bool prepare_lengths(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                            struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    local(ASTRO_DEG, values, context);
    return true;
}

#define RUN(kernel)                                                                                \
    static void run_##kernel(const void *context, size_t n, const void *const in[],                \
                             void *const out[], struct astro_report *report)                       \
    {                                                                                              \
        (void)report;                                                                              \
        astro__lanes->kernel(context, n, in, out);                                                 \
    }

RUN(geodetic_to_xyz)
RUN(xyz_to_geodetic)
RUN(xyz_to_enu)
RUN(enu_to_xyz)
RUN(geodetic_to_enu)
RUN(enu_to_geodetic)
RUN(xyz_to_aer)
RUN(aer_to_xyz)
RUN(geodetic_to_aer)
RUN(aer_to_geodetic)

/* --- descriptions --- */

static const struct astro_field geodetic_in[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude, east positive"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "geodetic latitude"),
    ASTRO__PLAIN_OPTIONAL("height", "m", "0", "height above the ellipsoid"),
};

static const struct astro_field geodetic_out[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude, east positive; [0, 360)"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "geodetic latitude"),
    ASTRO__PLAIN("height", "m", "height above the ellipsoid"),
};

static const struct astro_field geocentric[] = {
    ASTRO__PLAIN("x", "m", "from the centre towards longitude 0 on the equator"),
    ASTRO__PLAIN("y", "m", "towards longitude 90 deg on the equator"),
    ASTRO__PLAIN("z", "m", "towards the north pole"),
};

static const struct astro_field enu[] = {
    ASTRO__PLAIN("east", "m", "from the origin, along its parallel"),
    ASTRO__PLAIN("north", "m", "from the origin, along its meridian"),
    ASTRO__PLAIN("up", "m", "from the origin, normal to the ellipsoid"),
};

static const struct astro_field aer[] = {
    ASTRO__FIELD("az", ASTRO_LONGITUDE, "azimuth: north 0, east a quarter"),
    ASTRO__FIELD("el", ASTRO_LATITUDE, "elevation above the plane normal to the ellipsoid"),
    {.name = "range",
     .type = ASTRO_FP64,
     .role = ASTRO_DISTANCE,
     .unit = "m",
     .doc = "distance from the origin, straight; not negative"},
};

#define ELLIPSOID ASTRO__CHOICE("ellipsoid", "wgs84", ellipsoids, "reference ellipsoid")

#define ORIGIN                                                                                     \
    ASTRO__NUMBER("lon0", NULL, -DBL_MAX, DBL_MAX, "deg", "longitude of the origin, east"),        \
        ASTRO__NUMBER("lat0", NULL, -90.0, 90.0, "deg", "geodetic latitude of the origin"),        \
        ASTRO__NUMBER("height0", "0", -1e4, 1e8, "m", "height of the origin above the ellipsoid"), \
        ELLIPSOID

static const struct astro_parameter global_parameters[] = {ASTRO__UNIT, ELLIPSOID};
static const struct astro_parameter local_parameters[] = {ASTRO__UNIT, ORIGIN};
static const struct astro_parameter length_parameters[] = {ORIGIN};

#define EVERY .group = "earth", .context_size = sizeof(struct astro__earth)

#define GLOBAL                                                                                     \
    EVERY, ASTRO__PARAMETERS(global_parameters), .prepare = prepare_global, .prepare_ns = 50.0

#define LOCAL                                                                                      \
    EVERY, ASTRO__PARAMETERS(local_parameters),                                                    \
        .prepare = prepare_local, .prepare_ns = 150.0,                                             \
        .reference = "IOGP 373-7-2 (2019), sections 4.1.1 and 4.1.2"

#define LENGTHS                                                                                    \
    EVERY, ASTRO__PARAMETERS(length_parameters),                                                   \
        .prepare = prepare_lengths, .prepare_ns = 150.0,                                           \
        .reference = "IOGP 373-7-2 (2019), sections 4.1.1 and 4.1.2"

static const struct astro_conversion geodetic_to_geocentric = {
    .name = "geodetic_to_geocentric",
    .summary = "Longitude, latitude, height to Cartesian coordinates from the Earth's centre",
    .description = "Any finite longitude and height are taken. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraGd2gc",
    .accuracy = "1e-8 m x (1 + |height| / radius)",
    ASTRO__INPUTS(geodetic_in),
    ASTRO__OUTPUTS(geocentric),
    .ns_per_point = 5.3,
    .run = run_geodetic_to_xyz,
    GLOBAL,
};

static const struct astro_conversion geocentric_to_geodetic = {
    .name = "geocentric_to_geodetic",
    .summary = "Cartesian coordinates from the Earth's centre to longitude, latitude, height",
    .description =
        "Two steps of iteration, so that nothing but rounding is left at any height. On the axis "
        "the longitude is 0; the centre has latitude 90 and minus the polar radius as its height. "
        "Nearer to the centre than 43 km several latitudes fit, and one of them is "
        "given. " ASTRO__SAYS_NAN,
    .reference = "Fukushima (2006), J. Geod. 79, 689, as ERFA eraGc2gd, which makes one step",
    .accuracy = "longitude 2e-13 deg, latitude 3e-13 deg (against ERFA 2e-9 deg far out), height "
                "1e-8 m x (1 + |height| / radius)",
    ASTRO__INPUTS(geocentric),
    ASTRO__OUTPUTS(geodetic_out),
    .ns_per_point = 13.5,
    .run = run_xyz_to_geodetic,
    GLOBAL,
};

static const struct astro_conversion geocentric_to_enu = {
    .name = "geocentric_to_enu",
    .summary = "Geocentric coordinates to east, north, up at an origin",
    .description = "A shift and a rotation. " ASTRO__SAYS_NAN,
    .accuracy = "1e-8 m x (1 + distance / radius)",
    ASTRO__INPUTS(geocentric),
    ASTRO__OUTPUTS(enu),
    .ns_per_point = 1.1,
    .run = run_xyz_to_enu,
    LENGTHS,
};

static const struct astro_conversion enu_to_geocentric = {
    .name = "enu_to_geocentric",
    .summary = "East, north, up at an origin to geocentric coordinates",
    .description = "A rotation and a shift. " ASTRO__SAYS_NAN,
    .accuracy = "1e-8 m x (1 + distance / radius)",
    ASTRO__INPUTS(enu),
    ASTRO__OUTPUTS(geocentric),
    .ns_per_point = 1.1,
    .run = run_enu_to_xyz,
    LENGTHS,
};

static const struct astro_conversion geodetic_to_enu = {
    .name = "geodetic_to_enu",
    .summary = "Longitude, latitude, height to east, north, up at an origin",
    .description = "Through geocentric coordinates: straight, no map projection. " ASTRO__SAYS_NAN,
    .accuracy = "2e-8 m x (1 + distance / radius)",
    ASTRO__INPUTS(geodetic_in),
    ASTRO__OUTPUTS(enu),
    .ns_per_point = 6.1,
    .run = run_geodetic_to_enu,
    LOCAL,
};

static const struct astro_conversion enu_to_geodetic = {
    .name = "enu_to_geodetic",
    .summary = "East, north, up at an origin to longitude, latitude, height",
    .description = "Through geocentric coordinates: straight, no map projection. " ASTRO__SAYS_NAN,
    .accuracy = "2e-8 m x (1 + distance / radius)",
    ASTRO__INPUTS(enu),
    ASTRO__OUTPUTS(geodetic_out),
    .ns_per_point = 15.0,
    .run = run_enu_to_geodetic,
    LOCAL,
};

#define SAYS_AER                                                                                   \
    "Azimuth counts from north through east, in [0, 360); elevation is geometric, without "        \
    "refraction. "

static const struct astro_conversion geocentric_to_aer = {
    .name = "geocentric_to_aer",
    .summary = "Geocentric coordinates to azimuth, elevation, range at an origin",
    .description = SAYS_AER "The origin itself has 0, 0, 0. " ASTRO__SAYS_NAN,
    .accuracy = "3e-8 m x (1 + distance / radius) at the target",
    ASTRO__INPUTS(geocentric),
    ASTRO__OUTPUTS(aer),
    .ns_per_point = 5.9,
    .run = run_xyz_to_aer,
    LOCAL,
};

static const struct astro_conversion aer_to_geocentric = {
    .name = "aer_to_geocentric",
    .summary = "Azimuth, elevation, range at an origin to geocentric coordinates",
    .description = SAYS_AER "Any finite azimuth is taken. " ASTRO__SAYS_NAN,
    .accuracy = "5e-8 m x (1 + distance / radius)",
    ASTRO__INPUTS(aer),
    ASTRO__OUTPUTS(geocentric),
    .ns_per_point = 4.2,
    .run = run_aer_to_xyz,
    LOCAL,
};

static const struct astro_conversion geodetic_to_aer = {
    .name = "geodetic_to_aer",
    .summary = "Longitude, latitude, height to azimuth, elevation, range at an origin",
    .description = SAYS_AER "The origin itself has range 0. " ASTRO__SAYS_NAN,
    .accuracy = "3e-8 m x (1 + distance / radius) at the target",
    ASTRO__INPUTS(geodetic_in),
    ASTRO__OUTPUTS(aer),
    .ns_per_point = 11.0,
    .run = run_geodetic_to_aer,
    LOCAL,
};

static const struct astro_conversion aer_to_geodetic = {
    .name = "aer_to_geodetic",
    .summary = "Azimuth, elevation, range at an origin to longitude, latitude, height",
    .description = SAYS_AER "Any finite azimuth is taken. " ASTRO__SAYS_NAN,
    .accuracy = "5e-8 m x (1 + distance / radius)",
    ASTRO__INPUTS(aer),
    ASTRO__OUTPUTS(geodetic_out),
    .ns_per_point = 19.0,
    .run = run_aer_to_geodetic,
    LOCAL,
};

static const struct astro_conversion *const conversions[] = {
    &geodetic_to_geocentric, &geocentric_to_geodetic, &geocentric_to_enu, &enu_to_geocentric,
    &geodetic_to_enu,        &enu_to_geodetic,        &geocentric_to_aer, &aer_to_geocentric,
    &geodetic_to_aer,        &aer_to_geodetic,
};

const struct astro__group astro__group_earth = {conversions, ASTRO__COUNT(conversions)};
