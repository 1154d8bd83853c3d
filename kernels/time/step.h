/*
 * Steps: what one vector kernel does to a column of dates, and its constants.
 *
 * Purpose    A conversion of times is a chain of steps through TT (chain.h); other conversions have
 *            one step. A step is the context of its kernel.
 * Units      A date is J + part: J the whole number of days, |part| <= 0.5. Offsets and rates are
 *            in days.
 * Ownership  Plain data; `utc` is borrowed from the conversion's context, which holds a reference.
 */
#ifndef ASTRO_KERNELS_TIME_STEP_H
#define ASTRO_KERNELS_TIME_STEP_H

#include <stdbool.h>

#include "leap/utc.h"

/* Where an observer stands, for the daily terms of TDB - TT; from eraGd2gc, WGS 84. */
struct astro__station {
    bool given;       /* else the centre of the Earth */
    double longitude; /* turns, east */
    double u;         /* km from the Earth's axis */
    double v;         /* km north of the equator */
};

struct astro__step {
    const struct astro__utc *utc; /* steps that need it */
    /* A line: out = in + offset + rate (in - (ref_day + ref_part)). Steps to and from UTC: offset
     * is that of the other scale from TAI. Years: see year_lanes.c. */
    double offset, rate, ref_day, ref_part;
    struct astro__station station;
};

/*
 * What the survey of a column finds (survey_lanes.c): context of the kernel is the expiry as a
 * Julian Date in the column's own scale, out[0] is this.
 */
struct astro__survey {
    double least;     /* the smallest date, rounded to one double; infinity when there is none */
    uint64_t expired; /* rows from the expiry on */
};

#endif
