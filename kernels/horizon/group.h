/*
 * The group horizon: what its kernels need beside the points.
 *
 * Purpose    Made by prepare(), read by the vector kernels of angle_lanes.c and air_lanes.c.
 * Ownership  The caller's memory; nothing in it points anywhere.
 */
#ifndef ASTRO_KERNELS_HORIZON_GROUP_H
#define ASTRO_KERNELS_HORIZON_GROUP_H

#include "../sky/context.h"

struct astro__parallactic {
    struct astro__sky sky; /* the circles of ha and dec */
    double lat;            /* of the observer, in the unit of dec */
    double sin_lat, cos_lat;
};

struct astro__refraction {
    struct astro__sky sky;
    bool refracts; /* else altitudes stay as they are */
    double a, b;   /* rad: a tan z + b tan^3 z */
};

enum astro__airmass_model { ASTRO__KASTEN_YOUNG, ASTRO__PICKERING, ASTRO__SECANT };

struct astro__airmass {
    struct astro__sky sky;
    enum astro__airmass_model model;
};

/* hadec.c, air.c */
extern const struct astro_conversion astro__hadec_to_altaz, astro__altaz_to_hadec,
    astro__parallactic_angle;
extern const struct astro_conversion astro__refract_alt, astro__unrefract_alt, astro__airmass;

#endif
