#include "timed.h"

#include "../ephemeris/ephemeris_table.h"
#include "../registry/cost.h"

#define MJD_ZERO 2400000.5

uint32_t astro__date_warnings(enum astro__model model, const double date[2])
{
    return astro__extrapolated(model, 1, &date[0], &date[1]) ? 1u << ASTRO_WARN_EXTRAPOLATED : 0u;
}

double astro__timed_cost(size_t n, const void *const in[], const size_t count[], double inside,
                         double outside)
{
    const double first = ASTRO__EPHEMERIS_FIRST - 0.5;
    const double last = first + ASTRO__EPHEMERIS_DAYS * ASTRO__EPHEMERIS_SEGMENTS;
    double share = in[ASTRO__MOMENT_MJD]
                       ? astro__share_outside(in[ASTRO__MOMENT_MJD], count[ASTRO__MOMENT_MJD], NULL,
                                              0, MJD_ZERO, first, last)
                       : astro__share_outside(in[ASTRO__MOMENT_JD1], count[ASTRO__MOMENT_JD1],
                                              in[ASTRO__MOMENT_JD2], count[ASTRO__MOMENT_JD2], 0.0,
                                              first, last);

    return (double)n * ((1.0 - share) * inside + share * outside);
}

const void *astro__from_row(const void *column, size_t first)
{
    return column ? (const char *)column + first * sizeof(double) : NULL;
}
