/*
 * The group separations: what its sources share.
 */
#ifndef ASTRO_KERNELS_SKY_SEPARATIONS_SEPARATIONS_H
#define ASTRO_KERNELS_SKY_SEPARATIONS_SEPARATIONS_H

#include "../context.h"

/*
 * Into the frame whose x axis points at the origin (lon0, lat0) and whose z axis points at position
 * angle `rotation` from there; degrees.
 */
void astro__offset_matrix(double lon0, double lat0, double rotation, double matrix[3][3]);

/* skyoffset.c, tangent.c */
extern const struct astro_conversion astro__lonlat_to_skyoffset, astro__skyoffset_to_lonlat;
extern const struct astro_conversion astro__radec_to_tangent, astro__tangent_to_radec;

#endif
