#include "instant.h"

#include <string.h>

#include "pipeline.h"

bool astro__instant_in(const struct astro__instant *instant, enum astro__scale scale,
                       const struct astro__utc *utc, const char *field, struct astro__instant *ret,
                       struct astro_error *err)
{
    struct astro__pipeline pipeline;
    struct astro_report report;
    double parts[2];
    const void *const in[] = {&instant->jd1, &instant->jd2};
    void *const out[] = {&parts[0], &parts[1]};

    memset(&report, 0, sizeof report);
    astro__pipeline_begin(&pipeline, field);
    pipeline.utc = utc; /* borrowed: it is not released */
    astro__pipeline_scale(&pipeline, instant->scale, scale, NULL);
    if (!astro__pipeline_run(&pipeline, 1, in, out, &report)) {
        *err = report.error;
        return false;
    }
    *ret = (struct astro__instant){parts[0], parts[1], scale};
    return true;
}

bool astro__instant_expired(const struct astro__instant *instant, const struct astro__utc *utc)
{
    return instant->jd1 + instant->jd2 >= utc->expires;
}
