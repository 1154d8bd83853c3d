/* calendar/calendar.c and civil.h: every day of a thousand years, times of day against ERFA, what is
 * refused. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "time/calendar/civil.h"

enum { N = 500, COLUMNS = 5 };

static int64_t whole[COLUMNS][N];
static double second[N], jd1[N], jd2[N];

static struct astro_report to_calendar(const char *parameters, size_t n)
{
    struct converter converter = converter_open("jd_to_calendar", parameters);
    const void *in[] = {jd1, jd2};
    void *out[] = {whole[0], whole[1], whole[2], whole[3], whole[4], second};
    struct astro_report report = run_rows(&converter, n, in, out);

    converter_close(&converter);
    return report;
}

static struct astro_report to_jd(const char *parameters, size_t n)
{
    struct converter converter = converter_open("calendar_to_jd", parameters);
    const void *in[] = {whole[0], whole[1], whole[2], whole[3], whole[4], second};
    void *out[] = {jd1, jd2};
    struct astro_report report = run_rows(&converter, n, in, out);

    converter_close(&converter);
    return report;
}

static void every_day_of_the_calendar(void **state)
{
    (void)state;
    for (int64_t jd = -68569; jd < 4000000; jd += jd < 2300000 || jd > 2700000 ? 97 : 1) {
        int year, month, day;
        double fraction;
        assert_int_equal(eraJd2cal((double)jd, 0, &year, &month, &day, &fraction), 0);
        struct civil date = civil_from_day(jd);
        if (date.year != year || date.month != month || date.day != day)
            fail_msg("JD %lld: %lld-%d-%d", (long long)jd, (long long)date.year, date.month,
                     date.day);
        assert_int_equal(civil_to_day(date.year, date.month, date.day), jd);
        assert_true(date.day <= civil_days_of_month(date.year, date.month));
        struct civil next = civil_from_day(jd + 1);
        if (next.day == 1)
            assert_int_equal(date.day, civil_days_of_month(date.year, date.month));
    }
}

static void check_against_erfa(size_t i, const char *scale)
{
    struct date wanted;

    /* +1: a "dubious year" from 2027 on */
    int status = eraDtf2d(scale, (int)whole[0][i], (int)whole[1][i], (int)whole[2][i],
                          (int)whole[3][i], (int)whole[4][i], second[i], &wanted.jd1, &wanted.jd2);
    assert_true(status == 0 || status == 1);
    assert_date((struct date){jd1[i], jd2[i]}, wanted, 1e-10, "eraDtf2d");
}

static void both_ways(const char *parameters, const char *scale, double low, double high)
{
    double kept1[N], kept2[N];

    for (size_t i = 0; i < N; i++) {
        struct date date = random_date(low, high);
        if (i % 5 == 0) /* ends and beginnings of days, of the day with the leap second too */
            date = (struct date){i % 2 ? 2457754 : date.jd1,
                                 (i % 3 ? 0.5 : -0.5) + (i % 7   ? 0
                                                         : i % 3 ? -0x1p-54
                                                                 : 0x1p-54)};
        kept1[i] = jd1[i] = date.jd1;
        kept2[i] = jd2[i] = date.jd2;
    }
    assert_int_equal(to_calendar(parameters, N).error.code, ASTRO_OK);
    for (size_t i = 0; i < N; i++) {
        bool leap = whole[0][i] == 2016 && whole[1][i] == 12 && whole[2][i] == 31 &&
                    whole[3][i] == 23 && whole[4][i] == 59 && strcmp(scale, "UTC") == 0;
        assert_true(second[i] >= 0 && second[i] < (leap ? 61 : 60));
    }
    assert_int_equal(to_jd(parameters, N).error.code, ASTRO_OK);
    for (size_t i = 0; i < N; i++) {
        check_against_erfa(i, scale);
        assert_date((struct date){jd1[i], jd2[i]}, (struct date){kept1[i], kept2[i]}, 2.5e-11,
                    "there and back");
    }
}

static void both_ways_on_this_target(void)
{
    both_ways("", "UTC", 2441400, 2500000);
    both_ways("scale=tt", "TT", 1721500, 3000000);
    both_ways("scale=ut1", "UT1", 2400000, 2500000);
}

static void dates_and_times_of_day(void **state)
{
    (void)state;
    random_seed(31);
    for_each_target(both_ways_on_this_target);
}

static void the_leap_second(void **state)
{
    (void)state;
    jd1[0] = jd1[1] = jd1[2] = 2457754;
    jd2[0] = 43200.0 / 86401; /* 23:59:60.5 */
    jd2[1] = 43199.5 / 86401; /* 23:59:60 */
    jd2[2] = 0.5;
    assert_int_equal(to_calendar("", 3).error.code, ASTRO_OK);
    assert_int_equal(whole[0][0], 2016);
    assert_int_equal(whole[3][0], 23);
    assert_int_equal(whole[4][0], 59);
    assert_near(second[0], 60.5, 1e-10, "leap second");
    assert_near(second[1], 60, 1e-10, "leap second");
    assert_int_equal(whole[0][2], 2017);
    assert_int_equal(whole[1][2] + whole[2][2] + whole[3][2] + whole[4][2], 2);
    assert_true(second[2] == 0);
}

static void missing_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        jd1[i] = 2451545;
        jd2[i] = 0.25;
    }
    jd1[1] = (double)NAN;
    jd2[3] = HUGE_VAL;
    assert_int_equal(to_calendar("", 5).error.code, ASTRO_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(whole[1][i], i == 1 || i == 3 ? 0 : 1);
        assert_int_equal(isnan(second[i]), i == 1 || i == 3);
        whole[1][i] = 1; /* for the way back */
        whole[2][i] = 1;
        whole[0][i] = 2000;
    }
    assert_int_equal(to_jd("", 5).error.code, ASTRO_OK);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(isnan(jd1[i]), i == 1 || i == 3);
}

static void only_the_date_is_needed(void **state)
{
    static const int64_t year = 2016, month = 2, day = 29;
    struct converter converter = converter_open("calendar_to_jd", "scale=tt");
    const void *in[] = {&year, &month, &day, NULL, NULL, NULL};
    void *out[] = {jd1, jd2};

    (void)state;
    assert_int_equal(run_rows(&converter, 1, in, out).error.code, ASTRO_OK);
    assert_date((struct date){jd1[0], jd2[0]}, (struct date){2457447.5, 0}, 0, "midnight");
    converter_close(&converter);
}

static void numbers_that_fields_do_not_allow(void **state)
{
    static const struct {
        const char *scale;
        int64_t whole[COLUMNS];
        double second;
        const char *field, *text;
    } rows[] = {
        {"scale=tt", {2015, 13, 1, 0, 0}, 0, "month", "month = 13 is outside [1, 12]"},
        {"scale=tt", {2015, 0, 1, 0, 0}, 0, "month", "month = 0 is outside [1, 12]"},
        {"scale=tt", {2015, 2, 29, 0, 0}, 0, "day", "day = 29 is outside [1, 28]"},
        {"scale=tt", {2016, 2, 30, 0, 0}, 0, "day", "day = 30 is outside [1, 29]"},
        {"scale=tt", {2016, 2, 0, 0, 0}, 0, "day", "day = 0 is outside [1, 29]"},
        {"scale=tt", {2016, 2, 1, 24, 0}, 0, "hour", "hour = 24 is outside [0, 23]"},
        {"scale=tt", {2016, 2, 1, -1, 0}, 0, "hour", "hour = -1 is outside [0, 23]"},
        {"scale=tt", {2016, 2, 1, 0, 60}, 0, "minute", "minute = 60 is outside [0, 59]"},
        {"scale=tt", {2016, 12, 31, 23, 59}, 60, "second", "second = 60 is outside [0, 60)"},
        {"", {2016, 12, 31, 23, 59}, 61, "second", "second = 61 is outside [0, 61)"},
        {"", {2016, 12, 30, 23, 59}, 60, "second", "second = 60 is outside [0, 60)"},
        {"", {2016, 12, 31, 23, 58}, 60, "second", "second = 60 is outside [0, 60)"},
        {"", {2016, 12, 31, 0, 0}, -0.25, "second", "second = -0.25 is outside [0, 60)"},
        {"", {1959, 12, 31, 0, 0}, 0, "year", "year = 1959 is before 1960-01-01, when UTC begins"},
        {"scale=tt",
         {2733195, 1, 1, 0, 0},
         0,
         "year",
         "year = 2733195 is outside [-4900, 2733194]"},
        {"scale=tt",
         {INT64_MIN, 1, 1, 0, 0},
         0,
         "year",
         "year = -9223372036854775808 is outside [-4900, 2733194]"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (size_t row = 0; row < 300; row++) {
            static const int64_t good[COLUMNS] = {2000, 1, 1, 0, 0};
            for (size_t k = 0; k < COLUMNS; k++)
                whole[k][row] = row < 277 ? good[k] : rows[i].whole[k];
            second[row] = row < 277 ? 0.5 : rows[i].second;
        }
        struct astro_report report = to_jd(rows[i].scale, 300);
        assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
        assert_int_equal(report.failed_row, 277);
        assert_string_equal(report.error.field, rows[i].field);
        assert_string_equal(report.error.text, rows[i].text);
    }
}

static void dates_outside_the_calendar(void **state)
{
    static const double outside[] = {-68570, 1e9 + 1, 1e300, -1e18};

    (void)state;
    for (size_t i = 0; i < LENGTH(outside); i++) {
        jd1[0] = 2451545;
        jd1[1] = outside[i];
        jd2[0] = jd2[1] = 0;
        struct astro_report report = to_calendar("scale=tt", 2);
        assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
        assert_int_equal(report.failed_row, 1);
        assert_string_equal(report.error.field, "jd1");
    }
    jd1[0] = -68569.5;
    jd1[1] = 999999999;
    assert_int_equal(to_calendar("scale=tt", 2).error.code, ASTRO_OK);
    assert_int_equal(whole[0][0], -4900);
    assert_int_equal(whole[0][1], 2733194);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_the_calendar),
        cmocka_unit_test(dates_and_times_of_day),
        cmocka_unit_test(the_leap_second),
        cmocka_unit_test(missing_values),
        cmocka_unit_test(only_the_date_is_needed),
        cmocka_unit_test(numbers_that_fields_do_not_allow),
        cmocka_unit_test(dates_outside_the_calendar),
    };
    return cmocka_run_group_tests_name("time.calendar", tests, harness_start, NULL);
}
