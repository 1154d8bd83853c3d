/* What a column scan is measured against: no checks but the commas, fast_float for the rest. */
#include <charconv>
#include <cstddef>

#include "fast_float/fast_float.h"

extern "C" size_t bare_fast_float(const char *text, const char *end, double *out)
{
    const char *p = text + 1;
    size_t n = 0;
    while (p < end) {
        const auto result = fast_float::from_chars(p, end, out[n]);
        if (result.ec != std::errc())
            return n;
        n++;
        p = result.ptr;
        if (p == end || *p != ',')
            break;
        p++;
        while (p != end && (*p == ' ' || *p == '\n'))
            p++;
    }
    return n;
}

extern "C" size_t bare_to_chars(char *out, const double *values, size_t n)
{
    char *p = out;
    for (size_t i = 0; i < n; i++) {
        if (i)
            *p++ = ',';
        p = std::to_chars(p, p + 32, values[i]).ptr;
    }
    return static_cast<size_t>(p - out);
}
