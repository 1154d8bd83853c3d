/*
 * The list of the group time.
 */
#include "group.h"

const struct astro_field astro__date_in[2] = {
    ASTRO__PLAIN("jd1", "d", "Julian Date, first part"),
    ASTRO__PLAIN_OPTIONAL("jd2", "d", "0", "Julian Date, second part"),
};

const struct astro_field astro__date_out[2] = {
    ASTRO__PLAIN("jd1", "d", "Julian Date, whole part"),
    ASTRO__PLAIN("jd2", "d", "Julian Date, rest, within [-0.5, 0.5]"),
};

static const struct astro_conversion *const conversions[] = {
#define X(name) &astro__time_##name,
    ASTRO__TIME_CONVERSIONS(X)
#undef X
};

const struct astro__group astro__group_time = {conversions, ASTRO__COUNT(conversions)};
