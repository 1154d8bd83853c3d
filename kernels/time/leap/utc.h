/*
 * UTC as pieces: days over which TAI-UTC is a straight line.
 *
 * Purpose    What the vector kernels look up per row, made once from a table of leap seconds.
 *            A day that ends with a leap second is a piece of its own, because ERFA's quasi Julian
 *            Date stretches its fractions; so are the days of 1961 to 1971 that end with a step.
 * Units      Civil days are counted by the Julian Date of their noon, a whole number: J.
 *            Within a piece, with x the (quasi) days since its first midnight,
 *                TAI = first midnight + dat + x (1 + stretch)
 * Ownership  Immutable once made. Counted references: current.c.
 */
#ifndef ASTRO_KERNELS_TIME_LEAP_UTC_H
#define ASTRO_KERNELS_TIME_LEAP_UTC_H

#include <stdint.h>

#include "astrolabe/time_data.h"

#define ASTRO__DAY_SECONDS 86400.0

#define ASTRO__UTC_FIRST_DAY 2436935.0 /* 1960-01-01, when UTC begins */

enum {
    ASTRO__UTC_DRIFTS = 14, /* straight lines of 1960 to 1971 */
    ASTRO__UTC_PIECES = 1 + 2 * ASTRO__UTC_DRIFTS + 2 * ASTRO_TIME_DATA_STEPS,
    ASTRO__UTC_BUCKET_DAYS = 32, /* fewer days than any two steps lie apart, as a rule */
    ASTRO__UTC_BUCKETS = 2048    /* to the year 2139 */
};

struct astro__utc_piece {
    double first;   /* J of its first day; piece 0, of what lies before UTC: 1960-01-01, too */
    double dat;     /* TAI-UTC at its first midnight, days */
    double stretch; /* days of TAI in one (quasi) day, less 1 */
    double shrink;  /* 1 - 1 / (1 + stretch) */
    double seconds; /* TAI-UTC at its first midnight, s */
    double drift;   /* growth of TAI-UTC, s per day */
    double extra;   /* s by which its days are longer than 86400 s of UTC */
    int64_t extra_ns;
};

struct astro__utc {
    size_t count;
    struct astro__utc_piece pieces[ASTRO__UTC_PIECES + 1]; /* behind the last: first is +huge */
    uint16_t buckets[ASTRO__UTC_BUCKETS]; /* the piece of the first day of each 32 from 1960 */
    double expires;                       /* Julian Date (UTC) */
    struct astro_time_data data;          /* what it was made from */
};

/* Fills *ret from data that has passed astro_time_data_parse() or is built in. */
void astro__utc_make(const struct astro_time_data *data, struct astro__utc *ret);

/* Index of the piece of civil day J, any whole number or infinity; 0 before 1960. */
static inline size_t astro__utc_find(const struct astro__utc *utc, double day)
{
    double since = day - ASTRO__UTC_FIRST_DAY;
    size_t at = 0;

    if (!(since >= 0.0))
        return 0;
    if (since < (double)(ASTRO__UTC_BUCKETS * ASTRO__UTC_BUCKET_DAYS))
        at = utc->buckets[(size_t)since / ASTRO__UTC_BUCKET_DAYS];
    else
        at = utc->buckets[ASTRO__UTC_BUCKETS - 1];
    while (day >= utc->pieces[at + 1].first)
        at++;
    return at;
}

/* The table in use; a new reference, to be given back. Any thread, no lock. */
const struct astro__utc *astro__utc_hold(void);
void astro__utc_drop(const struct astro__utc *utc); /* NULL is fine */

/* Puts the built-in table in use, unless there is one. Before threads start. */
void astro__utc_init(void);

#endif
