/*
 * Numbers of twice a double's digits, so that a factor made of many is rounded once.
 *
 * Accuracy   each operation 4e-32 of the result; overflow gives infinity or NaN
 * Source     Dekker (1971), Numerische Mathematik 18, 224, with fused products
 */
#ifndef ASTRO_KERNELS_UNITS_EXACT_H
#define ASTRO_KERNELS_UNITS_EXACT_H

#include <math.h>

struct astro__exact {
    double high, low; /* high is the sum of both, rounded */
};

static inline struct astro__exact exact_of(double high, double low)
{
    double sum = high + low;

    return (struct astro__exact){sum, low - (sum - high)};
}

static inline struct astro__exact exact_times(struct astro__exact a, struct astro__exact b)
{
    double product = a.high * b.high;

    return exact_of(product, fma(a.high, b.high, -product) + (a.high * b.low + a.low * b.high));
}

static inline struct astro__exact exact_over(struct astro__exact a, struct astro__exact b)
{
    double quotient = a.high / b.high;
    double rest = fma(-quotient, b.high, a.high) + (a.low - quotient * b.low);

    return exact_of(quotient, rest / b.high);
}

static inline struct astro__exact exact_minus(struct astro__exact a, struct astro__exact b)
{
    double difference = a.high - b.high;
    double other = difference - a.high;
    double lost = (a.high - (difference - other)) - (b.high + other);

    return exact_of(difference, lost + (a.low - b.low));
}

/* a^power, |power| at most a few thousand. */
static inline struct astro__exact exact_power(struct astro__exact a, int power)
{
    struct astro__exact result = {1.0, 0.0};

    for (int n = power < 0 ? -power : power; n; n /= 2) {
        if (n % 2)
            result = exact_times(result, a);
        if (n > 1)
            a = exact_times(a, a);
    }
    return power < 0 ? exact_over((struct astro__exact){1.0, 0.0}, result) : result;
}

#endif
