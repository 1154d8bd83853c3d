/* text/read.c and iso_to_jd: every form of the grammar, what is refused and with what text, the
 * exactness of digits. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "time/group.h"

static const struct astro_conversion *const iso_to_jd = &astro__time_iso_to_jd;

static struct astro_report read_texts(const char *parameters, size_t n, const char *const *texts,
                                      double *jd1, double *jd2)
{
    struct converter converter = open_conversion(iso_to_jd, parameters);
    struct astro_text *column = calloc(n, sizeof *column);
    const void *in[] = {column};
    void *out[] = {jd1, jd2};

    assert_non_null(column);
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(texts[i]);
        char *copy = malloc(length ? length : 1); /* exactly that: reads beyond show */
        assert_non_null(copy);
        memcpy(copy, texts[i], length);
        column[i] = (struct astro_text){copy, length};
    }
    struct astro_report report = run_rows(&converter, n, in, out);
    for (size_t i = 0; i < n; i++) {
        char *copy;
        memcpy(&copy, &column[i].data, sizeof copy);
        free(copy);
    }
    free(column);
    converter_close(&converter);
    return report;
}

static struct date read_one(const char *parameters, const char *text)
{
    struct date date = {(double)NAN, (double)NAN};
    struct astro_report report = read_texts(parameters, 1, &text, &date.jd1, &date.jd2);

    if (report.error.code != ASTRO_OK)
        fail_msg("%s", report.error.text);
    return date;
}

static void forms(void **state)
{
    static const struct {
        const char *scale, *text;
        struct date date;
        double tolerance;
    } rows[] = {
        {"utc", "2000-01-01T12:00:00", {2451545, 0}, 0},
        {"utc", "2000-01-01 12:00:00Z", {2451545, 0}, 0},
        {"utc", "2000-01-01T12:00Z", {2451545, 0}, 0},
        {"utc", "2000-01-01Z", {2451544.5, 0}, 0},
        {"utc", "2000-01-01", {2451544.5, 0}, 0},
        {"utc", "2000-001", {2451544.5, 0}, 0},
        {"utc", "2000-366T06:00", {2451909.75, 0}, 0},
        {"tt", "0001-01-01T00:00:00", {1721425.5, 0}, 0},
        {"tt", "9999-12-31T23:59:59.999999999", {5373484.5, -1e-9 / DAY}, 1e-11},
        {"utc", "2016-12-31T23:59:60", {2457754, 43199.5 / 86401}, 1e-11},
        {"utc", "2016-12-31 23:59:60.999999999999999999999", {2457754, 0.5}, 1e-11},
        {"utc", "2016-12-31T23:59:59.5", {2457754, 43199.0 / 86401}, 1e-11},
        {"utc", "1971-12-31T23:59:60.1", {2441317, (86400.1 - 43200.053879) / 86400.107758}, 1e-10},
        {"utc", "2000-01-01T12:00:00.1", {2451545, 0.1 / DAY}, 5e-12},
        {"utc", "JD2451545", {2451545, 0}, 0},
        {"utc", "jd2451545.", {2451545, 0}, 0},
        {"utc", "JD+2451545.25", {2451545, 0.25}, 0},
        {"tt", "JD-1.75", {-2, 0.25}, 0},
        {"tt", "JD0", {0, 0}, 0},
        {"tt", "JD2451544.999999999999999999", {2451545, -1e-18}, 1e-25},
        {"tt", "JD2451545.000000000000000001999", {2451545, 1e-18}, 1e-25},
        {"utc", "MJD51544.5", {2451545, 0}, 0},
        {"utc", "MJD51544", {2451544.5, 0}, 0},
        {"tt", "mjd-0.25", {2400000.25, 0}, 0},
        {"tt", "MJD-1", {2399999.5, 0}, 0},
        {"utc", "J2000.0", {2451545, 0}, 0},
        {"utc", "J2000", {2451545, 0}, 0},
        {"tt", "J1900.0", {2415020, 0}, 0},
        {"tt", "J2000.5", {2451727.625, 0}, 0},
        {"tt", "J-1500.25", {1173078.6875, 0}, 0},
        {"utc", "B1950.0", {2433282, 0.42345905}, 2e-11},
        {"tdb", "b1900", {2415020, 0.31352}, 2e-11},
        {"ut1", "2000-01-01T12:00:00", {2451545, 0}, 0},
    };
    char parameters[40];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        snprintf(parameters, sizeof parameters, "scale=%s", rows[i].scale);
        assert_date(read_one(parameters, rows[i].text), rows[i].date, rows[i].tolerance,
                    rows[i].text);
    }
}

static void refused(void **state)
{
    static const struct {
        const char *scale, *text, *says;
        enum astro_code code;
    } rows[] = {
        {"utc", "2016-13-01", "time = \"2016-13-01\" has the month 13, which is outside [1, 12]",
         0},
        {"utc", "2016-00-01", "month 0", 0},
        {"utc", "2016-02-30", "has the day 30, which is outside [1, 29]", 0},
        {"utc", "2015-02-29", "has the day 29, which is outside [1, 28]", 0},
        {"utc", "2016-04-31", "[1, 30]", 0},
        {"utc", "2016-01-00", "day 0", 0},
        {"utc", "2015-366", "has the day 366, which is outside [1, 365]", 0},
        {"utc", "2016-367", "[1, 366]", 0},
        {"utc", "2016-000", "day 0", 0},
        {"tt", "0000-01-01", "has the year 0, which is outside [1, 9999]", 0},
        {"utc", "2016-01-01T24:00", "has the hour 24", 0},
        {"utc", "2016-01-01T12:60", "has the minute 60", 0},
        {"utc", "2016-01-01T12:00:61", "has the second 61", 0},
        {"utc", "2016-01-01T12:00:60", "has the second 60, which is outside [0, 59]", 0},
        {"utc", "2016-12-31T23:58:60", "has the second 60, which is outside [0, 59]", 0},
        {"utc", "2016-01-01T23:59:60", "that day has no leap second", 0},
        {"utc", "1971-12-31T23:59:60.2", "or a shorter one", 0},
        {"utc", "1961-07-31T23:59:59.97", "which ended early", 0},
        {"tt", "2016-12-31T23:59:60", "which is in UTC only", 0},
        {"tai", "2016-12-31T12:00:00Z", "Z, which is for scale=utc only", 0},
        {"utc", "2016-12-31T12:00:00+01:00", "is not a time", 0},
        {"utc", "2016-12-31T12:00:00.", "is not a time", 0},
        {"utc", "2016-12-31T12", "is not a time", 0},
        {"utc", "2016-12-31T", "is not a time", 0},
        {"utc", "2016-12-31t12:00", "is not a time", 0},
        {"utc", "2016-12-31  12:00", "is not a time", 0},
        {"utc", " 2016-12-31", "is not a time", 0},
        {"utc", "2016-12-31 ", "is not a time", 0},
        {"utc", "2016-12-3", "is not a time", 0},
        {"utc", "2016-1-31", "is not a time", 0},
        {"utc", "2016/12/31", "is not a time", 0},
        {"utc", "20161231", "is a bare number", 0},
        {"utc", "12016-12-31", "is not a time", 0},
        {"utc", "2451545.0", "is a bare number", 0},
        {"utc", "-5", "is a bare number", 0},
        {"utc", "now", "is not a time", 0},
        {"utc", "", "is not a time", 0},
        {"utc", "T", "is not a time", 0},
        {"utc", "2016", "is a bare number", 0},
        {"utc", "JD", "is not a date", 0},
        {"utc", "JD.5", "is not a date", 0},
        {"utc", "JD1e5", "is not a date", 0},
        {"utc", "JD2451545.5Z", "is not a date", 0},
        {"utc", "JD 2451545.5", "is not a date", 0},
        {"utc", "JD1234567890123456", "is not a date", 0},
        {"utc", "MJD", "is not a date", 0},
        {"utc", "MJD--1", "is not a date", 0},
        {"utc", "J", "is not an epoch", 0},
        {"utc", "J2000.0x", "is not an epoch", 0},
        {"utc", "B", "is not an epoch", 0},
        {"utc", "J200000", "has the year 200000, which is outside [-200000, 200000]", 0},
        {"utc", "1959-12-31", "is before 1960-01-01, when UTC begins", ASTRO_OUT_OF_RANGE},
        {"utc", "MJD36933.999999999999", "is before 1960", ASTRO_OUT_OF_RANGE},
        {"utc", "\xC3\xA4\x01", "time = \"\xC3\xA4?\" is not a time", 0},
    };
    char parameters[40];
    double jd1[2], jd2[2];

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const char *const texts[] = {"J2000.0", rows[i].text};
        snprintf(parameters, sizeof parameters, "scale=%s", rows[i].scale);
        struct astro_report report = read_texts(parameters, 2, texts, jd1, jd2);
        enum astro_code code = rows[i].code ? rows[i].code : ASTRO_BAD_TIME;
        if (report.error.code != code || !strstr(report.error.text, rows[i].says))
            fail_msg("%s: %s: %s", rows[i].text, astro_code_word(report.error.code),
                     report.error.text);
        assert_string_equal(report.error.field, "time");
        assert_int_equal(report.failed_row, 1);
        assert_memory_equal(report.error.text, "time = ", 7);
    }
}

static void on_error_nan(void **state)
{
    static const char *const texts[] = {"2000-01-01", "nonsense", "1950-01-01",
                                        "J2000",      "",         "2030-01-01"};
    double jd1[6], jd2[6];

    (void)state;
    struct astro_report report = read_texts("on_error=nan", 6, texts, jd1, jd2);
    assert_int_equal(report.error.code, ASTRO_OK);
    assert_int_equal(report.warnings[ASTRO_WARN_BAD_ROWS], 3);
    assert_int_equal(report.warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED], 1);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(isnan(jd1[i]) && isnan(jd2[i]), i == 1 || i == 2 || i == 4);
}

/* The last nanosecond of any day is its own; eraDtf2d agrees. */
static void as_erfa_reads(void **state)
{
    char text[64];

    (void)state;
    random_seed(41);
    for (int i = 0; i < 5000; i++) {
        int year = (int)random_between(1972, 2100), month = (int)random_between(1, 13);
        int day = (int)random_between(1, 29), hour = (int)random_between(0, 24);
        int minute = (int)random_between(0, 60), second = (int)random_between(0, 60);
        int ns = i % 3 ? (int)random_between(0, 1e9) : 999999999;
        struct date wanted;
        snprintf(text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d.%09d", year, month, day,
                 i % 2 ? 'T' : ' ', hour, minute, second, ns);
        int status = eraDtf2d("UTC", year, month, day, hour, minute, second + ns * 1e-9,
                              &wanted.jd1, &wanted.jd2);
        assert_true(status == 0 || status == 1);
        assert_date(read_one("", text), wanted, 1e-10, text);
    }
}

/* Whatever the bytes are, they are read within their length or refused; never both. */
static void any_bytes(void **state)
{
    static const char *const seeds[] = {"2016-12-31T23:59:60.123456789Z",
                                        "2016-366T12:00",
                                        "JD2457754.5",
                                        "MJD-57754.25",
                                        "J2016.5",
                                        "B1950.0"};
    char text[40];
    double jd1, jd2;

    (void)state;
    random_seed(42);
    for (size_t i = 0; i < 60000; i++) {
        strcpy(text, seeds[i % LENGTH(seeds)]);
        size_t length = strlen(text);
        for (size_t k = 0; k < 1 + i % 3; k++)
            text[(size_t)random_between(0, (double)length)] =
                i % 2 ? "0123456789-+:.TZ JMBD"[(size_t)random_between(0, 21)]
                      : (char)random_between(1, 256);
        text[(size_t)random_between(1, (double)length + 1)] = '\0';
        const char *const texts[] = {text};
        jd1 = jd2 = 7777;
        struct astro_report report = read_texts("", 1, texts, &jd1, &jd2);
        if (report.error.code == ASTRO_OK)
            assert_true(isfinite(jd1) && jd1 == rint(jd1) && fabs(jd2) <= 0.5);
        else
            assert_true(report.error.text[0] && jd1 == 7777);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),        cmocka_unit_test(refused),
        cmocka_unit_test(on_error_nan), cmocka_unit_test(as_erfa_reads),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests_name("time.read", tests, harness_start, NULL);
}
