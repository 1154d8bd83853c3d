/*
 * The group frames: rotations between celestial frames. One source per family; this is what
 * they share.
 */
#ifndef ASTRO_KERNELS_SKY_FRAMES_FRAMES_H
#define ASTRO_KERNELS_SKY_FRAMES_FRAMES_H

#include "../context.h"

/* astro_conversion.run of every conversion whose context is a struct astro__rotation. */
void astro__run_rotation(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report);

/* The families, in the order of the catalogue. */
extern const struct astro_conversion astro__icrs_to_galactic, astro__galactic_to_icrs;
extern const struct astro_conversion astro__icrs_to_fk5, astro__fk5_to_icrs, astro__precess_fk5;
extern const struct astro_conversion astro__icrs_to_ecliptic, astro__ecliptic_to_icrs;

#endif
