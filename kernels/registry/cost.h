/*
 * Predicted costs that hang on the rows: for astro_conversion.cost.
 */
#ifndef ASTRO_KERNELS_REGISTRY_COST_H
#define ASTRO_KERNELS_REGISTRY_COST_H

#include <stddef.h>

/*
 * The share of rows, 0 to 1, whose date lies outside [first, last]; rows that are not finite lie
 * inside, because they are no work.
 * Given      jd1, jd2   parts of the date; n1 and n2 values, of which one stands for all rows; jd2 may
 *                       be NULL. FP64, any alignment.
 *            offset     added to the sum: 2400000.5 for a Modified Julian Date
 * Of many rows some thousands are looked at, evenly spread.
 */
double astro__share_outside(const void *jd1, size_t n1, const void *jd2, size_t n2, double offset,
                            double first, double last);

#endif
