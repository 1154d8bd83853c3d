/*
 * Numbers between text and memory, by well-kept libraries: fast_float in, std::to_chars out.
 * The only C++ of the server, behind extern "C".
 */
#ifndef ASTRO_CODEC_NUMBER_H
#define ASTRO_CODEC_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NUMBER_TEXT = 25, /* bytes that one number needs at the most, without a separator */
};

enum number_status { NUMBER_OK, NUMBER_SYNTAX, NUMBER_OVERFLOW };

/*
 * The JSON number at `text` (strict grammar: no leading zeros, no bare point, no plus), correctly
 * rounded. *ret_end: the first byte behind it. Underflow gives the nearest (zero, subnormal).
 */
enum number_status number_read(const char *text, const char *end, double *ret,
                               const char **ret_end);
/* The same for an integer of int64; NUMBER_SYNTAX when it has a fraction or an exponent. */
enum number_status number_read_integer(const char *text, const char *end, int64_t *ret,
                                       const char **ret_end);

/*
 * Shortest text that reads back as the same double, always recognisable as a real number ("1.0",
 * "-0.0", "1e+22"), so that typed readers get a double back; NaN and infinities: "null".
 * Writes at most NUMBER_TEXT bytes, returns how many. Not terminated.
 */
size_t number_write(char *out, double value);
size_t number_write_integer(char *out, int64_t value);
/* n values separated by commas; out has room for n * (NUMBER_TEXT + 1). */
size_t number_write_doubles(char *out, const void *values, size_t n);
size_t number_write_integers(char *out, const void *values, size_t n);

#ifdef __cplusplus
}
#endif
#endif
