/*
 * Shorthand for descriptors.
 *
 * A conversion and its inverse share most of their description. It is written once, as a macro of
 * the family (BOTH, ...), and each descriptor adds what is its own: name, summary, what goes in and
 * what comes out, prepare.
 */
#ifndef ASTRO_KERNELS_REGISTRY_FIELDS_H
#define ASTRO_KERNELS_REGISTRY_FIELDS_H

#include "astrolabe/conversion.h"

#define ASTRO__COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Lists of a descriptor, with their lengths. */
#define ASTRO__INPUTS(array)     .inputs = (array), .n_inputs = ASTRO__COUNT(array)
#define ASTRO__OUTPUTS(array)    .outputs = (array), .n_outputs = ASTRO__COUNT(array)
#define ASTRO__PARAMETERS(array) .parameters = (array), .n_parameters = ASTRO__COUNT(array)

/* An angle: its unit is the request's. */
#define ASTRO__FIELD(field_name, field_role, text)                                                 \
    {                                                                                              \
        .name = (field_name), .type = ASTRO_FP64, .role = (field_role), .doc = (text)              \
    }

/* A quantity of a fixed unit. */
#define ASTRO__PLAIN(field_name, fixed_unit, text)                                                 \
    {                                                                                              \
        .name = (field_name), .type = ASTRO_FP64, .role = ASTRO_PLAIN, .unit = (fixed_unit),       \
        .doc = (text)                                                                              \
    }

/* An input that may be absent; `absent` says what that means. */
#define ASTRO__PLAIN_OPTIONAL(field_name, fixed_unit, absent, text)                                \
    {                                                                                              \
        .name = (field_name), .type = ASTRO_FP64, .role = ASTRO_PLAIN, .optional = true,           \
        .default_doc = (absent), .unit = (fixed_unit), .doc = (text)                               \
    }

/* A whole number. */
#define ASTRO__WHOLE(field_name, text)                                                             \
    {                                                                                              \
        .name = (field_name), .type = ASTRO_INT64, .role = ASTRO_PLAIN, .unit = "", .doc = (text)  \
    }

/* Sentences of many descriptions. */
#define ASTRO__SAYS_LONGITUDES "Any finite longitude is taken; results are in [0, 360). "
#define ASTRO__SAYS_NAN        "A row with NaN or infinity gives NaN."

/* Choices of `unit`, in the order of enum astro_unit. */
extern const char *const astro__units_with_hours[]; /* where something is counted in hours */
extern const char *const astro__units[];            /* everywhere else */

#define ASTRO__CHOICE(parameter_name, default_value, words, text)                                  \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_CHOICE, .default_text = (default_value),           \
        .choices = (words), .unit = "", .doc = (text)                                              \
    }

#define ASTRO__UNIT_HOURS                                                                          \
    ASTRO__CHOICE("unit", "deg", astro__units_with_hours,                                          \
                  "of the angles, in and out; hourangle: ra in hours, the others in degrees")
#define ASTRO__UNIT ASTRO__CHOICE("unit", "deg", astro__units, "of the angles, in and out")

/* A number within limits. Without default_value it is required. */
#define ASTRO__NUMBER(parameter_name, default_value, low, high, fixed_unit, text)                  \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_NUMBER, .default_text = (default_value),           \
        .minimum = (low), .maximum = (high), .unit = (fixed_unit), .doc = (text)                   \
    }

#endif
