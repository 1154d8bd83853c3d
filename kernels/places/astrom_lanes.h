/*
 * Star to place and back for a register of rows: motion, deflection by the Sun, aberration,
 * refraction. For _lanes.c files.
 *
 * Vectors    p, d: unit vectors unless said otherwise. `result` may be an argument.
 * Accuracy   each step within 1e-15 rad of ERFA's routine of the same purpose
 * Source     ERFA: eraPmpx, eraLdsun, eraAb, eraAtciq, eraAticq, eraAtioq, eraAtoiq; the formulas, and
 *            how often they are iterated, are theirs, so that positions agree where a further step
 *            would change them
 */
#ifndef ASTRO_KERNELS_PLACES_ASTROM_LANES_H
#define ASTRO_KERNELS_PLACES_ASTROM_LANES_H

#include "../sky/sphere_lanes.h"
#include "place.h"

#define AU                 149597870700.0                          /* m */
#define LIGHT_YEARS_PER_AU (AU / 299792458.0 / (86400.0 * 365.25)) /* Julian years of light time */
#define AU_PER_YEAR        (86400.0 * 365250.0 / AU)               /* of 1 km/s, in a Julian year */
#define MAS                4.84813681109535994e-09                 /* rad */
#define LEAST_SINE         0.05 /* of the altitude, for refraction */
#define LEAST_COSINE       1e-6

/* struct astro__sight for a register. */
struct sight {
    vd years, position[3];
    vd from_sun[3], pull, least;
    vd velocity[3], slowness, share;
};

ASTRO__INLINE struct sight sight_of(const struct astro__sight *one)
{
    struct sight sight = {.years = v_set(one->years),
                          .pull = v_set(one->pull),
                          .least = v_set(one->least),
                          .slowness = v_set(one->slowness),
                          .share = v_set(one->share)};

    for (size_t k = 0; k < 3; k++) {
        sight.position[k] = v_set(one->position[k]);
        sight.from_sun[k] = v_set(one->from_sun[k]);
        sight.velocity[k] = v_set(one->velocity[k]);
    }
    return sight;
}

/* --- vectors --- */

/* 1 / sqrt(squared), which is 1 within 3e-4 for all sober speeds: then a series, error 1e-18. */
ASTRO__INLINE vd v_to_unit(vd squared)
{
    vd e = squared - 1.0;
    vm near = (vm)(v_abs(e) < 3e-4);
    vd factor =
        v_fma(v_fma(v_fma(v_fma(v_set(35.0 / 128.0), e, v_set(-5.0 / 16.0)), e, v_set(3.0 / 8.0)),
                    e, v_set(-0.5)),
              e, v_set(1.0));

    if (__builtin_expect(!v_all(near), 0))
        factor = v_select(near, factor, 1.0 / v_sqrt(squared));
    return factor;
}

/* Of a vector that is a unit vector but for little. */
ASTRO__INLINE void to_unit(vd p[3])
{
    vd factor = v_to_unit(dot(p, p));

    for (size_t k = 0; k < 3; k++)
        p[k] = p[k] * factor;
}

/* --- from catalogue to place --- */

/* Motion and parallax. motion: mas/yr (with cos dec), mas/yr, mas, km/s. The result is a unit vector. */
ASTRO__INLINE void move_star(const struct sight *sight, const bool radians,
                             const struct astro__sky *sky, vd ra, vd dec, const vd motion[4],
                             vd result[3])
{
    vd sr, cr, sd, cd;

    v_sincos_longitude(radians, &sky->lon, ra, &sr, &cr);
    v_sincos_latitude(radians, &sky->lat, dec, &sd, &cd);
    vd p[3] = {cd * cr, cd * sr, sd};
    vd years = v_fma(dot(p, sight->position), v_set(LIGHT_YEARS_PER_AU), sight->years);
    vd along = motion[0] * MAS, north = motion[1] * MAS, parallax = motion[2] * MAS;
    vd away = motion[3] * AU_PER_YEAR * parallax;
    vd down = north * sd;
    vd change[3] = {v_fma(away, p[0], -v_fma(along, sr, down * cr)),
                    v_fma(away, p[1], v_fma(along, cr, -(down * sr))),
                    v_fma(away, p[2], north * cd)};

    for (size_t k = 0; k < 3; k++)
        p[k] = v_fma(years, change[k], v_fma(-parallax, sight->position[k], p[k]));
    vd length = v_sqrt(dot(p, p));
    for (size_t k = 0; k < 3; k++)
        result[k] = p[k] / length;
}

/* Deflection by the Sun. */
ASTRO__INLINE void deflect(const struct sight *sight, const vd p[3], vd result[3])
{
    const vd *e = sight->from_sun;
    vd sum[3] = {p[0] + e[0], p[1] + e[1], p[2] + e[2]};
    vd along = dot(p, e);
    vd w = sight->pull / v_max(dot(p, sum), sight->least);

    for (size_t k = 0; k < 3; k++)
        result[k] = v_fma(w, v_fma(-along, p[k], e[k]), p[k]);
}

/* Aberration. The result is not a unit vector: longer or shorter by up to the speed. */
ASTRO__INLINE void aberrate(const struct sight *sight, const vd p[3], vd result[3])
{
    const vd *v = sight->velocity;
    vd towards = dot(p, v);
    vd of_v = v_fma(towards, sight->share, 1.0 + sight->pull);
    vd of_p = v_fma(-sight->pull, towards, sight->slowness);

    for (size_t k = 0; k < 3; k++)
        result[k] = v_fma(of_p, p[k], of_v * v[k]);
}

/* --- and back --- */

/* The p whose image `image` is `wanted`, one step better: wanted less what the step adds to p. */
ASTRO__INLINE void step_back(const vd wanted[3], const vd image[3], vd p[3])
{
    for (size_t k = 0; k < 3; k++)
        p[k] = wanted[k] - (image[k] - p[k]);
    to_unit(p);
}

/* Two steps, as in eraAticq: 1e-12 rad. */
ASTRO__INLINE void unaberrate(const struct sight *sight, const vd wanted[3], vd p[3])
{
    vd image[3];

    for (size_t k = 0; k < 3; k++)
        p[k] = wanted[k];
    for (int step = 0; step < 2; step++) {
        aberrate(sight, p, image);
        to_unit(image);
        step_back(wanted, image, p);
    }
}

/*
 * eraAticq makes five steps. Farther than 11 degrees from the Sun the second one settles it to
 * 1e-20 rad; lanes that are nearer get the other three.
 */
ASTRO__INLINE void undeflect(const struct sight *sight, const vd wanted[3], vd p[3])
{
    vd image[3], nearer[3];
    vm far = (vm)(dot(wanted, sight->from_sun) > -0.98);

    for (size_t k = 0; k < 3; k++)
        p[k] = wanted[k];
    for (int step = 0; step < 2; step++) {
        deflect(sight, p, image);
        step_back(wanted, image, p);
    }
    if (__builtin_expect(v_all(far), 1))
        return;
    for (size_t k = 0; k < 3; k++)
        nearer[k] = p[k];
    for (int step = 0; step < 3; step++) {
        deflect(sight, nearer, image);
        step_back(wanted, image, nearer);
    }
    for (size_t k = 0; k < 3; k++)
        p[k] = v_select(far, p[k], nearer[k]);
}

/* --- at the site --- */

/* South, east, up from the axes of hour angle and declination, and back. */
ASTRO__INLINE void stand(const struct astro__place *place, vd p[3])
{
    vd x = place->sin_lat * p[0] - place->cos_lat * p[2];

    p[2] = place->cos_lat * p[0] + place->sin_lat * p[2];
    p[0] = x;
}

ASTRO__INLINE void lean(const struct astro__place *place, vd p[3])
{
    vd x = place->sin_lat * p[0] + place->cos_lat * p[2];

    p[2] = place->sin_lat * p[2] - place->cos_lat * p[0];
    p[0] = x;
}

/* p: south, east, up. With t = tan z, refraction is t (A + B t^2) / (1 + (A + 3 B t^2) / cos^2 z). */
ASTRO__INLINE void refract(const struct astro__place *place, vd p[3])
{
    vd level = v_max(v_fma(p[0], p[0], p[1] * p[1]), v_set(LEAST_COSINE * LEAST_COSINE));
    vd up = v_max(p[2], v_set(LEAST_SINE));
    vd up_up = up * up;
    vd w = place->b * (level / up_up);
    vd g =
        (place->a + w) * up / (up_up + v_fma(v_set(3.0), w, v_set(place->a))); /* per sine of z */
    vd lift = g * level;
    vd cosine = v_fma(-0.5 * g, lift, v_set(1.0));
    vd shrink = v_fma(-g, up, cosine);

    p[0] = p[0] * shrink;
    p[1] = p[1] * shrink;
    p[2] = v_fma(cosine, p[2], lift);
}

/* As above, for p as observed. */
ASTRO__INLINE void unrefract(const struct astro__place *place, vd p[3])
{
    static const struct astro__circle radians = {.radians = true,
                                                 .quarter = 1.5707963267948966,
                                                 .quarter_low = 6.123233995736766e-17,
                                                 .per_quarter = 0.6366197723675814,
                                                 .to_radians = 1.0,
                                                 .from_radians = 1.0,
                                                 .full = 6.283185307179586,
                                                 .limit = 524288.0};
    vd level = v_sqrt(v_fma(p[0], p[0], p[1] * p[1]));
    vd up = v_max(p[2], v_set(LEAST_SINE));
    vd t = level / up;
    vd angle = v_fma(v_set(place->b), t * t, v_set(place->a)) * t;
    vd s, c;

    if (__builtin_expect(place->wild, 0)) {
        vd most = v_set(radians.limit);
        v_sincos_longitude(true, &radians, v_max(v_min(angle, most), -most), &s, &c);
    } else {
        v_sincos_octant(angle, &s, &c);
    }
    vd stretch = v_fma(p[2], s / v_max(level, v_set(0x1p-1000)), c);
    p[2] = v_fma(p[2], c, -(level * s));
    p[0] = p[0] * stretch;
    p[1] = p[1] * stretch;
}

#endif
