/*
 * Sines, cosines and arc tangents of vectors, for angles in the unit of a circle.
 *
 * Why our own  After the reduction in the caller's unit, which is exact in degrees and hours, what
 *              is left is a polynomial on a short interval. A library would reduce once more, is a
 *              call that the optimiser cannot look through, and branches on all lanes together,
 *              which makes a row's bits depend on its neighbours. tests/unit/kernels/test_trig.c
 *              holds these to 80-bit references and shows SLEEF's errors beside them.
 * Given        finite lanes only, longitudes within circle->limit
 * Accuracy     in units in the last place of the result, fused (SSE2): sine and cosine of an
 *              octant 0.7 and 0.9 (0.8, 1.1), sine of a quadrant 2.0 (2.2), arc tangent 2.3 (2.4);
 *              beside that the rounding of the reduced angle, 1.2e-16 rad
 * Source       minimax polynomials in x^2 (Remez), fitted with the leading terms fixed and the
 *              coefficients rounded one after the other; their errors stand at each function
 */
#ifndef ASTRO_KERNELS_SIMD_TRIG_H
#define ASTRO_KERNELS_SIMD_TRIG_H

#include "circle.h"
#include "vec.h"

/* Adding and taking away 1.5 * 2^52 rounds to a whole number, whose low bits then stand in the
 * low bits of the sum. */
#define V_ROUNDER 6755399441055744.0

/* pi/2 in three parts; the first two have 33 bits, so that 20-bit multiples of them are exact. */
#define HALF_PI_1 1.5707963267341256
#define HALF_PI_2 6.077100506303966e-11
#define HALF_PI_3 2.0222662487959506e-21

#define TAN_22_5 0.41421356237309503

/* sin x and cos x for |x| <= pi/4; errors of the polynomials 2^-58 and 2^-64. */
ASTRO__INLINE void v_sincos_octant(vd x, vd *ret_sin, vd *ret_cos)
{
    vd u = x * x;
    vd s = v_fma(v_set(1.589690908329859e-10), u, v_set(-2.5050760240765552e-08));
    vd c = v_fma(v_set(-1.1359933754123294e-11), u, v_set(2.087572927422275e-09));

    s = v_fma(s, u, v_set(2.7557313707004744e-06));
    c = v_fma(c, u, v_set(-2.755731440099762e-07));
    s = v_fma(s, u, v_set(-0.00019841269829857808));
    c = v_fma(c, u, v_set(2.4801587289671486e-05));
    s = v_fma(s, u, v_set(0.00833333333332249));
    c = v_fma(c, u, v_set(-0.0013888888888874474));
    s = v_fma(s, u, v_set(-0.16666666666666632));
    c = v_fma(c, u, v_set(0.0416666666666666));
    c = v_fma(c, u, v_set(-0.5));
    *ret_sin = v_fma(x * u, s, x);
    *ret_cos = v_fma(c, u, v_set(1.0));
}

/*
 * A polynomial that stands alone is summed as two chains, of the even and of the odd powers of u:
 * half as long a wait for one more product. (Sine and cosine together already are two chains.)
 */

/* sin x for |x| <= pi/2; error of the polynomial 2^-61. */
ASTRO__INLINE vd v_sin_quadrant(vd x)
{
    vd u = x * x;
    vd uu = u * u;
    vd s1 = v_fma(v_set(2.7214168710982684e-15), uu, v_set(1.6058940998295917e-10));
    vd s0 = v_fma(v_set(-7.643019199074395e-13), uu, v_set(-2.5052106904383277e-08));

    s1 = v_fma(s1, uu, v_set(2.7557319211569342e-06));
    s0 = v_fma(s0, uu, v_set(-0.0001984126984121248));
    s1 = v_fma(s1, uu, v_set(0.008333333333333207));
    s0 = v_fma(s0, uu, v_set(-0.16666666666666666));
    return v_fma(x * u, v_fma(s1, u, s0), x);
}

/* atan t for |t| <= tan(pi/8); error of the polynomial 2^-54 t^2. */
ASTRO__INLINE vd v_atan_octant(vd t)
{
    vd u = t * t;
    vd uu = u * u;
    vd p1 = v_fma(v_set(0.02127982840684406), uu, v_set(0.05693156370127997));
    vd p0 = v_fma(v_set(-0.04360800356167406), uu, v_set(-0.06641244687726786));

    p1 = v_fma(p1, uu, v_set(0.07690083182212361));
    p0 = v_fma(p0, uu, v_set(-0.09090783516963825));
    p1 = v_fma(p1, uu, v_set(0.11111106703084504));
    p0 = v_fma(p0, uu, v_set(-0.1428571419651574));
    p1 = v_fma(p1, uu, v_set(0.19999999999104534));
    p0 = v_fma(p0, uu, v_set(-0.3333333333333022));
    return v_fma(t * u, v_fma(p1, u, p0), t);
}

/*
 * Takes whole quarters off |angle|: a = *ret_count quarters + r + low. Exact in degrees and hours,
 * where low is 0. The count is in the low bits of the returned word.
 */
ASTRO__INLINE vd v_reduce(const bool radians, const struct astro__circle *circle, vd a,
                          vm *ret_count, vd *ret_low)
{
    vd rounded = v_fma(a, v_set(circle->per_quarter), v_set(V_ROUNDER));
    vd q = rounded - V_ROUNDER;

    *ret_count = (vm)rounded;
    *ret_low = v_set(0.0);
    if (!radians)
        return v_fma(q, v_set(-circle->quarter), a);
    vd r = v_fma(q, v_set(-HALF_PI_1), a);
    vd second = q * HALF_PI_2;
    vd sum = r - second;
    *ret_low = v_fma(q, v_set(-HALF_PI_3), (r - sum) - second);
    return sum;
}

/*
 * Sine and cosine of a longitude. Zeros are signed as IEEE 754 has it for sinPi and cosPi: the
 * sine of whole half turns has the sign of the angle, the cosine of odd quarters is +0.
 */
ASTRO__INLINE void v_sincos_longitude(const bool radians, const struct astro__circle *circle,
                                      vd longitude, vd *ret_sin, vd *ret_cos)
{
    vm count;
    vd low, s, c;
    vd r = v_reduce(radians, circle, v_abs(longitude), &count, &low);

    v_sincos_octant(radians ? r : r * circle->to_radians, &s, &c);
    if (radians) {
        vd sine = s;
        s = v_fma(low, c, s);
        c = v_fma(-low, sine, c);
    }
    vm odd = count << 63;
    vm second_half = (count << 62) & V_TOP_BIT;
    vd sine = v_flip(v_select_top(odd, c, s), second_half) + 0.0;
    *ret_sin = v_flip(sine, v_sign(longitude));
    *ret_cos = v_flip(v_select_top(odd, s, c), second_half ^ odd) + 0.0;
}

/* quarter - a, for a in [0, quarter]. */
ASTRO__INLINE vd v_complement(const bool radians, const struct astro__circle *circle, vd a)
{
    vd rest = circle->quarter - a;

    return radians ? rest + circle->quarter_low : rest;
}

/*
 * Sine and cosine of an angle in [-quarter, quarter]; what is beyond counts as the end. The sine
 * keeps the sign of zero, the cosine is never negative.
 */
ASTRO__INLINE void v_sincos_latitude(const bool radians, const struct astro__circle *circle,
                                     vd latitude, vd *ret_sin, vd *ret_cos)
{
    vd a = v_min(v_abs(latitude), v_set(circle->quarter));
    vm steep = (vm)(a > 0.5 * circle->quarter);
    vd r = v_select(steep, v_complement(radians, circle, a), a);
    vd s, c;

    v_sincos_octant(radians ? r : r * circle->to_radians, &s, &c);
    *ret_sin = v_flip(v_select(steep, c, s), v_sign(latitude));
    *ret_cos = v_select(steep, s, c);
}

/* Sine alone, for an angle in [-quarter, quarter]. */
ASTRO__INLINE vd v_sin_latitude(const bool radians, const struct astro__circle *circle, vd latitude)
{
    return v_sin_quadrant(radians ? latitude : latitude * circle->to_radians);
}

/* Cosine alone, for an angle in [-quarter, quarter]; keeps its relative accuracy at the poles. */
ASTRO__INLINE vd v_cos_latitude(const bool radians, const struct astro__circle *circle, vd latitude)
{
    vd a = v_min(v_abs(latitude), v_set(circle->quarter));

    return v_sin_latitude(radians, circle, v_complement(radians, circle, a));
}

/*
 * The angle of the first quadrant whose tangent is y/x, for y, x >= 0, as *ret_eighths eighths of
 * the circle (0, 1 or 2; a whole number) plus the returned rest in radians; 0 for y = x = 0.
 */
ASTRO__INLINE vd v_arc(vd y, vd x, vd *ret_eighths)
{
    vm swap = (vm)(y > x);
    vd low = v_min(y, x);
    vd high = v_max(v_set(4.9406564584124654e-324), v_max(y, x));
    vm upper = (vm)(low > high * TAN_22_5);
    vd rest = v_atan_octant(v_select(upper, low - high, low) / v_select(upper, low + high, high));
    vm turn = swap & V_TOP_BIT;
    vd eighths = v_flip(v_keep(upper, v_set(1.0)), turn);

    *ret_eighths = eighths + v_keep(swap, v_set(2.0));
    return v_flip(rest, turn);
}

/* Eighths of the circle and a rest in radians, in the circle's unit. The eighths are exact. */
ASTRO__INLINE vd v_angle(const bool radians, const struct astro__circle *circle, vd eighths,
                         vd rest)
{
    vd eighth = v_set(0.5 * circle->quarter);

    if (!radians)
        return v_fma(eighths, eighth, rest * circle->from_radians);
    return v_fma(eighths, eighth, v_fma(eighths, v_set(0.5 * circle->quarter_low), rest));
}

/* The direction of (x, y) in [0, full); 0 for (0, 0), never -0. */
ASTRO__INLINE vd v_longitude(const bool radians, const struct astro__circle *circle, vd y, vd x)
{
    vd eighths;
    vd rest = v_arc(v_abs(y), v_abs(x), &eighths);
    vm left = (vm)(x < 0.0);
    vm below = (vm)(y < 0.0);
    vm turn = (left ^ below) & V_TOP_BIT;

    /* left: 4 - eighths; then below: 8 - that */
    eighths = v_flip(eighths, turn) +
              v_select(below, v_select(left, v_set(4.0), v_set(8.0)), v_keep(left, v_set(4.0)));
    vd angle = v_angle(radians, circle, eighths, v_flip(rest, turn));
    return v_keep((vm)(angle < circle->full), angle);
}

/* The direction of (x, y) in (-half, half]; 0 for (0, 0), never -0. */
ASTRO__INLINE vd v_direction(const bool radians, const struct astro__circle *circle, vd y, vd x)
{
    vd eighths;
    vd rest = v_arc(v_abs(y), v_abs(x), &eighths);
    vm left = (vm)(x < 0.0);
    vm turn = left & V_TOP_BIT;
    vd angle = v_angle(radians, circle, v_flip(eighths, turn) + v_keep(left, v_set(4.0)),
                       v_flip(rest, turn));
    vd half = v_set(2.0 * circle->quarter);

    angle = v_flip(angle, (vm)(y < 0.0) & V_TOP_BIT) + 0.0;
    return v_select((vm)(angle <= -half), half, angle);
}

/* The largest whole number that is not above a; |a| < 2^50. */
ASTRO__INLINE vd v_floor(vd a)
{
    vd near = (a + V_ROUNDER) - V_ROUNDER;

    return near - v_keep((vm)(near > a), v_set(1.0));
}

/* A small whole number that stands in the low bits of each lane, as a double. */
ASTRO__INLINE vd v_whole(vm small)
{
    return (vd)(small | (vm)v_set(0x1p+52)) - 0x1p+52;
}

/*
 * The longitude in [0, full), never -0; what rounds up to the full circle is 0. Exact in degrees and
 * hours for what is not negative, rounded once otherwise.
 */
ASTRO__INLINE vd v_wrap(const bool radians, const struct astro__circle *circle, vd longitude)
{
    vm count;
    vd low;
    vd r = v_reduce(radians, circle, v_abs(longitude), &count, &low);
    vd quarters = v_whole(count & 3);
    vd rest = v_fma(quarters, v_set(circle->quarter), r);

    if (radians)
        rest = rest + v_fma(quarters, v_set(circle->quarter_low), low);
    rest = v_flip(rest, v_sign(longitude));
    vd turn = v_keep((vm)(rest < 0.0), v_set(circle->full));
    vd wrapped = rest + turn;
    return v_keep((vm)(wrapped < circle->full), wrapped);
}

/* The elevation of z over the horizontal length rho >= 0, in [-quarter, quarter]; sign as z. */
ASTRO__INLINE vd v_latitude(const bool radians, const struct astro__circle *circle, vd z, vd rho)
{
    vd eighths;
    vd rest = v_arc(v_abs(z), rho, &eighths);

    return v_flip(v_angle(radians, circle, eighths, rest), v_sign(z));
}

#endif
