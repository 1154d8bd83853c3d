/*
 * The list of the group barycentric.
 */
#include "../registry/fields.h"
#include "../registry/groups.h"
#include "barycentric.h"

static const struct astro_conversion *const conversions[] = {
    &astro__light_travel_time,
    &astro__jd_to_bjd_tdb,
    &astro__radial_velocity_correction,
};

const struct astro__group astro__group_barycentric = {conversions, ASTRO__COUNT(conversions)};
