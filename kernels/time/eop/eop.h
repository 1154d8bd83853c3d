/*
 * Earth orientation: UT1-UTC, the pole and its offsets, by day.
 *
 * Purpose    The table of data.eop (finals2000A, eopc04), interpolated linearly in UTC, with the step
 *            of a leap second taken out of UT1-UTC first; and the policies strict, predict, zero.
 * Units      mjd d (UTC); dut1 s; xp, yp arcsec; dx, dy mas.
 * Ownership  Immutable, counted references, like the table of UTC (../leap/utc.h).
 * Threads    hold, drop, at: any thread, no lock, no allocation.
 */
#ifndef ASTRO_KERNELS_TIME_EOP_EOP_H
#define ASTRO_KERNELS_TIME_EOP_EOP_H

#include "../leap/utc.h"
#include "astrolabe/conversion.h"
#include "astrolabe/eop_data.h"

enum astro__eop_policy { ASTRO__EOP_PREDICT, ASTRO__EOP_STRICT, ASTRO__EOP_ZERO };
extern const char *const astro__eop_policy_words[]; /* in that order, NULL at the end */

enum astro__eop_status { ASTRO__EOP_MEASURED, ASTRO__EOP_PREDICTED, ASTRO__EOP_NONE };

struct astro__eop; /* current.c */

struct astro__orientation {
    double dut1;   /* s */
    double xp, yp; /* arcsec */
    double dx, dy; /* mas; NaN where the table has none */
    enum astro__eop_status status;
};

/* The table in use, which may be empty; a new reference. */
const struct astro__eop *astro__eop_hold(void);
void astro__eop_drop(const struct astro__eop *eop); /* NULL is fine */

/* Its days. */
const struct astro_eop_data *astro__eop_data(const struct astro__eop *eop);

/*
 * Given      jd1, jd2  a two-part date of UTC, jd1 whole, |jd2| <= 0.5; finite
 * Returned   *ret; zeros with status NONE where the table has no row that the policy allows
 * Status     false: the policy is not `zero` and there is no row: astro__eop_fail() says so
 */
bool astro__eop_at(const struct astro__eop *eop, const struct astro__utc *utc, double jd1,
                   double jd2, enum astro__eop_policy policy, struct astro__orientation *ret);

/*
 * UT1-TAI in seconds, of any finite date of UTC: beyond the table, and over days without a value,
 * that of the nearest day before or behind; 0 of an empty table. What UT1 is turned into UTC by.
 */
double astro__eop_ut1_less_tai(const struct astro__eop *eop, const struct astro__utc *utc,
                               double jd1, double jd2);

/* eop_unavailable, with a text that says how to go on. Always false. */
bool astro__eop_fail(const struct astro__eop *eop, const char *field, double mjd,
                     enum astro__eop_policy policy, struct astro_error *err);

#endif
