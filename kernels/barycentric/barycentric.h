/*
 * The group barycentric: what its kernels need beside the rows, and its conversions.
 *
 * Purpose    An observer moves about the barycentre of the solar system: light from a direction
 *            reaches the barycentre earlier or later, and its spectrum is shifted. Both are, for one
 *            time, a vector times the direction.
 * Ownership  Plain data. The moments in a conversion's context are given back by its release().
 */
#ifndef ASTRO_KERNELS_BARYCENTRIC_BARYCENTRIC_H
#define ASTRO_KERNELS_BARYCENTRIC_BARYCENTRIC_H

#include "../observed/moment.h"
#include "../observed/site.h"
#include "../sky/context.h"

#define ASTRO__AU_METRES      149597870700.0
#define ASTRO__LIGHT_SPEED    299792458.0 /* m/s */
#define ASTRO__AU_SECONDS     (ASTRO__AU_METRES / ASTRO__LIGHT_SPEED)
#define ASTRO__EARTH_SPIN     (1.00273781191135448 * 6.283185307179586476925287) /* rad/d of UT1 */
#define ASTRO__GM_SUN         1.32712440041e20                                   /* m3/s2 */
#define ASTRO__GM_EARTH       3.986004418e14
#define ASTRO__SECONDS_OF_DAY 86400.0

/* What the correction is referred to. In the order of the words of `kind`. */
enum astro__rest { ASTRO__BARYCENTRE, ASTRO__SUN };

/* Context of along_direction and date_along_direction: offset + vector . direction. */
struct astro__along {
    struct astro__sky sky;
    double vector[3];
    double offset;
    double date[2]; /* of date_along_direction, d; the other two are in days as well */
};

/* Context of the kernels with a time per row. */
struct astro__observer {
    struct astro__sky sky;
    enum astro__rest rest;
    double site[3];        /* ITRS, au */
    double earth_redshift; /* by the Earth's potential at the site */
};

/* Columns of a row behind ra and dec. */
enum {
    ASTRO__OBSERVER_TDB = 0,  /* two */
    ASTRO__OBSERVER_UT1 = 2,  /* two */
    ASTRO__OBSERVER_POLE = 4, /* two */
    ASTRO__OBSERVER_COLUMNS = 6
};

extern const struct astro_conversion astro__light_travel_time, astro__jd_to_bjd_tdb,
    astro__radial_velocity_correction;

#endif
