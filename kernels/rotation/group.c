/*
 * The list of the group rotation.
 */
#include "../registry/groups.h"
#include "rotation.h"

static const struct astro_conversion *const conversions[] = {
    &astro__sidereal_time, &astro__earth_rotation_angle, &astro__itrs_to_gcrs,
    &astro__gcrs_to_itrs,  &astro__teme_to_itrs,         &astro__itrs_to_teme,
};

const struct astro__group astro__group_rotation = {conversions, ASTRO__COUNT(conversions)};
