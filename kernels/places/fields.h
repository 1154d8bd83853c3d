/*
 * What the descriptors of places share: inputs, parameters, sentences, run().
 */
#ifndef ASTRO_KERNELS_PLACES_FIELDS_H
#define ASTRO_KERNELS_PLACES_FIELDS_H

#include "../simd/lanes.h"
#include "../sky/fields.h"
#include "place.h"

/* The block m: four optional inputs, and the epoch. */
#define ASTRO__STAR_FIELDS                                                                         \
    ASTRO__PLAIN_OPTIONAL("pm_ra_cosdec", "mas/yr", "0",                                           \
                          "proper motion in right ascension, times cos(dec)"),                     \
        ASTRO__PLAIN_OPTIONAL("pm_dec", "mas/yr", "0", "proper motion in declination"),            \
        ASTRO__PLAIN_OPTIONAL("parallax", "mas", "0",                                              \
                              "parallax; NaN is missing, and not positive counts as 0"),           \
        ASTRO__PLAIN_OPTIONAL("radial_velocity", "km/s", "0",                                      \
                              "radial velocity, positive away; NaN is missing")

#define ASTRO__EPOCH_PARAMETER                                                                     \
    ASTRO__EQUINOX("epoch", "J2000.0",                                                             \
                   "epoch of the catalogue position (TDB); J or B and a year. Stars without "      \
                   "motion have none")

#define ASTRO__FIELD_AZ  ASTRO__FIELD("az", ASTRO_LONGITUDE, "azimuth, north through east")
#define ASTRO__FIELD_ALT ASTRO__FIELD("alt", ASTRO_LATITUDE, "altitude; observed when pressure > 0")
/* not ASTRO_HOURS: as an output it lies in (-180, 180] */
#define ASTRO__FIELD_HA                                                                            \
    ASTRO__FIELD("ha", ASTRO_HOURS, "local hour angle, west; hours under hourangle")

/* Sentences. */
#define ASTRO__SAYS_TIME                                                                           \
    "The time of observation is given in one way: obstime for all rows, or jd1 with jd2 or mjd "   \
    "for "                                                                                         \
    "each row; scale says in which time scale. Outside 1900 to 2100 the Earth's motion is "        \
    "extrapolated (a warning) and a time per row is slow. "
#define ASTRO__SAYS_STAR                                                                           \
    "Without any input of the star's motion it stands still and infinitely far away. A catalogue " \
    "position of another epoch than J2000.0 is carried there first as apply_space_motion does. "
#define ASTRO__SAYS_SITE                                                                           \
    "UT1 and the pole come from dut1, xp and yp, or from the table of Earth orientation. Without " \
    "pressure there is no refraction. Below an altitude of 3 degrees refraction grows no "         \
    "further, "                                                                                    \
    "as in ERFA. "

/* run() through the vector kernel of this name. */
#define ASTRO__PLACE_RUN(function, kernel, stars)                                                  \
    static void function(const void *context, size_t n, const void *const in[], void *const out[], \
                         struct astro_report *report)                                              \
    {                                                                                              \
        astro__place_run(context, astro__lanes->kernel, (stars), n, in, out, report);              \
    }

/* cost() of a conversion whose parameters begin with unit, epoch, obstime; or with unit, obstime. */
#define ASTRO__STAR_COST(function, ...)                                                            \
    static double function(const struct astro_value *values, size_t n, const void *const in[],     \
                           const size_t count[])                                                   \
    {                                                                                              \
        return astro__place_cost(&(struct astro__place_ns){__VA_ARGS__}, &values[2], &values[1],   \
                                 n, in, count);                                                    \
    }
#define ASTRO__PLACE_COST(function, ...)                                                           \
    static double function(const struct astro_value *values, size_t n, const void *const in[],     \
                           const size_t count[])                                                   \
    {                                                                                              \
        return astro__place_cost(&(struct astro__place_ns){__VA_ARGS__}, &values[1], NULL, n, in,  \
                                 count);                                                           \
    }

#define ASTRO__PLACE_CONTEXT                                                                       \
    .context_size = sizeof(struct astro__place), .release = astro__place_release

#endif
