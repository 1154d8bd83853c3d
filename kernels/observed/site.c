#include "site.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>

struct astro__site astro__site(const struct astro_value values[ASTRO__SITE_COUNT])
{
    return (struct astro__site){
        .lon = remainder(values[ASTRO__SITE_LON].number, 360.0) * ERFA_DD2R,
        .lat = values[ASTRO__SITE_LAT].number * ERFA_DD2R,
        .height = values[ASTRO__SITE_HEIGHT].number,
    };
}

struct astro__station astro__site_station(const struct astro__site *site)
{
    double xyz[3];

    /* Fails for no latitude within the poles and no height within the limits of the parameters. */
    if (eraGd2gc(ERFA_WGS84, site->lon, site->lat, site->height, xyz) != 0)
        return (struct astro__station){.given = false};
    return (struct astro__station){
        .given = true,
        .longitude = site->lon / ERFA_D2PI,
        .u = hypot(xyz[0], xyz[1]) / 1e3,
        .v = xyz[2] / 1e3,
    };
}

struct astro__air astro__air(const struct astro_value values[ASTRO__AIR_COUNT])
{
    struct astro__air air = {
        .refracts = values[ASTRO__AIR_PRESSURE].number > 0.0,
        .pressure = values[ASTRO__AIR_PRESSURE].number,
        .temperature = values[ASTRO__AIR_TEMPERATURE].number,
        .humidity = values[ASTRO__AIR_HUMIDITY].number,
        .wavelength = values[ASTRO__AIR_WAVELENGTH].number,
    };

    if (air.refracts)
        eraRefco(air.pressure, air.temperature, air.humidity, air.wavelength, &air.a, &air.b);
    return air;
}
