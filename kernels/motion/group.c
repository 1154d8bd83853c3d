#include "group.h"

#include "../registry/fields.h"
#include "../registry/groups.h"

static const struct astro_conversion *const conversions[] = {
    &astro__apply_space_motion,   &astro__pm_icrs_to_galactic,  &astro__pm_galactic_to_icrs,
    &astro__parallax_to_distance, &astro__distance_to_parallax, &astro__distance_to_modulus,
    &astro__modulus_to_distance,
};

const struct astro__group astro__group_motion = {conversions, ASTRO__COUNT(conversions)};
