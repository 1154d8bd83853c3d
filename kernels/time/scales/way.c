#include "way.h"

#include <string.h>

static bool fail_idle(const struct astro_value *dut1, enum astro__scale in, enum astro__scale out,
                      struct astro_error *err)
{
    const char *field = dut1 && dut1->present ? "dut1" : "eop";

    return astro_fail(err, ASTRO_CONFLICT, field,
                      "%s has no meaning between %s and %s: Earth orientation only counts between "
                      "ut1 and another scale",
                      field, astro__scale_words[in], astro__scale_words[out]);
}

bool astro__way_prepare(enum astro__scale in, enum astro__scale out,
                        const struct astro__station *station, const struct astro_value *dut1,
                        const struct astro_value *eop, struct astro__way *ret,
                        struct astro_error *err)
{
    bool turns = (in == ASTRO__UT1) != (out == ASTRO__UT1);

    if (!turns && ((dut1 && dut1->present) || (eop && eop->given)))
        return fail_idle(dut1, in, out, err);
    memset(ret, 0, sizeof *ret);
    astro__pipeline_begin(&ret->pipeline, "jd1");
    if (!turns) {
        astro__pipeline_scale(&ret->pipeline, in, out, station);
        return true;
    }
    const struct astro__utc *utc = astro__pipeline_utc(&ret->pipeline);
    if (!astro__turning_begin(dut1, eop, utc, &ret->turning, err)) {
        astro__pipeline_release(&ret->pipeline);
        return false;
    }
    ret->kind = out == ASTRO__UT1 ? ASTRO__WAY_TO_UT1 : ASTRO__WAY_FROM_UT1;
    astro__pipeline_scale(&ret->pipeline, in == ASTRO__UT1 ? ASTRO__UTC : in,
                          out == ASTRO__UT1 ? ASTRO__UTC : out, station);
    if (in == ASTRO__UTC || out == ASTRO__UTC)
        astro__pipeline_survey_last(&ret->pipeline); /* it only renormalises */
    return true;
}

void astro__way_release(void *context)
{
    struct astro__way *way = context;

    astro__turning_end(&way->turning);
    astro__pipeline_release(&way->pipeline);
}

/* Aligned room for the rows of a block. */
struct room {
    double date[2][ASTRO__TURN_BLOCK];
};

static bool run_pipeline(const struct astro__pipeline *pipeline, size_t n, const void *const in[],
                         struct room *ret, struct astro_report *report)
{
    void *const out[] = {ret->date[0], ret->date[1]};

    return astro__pipeline_run(pipeline, n, in, out, report);
}

static bool to_ut1(const struct astro__way *way, size_t n, const void *const in[], struct room *ret,
                   struct astro_report *report)
{
    struct room utc;
    const double *const from[] = {utc.date[0], utc.date[1]};
    struct astro__turned turned = {.date = {ret->date[0], ret->date[1]}};

    return run_pipeline(&way->pipeline, n, in, &utc, report) &&
           astro__ut1_from_utc(&way->turning, way->pipeline.field, n, from, &turned, report);
}

static bool from_ut1(const struct astro__way *way, size_t n, const void *const in[],
                     struct room *ret, struct astro_report *report)
{
    struct astro__pipeline settle;
    struct room ut1, utc;
    const double *const from[] = {ut1.date[0], ut1.date[1]};
    const void *const between[] = {utc.date[0], utc.date[1]};
    struct astro__turned turned = {.date = {utc.date[0], utc.date[1]}};

    astro__pipeline_begin(&settle, way->pipeline.field);
    astro__pipeline_scale(&settle, ASTRO__UT1, ASTRO__UT1, NULL);
    return run_pipeline(&settle, n, in, &ut1, report) &&
           astro__ut1_to_utc(&way->turning, way->pipeline.field, n, from, &turned, report) &&
           run_pipeline(&way->pipeline, n, between, ret, report);
}

static bool run_block(const struct astro__way *way, size_t first, size_t n, const void *const in[],
                      void *const out[], struct astro_report *report)
{
    size_t bytes = first * sizeof(double);
    const void *const block[] = {(const char *)in[0] + bytes,
                                 in[1] ? (const char *)in[1] + bytes : NULL};
    struct room ret;

    if (way->kind == ASTRO__WAY_TO_UT1 ? !to_ut1(way, n, block, &ret, report)
                                       : !from_ut1(way, n, block, &ret, report)) {
        report->failed_row += first;
        return false;
    }
    for (size_t k = 0; k < 2; k++)
        memcpy((char *)out[k] + bytes, ret.date[k], n * sizeof(double));
    return true;
}

void astro__way_run(const void *context, size_t n, const void *const in[], void *const out[],
                    struct astro_report *report)
{
    const struct astro__way *way = context;

    if (way->kind == ASTRO__WAY_PLAIN) {
        (void)astro__pipeline_run(&way->pipeline, n, in, out, report);
        return;
    }
    for (size_t first = 0; first < n; first += ASTRO__TURN_BLOCK) {
        size_t rows = n - first < ASTRO__TURN_BLOCK ? n - first : ASTRO__TURN_BLOCK;
        if (!run_block(way, first, rows, in, out, report))
            return;
    }
}
