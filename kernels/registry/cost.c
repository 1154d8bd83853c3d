#include "cost.h"

#include <math.h>
#include <string.h>

enum { SEEN_MOST = 4096 };

static double value_at(const void *column, size_t row)
{
    double value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

double astro__share_outside(const void *jd1, size_t n1, const void *jd2, size_t n2, double offset,
                            double first, double last)
{
    size_t n = jd2 && n2 > n1 ? n2 : n1;
    size_t seen = n < SEEN_MOST ? n : SEEN_MOST;
    size_t outside = 0;

    if (!jd1 || n1 == 0 || (jd2 && n2 == 0))
        return 0.0;
    for (size_t i = 0; i < seen; i++) {
        size_t row = seen == n ? i : (size_t)((double)i * ((double)n / SEEN_MOST));
        double date = offset + value_at(jd1, n1 == 1 ? 0 : row);
        if (jd2)
            date += value_at(jd2, n2 == 1 ? 0 : row);
        outside += isfinite(date) && !(date >= first && date <= last);
    }
    return (double)outside / (double)seen;
}
