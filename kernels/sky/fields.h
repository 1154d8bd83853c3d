/*
 * Inputs, outputs and parameters that many conversions share, so that they read alike everywhere.
 */
#ifndef ASTRO_KERNELS_SKY_FIELDS_H
#define ASTRO_KERNELS_SKY_FIELDS_H

#include "astrolabe/conversion.h"

#define ASTRO__COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ASTRO__FIELD(field_name, field_role, text)                                                 \
    {                                                                                              \
        .name = (field_name), .type = ASTRO_FP64, .role = (field_role), .doc = (text)              \
    }

#define ASTRO__FIELD_RA  ASTRO__FIELD("ra", ASTRO_HOURS, "right ascension; hours under hourangle")
#define ASTRO__FIELD_DEC ASTRO__FIELD("dec", ASTRO_LATITUDE, "declination")

/* Choices of `unit`, in the order of enum astro_unit. */
extern const char *const astro__units_with_hours[]; /* where there is an ra */
extern const char *const astro__units[];            /* everywhere else */

#define ASTRO__UNIT_OF(words, text)                                                                \
    {                                                                                              \
        .name = "unit", .type = ASTRO_CHOICE, .default_text = "deg", .choices = (words),           \
        .unit = "", .doc = (text)                                                                  \
    }

#define ASTRO__UNIT_HOURS                                                                          \
    ASTRO__UNIT_OF(astro__units_with_hours,                                                        \
                   "of the angles, in and out; hourangle: ra in hours, the others in degrees")
#define ASTRO__UNIT ASTRO__UNIT_OF(astro__units, "of the angles, in and out")

/*
 * Years of an equinox: where the long-term precession of Vondrak, Capitaine and Wallace (2011)
 * holds. Models that end earlier say so with the warning `extrapolated`.
 */
#define ASTRO__FIRST_YEAR (-200000.0)
#define ASTRO__LAST_YEAR  200000.0

#define ASTRO__EQUINOX(parameter_name, default_value, text)                                        \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_EPOCH, .default_text = (default_value),            \
        .minimum = ASTRO__FIRST_YEAR, .maximum = ASTRO__LAST_YEAR, .unit = "", .doc = (text)       \
    }

#endif
