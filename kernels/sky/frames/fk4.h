/*
 * FK4: the frame of the Bessel-Newcomb era, with elliptic terms of aberration ("E-terms") left in
 * its positions, so that the way to other frames is no rotation.
 *
 * Purpose    What prepare() works out and the vector kernels of fk4_lanes.c follow.
 * Ownership  The caller's memory; nothing in it points anywhere.
 * Units      equinoxes and epochs are Besselian years; vectors are in units of the unit sphere.
 */
#ifndef ASTRO_KERNELS_SKY_FRAMES_FK4_H
#define ASTRO_KERNELS_SKY_FRAMES_FK4_H

#include "../context.h"

/*
 * From FK4, with or without E-terms, to any frame. A step whose flag is false is left out:
 * E-terms `off`, rotation `first`, E-terms `on`, E-terms `off_again`, matrix `last`.
 */
struct astro__fk4_from {
    struct astro__sky in, out;
    bool has_off, has_on, has_last;
    double off[3], first[3][3], on[3], off_again[3], last[3][3];
};

/*
 * From any frame to FK4 with E-terms at B1950.0, as eraFk54z: matrices to the position and to its
 * fictitious motion (arcsec per century), E-terms on, `years` of the motion. Then, for another
 * equinox or for FK4 without E-terms: E-terms `off`, rotation `last`, E-terms `on_again`.
 */
struct astro__fk4_to {
    struct astro__sky in, out;
    bool has_last, has_on;
    double position[3][3], motion[3][3];
    double motion_scale; /* years of motion, times radians per year in an arcsec per century */
    double off[3], last[3][3], on_again[3];
};

/* The vectors A and its change per century of eraFk45z and eraFk524: (rad), (arcsec). */
extern const double astro__e_terms_b1950[3], astro__e_terms_rate[3];

/* The E-terms at an equinox. At 1950.0 exactly they are those of ERFA. */
void astro__e_terms(double equinox, double terms[3]);

/* Newcomb's precession as revised by Kinoshita (1975): x_to = matrix x_from. */
void astro__newcomb(double from, double to, double matrix[3][3]);

/* 1u << ASTRO_WARN_EXTRAPOLATED outside 1800 to 2100; else 0. */
uint32_t astro__newcomb_warnings(double equinox);

/*
 * The steps from FK4 at `equinox`, observed at `obstime`, to FK5 J2000.0 and on by `onward` (which
 * takes FK5 J2000.0 vectors). e_terms: whether the input has them.
 */
void astro__fk4_leave(struct astro__fk4_from *chain, bool e_terms, double equinox, double obstime,
                      double onward[3][3]);

/*
 * The steps from a frame that `inward` takes to FK5 J2000.0 to FK4 at `equinox`, `obstime`.
 */
void astro__fk4_arrive(struct astro__fk4_to *chain, bool e_terms, double equinox, double obstime,
                       double inward[3][3]);

/* The steps within FK4: from one equinox to another, with and without E-terms on either side. */
void astro__fk4_within(struct astro__fk4_from *chain, bool e_terms_in, double from,
                       bool e_terms_out, double to);

/* astro_conversion.run for contexts of these types. */
void astro__run_fk4_from(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report);
void astro__run_fk4_to(const void *context, size_t n, const void *const in[], void *const out[],
                       struct astro_report *report);

#endif
