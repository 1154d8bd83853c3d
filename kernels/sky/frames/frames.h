/*
 * The group frames: celestial frames into each other. One source per family; this is what they
 * share: the matrices, so that transform_frame can join any two, and the parts of a descriptor.
 *
 * Matrices take vectors of the first frame named to the second: x_out = matrix x_in.
 */
#ifndef ASTRO_KERNELS_SKY_FRAMES_FRAMES_H
#define ASTRO_KERNELS_SKY_FRAMES_FRAMES_H

#include "../context.h"

/* astro_conversion.run of every conversion whose context is a struct astro__rotation. */
void astro__run_rotation(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report);

/* The part of a descriptor that follows from a context of type struct astro__rotation. */
#define ASTRO__ROTATES(ns_to_prepare)                                                              \
    .ns_per_point = 9.0, .prepare_ns = (ns_to_prepare),                                            \
    .context_size = sizeof(struct astro__rotation), .run = astro__run_rotation

/* --- galactic.c, supergalactic.c --- */

enum astro__galactic { ASTRO__GALACTIC_HIPPARCOS, ASTRO__GALACTIC_FK5 };

/* ICRS to galactic. */
void astro__galactic_matrix(enum astro__galactic definition, double matrix[3][3]);
/* Galactic to supergalactic. */
void astro__supergalactic_matrix(double matrix[3][3]);

extern const struct astro_field astro__galactic_fields[2]; /* l, b */
extern const char *const astro__galactic_definitions[];

#define ASTRO__GALACTIC_DEFINITION                                                                 \
    ASTRO__CHOICE("definition", "hipparcos", astro__galactic_definitions,                          \
                  "hipparcos: by the Hipparcos Catalogue, as ERFA; fk5: through FK5 J2000, as "    \
                  "astropy")

extern const struct astro_conversion astro__icrs_to_galactic, astro__galactic_to_icrs;
extern const struct astro_conversion astro__galactic_to_supergalactic,
    astro__supergalactic_to_galactic;

/* --- fk5.c --- */

/* ICRS to FK5 at an equinox. */
void astro__fk5_matrix(const struct astro_value *equinox, double matrix[3][3]);
/* FK5 at one equinox to FK5 at another, IAU 2006. */
void astro__fk5_precession(const struct astro_value *from, const struct astro_value *to,
                           double matrix[3][3]);

extern const struct astro_conversion astro__icrs_to_fk5, astro__fk5_to_icrs, astro__precess_fk5;

/* --- ecliptic.c --- */

enum astro__ecliptic { ASTRO__ECLIPTIC_MEAN, ASTRO__ECLIPTIC_TRUE, ASTRO__ECLIPTIC_LONG_TERM };

/* ICRS to ecliptic. Returns bits of warnings. */
uint32_t astro__ecliptic_matrix(const struct astro_value *equinox, enum astro__ecliptic definition,
                                double matrix[3][3]);

extern const struct astro_conversion astro__icrs_to_ecliptic, astro__ecliptic_to_icrs;

/* --- fk4_frames.c, transform.c --- */

extern const struct astro_conversion astro__fk4_to_fk5, astro__fk5_to_fk4, astro__icrs_to_fk4,
    astro__fk4_to_icrs, astro__fk4_to_fk4_no_e, astro__fk4_no_e_to_fk4, astro__precess_fk4;
extern const struct astro_conversion astro__transform_frame;

#endif
