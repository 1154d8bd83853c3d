/*
 * Time data: the leap seconds that all conversions of times go by.
 *
 * Purpose    TAI-UTC from 1972 on comes from a file in the format of the IERS and NIST
 *            (leap-seconds.list), or from the table that is built in; the drifting UTC of 1960 to
 *            1971 never changes and is always built in.
 * Ownership  A struct astro_time_data is plain data of the caller's. astro_time_data_use() copies
 *            it into one of a few places of the library; prepare() of a conversion takes a counted
 *            reference to what is in use at that moment and release() gives it back, so contexts
 *            keep the table that they were made with. Nothing is allocated, nothing is locked.
 * Threads    parse, builtin: pure. get: any thread, at any time. use: one thread at a time, after
 *            astro_kernels_init(), beside any number of threads that prepare, run or release.
 */
#ifndef ASTROLABE_TIME_DATA_H
#define ASTROLABE_TIME_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/error.h"

enum { ASTRO_TIME_DATA_STEPS = 100 }; /* of any one table; there have been 28 since 1972 */

struct astro_time_step {
    int32_t mjd;           /* Modified Julian Date (UTC) from whose 0h on it holds */
    int32_t tai_minus_utc; /* s */
};

struct astro_time_data {
    bool is_builtin;
    int64_t
        updated; /* Unix seconds: when the file was last changed ("#$"); 0 when it does not say */
    int64_t expires; /* Unix seconds: no leap second is unknown before this ("#@") */
    size_t count;    /* at least 1; the first step is 10 s at 1972-01-01 */
    struct astro_time_step steps[ASTRO_TIME_DATA_STEPS]; /* ascending, each 1 s from the last */
};

/*
 * The text of a leap-seconds.list. Its SHA-1 line ("#h") is verified, so a file that was cut or
 * changed is not taken. An expired file is: how old it is shows in `expires`.
 * On failure false, *err set (bad_time, field "leap_seconds", with the line), *ret untouched.
 */
bool astro_time_data_parse(const char *text, size_t length, struct astro_time_data *ret,
                           struct astro_error *err);

/* The table of this version of the library. */
void astro_time_data_builtin(struct astro_time_data *ret);

/*
 * Makes contexts that are prepared from now on use `data`. Those that exist keep what they have:
 * whoever caches contexts lets go of them. False with *err set (overloaded) when so many older
 * tables are still referred to that there is no place for one more: nothing has changed then.
 */
bool astro_time_data_use(const struct astro_time_data *data, struct astro_error *err);

/* What is in use; the built-in table at first. */
void astro_time_data_get(struct astro_time_data *ret);

#endif
