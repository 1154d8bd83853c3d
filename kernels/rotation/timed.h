/*
 * What the conversions with a time per row share: which rows are extrapolated, what they cost.
 */
#ifndef ASTRO_KERNELS_ROTATION_TIMED_H
#define ASTRO_KERNELS_ROTATION_TIMED_H

#include "../ephemeris/ephemeris.h"
#include "../observed/moment.h"

/* 1u << ASTRO_WARN_EXTRAPOLATED if the fixed date lies outside the model's years. */
uint32_t astro__date_warnings(enum astro__model model, const double date[2]);

/*
 * For astro_conversion.cost: n rows of `inside` ns, and of `outside` ns where the table of the
 * ephemeris does not reach. `in` and `count` are those of the inputs of the time.
 */
double astro__timed_cost(size_t n, const void *const in[], const size_t count[], double inside,
                         double outside);

/* Where a column continues; NULL stays NULL. */
const void *astro__from_row(const void *column, size_t first);

#endif
