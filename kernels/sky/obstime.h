/*
 * The parameter `obstime` of frames that hang on the time of observation, but not on seconds of it:
 * a text, read as a Besselian epoch.
 */
#ifndef ASTRO_KERNELS_SKY_OBSTIME_H
#define ASTRO_KERNELS_SKY_OBSTIME_H

#include "astrolabe/conversion.h"

/* `absent` says what its absence means. */
#define ASTRO__OBSTIME_OPTIONAL(absent)                                                            \
    {                                                                                              \
        .name = "obstime", .type = ASTRO_STRING, .optional = true, .default_doc = (absent),        \
        .maximum = 64, .unit = "",                                                                 \
        .doc =                                                                                     \
            "when the FK4 position is observed (TT): B1950.0, J1991.25, 1984-01-01, JD2445700.5"   \
    }

/*
 * Given      value    of the parameter; present
 * Returned   *ret_besselian, untouched on failure
 * Status     false: *err says what is wrong with the text
 */
bool astro__obstime_besselian(const struct astro_value *value, double *ret_besselian,
                              struct astro_error *err);

#endif
