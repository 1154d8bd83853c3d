#include "examples.h"

#include <stddef.h>
#include <string.h>

#define ORIGIN "lon0=13.4&lat0=-52.5&height0=120"
#define NESTED "order=12&ordering=nested"
#define POLE   "dut1=0.3&xp=0.2&yp=-0.3"
#define SITE   "lon=-70.4&lat=-24.6&height=2635&"
#define AIR    "pressure=800&temperature=5&relative_humidity=0.3&obswl=0.55"

#define OBSERVER      "lon=-70.4&lat=-24.6&height=2635&dut1=0.3&xp=0.2&pressure=800"
#define STAR_EXAMPLE  .partial = true, .missing = 1u << 4 | 1u << 5, .absent = 1u << 8 /* mjd */
#define PLACE_EXAMPLE .partial = true, .absent = 1u << 4

/* Headers: gnomonic with SIP, a projection of wcslib's, gnomonic with TPV. */
#define IMAGE(lon, lat, code)                                                                      \
    "NAXIS   = 2\nCTYPE1  = '" lon code "'\nCTYPE2  = '" lat code "'\nCRPIX1  = 256.5\n"           \
    "CRPIX2  = 128.25\nCRVAL1  = 83.5\nCRVAL2  = -5.25\nCD1_1   = -2.8E-4\nCD1_2   = 1.1E-5\n"     \
    "CD2_1   = 1.3E-5\nCD2_2   = 2.7E-4\n"
#define SIP_IMAGE                                                                                  \
    IMAGE("RA---", "DEC--", "TAN-SIP")                                                             \
    "A_ORDER = 3\nB_ORDER = 2\nA_2_0   = 1.5E-6\nA_1_1   = -2.5E-7\nA_0_3   = 1.0E-10\n"           \
    "B_0_2   = -2.0E-6\nB_1_1   = 3.0E-7"
#define TPV_IMAGE                                                                                  \
    IMAGE("RA---", "DEC--", "TPV")                                                                 \
    "PV1_0   = 1.0E-5\nPV1_1   = 1.01\nPV1_3   = 1.0E-4\nPV1_7   = 2.0E-3\nPV2_2   = -1.0E-3\n"    \
    "PV2_4   = 4.0E-4\nPV2_11  = 1.0E-3"
#define ARC_IMAGE IMAGE("GLON-", "GLAT-", "ARC")

static const struct example examples[] = {
    {.name = "precess_fk5", .parameters = "equinox_in=B1900&equinox_out=J2024.5"},
    {.name = "precess_fk4", .parameters = "equinox_in=B1875&equinox_out=B1975.25"},
    {.name = "transform_frame", .parameters = "frame_in=fk4&frame_out=galactic&equinox_in=B1900"},
    {.name = "convert_time", .parameters = "scale_in=tcb&scale_out=utc&lon=11.5&lat=48.2"},
    {.name = "utc_to_ut1", .parameters = "dut1=0.3"},
    {.name = "ut1_to_utc", .parameters = "dut1=-0.3"},
    {.name = "eop_lookup", .parameters = "eop=zero", .absent = 4},
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
    {.name = "hadec_to_altaz", .parameters = "lat=48.2"},
    {.name = "altaz_to_hadec", .parameters = "lat=48.2"},
    {.name = "parallactic_angle", .parameters = "lat=48.2"},
    {.name = "refract_alt", .parameters = AIR},
    {.name = "unrefract_alt", .parameters = AIR},
    {.name = "convert_units", .parameters = "unit_in=pc&unit_out=km"},
    {.name = "airmass", .parameters = "", .partial = true},
    {.name = "sidereal_time", .parameters = "dut1=0.3&lon=-70", .absent = 1u << 2},
    {.name = "earth_rotation_angle", .parameters = "dut1=0.3&lon=-70", .absent = 1u << 2},
    {.name = "itrs_to_gcrs", .parameters = POLE, .absent = 1u << 5},
    {.name = "gcrs_to_itrs", .parameters = POLE, .absent = 1u << 5},
    {.name = "teme_to_itrs", .parameters = POLE, .absent = 1u << 5},
    {.name = "itrs_to_teme", .parameters = POLE, .absent = 1u << 5},
    {.name = "light_travel_time", .parameters = SITE POLE, .absent = 1u << 4},
    {.name = "jd_to_bjd_tdb", .parameters = SITE POLE, .absent = 1u << 4},
    {.name = "radial_velocity_correction", .parameters = SITE POLE, .absent = 1u << 4},
    {.name = "icrs_to_astrometric", .parameters = "", STAR_EXAMPLE},
    {.name = "icrs_to_gcrs", .parameters = "", STAR_EXAMPLE},
    {.name = "icrs_to_cirs", .parameters = "", STAR_EXAMPLE},
    {.name = "icrs_to_tete", .parameters = "", STAR_EXAMPLE},
    {.name = "gcrs_to_icrs", .parameters = "", PLACE_EXAMPLE},
    {.name = "cirs_to_icrs", .parameters = "", PLACE_EXAMPLE},
    {.name = "tete_to_icrs", .parameters = "", PLACE_EXAMPLE},
    {.name = "icrs_to_altaz", .parameters = OBSERVER, STAR_EXAMPLE},
    {.name = "icrs_to_hadec", .parameters = OBSERVER "&epoch=J1991.25", STAR_EXAMPLE},
    {.name = "altaz_to_icrs", .parameters = OBSERVER, PLACE_EXAMPLE},
    {.name = "hadec_to_icrs", .parameters = OBSERVER, PLACE_EXAMPLE},
    {.name = "cirs_to_altaz", .parameters = OBSERVER, PLACE_EXAMPLE},
    {.name = "altaz_to_cirs", .parameters = OBSERVER, PLACE_EXAMPLE},
    {.name = "geocentric_to_enu", .parameters = ORIGIN},
    {.name = "enu_to_geocentric", .parameters = ORIGIN},
    {.name = "geodetic_to_enu", .parameters = ORIGIN},
    {.name = "enu_to_geodetic", .parameters = ORIGIN},
    {.name = "geocentric_to_aer", .parameters = ORIGIN},
    {.name = "aer_to_geocentric", .parameters = ORIGIN},
    {.name = "geodetic_to_aer", .parameters = ORIGIN},
    {.name = "aer_to_geodetic", .parameters = ORIGIN},
    {.name = "pixel_to_world", .parameters = "header=" SIP_IMAGE, .partial = true},
    {.name = "world_to_pixel", .parameters = "header=" ARC_IMAGE, .partial = true},
    {.name = "pixel_to_pixel",
     .parameters = "header_in=" TPV_IMAGE "&header_out=" SIP_IMAGE,
     .partial = true},
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
