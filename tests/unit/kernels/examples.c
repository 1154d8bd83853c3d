#include "examples.h"

#include <stddef.h>
#include <string.h>

#define ORIGIN "lon0=13.4&lat0=-52.5&height0=120"
#define NESTED "order=12&ordering=nested"

static const struct example examples[] = {
    {.name = "precess_fk5", .parameters = "equinox_in=B1900&equinox_out=J2024.5"},
    {.name = "precess_fk4", .parameters = "equinox_in=B1875&equinox_out=B1975.25"},
    {.name = "transform_frame", .parameters = "frame_in=fk4&frame_out=galactic&equinox_in=B1900"},
    {.name = "convert_time", .parameters = "scale_in=tcb&scale_out=utc&lon=11.5&lat=48.2"},
    {.name = "midpoint", .parameters = "", .partial = true},
    {.name = "lonlat_to_skyoffset", .parameters = "lon0=120&lat0=-35&rotation=70"},
    {.name = "skyoffset_to_lonlat", .parameters = "lon0=120&lat0=-35&rotation=70"},
    {.name = "radec_to_tangent", .parameters = "ra0=120&dec0=-35", .partial = true},
    {.name = "tangent_to_radec", .parameters = "ra0=120&dec0=-35"},
    {.name = "apply_space_motion", .parameters = "", .partial = true, .missing = 1u << 4 | 1u << 5},
    {.name = "parallax_to_distance", .parameters = "", .partial = true},
    {.name = "distance_to_parallax", .parameters = "", .partial = true},
    {.name = "distance_to_modulus", .parameters = "", .partial = true},
    {.name = "lonlat_to_healpix", .parameters = NESTED},
    {.name = "healpix_to_lonlat", .parameters = NESTED},
    {.name = "healpix_neighbours", .parameters = NESTED},
    {.name = "healpix_corners", .parameters = NESTED},
    {.name = "nested_to_ring", .parameters = "order=12"},
    {.name = "ring_to_nested", .parameters = "order=12"},
    {.name = "healpix_change_order", .parameters = "order_in=12&order_out=10"},
    {.name = "geocentric_to_enu", .parameters = ORIGIN},
    {.name = "enu_to_geocentric", .parameters = ORIGIN},
    {.name = "geodetic_to_enu", .parameters = ORIGIN},
    {.name = "enu_to_geodetic", .parameters = ORIGIN},
    {.name = "geocentric_to_aer", .parameters = ORIGIN},
    {.name = "aer_to_geocentric", .parameters = ORIGIN},
    {.name = "geodetic_to_aer", .parameters = ORIGIN},
    {.name = "aer_to_geodetic", .parameters = ORIGIN},
};

const struct example *example_of(const char *name)
{
    static const struct example nothing = {.parameters = ""};

    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        if (strcmp(examples[i].name, name) == 0)
            return &examples[i];
    }
    return &nothing;
}
