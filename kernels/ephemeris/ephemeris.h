/*
 * The Earth in the sky: where its pole and its origin of right ascension point, where it is, and how
 * fast it moves; for any time, in nanoseconds.
 *
 * Purpose    eraPnm06a and eraEpv00 cost 32 us each and depend on nothing but the date. Both are
 *            smooth, so they are made once, when the library is built (ephemeris_make.c): from 1900
 *            to 2100 polynomials for each 8 days. A time per row then costs tens of nanoseconds
 *            wherever the times lie, instead of 70 us or a cache of nodes between neighbouring ones;
 *            a row's bits depend on nothing but the row.
 * Accuracy   against ERFA: directions 1e-9 arcsec, velocities to 1e-9 arcsec of aberration, positions
 *            1e-12 au (test_ephemeris.c looks for the largest differences)
 * Time       the caller passes the scale, TT or TDB, that the ERFA routine it stands for is given.
 * Frames     BCRS and GCRS axes; CIP and CIO of IAU 2006/2000A.
 */
#ifndef ASTRO_KERNELS_EPHEMERIS_EPHEMERIS_H
#define ASTRO_KERNELS_EPHEMERIS_EPHEMERIS_H

struct astro__ephemeris {
    double x, y;         /* CIP in GCRS: eraBpn2xy of eraPnm06a */
    double s;            /* CIO locator: eraS06, rad */
    double eo;           /* equation of the origins: eraEors of the same matrix, rad */
    double earth[3];     /* barycentric position of the Earth, au (pvb[0] of eraEpv00) */
    double velocity[3];  /* its barycentric velocity, au/d (pvb[1]) */
    double sun_earth[3]; /* heliocentric position of the Earth, au (pvh[0]) */
};

/* By ERFA itself, 65 us: for a time that prepare() has once. */
void astro__ephemeris_exact(double jd1, double jd2, struct astro__ephemeris *ret);

#endif
