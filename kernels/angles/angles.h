/*
 * The group angles: numbers brought into a range, and angles as people write them.
 */
#ifndef ASTRO_KERNELS_ANGLES_ANGLES_H
#define ASTRO_KERNELS_ANGLES_ANGLES_H

#include "../sky/context.h"

/* What wrap_lanes.c needs: results are in [base, limit). */
struct astro__wrap {
    struct astro__circle circle;
    double base, limit;
};

/* The column `angle`, hours under hourangle. */
#define ASTRO__FIELD_ANGLE ASTRO__FIELD("angle", ASTRO_HOURS, "angle; hours under hourangle")

#define ASTRO__UNIT_OF_ANGLE                                                                       \
    ASTRO__CHOICE("unit", "deg", astro__units_with_hours, "of the angle as a number")

/* --- parse.c --- */

/* What a text without a unit is taken for. */
enum astro__assume {
    ASTRO__ASSUME_NONE,
    ASTRO__ASSUME_DEG,
    ASTRO__ASSUME_HOURS,
    ASTRO__ASSUME_RAD
};

enum astro__parsed {
    ASTRO__PARSED,
    ASTRO__PARSED_60, /* 60 minutes or seconds were carried */
    ASTRO__PARSE_FAILED
};

/*
 * Given      text          length bytes, UTF-8, not terminated
 *            assume, unit  of the text, if it has no unit of its own; of the result
 * Returned   *ret_angle    the value of the text, rounded once; never -0. Untouched on failure
 *            *ret_code     on failure: what is wrong (ASTRO_SYNTAX, ...)
 */
enum astro__parsed astro__angle_parse(const char *text, size_t length, enum astro__assume assume,
                                      enum astro_unit unit, double *ret_angle,
                                      enum astro_code *ret_code);

/* --- format.c --- */

enum astro__separators { ASTRO__LETTERS, ASTRO__COLON, ASTRO__SPACE, ASTRO__UNICODE };

struct astro__format {
    enum astro_unit unit; /* of the number */
    bool hours;           /* of the text: hours, else degrees */
    enum astro__separators separators;
    int fields, precision;
    bool pad, sign;
};

enum {
    ASTRO__ANGLE_WIDTH = 48 /* bytes of the longest text */
};

/* Up to this, in degrees, angles are written. */
#define ASTRO__LARGEST_ANGLE 1e15

/*
 * Writes a finite angle of at most that size: the exact binary value, rounded half even in the last
 * field and carried. Returns the bytes written to `room`, which has ASTRO__ANGLE_WIDTH.
 */
size_t astro__angle_format(const struct astro__format *format, double angle, char *room);

/* parse_angle.c, format_angle.c, wrap.c */
extern const struct astro_conversion astro__parse_angle, astro__format_angle, astro__wrap_angle;

#endif
