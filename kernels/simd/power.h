/*
 * Logarithms and powers of vectors, for magnitudes.
 *
 * Given        finite lanes only
 * Accuracy     v_five_log10: 5 log10(x) + constant within 1.5e-15 before the last rounding, for all
 *              positive doubles. v_power_of_magnitude: 10^(x/5) within 1.9 units in the last place
 *              (results below 2.2e-308: of the smallest number).
 * Source       atanh series for the logarithm, exponential series for the power, each to the term
 *              below 2^-57; constants split so that products with whole exponents are exact
 */
#ifndef ASTRO_KERNELS_SIMD_POWER_H
#define ASTRO_KERNELS_SIMD_POWER_H

#include "trig.h"

#define FIVE_LOG10_2_HIGH                                                                          \
    0x1.8151824c00000p+0 /* 5 log10(2): 30 bits behind the point, and the rest */
#define FIVE_LOG10_2_LOW 0x1.d61fabf59b5d8p-34
#define FIVE_LOG10_E     2.171472409516259
#define LOG2_10_5        0.6643856189774724 /* log2(10) / 5; the same in 26 bits and the rest */
#define LOG2_10_5_HIGH   0x1.542a5a0000000p-1
#define LOG2_10_5_LOW    0x1.2e1c5ab307513p-29
#define LN_2             0.6931471805599453
#define SQRT_2           1.4142135623730951

/* log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)]. */
ASTRO__INLINE vd v_log_near_1(vd f)
{
    vd s = f / (2.0 + f);
    vd u = s * s;
    vd sum = v_set(1.0 / 23.0);

    for (int k = 21; k >= 3; k -= 2)
        sum = v_fma(sum, u, v_set(1.0 / k));
    return 2.0 * v_fma(s * u, sum, s);
}

/* 5 log10(x) + constant for x > 0; the constant is a whole number. */
ASTRO__INLINE vd v_five_log10(vd x, double constant)
{
    vm small = (vm)(x < 0x1p-1000);
    vd scaled = v_select(small, x * 0x1p+60, x);
    vd mantissa = (vd)(((vm)scaled & 0x000FFFFFFFFFFFFF) | (vm)v_set(1.0));
    vm upper = (vm)(mantissa > SQRT_2);
    vd e = v_whole((vm)((vu)scaled >> 52)) - 1023.0;

    e = e + v_keep(upper, v_set(1.0)) - v_keep(small, v_set(60.0));
    mantissa = v_select(upper, 0.5 * mantissa, mantissa);
    vd high = v_fma(e, v_set(FIVE_LOG10_2_HIGH), v_set(constant)); /* exact */
    vd low = v_fma(e, v_set(FIVE_LOG10_2_LOW), FIVE_LOG10_E * v_log_near_1(mantissa - 1.0));

    return high + low;
}

/* 2^k for whole k in [-1022, 1023]. */
ASTRO__INLINE vd v_power_of_2(vd k)
{
    return (vd)(((vm)(k + V_ROUNDER) << 52) + (vm)v_set(1.0));
}

/* factor x 10^(x/5); infinity and 0 beyond the range of doubles. */
ASTRO__INLINE vd v_power_of_magnitude(vd x, double factor)
{
    x = v_max(v_min(x, v_set(1700.0)), v_set(-1700.0));
    vd k = (x * LOG2_10_5 + V_ROUNDER) - V_ROUNDER;

    /* x in two parts of 26 bits, so that the products with the high part of the constant are exact */
    vd wide = x * 134217729.0;
    vd head = wide - (wide - x), tail = x - head;
    vd r = ((head * LOG2_10_5_HIGH - k) + tail * LOG2_10_5_HIGH) + x * LOG2_10_5_LOW;
    vd y = r * LN_2;
    vd sum = v_set(1.0 / 6227020800.0); /* 1 / 13! */
    static const double factorial[] = {479001600.0, 39916800.0, 3628800.0, 362880.0,
                                       40320.0,     5040.0,     720.0,     120.0,
                                       24.0,        6.0,        2.0};

    for (size_t i = 0; i < sizeof factorial / sizeof factorial[0]; i++)
        sum = v_fma(sum, y, v_set(1.0 / factorial[i]));
    vd power = v_fma(y * y, sum, y) + 1.0;
    vd half = (0.5 * k + V_ROUNDER) - V_ROUNDER;
    return factor * power * v_power_of_2(half) * v_power_of_2(k - half);
}

#endif
