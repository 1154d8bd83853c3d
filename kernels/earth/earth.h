/*
 * The group earth: geodetic, geocentric and local coordinates. What its kernels need beside the
 * points.
 *
 * Purpose    Made by prepare(), read by the vector kernels of geodetic_lanes.c and local_lanes.c.
 * Ownership  The caller's memory; nothing in it points anywhere.
 * Units      metres; angles in the circles of `sky`
 */
#ifndef ASTRO_KERNELS_EARTH_EARTH_H
#define ASTRO_KERNELS_EARTH_EARTH_H

#include "../sky/context.h"

struct astro__ellipsoid {
    double a;      /* equatorial radius */
    double e2;     /* first eccentricity squared */
    double ratio;  /* polar radius / equatorial radius */
    double ratio2; /* its square */
};

struct astro__earth {
    struct astro__sky sky; /* the circles of lon and lat, or of az and el */
    struct astro__ellipsoid ellipsoid;
    double origin[3];  /* geocentric; of local coordinates */
    double axes[3][3]; /* rows: east, north, up at the origin */
};

#endif
