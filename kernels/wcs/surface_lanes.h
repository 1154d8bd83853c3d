/*
 * Distortion polynomials on a register of rows. For _lanes.c files.
 *
 * Accuracy   values: a few units in the last place of the sum of the magnitudes of the terms. The inverse
 *            is Newton's iteration with the exact derivatives; it ends in the row whose step is
 *            below the tolerance, and what is left then is of the order of its square.
 * Bits       A lane that has ended stays as it is while others go on, so a row depends on nothing
 *            but the row.
 */
#ifndef ASTRO_KERNELS_WCS_SURFACE_LANES_H
#define ASTRO_KERNELS_WCS_SURFACE_LANES_H

#include <float.h>

#include "../simd/sweep.h"
#include "wcs.h"

enum { SURFACE_MOST_STEPS = 40 };

/* Beside the tolerance: what rounding leaves of a step, relative to the position. */
#define SURFACE_ROUNDING 8e-15

/* Below every distance that matters, so that nothing is divided by 0. */
#define SURFACE_LEAST 1e-300

/* One of the two values at (u, v) and, where asked for, its derivatives along u and v. */
ASTRO__INLINE void surface_value(const bool slopes, const struct astro__surface *surface,
                                 const size_t k, vd u, vd v, vd *ret_value, vd slope[2])
{
    vd f = v_set(0.0), fu = v_set(0.0), fv = v_set(0.0);

    for (int p = surface->order; p >= 0; p--) {
        vd g = v_set(0.0), gv = v_set(0.0);
        for (int q = surface->order - p; q >= 0; q--) {
            if (slopes)
                gv = v_fma(gv, v, g);
            g = v_fma(g, v, v_set(surface->term[k][p][q]));
        }
        if (slopes) {
            fu = v_fma(fu, u, f);
            fv = v_fma(fv, u, gv);
        }
        f = v_fma(f, u, g);
    }
    if (surface->has_radial) {
        const double *c = surface->radial[k];
        vd rr = v_fma(u, u, v * v);
        vd r = v_sqrt(rr);
        vd sum =
            v_fma(v_fma(v_fma(v_set(c[3]), rr, v_set(c[2])), rr, v_set(c[1])), rr, v_set(c[0]));
        f = v_fma(sum, r, f);
        if (slopes) {
            vd along =
                v_fma(v_fma(v_fma(v_set(7.0 * c[3]), rr, v_set(5.0 * c[2])), rr, v_set(3.0 * c[1])),
                      rr, v_set(c[0])) /
                (r + SURFACE_LEAST);
            fu = v_fma(along, u, fu);
            fv = v_fma(along, v, fv);
        }
    }
    *ret_value = f;
    if (slopes) {
        slope[0] = fu;
        slope[1] = fv;
    }
}

ASTRO__INLINE void surface_apply(const struct astro__surface *surface, vd p[2])
{
    vd x, y;

    surface_value(false, surface, 0, p[0], p[1], &x, NULL);
    surface_value(false, surface, 1, p[0], p[1], &y, NULL);
    p[0] = x;
    p[1] = y;
}

/*
 * Makes p the place that the surface takes to p; returns the lanes in which one was found, the
 * others hold anything. Not inlined: it is long, and called once a register.
 */
static __attribute__((noinline, unused)) vm surface_solve(const struct astro__surface *surface,
                                                          vd p[2])
{
    vd u = p[0], v = p[1];
    vm ended = (vm)v_set(0.0);

    for (int step = 0; step < SURFACE_MOST_STEPS && !v_all(ended); step++) {
        vd f, g, fs[2], gs[2];
        surface_value(true, surface, 0, u, v, &f, fs);
        surface_value(true, surface, 1, u, v, &g, gs);
        f = f - p[0];
        g = g - p[1];
        vd det = v_fma(fs[0], gs[1], -(fs[1] * gs[0]));
        vd du = v_fma(f, gs[1], -(fs[1] * g)) / det;
        vd dv = v_fma(fs[0], g, -(f * gs[0])) / det;
        u = v_select(ended, u, u - du);
        v = v_select(ended, v, v - dv);
        vd enough = v_fma(v_abs(u) + v_abs(v), v_set(SURFACE_ROUNDING), v_set(surface->tolerance));
        ended = ended | ((vm)(v_abs(du) <= enough) & (vm)(v_abs(dv) <= enough));
    }
    p[0] = u;
    p[1] = v;
    return ended & sweep_finite(u) & sweep_finite(v);
}

#endif
