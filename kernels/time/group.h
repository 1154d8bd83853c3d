/*
 * The conversions of the group time, and what their descriptors share.
 */
#ifndef ASTRO_KERNELS_TIME_GROUP_H
#define ASTRO_KERNELS_TIME_GROUP_H

#include "../registry/fields.h"
#include "../registry/groups.h"
#include "pipeline.h"

/* In the order of the catalogue. */
#define ASTRO__TIME_CONVERSIONS(X)                                                                 \
    X(utc_to_tai)                                                                                  \
    X(tai_to_utc)                                                                                  \
    X(utc_to_tt)                                                                                   \
    X(tt_to_utc)                                                                                   \
    X(tai_to_tt)                                                                                   \
    X(tt_to_tai)                                                                                   \
    X(tt_to_tdb)                                                                                   \
    X(tdb_to_tt)                                                                                   \
    X(utc_to_tdb)                                                                                  \
    X(tdb_to_utc)                                                                                  \
    X(tt_to_tcg)                                                                                   \
    X(tcg_to_tt)                                                                                   \
    X(tdb_to_tcb)                                                                                  \
    X(tcb_to_tdb)                                                                                  \
    X(convert_time)                                                                                \
    X(tai_minus_utc)                                                                               \
    X(iso_to_jd)                                                                                   \
    X(jd_to_iso)                                                                                   \
    X(jd_to_mjd)                                                                                   \
    X(mjd_to_jd)                                                                                   \
    X(jd_to_unix)                                                                                  \
    X(unix_to_jd)                                                                                  \
    X(jd_to_unix_ns)                                                                               \
    X(unix_ns_to_jd)                                                                               \
    X(jd_to_gps)                                                                                   \
    X(gps_to_jd)                                                                                   \
    X(jd_to_calendar)                                                                              \
    X(calendar_to_jd)                                                                              \
    X(jd_to_jyear)                                                                                 \
    X(jyear_to_jd)                                                                                 \
    X(jd_to_byear)                                                                                 \
    X(byear_to_jd)                                                                                 \
    X(jd_to_decimalyear)                                                                           \
    X(decimalyear_to_jd)                                                                           \
    X(eop_lookup)                                                                                  \
    X(utc_to_ut1)                                                                                  \
    X(ut1_to_utc)

#define X(name) extern const struct astro_conversion astro__time_##name;
ASTRO__TIME_CONVERSIONS(X)
#undef X

/* A date in, with its second part optional; a date out. */
extern const struct astro_field astro__date_in[2], astro__date_out[2];

/* prepare, release and run of a conversion that is a pipeline. */
#define ASTRO__PIPELINE(prepare_function)                                                          \
    .context_size = sizeof(struct astro__pipeline), .prepare = (prepare_function),                 \
    .release = astro__pipeline_release, .run = astro__pipeline_run_all

#define ASTRO__SAYS_DATES                                                                          \
    "Dates may be split in any way; they come back with jd1 whole, at noon, and jd2 within "       \
    "[-0.5, 0.5]. "
#define ASTRO__SAYS_UT1                                                                            \
    "UT1-UTC is dut1 for all rows, or comes from the table of the setting data.eop, interpolated " \
    "linearly in UTC with the step of a leap second taken out first; eop says what of it may be "  \
    "used. "
#define ASTRO__SAYS_UTC                                                                            \
    "UTC is ERFA's quasi Julian Date: a day that ends with a leap second has 86401 s, and its "    \
    "fractions are stretched. UTC before 1960 is refused; past the expiry of the leap-second "     \
    "table its last value is used, with the warning leap_seconds_expired. "

#endif
