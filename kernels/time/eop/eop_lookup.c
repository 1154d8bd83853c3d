/*
 * The conversion eop_lookup: what the table has for a time.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../../observed/moment.h"
#include "../group.h"

enum { OBSTIME, SCALE, EOP };
enum { DUT1, XP, YP, DX, DY, STATUS, OUTPUTS };

struct context {
    struct astro__moments moments;
    struct astro__orientation fixed; /* with {obstime} */
};

static void put(void *const out[], size_t row, const struct astro__orientation *found)
{
    const double values[] = {found->dut1, found->xp, found->yp, found->dx, found->dy};
    int64_t status = found->status;

    for (size_t k = 0; k < STATUS; k++)
        memcpy((char *)out[k] + row * sizeof(double), &values[k], sizeof(double));
    memcpy((char *)out[STATUS] + row * sizeof status, &status, sizeof status);
}

static void put_nothing(void *const out[], size_t row)
{
    const double nothing = (double)NAN;
    int64_t status = -1;

    for (size_t k = 0; k < STATUS; k++)
        memcpy((char *)out[k] + row * sizeof(double), &nothing, sizeof nothing);
    memcpy((char *)out[STATUS] + row * sizeof status, &status, sizeof status);
}

#define NOON_TO_MJD 2400000.5

/* Of a date of UTC; counts its warning. */
static bool look_up(const struct astro__turning *how, const char *field, const double utc[2],
                    struct astro__orientation *ret, struct astro_report *report)
{
    if (!astro__eop_at(how->eop, how->utc, utc[0], utc[1], how->policy, ret))
        return astro__eop_fail(how->eop, field, (utc[0] - NOON_TO_MJD) + utc[1], how->policy,
                               &report->error);
    report->warnings[ASTRO_WARN_EOP_PREDICTED] += ret->status == ASTRO__EOP_PREDICTED;
    report->warnings[ASTRO_WARN_EOP_ZERO] += ret->status == ASTRO__EOP_NONE;
    return true;
}

static void release(void *context)
{
    struct context *c = context;

    astro__moments_release(&c->moments);
}

/* Dates of UT1 are turned into UTC by the same table, which counts their warnings; others are
 * only looked up here. */
static bool fix(struct context *c, enum astro__eop_policy policy, uint32_t *ret_warnings,
                struct astro_error *err)
{
    struct astro__turning how = {
        .utc = astro__utc_hold(), .eop = astro__eop_hold(), .policy = policy};
    struct astro_report report;

    memset(&report, 0, sizeof report);
    bool good = look_up(&how, "obstime", c->moments.one.utc, &c->fixed, &report);
    astro__utc_drop(how.utc);
    astro__turning_end(&how);
    if (!good)
        *err = report.error;
    for (size_t k = 0; k < ASTRO_WARNING_COUNT; k++)
        *ret_warnings |= report.warnings[k] ? 1u << k : 0u;
    return good;
}

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct context *c = context;
    const struct astro__moment_values given = {
        .obstime = &values[OBSTIME], .scale = &values[SCALE], .eop = &values[EOP]};

    if (!astro__moments_prepare(&given, ASTRO__NEED_UTC | ASTRO__NO_TT, NULL, &c->moments,
                                ret_warnings, err))
        return false;
    return !c->moments.fixed ||
           fix(c, (enum astro__eop_policy)values[EOP].choice, ret_warnings, err);
}

static bool run_block(const struct context *c, size_t first, size_t n, const void *const in[],
                      void *const out[], struct astro_report *report)
{
    struct astro__moment_rows rows;
    struct astro__orientation found;
    const char *field = in[ASTRO__MOMENT_MJD] ? "mjd" : "jd1";
    uint64_t before[ASTRO_WARNING_COUNT];

    memcpy(before, report->warnings, sizeof before);
    if (!astro__moments_rows(&c->moments, first, n, in, &rows, report))
        return false;
    report->warnings[ASTRO_WARN_EOP_PREDICTED] = before[ASTRO_WARN_EOP_PREDICTED];
    report->warnings[ASTRO_WARN_EOP_ZERO] = before[ASTRO_WARN_EOP_ZERO];
    for (size_t i = 0; i < n; i++) {
        const double utc[] = {rows.utc[0][i], rows.utc[1][i]};
        if (!(fabs(utc[0]) <= DBL_MAX)) {
            put_nothing(out, first + i);
            continue;
        }
        report->failed_row = first + i;
        if (!look_up(&c->moments.turning, field, utc, &found, report))
            return false;
        put(out, first + i, &found);
    }
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct context *c = context;

    if (!astro__moments_check(&c->moments, in, report))
        return;
    if (c->moments.fixed) {
        for (size_t i = 0; i < n; i++)
            put(out, i, &c->fixed);
        return;
    }
    for (size_t first = 0; first < n; first += ASTRO__MOMENT_BLOCK) {
        size_t rows = n - first < ASTRO__MOMENT_BLOCK ? n - first : ASTRO__MOMENT_BLOCK;
        if (!run_block(c, first, rows, in, out, report))
            return;
    }
}

static const struct astro_field inputs[] = {ASTRO__MOMENT_FIELDS};

static const struct astro_field outputs[OUTPUTS] = {
    ASTRO__PLAIN("dut1", "s", "UT1-UTC"),
    ASTRO__PLAIN("xp", "arcsec", "polar motion x"),
    ASTRO__PLAIN("yp", "arcsec", "polar motion y"),
    ASTRO__PLAIN("dx", "mas", "offset of the celestial pole, x; NaN where the table has none"),
    ASTRO__PLAIN("dy", "mas", "offset of the celestial pole, y; NaN where the table has none"),
    ASTRO__WHOLE("status", "0 measured, 1 predicted, 2 no row of the table"),
};

static const struct astro_parameter parameters[] = {
    ASTRO__MOMENT_PARAMETERS,
    ASTRO__CHOICE("eop", "predict", astro__eop_policy_words,
                  "what the table may give: measured and predicted rows, measured ones only "
                  "(strict), or zeros where it has no row (zero)"),
};

const struct astro_conversion astro__time_eop_lookup = {
    .name = "eop_lookup",
    .group = "time",
    .summary = "Earth orientation from the table of the server",
    .description =
        "UT1-UTC, the pole and its offsets, interpolated linearly in UTC between the days of the "
        "table in the setting data.eop, with the step of a leap second taken out of UT1-UTC first. "
        "Where the table has no row that eop allows, the request fails with eop_unavailable; with "
        "eop=zero all values are 0 and status is 2. The time is obstime for all, or jd1 (with jd2) "
        "or mjd for each row; with obstime alone the answer is one row. A row with NaN or infinity "
        "gives NaN and status -1.",
    .reference = "IERS finals2000A (Bulletin B before A) or EOP C04",
    .accuracy = "exact to 1e-10 in the units of the outputs",
    ASTRO__INPUTS(inputs),
    ASTRO__OUTPUTS(outputs),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 30.0,
    .prepare_ns = 600.0,
    .context_size = sizeof(struct context),
    .prepare = prepare,
    .release = release,
    .run = run,
};
