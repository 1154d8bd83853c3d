/*
 * What a column of dates holds: the smallest, and how many lie past the end of the leap-second
 * table.
 *
 *   Given      context   const double *: from this number on a row counts as expired
 *              in[0..1]  dates in two parts, or numbers when in[1] is NULL
 *   Returned   out[0]    struct astro__survey; the parts are added as doubles, so its numbers are
 *                        good to 40 us, and who needs to know better looks at the rows
 *   Edges      rows with NaN or infinity do not count; n = 0 is valid, any alignment
 */
#include "../../simd/lanes.h"
#include "../dates.h"
#include "../step.h"

astro__kernel ASTRO__LANES(survey);

ASTRO__INLINE void survey_row(double date, double expiry, struct astro__survey *survey)
{
    if (!(fabs(date) <= DBL_MAX))
        return;
    if (date < survey->least)
        survey->least = date;
    survey->expired += date >= expiry;
}

ASTRO__INLINE double row_sum(const void *const in[], size_t row)
{
    double parts[2] = {0.0, 0.0};

    memcpy(&parts[0], (const char *)in[0] + row * sizeof(double), sizeof(double));
    if (in[1])
        memcpy(&parts[1], (const char *)in[1] + row * sizeof(double), sizeof(double));
    return parts[0] + parts[1];
}

ASTRO__INLINE size_t survey_registers(const bool second, double expiry, size_t n,
                                      const void *const in[], struct astro__survey *survey)
{
    vd least = v_set(HUGE_VAL);
    vm expired = (vm)v_set(0.0);
    double values[ASTRO__WIDTH];
    int64_t counts[ASTRO__WIDTH];
    size_t i = 0;

    for (; n - i >= ASTRO__WIDTH; i += ASTRO__WIDTH) {
        vd sum = v_load(in[0], i);
        if (second)
            sum += v_load(in[1], i);
        vm good = date_finite(sum);
        least = v_min(least, v_select(good, sum, v_set(HUGE_VAL)));
        expired -= good & (vm)(sum >= expiry); /* a mask is -1 */
    }
    v_store(values, 0, least);
    memcpy(counts, &expired, sizeof counts);
    for (size_t k = 0; k < ASTRO__WIDTH; k++) {
        survey->least = values[k] < survey->least ? values[k] : survey->least;
        survey->expired += (uint64_t)counts[k];
    }
    return i;
}

void ASTRO__LANES(survey)(const void *context, size_t n, const void *const in[], void *const out[])
{
    const double *expiry = context;
    struct astro__survey *ret = out[0];
    struct astro__survey survey = {.least = HUGE_VAL};
    size_t i = in[1] ? survey_registers(true, *expiry, n, in, &survey)
                     : survey_registers(false, *expiry, n, in, &survey);

    for (; i < n; i++)
        survey_row(row_sum(in, i), *expiry, &survey);
    *ret = survey;
}
