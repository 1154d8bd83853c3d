/*
 * Between the terrestrial frame and the sky for a register of times. For _lanes.c files.
 *
 * The rotations of eraC2t06a are applied one after the other: to the pole in the sky (x, y, s), about
 * it, to the pole on the Earth. The first is a tilt that moves the z axis straight to the pole; its
 * turn by -s is one with the Earth's.
 *
 * Source     ERFA: eraC2ixys, eraC2tcio, eraPom00, eraSp00
 */
#ifndef ASTRO_KERNELS_ROTATION_TURNING_LANES_H
#define ASTRO_KERNELS_ROTATION_TURNING_LANES_H

#include "../ephemeris/ephemeris_lanes.h"
#include "angle_lanes.h"

struct tilt_lanes {
    vd x, y, z, bend; /* the pole; bend = 1 / (1 + z) */
};

struct turn_lanes {
    vd sin, cos;
};

ASTRO__INLINE struct tilt_lanes tilt_of(vd x, vd y)
{
    struct tilt_lanes tilt = {.x = x, .y = y};

    tilt.z = v_sqrt(v_max(1.0 - v_fma(x, x, y * y), v_set(0.0)));
    tilt.bend = 1.0 / (1.0 + tilt.z);
    return tilt;
}

/* From axes whose z is that of the GCRS to axes whose z is the pole; `sign` -1: back. */
ASTRO__INLINE void tilt_vector(const struct tilt_lanes *tilt, const double sign, vd p[3])
{
    vd level = v_fma(tilt->x, p[0], tilt->y * p[1]);
    vd shift = v_fma(tilt->bend * sign, level, p[2]) * -sign;

    p[2] = v_fma(tilt->z, p[2], level * sign);
    p[0] = v_fma(tilt->x, shift, p[0]);
    p[1] = v_fma(tilt->y, shift, p[1]);
}

ASTRO__INLINE struct turn_lanes turn_of(vd turns)
{
    struct turn_lanes turn;

    v_sincos_turns(turns, &turn.sin, &turn.cos);
    return turn;
}

/* Axes a and b turned from a to b; `sign` -1: back. */
ASTRO__INLINE void turn_axes(const struct turn_lanes *turn, const double sign, vd *a, vd *b)
{
    vd s = turn->sin * sign;
    vd first = v_fma(turn->cos, *a, s * *b);

    *b = v_fma(turn->cos, *b, -(s * *a));
    *a = first;
}

/* The pole on the Earth. */
struct pole_lanes {
    struct turn_lanes xp, yp;
};

/* Of a small angle in radians: good to 1e-21 within 2 arcsec. */
ASTRO__INLINE struct turn_lanes small_turn_of(vd angle)
{
    vd square = angle * angle;

    return (struct turn_lanes){v_fma(angle * square, v_set(-1.0 / 6.0), angle),
                               v_fma(square, v_set(-0.5), v_set(1.0))};
}

ASTRO__INLINE struct pole_lanes pole_of(vd xp, vd yp)
{
    return (struct pole_lanes){small_turn_of(xp), small_turn_of(yp)};
}

/* Ry(-xp), then Rx(-yp). */
ASTRO__INLINE void pole_vector(const struct pole_lanes *pole, vd p[3])
{
    turn_axes(&pole->xp, 1.0, &p[0], &p[2]);
    turn_axes(&pole->yp, -1.0, &p[1], &p[2]);
}

ASTRO__INLINE void unpole_vector(const struct pole_lanes *pole, vd p[3])
{
    turn_axes(&pole->yp, 1.0, &p[1], &p[2]);
    turn_axes(&pole->xp, -1.0, &p[0], &p[2]);
}

/* All of a time. */
struct turning_lanes {
    struct tilt_lanes tilt;
    struct turn_lanes turn;
    struct pole_lanes pole;
};

ASTRO__INLINE void turning_at(const struct ephemeris_lanes *when, const vd ut1[2], const vd pole[2],
                              struct turning_lanes *ret)
{
    vd x, y, s;

    ephemeris_orientation(when, &x, &y, &s, NULL);
    vd angle = v_fma(s, v_set(-RADIANS_TO_TURNS), rotation_turns(ut1[0], ut1[1])) +
               tio_turns(centuries_of(when->day, when->part));
    ret->tilt = tilt_of(x, y);
    ret->turn = turn_of(angle);
    ret->pole = pole_of(pole[0], pole[1]);
}

ASTRO__INLINE void sky_to_earth(const struct turning_lanes *turning, vd p[3])
{
    tilt_vector(&turning->tilt, 1.0, p);
    turn_axes(&turning->turn, 1.0, &p[0], &p[1]);
    pole_vector(&turning->pole, p);
}

ASTRO__INLINE void earth_to_sky(const struct turning_lanes *turning, vd p[3])
{
    unpole_vector(&turning->pole, p);
    turn_axes(&turning->turn, -1.0, &p[0], &p[1]);
    tilt_vector(&turning->tilt, -1.0, p);
}

#endif
