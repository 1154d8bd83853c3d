/*
 * The tangent plane: gnomonic projection about a point, and back.
 */
#include <float.h>

#include "../../simd/lanes.h"
#include "../fields.h"
#include "separations.h"

/* values: unit, ra0, dec0 */
static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)ret_warnings;
    (void)err;
    *rotation = astro__rotation(ASTRO_HOURS, ASTRO_ANGLE, (enum astro_unit)values[0].choice);
    astro__offset_matrix(values[1].number, values[2].number, 0.0, rotation->matrix);
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
    astro__lanes->to_tangent(context, n, in, out);
}

static void run_from(const void *context, size_t n, const void *const in[], void *const out[],
                     struct astro_report *report)
{
    (void)report;
    astro__lanes->from_tangent(context, n, in, out);
}

static const struct astro_field plane[] = {
    ASTRO__FIELD("xi", ASTRO_ANGLE, "tangent towards east, times one radian"),
    ASTRO__FIELD("eta", ASTRO_ANGLE, "tangent towards north, times one radian"),
};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__NUMBER("ra0", NULL, -DBL_MAX, DBL_MAX, "deg", "right ascension of the tangent point"),
    ASTRO__NUMBER("dec0", NULL, -90.0, 90.0, "deg", "declination of the tangent point"),
};

#define BOTH                                                                                       \
    .group = "separations",                                                                        \
    .accuracy = "1e-9 arcsec x (1 + xi^2 + eta^2) in xi, eta (in radians there); 1e-9 arcsec in "  \
                "ra, dec",                                                                         \
    ASTRO__PARAMETERS(parameters), .prepare_ns = 200.0,                                            \
    .context_size = sizeof(struct astro__rotation)

const struct astro_conversion astro__radec_to_tangent = {
    .name = "radec_to_tangent",
    .summary = "Position to tangent plane coordinates",
    .description =
        "Gnomonic projection from the centre of the sphere: xi to the east, eta to the north, as "
        "angles (a tangent of 1 is one radian, 57.29 degrees). Points that are 90 degrees or "
        "farther from the tangent point are not on the plane and give NaN. ra0 and dec0 are "
        "degrees whatever unit says. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraTpxes (its status not 0: NaN)",
    ASTRO__INPUTS(astro__equatorial),
    ASTRO__OUTPUTS(plane),
    .ns_per_point = 4.5,
    .prepare = prepare_to,
    .run = run_to,
    BOTH,
};

const struct astro_conversion astro__tangent_to_radec = {
    .name = "tangent_to_radec",
    .summary = "Tangent plane coordinates to position",
    .description =
        "The inverse of radec_to_tangent, for any finite xi and eta. Results are in [0, 360). ra0 "
        "and dec0 are degrees whatever unit says. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraTpsts",
    ASTRO__INPUTS(plane),
    ASTRO__OUTPUTS(astro__equatorial),
    .ns_per_point = 5.4,
    .prepare = prepare_from,
    .run = run_from,
    BOTH,
};
