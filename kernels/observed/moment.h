/*
 * The time of observation, and what the Earth's rotation makes of it.
 *
 * Purpose    Nearly every conversion of wave 2 has a time: one for all rows ({obstime}), or one per row
 *            ([jd1][jd2], or [mjd]), in {scale}; many need UT1 and the pole as well ({dut1} {xp} {yp}
 *            {eop}, or the table of data.eop). This turns them into TT, TDB, UT1 and the pole, once in
 *            prepare() or block by block in run().
 * Units      Dates are two-part Julian Dates with a whole first part (noon) and |second| <= 0.5; the
 *            pole is in radians.
 * Ownership  A struct astro__moments is part of a conversion's context. It holds references to tables
 *            that astro__moments_release() gives back.
 * Threads    prepare: any. Reading: any number at once. No allocation, no locks.
 */
#ifndef ASTRO_KERNELS_OBSERVED_MOMENT_H
#define ASTRO_KERNELS_OBSERVED_MOMENT_H

#include "../registry/fields.h"
#include "../time/instant.h"
#include "../time/pipeline.h"
#include "../time/scales/ut1.h"

/* --- inputs and parameters of a descriptor --- */

/* Inputs: three, optional, in this order. */
enum { ASTRO__MOMENT_JD1, ASTRO__MOMENT_JD2, ASTRO__MOMENT_MJD, ASTRO__MOMENT_INPUTS };
#define ASTRO__MOMENT_FIELDS                                                                       \
    ASTRO__PLAIN_OPTIONAL("jd1", "d", "obstime",                                                   \
                          "time of observation of the row: Julian Date, or its first part"),       \
        ASTRO__PLAIN_OPTIONAL("jd2", "d", "0", "second part of the Julian Date"),                  \
        ASTRO__PLAIN_OPTIONAL("mjd", "d", "obstime",                                               \
                              "time of observation of the row: Modified Julian Date")

/* Parameters: {obstime} {scale}, in this order. */
#define ASTRO__MOMENT_PARAMETERS                                                                   \
    {.name = "obstime",                                                                            \
     .type = ASTRO_STRING,                                                                         \
     .optional = true,                                                                             \
     .default_doc = "jd1 or mjd",                                                                  \
     .maximum = 64,                                                                                \
     .unit = "",                                                                                   \
     .doc = "time of observation of all rows: 2026-11-21T20:15:00, JD2461366.5, J2016.0"},         \
        ASTRO__CHOICE("scale", "utc", astro__scale_words, "time scale of the time of observation")

#define ASTRO__MOMENT_OPTIONAL(parameter_name, absent, low, high, fixed_unit, text)                \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_NUMBER, .optional = true, .default_doc = (absent), \
        .minimum = (low), .maximum = (high), .unit = (fixed_unit), .doc = (text)                   \
    }

/* {dut1} and {eop}: what UT1 alone needs. */
#define ASTRO__UT1_PARAMETERS                                                                      \
    ASTRO__MOMENT_OPTIONAL("dut1", "the table of data.eop", -1.0, 1.0, "s",                        \
                           "UT1-UTC for all rows; no table is looked at then"),                    \
        ASTRO__CHOICE("eop", "predict", astro__eop_policy_words,                                   \
                      "what the table may give: measured and predicted rows, measured ones only "  \
                      "(strict), or zeros where it has no row (zero)")

/* {dut1} {xp} {yp} {eop}, in this order. */
#define ASTRO__EOP_PARAMETERS                                                                      \
    ASTRO__MOMENT_OPTIONAL("dut1", "the table of data.eop", -1.0, 1.0, "s",                        \
                           "UT1-UTC for all rows; no table is looked at then"),                    \
        ASTRO__MOMENT_OPTIONAL("xp", "0 with dut1, else the table of data.eop", -2.0, 2.0,         \
                               "arcsec", "polar motion x; only together with dut1"),               \
        ASTRO__MOMENT_OPTIONAL("yp", "0 with dut1, else the table of data.eop", -2.0, 2.0,         \
                               "arcsec", "polar motion y; only together with dut1"),               \
        ASTRO__CHOICE("eop", "predict", astro__eop_policy_words,                                   \
                      "what the table may give: measured and predicted rows, measured ones only "  \
                      "(strict), or zeros where it has no row (zero)")

/* The values of those parameters; NULL for what a conversion does not have. */
struct astro__moment_values {
    const struct astro_value *obstime, *scale, *dut1, *xp, *yp, *eop;
};

/* --- in prepare() --- */

/* What a conversion wants to know of a time, beside TT, which it always gets unless it says NO_TT:
 * without TT, UT1 of dates in UT1 needs no Earth orientation. */
enum astro__moment_need {
    ASTRO__NEED_TDB = 1, /* at the station, if there is one, else at the centre of the Earth */
    ASTRO__NEED_UT1 = 2,
    ASTRO__NEED_POLE = 4,
    ASTRO__NEED_UTC = 8, /* the quasi Julian Date */
    ASTRO__NO_TT = 16
};

struct astro__moment {
    double tt[2], tdb[2], ut1[2], utc[2];
    double xp, yp; /* rad */
};

/* A conversion's context has one of these; its contents are moment.c's own but for what is said. */
struct astro__moments {
    bool fixed; /* {obstime} was given: `one` holds for all rows */
    struct astro__moment one;
    unsigned needs;
    struct astro__turning turning; /* both tables held, but with a fixed time */
    enum astro__scale scale;
    struct astro__station station;
};

/*
 * Given      values, needs (bits), station (NULL: the centre of the Earth)
 * Returned   *ret; with a fixed time its warnings are added to *ret_warnings
 * Status     false: *err is set (bad_time, out_of_range, conflict, missing_parameter,
 *            eop_unavailable), nothing is held
 */
bool astro__moments_prepare(const struct astro__moment_values *values, unsigned needs,
                            const struct astro__station *station, struct astro__moments *ret,
                            uint32_t *ret_warnings, struct astro_error *err);
void astro__moments_release(struct astro__moments *moments); /* twice is fine */

/* --- in run() --- */

enum { ASTRO__MOMENT_BLOCK = ASTRO__TURN_BLOCK };

/* Columns of one block. What was not needed is not written. */
struct astro__moment_rows {
    double tt[2][ASTRO__MOMENT_BLOCK];
    double tdb[2][ASTRO__MOMENT_BLOCK];
    double ut1[2][ASTRO__MOMENT_BLOCK];
    double utc[2][ASTRO__MOMENT_BLOCK];
    double xp[ASTRO__MOMENT_BLOCK], yp[ASTRO__MOMENT_BLOCK];
};

/*
 * Whether the time was given in exactly one way: {obstime}, or jd1 with or without jd2, or mjd.
 * `in` are the three columns, NULL where absent. Else report->error (missing_parameter, conflict,
 * missing_input).
 * Inputs are known in run() for the first time, so each run begins with this.
 */
bool astro__moments_check(const struct astro__moments *moments, const void *const in[],
                          struct astro_report *report);

/*
 * Rows `first` to first + n - 1 of the columns, n <= ASTRO__MOMENT_BLOCK; of a moments that is not
 * fixed. A row that is not finite is NaN in all of them. Warnings are counted in *report. False:
 * report->error and failed_row (first included) are set.
 */
bool astro__moments_rows(const struct astro__moments *moments, size_t first, size_t n,
                         const void *const in[], struct astro__moment_rows *ret,
                         struct astro_report *report);

#endif
