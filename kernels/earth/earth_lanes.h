/*
 * The steps of the group earth, one register of points at a time. For _lanes.c files.
 *
 * Large values  `shrink` brings a row whose numbers reach beyond 2^120 m down to about that, by a
 *               power of two, so that no product overflows; all other rows keep their bits. Out
 *               there the ellipsoid is a point, so lengths may be scaled back in the end.
 */
#ifndef ASTRO_KERNELS_EARTH_EARTH_LANES_H
#define ASTRO_KERNELS_EARTH_EARTH_LANES_H

#include "../sky/sphere_lanes.h"
#include "earth.h"

#define LARGE 0x1p+120

/* Powers of two; both 1 for ordinary rows. */
struct shrink {
    vd down, up;
};

ASTRO__INLINE struct shrink no_shrink(void)
{
    return (struct shrink){v_set(1.0), v_set(1.0)};
}

ASTRO__INLINE vm small_enough(vd a, vd b, vd c)
{
    return (vm)(v_abs(a) + v_abs(b) + v_abs(c) <= LARGE);
}

ASTRO__INLINE struct shrink shrink_for(vd a, vd b, vd c)
{
    vm small = small_enough(a, b, c);
    vd largest = v_max(v_max(v_abs(a), v_abs(b)), v_abs(c));
    vd power = (vd)((vm)v_max(largest, v_set(1.0)) & (vm)v_set((double)INFINITY));

    return (struct shrink){v_select(small, v_set(1.0), LARGE / power),
                           v_select(small, v_set(1.0), power / LARGE)};
}

ASTRO__INLINE void times(vd factor, vd p[3])
{
    for (size_t k = 0; k < 3; k++)
        p[k] *= factor;
}

/* eraGd2gce */
ASTRO__INLINE void geodetic_to_xyz(const bool radians, const struct astro__earth *earth, vd lon,
                                   vd lat, vd height, vd p[3])
{
    const struct astro__ellipsoid *e = &earth->ellipsoid;
    vd sin_lon, cos_lon, sin_lat, cos_lat;

    v_sincos_longitude(radians, &earth->sky.lon, lon, &sin_lon, &cos_lon);
    v_sincos_latitude(radians, &earth->sky.lat, lat, &sin_lat, &cos_lat);
    vd normal = e->a / v_sqrt(v_fma(cos_lat, cos_lat, e->ratio2 * (sin_lat * sin_lat)));
    vd rho = (normal + height) * cos_lat;
    p[0] = rho * cos_lon;
    p[1] = rho * sin_lon;
    p[2] = v_fma(v_set(e->ratio2), normal, height) * sin_lat;
}

/*
 * Fukushima (2006): with P = rho/a and Z = |z| b/a^2, the tangent S/C of the reduced latitude
 * begins at z/(rho b/a); one step of Halley's method, as in eraGc2gde, is followed by one of
 * Newton's, after which nothing is left but rounding, at any height.
 */
ASTRO__INLINE void xyz_to_geodetic(const bool radians, const struct astro__earth *earth,
                                   const vd p[3], struct shrink shrink, vd *ret_lon, vd *ret_lat,
                                   vd *ret_height)
{
    const struct astro__ellipsoid *e = &earth->ellipsoid;
    vd rho = v_sqrt(v_fma(p[0], p[0], p[1] * p[1]));
    vd z = v_abs(p[2]);
    vd P = rho / e->a, s = z / e->a;
    vd Z = e->ratio * s, c = e->ratio * P;

    vd square = v_fma(s, s, c * c);
    vd root = v_sqrt(square);
    vd cube = square * root;
    vd D = v_fma(Z, cube, e->e2 * (s * s * s));
    vd F = v_fma(P, cube, -(e->e2 * (c * c * c)));
    vd B = 1.5 * e->e2 * e->e2 * (s * s) * (c * c) * P * (root - e->ratio);
    vd s1 = v_fma(D, F, -(B * s));
    vd c1 = v_fma(F, F, -(B * c));

    /* At the centre, and where both vanish, the direction is that of the pole. */
    vd length = v_sqrt(v_fma(s1, s1, c1 * c1));
    vm lost = ~(vm)(length > 1e-290);
    vd by = v_select(lost, v_set(1.0), length);
    s = v_select(lost, v_set(1.0), s1 / by);
    c = v_select(lost, v_set(0.0), c1 / by);
    vd S = v_fma(v_set(e->e2), s * s * s, Z);
    vd C = e->ratio * v_max(v_fma(v_set(-e->e2), c * c * c, P), v_set(1e-100));

    vd norm = v_fma(S, S, C * C);
    vd surface = e->a * v_sqrt(v_fma(v_set(e->ratio2), S * S, C * C));
    *ret_lon = v_longitude(radians, &earth->sky.lon, p[1], p[0]);
    *ret_lat = v_flip(v_latitude(radians, &earth->sky.lat, S, C), (vm)(p[2] < 0.0) & V_TOP_BIT);
    *ret_height = (v_fma(rho, C, z * S) - surface) / v_sqrt(norm) * shrink.up;
}

ASTRO__INLINE void xyz_to_enu(const struct astro__earth *earth, struct shrink shrink, const vd p[3],
                              vd local[3])
{
    vd from_origin[3];

    for (size_t k = 0; k < 3; k++)
        from_origin[k] = p[k] - earth->origin[k] * shrink.down;
    matrix_times(earth->axes, from_origin, local);
}

ASTRO__INLINE void enu_to_xyz(const struct astro__earth *earth, struct shrink shrink,
                              const vd local[3], vd p[3])
{
    transpose_times(earth->axes, local, p);
    for (size_t k = 0; k < 3; k++)
        p[k] += earth->origin[k] * shrink.down;
}

ASTRO__INLINE void enu_to_aer(const bool radians, const struct astro__earth *earth,
                              struct shrink shrink, const vd local[3], vd *out)
{
    vd square = v_fma(local[0], local[0], local[1] * local[1]);

    out[0] = v_longitude(radians, &earth->sky.lon, local[0], local[1]);
    out[1] = v_latitude(radians, &earth->sky.lat, local[2], v_sqrt(square));
    out[2] = v_sqrt(v_fma(local[2], local[2], square)) * shrink.up;
}

ASTRO__INLINE void aer_to_enu(const bool radians, const struct astro__earth *earth, const vd *in,
                              vd range, vd local[3])
{
    vd direction[3];

    to_vector(radians, &earth->sky, in[0], in[1], direction);
    local[0] = range * direction[1];
    local[1] = range * direction[0];
    local[2] = range * direction[2];
}

#endif
