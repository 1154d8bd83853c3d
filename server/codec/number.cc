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

/* Behind -?(0|[1-9][0-9]*); NULL when malformed. */
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

/* Digits from `p` on, taken into `mantissa` (modulo 2^64: the caller counts them). */
inline const char *scan_digits(const char *p, const char *end, uint64_t *mantissa)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    const uint64_t zeros = 0x3030303030303030;
    while (end - p >= 8) {
        const uint64_t text = fast_float::read_u64(p);
        /* The top bit of each byte that is no digit; exact for the first of them. */
        const uint64_t others = ((text + 0x4646464646464646) | (text - zeros)) & 0x8080808080808080;
        if (others) {
            const int n = __builtin_ctzll(others) / 8;
            if (n > 0)
                *mantissa = *mantissa * powers[n] + fast_float::parse_eight_digits_unrolled(
                                                        text << (64 - 8 * n) | zeros >> (8 * n));
            return p + n;
        }
        *mantissa = *mantissa * 100000000 + fast_float::parse_eight_digits_unrolled(text);
        p += 8;
    }
    for (; p != end && is_digit(*p); p++)
        *mantissa = *mantissa * 10 + static_cast<uint64_t>(*p - '0');
    return p;
}

/* [eE][+-]?[0-9]+; NULL when malformed. Far beyond what matters the value is only large. */
inline const char *scan_exponent(const char *p, const char *end, int64_t *exponent)
{
    const bool negative = ++p != end && *p == '-';
    if (p != end && (*p == '-' || *p == '+'))
        p++;
    if (p == end || !is_digit(*p))
        return nullptr;
    int64_t value = 0;
    for (; p != end && is_digit(*p); p++)
        if (value < 1000000000)
            value = value * 10 + (*p - '0');
    *exponent += negative ? -value : value;
    return p;
}

/* What the short way could not settle: more than 19 digits, or too close to a tie. */
__attribute__((noinline)) number_status read_double_slowly(const char *text, const char *end,
                                                           double *ret)
{
    fast_float::from_chars(text, end, *ret);
    return std::isinf(*ret) ? NUMBER_OVERFLOW : NUMBER_OK;
}

/*
 * The strict grammar is checked while the digits are gathered; the library makes the nearest double
 * of them (its from_chars would scan the text once more, by a laxer grammar).
 */
inline number_status read_double(const char *text, const char *end, double *ret,
                                 const char **ret_end)
{
    const bool negative = text != end && *text == '-';
    const char *const integer = text + negative;
    uint64_t mantissa = 0;
    const char *p = scan_digits(integer, end, &mantissa);
    int64_t exponent = 0, digits = p - integer;
    if (digits == 0 || (*integer == '0' && digits > 1))
        return NUMBER_SYNTAX;
    if (p != end && *p == '.') {
        const char *const fraction = p + 1;
        p = scan_digits(fraction, end, &mantissa);
        exponent = fraction - p;
        if (exponent == 0)
            return NUMBER_SYNTAX;
        digits -= exponent;
    }
    if (p != end && (*p | 0x20) == 'e' && !(p = scan_exponent(p, end, &exponent)))
        return NUMBER_SYNTAX;
    *ret_end = p;
    if (digits > 19)
        return read_double_slowly(text, p, ret);
    const auto rounded =
        fast_float::compute_float<fast_float::binary_format<double>>(exponent, mantissa);
    if (rounded.power2 < 0)
        return read_double_slowly(text, p, ret);
    fast_float::to_float(negative, rounded, *ret);
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

/* Behind the bracket of the next row when only "],[" or "], [" stands between. */
inline const char *next_row(const char *p, const char *end)
{
    if (end - p < 4 || p[0] != ']' || p[1] != ',')
        return nullptr;
    p += p[2] == ' ' ? 3 : 2;
    return *p == '[' ? p + 1 : nullptr;
}

template <typename T, typename Read> inline void read_run(number_run *run, T *out, Read read)
{
    const char *p = run->next;
    size_t n = 0, row_begin = 0 - run->in_row;
    run->rows = 0;
    run->place = number_run::RUN_AT_VALUE;
    while (n < run->room && (p = skip_space(p, run->stop)) < run->stop) {
        const char *behind;
        T value;
        if (read(p, run->end, &value, &behind) != NUMBER_OK)
            break;
        out[n++] = value;
        p = behind;
        run->place = number_run::RUN_AT_VALUE;
        if (p != run->end && *p == ',') {
            p++;
            continue;
        }
        run->place = number_run::RUN_BEHIND_VALUE;
        const char *const row = n - row_begin == run->extent ? next_row(p, run->end) : nullptr;
        if (!row)
            break;
        p = row;
        row_begin = n;
        run->rows++;
        run->place = number_run::RUN_AT_FIRST;
    }
    run->next = p;
    run->count = n;
    run->in_row = n - row_begin;
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
