/*
 * What the two sources of descriptors of the group healpix share.
 */
#ifndef ASTRO_KERNELS_HEALPIX_GROUP_H
#define ASTRO_KERNELS_HEALPIX_GROUP_H

#include "astrolabe/conversion.h"

extern const struct astro_field astro__healpix_pixel[1];

/* Whether all n numbers are in [0, limit); otherwise the report tells of the first that is not. */
bool astro__healpix_passes(const char *field, int64_t limit, size_t n, const void *column,
                           struct astro_report *report);

/* nested.c */
extern const struct astro_conversion astro__healpix_change_order, astro__healpix_to_nuniq,
    astro__nuniq_to_healpix;

#endif
