/*
 * The group core: spherical to Cartesian and back. The loops are in cartesian_lanes.c.
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
    *sky = astro__sky(ASTRO_HOURS, (enum astro_unit)values[0].choice);
    return true;
}

static void run_radec_to_xyz(const void *context, size_t n, const void *const in[],
                             void *const out[], struct astro_report *report)
{
    (void)report;
    astro__lanes->radec_to_xyz(context, n, in, out);
}

static void run_xyz_to_radec(const void *context, size_t n, const void *const in[],
                             void *const out[], struct astro_report *report)
{
    (void)report;
    astro__lanes->xyz_to_radec(context, n, in, out);
}

static const struct astro_field spherical_in[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    {.name = "distance",
     .type = ASTRO_FP64,
     .role = ASTRO_DISTANCE,
     .optional = true,
     .default_doc = "1",
     .unit = "",
     .doc = "distance, in any unit; not negative"},
};

static const struct astro_field spherical_out[] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    {.name = "distance",
     .type = ASTRO_FP64,
     .role = ASTRO_DISTANCE,
     .unit = "",
     .doc = "length of the vector, in the unit of x, y, z"},
};

static const struct astro_field cartesian[] = {
    ASTRO__PLAIN("x", "", "towards ra 0, dec 0; any unit of length"),
    ASTRO__PLAIN("y", "", "towards ra 90 deg, dec 0"),
    ASTRO__PLAIN("z", "", "towards dec 90 deg"),
};

static const struct astro_parameter parameters[] = {ASTRO__UNIT_HOURS};

#define BOTH                                                                                       \
    .group = "core", ASTRO__PARAMETERS(parameters), .prepare_ns = 60.0,                            \
    .context_size = sizeof(struct astro__sky), .prepare = prepare

static const struct astro_conversion radec_to_xyz = {
    .name = "radec_to_xyz",
    .summary = "Spherical to Cartesian coordinates",
    .description =
        "The unit vector of each position, times its distance if one is given. Any finite ra is "
        "reduced exactly; dec must lie between the poles. Exact at multiples of 90 degrees; "
        "zeros keep the sign that IEEE 754 gives them. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraS2c, eraS2p",
    .accuracy = "7e-16 x distance against exact arithmetic, per component",
    ASTRO__INPUTS(spherical_in),
    ASTRO__OUTPUTS(cartesian),
    .ns_per_point = 3.0,
    .run = run_radec_to_xyz,
    BOTH,
};

static const struct astro_conversion xyz_to_radec = {
    .name = "xyz_to_radec",
    .summary = "Cartesian to spherical coordinates",
    .description =
        "Direction and length of each vector; the vector need not be a unit one. ra is 0 at the "
        "poles, and the zero vector gives 0, 0, 0. Nothing overflows or underflows from 1e-300 to "
        "1e300. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraP2s",
    .accuracy = "ra and dec 1e-13 deg; distance 3 units in the last place",
    ASTRO__INPUTS(cartesian),
    ASTRO__OUTPUTS(spherical_out),
    .ns_per_point = 4.8,
    .run = run_xyz_to_radec,
    BOTH,
};

static const struct astro_conversion *const conversions[] = {&radec_to_xyz, &xyz_to_radec};

const struct astro__group astro__group_core = {conversions, ASTRO__COUNT(conversions)};
