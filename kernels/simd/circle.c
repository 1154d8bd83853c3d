#include "circle.h"

#include <math.h>

/* 2^40 units: the quotient has at most 38 bits, so that its product with the quarter is exact. */
#define EXACT_LIMIT 1099511627776.0

/* The quotient must have at most 20 bits: see reduce in trig.h. Half of it for a difference. */
#define RADIANS_LIMIT 524288.0

static const struct astro__circle degrees = {
    .quarter = 90.0,
    .per_quarter = 1.0 / 90.0,
    .to_radians = 0.017453292519943295,
    .from_radians = 57.29577951308232,
    .full = 360.0,
    .limit = EXACT_LIMIT,
};

static const struct astro__circle hours = {
    .quarter = 6.0,
    .per_quarter = 1.0 / 6.0,
    .to_radians = 0.26179938779914946,
    .from_radians = 3.819718634205488,
    .full = 24.0,
    .limit = EXACT_LIMIT,
};

static const struct astro__circle radians = {
    .radians = true,
    .quarter = 1.5707963267948966,
    .quarter_low = 6.123233995736766e-17,
    .per_quarter = 0.6366197723675814,
    .to_radians = 1.0,
    .from_radians = 1.0,
    .full = 6.283185307179586,
    .limit = RADIANS_LIMIT,
};

const struct astro__circle *astro__circle(enum astro_role role, enum astro_unit unit)
{
    if (unit == ASTRO_RAD)
        return &radians;
    return unit == ASTRO_HOURANGLE && role == ASTRO_HOURS ? &hours : &degrees;
}

double astro__circle_reduce(const struct astro__circle *circle, double longitude)
{
    if (!circle->radians)
        return fmod(longitude, circle->full);
    /* The C library reduces any size correctly; in long double its own rounding does not count. */
    return (double)atan2l(sinl((long double)longitude), cosl((long double)longitude));
}

void astro__sincos_degrees(double angle, double *ret_sin, double *ret_cos)
{
    int quarters;
    double rest = remquo(angle, 90.0, &quarters) * 0.017453292519943295;
    double s = sin(rest), c = cos(rest);

    switch ((unsigned)quarters & 3u) {
    case 0:
        *ret_sin = s, *ret_cos = c;
        break;
    case 1:
        *ret_sin = c, *ret_cos = -s;
        break;
    case 2:
        *ret_sin = -s, *ret_cos = -c;
        break;
    default:
        *ret_sin = -c, *ret_cos = s;
    }
}
