/*
 * Dates as year, month, day, hour, minute and second. Day and seconds come from, or go to, the
 * kernels date_to_clock and clock_to_date; the calendar is whole numbers.
 */
#include <math.h>
#include <string.h>

#include "../../registry/decimal.h"
#include "../group.h"
#include "civil.h"

enum { BLOCK = 256, YEAR = 0, MONTH, DAY, HOUR, MINUTE, SECOND };

#define UNIX_DAY INT64_C(2440588)

/* The dates that eraJd2cal takes, and the years in which they lie. */
#define FIRST_JD   (-68569.5)
#define LAST_JD    1e9
#define FIRST_YEAR INT64_C(-4900)
#define LAST_YEAR  INT64_C(2733194)

static bool is_utc(const struct astro_value *values)
{
    return values[0].choice == ASTRO__UTC;
}

static bool to_calendar(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                        struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "jd1");
    (void)astro__pipeline_add(context, ASTRO__DATE_TO_CLOCK, is_utc(values));
    return true;
}

static bool from_calendar(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                          struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    astro__pipeline_begin(context, "year");
    (void)astro__pipeline_add(context, ASTRO__CLOCK_TO_DATE, is_utc(values));
    return true;
}

static double number_at(const void *column, size_t row)
{
    double value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

/* --- to the calendar --- */

static void put_whole(void *const out[], size_t column, size_t row, int64_t value)
{
    memcpy((char *)out[column] + row * sizeof value, &value, sizeof value);
}

static void put_second(void *const out[], size_t row, double value)
{
    memcpy((char *)out[SECOND] + row * sizeof value, &value, sizeof value);
}

/* The leap second belongs to the last minute of its day. */
static void put_row(void *const out[], size_t row, double day, double seconds)
{
    struct civil date = civil_from_day(UNIX_DAY + (int64_t)day);
    int minutes = (int)(seconds / 60.0);

    minutes = minutes < 1439 ? minutes : 1439;
    put_whole(out, YEAR, row, date.year);
    put_whole(out, MONTH, row, date.month);
    put_whole(out, DAY, row, date.day);
    put_whole(out, HOUR, row, minutes / 60);
    put_whole(out, MINUTE, row, minutes % 60);
    put_second(out, row, seconds - 60.0 * minutes);
}

static void put_missing(void *const out[], size_t row)
{
    for (size_t column = YEAR; column <= MINUTE; column++)
        put_whole(out, column, row, 0);
    put_second(out, row, (double)NAN);
}

static void fail_outside(const void *const in[], size_t row, struct astro_report *report)
{
    char shown[ASTRO__DECIMAL_ROOM];

    report->failed_row = row;
    astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "jd1",
               "jd1 = %s is outside the calendar, JD -68569.5 to 1e9",
               astro__decimal_text(number_at(in[0], row), shown));
}

static void run_to_calendar(const void *context, size_t n, const void *const in[],
                            void *const out[], struct astro_report *report)
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
            double jd = days[i] + ((double)UNIX_DAY - 0.5);
            if (isnan(days[i])) {
                put_missing(out, first + i);
            } else if (jd >= FIRST_JD && jd < LAST_JD) {
                put_row(out, first + i, days[i], seconds[i]);
            } else {
                fail_outside(in, first + i, report);
                return;
            }
        }
    }
}

/* --- from the calendar --- */

/* One row: what stood in the columns, absent ones 0. */
struct row {
    int64_t whole[SECOND]; /* YEAR to MINUTE */
    double second;
};

static struct row row_at(const void *const in[], size_t at)
{
    struct row row = {{0}, 0.0};

    for (size_t column = YEAR; column <= MINUTE; column++) {
        if (in[column])
            memcpy(&row.whole[column], (const char *)in[column] + at * sizeof(int64_t),
                   sizeof(int64_t));
    }
    if (in[SECOND])
        row.second = number_at(in[SECOND], at);
    return row;
}

static const char *const names[] = {"year", "month", "day", "hour", "minute", "second"};

static bool check_whole(const struct row *row, int column, int64_t low, int64_t high,
                        struct astro_error *err)
{
    int64_t value = row->whole[column];

    return (value >= low && value <= high) ||
           astro_fail(err, ASTRO_OUT_OF_RANGE, names[column], "%s = %lld is outside [%lld, %lld]",
                      names[column], (long long)value, (long long)low, (long long)high);
}

static bool check_date(const struct row *row, struct astro_error *err)
{
    return check_whole(row, YEAR, FIRST_YEAR, LAST_YEAR, err) &&
           check_whole(row, MONTH, 1, 12, err) &&
           check_whole(row, DAY, 1, civil_days_of_month(row->whole[YEAR], (int)row->whole[MONTH]),
                       err) &&
           check_whole(row, HOUR, 0, 23, err) && check_whole(row, MINUTE, 0, 59, err);
}

/* `limit`: 60, or what the last minute of that day of UTC has. */
static bool check_second(const struct row *row, double limit, struct astro_error *err)
{
    char shown[ASTRO__DECIMAL_ROOM], most[ASTRO__DECIMAL_ROOM];

    return (row->second >= 0.0 && row->second < limit) ||
           astro_fail(err, ASTRO_OUT_OF_RANGE, "second", "second = %s is outside [0, %s)",
                      astro__decimal_text(row->second, shown), astro__decimal_text(limit, most));
}

/* Day and seconds of one row. False with report->error set. */
static bool read_row(const struct astro__utc *utc, const struct row *row, double *ret_day,
                     double *ret_seconds, struct astro_report *report)
{
    double limit = 60.0;

    if (!check_date(row, &report->error))
        return false;
    int64_t day = civil_to_day(row->whole[YEAR], (int)row->whole[MONTH], row->whole[DAY]);
    if (utc && (double)day < ASTRO__UTC_FIRST_DAY)
        return astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "year",
                          "year = %lld is before 1960-01-01, when UTC begins",
                          (long long)row->whole[YEAR]);
    if (utc && row->whole[HOUR] == 23 && row->whole[MINUTE] == 59)
        limit += utc->pieces[astro__utc_find(utc, (double)day)].extra;
    if (isfinite(row->second) && !check_second(row, limit, &report->error))
        return false;
    *ret_day = isfinite(row->second) ? (double)(day - UNIX_DAY) : (double)NAN;
    *ret_seconds = isfinite(row->second)
                       ? (double)(row->whole[HOUR] * 3600 + row->whole[MINUTE] * 60) + row->second
                       : 0.0;
    if (utc && isfinite(row->second))
        report->warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED] += (double)day - 0.5 >= utc->expires;
    return true;
}

static void run_from_calendar(const void *context, size_t n, const void *const in[],
                              void *const out[], struct astro_report *report)
{
    const struct astro__pipeline *pipeline = context;
    double days[BLOCK], seconds[BLOCK];
    const void *const clock[] = {days, seconds};

    for (size_t first = 0; first < n; first += BLOCK) {
        size_t rows = n - first < BLOCK ? n - first : BLOCK;
        void *const to[] = {(char *)out[0] + first * sizeof(double),
                            (char *)out[1] + first * sizeof(double)};
        for (size_t i = 0; i < rows; i++) {
            struct row row = row_at(in, first + i);
            if (!read_row(pipeline->utc, &row, &days[i], &seconds[i], report)) {
                report->failed_row = first + i;
                return;
            }
        }
        (void)astro__pipeline_run(pipeline, rows, clock, to, report);
    }
}

/* --- descriptors --- */

#define WHOLE_OPTIONAL(field_name, text)                                                           \
    {                                                                                              \
        .name = (field_name), .type = ASTRO_INT64, .role = ASTRO_PLAIN, .optional = true,          \
        .default_doc = "0", .unit = "", .doc = (text)                                              \
    }

#define SAYS_YEARS "year of the proleptic Gregorian calendar; 0 is 1 BC"

static const struct astro_field calendar_in[] = {
    ASTRO__WHOLE("year", SAYS_YEARS),
    ASTRO__WHOLE("month", "1 to 12"),
    ASTRO__WHOLE("day", "day of the month, from 1"),
    WHOLE_OPTIONAL("hour", "0 to 23"),
    WHOLE_OPTIONAL("minute", "0 to 59"),
    ASTRO__PLAIN_OPTIONAL("second", "s", "0", "below 60, or 61 in a minute with a leap second"),
};

static const struct astro_field calendar_out[] = {
    ASTRO__WHOLE("year", SAYS_YEARS),
    ASTRO__WHOLE("month", "1 to 12; 0 where the date is NaN"),
    ASTRO__WHOLE("day", "day of the month, from 1"),
    ASTRO__WHOLE("hour", "0 to 23"),
    ASTRO__WHOLE("minute", "0 to 59"),
    ASTRO__PLAIN("second", "s", "below 60, or 61 in a leap second"),
};

static const struct astro_parameter parameters[] = {
    ASTRO__CHOICE("scale", "utc", astro__scale_words,
                  "scale of the dates; only utc has leap seconds"),
};

const struct astro_conversion astro__time_jd_to_calendar = {
    .name = "jd_to_calendar",
    .group = "time",
    .summary = "Julian Date to calendar date and time of day",
    .description =
        "Proleptic Gregorian calendar, with a year 0. Seconds are not rounded; in a leap second "
        "they are 60 and more. Dates outside JD -68569.5 to 1e9 are refused. " ASTRO__SAYS_UTC
        "A row with NaN or infinity gives month 0 and NaN seconds.",
    .reference = "ERFA eraJd2cal",
    .accuracy = "1e-14 d",
    ASTRO__INPUTS(astro__date_in),
    ASTRO__OUTPUTS(calendar_out),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 17.0,
    .prepare_ns = 60.0,
    .context_size = sizeof(struct astro__pipeline),
    .prepare = to_calendar,
    .release = astro__pipeline_release,
    .run = run_to_calendar,
};

const struct astro_conversion astro__time_calendar_to_jd = {
    .name = "calendar_to_jd",
    .group = "time",
    .summary = "Calendar date and time of day to Julian Date",
    .description =
        "Proleptic Gregorian calendar, with a year 0, years -4900 to 2733194. A number that "
        "its field does not allow is refused by the field's name; second 60 needs a day of UTC "
        "with a leap second. " ASTRO__SAYS_DATES ASTRO__SAYS_UTC ASTRO__SAYS_NAN,
    .reference = "ERFA eraDtf2d, eraCal2jd",
    .accuracy = "1e-10 s",
    ASTRO__INPUTS(calendar_in),
    ASTRO__OUTPUTS(astro__date_out),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 20.0,
    .prepare_ns = 60.0,
    .context_size = sizeof(struct astro__pipeline),
    .prepare = from_calendar,
    .release = astro__pipeline_release,
    .run = run_from_calendar,
};
