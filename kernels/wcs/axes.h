/*
 * Which axes of a header are celestial, and whether what it says of them is consistent.
 */
#ifndef ASTRO_KERNELS_WCS_AXES_H
#define ASTRO_KERNELS_WCS_AXES_H

#include "header.h"

/* Fills in lon, lat and projection; bad_header says what is missing or contradicts. */
bool astro__wcs_axes_find(struct astro__wcs_header *header, struct astro_error *err);

/* Orders and terms of SIP; sets has_sip. */
bool astro__wcs_sip_check(struct astro__wcs_header *header, struct astro_error *err);

#endif
