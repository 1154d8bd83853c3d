/*
 * The loop of the kernels of time: registers of dates through one straight-line function.
 *
 * Purpose    Dates arrive split in any way. Before anything else they are renormalised without loss:
 *            J whole, |part| <= 0.5. A core is a function of one register that gets J and part (or,
 *            for dates of one number, that number), and gives the output columns.
 * Rows       Where an input is NaN or infinite, or the sum of the parts is, the core gets an
 *            ordinary date and the row becomes NaN afterwards: no branch, no neighbour matters. Any
 *            other value is legal, of whatever size; a core divides by nothing that can be 0.
 * State      A core may keep what it found for one register (a piece of UTC) for the next, as long as
 *            the result does not depend on it.
 */
#ifndef ASTRO_KERNELS_TIME_DATES_H
#define ASTRO_KERNELS_TIME_DATES_H

#include <float.h>
#include <math.h>

#include "../simd/vec.h"

#define DATES_ROUNDER  6755399441055744.0 /* 1.5 * 2^52 */
#define DATES_WHOLE    0x1p+51            /* from here on the sum with it does not round right */
#define DATES_ORDINARY 2451545.0

enum { DATES_MOST_OUTPUTS = 2 };

typedef void date_core(const void *context, void *state, const vd *in, vd *out);

/* The nearest whole number, ties to even. */
ASTRO__INLINE vd date_round(vd a)
{
    vd near = (a + DATES_ROUNDER) - DATES_ROUNDER;

    return v_select((vm)(v_abs(a) < DATES_WHOLE), near, a);
}

ASTRO__INLINE vd date_floor(vd a)
{
    vd near = date_round(a);

    return near - v_keep((vm)(near > a), v_set(1.0));
}

ASTRO__INLINE vm date_finite(vd a)
{
    return (vm)(v_abs(a) <= DBL_MAX);
}

/* day + part with a whole day and any part, as a date. The sum of -0 is 0. */
ASTRO__INLINE void date_settle(vd day, vd part, vd *out)
{
    vd whole = date_round(part);

    out[0] = day + whole;
    out[1] = (part - whole) + 0.0;
}

/* As above with a sum of two parts, neither of which exceeds 1/2 by much; nothing is lost. */
ASTRO__INLINE void date_settle_sum(vd day, vd a, vd b, vd *out)
{
    vd sum = a + b;
    vd other = sum - a;
    vd lost = (a - (sum - other)) + (b - other);
    vd whole = date_round(sum);

    out[0] = day + whole;
    out[1] = ((sum - whole) + lost) + 0.0;
}

/* The civil day and what has passed of it: part in [0.5, ..] belongs to the next day. */
ASTRO__INLINE void date_civil(const vd *date, vd *ret_day, vd *ret_part)
{
    vm next = (vm)(date[1] >= 0.5);

    *ret_day = date[0] + v_keep(next, v_set(1.0));
    *ret_part = date[1] - v_keep(next, v_set(1.0));
}

ASTRO__INLINE void dates_register(const bool pair, const bool second, const void *context,
                                  void *state, const vd *given, const size_t outputs,
                                  date_core *core, vd *result)
{
    vd date[2];
    vm good = date_finite(given[0]);

    if (pair) {
        vd jd2 = second ? given[1] : v_set(0.0);
        good &= date_finite(jd2) & date_finite(given[0] + jd2);
        vd jd1 = v_select(good, given[0], v_set(DATES_ORDINARY));
        jd2 = v_keep(good, jd2);
        vd day1 = date_round(jd1), day2 = date_round(jd2);
        date_settle_sum(day1 + day2, jd1 - day1, jd2 - day2, date);
    } else {
        date[0] = v_select(good, given[0], v_set(DATES_ORDINARY));
        date[1] = v_select(good, second ? given[1] : v_set(0.0), v_set(0.0));
    }
    core(context, state, date, result);
    for (size_t k = 0; k < outputs; k++)
        result[k] = v_select(good, result[k], v_set((double)NAN));
}

/* The rows behind the last full register. */
ASTRO__INLINE void dates_tail(const bool pair, const bool second, const void *context, void *state,
                              size_t first, size_t rows, const void *const in[], void *const out[],
                              const size_t outputs, date_core *core)
{
    double column[2][ASTRO__WIDTH] = {{0}};
    vd given[2], result[DATES_MOST_OUTPUTS];

    for (size_t k = 0; k < (second ? 2u : 1u); k++)
        memcpy(column[k], (const char *)in[k] + first * sizeof(double), rows * sizeof(double));
    given[0] = v_load(column[0], 0);
    given[1] = v_load(column[1], 0);
    dates_register(pair, second, context, state, given, outputs, core, result);
    for (size_t k = 0; k < outputs; k++) {
        v_store(column[0], 0, result[k]);
        memcpy((char *)out[k] + first * sizeof(double), column[0], rows * sizeof(double));
    }
}

ASTRO__INLINE void dates_columns(const bool pair, const bool second, const void *context,
                                 void *state, size_t n, const void *const in[], void *const out[],
                                 const size_t outputs, date_core *core)
{
    vd given[2] = {v_set(0.0), v_set(0.0)}, result[DATES_MOST_OUTPUTS];
    size_t i = 0;

    for (; n - i >= ASTRO__WIDTH; i += ASTRO__WIDTH) {
        given[0] = v_load(in[0], i);
        if (second)
            given[1] = v_load(in[1], i);
        dates_register(pair, second, context, state, given, outputs, core, result);
        for (size_t k = 0; k < outputs; k++)
            v_store(out[k], i, result[k]);
    }
    if (i < n)
        dates_tail(pair, second, context, state, i, n - i, in, out, outputs, core);
}

/* All rows of two-part dates; in[1] may be NULL. `outputs` is a constant. */
ASTRO__INLINE void dates(const void *context, void *state, size_t n, const void *const in[],
                         void *const out[], const size_t outputs, date_core *core)
{
    if (in[1])
        dates_columns(true, true, context, state, n, in, out, outputs, core);
    else
        dates_columns(true, false, context, state, n, in, out, outputs, core);
}

/* All rows of numbers that become dates: in[0] alone. */
ASTRO__INLINE void numbers(const void *context, size_t n, const void *const in[], void *const out[],
                           const size_t outputs, date_core *core)
{
    dates_columns(false, false, context, NULL, n, in, out, outputs, core);
}

/* All rows of civil days and seconds: in[0] and in[1], which are whole and finite, or in[0] NaN. */
ASTRO__INLINE void day_and_seconds(const void *context, void *state, size_t n,
                                   const void *const in[], void *const out[], const size_t outputs,
                                   date_core *core)
{
    dates_columns(false, true, context, state, n, in, out, outputs, core);
}

#endif
