#include "group.h"

#include "../registry/fields.h"
#include "../registry/groups.h"

static const struct astro_conversion *const conversions[] = {
#define X(name) &astro__place_##name,
    ASTRO__CELESTIAL_PLACES(X) ASTRO__OBSERVED_PLACES(X)
#undef X
};

const struct astro__group astro__group_places = {conversions, ASTRO__COUNT(conversions)};
