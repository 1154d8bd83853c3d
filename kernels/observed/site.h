/*
 * Where an observer stands, and the air above: parameters that the conversions of observed places
 * share.
 *
 * Purpose    Blocks of parameters for descriptors, and what ERFA wants to know of them.
 * Units      In the parameters degrees, metres, hectopascals, degrees Celsius, micrometres; in the
 *            structs radians and metres.
 * Ownership  Plain values. Any thread, no allocation.
 */
#ifndef ASTRO_KERNELS_OBSERVED_SITE_H
#define ASTRO_KERNELS_OBSERVED_SITE_H

#include <float.h>

#include "../registry/fields.h"
#include "../time/step.h"

/* --- the site --- */

/* {lon} {lat} {height}, in this order. */
enum { ASTRO__SITE_LON, ASTRO__SITE_LAT, ASTRO__SITE_HEIGHT, ASTRO__SITE_COUNT };
#define ASTRO__SITE_PARAMETERS                                                                     \
    ASTRO__NUMBER("lon", NULL, -DBL_MAX, DBL_MAX, "deg", "longitude of the observer, east"),       \
        ASTRO__NUMBER("lat", NULL, -90.0, 90.0, "deg",                                             \
                      "geodetic latitude of the observer, WGS 84"),                                \
        ASTRO__NUMBER("height", "0", -1e4, 1e8, "m", "height of the observer above the ellipsoid")

struct astro__site {
    double lon;    /* rad, within half a turn, reduced in degrees */
    double lat;    /* rad, geodetic, within a quarter */
    double height; /* m */
};

/* Of the three values above. */
struct astro__site astro__site(const struct astro_value values[ASTRO__SITE_COUNT]);

/* The same for the daily terms of TDB - TT. */
struct astro__station astro__site_station(const struct astro__site *site);

/* --- the air --- */

/* {pressure} {temperature} {relative_humidity} {obswl}, in this order. Without pressure there is no
 * refraction, and the others are idle. */
enum {
    ASTRO__AIR_PRESSURE,
    ASTRO__AIR_TEMPERATURE,
    ASTRO__AIR_HUMIDITY,
    ASTRO__AIR_WAVELENGTH,
    ASTRO__AIR_COUNT
};
#define ASTRO__AIR_PARAMETERS                                                                      \
    ASTRO__NUMBER("pressure", "0", 0.0, 10000.0, "hPa",                                            \
                  "air pressure at the observer; 0: no refraction"),                               \
        ASTRO__NUMBER("temperature", "0", -150.0, 200.0, "degC",                                   \
                      "air temperature at the observer; idle without pressure"),                   \
        ASTRO__NUMBER("relative_humidity", "0", 0.0, 1.0, "",                                      \
                      "relative humidity at the observer; idle without pressure"),                 \
        ASTRO__NUMBER("obswl", "1", 0.1, 1e6, "um",                                                \
                      "wavelength of the observation, above 100: radio; idle without pressure")

struct astro__air {
    bool refracts; /* there is pressure */
    double a, b;   /* rad: refraction is a tan z + b tan^3 z, of eraRefco; 0 without pressure */
    double pressure, temperature, humidity, wavelength; /* as ERFA takes them */
};

/* Of the four values above. */
struct astro__air astro__air(const struct astro_value values[ASTRO__AIR_COUNT]);

#endif
