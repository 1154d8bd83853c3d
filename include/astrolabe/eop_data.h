/*
 * Earth orientation: UT1-UTC and the pole, day by day, that conversions go by unless they are told.
 *
 * Purpose    A table of the IERS, read from the text of a file: `finals2000A` (all forms: .all,
 *            .daily, .data) or `eopc04` (the layout of 1962-now and the one of the 20 series).
 *            Nothing is built in: without astro_eop_use() there is no table.
 * Units      s, arcsec, mas; days are Modified Julian Dates of UTC, 0h.
 * Ownership  A struct astro_eop_data is plain data of the caller's, 2.4 MB of it. astro_eop_use()
 *            copies it into one of a few places of the library; prepare() of a conversion takes a
 *            counted reference to what is in use at that moment and release() gives it back, so
 *            contexts keep the table that they were made with. Nothing is allocated, nothing locked.
 * Threads    parse: pure. summary: any thread, at any time. use: one thread at a time, beside any
 *            number of threads that prepare, run or release.
 */
#ifndef ASTROLABE_EOP_DATA_H
#define ASTROLABE_EOP_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/error.h"

enum { ASTRO_EOP_DAYS = 50000 }; /* of any one table: 137 years */

enum astro_eop_kind {
    ASTRO_EOP_ABSENT, /* the day has no UT1 or no pole */
    ASTRO_EOP_PREDICTED,
    ASTRO_EOP_MEASURED
};

struct astro_eop_day {
    double dut1;   /* UT1-UTC, s */
    double xp, yp; /* arcsec */
    double dx, dy; /* offsets of the celestial pole, mas; NaN where the file has none */
    enum astro_eop_kind kind;
};

struct astro_eop_data {
    int32_t
        first_mjd; /* the days follow each other without a gap; the first and last have values */
    size_t count;  /* 0: no table */
    struct astro_eop_day days[ASTRO_EOP_DAYS];
};

/* What a table covers. Without a table, or without such days, the days are 0. */
struct astro_eop_summary {
    size_t count;
    int32_t first_mjd, last_mjd;
    int32_t first_measured, last_measured;
    int32_t first_predicted, last_predicted;
};

/*
 * The text of a file, in whichever of the formats it is.
 * On failure false, *err set (bad_time, field "eop", with the line), *ret holds anything.
 */
bool astro_eop_data_parse(const char *text, size_t length, struct astro_eop_data *ret,
                          struct astro_error *err);

void astro_eop_data_summarize(const struct astro_eop_data *data, struct astro_eop_summary *ret);

/*
 * Makes contexts that are prepared from now on use `data`; NULL: no table. Those that exist keep
 * what they have: whoever caches contexts lets go of them. False with *err set (overloaded) when so
 * many older tables are still referred to that there is no place for one more: nothing has changed
 * then.
 */
bool astro_eop_use(const struct astro_eop_data *data, struct astro_error *err);

/* What is in use. */
void astro_eop_get_summary(struct astro_eop_summary *ret);

#endif
