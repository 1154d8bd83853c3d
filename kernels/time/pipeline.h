/*
 * What the conversions of times do, as a list of vector kernels.
 *
 * Purpose    A conversion reads numbers (or dates), carries dates from scale to scale through TT, and
 *            writes numbers (or dates). prepare() lists the kernels with their constants; run sends
 *            blocks of rows through them.
 * UTC        The first kernel that has to do with UTC has its input surveyed: a row before 1960 fails
 *            the request, rows past the expiry of the table are counted as warnings.
 * Ownership  The context of a conversion. It holds a reference to a table of UTC if a kernel needs
 *            one, which astro__pipeline_release() gives back.
 */
#ifndef ASTRO_KERNELS_TIME_PIPELINE_H
#define ASTRO_KERNELS_TIME_PIPELINE_H

#include "astrolabe/conversion.h"
#include "instant.h"
#include "step.h"

/* One per kernel. */
enum astro__action {
    ASTRO__DATE_LINE,
    ASTRO__DATE_FROM_UTC,
    ASTRO__DATE_TO_UTC,
    ASTRO__TT_TO_TDB,
    ASTRO__TDB_TO_TT,
    ASTRO__TAI_MINUS_UTC,
    ASTRO__DATE_TO_MJD,
    ASTRO__MJD_TO_DATE,
    ASTRO__DATE_TO_YEAR,
    ASTRO__YEAR_TO_DATE,
    ASTRO__DATE_TO_DECIMALYEAR,
    ASTRO__DECIMALYEAR_TO_DATE,
    ASTRO__DATE_TO_CLOCK,
    ASTRO__CLOCK_TO_DATE,
    ASTRO__DATE_TO_UNIX,
    ASTRO__UNIX_TO_DATE,
    ASTRO__DATE_TO_GPS,
    ASTRO__GPS_TO_DATE
};

enum { ASTRO__MOST_STAGES = 6, ASTRO__NOT_SURVEYED = ASTRO__MOST_STAGES };

struct astro__stage {
    enum astro__action action;
    struct astro__step step;
};

struct astro__pipeline {
    const struct astro__utc *utc; /* held, or NULL */
    const char *field;            /* the first input, for errors */
    size_t count;
    struct astro__stage stages[ASTRO__MOST_STAGES];
    size_t surveyed; /* the stage whose input is; ASTRO__NOT_SURVEYED */
    double earliest; /* of its input: 1960-01-01 UTC */
    double expiry;
};

/* An empty list. `field` lives as long as the process. */
void astro__pipeline_begin(struct astro__pipeline *pipeline, const char *field);
void astro__pipeline_release(void *pipeline);

/* The table of UTC, held from the first call on. */
const struct astro__utc *astro__pipeline_utc(struct astro__pipeline *pipeline);

/* Adds a kernel. With `utc` it takes a table of UTC, and its input may have to be surveyed. */
struct astro__step *astro__pipeline_add(struct astro__pipeline *pipeline, enum astro__action action,
                                        bool utc);

/* Adds what leads from one scale to another; to the same one: only renormalises. */
void astro__pipeline_scale(struct astro__pipeline *pipeline, enum astro__scale in,
                           enum astro__scale out, const struct astro__station *station);

/* Surveys the input of the first stage as dates of UTC. */
void astro__pipeline_survey_first(struct astro__pipeline *pipeline);

/* The same of the last stage so far. */
void astro__pipeline_survey_last(struct astro__pipeline *pipeline);

/* Whether the way from one scale to the other crosses the one between TT and TDB. */
bool astro__crosses_tdb(enum astro__scale in, enum astro__scale out);

/* As astro_conversion.run; in[1] may be NULL. False when a row has failed: see report->error. */
bool astro__pipeline_run(const struct astro__pipeline *pipeline, size_t n, const void *const in[],
                         void *const out[], struct astro_report *report);

/* The same as the run of a conversion. */
void astro__pipeline_run_all(const void *context, size_t n, const void *const in[],
                             void *const out[], struct astro_report *report);

#endif
