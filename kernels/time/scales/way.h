/*
 * The way from one scale to another, UT1 included.
 *
 * Purpose    A pipeline leads between the scales of atoms and of dynamics. UT1 is reached from UTC:
 *            the pipeline then ends at UTC, or begins there.
 * Ownership  The context of a conversion; it holds tables, which astro__way_release() gives back.
 */
#ifndef ASTRO_KERNELS_TIME_SCALES_WAY_H
#define ASTRO_KERNELS_TIME_SCALES_WAY_H

#include "../pipeline.h"
#include "ut1.h"

enum astro__way_kind { ASTRO__WAY_PLAIN, ASTRO__WAY_TO_UT1, ASTRO__WAY_FROM_UT1 };

struct astro__way {
    enum astro__way_kind kind;
    struct astro__pipeline pipeline;
    struct astro__turning turning;
};

/*
 * Given      in, out, station (may be NULL); dut1, eop: the values of those parameters
 * Status     false: *err is set (conflict: dut1 or eop has no meaning), nothing is held
 */
bool astro__way_prepare(enum astro__scale in, enum astro__scale out,
                        const struct astro__station *station, const struct astro_value *dut1,
                        const struct astro_value *eop, struct astro__way *ret,
                        struct astro_error *err);

/* As astro_conversion.release and .run: inputs jd1 [jd2], outputs jd1 jd2. */
void astro__way_release(void *context);
void astro__way_run(const void *context, size_t n, const void *const in[], void *const out[],
                    struct astro_report *report);

#endif
