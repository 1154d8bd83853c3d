/*
 * The group places: its conversions.
 */
#ifndef ASTRO_KERNELS_PLACES_GROUP_H
#define ASTRO_KERNELS_PLACES_GROUP_H

#include "astrolabe/conversion.h"

/* In the order of the catalogue. celestial.c */
#define ASTRO__CELESTIAL_PLACES(X)                                                                 \
    X(icrs_to_astrometric)                                                                         \
    X(icrs_to_gcrs)                                                                                \
    X(gcrs_to_icrs)                                                                                \
    X(icrs_to_cirs)                                                                                \
    X(cirs_to_icrs)                                                                                \
    X(icrs_to_tete)                                                                                \
    X(tete_to_icrs)

/* observed.c */
#define ASTRO__OBSERVED_PLACES(X)                                                                  \
    X(icrs_to_altaz)                                                                               \
    X(altaz_to_icrs)                                                                               \
    X(icrs_to_hadec)                                                                               \
    X(hadec_to_icrs)                                                                               \
    X(cirs_to_altaz)                                                                               \
    X(altaz_to_cirs)

#define X(name) extern const struct astro_conversion astro__place_##name;
ASTRO__CELESTIAL_PLACES(X)
ASTRO__OBSERVED_PLACES(X)
#undef X

#endif
