/*
 * Units of measurement: a table of names, and a reader of strings made of them.
 *
 * Purpose    A unit is a factor to the base of its dimension: metre, kilogram, second, kelvin, radian.
 *            The radian is a base of its own, so that an angle is never taken for a number.
 * Grammar    VOUnits 1.0 and the FITS standard, as far as this:
 *              unit     = [scale] [["/"] factor {separator factor}]
 *              separator = "/" (divides by the next factor only), "*", ".", blanks
 *              factor   = (name | "(" factor {separator factor} ")") [power]
 *              power    = ["**" | "^"] whole number, which may stand in brackets
 *              scale    = a power of ten: 10**3, 10^-7, 1e3, 1000
 *            At most ASTRO__UNIT_LENGTH bytes and ASTRO__UNIT_DEPTH brackets deep.
 * Ownership  Plain values. No allocation, any thread.
 */
#ifndef ASTRO_KERNELS_UNITS_UNIT_H
#define ASTRO_KERNELS_UNITS_UNIT_H

#include "astrolabe/conversion.h"
#include "exact.h"

enum { ASTRO__UNIT_LENGTH = 200, ASTRO__UNIT_DEPTH = 8 };

enum astro__base {
    ASTRO__METRE,
    ASTRO__KILOGRAM,
    ASTRO__SECOND,
    ASTRO__KELVIN,
    ASTRO__RADIAN,
    ASTRO__BASES
};

/* base = factor 10^tens value + offset */
struct astro__unit {
    struct astro__exact factor;
    int tens;
    int powers[ASTRO__BASES];
    bool affine; /* degC, degF: stands alone, and only then has an offset */
    struct astro__exact offset;
};

/* --- table.c --- */

/* A name with its SI prefix, if it has one. *ret is untouched when it is not known. */
bool astro__unit_named(const char *name, size_t length, struct astro__unit *ret);

enum { ASTRO__UNIT_NAME = 24 };
/* The known name nearest to one that is not; NULL when nothing is near. Returns `room`. */
const char *astro__unit_nearest(const char *name, size_t length, char room[ASTRO__UNIT_NAME]);

/* --- parse.c --- */

/* `field` is the parameter, for the error; bad_parameter says what is wrong, and where. */
bool astro__unit_parse(const char *field, const char *text, size_t length, struct astro__unit *ret,
                       struct astro_error *err);

enum { ASTRO__UNIT_DIMENSION = 80 };
/* "a length (m)", "m2 kg s-2": for errors. Returns `room`. */
const char *astro__unit_dimension(const struct astro__unit *unit, char room[ASTRO__UNIT_DIMENSION]);

bool astro__unit_same_dimension(const struct astro__unit *a, const struct astro__unit *b);

#endif
