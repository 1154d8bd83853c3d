/*
 * Dates as a year and the share of it that has passed, in the proleptic Gregorian calendar.
 *
 * date_to_decimalyear   in[0], in[1] (may be NULL) a two-part date -> out[0]
 * decimalyear_to_date   in[0] -> out[0], out[1], renormalised
 *
 * Years are counted from 2000, which is a leap year and the first of a cycle of 400.
 *   Accuracy   1 unit in the last place of the year; exact at the beginnings of years
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is
 *              NaN. Beyond 2^45 days, where a day is less than the last place, all years are
 *              365.2425 days. No context, no allocation, any thread.
 */
#include "../../simd/lanes.h"
#include "../dates.h"

astro__kernel ASTRO__LANES(date_to_decimalyear);
astro__kernel ASTRO__LANES(decimalyear_to_date);

#define DAY_2000 2451545.0 /* J of 2000-01-01 */
#define FAR      0x1p+45

/* Days from 2000-01-01 to 1 January of year 2000 + y. The halves keep products off whole numbers. */
ASTRO__INLINE vd days_to(vd y)
{
    vd leap = date_floor((y + 3.0) * 0.25) - date_floor((y + 99.5) * 0.01) +
              date_floor((y + 399.5) * 0.0025);

    return y * 365.0 + leap;
}

static inline void to_core(const void *context, void *state, const vd *in, vd *out)
{
    vd day, part;

    (void)context;
    (void)state;
    date_civil(in, &day, &part);
    vd since = day - DAY_2000;
    vd near = v_keep((vm)(v_abs(since) < FAR), since);
    vd guess = date_floor(near * (1.0 / 365.2425));
    vd early = v_keep((vm)(days_to(guess) > near), v_set(1.0));
    vd late = v_keep((vm)(days_to(guess + 1.0) <= near), v_set(1.0));
    vd year = guess - early + late;
    vd start = days_to(year);
    vd share = ((near - start) + (part + 0.5)) / (days_to(year + 1.0) - start);
    vd value = (2000.0 + year) + share;
    out[0] = v_select((vm)(v_abs(since) < FAR), value, 2000.0 + since / 365.2425);
}

void ASTRO__LANES(date_to_decimalyear)(const void *context, size_t n, const void *const in[],
                                       void *const out[])
{
    dates(context, NULL, n, in, out, 1, to_core);
}

static inline void from_core(const void *context, void *state, const vd *in, vd *out)
{
    vd whole = date_floor(in[0]);
    vd start = days_to(whole - 2000.0);
    vd days = (in[0] - whole) * (days_to(whole - 1999.0) - start);
    vd near = date_round(days);

    (void)context;
    (void)state;
    date_settle(start + (DAY_2000 + near), (days - near) - 0.5, out);
}

void ASTRO__LANES(decimalyear_to_date)(const void *context, size_t n, const void *const in[],
                                       void *const out[])
{
    numbers(context, n, in, out, 2, from_core);
}
