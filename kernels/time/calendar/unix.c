/*
 * Counts of seconds: Unix time, in seconds and in whole nanoseconds, and GPS seconds. The loops are
 * in number_lanes.c.
 */
#include <math.h>
#include <string.h>

#include "../../registry/decimal.h"
#include "../group.h"

enum { BLOCK = 256 };

#define DAY_NS        INT64_C(86400000000000)
#define SECOND_NS     1e9
#define MISSING       INT64_MIN /* what a row with NaN becomes, and what becomes NaN */
#define UTC_BEGINS_NS INT64_C(-315619200000000000)

static enum astro__scale scale_of(const struct astro_value *values)
{
    return (enum astro__scale)values[0].choice;
}

/* What `scale` has to become, or came from, before or after the count; not there when they agree. */
static void add_scale(struct astro__pipeline *pipeline, enum astro__scale in, enum astro__scale out)
{
    if (in != out)
        astro__pipeline_scale(pipeline, in, out, NULL);
}

static bool to_unix(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "jd1");
    add_scale(context, scale_of(values), ASTRO__UTC);
    (void)astro__pipeline_add(context, ASTRO__DATE_TO_UNIX, true);
    return true;
}

static bool from_unix(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                      struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "unix");
    (void)astro__pipeline_add(context, ASTRO__UNIX_TO_DATE, true);
    add_scale(context, ASTRO__UTC, scale_of(values));
    return true;
}

static bool to_gps(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                   struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "jd1");
    add_scale(context, scale_of(values), ASTRO__TAI);
    (void)astro__pipeline_add(context, ASTRO__DATE_TO_GPS, false);
    return true;
}

static bool from_gps(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                     struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "gps");
    (void)astro__pipeline_add(context, ASTRO__GPS_TO_DATE, false);
    add_scale(context, ASTRO__TAI, scale_of(values));
    return true;
}

/* --- nanoseconds: days and seconds of the kernels, put together as whole numbers --- */

static bool to_unix_ns(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "jd1");
    add_scale(context, scale_of(values), ASTRO__UTC);
    (void)astro__pipeline_add(context, ASTRO__DATE_TO_CLOCK, true);
    return true;
}

static bool from_unix_ns(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    struct astro__pipeline *pipeline = context;

    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(pipeline, "unix_ns");
    (void)astro__pipeline_add(pipeline, ASTRO__CLOCK_TO_DATE, true);
    add_scale(pipeline, ASTRO__UTC, scale_of(values));
    pipeline->surveyed = ASTRO__NOT_SURVEYED; /* done here, on the whole numbers */
    return true;
}

/* False when the count does not fit. */
static bool nanoseconds(double day, double seconds, int64_t *ret)
{
    int64_t ns;

    if (isnan(day)) {
        *ret = MISSING;
        return true;
    }
    if (!(fabs(day) < 1e6) || __builtin_mul_overflow((int64_t)day, DAY_NS, &ns))
        return false;
    return !__builtin_add_overflow(ns, llrint(seconds * SECOND_NS), ret) && *ret != MISSING;
}

static double number_at(const void *column, size_t row)
{
    double value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

static void fail_wide(size_t row, const void *const in[], struct astro_report *report)
{
    char shown[ASTRO__DECIMAL_ROOM];

    report->failed_row = row;
    astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "jd1",
               "jd1 = %s is outside the years 1678 to 2261, which 64 bits of nanoseconds hold",
               astro__decimal_text(number_at(in[0], row), shown));
}

static void run_to_unix_ns(const void *context, size_t n, const void *const in[], void *const out[],
                           struct astro_report *report)
{
    double days[BLOCK], seconds[BLOCK];
    void *const clock[] = {days, seconds};

    for (size_t first = 0; first < n; first += BLOCK) {
        size_t rows = n - first < BLOCK ? n - first : BLOCK;
        const void *const from[] = {
            (const char *)in[0] + first * sizeof(double),
            in[1] ? (const char *)in[1] + first * sizeof(double) : NULL,
        };
        if (!astro__pipeline_run(context, rows, from, clock, report)) {
            report->failed_row += first;
            return;
        }
        for (size_t i = 0; i < rows; i++) {
            int64_t ns;
            if (!nanoseconds(days[i], seconds[i], &ns)) {
                fail_wide(first + i, in, report);
                return;
            }
            memcpy((char *)out[0] + (first + i) * sizeof ns, &ns, sizeof ns);
        }
    }
}

/* Days from 1970 and seconds of the day; NaN for a missing time. */
static void split_nanoseconds(int64_t ns, double *ret_day, double *ret_seconds)
{
    int64_t day = ns / DAY_NS - (ns % DAY_NS < 0);

    *ret_day = ns == MISSING ? (double)NAN : (double)day;
    *ret_seconds = ns == MISSING ? 0.0 : (double)(ns - day * DAY_NS) / SECOND_NS;
}

static bool check_nanoseconds(int64_t ns, int64_t expires_ns, size_t row,
                              struct astro_report *report)
{
    if (ns == MISSING)
        return true;
    report->warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED] += ns >= expires_ns;
    if (ns >= UTC_BEGINS_NS)
        return true;
    report->failed_row = row;
    return astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "unix_ns",
                      "unix_ns = %lld is before 1960-01-01, when UTC begins (-315619200 s)",
                      (long long)ns);
}

static int64_t expiry_ns(const struct astro__utc *utc)
{
    int64_t ns;

    return __builtin_mul_overflow(utc->data.expires, INT64_C(1000000000), &ns) ? INT64_MAX : ns;
}

static void run_from_unix_ns(const void *context, size_t n, const void *const in[],
                             void *const out[], struct astro_report *report)
{
    const struct astro__pipeline *pipeline = context;
    int64_t expires_ns = expiry_ns(pipeline->utc);
    double days[BLOCK], seconds[BLOCK];
    const void *const clock[] = {days, seconds};

    for (size_t first = 0; first < n; first += BLOCK) {
        size_t rows = n - first < BLOCK ? n - first : BLOCK;
        void *const to[] = {(char *)out[0] + first * sizeof(double),
                            (char *)out[1] + first * sizeof(double)};
        for (size_t i = 0; i < rows; i++) {
            int64_t ns;
            memcpy(&ns, (const char *)in[0] + (first + i) * sizeof ns, sizeof ns);
            if (!check_nanoseconds(ns, expires_ns, first + i, report))
                return;
            split_nanoseconds(ns, &days[i], &seconds[i]);
        }
        (void)astro__pipeline_run(pipeline, rows, clock, to, report);
    }
}

/* --- descriptors --- */

static const struct astro_parameter parameters[] = {
    ASTRO__CHOICE("scale", "utc", astro__scale_words_atomic, "scale of the dates"),
};

static const struct astro_field unix_seconds[] = {
    ASTRO__PLAIN("unix", "s", "Unix time: seconds since 1970-01-01, 86400 a day"),
};

static const struct astro_field unix_nanoseconds[] = {
    {.name = "unix_ns",
     .type = ASTRO_INT64,
     .role = ASTRO_PLAIN,
     .unit = "ns",
     .doc = "Unix time in nanoseconds; -2^63 is a missing time"},
};

static const struct astro_field gps_seconds[] = {
    ASTRO__PLAIN("gps", "s", "seconds of TAI since 1980-01-06T00:00:00 UTC"),
};

#define SAYS_UNIX                                                                                  \
    "Unix time counts 86400 s a day (POSIX). An instant in a leap second, 23:59:60.x, has the "    \
    "number of the next day's 00:00:00.x, so it never comes back; nothing is smeared. "
#define SAYS_GPS "GPS time is 19 s behind TAI and knows no leap seconds. "

#define COUNT(conversion, text, from, to, prepare_function, run_function, says, source, figure,    \
              ns)                                                                                  \
    const struct astro_conversion astro__time_##conversion = {                                     \
        .name = #conversion,                                                                       \
        .group = "time",                                                                           \
        .summary = text,                                                                           \
        .description = says ASTRO__SAYS_UTC ASTRO__SAYS_NAN,                                       \
        .reference = source,                                                                       \
        .accuracy = figure,                                                                        \
        ASTRO__INPUTS(from),                                                                       \
        ASTRO__OUTPUTS(to),                                                                        \
        ASTRO__PARAMETERS(parameters),                                                             \
        .ns_per_point = (ns),                                                                      \
        .prepare_ns = 60.0,                                                                        \
        .context_size = sizeof(struct astro__pipeline),                                            \
        .prepare = (prepare_function),                                                             \
        .release = astro__pipeline_release,                                                        \
        .run = (run_function),                                                                     \
    }

COUNT(jd_to_unix, "Julian Date to Unix time", astro__date_in, unix_seconds, to_unix,
      astro__pipeline_run_all, SAYS_UNIX, "POSIX.1, seconds since the Epoch",
      "1 unit in the last place (2.4e-7 s today)", 4.0);
COUNT(unix_to_jd, "Unix time to Julian Date", unix_seconds, astro__date_out, from_unix,
      astro__pipeline_run_all, SAYS_UNIX ASTRO__SAYS_DATES, "POSIX.1, seconds since the Epoch",
      "exact (2.5e-11 s)", 4.0);
COUNT(jd_to_unix_ns, "Julian Date to Unix time in nanoseconds", astro__date_in, unix_nanoseconds,
      to_unix_ns, run_to_unix_ns, SAYS_UNIX, "POSIX.1, seconds since the Epoch",
      "1 ns; from nanoseconds and back exact", 8.0);
COUNT(unix_ns_to_jd, "Unix time in nanoseconds to Julian Date", unix_nanoseconds, astro__date_out,
      from_unix_ns, run_from_unix_ns, SAYS_UNIX ASTRO__SAYS_DATES,
      "POSIX.1, seconds since the Epoch", "exact (2.5e-11 s)", 5.5);
COUNT(jd_to_gps, "Julian Date to GPS seconds", astro__date_in, gps_seconds, to_gps,
      astro__pipeline_run_all, SAYS_GPS, "astropy.time, format gps", "6e-7 s", 7.0);
COUNT(gps_to_jd, "GPS seconds to Julian Date", gps_seconds, astro__date_out, from_gps,
      astro__pipeline_run_all, SAYS_GPS ASTRO__SAYS_DATES, "astropy.time, format gps",
      "exact (2.5e-11 s)", 7.0);
