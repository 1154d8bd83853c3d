#include "pipeline.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <string.h>

#include "../registry/decimal.h"
#include "../simd/lanes.h"

enum { BLOCK = 256 };

#define UTC_BEGINS      (ASTRO__UTC_FIRST_DAY - 0.5)
#define UNIX_UTC_BEGINS (-315619200.0)
#define TT_LESS_TAI     (ERFA_TTMTAI / ERFA_DAYSEC)

const char *const astro__scale_words[] = {"utc", "tai", "tt", "tdb", "tcg", "tcb", "ut1", NULL};
const char *const astro__scale_words_atomic[] = {"utc", "tai", "tt", "tdb", "tcg", "tcb", NULL};

/* --- the list --- */

void astro__pipeline_begin(struct astro__pipeline *pipeline, const char *field)
{
    memset(pipeline, 0, sizeof *pipeline);
    pipeline->field = field;
    pipeline->surveyed = ASTRO__NOT_SURVEYED;
}

void astro__pipeline_release(void *pipeline)
{
    struct astro__pipeline *p = pipeline;

    astro__utc_drop(p->utc);
    p->utc = NULL;
}

const struct astro__utc *astro__pipeline_utc(struct astro__pipeline *pipeline)
{
    if (!pipeline->utc)
        pipeline->utc = astro__utc_hold();
    return pipeline->utc;
}

static void survey(struct astro__pipeline *pipeline, size_t stage, double earliest, double expiry)
{
    if (pipeline->surveyed != ASTRO__NOT_SURVEYED)
        return;
    pipeline->surveyed = stage;
    pipeline->earliest = earliest;
    pipeline->expiry = expiry;
}

/* Limits of the input of a stage that has to do with UTC. */
static void survey_stage(struct astro__pipeline *pipeline, size_t stage)
{
    const struct astro__utc *utc = pipeline->utc;
    const struct astro__step *step = &pipeline->stages[stage].step;

    switch (pipeline->stages[stage].action) {
    case ASTRO__DATE_TO_UTC:
        survey(pipeline, stage, UTC_BEGINS + (utc->pieces[0].dat + step->offset),
               utc->expires + (utc->pieces[utc->count - 1].dat + step->offset));
        break;
    case ASTRO__UNIX_TO_DATE:
        survey(pipeline, stage, UNIX_UTC_BEGINS, (double)utc->data.expires);
        break;
    case ASTRO__DATE_FROM_UTC:
    case ASTRO__TAI_MINUS_UTC:
    case ASTRO__DATE_TO_CLOCK:
    case ASTRO__DATE_TO_UNIX:
        survey(pipeline, stage, UTC_BEGINS, utc->expires);
        break;
    default: /* a station's daily terms need no more than UT */
        break;
    }
}

void astro__pipeline_survey_first(struct astro__pipeline *pipeline)
{
    survey(pipeline, 0, UTC_BEGINS, astro__pipeline_utc(pipeline)->expires);
}

void astro__pipeline_survey_last(struct astro__pipeline *pipeline)
{
    survey(pipeline, pipeline->count - 1, UTC_BEGINS, astro__pipeline_utc(pipeline)->expires);
}

static struct astro__step *add(struct astro__pipeline *pipeline, enum astro__action action,
                               bool utc, double offset)
{
    size_t stage = pipeline->count++;
    struct astro__stage *added = &pipeline->stages[stage];

    added->action = action;
    added->step.offset = offset;
    if (utc) {
        added->step.utc = astro__pipeline_utc(pipeline);
        survey_stage(pipeline, stage);
    }
    return &added->step;
}

struct astro__step *astro__pipeline_add(struct astro__pipeline *pipeline, enum astro__action action,
                                        bool utc)
{
    return add(pipeline, action, utc, 0.0);
}

/* --- scales --- */

#define TDB0_DAYS (ERFA_TDB0 / ERFA_DAYSEC)
#define T77_DAY   2443144.0 /* 1977-01-01T00:00:32.184 TT: day and part */
#define T77_PART  (0.5 + TT_LESS_TAI)

static void add_line(struct astro__pipeline *pipeline, double offset, double rate, double part)
{
    struct astro__step *step = add(pipeline, ASTRO__DATE_LINE, false, offset);

    step->rate = rate;
    step->ref_day = T77_DAY;
    step->ref_part = part;
}

static void add_tdb(struct astro__pipeline *pipeline, enum astro__action action,
                    const struct astro__station *station)
{
    struct astro__step *step = add(pipeline, action, station && station->given, 0.0);

    if (station)
        step->station = *station;
}

static void add_tdb_to_tcb(struct astro__pipeline *pipeline)
{
    add_line(pipeline, -TDB0_DAYS, ERFA_ELB / (1.0 - ERFA_ELB), T77_PART + TDB0_DAYS);
}

static void add_tcb_to_tdb(struct astro__pipeline *pipeline)
{
    add_line(pipeline, TDB0_DAYS, -ERFA_ELB, T77_PART);
}

static void add_to_tt(struct astro__pipeline *pipeline, enum astro__scale scale,
                      const struct astro__station *station)
{
    switch (scale) {
    case ASTRO__UTC:
        add(pipeline, ASTRO__DATE_FROM_UTC, true, TT_LESS_TAI);
        break;
    case ASTRO__TAI:
        add_line(pipeline, TT_LESS_TAI, 0.0, 0.0);
        break;
    case ASTRO__TCG:
        add_line(pipeline, 0.0, -ERFA_ELG, T77_PART);
        break;
    case ASTRO__TCB:
        add_tcb_to_tdb(pipeline);
        add_tdb(pipeline, ASTRO__TDB_TO_TT, station);
        break;
    case ASTRO__TDB:
        add_tdb(pipeline, ASTRO__TDB_TO_TT, station);
        break;
    default:
        break;
    }
}

static void add_from_tt(struct astro__pipeline *pipeline, enum astro__scale scale,
                        const struct astro__station *station)
{
    switch (scale) {
    case ASTRO__UTC:
        add(pipeline, ASTRO__DATE_TO_UTC, true, TT_LESS_TAI);
        break;
    case ASTRO__TAI:
        add_line(pipeline, -TT_LESS_TAI, 0.0, 0.0);
        break;
    case ASTRO__TCG:
        add_line(pipeline, 0.0, ERFA_ELG / (1.0 - ERFA_ELG), T77_PART);
        break;
    case ASTRO__TCB:
        add_tdb(pipeline, ASTRO__TT_TO_TDB, station);
        add_tdb_to_tcb(pipeline);
        break;
    case ASTRO__TDB:
        add_tdb(pipeline, ASTRO__TT_TO_TDB, station);
        break;
    default:
        break;
    }
}

void astro__pipeline_scale(struct astro__pipeline *pipeline, enum astro__scale in,
                           enum astro__scale out, const struct astro__station *station)
{
    if (in == out)
        add_line(pipeline, 0.0, 0.0, 0.0);
    else if (in == ASTRO__UTC && out == ASTRO__TAI)
        add(pipeline, ASTRO__DATE_FROM_UTC, true, 0.0);
    else if (in == ASTRO__TAI && out == ASTRO__UTC)
        add(pipeline, ASTRO__DATE_TO_UTC, true, 0.0);
    else if (in == ASTRO__TDB && out == ASTRO__TCB)
        add_tdb_to_tcb(pipeline);
    else if (in == ASTRO__TCB && out == ASTRO__TDB)
        add_tcb_to_tdb(pipeline);
    else {
        add_to_tt(pipeline, in, station);
        add_from_tt(pipeline, out, station);
    }
}

static bool is_barycentric(enum astro__scale scale)
{
    return scale == ASTRO__TDB || scale == ASTRO__TCB;
}

bool astro__crosses_tdb(enum astro__scale in, enum astro__scale out)
{
    return is_barycentric(in) != is_barycentric(out);
}

/* --- running --- */

static astro__kernel *kernel_of(enum astro__action action)
{
    const struct astro__lanes *lanes = astro__lanes;

    switch (action) {
    case ASTRO__DATE_LINE:
        return lanes->date_line;
    case ASTRO__DATE_FROM_UTC:
        return lanes->date_from_utc;
    case ASTRO__DATE_TO_UTC:
        return lanes->date_to_utc;
    case ASTRO__TT_TO_TDB:
        return lanes->tt_to_tdb;
    case ASTRO__TDB_TO_TT:
        return lanes->tdb_to_tt;
    case ASTRO__TAI_MINUS_UTC:
        return lanes->tai_minus_utc;
    case ASTRO__DATE_TO_MJD:
        return lanes->date_to_mjd;
    case ASTRO__MJD_TO_DATE:
        return lanes->mjd_to_date;
    case ASTRO__DATE_TO_YEAR:
        return lanes->date_to_year;
    case ASTRO__YEAR_TO_DATE:
        return lanes->year_to_date;
    case ASTRO__DATE_TO_DECIMALYEAR:
        return lanes->date_to_decimalyear;
    case ASTRO__DECIMALYEAR_TO_DATE:
        return lanes->decimalyear_to_date;
    case ASTRO__DATE_TO_CLOCK:
        return lanes->date_to_clock;
    case ASTRO__CLOCK_TO_DATE:
        return lanes->clock_to_date;
    case ASTRO__DATE_TO_UNIX:
        return lanes->date_to_unix;
    case ASTRO__UNIX_TO_DATE:
        return lanes->unix_to_date;
    case ASTRO__DATE_TO_GPS:
        return lanes->date_to_gps;
    case ASTRO__GPS_TO_DATE:
        return lanes->gps_to_date;
    }
    return lanes->date_line;
}

static double value_at(const void *column, size_t row)
{
    double value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

/* Whether the sum of the parts, taken exactly, is below the limit. */
static bool is_before(const void *const in[], size_t row, double limit)
{
    double a = value_at(in[0], row), b = in[1] ? value_at(in[1], row) : 0.0;
    double sum = a + b;
    double other = sum - a;
    double lost = (a - (sum - other)) + (b - other);

    return isfinite(sum) && (sum < limit || (sum == limit && lost < 0.0));
}

static void fail_early(const struct astro__pipeline *pipeline, const void *const in[], size_t row,
                       struct astro_report *report)
{
    char first[ASTRO__DECIMAL_ROOM], second[ASTRO__DECIMAL_ROOM];
    double a = value_at(in[0], row), b = in[1] ? value_at(in[1], row) : 0.0;

    astro__decimal_text(a, first);
    if (b != 0.0)
        astro_fail(&report->error, ASTRO_OUT_OF_RANGE, pipeline->field,
                   "%s = %s, with jd2 = %s, is before 1960-01-01, when UTC begins (JD 2436934.5)",
                   pipeline->field, first, astro__decimal_text(b, second));
    else
        astro_fail(&report->error, ASTRO_OUT_OF_RANGE, pipeline->field,
                   "%s = %s is before 1960-01-01, when UTC begins (JD 2436934.5)", pipeline->field,
                   first);
}

/* The input of the surveyed stage; `given` are the same rows of the conversion's inputs. */
static bool pass_survey(const struct astro__pipeline *pipeline, size_t first, size_t n,
                        const void *const in[], const void *const given[],
                        struct astro_report *report)
{
    struct astro__survey survey;
    void *const out[] = {&survey};

    astro__lanes->survey(&pipeline->expiry, n, in, out);
    if (survey.least <= pipeline->earliest) {
        for (size_t i = 0; i < n; i++) {
            if (!is_before(in, i, pipeline->earliest))
                continue;
            report->failed_row = first + i;
            fail_early(pipeline, given, i, report);
            return false;
        }
    }
    report->warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED] += survey.expired;
    return true;
}

/* Whether a kernel reads, or writes, one column and not two. */
static bool reads_number(enum astro__action action)
{
    return action == ASTRO__MJD_TO_DATE || action == ASTRO__YEAR_TO_DATE ||
           action == ASTRO__DECIMALYEAR_TO_DATE || action == ASTRO__UNIX_TO_DATE ||
           action == ASTRO__GPS_TO_DATE;
}

static bool writes_number(enum astro__action action)
{
    return action == ASTRO__DATE_TO_MJD || action == ASTRO__DATE_TO_YEAR ||
           action == ASTRO__DATE_TO_DECIMALYEAR || action == ASTRO__DATE_TO_UNIX ||
           action == ASTRO__DATE_TO_GPS || action == ASTRO__TAI_MINUS_UTC;
}

/* Rows of the conversion's own columns; of what does not exist, NULL. */
struct block {
    const void *in[2];
    void *out[2];
};

static bool run_block(const struct astro__pipeline *pipeline, size_t first, size_t n,
                      const struct block *block, struct astro_report *report)
{
    double rooms[2][2][BLOCK];
    const void *from[2] = {block->in[0], block->in[1]};

    for (size_t s = 0; s < pipeline->count; s++) {
        const struct astro__stage *stage = &pipeline->stages[s];
        void *to[2] = {rooms[s % 2][0], rooms[s % 2][1]};
        if (s == pipeline->surveyed && !pass_survey(pipeline, first, n, from, block->in, report))
            return false;
        bool last = s + 1 == pipeline->count;
        kernel_of(stage->action)(&stage->step, n, from, last ? block->out : to);
        from[0] = to[0];
        from[1] = to[1];
    }
    return true;
}

bool astro__pipeline_run(const struct astro__pipeline *pipeline, size_t n, const void *const in[],
                         void *const out[], struct astro_report *report)
{
    const void *in1 = reads_number(pipeline->stages[0].action) ? NULL : in[1];
    void *out1 = writes_number(pipeline->stages[pipeline->count - 1].action) ? NULL : out[1];

    for (size_t first = 0; first < n; first += BLOCK) {
        size_t bytes = first * sizeof(double);
        struct block block = {
            {(const char *)in[0] + bytes, in1 ? (const char *)in1 + bytes : NULL},
            {(char *)out[0] + bytes, out1 ? (char *)out1 + bytes : NULL},
        };
        if (!run_block(pipeline, first, n - first < BLOCK ? n - first : BLOCK, &block, report))
            return false;
    }
    return true;
}

void astro__pipeline_run_all(const void *context, size_t n, const void *const in[],
                             void *const out[], struct astro_report *report)
{
    (void)astro__pipeline_run(context, n, in, out, report);
}
