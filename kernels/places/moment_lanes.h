/*
 * The observer of each row: the Earth's place and turn at its time. For _lanes.c files.
 *
 * What ERFA's eraApci and eraApco make once for a time, from the ephemeris table, for a register of
 * times; rotations are applied one after the other instead of being multiplied.
 *
 * Source     ERFA: eraC2ixys, eraEra00, eraSp00, eraPom00, eraPvtob, eraApcs, eraApco, eraApio
 */
#ifndef ASTRO_KERNELS_PLACES_MOMENT_LANES_H
#define ASTRO_KERNELS_PLACES_MOMENT_LANES_H

#include "../ephemeris/ephemeris_lanes.h"
#include "astrom_lanes.h"

#define LIGHT_DAYS_PER_AU (AU / 299792458.0 / 86400.0)
#define TURNS_PER_DAY     1.00273781191135448 /* of the Earth, per day of UT1 */
#define TURNS_GAINED      0.00273781191135448 /* with all its digits */
#define RADIAN            0.15915494309189535 /* turns */
#define J2000             2451545.0

/* Angles in turns. */
static const struct astro__circle turns = {.quarter = 0.25,
                                           .per_quarter = 4.0,
                                           .to_radians = 6.283185307179586,
                                           .from_radians = RADIAN,
                                           .full = 1.0,
                                           .limit = 0x1p+40};

/* From the GCRS to the CIP as z axis: a symmetric tilt; then a rotation about it; then the pole. */
struct turning {
    vd x, y, z, bend; /* the CIP; bend = 1 / (1 + z) */
    vd sin_turn, cos_turn;
    vd sin_xp, cos_xp, sin_yp, cos_yp;
};

/* --- rotations: forward, and back --- */

ASTRO__INLINE void tilt(const struct turning *turning, vd p[3])
{
    vd level = v_fma(turning->x, p[0], turning->y * p[1]);
    vd shift = v_fma(turning->bend, level, p[2]);

    vd up = v_fma(turning->z, p[2], level);
    p[0] = v_fma(-turning->x, shift, p[0]);
    p[1] = v_fma(-turning->y, shift, p[1]);
    p[2] = up;
}

ASTRO__INLINE void untilt(const struct turning *turning, vd p[3])
{
    vd level = v_fma(turning->x, p[0], turning->y * p[1]);
    vd shift = v_fma(-turning->bend, level, p[2]);

    vd up = v_fma(turning->z, p[2], -level);
    p[0] = v_fma(turning->x, shift, p[0]);
    p[1] = v_fma(turning->y, shift, p[1]);
    p[2] = up;
}

/* Axes a and b turned by the angle of this sine and cosine, from a to b. */
ASTRO__INLINE void turn(vd s, vd c, vd *a, vd *b)
{
    vd first = v_fma(c, *a, s * *b);

    *b = v_fma(c, *b, -(s * *a));
    *a = first;
}

/* The pole: Ry(-xp), then Rx(-yp). */
ASTRO__INLINE void shift_pole(const struct turning *turning, vd p[3])
{
    turn(turning->sin_xp, turning->cos_xp, &p[0], &p[2]);
    turn(-turning->sin_yp, turning->cos_yp, &p[1], &p[2]);
}

ASTRO__INLINE void unshift_pole(const struct turning *turning, vd p[3])
{
    turn(turning->sin_yp, turning->cos_yp, &p[1], &p[2]);
    turn(-turning->sin_xp, turning->cos_xp, &p[0], &p[2]);
}

ASTRO__INLINE void turn_earth(const struct turning *turning, vd p[3])
{
    turn(turning->sin_turn, turning->cos_turn, &p[0], &p[1]);
}

ASTRO__INLINE void unturn_earth(const struct turning *turning, vd p[3])
{
    turn(-turning->sin_turn, turning->cos_turn, &p[0], &p[1]);
}

/*
 * 1 / (1 + sqrt(1 - r)), with which sqrt(1 - r) is 1 - r times this; by a series, to 4e-17, where r is
 * below 2e-4: for the pole within a century of 2000, and for all sober speeds.
 */
ASTRO__INLINE vd v_bend(vd r)
{
    vm small = (vm)(r < 2e-4);
    vd bend = v_fma(v_fma(v_fma(v_set(5.0 / 128.0), r, v_set(1.0 / 16.0)), r, v_set(1.0 / 8.0)), r,
                    v_set(0.5));

    if (__builtin_expect(!v_all(small), 0))
        bend = v_select(small, bend, 1.0 / (1.0 + v_sqrt(1.0 - r)));
    return bend;
}

/* --- angles of a time --- */

/* Sine and cosine of a small angle: to 1e-20 within 2 arcsec. */
ASTRO__INLINE void v_sincos_small(vd angle, vd *ret_sin, vd *ret_cos)
{
    vd square = angle * angle;

    *ret_sin = v_fma(angle * square, v_set(-1.0 / 6.0), angle);
    *ret_cos = v_fma(square, v_set(-0.5), v_set(1.0));
}

/*
 * The angle of the Earth's rotation from the origin of right ascension to the origin of longitude
 * (with the TIO locator s'), turns. What is whole turns leaves before anything is rounded: 1e-15,
 * where eraEra00 rounds to 1e-8 arcsec in 2040.
 */
ASTRO__INLINE vd earth_angle(vd day, vd part, vd ut_day, vd ut_part)
{
    vd days = ut_day - J2000;
    vd gained = TURNS_GAINED * days;
    vd lost = v_fma(v_set(TURNS_GAINED), days, -gained);
    vd angle = (gained - date_round(gained)) +
               (v_fma(ut_part, v_set(TURNS_PER_DAY), lost) + 0.7790572732640);
    vd centuries = ((day - J2000) + part) * (1.0 / 36525.0);

    return v_fma(centuries, v_set(-47e-6 / 1296000.0), angle - date_round(angle));
}

ASTRO__INLINE void set_turn(struct turning *turning, vd angle)
{
    vd within = angle - date_round(angle);

    v_sincos_longitude(false, &turns, within, &turning->sin_turn, &turning->cos_turn);
}

ASTRO__INLINE void set_pole(struct turning *turning, vd xp, vd yp)
{
    v_sincos_small(xp, &turning->sin_xp, &turning->cos_xp);
    v_sincos_small(yp, &turning->sin_yp, &turning->cos_yp);
}

/* --- the observer --- */

/* Where the site is in axes with the CIP as z axis, and how the Earth's rotation moves it: au, au/d. */
ASTRO__INLINE void carry_site(const struct astro__place *place, const struct turning *turning,
                              vd position[3], vd velocity[3])
{
    const double spin = TURNS_PER_DAY * 6.283185307179586;

    for (size_t k = 0; k < 3; k++)
        position[k] = v_set(place->site[k]);
    unshift_pole(turning, position);
    unturn_earth(turning, position);
    velocity[0] = -spin * position[1];
    velocity[1] = spin * position[0];
    velocity[2] = v_set(0.0);
}

/* times: date (2), UT1 (2), pole (2); of the geocentre the date alone. */
ASTRO__INLINE void sight_at(const struct astro__place *place, const vd *times, struct sight *ret,
                            struct turning *ret_turning)
{
    struct ephemeris_lanes when = ephemeris_at(times[0], times[1]);
    vd earth[3], velocity[3], sun_earth[3], s, eo = v_set(0.0);

    ret->years = ((times[0] - J2000) + times[1]) * (1.0 / 365.25);
    ephemeris_position(&when, earth, velocity, sun_earth);
    if (place->frame > ASTRO__GCRS) {
        ephemeris_orientation(&when, &ret_turning->x, &ret_turning->y, &s, NULL);
        vd x = ret_turning->x, y = ret_turning->y;
        vd level = v_fma(x, x, y * y);
        ret_turning->bend = v_bend(level);
        ret_turning->z = v_fma(-level, ret_turning->bend, v_set(1.0));
        vd angle = s * -RADIAN;
        if (place->frame == ASTRO__TETE) {
            ephemeris_orientation(&when, NULL, NULL, NULL, &eo);
            angle = v_fma(eo, v_set(RADIAN), angle);
        }
        if (place->topocentric)
            angle = angle + earth_angle(times[0], times[1], times[2], times[3]);
        set_turn(ret_turning, angle);
    }
    if (place->topocentric) {
        vd position[3], motion[3];
        set_pole(ret_turning, times[4], times[5]);
        carry_site(place, ret_turning, position, motion);
        untilt(ret_turning, position);
        untilt(ret_turning, motion);
        for (size_t k = 0; k < 3; k++) {
            earth[k] = earth[k] + position[k];
            sun_earth[k] = sun_earth[k] + position[k];
            velocity[k] = velocity[k] + motion[k];
        }
    }
    vd near = 1.0 / v_sqrt(dot(sun_earth, sun_earth));
    for (size_t k = 0; k < 3; k++) {
        ret->position[k] = earth[k];
        ret->from_sun[k] = sun_earth[k] * near;
        ret->velocity[k] = velocity[k] * LIGHT_DAYS_PER_AU;
    }
    vd speed = dot(ret->velocity, ret->velocity);
    ret->pull = ASTRO__SUN_RADIUS * near;
    ret->least = ASTRO__LEAST_DEFLECTION * v_min(near * near, v_set(1.0));
    ret->share = v_bend(speed);
    ret->slowness = v_fma(-speed, ret->share, v_set(1.0));
}

#endif
