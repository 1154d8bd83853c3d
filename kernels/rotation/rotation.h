/*
 * The group rotation: what its kernels need beside the rows, and its conversions.
 *
 * Ownership  Plain data. The moments in a conversion's context are given back by its release().
 */
#ifndef ASTRO_KERNELS_ROTATION_ROTATION_H
#define ASTRO_KERNELS_ROTATION_ROTATION_H

#include "../observed/moment.h"
#include "../registry/fields.h"
#include "../simd/circle.h"

/* Angles of the Earth's rotation, from the meridian of Greenwich. */
enum astro__earth_angle {
    ASTRO__ROTATION_ANGLE, /* eraEra00 */
    ASTRO__MEAN_2006,      /* eraGmst06 */
    ASTRO__MEAN_2000,      /* eraGmst00 */
    ASTRO__MEAN_1982,      /* eraGmst82 */
    ASTRO__APPARENT_2006,  /* eraGst06a */
    ASTRO__APPARENT_2000,  /* eraGst00a */
    ASTRO__APPARENT_1994   /* eraGst94 */
};

/* Context of the kernel earth_angle. */
struct astro__earth_angle_of {
    enum astro__earth_angle angle;
    double lon;  /* turns, added */
    double full; /* circle of the output: 360, 24, 2 pi */
    /* Instead of the table: for a time that prepare() has once. */
    bool exact;
    double equinox; /* rad: the equation of the origins less what older models add; or Eqeq94 */
};

/*
 * Columns of a time: of the kernel earth_angle the first four, of those between the ITRS and others
 * all, behind x, y, z.
 */
enum {
    ASTRO__TURN_UT1 = 0, /* two */
    ASTRO__TURN_TT = 2,  /* two */
    ASTRO__ANGLE_COLUMNS = 4,
    ASTRO__TURN_POLE = 4, /* xp, yp */
    ASTRO__TURN_COLUMNS = 6
};

/* Context of the kernel turn_vector: x_out = matrix x_in. */
struct astro__turn {
    double matrix[3][3];
};

extern const struct astro_conversion astro__sidereal_time, astro__earth_rotation_angle;
extern const struct astro_conversion astro__itrs_to_gcrs, astro__gcrs_to_itrs, astro__teme_to_itrs,
    astro__itrs_to_teme;

#endif
