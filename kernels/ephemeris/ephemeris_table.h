/*
 * The tables of the ephemeris: polynomials, made when the library is built (ephemeris_make.c).
 *
 * Form       Segment i holds for dates whose J is in [first + 8 i, first + 8 i + 7]: from 1900 to
 *            2100. With z = (date - (first + 8 i + 3.5)) / 4, in [-1, 1], each quantity is the sum of
 *            coefficient[k] z^k. The nutation's shortest periods, 4 to 6 days, decide the degrees.
 * Errors     against ERFA, the largest that test_ephemeris.c finds:
 *                x, y, eo      degree 15       2e-15 rad, 4e-10 arcsec
 *                s + x y / 2   degree 8        2e-15 rad
 *                earth         degree 12       2e-13 au, nearly all of it the rounding of ERFA's own
 *                                              years since 2000; as velocity 1e-13 au/d, 1e-10
 *                                              arcsec of aberration
 *                sun           degree 6        4e-14 au
 *                equinoxes     degrees 5, 11   9e-14 and 7e-13 rad
 * Size       9.9 MB, of which a process touches the pages of the years it is asked for
 */
#ifndef ASTRO_KERNELS_EPHEMERIS_TABLE_H
#define ASTRO_KERNELS_EPHEMERIS_TABLE_H

#define ASTRO__EPHEMERIS_FIRST  2415020.0 /* J of 1899-12-31, noon */
#define ASTRO__EPHEMERIS_DAYS   8.0       /* of a segment */
#define ASTRO__EPHEMERIS_HALF   4.0
#define ASTRO__EPHEMERIS_MIDDLE 3.5 /* from its first J */

enum {
    ASTRO__EPHEMERIS_SEGMENTS = 9132,
    ASTRO__POLE_TERMS = 16,
    ASTRO__LOCATOR_TERMS = 9,
    ASTRO__EARTH_TERMS = 13,
    ASTRO__SUN_TERMS = 7,
    ASTRO__EQUINOX_2000_TERMS = 6,
    ASTRO__EQUINOX_1994_TERMS = 12
};

/* rad, of TT: eraPnm06a, eraBpn2xy, eraS06, eraEors */
struct astro__orientation_segment {
    double x[ASTRO__POLE_TERMS];
    double y[ASTRO__POLE_TERMS];
    double eo[ASTRO__POLE_TERMS];
    double locator[ASTRO__LOCATOR_TERMS]; /* s + x y / 2 */
};

/* au, of TDB: eraEpv00 */
struct astro__position_segment {
    double earth[3][ASTRO__EARTH_TERMS]; /* from the barycentre */
    double sun[3][ASTRO__SUN_TERMS];     /* from the barycentre */
};

extern const struct astro__orientation_segment astro__orientation_table[ASTRO__EPHEMERIS_SEGMENTS];
extern const struct astro__position_segment astro__position_table[ASTRO__EPHEMERIS_SEGMENTS];

/* rad, for apparent sidereal time by older models: eraGst00a less eraGst06a, of TT; eraEqeq94. */
extern const double astro__equinox_2000_table[ASTRO__EPHEMERIS_SEGMENTS][ASTRO__EQUINOX_2000_TERMS];
extern const double astro__equinox_1994_table[ASTRO__EPHEMERIS_SEGMENTS][ASTRO__EQUINOX_1994_TERMS];

#endif
