/*
 * Conversions between UTC and UT1, the time by which the Earth turns.
 */
#include "../../observed/moment.h"
#include "../group.h"
#include "way.h"

#define SCALES(function, in, out)                                                                  \
    static bool function(const struct astro_value *values, void *context, uint32_t *ret_warnings,  \
                         struct astro_error *err)                                                  \
    {                                                                                              \
        (void)ret_warnings;                                                                        \
        return astro__way_prepare((in), (out), NULL, &values[0], &values[1], context, err);        \
    }

SCALES(utc_ut1, ASTRO__UTC, ASTRO__UT1)
SCALES(ut1_utc, ASTRO__UT1, ASTRO__UTC)

static const struct astro_parameter orientation[] = {ASTRO__UT1_PARAMETERS};

#define UT1_CONVERSION(conversion, function, text, says, erfa, ns)                                 \
    const struct astro_conversion astro__time_##conversion = {                                     \
        .name = #conversion,                                                                       \
        .group = "time",                                                                           \
        .summary = text,                                                                           \
        .description = ASTRO__SAYS_UT1 says ASTRO__SAYS_DATES ASTRO__SAYS_UTC ASTRO__SAYS_NAN,     \
        .reference = erfa,                                                                         \
        .accuracy = "5e-11 s; from the table 1e-9 s",                                              \
        ASTRO__INPUTS(astro__date_in),                                                             \
        ASTRO__OUTPUTS(astro__date_out),                                                           \
        ASTRO__PARAMETERS(orientation),                                                            \
        .ns_per_point = (ns),                                                                      \
        .prepare_ns = 120.0,                                                                       \
        .context_size = sizeof(struct astro__way),                                                 \
        .prepare = (function),                                                                     \
        .release = astro__way_release,                                                             \
        .run = astro__way_run,                                                                     \
    }

UT1_CONVERSION(utc_to_ut1, utc_ut1, "UTC to Universal Time UT1",
               "On a day that ends with a leap second UT1-UTC is taken as it is before it. ",
               "ERFA eraUtcut1; IERS finals2000A or EOP C04", 25.0);
UT1_CONVERSION(
    ut1_to_utc, ut1_utc, "Universal Time UT1 to UTC",
    "By the table it is the exact inverse of utc_to_ut1. With dut1 it is eraUt1utc: from "
    "three days before a leap second to the end of it, a dut1 that has the sign of the "
    "step, or is 0, is taken for the value that holds after it. ",
    "ERFA eraUt1utc; IERS finals2000A or EOP C04", 80.0);
