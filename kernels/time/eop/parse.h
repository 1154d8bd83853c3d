/*
 * What the two formats of Earth orientation share: a line, and a day that it has.
 */
#ifndef ASTRO_KERNELS_TIME_EOP_PARSE_H
#define ASTRO_KERNELS_TIME_EOP_PARSE_H

#include "astrolabe/eop_data.h"

enum astro__eop_format {
    ASTRO__EOP_UNKNOWN,
    ASTRO__EOP_FINALS,
    ASTRO__EOP_C04_1962,
    ASTRO__EOP_C04_20
};

enum { ASTRO__EOP_QUOTE = 60 }; /* room for the beginning of a line in an error text */

struct astro__eop_reader {
    const char *line, *end; /* without the end of line and blanks before it */
    size_t number;          /* of the line, from 1 */
    size_t empty;           /* the first line without values; 0: none */
    enum astro__eop_format format;
    size_t words; /* in each line of eopc04 */
    struct astro_eop_data *ret;
    struct astro_error *err;
};

/* Each returns false with the error set; fail_line() always does. */
bool astro__eop_fail_line(struct astro__eop_reader *r, const char *what);

/* [+-] digits [. digits], nothing else: the nearest double; and a whole number after blanks. */
bool astro__eop_decimal(const char *at, const char *end, double *ret);
bool astro__eop_whole(const char *at, const char *end, int64_t *ret);

/* Year, month and day are those of the MJD; the year with its century, or without. */
bool astro__eop_check_date(struct astro__eop_reader *r, const int64_t date[3], double mjd,
                           bool century);

/* A day without values; more of them may follow, but nothing else. */
void astro__eop_add_nothing(struct astro__eop_reader *r);
bool astro__eop_add(struct astro__eop_reader *r, double mjd, const struct astro_eop_day *day);

/* A line of finals2000A: finals.c. */
bool astro__eop_read_finals(struct astro__eop_reader *r);

#endif
