/* text/write.c and jd_to_iso: exact text, carries, against eraD2dtf, and back through iso_to_jd. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "time/group.h"
#include "time/text/write.h"

enum { MOST = 1000, GUARD = 3 };

static char rooms[MOST][ASTRO__ISO_WIDTH + GUARD];
static char texts[MOST][ASTRO__ISO_WIDTH + 1];

static struct astro_report write_texts(const char *parameters, size_t n, const double *jd1,
                                       const double *jd2)
{
    struct converter converter = open_conversion(&astro__time_jd_to_iso, parameters);
    struct astro_text column[MOST];
    const void *in[] = {jd1, jd2};
    void *out[] = {column};

    assert_int_equal(converter.conversion->text_width, ASTRO__ISO_WIDTH);
    memset(rooms, '#', sizeof rooms);
    for (size_t i = 0; i < n; i++)
        column[i] = (struct astro_text){rooms[i], 999};
    struct astro_report report = run_rows(&converter, n, in, out);
    for (size_t i = 0; i < n && report.error.code == ASTRO_OK; i++) {
        assert_ptr_equal(column[i].data, rooms[i]);
        assert_true(column[i].length <= ASTRO__ISO_WIDTH);
        for (size_t k = column[i].length; k < sizeof rooms[i]; k++)
            assert_int_equal(rooms[i][k], '#');
        memcpy(texts[i], rooms[i], column[i].length);
        texts[i][column[i].length] = '\0';
    }
    converter_close(&converter);
    return report;
}

static const char *written(const char *parameters, struct date date)
{
    struct astro_report report = write_texts(parameters, 1, &date.jd1, &date.jd2);

    if (report.error.code != ASTRO_OK)
        fail_msg("%s", report.error.text);
    return texts[0];
}

static void exact_text(void **state)
{
    static const struct {
        const char *parameters;
        struct date date;
        const char *text;
    } rows[] = {
        {"", {2457754, 43200.0 / 86401}, "2016-12-31T23:59:60.500000000"},
        {"precision=0", {2457754, 43200.0 / 86401 + 1e-9}, "2017-01-01T00:00:00"},
        {"precision=0", {2457754, 43199.4 / 86401}, "2016-12-31T23:59:60"},
        {"precision=0", {2457754, 43198.6 / 86401}, "2016-12-31T23:59:59"},
        {"precision=3", {2457754, 0.5 - 1e-9 / DAY}, "2017-01-01T00:00:00.000"},
        {"precision=9", {2457754, 0.5 - 1e-9 / DAY}, "2016-12-31T23:59:60.999999999"},
        {"", {2457754.5, 0}, "2017-01-01T00:00:00.000000000"},
        {"scale=tt", {2457754, 0.5 - 1e-9 / DAY}, "2016-12-31T23:59:59.999999999"},
        {"scale=tt&precision=0", {2457754, 0.5 - 1e-9 / DAY}, "2017-01-01T00:00:00"},
        {"scale=tt&precision=1", {2451604.5, -1e-6}, "2000-02-29T23:59:59.9"},
        {"scale=tt&precision=0", {2451604.5, -1e-6}, "2000-03-01T00:00:00"},
        {"scale=tt&precision=1", {1721425.5, 0}, "0001-01-01T00:00:00.0"},
        {"scale=tt&precision=5", {5373484.5, -1e-9}, "9999-12-31T23:59:59.99991"},
        {"precision=6", {2400000.5, 57754.25}, "2017-01-01T06:00:00.000000"},
        {"precision=2", {2441317, 0.5 - 0.05 / 86400.107758}, "1971-12-31T23:59:60.06"},
        {"precision=9", {(double)NAN, 0}, "NaT"},
        {"precision=0", {2451545, -HUGE_VAL}, "NaT"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++)
        assert_string_equal(written(rows[i].parameters, rows[i].date), rows[i].text);
}

/* eraD2dtf of the same date, as text. */
static void by_erfa(const char *scale, int decimals, struct date date, char *room, size_t size)
{
    int year, month, day, clock[4];

    int status = eraD2dtf(scale, decimals, date.jd1, date.jd2, &year, &month, &day, clock);
    assert_true(status == 0 || status == 1);
    int n = snprintf(room, size, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, clock[0],
                     clock[1], clock[2]);
    if (decimals)
        snprintf(room + n, size - (size_t)n, ".%0*d", decimals, clock[3]);
}

/* Whether a date lies so near half a unit that ERFA's own rounding, 1.5e-11 s, decides. */
static bool is_tie(struct date date, int decimals)
{
    for (int length = 86400; length <= 86401; length++) {
        long double units = ((long double)date.jd2 + 0.5L) * length * powl(10, decimals);
        if (fabsl(units - floorl(units) - 0.5L) < 3e-11L * powl(10, decimals))
            return true;
    }
    return false;
}

static void as_erfa_writes(void)
{
    static double jd1[MOST], jd2[MOST];
    char parameters[40], wanted[80];

    for (int decimals = 0; decimals <= 9; decimals++) {
        for (int utc = 0; utc < 2; utc++) {
            snprintf(parameters, sizeof parameters, "precision=%d&scale=%s", decimals,
                     utc ? "utc" : "tdb");
            for (size_t i = 0; i < MOST; i++) {
                struct date date = random_date(utc ? 2441320 : 1721430, utc ? 2480000 : 5373000);
                if (i % 10 == 0)
                    date.jd1 = i % 20 ? 2457754 : 2441499;
                jd1[i] = date.jd1;
                jd2[i] = date.jd2;
            }
            assert_int_equal(write_texts(parameters, MOST, jd1, jd2).error.code, ASTRO_OK);
            for (size_t i = 0; i < MOST; i++) {
                by_erfa(utc ? "UTC" : "TDB", decimals, (struct date){jd1[i], jd2[i]}, wanted,
                        sizeof wanted);
                if (!is_tie((struct date){jd1[i], jd2[i]}, decimals))
                    assert_string_equal(texts[i], wanted);
            }
        }
    }
}

static void erfa(void **state)
{
    (void)state;
    random_seed(51);
    for_each_target(as_erfa_writes);
}

/* Text, date, text: the same to the nanosecond, on any day. */
static void there_and_back(const char *scale, int first_year)
{
    static char given[MOST][40];
    struct astro_text column[MOST];
    double jd1[MOST], jd2[MOST];
    const void *in[] = {column};
    void *out[] = {jd1, jd2};
    char parameters[40];

    for (size_t i = 0; i < MOST; i++) {
        int n = snprintf(given[i], sizeof given[i], "%04d-%02d-%02dT%02d:%02d:%02d.%09d",
                         (int)random_between(first_year, 10000), (int)random_between(1, 13),
                         (int)random_between(1, 29), (int)random_between(0, 24),
                         (int)random_between(0, 60), (int)random_between(0, 60),
                         (int)random_between(0, 1e9));
        static const char *const edges[] = {
            "2016-12-31T23:59:60.999999999", "2016-12-31T23:59:60.000000000",
            "2016-12-31T23:59:59.999999999", "2017-01-01T00:00:00.000000000",
            "2016-12-31T00:00:00.000000001", "1972-06-30T23:59:60.000000001",
            "1971-12-31T23:59:60.107757999", "1965-08-31T23:59:60.099999999",
            "1961-07-31T23:59:59.949999999", "1968-01-31T23:59:59.899999999"};
        if (i % 7 == 0 && strcmp(scale, "utc") == 0)
            n = snprintf(given[i], sizeof given[i], "%s", edges[i / 7 % LENGTH(edges)]);
        column[i] = (struct astro_text){given[i], (size_t)n};
    }
    snprintf(parameters, sizeof parameters, "scale=%s", scale);
    struct converter reading = open_conversion(&astro__time_iso_to_jd, parameters);
    struct astro_report report = run_rows(&reading, MOST, in, out);
    if (report.error.code != ASTRO_OK)
        fail_msg("%s", report.error.text);
    converter_close(&reading);
    assert_int_equal(write_texts(parameters, MOST, jd1, jd2).error.code, ASTRO_OK);
    for (size_t i = 0; i < MOST; i++)
        assert_string_equal(texts[i], given[i]);
}

static void round_trips(void **state)
{
    (void)state;
    random_seed(52);
    for (int i = 0; i < 10; i++) {
        there_and_back("utc", 1961);
        there_and_back("tt", 1);
    }
}

static void outside_the_years(void **state)
{
    static const struct {
        const char *parameters;
        struct date date;
        enum astro_code code;
    } rows[] = {
        {"scale=tt", {1721425.25, 0}, ASTRO_OUT_OF_RANGE},
        {"scale=tt", {5373484.5, 0}, ASTRO_OUT_OF_RANGE},
        {"scale=tt&precision=0", {5373484.5, -1e-9}, ASTRO_OUT_OF_RANGE}, /* carried beyond */
        {"scale=tt", {1e300, 0}, ASTRO_OUT_OF_RANGE},
        {"scale=tt", {-1e17, 0}, ASTRO_OUT_OF_RANGE},
        {"", {2436934.25, 0}, ASTRO_OUT_OF_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        double jd1[300], jd2[300];
        for (size_t k = 0; k < 300; k++) {
            jd1[k] = k < 290 ? 2451545 : rows[i].date.jd1;
            jd2[k] = k < 290 ? 0 : rows[i].date.jd2;
        }
        struct astro_report report = write_texts(rows[i].parameters, 300, jd1, jd2);
        assert_int_equal(report.error.code, rows[i].code);
        assert_int_equal(report.failed_row, 290);
        assert_string_equal(report.error.field, "jd1");
    }
}

static void warned_past_the_expiry(void **state)
{
    static const double jd1[] = {2451545, 2465000, (double)NAN};

    (void)state;
    struct astro_report report = write_texts("", 3, jd1, NULL);
    assert_int_equal(report.warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED], 1);
    report = write_texts("scale=tai", 3, jd1, NULL);
    assert_int_equal(report.warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_text),
        cmocka_unit_test(erfa),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(outside_the_years),
        cmocka_unit_test(warned_past_the_expiry),
    };
    return cmocka_run_group_tests_name("time.write", tests, harness_start, NULL);
}
