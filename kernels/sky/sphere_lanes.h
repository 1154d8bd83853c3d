/*
 * Directions as vectors: what several kernels do with a register of positions. For _lanes.c files.
 */
#ifndef ASTRO_KERNELS_SKY_SPHERE_LANES_H
#define ASTRO_KERNELS_SKY_SPHERE_LANES_H

#include "../simd/sweep.h"
#include "context.h"

/* Whether the vector reduction can take longitude in[0] and latitude in[1]. */
ASTRO__INLINE vm position_ordinary(const struct astro__sky *sky, const vd *in)
{
    return (vm)(v_abs(in[0]) <= sky->lon.limit) & sweep_finite(in[1]);
}

/* The unit vector of a position. */
ASTRO__INLINE void to_vector(const bool radians, const struct astro__sky *sky, vd longitude,
                             vd latitude, vd p[3])
{
    vd sin_lon, cos_lon, sin_lat, cos_lat;

    v_sincos_longitude(radians, &sky->lon, longitude, &sin_lon, &cos_lon);
    v_sincos_latitude(radians, &sky->lat, latitude, &sin_lat, &cos_lat);
    p[0] = cos_lat * cos_lon;
    p[1] = cos_lat * sin_lon;
    p[2] = sin_lat;
}

/* The position of a vector of any ordinary length; longitude in [0, full), 0 at the poles. */
ASTRO__INLINE void from_vector(const bool radians, const struct astro__sky *sky, const vd p[3],
                               vd *ret_longitude, vd *ret_latitude)
{
    *ret_longitude = v_longitude(radians, &sky->lon, p[1], p[0]);
    *ret_latitude = v_latitude(radians, &sky->lat, p[2], v_sqrt(v_fma(p[0], p[0], p[1] * p[1])));
}

/* The same with the longitude in (-half, half] of the circle. */
ASTRO__INLINE void offsets_of(const bool radians, const struct astro__sky *sky, const vd p[3],
                              vd *ret_longitude, vd *ret_latitude)
{
    *ret_longitude = v_direction(radians, &sky->lon, p[1], p[0]);
    *ret_latitude = v_latitude(radians, &sky->lat, p[2], v_sqrt(v_fma(p[0], p[0], p[1] * p[1])));
}

ASTRO__INLINE vd dot(const vd a[3], const vd b[3])
{
    return v_fma(a[0], b[0], v_fma(a[1], b[1], a[2] * b[2]));
}

ASTRO__INLINE vd dot_constant(const double a[3], const vd b[3])
{
    return v_fma(v_set(a[0]), b[0], v_fma(v_set(a[1]), b[1], a[2] * b[2]));
}

/* `result` may be `p`. */
ASTRO__INLINE void matrix_times(const double m[3][3], const vd p[3], vd result[3])
{
    vd x = dot_constant(m[0], p), y = dot_constant(m[1], p), z = dot_constant(m[2], p);

    result[0] = x;
    result[1] = y;
    result[2] = z;
}

/* The same for the transposed matrix. */
ASTRO__INLINE void transpose_times(const double m[3][3], const vd p[3], vd result[3])
{
    vd sum[3];

    for (size_t k = 0; k < 3; k++)
        sum[k] = v_fma(v_set(m[0][k]), p[0], v_fma(v_set(m[1][k]), p[1], m[2][k] * p[2]));
    for (size_t k = 0; k < 3; k++)
        result[k] = sum[k];
}

#endif
