/* calendar/: MJD, years, Unix and GPS counts: definitions in 80 bits, inverses, edges. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RANDOM = 3000 };

#define YEAR_ERROR 5e-13

static double number_of(const struct converter *converter, struct date date)
{
    double number;

    convert_row(converter, &date.jd1, &number);
    return number;
}

static struct date date_of(const struct converter *converter, double number)
{
    struct date date;

    convert_row(converter, &number, &date.jd1);
    return date;
}

static double number_once(const char *name, const char *parameters, struct date date)
{
    struct converter converter = converter_open(name, parameters);
    double number = number_of(&converter, date);

    converter_close(&converter);
    return number;
}

static struct date date_from(const char *name, const char *parameters, double number)
{
    struct converter converter = converter_open(name, parameters);
    struct date date = date_of(&converter, number);

    converter_close(&converter);
    return date;
}

static double ulp(double value)
{
    return nextafter(fabs(value), HUGE_VAL) - fabs(value);
}

/* --- MJD --- */

static void mjd_on_this_target(void)
{
    struct converter to = converter_open("jd_to_mjd", ""), from = converter_open("mjd_to_jd", "");

    for (int i = 0; i < RANDOM; i++) {
        struct date date = random_date(2300000, 2600000);
        double mjd = number_of(&to, date);
        long double exact = ((long double)date.jd1 - 2400000.5L) + (long double)date.jd2;
        assert_near(mjd, exact, ulp(mjd), "jd_to_mjd");
        struct date back = date_of(&from, mjd);
        exact = (((long double)back.jd1 - 2400000.5L) - (long double)mjd) + (long double)back.jd2;
        assert_near((double)exact, 0, 0x1p-53, "mjd_to_jd");
        assert_true(number_of(&to, back) == mjd);
    }
    assert_true(number_of(&to, (struct date){2400000.5, 51544.5}) == 51544.5);
    assert_date(date_of(&from, 57754.0), (struct date){2457754.5, 0}, 0, "midnight");
    assert_date(date_of(&from, -2400000.5), (struct date){0, 0}, 0, "JD 0");
    converter_close(&to);
    converter_close(&from);
}

static void mjd(void **state)
{
    (void)state;
    random_seed(21);
    for_each_target(mjd_on_this_target);
}

/* --- years --- */

static void years_on_this_target(void)
{
    struct converter to_j = converter_open("jd_to_jyear", ""),
                     to_b = converter_open("jd_to_byear", "");
    struct converter from_j = converter_open("jyear_to_jd", ""),
                     from_b = converter_open("byear_to_jd", "");

    for (int i = 0; i < RANDOM; i++) {
        struct date date = random_date(2200000, 2700000), wanted;
        assert_near(number_of(&to_j, date), (long double)eraEpj(date.jd1, date.jd2), YEAR_ERROR,
                    "jd_to_jyear");
        assert_near(number_of(&to_b, date), (long double)eraEpb(date.jd1, date.jd2), YEAR_ERROR,
                    "jd_to_byear");
        double year = random_between(1000, 3000);
        eraEpj2jd(year, &wanted.jd1, &wanted.jd2);
        assert_date(date_of(&from_j, year), wanted, YEAR_ERROR * 365.25 * DAY, "jyear_to_jd");
        assert_near(number_of(&to_j, date_of(&from_j, year)), (long double)year, YEAR_ERROR, "J");
        eraEpb2jd(year, &wanted.jd1, &wanted.jd2);
        assert_date(date_of(&from_b, year), wanted, YEAR_ERROR * 365.25 * DAY, "byear_to_jd");
        assert_near(number_of(&to_b, date_of(&from_b, year)), (long double)year, YEAR_ERROR, "B");
    }
    assert_true(number_of(&to_j, (struct date){2451545, 0}) == 2000.0);
    assert_date(date_of(&from_j, 2000.0), (struct date){2451545, 0}, 0, "J2000.0");
    assert_date(date_of(&from_j, 2000.5), (struct date){2451727.5, 0.125}, 0, "J2000.5");
    assert_date(date_of(&from_b, 1950.0), (struct date){2433282, 0.42345905}, 2.5e-11, "B1950.0");
    converter_close(&to_j);
    converter_close(&to_b);
    converter_close(&from_j);
    converter_close(&from_b);
}

static void years(void **state)
{
    (void)state;
    random_seed(22);
    for_each_target(years_on_this_target);
}

/* Days of 1 January by ERFA; the year of the date by the calendar. */
static long double decimal_year(struct date date)
{
    double start, next, zero, fraction;
    int year, month, day;

    assert_int_equal(eraJd2cal(date.jd1, date.jd2, &year, &month, &day, &fraction), 0);
    assert_int_equal(eraCal2jd(year, 1, 1, &zero, &start), 0);
    assert_int_equal(eraCal2jd(year + 1, 1, 1, &zero, &next), 0);
    long double since =
        ((long double)date.jd1 - 2400000.5L - (long double)start) + (long double)date.jd2;
    return year + since / (long double)(next - start);
}

static void decimal_years_on_this_target(void)
{
    struct converter to = converter_open("jd_to_decimalyear", "");
    struct converter from = converter_open("decimalyear_to_jd", "");

    for (int i = 0; i < RANDOM; i++) {
        struct date date = random_date(1721500, 3000000);
        double year = number_of(&to, date);
        assert_near(year, decimal_year(date), YEAR_ERROR, "jd_to_decimalyear");
        assert_date(date_of(&from, year), date, YEAR_ERROR * 366 * DAY, "decimalyear_to_jd");
    }
    for (int year = -4000; year < 6000; year++) {
        double zero, start;
        assert_int_equal(eraCal2jd(year, 1, 1, &zero, &start), 0);
        assert_true(number_of(&to, (struct date){zero, start}) == year);
        assert_true(number_of(&to, (struct date){zero, start - 1e-9}) < year);
        assert_date(date_of(&from, year), (struct date){zero, start}, 0, "1 January");
    }
    converter_close(&to);
    converter_close(&from);
}

static void decimal_years(void **state)
{
    (void)state;
    random_seed(23);
    for_each_target(decimal_years_on_this_target);
}

/* --- Unix time --- */

static void unix_on_this_target(void)
{
    struct converter to = converter_open("jd_to_unix", ""), from = converter_open("unix_to_jd", "");
    struct converter tt = converter_open("jd_to_unix", "scale=tt");
    struct converter to_tt = converter_open("utc_to_tt", "");

    for (int i = 0; i < RANDOM; i++) {
        double unix = i % 4 ? floor(random_between(-3.1e8, 4e9)) : random_between(-3.1e8, 4e9);
        struct date date = date_of(&from, unix);
        assert_true(number_of(&to, date) == unix);
        assert_near(number_of(&tt, date_through(&to_tt, date)), (long double)unix, ulp(unix), "tt");
        if (fmod(unix + 86400 * 4000.0, 86400) > 0 && unix > 1.5e9) { /* no leap second since */
            struct date wanted = {2440587.5 + floor(unix / DAY), fmod(unix, DAY) / DAY};
            assert_date(date, wanted, 2.5e-11, "unix_to_jd");
        }
    }
    converter_close(&to);
    converter_close(&from);
    converter_close(&tt);
    converter_close(&to_tt);
}

static void unix_time(void **state)
{
    (void)state;
    random_seed(24);
    for_each_target(unix_on_this_target);
    assert_true(number_once("jd_to_unix", "", (struct date){2440587.5, 0}) == 0);
    /* 2016-12-31T23:59:59.5, 23:59:60.5 and 2017-01-01T00:00:00.5 */
    assert_true(number_once("jd_to_unix", "", (struct date){2457754, 43199.0 / 86401}) ==
                1483228799.5);
    assert_true(number_once("jd_to_unix", "", (struct date){2457754, 43200.0 / 86401}) ==
                1483228800.5);
    assert_true(number_once("jd_to_unix", "", (struct date){2457754.5, 0.5 / 86400}) ==
                1483228800.5);
    assert_date(date_from("unix_to_jd", "", 1483228800.5), (struct date){2457754.5, 0.5 / 86400},
                2.5e-11, "never the leap second");
    assert_date(date_from("unix_to_jd", "", 1483228799.5), (struct date){2457754, 43199.0 / 86401},
                2.5e-11, "the second before it");
    assert_date(date_from("unix_to_jd", "scale=tt", 0), (struct date){2440587.5, 40.184082 / DAY},
                1e-9, "1970 in TT"); /* 8.000082 s */
}

static struct astro_report run_ints(const char *name, const char *parameters, size_t n,
                                    const void *in1, const void *in2, void *out1, void *out2)
{
    struct converter converter = converter_open(name, parameters);
    const void *in[] = {in1, in2};
    void *out[] = {out1, out2};
    struct astro_report report = run_rows(&converter, n, in, out);

    converter_close(&converter);
    return report;
}

static void nanoseconds_come_back(void)
{
    enum { N = 2000 };
    static int64_t ns[N], back[N];
    static double jd1[N], jd2[N];

    for (size_t i = 0; i < N; i++) {
        ns[i] = (int64_t)random_between(-3.1e17, 9.2e18);
        if (i % 3 == 0) /* beside midnights, with and without a leap second */
            ns[i] = ((i % 2 ? INT64_C(1483228800)
                            : INT64_C(86400) * (int64_t)random_between(0, 40000)) *
                     INT64_C(1000000000)) +
                    (int64_t)random_between(-3, 3);
    }
    ns[7] = INT64_MIN;
    assert_int_equal(run_ints("unix_ns_to_jd", "", N, ns, NULL, jd1, jd2).error.code, ASTRO_OK);
    assert_true(isnan(jd1[7]) && isnan(jd2[7]));
    assert_int_equal(run_ints("jd_to_unix_ns", "", N, jd1, jd2, back, NULL).error.code, ASTRO_OK);
    assert_memory_equal(ns, back, sizeof ns);
    assert_int_equal(run_ints("unix_ns_to_jd", "scale=tai", N, ns, NULL, jd1, jd2).error.code,
                     ASTRO_OK);
    assert_int_equal(run_ints("jd_to_unix_ns", "scale=tai", N, jd1, jd2, back, NULL).error.code,
                     ASTRO_OK);
    assert_memory_equal(ns, back, sizeof ns);
}

static void nanoseconds(void **state)
{
    (void)state;
    random_seed(25);
    for_each_target(nanoseconds_come_back);
}

static void nanoseconds_have_limits(void **state)
{
    static const int64_t early[] = {0, INT64_C(-315619200000000000), INT64_C(-315619200000000001)};
    static const double late[] = {2440587.5, 2547338.4, 2547339.5};
    double jd1[3], jd2[3];
    int64_t ns[3];

    (void)state;
    struct astro_report report = run_ints("unix_ns_to_jd", "", 3, early, NULL, jd1, jd2);
    assert_int_equal(report.failed_row, 2);
    assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
    assert_string_equal(report.error.field, "unix_ns");
    report = run_ints("jd_to_unix_ns", "", 3, late, NULL, ns, NULL);
    assert_int_equal(report.failed_row, 2);
    assert_string_equal(report.error.field, "jd1");
    assert_int_equal(report.warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED] > 0, 1);
}

static void unix_before_utc(void **state)
{
    static const double unix[] = {0, (double)NAN, -315619200, -315619201};
    double jd1[4], jd2[4];

    (void)state;
    struct astro_report report = run_ints("unix_to_jd", "", 4, unix, NULL, jd1, jd2);
    assert_int_equal(report.failed_row, 3);
    assert_string_equal(report.error.field, "unix");
    assert_non_null(strstr(report.error.text, "unix = -315619201 is before 1960-01-01"));
}

/* --- GPS --- */

static void gps_on_this_target(void)
{
    struct converter to = converter_open("jd_to_gps", ""), from = converter_open("gps_to_jd", "");
    struct converter tai = converter_open("gps_to_jd", "scale=tai");

    for (int i = 0; i < RANDOM; i++) {
        double gps = random_between(-5e8, 3e9);
        struct date wanted = {2444244.5, 0}, got = date_of(&tai, gps);
        long double error = ((long double)got.jd1 - (long double)wanted.jd1) * 86400 +
                            (long double)got.jd2 * 86400 - 19 - (long double)gps;
        assert_near((double)error, 0, 2.5e-11, "gps_to_jd");
        assert_near(number_of(&to, date_of(&from, gps)), (long double)gps, 6e-7, "jd_to_gps");
    }
    converter_close(&to);
    converter_close(&from);
    converter_close(&tai);
}

static void gps(void **state)
{
    (void)state;
    random_seed(26);
    for_each_target(gps_on_this_target);
    assert_true(number_once("jd_to_gps", "", (struct date){2444244.5, 0}) == 0);
    assert_true(number_once("jd_to_gps", "", (struct date){2457754.5, 0}) == 1167264018);
    assert_date(date_from("gps_to_jd", "", 1167264018), (struct date){2457754.5, 0}, 2.5e-11,
                "2017");
    assert_date(date_from("gps_to_jd", "", 1167264017), (struct date){2457754, 43199.5 / 86401},
                2.5e-11, "the leap second begins");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mjd),
        cmocka_unit_test(years),
        cmocka_unit_test(decimal_years),
        cmocka_unit_test(unix_time),
        cmocka_unit_test(nanoseconds),
        cmocka_unit_test(nanoseconds_have_limits),
        cmocka_unit_test(unix_before_utc),
        cmocka_unit_test(gps),
    };
    return cmocka_run_group_tests_name("time.numbers", tests, harness_start, NULL);
}
