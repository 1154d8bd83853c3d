/*
 * Decimal numbers as text, independent of the locale of the process.
 *
 * Purpose    Parameters arrive as text, and error texts show the number that was given.
 * Memory     Allocates nothing. Any thread.
 */
#ifndef ASTRO_KERNELS_REGISTRY_DECIMAL_H
#define ASTRO_KERNELS_REGISTRY_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Given      text     length bytes, not terminated
 *            exponent whether 1e3 is allowed (an epoch's year has none)
 * Returned   *ret_number, untouched on failure: the nearest double
 * Status     false: not [+-] digits [. digits] [e [+-] digits], longer than 120 bytes, or beyond
 *            the largest double. No blanks, no hexadecimal, no names of infinity or NaN.
 */
bool astro__decimal_parse(const char *text, size_t length, bool exponent, double *ret_number);

enum { ASTRO__DECIMAL_ROOM = 32 };

/* The shortest of 15, 16 and 17 digits that reads back as the same double. Returns `room`. */
const char *astro__decimal_text(double number, char room[ASTRO__DECIMAL_ROOM]);

#endif
