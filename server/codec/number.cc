#include "codec/number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>

#include "codec/number_run.h"
#include "fast_float/fast_float.h"

namespace
{

inline bool is_digit(char c)
{
    return static_cast<unsigned char>(c - '0') <= 9;
}

inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/*
 * What JSON's grammar forbids and the libraries let pass: leading zeros, and a point with no digit
 * on one of its sides. Returns the first byte behind the integer part, NULL when it is malformed.
 */
inline const char *integer_part(const char *p, const char *end)
{
    if (p != end && *p == '-')
        p++;
    if (p == end || !is_digit(*p))
        return nullptr;
    if (*p++ == '0')
        return p != end && is_digit(*p) ? nullptr : p;
    while (p != end && is_digit(*p))
        p++;
    return p;
}

inline number_status read_double(const char *text, const char *end, double *ret,
                                 const char **ret_end)
{
    const char *p = integer_part(text, end);
    if (!p || (p != end && *p == '.' && (p + 1 == end || !is_digit(p[1]))))
        return NUMBER_SYNTAX;
    const auto result = fast_float::from_chars(text, end, *ret);
    if (result.ec == std::errc::invalid_argument)
        return NUMBER_SYNTAX;
    /* An 'e' without digits is left over by the library: "1e" is no number followed by an e. */
    if (result.ptr != end && (*result.ptr | 0x20) == 'e')
        return NUMBER_SYNTAX;
    *ret_end = result.ptr;
    return std::isinf(*ret) ? NUMBER_OVERFLOW : NUMBER_OK;
}

inline number_status read_integer(const char *text, const char *end, int64_t *ret,
                                  const char **ret_end)
{
    const char *p = integer_part(text, end);
    if (!p || (p != end && (*p == '.' || (*p | 0x20) == 'e')))
        return NUMBER_SYNTAX;
    *ret_end = p;
    return std::from_chars(text, p, *ret).ec == std::errc() ? NUMBER_OK : NUMBER_OVERFLOW;
}

inline const char *skip_space(const char *p, const char *end)
{
    while (p < end && is_space(*p))
        p++;
    return p;
}

template <typename T, typename Read> inline void read_run(number_run *run, T *out, Read read)
{
    const char *p = run->next;
    size_t n = 0;
    run->after_value = false;
    while (n < run->room && (p = skip_space(p, run->stop)) < run->stop) {
        const char *behind;
        T value;
        if (read(p, run->end, &value, &behind) != NUMBER_OK)
            break;
        out[n++] = value;
        p = behind;
        if (p == run->end || *p != ',') {
            run->after_value = true;
            break;
        }
        p++;
    }
    run->next = p;
    run->count = n;
}

/* Every double from 2^53 on is an integer; the cast below it is exact and within int64. */
inline bool is_integral(double value)
{
    const double magnitude = std::fabs(value);
    return magnitude >= 0x1p53 || static_cast<double>(static_cast<int64_t>(magnitude)) == magnitude;
}

inline char *write_double(char *out, double value)
{
    if (!std::isfinite(value)) {
        std::memcpy(out, "null", 4);
        return out + 4;
    }
    char *end = std::to_chars(out, out + NUMBER_TEXT, value).ptr;
    /*
     * Only an integral value can come out without a point or an exponent. It then has at most 23
     * bytes (the shorter one of both notations is taken), so that the suffix always fits.
     */
    if (is_integral(value) && !std::memchr(out, 'e', static_cast<size_t>(end - out))) {
        *end++ = '.';
        *end++ = '0';
    }
    return end;
}

inline char *write_integer(char *out, int64_t value)
{
    return std::to_chars(out, out + NUMBER_TEXT, value).ptr;
}

/* `values` may be unaligned: a column can lie anywhere in a binary body. */
template <typename T, typename Write>
inline size_t write_all(char *out, const void *values, size_t n, Write write)
{
    const char *in = static_cast<const char *>(values);
    char *p = out;
    for (size_t i = 0; i < n; i++, in += sizeof(T)) {
        T value;
        std::memcpy(&value, in, sizeof value);
        if (i)
            *p++ = ',';
        p = write(p, value);
    }
    return static_cast<size_t>(p - out);
}

} // namespace

extern "C" {

number_status number_read(const char *text, const char *end, double *ret, const char **ret_end)
{
    return read_double(text, end, ret, ret_end);
}

number_status number_read_integer(const char *text, const char *end, int64_t *ret,
                                  const char **ret_end)
{
    return read_integer(text, end, ret, ret_end);
}

void number_run_doubles(number_run *run, double *out)
{
    read_run(run, out, read_double);
}

void number_run_integers(number_run *run, int64_t *out)
{
    read_run(run, out, read_integer);
}

size_t number_write(char *out, double value)
{
    return static_cast<size_t>(write_double(out, value) - out);
}

size_t number_write_integer(char *out, int64_t value)
{
    return static_cast<size_t>(write_integer(out, value) - out);
}

size_t number_write_doubles(char *out, const void *values, size_t n)
{
    return write_all<double>(out, values, n, write_double);
}

size_t number_write_integers(char *out, const void *values, size_t n)
{
    return write_all<int64_t>(out, values, n, write_integer);
}

} // extern "C"
