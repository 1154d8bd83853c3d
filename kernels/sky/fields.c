#include "fields.h"

const struct astro_field astro__equatorial[2] = {ASTRO__FIELD_RA, ASTRO__FIELD_DEC};
