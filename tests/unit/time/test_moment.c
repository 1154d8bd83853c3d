/* observed/moment.c: one time for all rows and a time per row, in every scale, against ERFA. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "observed/moment.h"

#define EVERYTHING (ASTRO__NEED_TDB | ASTRO__NEED_UT1 | ASTRO__NEED_POLE | ASTRO__NEED_UTC)

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

/* The values of a request; what is NULL or NaN is not given. */
struct asked {
    const char *obstime;
    enum astro__scale scale;
    double dut1, xp, yp;
    int policy; /* -1: not given */
};
#define NOTHING .dut1 = (double)NAN, .xp = (double)NAN, .yp = (double)NAN, .policy = -1

static struct astro_value number(double value)
{
    return (struct astro_value){.present = !isnan(value), .given = !isnan(value), .number = value};
}

static bool prepare(const struct asked *asked, unsigned needs, struct astro__moments *ret,
                    uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro_value obstime = {.present = asked->obstime, .given = asked->obstime};
    struct astro_value scale = {.present = true, .choice = (int)asked->scale};
    struct astro_value dut1 = number(asked->dut1), xp = number(asked->xp), yp = number(asked->yp);
    struct astro_value eop = {.present = true,
                              .given = asked->policy >= 0,
                              .choice = asked->policy > 0 ? asked->policy : 0};
    const struct astro__moment_values values = {&obstime, &scale, &dut1, &xp, &yp, &eop};

    if (asked->obstime)
        obstime.text = (struct astro_text){asked->obstime, strlen(asked->obstime)};
    *ret_warnings = 0;
    *err = (struct astro_error){0};
    return astro__moments_prepare(&values, needs, NULL, ret, ret_warnings, err);
}

static struct astro__moments prepared(const struct asked *asked, unsigned needs)
{
    struct astro__moments moments;
    struct astro_error err;
    uint32_t warnings;

    if (!prepare(asked, needs, &moments, &warnings, &err))
        fail_msg("%s", err.text);
    return moments;
}

static void assert_pair(const double got[2], struct date wanted, double tolerance, const char *what)
{
    assert_date((struct date){got[0], got[1]}, wanted, tolerance, what);
}

/* TT, TDB and UT1 of a date of UTC with dut1, by ERFA alone. */
static void assert_moment(const struct astro__moment *got, struct date utc, double dut1,
                          const char *what)
{
    struct date tai, tt, ut1, tdb;

    (void)eraUtctai(utc.jd1, utc.jd2, &tai.jd1, &tai.jd2);
    (void)eraTaitt(tai.jd1, tai.jd2, &tt.jd1, &tt.jd2);
    (void)eraUtcut1(utc.jd1, utc.jd2, dut1, &ut1.jd1, &ut1.jd2);
    double difference = eraDtdb(tt.jd1, tt.jd2, 0, 0, 0, 0);
    (void)eraTttdb(tt.jd1, tt.jd2, difference, &tdb.jd1, &tdb.jd2);
    assert_pair(got->tt, tt, 5e-10, what);
    assert_pair(got->ut1, ut1, 5e-10, what);
    assert_pair(got->tdb, tdb, 5e-10, what);
    assert_pair(got->utc, utc, 5e-10, what);
}

static struct astro__moment row_of(const struct astro__moment_rows *rows, size_t i)
{
    struct astro__moment ret = {.xp = rows->xp[i], .yp = rows->yp[i]};

    for (size_t k = 0; k < 2; k++) {
        ret.tt[k] = rows->tt[k][i];
        ret.tdb[k] = rows->tdb[k][i];
        ret.ut1[k] = rows->ut1[k][i];
        ret.utc[k] = rows->utc[k][i];
    }
    return ret;
}

static bool same_moment(const struct astro__moment *a, const struct astro__moment *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static struct date in_scale(struct date utc, enum astro__scale scale, double dut1)
{
    char parameters[96];
    int n = snprintf(parameters, sizeof parameters, "scale_in=utc&scale_out=%s",
                     astro__scale_words[scale]);

    if (scale == ASTRO__UT1)
        snprintf(parameters + n, sizeof parameters - (size_t)n, "&dut1=%.17g", dut1);
    return date_once("convert_time", parameters, utc);
}

enum { ROWS = 700 };
static double jd1[ROWS], jd2[ROWS], mjd[ROWS];

/* Every scale, in rows and as text, is the same instant; a row's bits are those of the fixed time. */
static void every_scale(void)
{
    const double dut1 = 0.3341, as = 4.84813681109536e-6;

    for (int scale = ASTRO__UTC; scale < ASTRO__SCALES; scale++) {
        struct asked asked = {.scale = (enum astro__scale)scale, NOTHING};
        static struct date utc[ROWS];
        struct astro__moment_rows rows;
        struct astro_report report = {0};
        asked.dut1 = dut1;
        asked.xp = 0.25;
        struct astro__moments moments = prepared(&asked, EVERYTHING);
        for (size_t i = 0; i < ROWS; i++) {
            utc[i] = random_date(2457760, 2461200);
            struct date given = split_again(in_scale(utc[i], (enum astro__scale)scale, dut1));
            jd1[i] = i % 11 == 3 ? (double)NAN : given.jd1;
            jd2[i] = given.jd2;
        }
        const void *const in[] = {jd1, jd2, NULL};
        assert_true(astro__moments_check(&moments, in, &report));
        for (size_t first = 0; first < ROWS; first += 200) {
            size_t n = ROWS - first < 200 ? ROWS - first : 200;
            assert_true(astro__moments_rows(&moments, first, n, in, &rows, &report));
            for (size_t i = 0; i < n; i++) {
                struct astro__moment got = row_of(&rows, i);
                if (isnan(jd1[first + i])) {
                    assert_true(isnan(got.tt[0]) && isnan(got.tdb[1]) && isnan(got.ut1[0]));
                    assert_true(isnan(got.utc[0]) && isnan(got.xp) && isnan(got.yp));
                    continue;
                }
                assert_moment(&got, utc[first + i], dut1, astro__scale_words[scale]);
                assert_near(got.xp, 0.25 * as, 1e-20, "xp");
                assert_true(got.yp == 0);
                if (i % 50)
                    continue;
                char text[64];
                snprintf(text, sizeof text, "JD%.0f.25", jd1[first + i] + jd2[first + i]);
                struct asked fixed = asked;
                fixed.obstime = text;
                struct astro__moments one = prepared(&fixed, EVERYTHING);
                double day = strtod(text + 2, NULL);
                const void *const again[] = {&day, NULL, NULL};
                assert_true(one.fixed && !one.turning.utc);
                assert_true(astro__moments_rows(&moments, 0, 1, again, &rows, &report));
                got = row_of(&rows, 0);
                assert_true(same_moment(&one.one, &got));
                astro__moments_release(&one);
            }
        }
        for (size_t k = 0; k < ASTRO_WARNING_COUNT; k++)
            assert_int_equal(report.warnings[k], 0);
        astro__moments_release(&moments);
        astro__moments_release(&moments);
    }
}

static void scales_agree(void **state)
{
    (void)state;
    random_seed(21);
    for_each_target(every_scale);
}

/* By the table: UT1 and the pole are those of eop_lookup. */
static void by_the_table(void **state)
{
    struct asked asked = {NOTHING};
    struct astro__moments moments = prepared(&asked, EVERYTHING);
    struct astro__moment_rows rows;
    struct astro_report report = {0};
    const void *const in[] = {NULL, NULL, mjd};
    const double as = 4.84813681109536e-6;

    (void)state;
    for (size_t i = 0; i < 256; i++)
        mjd[i] = 57023 + 18.0 * (double)i;
    assert_true(astro__moments_rows(&moments, 0, 256, in, &rows, &report));
    uint64_t predicted = 0;
    for (size_t i = 0; i < 256; i++) {
        const struct astro_eop_day *day = &table.days[18 * i];
        struct astro__moment got = row_of(&rows, i);
        assert_moment(&got, (struct date){2400000.5 + mjd[i], 0}, day->dut1, "the table");
        assert_near(got.xp, day->xp * as, 1e-18, "xp");
        assert_near(got.yp, day->yp * as, 1e-18, "yp");
        predicted += day->kind == ASTRO_EOP_PREDICTED;
    }
    assert_true(predicted > 0);
    assert_int_equal(report.warnings[ASTRO_WARN_EOP_PREDICTED], predicted);
    astro__moments_release(&moments);
}

/* UT1 of dates in UT1, without TT, needs nothing: no table is looked at. */
static void ut1_needs_nothing(void **state)
{
    struct asked asked = {.obstime = "2040-01-01T06:00:00", .scale = ASTRO__UT1, NOTHING};
    struct astro__moments moments;
    struct astro_error err;
    uint32_t warnings;

    (void)state;
    assert_true(prepare(&asked, ASTRO__NEED_UT1 | ASTRO__NO_TT, &moments, &warnings, &err));
    assert_true(moments.one.ut1[0] == 2466155 && moments.one.ut1[1] == -0.25 && warnings == 0);
    astro__moments_release(&moments);
    assert_false(prepare(&asked, ASTRO__NEED_UT1, &moments, &warnings, &err));
    assert_int_equal(err.code, ASTRO_EOP_UNAVAILABLE);
    assert_string_equal(err.field, "obstime");
    asked.policy = ASTRO__EOP_ZERO;
    assert_true(prepare(&asked, ASTRO__NEED_UT1, &moments, &warnings, &err));
    assert_int_equal(warnings, 1u << ASTRO_WARN_EOP_ZERO | 1u << ASTRO_WARN_LEAP_SECONDS_EXPIRED);
    astro__moments_release(&moments);
}

static void refusals_of_parameters(void **state)
{
    static const struct {
        struct asked asked;
        enum astro_code code;
        const char *field;
    } rows[] = {
        {{.dut1 = (double)NAN, .xp = 0.1, .yp = (double)NAN, .policy = -1},
         ASTRO_MISSING_PARAMETER,
         "dut1"},
        {{.dut1 = (double)NAN, .xp = (double)NAN, .yp = 0.1, .policy = -1},
         ASTRO_MISSING_PARAMETER,
         "dut1"},
        {{.dut1 = 0.1, .xp = (double)NAN, .yp = (double)NAN, .policy = ASTRO__EOP_STRICT},
         ASTRO_CONFLICT,
         "eop"},
        {{.obstime = "yesterday", NOTHING}, ASTRO_BAD_TIME, "obstime"},
        {{.obstime = "1959-12-31T23:59:59", NOTHING}, ASTRO_OUT_OF_RANGE, "obstime"},
        {{.obstime = "1959-12-31T23:59:59", .scale = ASTRO__TT, NOTHING},
         ASTRO_OUT_OF_RANGE,
         "obstime"},
        {{.obstime = "2014-12-31T23:59:59", NOTHING}, ASTRO_EOP_UNAVAILABLE, "obstime"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro__moments moments;
        struct astro_error err;
        uint32_t warnings;
        if (prepare(&rows[i].asked, EVERYTHING, &moments, &warnings, &err))
            fail_msg("row %zu was taken", i);
        assert_int_equal(err.code, rows[i].code);
        assert_string_equal(err.field, rows[i].field);
        assert_non_null(strstr(err.text, rows[i].field));
    }
}

static void a_time_in_exactly_one_way(void **state)
{
    static const struct {
        bool fixed, jd1, jd2, mjd;
        enum astro_code code;
        const char *field;
    } rows[] = {
        {0, 1, 0, 0, ASTRO_OK, ""},
        {0, 1, 1, 0, ASTRO_OK, ""},
        {0, 0, 0, 1, ASTRO_OK, ""},
        {1, 0, 0, 0, ASTRO_OK, ""},
        {0, 0, 0, 0, ASTRO_MISSING_PARAMETER, "obstime"},
        {0, 0, 1, 0, ASTRO_MISSING_INPUT, "jd1"},
        {0, 1, 0, 1, ASTRO_CONFLICT, "mjd"},
        {0, 0, 1, 1, ASTRO_CONFLICT, "mjd"},
        {1, 1, 0, 0, ASTRO_CONFLICT, "jd1"},
        {1, 0, 1, 0, ASTRO_CONFLICT, "jd2"},
        {1, 1, 1, 1, ASTRO_CONFLICT, "mjd"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct asked asked = {.obstime = rows[i].fixed ? "J2020.0" : NULL, NOTHING};
        struct astro__moments moments = prepared(&asked, 0);
        struct astro_report report = {0};
        const void *const in[] = {rows[i].jd1 ? jd1 : NULL, rows[i].jd2 ? jd2 : NULL,
                                  rows[i].mjd ? mjd : NULL};
        assert_int_equal(astro__moments_check(&moments, in, &report), rows[i].code == ASTRO_OK);
        assert_int_equal(report.error.code, rows[i].code);
        assert_string_equal(report.error.field, rows[i].field);
        astro__moments_release(&moments);
    }
}

/* Rows from 100 on, of which one is too early: its place and its value as given are told. */
static void the_row_that_fails(void **state)
{
    static const enum astro__scale scales[] = {ASTRO__UTC, ASTRO__TT, ASTRO__TCB, ASTRO__UT1};
    enum { BAD = 250 };

    (void)state;
    for (size_t k = 0; k < 2 * LENGTH(scales); k++) {
        bool by_mjd = k % 2;
        struct asked asked = {.scale = scales[k / 2], NOTHING};
        struct astro__moment_rows rows;
        struct astro_report report = {0};
        const void *const in[] = {by_mjd ? NULL : jd1, NULL, by_mjd ? mjd : NULL};
        for (size_t i = 0; i < ROWS; i++) {
            jd1[i] = 2458000.25;
            mjd[i] = 58000.25;
        }
        jd1[BAD] = 2436000.25;
        mjd[BAD] = 36000.25;
        asked.dut1 = 0.1;
        struct astro__moments moments = prepared(&asked, EVERYTHING);
        assert_false(astro__moments_rows(&moments, 100, 256, in, &rows, &report));
        assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
        assert_int_equal(report.failed_row, BAD);
        assert_string_equal(report.error.field, by_mjd ? "mjd" : "jd1");
        if (scales[k / 2] != ASTRO__UT1)
            assert_non_null(strstr(report.error.text, by_mjd ? "mjd = 36000.25 is before"
                                                             : "jd1 = 2436000.25 is before"));
        astro__moments_release(&moments);
        asked.dut1 = (double)NAN;
        moments = prepared(&asked, EVERYTHING);
        report = (struct astro_report){0};
        jd1[BAD] = 2490000.25;
        mjd[BAD] = 90000.25;
        assert_false(astro__moments_rows(&moments, 100, 256, in, &rows, &report));
        assert_int_equal(report.error.code, ASTRO_EOP_UNAVAILABLE);
        assert_int_equal(report.failed_row, BAD);
        astro__moments_release(&moments);
    }
}

/* Dates that nobody can mean: finite ones are taken where they have an answer, and crash nothing. */
static void absurd_dates(void **state)
{
    static double dates[] = {1e300, -1e300, 1.7e308, 1e17, -1e17, 5e-324, 0, HUGE_VAL, -HUGE_VAL};

    (void)state;
    for (int scale = ASTRO__UTC; scale < ASTRO__SCALES; scale++) {
        for (size_t i = 0; i < LENGTH(dates); i++) {
            for (int policy = -1; policy < 3; policy++) {
                struct asked asked = {.scale = (enum astro__scale)scale, NOTHING};
                struct astro__moment_rows rows;
                struct astro_report report = {0};
                const void *const in[] = {&dates[i], &dates[i], NULL};
                asked.policy = policy;
                if (policy < 0)
                    asked.dut1 = 0.5;
                struct astro__moments moments = prepared(&asked, EVERYTHING);
                bool good = astro__moments_rows(&moments, 0, 1, in, &rows, &report);
                assert_int_equal(good, report.error.code == ASTRO_OK);
                if (!isfinite(2 * dates[i]))
                    assert_true(good && isnan(rows.tt[0][0]));
                astro__moments_release(&moments);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_agree),
        cmocka_unit_test(by_the_table),
        cmocka_unit_test(ut1_needs_nothing),
        cmocka_unit_test(refusals_of_parameters),
        cmocka_unit_test(a_time_in_exactly_one_way),
        cmocka_unit_test(the_row_that_fails),
        cmocka_unit_test(absurd_dates),
    };
    return cmocka_run_group_tests_name("time.moment", tests, start, NULL);
}
