/*
 * Angles of the Earth's rotation for a register of times, in turns. For _lanes.c files.
 *
 * Given      dates as J and part, of UT1 or TT as said
 * Accuracy   1e-16 turns within 5000 years of 2000: the whole turns of the days are taken off
 *            exactly, which ERFA does not do (it is good to 1e-14 turns a century off)
 * Edges      Any finite date: farther away the turns lose their digits, and the polynomials are
 *            those of 100 000 years.
 * Source     IERS Conventions (2010), 5.4.4 and 5.5.7: ERFA eraEra00, eraGmst06, eraGmst00; IAU
 *            1982: eraGmst82; eraSp00
 */
#ifndef ASTRO_KERNELS_ROTATION_ANGLE_LANES_H
#define ASTRO_KERNELS_ROTATION_ANGLE_LANES_H

#include "../simd/trig.h"
#include "../time/dates.h"

#define ANGLE_J2000         2451545.0
#define ANGLE_CENTURY       36525.0
#define ANGLE_MOST          1000.0 /* centuries */
#define RADIANS_TO_TURNS    0.15915494309189535
#define ARCSECONDS_TO_TURNS (1.0 / 1296000.0)

/* Turns a day beyond the one that the clock counts, in two parts: the first has 31 bits below the
 * point, so that its multiples by days are exact. */
struct spin {
    double high, low;
    double at_j2000; /* turns at part = 0 of J2000.0 */
};

static const struct spin spin_of_2000 = {0x1.66d9b93ep-9, 1.799763792860508e-13, 0.7790572732640};
static const struct spin spin_of_1982 = {0x1.66dcfe3ep-9, -3.501761021519818e-15,
                                         -0.22094272673611112};

ASTRO__INLINE vd spin_turns(const struct spin *spin, vd day, vd part)
{
    vd days = day - ANGLE_J2000;
    vd whole = days * spin->high;
    vd gained = v_fma(part, v_set(spin->high + spin->low), days * spin->low);

    return ((whole - date_round(whole)) + (part + spin->at_j2000)) + gained;
}

/* Within half a turn of 0. */
ASTRO__INLINE vd turns_settled(vd turns)
{
    return turns - date_round(turns);
}

ASTRO__INLINE vd centuries_of(vd day, vd part)
{
    vd t = ((day - ANGLE_J2000) + part) * (1.0 / ANGLE_CENTURY);

    return v_max(v_min(t, v_set(ANGLE_MOST)), v_set(-ANGLE_MOST));
}

/* Earth rotation angle, of UT1. */
ASTRO__INLINE vd rotation_turns(vd day, vd part)
{
    return spin_turns(&spin_of_2000, day, part);
}

/* Greenwich mean sidereal time of 2006 and 2000 less the Earth rotation angle, of TT. */
ASTRO__INLINE vd precession_turns_2006(vd t)
{
    vd sum = v_fma(v_set(-0.0000000368), t, v_set(-0.000029956));

    sum = v_fma(sum, t, v_set(-0.00000044));
    sum = v_fma(sum, t, v_set(1.3915817));
    sum = v_fma(sum, t, v_set(4612.156534));
    return v_fma(sum, t, v_set(0.014506)) * ARCSECONDS_TO_TURNS;
}

ASTRO__INLINE vd precession_turns_2000(vd t)
{
    vd sum = v_fma(v_set(0.00001882), t, v_set(-0.00009344));

    sum = v_fma(sum, t, v_set(1.39667721));
    sum = v_fma(sum, t, v_set(4612.15739966));
    return v_fma(sum, t, v_set(0.014506)) * ARCSECONDS_TO_TURNS;
}

/* Greenwich mean sidereal time of 1982, of UT1. */
ASTRO__INLINE vd mean_turns_1982(vd day, vd part)
{
    vd t = centuries_of(day, part);
    vd bent = v_fma(v_set(-6.2e-6), t, v_set(0.093104)) * (t * t);

    return v_fma(bent, v_set(1.0 / 86400.0), spin_turns(&spin_of_1982, day, part));
}

/* The TIO locator s', of TT. */
ASTRO__INLINE vd tio_turns(vd t)
{
    return t * (-47e-6 * ARCSECONDS_TO_TURNS);
}

/* Sine and cosine of turns; any finite number of them. */
ASTRO__INLINE void v_sincos_turns(vd angle, vd *ret_sin, vd *ret_cos)
{
    static const struct astro__circle turns = {.quarter = 0.25,
                                               .per_quarter = 4.0,
                                               .to_radians = 6.283185307179586,
                                               .from_radians = RADIANS_TO_TURNS,
                                               .full = 1.0,
                                               .limit = 0x1p+40};

    v_sincos_longitude(false, &turns, turns_settled(angle), ret_sin, ret_cos);
}

#endif
