/* scales/ut1.c, way.c: UT1 against ERFA and back, leap seconds, with the table and without. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrolabe/eop_data.h"

static struct astro_eop_data table;

static int start(void **state)
{
    struct astro_error err = {0};
    size_t length;
    char *text = golden_text("eop/finals2000A.excerpt", &length);

    if (harness_start(state) != 0)
        return -1;
    bool good = astro_eop_data_parse(text, length, &table, &err) && astro_eop_use(&table, &err);
    free(text);
    return good ? 0 : -1;
}

static const double dut1s[] = {0, 0.3341, -0.4, 0.6, -0.6, 1, -1, 1e-7};

static const char *with_dut1(double dut1)
{
    static char parameters[64];

    snprintf(parameters, sizeof parameters, "dut1=%.17g", dut1);
    return parameters;
}

/* Days around every leap second, and any others: [low, high) is at most 2027, where ERFA's table
 * of leap seconds is ours. */
static struct date some_date(size_t i)
{
    static const double leaps[] = {2441499, 2453736, 2454832, 2457204, 2457754};

    if (i % 2)
        return random_date(2436936, 2461400);
    return random_date(leaps[i % 5] - 4, leaps[i % 5] + 4);
}

static void as_erfa(void)
{
    double largest[2] = {0, 0};

    for (size_t k = 0; k < LENGTH(dut1s); k++) {
        struct converter to = converter_open("utc_to_ut1", with_dut1(dut1s[k]));
        struct converter from = converter_open("ut1_to_utc", with_dut1(dut1s[k]));
        for (size_t i = 0; i < 4000; i++) {
            struct date date = some_date(i), wanted, given = split_again(date);
            assert_true(eraUtcut1(date.jd1, date.jd2, dut1s[k], &wanted.jd1, &wanted.jd2) >= 0);
            /* ERFA's own rounding: before 1972 TAI-UTC has nine digits of a second */
            double tolerance = date.jd1 < 2441318 ? 1e-9 : 5e-11;
            struct date got = date_through(&to, given);
            assert_date(got, wanted, tolerance, "utc_to_ut1");
            largest[0] = fmax(largest[0], fabs((double)seconds_between(got, wanted)));
            assert_true(eraUt1utc(date.jd1, date.jd2, dut1s[k], &wanted.jd1, &wanted.jd2) >= 0);
            got = date_through(&from, given);
            assert_date(got, wanted, 5e-11, "ut1_to_utc");
            largest[1] = fmax(largest[1], fabs((double)seconds_between(got, wanted)));
        }
        converter_close(&to);
        converter_close(&from);
    }
    print_message("%s: utc_to_ut1 %.1e s, ut1_to_utc %.1e s from ERFA\n", target_name(), largest[0],
                  largest[1]);
}

static void with_dut1_as_erfa(void **state)
{
    (void)state;
    random_seed(11);
    for_each_target(as_erfa);
}

/* What eop_lookup says, by ERFA. */
static double dut1_at(struct date utc)
{
    struct converter converter = converter_open("eop_lookup", "");
    double values[5];
    int64_t status;
    const void *in[] = {&utc.jd1, &utc.jd2, NULL};
    void *out[] = {&values[0], &values[1], &values[2], &values[3], &values[4], &status};

    assert_int_equal(run_rows(&converter, 1, in, out).error.code, ASTRO_OK);
    converter_close(&converter);
    return values[0];
}

static void by_the_table(void)
{
    struct converter to = converter_open("utc_to_ut1", ""), from = converter_open("ut1_to_utc", "");

    for (size_t i = 0; i < 4000; i++) {
        bool near = i % 2; /* the leap second at the end of 2016-12-31 */
        struct date utc = random_date(near ? 2457752 : 2457024, near ? 2457757 : 2461638), wanted;
        assert_true(eraUtcut1(utc.jd1, utc.jd2, dut1_at(utc), &wanted.jd1, &wanted.jd2) >= 0);
        struct date ut1 = date_through(&to, split_again(utc));
        assert_date(ut1, wanted, 5e-11, "utc_to_ut1 by the table");
        assert_date(date_through(&from, split_again(ut1)), utc, 5e-11, "and back");
    }
    converter_close(&to);
    converter_close(&from);
}

static void the_table_as_erfa_and_back(void **state)
{
    (void)state;
    random_seed(12);
    for_each_target(by_the_table);
}

/* Through the leap second in steps of 1/8 s UT1 runs on without a jump. */
static void over_a_leap_second(void **state)
{
    struct converter to = converter_open("utc_to_ut1", "");
    struct date last = {0, 0};

    (void)state;
    for (int k = -80; k <= 88; k++) {
        bool after = k >= 8; /* 23:59:60 and its end */
        struct date before = {2457754, 0.5 - (8 - k) / 8.0 / 86401};
        struct date behind = {2457755, -0.5 + (k - 8) / 8.0 / DAY};
        struct date utc = after ? behind : before;
        struct date ut1 = date_through(&to, utc);
        if (k > -80)
            assert_near((double)seconds_between(ut1, last), 0.125L, 1e-8, "UT1 in 1/8 s of UTC");
        last = ut1;
    }
    converter_close(&to);
}

/* zero beyond the table; it begins where the table ends. */
static void without_a_row(void **state)
{
    struct converter to = converter_open("utc_to_ut1", "eop=zero");
    struct converter from = converter_open("ut1_to_utc", "eop=zero");
    double leap[2] = {2454832, 0.4999}, jd1 = 2470000, jd2 = 0.25, out[2];
    const void *in[] = {&jd1, &jd2};
    void *outs[] = {&out[0], &out[1]};

    (void)state;
    struct astro_report report = run_rows(&to, 1, in, outs);
    assert_int_equal(report.warnings[ASTRO_WARN_EOP_ZERO], 1);
    assert_true(out[0] == 2470000 && out[1] == 0.25);
    report = run_rows(&from, 1, in, outs);
    assert_int_equal(report.warnings[ASTRO_WARN_EOP_ZERO], 1);
    assert_true(out[0] == 2470000 && out[1] == 0.25);
    for (double part = -0.5; part < 0.5; part += 0.01) { /* 2008-12-31, before the excerpt */
        struct date utc = {leap[0], part}, ut1 = date_through(&to, utc);
        assert_date(date_through(&from, ut1), utc, 5e-11, "a day with a leap second and back");
    }
    converter_close(&to);
    converter_close(&from);
    from = converter_open("ut1_to_utc", "eop=strict");
    report = run_rows(&from, 1, in, outs);
    assert_int_equal(report.error.code, ASTRO_EOP_UNAVAILABLE);
    converter_close(&from);
}

/* The row that fails is named, whatever block it is in; a row of NaN harms nobody. */
static void rows_that_fail(void **state)
{
    enum { ROWS = 700, BAD = 613 };
    static double jd1[ROWS], out[2][ROWS];
    const void *in[] = {jd1, NULL};
    void *outs[] = {out[0], out[1]};
    static const char *const names[] = {"utc_to_ut1", "ut1_to_utc"};

    (void)state;
    for (size_t k = 0; k < LENGTH(names); k++) {
        struct converter converter = converter_open(names[k], "");
        for (size_t i = 0; i < ROWS; i++)
            jd1[i] = i % 10 ? 2459000.25 + (double)i : (double)NAN;
        struct astro_report report = run_rows(&converter, ROWS, in, outs);
        assert_int_equal(report.error.code, ASTRO_OK);
        for (size_t i = 0; i < ROWS; i++)
            assert_true(isnan(out[0][i]) == (i % 10 == 0) && isnan(out[1][i]) == (i % 10 == 0));
        jd1[BAD] = 2490000;
        report = run_rows(&converter, ROWS, in, outs);
        assert_int_equal(report.error.code, ASTRO_EOP_UNAVAILABLE);
        assert_int_equal(report.failed_row, BAD);
        jd1[BAD] = 2436934;
        converter_close(&converter);
        converter = converter_open(names[k], "dut1=0.1");
        report = run_rows(&converter, ROWS, in, outs);
        assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
        assert_int_equal(report.failed_row, BAD);
        assert_non_null(strstr(report.error.text, "2436934"));
        assert_non_null(strstr(report.error.text, "1960-01-01"));
        converter_close(&converter);
    }
}

static void convert_time_with_ut1(void **state)
{
    static const char *const scales[] = {"utc", "tai", "tt", "tdb", "tcg", "tcb"};
    const double dut1 = 0.3341;

    (void)state;
    random_seed(13);
    for (size_t s = 0; s < LENGTH(scales); s++) {
        char there[64], back[64], atomic[64];
        snprintf(there, sizeof there, "scale_in=%s&scale_out=ut1&dut1=0.3341", scales[s]);
        snprintf(back, sizeof back, "scale_in=ut1&scale_out=%s&dut1=0.3341", scales[s]);
        snprintf(atomic, sizeof atomic, "scale_in=utc&scale_out=%s", scales[s]);
        for (size_t i = 0; i < 300; i++) {
            struct date utc = random_date(2457760, 2461000), wanted;
            struct date date = date_once("convert_time", atomic, utc);
            (void)eraUtcut1(utc.jd1, utc.jd2, dut1, &wanted.jd1, &wanted.jd2);
            struct date ut1 = date_once("convert_time", there, split_again(date));
            assert_date(ut1, wanted, 5e-10, there);
            assert_date(date_once("convert_time", back, split_again(ut1)), date, 5e-10, back);
        }
    }
    struct date date = {2460000, 0.1};
    assert_date(date_once("convert_time", "scale_in=ut1&scale_out=ut1", date), date, 0, "the same");
}

static void what_has_no_meaning(void **state)
{
    static const struct {
        const char *name, *parameters, *field;
    } rows[] = {
        {"convert_time", "scale_in=utc&scale_out=tai&dut1=0.1", "dut1"},
        {"convert_time", "scale_in=utc&scale_out=tai&eop=zero", "eop"},
        {"convert_time", "scale_in=ut1&scale_out=ut1&dut1=0.1", "dut1"},
        {"convert_time", "scale_in=ut1&scale_out=utc&dut1=0.1&eop=zero", "eop"},
        {"convert_time", "scale_in=ut1&scale_out=utc&lon=1&lat=2", "lon"},
        {"utc_to_ut1", "dut1=0.1&eop=strict", "eop"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = prepare_error(rows[i].name, rows[i].parameters);
        assert_int_equal(err.code, ASTRO_CONFLICT);
        assert_string_equal(err.field, rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_dut1_as_erfa),   cmocka_unit_test(the_table_as_erfa_and_back),
        cmocka_unit_test(over_a_leap_second),  cmocka_unit_test(without_a_row),
        cmocka_unit_test(rows_that_fail),      cmocka_unit_test(convert_time_with_ut1),
        cmocka_unit_test(what_has_no_meaning),
    };
    return cmocka_run_group_tests_name("time.ut1", tests, start, NULL);
}
