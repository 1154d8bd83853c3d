/*
 * wrap_angle, and the list of the group.
 */
#include "../registry/fields.h"
#include "../registry/groups.h"
#include "../simd/lanes.h"
#include "angles.h"

/* Degrees; far enough for any convention, and small enough to lose nothing. */
#define FARTHEST 36000.0

/* values: unit, wrap_at */
static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    const struct astro__circle *circle =
        astro__circle(ASTRO_HOURS, (enum astro_unit)values[0].choice);
    double limit = values[1].number / 90.0 * circle->quarter;
    double base = (values[1].number - 360.0) / 90.0 * circle->quarter;

    (void)ret_warnings;
    (void)err;
    if (!circle->radians) { /* exact where the quotient is not */
        limit = values[1].number * circle->full / 360.0;
        base = (values[1].number - 360.0) * circle->full / 360.0;
    }
    *(struct astro__wrap *)context = (struct astro__wrap){*circle, base, limit};
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    (void)report;
    astro__lanes->wrap_angle(context, n, in, out);
}

static const struct astro_field angle[] = {ASTRO__FIELD_ANGLE};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_OF_ANGLE,
    ASTRO__NUMBER("wrap_at", "360", -FARTHEST, FARTHEST, "deg",
                  "end of the range, which begins a turn before: 360, or 180 for -180 to 180"),
};

const struct astro_conversion astro__wrap_angle = {
    .name = "wrap_angle",
    .group = "angles",
    .summary = "Angles brought into a range of one turn",
    .description =
        "The same direction in [wrap_at - 360, wrap_at) degrees. Any finite angle is taken; what "
        "is "
        "in the range stays as it is, and what would round up to wrap_at is wrap_at - 360: -1e-20 "
        "gives 0. " ASTRO__SAYS_NAN,
    .reference = "definition",
    .accuracy = "1e-13 deg",
    ASTRO__INPUTS(angle),
    ASTRO__OUTPUTS(angle),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 1.7,
    .prepare_ns = 40.0,
    .context_size = sizeof(struct astro__wrap),
    .prepare = prepare,
    .run = run,
};

static const struct astro_conversion *const conversions[] = {
    &astro__parse_angle,
    &astro__format_angle,
    &astro__wrap_angle,
};

const struct astro__group astro__group_angles = {conversions, ASTRO__COUNT(conversions)};
