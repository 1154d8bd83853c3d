/*
 * Inputs, outputs and parameters that many conversions of the sky share, so that they read alike
 * everywhere.
 */
#ifndef ASTRO_KERNELS_SKY_FIELDS_H
#define ASTRO_KERNELS_SKY_FIELDS_H

#include "../registry/fields.h"

#define ASTRO__FIELD_RA  ASTRO__FIELD("ra", ASTRO_HOURS, "right ascension; hours under hourangle")
#define ASTRO__FIELD_DEC ASTRO__FIELD("dec", ASTRO_LATITUDE, "declination")

extern const struct astro_field astro__equatorial[2]; /* ra, dec */

/*
 * Years of an equinox: where the long-term precession of Vondrak, Capitaine and Wallace (2011)
 * holds. Models that end earlier say so with the warning `extrapolated`.
 */
#define ASTRO__FIRST_YEAR (-200000.0)
#define ASTRO__LAST_YEAR  200000.0

/* Without default_value it is required. */
#define ASTRO__EQUINOX(parameter_name, default_value, text)                                        \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_EPOCH, .default_text = (default_value),            \
        .minimum = ASTRO__FIRST_YEAR, .maximum = ASTRO__LAST_YEAR, .unit = "", .doc = (text)       \
    }

/* It may be absent; `absent` says what that means. */
#define ASTRO__EQUINOX_OPTIONAL(parameter_name, absent, text)                                      \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_EPOCH, .optional = true, .default_doc = (absent),  \
        .minimum = ASTRO__FIRST_YEAR, .maximum = ASTRO__LAST_YEAR, .unit = "", .doc = (text)       \
    }

#endif
