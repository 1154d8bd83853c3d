/*
 * UT1: from UTC and to it, and the pole.
 *
 * Purpose    UT1 = UTC + (UT1-UTC), by the arithmetic of eraUtcut1 and eraUt1utc: UTC is a quasi
 *            Julian Date, whose days are stretched where they end with a leap second. UT1-UTC is one
 *            number for all rows (dut1), or comes from the table of data.eop.
 * Units      Dates are two-part, renormalised; dut1 s; xp, yp rad.
 * Ownership  Both tables are borrowed: whoever has a struct astro__turning holds them.
 * Threads    Any. No allocation, no locks.
 */
#ifndef ASTRO_KERNELS_TIME_SCALES_UT1_H
#define ASTRO_KERNELS_TIME_SCALES_UT1_H

#include "../eop/eop.h"
#include "../instant.h"

struct astro__turning {
    const struct astro__utc *utc;
    const struct astro__eop *eop; /* NULL: dut1, xp and yp hold for all rows */
    enum astro__eop_policy policy;
    double dut1, xp, yp; /* s, rad */
};

/* What may be wanted of a row, as columns; NULL: not wanted. */
struct astro__turned {
    double *date[2]; /* UT1, or UTC */
    double *xp, *yp;
};

enum { ASTRO__TURN_BLOCK = 256 }; /* most rows of one call of the two below */

/*
 * Given      how
 *            field    of the dates, for the error
 *            n        rows
 *            utc      two columns: renormalised dates from 1960 on; a row of NaN gives NaN
 * Returned   *ret     its columns; and warnings counted in *report
 * Status     false: the table has no row that the policy allows: report->error, failed_row
 */
bool astro__ut1_from_utc(const struct astro__turning *how, const char *field, size_t n,
                         const double *const utc[2], const struct astro__turned *ret,
                         struct astro_report *report);

/*
 * The other way; ret->date is wanted. False also when a row is before UTC begins.
 * With dut1 given it is that of eraUt1utc: within three days before a leap second and on its day,
 * a dut1 with the sign of the step, or 0, is the one that holds after it.
 */
bool astro__ut1_to_utc(const struct astro__turning *how, const char *field, size_t n,
                       const double *const ut1[2], const struct astro__turned *ret,
                       struct astro_report *report);

/*
 * From {dut1} and {eop}, of which NULL is one that the conversion does not have; holds the table if
 * one is needed. `utc` is lent, by whoever has this.
 * Status     false: conflict: eop has no meaning beside dut1
 */
bool astro__turning_begin(const struct astro_value *dut1, const struct astro_value *eop,
                          const struct astro__utc *utc, struct astro__turning *ret,
                          struct astro_error *err);
void astro__turning_end(struct astro__turning *how); /* twice is fine */

#endif
