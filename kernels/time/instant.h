/*
 * Single instants: the time of a parameter such as `obstime`, for all groups.
 *
 * Purpose    Reads the text of a time (CATALOGUE, "Text of a time") and carries an instant from one
 *            scale to another, with the same arithmetic as the conversions of columns.
 * Threads    Pure; any thread. The table is one that the caller holds: astro__utc_hold().
 */
#ifndef ASTRO_KERNELS_TIME_INSTANT_H
#define ASTRO_KERNELS_TIME_INSTANT_H

#include <stddef.h>

#include "leap/utc.h"

/* In the order of the words of the parameters scale, scale_in and scale_out. */
enum astro__scale {
    ASTRO__UTC,
    ASTRO__TAI,
    ASTRO__TT,
    ASTRO__TDB,
    ASTRO__TCG,
    ASTRO__TCB,
    ASTRO__UT1,
    ASTRO__SCALES
};

/* The words, NULL at the end: all, and those that need no Earth orientation (all but ut1). */
extern const char *const astro__scale_words[];
extern const char *const astro__scale_words_atomic[];

/* A two-part Julian Date: jd1 whole, |jd2| <= 0.5. In UTC it is ERFA's quasi Julian Date. */
struct astro__instant {
    double jd1, jd2;
    enum astro__scale scale; /* the one asked for; TT for an epoch J2000.0 or B1950.0 */
};

/*
 * Given      field    name of the parameter or input, for the error
 *            text     length bytes, not terminated: YYYY-MM-DD[(T| )hh:mm[:ss[.f]]][Z], YYYY-DDD...,
 *                     JD<decimal>, MJD<decimal>, J2016.0, B1950.0
 *            scale    of the text
 * Returned   *ret, good to 2^-54 d; untouched on failure
 * Status     false: `field = "..."` and what is wrong, in *err (may be NULL): bad_time, or out_of_range
 *            for UTC before 1960
 */
bool astro_time_from_text(const char *field, const char *text, size_t length,
                          enum astro__scale scale, const struct astro__utc *utc,
                          struct astro__instant *ret, struct astro_error *err);

/*
 * The same instant in another scale; TDB at the centre of the Earth. Neither scale may be UT1, unless
 * both are. False with *err set (out_of_range) when UTC is asked for before 1960.
 */
bool astro__instant_in(const struct astro__instant *instant, enum astro__scale scale,
                       const struct astro__utc *utc, const char *field, struct astro__instant *ret,
                       struct astro_error *err);

/* Whether the instant lies past the expiry of the table: ASTRO_WARN_LEAP_SECONDS_EXPIRED. */
bool astro__instant_expired(const struct astro__instant *instant, const struct astro__utc *utc);

#endif
