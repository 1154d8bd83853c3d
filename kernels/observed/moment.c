#include "moment.h"

#include <erfa.h>
#include <erfam.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "../simd/lanes.h"

/* --- rows --- */

/* Where the times of one call come from, and where they go. */
struct job {
    const struct astro__moments *moments;
    enum astro__scale scale;
    const char *field; /* of the time, for errors */
    bool number;       /* in[0] is a Modified Julian Date */
    const void *in[2]; /* in[1] may be NULL */
    size_t n;
    struct astro__moment_rows *ret;
    struct astro_report *report;
};

/* Dates in `in` of one scale to `out` of another. `given`: they are the job's own input. */
static bool carry(const struct job *job, bool given, enum astro__scale from, enum astro__scale to,
                  const void *const in[], double (*out)[ASTRO__MOMENT_BLOCK])
{
    struct astro__pipeline pipeline;
    void *const columns[] = {out[0], out[1]};

    astro__pipeline_begin(&pipeline, job->field);
    pipeline.utc = job->moments->turning.utc; /* lent: the pipeline is not released */
    if (given && job->number)
        (void)astro__pipeline_add(&pipeline, ASTRO__MJD_TO_DATE, false);
    astro__pipeline_scale(&pipeline, from, to, &job->moments->station);
    if (from == ASTRO__UTC)
        astro__pipeline_survey_last(&pipeline); /* unless the way has seen to it */
    return astro__pipeline_run(&pipeline, job->n, in, columns, job->report);
}

/* As above, from columns of ours. */
static bool carry_on(const struct job *job, enum astro__scale from, enum astro__scale to,
                     double (*in)[ASTRO__MOMENT_BLOCK], double (*out)[ASTRO__MOMENT_BLOCK])
{
    const void *const columns[] = {in[0], in[1]};

    return carry(job, false, from, to, columns, out);
}

static unsigned needs_of(const struct job *job, unsigned any)
{
    return job->moments->needs & any;
}

static bool wants_tt(const struct job *job)
{
    return !needs_of(job, ASTRO__NO_TT);
}

static bool is_barycentric(enum astro__scale scale)
{
    return scale == ASTRO__TDB || scale == ASTRO__TCB;
}

/* Columns of the pole, if it is wanted, beside those of a date. */
static struct astro__turned turned(const struct job *job, double (*date)[ASTRO__MOMENT_BLOCK])
{
    struct astro__turned ret = {.date = {NULL, NULL}};

    if (date) {
        ret.date[0] = date[0];
        ret.date[1] = date[1];
    }
    if (needs_of(job, ASTRO__NEED_POLE)) {
        ret.xp = job->ret->xp;
        ret.yp = job->ret->yp;
    }
    return ret;
}

/* UTC is there: UT1 and the pole. */
static bool turn(const struct job *job)
{
    const double *const utc[] = {job->ret->utc[0], job->ret->utc[1]};
    struct astro__turned ret = turned(job, needs_of(job, ASTRO__NEED_UT1) ? job->ret->ut1 : NULL);

    if (!needs_of(job, ASTRO__NEED_UT1 | ASTRO__NEED_POLE))
        return true;
    return astro__ut1_from_utc(&job->moments->turning, job->field, job->n, utc, &ret, job->report);
}

static bool rows_of_utc(const struct job *job)
{
    unsigned turning = needs_of(job, ASTRO__NEED_UT1 | ASTRO__NEED_POLE | ASTRO__NEED_UTC);
    bool tdb = needs_of(job, ASTRO__NEED_TDB), tt = tdb || wants_tt(job);
    const struct astro__moment_rows *ret = job->ret;
    const void *const utc[] = {ret->utc[0], ret->utc[1]};

    if (!turning)
        return !tt || carry(job, true, ASTRO__UTC, ASTRO__TT, job->in, job->ret->tt);
    if (!carry(job, true, ASTRO__UTC, ASTRO__UTC, job->in, job->ret->utc))
        return false;
    if (tt) { /* the survey has been */
        struct astro__step step = {.utc = job->moments->turning.utc,
                                   .offset = ERFA_TTMTAI / ERFA_DAYSEC};
        void *const out[] = {job->ret->tt[0], job->ret->tt[1]};
        astro__lanes->date_from_utc(&step, job->n, utc, out);
    }
    return turn(job);
}

static bool rows_of_ut1(const struct job *job)
{
    bool utc = wants_tt(job) || needs_of(job, ASTRO__NEED_POLE | ASTRO__NEED_UTC | ASTRO__NEED_TDB);
    struct astro__turned ret = turned(job, job->ret->utc);
    const double *const ut1[] = {job->ret->ut1[0], job->ret->ut1[1]};

    if (!carry(job, true, ASTRO__UT1, ASTRO__UT1, job->in, job->ret->ut1))
        return false;
    if (!utc)
        return true;
    return astro__ut1_to_utc(&job->moments->turning, job->field, job->n, ut1, &ret, job->report) &&
           carry_on(job, ASTRO__UTC, ASTRO__TT, job->ret->utc, job->ret->tt);
}

/* The row of the input that has failed on its way through TT: once more, straight to UTC, so that
 * the error shows what was given. */
static bool fail_as_given(const struct job *job)
{
    struct job again = *job;
    struct astro_report report;
    size_t row = job->report->failed_row;

    memset(&report, 0, sizeof report);
    again.n = 1;
    again.report = &report;
    for (size_t k = 0; k < 2; k++)
        again.in[k] = job->in[k] ? (const char *)job->in[k] + row * sizeof(double) : NULL;
    if (!carry(&again, true, job->scale, ASTRO__UTC, again.in, job->ret->utc))
        job->report->error = report.error;
    return false;
}

static bool rows_of_others(const struct job *job)
{
    unsigned turning = needs_of(job, ASTRO__NEED_UT1 | ASTRO__NEED_POLE | ASTRO__NEED_UTC);

    if (!carry(job, true, job->scale, ASTRO__TT, job->in, job->ret->tt))
        return false;
    if (!turning)
        return true;
    if (!carry_on(job, ASTRO__TT, ASTRO__UTC, job->ret->tt, job->ret->utc))
        return fail_as_given(job);
    return turn(job);
}

static bool tdb_of(const struct job *job)
{
    if (is_barycentric(job->scale))
        return carry(job, true, job->scale, ASTRO__TDB, job->in, job->ret->tdb);
    return carry_on(job, ASTRO__TT, ASTRO__TDB, job->ret->tt, job->ret->tdb);
}

static bool run(const struct job *job)
{
    bool done = false;

    if (job->scale == ASTRO__UTC)
        done = rows_of_utc(job);
    else if (job->scale == ASTRO__UT1)
        done = rows_of_ut1(job);
    else
        done = rows_of_others(job);
    return done && (!needs_of(job, ASTRO__NEED_TDB) || tdb_of(job));
}

static const void *from_row(const void *column, size_t first)
{
    return column ? (const char *)column + first * sizeof(double) : NULL;
}

bool astro__moments_rows(const struct astro__moments *moments, size_t first, size_t n,
                         const void *const in[], struct astro__moment_rows *ret,
                         struct astro_report *report)
{
    bool number = in[ASTRO__MOMENT_MJD] != NULL;
    struct job job = {
        .moments = moments,
        .scale = moments->scale,
        .field = number ? "mjd" : "jd1",
        .number = number,
        .in = {from_row(in[number ? ASTRO__MOMENT_MJD : ASTRO__MOMENT_JD1], first),
               number ? NULL : from_row(in[ASTRO__MOMENT_JD2], first)},
        .n = n,
        .ret = ret,
        .report = report,
    };

    if (run(&job))
        return true;
    report->failed_row += first;
    return false;
}

bool astro__moments_check(const struct astro__moments *moments, const void *const in[],
                          struct astro_report *report)
{
    bool jd1 = in[ASTRO__MOMENT_JD1], jd2 = in[ASTRO__MOMENT_JD2], mjd = in[ASTRO__MOMENT_MJD];
    struct astro_error *err = &report->error;

    if (moments->fixed) {
        const char *field = mjd ? "mjd" : jd1 ? "jd1" : "jd2";
        return !(jd1 || jd2 || mjd) ||
               astro_fail(err, ASTRO_CONFLICT, field,
                          "%s is given beside obstime: a time of observation is given in one way",
                          field);
    }
    if (mjd && (jd1 || jd2))
        return astro_fail(err, ASTRO_CONFLICT, "mjd",
                          "mjd is given beside %s: a time of observation is given in one way",
                          jd1 ? "jd1" : "jd2");
    if (jd2 && !jd1)
        return astro_fail(err, ASTRO_MISSING_INPUT, "jd1",
                          "jd1 is missing: jd2 is the second part of a date");
    return jd1 || mjd ||
           astro_fail(err, ASTRO_MISSING_PARAMETER, "obstime",
                      "there is no time of observation: give obstime, for all rows, or jd1 (with "
                      "jd2) or mjd, a value per row");
}

/* --- preparing --- */

static bool is_present(const struct astro_value *value)
{
    return value && value->present;
}

static bool read_pole(const struct astro__moment_values *values, struct astro__turning *ret,
                      struct astro_error *err)
{
    const char *lonely = is_present(values->xp) ? "xp" : "yp";

    if (!is_present(values->xp) && !is_present(values->yp))
        return true;
    if (!is_present(values->dut1))
        return astro_fail(err, ASTRO_MISSING_PARAMETER, "dut1",
                          "dut1 is missing: %s has no meaning without it, because the pole comes "
                          "from the same source as UT1-UTC",
                          lonely);
    ret->xp = is_present(values->xp) ? values->xp->number * ERFA_DAS2R : 0.0;
    ret->yp = is_present(values->yp) ? values->yp->number * ERFA_DAS2R : 0.0;
    return true;
}

static struct astro__moment first_row(const struct astro__moment_rows *rows)
{
    struct astro__moment ret = {.xp = rows->xp[0], .yp = rows->yp[0]};

    for (size_t k = 0; k < 2; k++) {
        ret.tt[k] = rows->tt[k][0];
        ret.tdb[k] = rows->tdb[k][0];
        ret.ut1[k] = rows->ut1[k][0];
        ret.utc[k] = rows->utc[k][0];
    }
    return ret;
}

/* The fixed time: as one row. */
static bool fix(const struct astro_value *obstime, struct astro__moments *ret,
                uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__instant instant;
    struct astro__moment_rows rows;
    struct astro_report report;

    if (!astro_time_from_text("obstime", obstime->text.data, obstime->text.length, ret->scale,
                              ret->turning.utc, &instant, err))
        return false;
    memset(&report, 0, sizeof report);
    memset(&rows, 0, sizeof rows);
    struct job job = {
        .moments = ret,
        .scale = instant.scale,
        .field = "obstime",
        .in = {&instant.jd1, &instant.jd2},
        .n = 1,
        .ret = &rows,
        .report = &report,
    };
    if (!run(&job)) {
        *err = report.error;
        return false;
    }
    for (size_t k = 0; k < ASTRO_WARNING_COUNT; k++)
        *ret_warnings |= report.warnings[k] ? 1u << k : 0u;
    ret->fixed = true;
    ret->one = first_row(&rows);
    return true;
}

bool astro__moments_prepare(const struct astro__moment_values *values, unsigned needs,
                            const struct astro__station *station, struct astro__moments *ret,
                            uint32_t *ret_warnings, struct astro_error *err)
{
    const struct astro__utc *utc = astro__utc_hold();
    struct astro__moments made;
    bool good;

    memset(&made, 0, sizeof made);
    made.needs = needs;
    made.scale = values->scale ? (enum astro__scale)values->scale->choice : ASTRO__UTC;
    if (station)
        made.station = *station;
    if (!astro__turning_begin(values->dut1, values->eop, utc, &made.turning, err)) {
        astro__utc_drop(utc);
        return false;
    }
    good = read_pole(values, &made.turning, err) &&
           (!is_present(values->obstime) || fix(values->obstime, &made, ret_warnings, err));
    if (!good || made.fixed)
        astro__moments_release(&made);
    if (good)
        *ret = made;
    return good;
}

void astro__moments_release(struct astro__moments *moments)
{
    astro__turning_end(&moments->turning);
    astro__utc_drop(moments->turning.utc);
    moments->turning.utc = NULL;
}
