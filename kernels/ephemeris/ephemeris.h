/*
 * The Earth in the sky: where its pole and its origin of right ascension point, where it is, and how
 * fast it moves; for any time, in nanoseconds.
 *
 * Purpose    eraPnm06a and eraEpv00 cost 32 us each and depend on nothing but the date. Both are
 *            smooth, so they are made once, when the library is built (ephemeris_make.c): from 1900
 *            to 2100 polynomials for each 8 days. A time per row then costs tens of nanoseconds
 *            wherever the times lie, instead of 70 us or a cache of nodes between neighbouring ones;
 *            a row's bits depend on nothing but the row. A time that prepare() has once goes to ERFA
 *            itself: the functions below. A register of times: ephemeris_lanes.h.
 * Accuracy   of the table against ERFA: directions 1e-9 arcsec, velocities to 1e-9 arcsec of
 *            aberration, positions 1e-12 au (test_ephemeris.c looks for the largest differences)
 * Time       the caller passes the scale, TT or TDB, that the ERFA routine it stands for is given.
 * Edges      Dates of any size are taken: beyond 100 000 years from 2000, where the powers of the
 *            series run away, the values are those of the limit. NaN gives NaN.
 * Frames     BCRS and GCRS axes; CIP and CIO of IAU 2006/2000A.
 * Threads    pure; any.
 */
#ifndef ASTRO_KERNELS_EPHEMERIS_EPHEMERIS_H
#define ASTRO_KERNELS_EPHEMERIS_EPHEMERIS_H

#include <stddef.h>
#include <stdint.h>

struct astro__ephemeris {
    /* orientation, of TT */
    double x, y; /* CIP in GCRS: eraBpn2xy of eraPnm06a */
    double s;    /* CIO locator: eraS06, rad */
    double eo;   /* equation of the origins: eraEors of the same matrix, rad */
    /* position, of TDB */
    double earth[3];        /* barycentric position of the Earth, au (pvb[0] of eraEpv00) */
    double velocity[3];     /* its barycentric velocity, au/d (pvb[1]) */
    double sun_earth[3];    /* heliocentric position of the Earth, au (pvh[0]) */
    double sun_velocity[3]; /* barycentric velocity of the Sun, au/d (pvb[1] - pvh[1]) */
};

/* By ERFA itself: all of it, 65 us; or one half, the other stays as it is. */
void astro__ephemeris_exact(double jd1, double jd2, struct astro__ephemeris *ret);
void astro__ephemeris_orientation(double jd1, double jd2, struct astro__ephemeris *ret);
void astro__ephemeris_position(double jd1, double jd2, struct astro__ephemeris *ret);

/* Equations of the equinoxes of older models, rad: eraGst00a less eraGst06a (of TT); eraEqeq94. */
double astro__equinox_2000(double jd1, double jd2);
double astro__equinox_1994(double jd1, double jd2);

/*
 * For the warning `extrapolated`: how many of n dates lie outside the years that a model is made for.
 * NaN does not count. Any alignment.
 */
enum astro__model {
    ASTRO__MODEL_PRECESSION, /* IAU 2006 precession: the years 1000 to 3000 */
    ASTRO__MODEL_POSITION    /* eraEpv00: 1900 to 2100 */
};
uint64_t astro__extrapolated(enum astro__model model, size_t n, const void *jd1, const void *jd2);

#endif
