/*
 * Range check of a column.
 *
 * Given      limit   the largest magnitude that passes (first_beyond)
 *            column  n doubles, any alignment
 * Returned   the index of the first finite value that fails, or n. NaN and infinities pass: they
 *            make their own row NaN and are no error. first_outside is for n INT64 numbers, and
 *            those in [0, limit) pass.
 */
#include <float.h>

#include "vec.h"

size_t ASTRO__LANES(first_beyond)(double limit, const void *column, size_t n);
size_t ASTRO__LANES(first_negative)(const void *column, size_t n);
size_t ASTRO__LANES(first_outside)(int64_t limit, const void *column, size_t n);

/* Whether a value fails; the vector test only has to be true where this is false. */
static bool fails(bool distance, double limit, double value)
{
    if (distance)
        return value < 0.0 && value >= -DBL_MAX;
    double magnitude = value < 0.0 ? -value : value;
    return magnitude > limit && magnitude <= DBL_MAX;
}

/* Row by row, in rows [from, to). */
static size_t search(bool distance, double limit, const void *column, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        double value;
        memcpy(&value, (const char *)column + i * sizeof value, sizeof value);
        if (fails(distance, limit, value))
            return i;
    }
    return to;
}

ASTRO__INLINE size_t first_failure(const bool distance, double limit, const void *column, size_t n)
{
    size_t i = 0;

    for (; n - i >= ASTRO__WIDTH; i += ASTRO__WIDTH) {
        vd a = v_load(column, i);
        if (v_all(distance ? (vm)(a >= 0.0) : (vm)(v_abs(a) <= limit)))
            continue;
        size_t found = search(distance, limit, column, i, i + ASTRO__WIDTH);
        if (found < i + ASTRO__WIDTH)
            return found;
    }
    return search(distance, limit, column, i, n);
}

size_t ASTRO__LANES(first_beyond)(double limit, const void *column, size_t n)
{
    return first_failure(false, limit, column, n);
}

size_t ASTRO__LANES(first_negative)(const void *column, size_t n)
{
    return first_failure(true, 0.0, column, n);
}

/* --- whole numbers --- */

static size_t search_outside(int64_t limit, const void *column, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        int64_t value;
        memcpy(&value, (const char *)column + i * sizeof value, sizeof value);
        if (value < 0 || value >= limit)
            return i;
    }
    return to;
}

size_t ASTRO__LANES(first_outside)(int64_t limit, const void *column, size_t n)
{
    size_t i = 0;

    for (; n - i >= ASTRO__WIDTH; i += ASTRO__WIDTH) {
        vm a = (vm)v_load(column, i);
        if (v_all((vm)(a >= 0) & (vm)(a < limit)))
            continue;
        return search_outside(limit, column, i, i + ASTRO__WIDTH);
    }
    return search_outside(limit, column, i, n);
}
