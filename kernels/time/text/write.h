/*
 * The text of a time: writing YYYY-MM-DDThh:mm:ss[.f].
 */
#ifndef ASTRO_KERNELS_TIME_TEXT_WRITE_H
#define ASTRO_KERNELS_TIME_TEXT_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "../leap/utc.h"

enum { ASTRO__ISO_WIDTH = 29, ASTRO__ISO_DECIMALS = 9 };

/*
 * Given      day, part  a renormalised date: whole, |part| <= 0.5
 *            decimals   of the second, 0 to 9
 *            utc        whose days may have leap seconds; NULL: none has
 * Returned   *ret_length bytes at `room`, which has ASTRO__ISO_WIDTH; rounded to nearest, a half up,
 *            with carries into the leap second, the day and the year
 * Status     false outside the years 0001 to 9999
 */
bool astro__iso_write(double day, double part, int decimals, const struct astro__utc *utc,
                      char *room, size_t *ret_length);

#endif
