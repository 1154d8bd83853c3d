/*
 * The groups of conversions. Each group is one constant list, defined beside its kernels; the
 * registry strings them together in the order of the catalogue.
 */
#ifndef ASTRO_KERNELS_REGISTRY_GROUPS_H
#define ASTRO_KERNELS_REGISTRY_GROUPS_H

#include "astrolabe/conversion.h"

struct astro__group {
    const struct astro_conversion *const *conversions;
    size_t count;
};

extern const struct astro__group astro__group_core;
extern const struct astro__group astro__group_frames;
extern const struct astro__group astro__group_separations;
extern const struct astro__group astro__group_angles;
extern const struct astro__group astro__group_time;
extern const struct astro__group astro__group_earth;
extern const struct astro__group astro__group_healpix;
extern const struct astro__group astro__group_motion;
extern const struct astro__group astro__group_places;
extern const struct astro__group astro__group_horizon;
extern const struct astro__group astro__group_rotation;
extern const struct astro__group astro__group_barycentric;
extern const struct astro__group astro__group_wcs;
extern const struct astro__group astro__group_units;

/* Called once by astro_kernels_init(), before any look-up. */
void astro__registry_init(void);

#endif
