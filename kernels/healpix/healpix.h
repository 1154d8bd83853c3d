/*
 * HEALPix: what its kernels need beside the points.
 *
 * Purpose    Made by prepare() of the group, read by the vector kernels. The tessellation is that of
 *            Gorski et al. (2005, ApJ 622, 759): twelve base cells ("faces"), each a square of
 *            nside x nside pixels, counted from its southern corner: x to the north-east, y to the
 *            north-west.
 * Ownership  The caller's memory; nothing in it points anywhere.
 */
#ifndef ASTRO_KERNELS_HEALPIX_HEALPIX_H
#define ASTRO_KERNELS_HEALPIX_HEALPIX_H

#include "../sky/context.h"

enum { ASTRO__HEALPIX_MOST_ORDER = 29 };

struct astro__healpix {
    struct astro__sky sky; /* circles of lon and lat */
    bool nested;           /* the numbering; else ring */
    int order;             /* log2(nside) where nside is a power of two, else -1 */
    int64_t nside, pixels; /* pixels = 12 nside^2, below 2^62 */
    double side;           /* nside as a double */
};

#endif
