/* scales/: UTC, TAI, TT, TCG, TDB, TCB against ERFA, their inverses, what is refused and warned. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RANDOM = 3000 };

/* Where the leap-second tables of ERFA 2.0.0 and ours agree. */
#define FIRST 2436935.0
#define LAST  2500000.0

#define EXACT    2.5e-11 /* s */
#define DRIFTING 1e-9

static struct date by_erfa(int (*function)(double, double, double *, double *), struct date date)
{
    struct date got;

    assert_true(function(date.jd1, date.jd2, &got.jd1, &got.jd2) >= 0);
    return got;
}

static struct date utc_to_tai(struct date date)
{
    return by_erfa(eraUtctai, date);
}

static struct date tai_to_utc(struct date date)
{
    return by_erfa(eraTaiutc, date);
}

static struct date tai_to_tt(struct date date)
{
    return by_erfa(eraTaitt, date);
}

static struct date tt_to_tai(struct date date)
{
    return by_erfa(eraTttai, date);
}

static struct date utc_to_tt(struct date date)
{
    return tai_to_tt(utc_to_tai(date));
}

static struct date tt_to_utc(struct date date)
{
    return tai_to_utc(tt_to_tai(date));
}

static struct date tt_to_tcg(struct date date)
{
    return by_erfa(eraTttcg, date);
}

static struct date tcg_to_tt(struct date date)
{
    return by_erfa(eraTcgtt, date);
}

static struct date tdb_to_tcb(struct date date)
{
    return by_erfa(eraTdbtcb, date);
}

static struct date tcb_to_tdb(struct date date)
{
    return by_erfa(eraTcbtdb, date);
}

static const struct pair {
    const char *name, *back;
    struct date (*function)(struct date);
    double tolerance;
} pairs[] = {
    {"utc_to_tai", "tai_to_utc", utc_to_tai, EXACT},
    {"tai_to_utc", "utc_to_tai", tai_to_utc, EXACT},
    {"utc_to_tt", "tt_to_utc", utc_to_tt, EXACT},
    {"tt_to_utc", "utc_to_tt", tt_to_utc, EXACT},
    {"tai_to_tt", "tt_to_tai", tai_to_tt, EXACT},
    {"tt_to_tai", "tai_to_tt", tt_to_tai, EXACT},
    {"tt_to_tcg", "tcg_to_tt", tt_to_tcg, 2.5e-10},
    {"tcg_to_tt", "tt_to_tcg", tcg_to_tt, 2.5e-10},
    {"tdb_to_tcb", "tcb_to_tdb", tdb_to_tcb, 2.5e-10},
    {"tcb_to_tdb", "tdb_to_tcb", tcb_to_tdb, 2.5e-10},
};

/* Dates that are hard: the ends of days, above all of those with leap seconds and steps. */
static struct date edge(size_t i)
{
    static const double days[] = {2441317, 2441499, 2457754, 2454833, 2437300, 2437512,
                                  2438334, 2439126, 2456109, 2451179, 2457755, 2442048};
    static const double parts[] = {-0.5,          -0.5 + 1e-9, -0.5 + 5e-6, 0.5,  0.5 - 1e-9,
                                   0.5 - 1.16e-5, 0.0,         0x1p-53,     -0.25};

    return (struct date){days[i % LENGTH(days)] + (double)(i / LENGTH(days) % 3) - 1,
                         parts[i / 7 % LENGTH(parts)]};
}

static double tolerance_at(const struct pair *pair, struct date date)
{
    return date.jd1 < 2441319 && pair->tolerance < DRIFTING ? DRIFTING : pair->tolerance;
}

/* A day of 1961 to 1971 with a step ends up to 3.2e-9 s away from where the next one begins: ERFA
 * multiplies the factors of drift and step. */
static double round_trip_at(struct date date)
{
    return date.jd1 < 2441319 ? 4e-9 : EXACT;
}

static void one_pair(const struct pair *pair)
{
    struct converter there = converter_open(pair->name, "");
    struct converter back = converter_open(pair->back, "");

    for (size_t i = 0; i < RANDOM; i++) {
        struct date date = i < 400 ? edge(i) : random_date(FIRST + 1, i % 3 ? 2461000 : LAST);
        struct date got = date_through(&there, date);
        assert_date(got, pair->function(date), tolerance_at(pair, date), pair->name);
        assert_date(date_through(&back, got), date, round_trip_at(date), pair->back);
        struct date again = date_through(&there, split_again(date));
        assert_true(fabsl(seconds_between(again, got)) <= 2 * (long double)EXACT);
    }
    converter_close(&there);
    converter_close(&back);
}

static void on_this_target(void)
{
    random_seed(5);
    for (size_t i = 0; i < LENGTH(pairs); i++)
        one_pair(&pairs[i]);
}

static void scales_are_those_of_erfa(void **state)
{
    (void)state;
    for_each_target(on_this_target);
}

/* The instants of the leap second of 2016, by hand. */
static void leap_second(void **state)
{
    static const struct {
        double part; /* of the UTC day of 86401 s whose noon is 2457754 */
        double tai;  /* s since 2017-01-01T00:00:00 TAI */
    } rows[] = {
        {-0.5, -86400 + 36},   {0.0, -86400 + 36 + 43200.5}, {0.5, 37},
        {43199.5 / 86401, 36}, {43200.0 / 86401, 36.5},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct date utc = {2457754, rows[i].part}, tai = {2457754.5, rows[i].tai / DAY};
        assert_date(date_once("utc_to_tai", "", utc), tai, EXACT, "leap second");
        assert_date(date_once("tai_to_utc", "", tai), utc, EXACT, "leap second, back");
    }
}

/* Sums of parts with all their bits: rounded once. */
static void renormalised_without_loss(void)
{
    struct converter same = converter_open("convert_time", "scale_in=tt&scale_out=tt");

    for (int i = 0; i < 20000; i++) {
        struct date date = {random_between(2400000, 2500000),
                            0.7310585786300049 * random_between(-1, 1)};
        struct date got = date_through(&same, date);
        assert_true(got.jd1 == rint(got.jd1) && fabs(got.jd2) <= 0.5);
        long double exact = ((long double)date.jd1 - (long double)got.jd1) + (long double)date.jd2;
        assert_near(got.jd2, exact, 0x1p-55, "renormalised");
    }
    converter_close(&same);
}

static void nothing_is_lost(void **state)
{
    (void)state;
    random_seed(7);
    for_each_target(renormalised_without_loss);
}

/* Days in their order, in one column: what one register found must not serve the next wrongly. */
static void rows_in_order(void)
{
    enum { N = 30000 };
    static double jd1[N], jd2[N], out[2][N];
    static const char *const names[] = {"utc_to_tai", "tai_to_utc", "tt_to_utc", "jd_to_unix"};

    for (size_t i = 0; i < N; i++) { /* a quarter of a day apart, through all steps since 1960 */
        jd1[i] = 2436936.0 + (double)(i / 4);
        jd2[i] = (double)(i % 4) / 4 - 0.5;
    }
    for (size_t k = 0; k < LENGTH(names); k++) {
        struct converter converter = converter_open(names[k], "");
        const double *in[] = {jd1, jd2};
        double *to[] = {out[0], out[1]};
        convert(&converter, N, in, to);
        for (size_t i = 0; i < N; i++) {
            double row[2] = {jd1[i], jd2[i]}, alone[2];
            convert_row(&converter, row, alone);
            for (size_t c = 0; c < converter.conversion->n_outputs; c++)
                assert_true(same_bits(alone[c], out[c][i]));
        }
        converter_close(&converter);
    }
}

static void columns_in_order(void **state)
{
    (void)state;
    for_each_target(rows_in_order);
}

static void jd2_may_be_absent(void **state)
{
    (void)state;
    struct date got = date_once("tai_to_tt", "", (struct date){2451545.25, (double)NAN});
    assert_date(got, (struct date){2451545.25, 32.184 / DAY}, EXACT, "jd1 alone");
}

/* --- convert_time --- */

static const char *const scales[] = {"utc", "tai", "tt", "tdb", "tcg", "tcb"};

static void every_way_and_back(void **state)
{
    char there[64], back[64];

    (void)state;
    random_seed(6);
    for (size_t a = 0; a < LENGTH(scales); a++) {
        for (size_t b = 0; b < LENGTH(scales); b++) {
            snprintf(there, sizeof there, "scale_in=%s&scale_out=%s", scales[a], scales[b]);
            snprintf(back, sizeof back, "scale_in=%s&scale_out=%s", scales[b], scales[a]);
            for (size_t i = 0; i < 200; i++) {
                struct date date = random_date(FIRST + 5, LAST);
                struct date other = date_once("convert_time", there, date);
                assert_date(date_once("convert_time", back, other), date, 1e-10, there);
                if (a == b)
                    assert_true(same_bits(other.jd1, date.jd1) && same_bits(other.jd2, date.jd2));
            }
        }
    }
}

/* Through the single conversions, one after the other. */
static void chains_are_their_links(void **state)
{
    struct date date = {2453751, 0.39};

    (void)state;
    struct date tt = date_once("utc_to_tt", "", date), tdb = date_once("tt_to_tdb", "", tt);
    struct date tcb = date_once("tdb_to_tcb", "", tdb);
    assert_date(date_once("convert_time", "scale_in=UTC&scale_out=TCB", date), tcb, EXACT, "tcb");
    assert_date(date_once("utc_to_tdb", "", date), tdb, EXACT, "utc_to_tdb");
    assert_date(date_once("tdb_to_utc", "", tdb), date, EXACT, "tdb_to_utc");
    assert_date(date_once("convert_time", "scale_in=tcb&scale_out=tcg", tcb),
                date_once("tt_to_tcg", "", tt), 2 * EXACT, "tcb to tcg");
}

/* --- refusals and warnings --- */

static void before_1960(void **state)
{
    static const double dates[] = {2451545.0, 2436934.5, 2436934.25, 2400000.0};
    static const double rest[] = {0, 0, 0, 0}, just[] = {0, -0x1p-40, 0, 0};
    double out1[4], out2[4];
    const void *in[] = {dates, rest};
    void *out[] = {out1, out2};

    (void)state;
    struct converter converter = converter_open("utc_to_tai", "");
    struct astro_report report = run_rows(&converter, 4, in, out);
    assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
    assert_int_equal(report.failed_row, 2);
    assert_string_equal(report.error.field, "jd1");
    assert_string_equal(report.error.text,
                        "jd1 = 2436934.25 is before 1960-01-01, when UTC begins (JD 2436934.5)");
    in[1] = just;
    report = run_rows(&converter, 4, in, out);
    assert_int_equal(report.failed_row, 1); /* the sum as a double is the limit itself */
    assert_non_null(strstr(report.error.text, "jd1 = 2436934.5, with jd2 = -9.0949470177"));
    converter_close(&converter);

    converter = converter_open("tt_to_utc", "");
    in[1] = NULL;
    report = run_rows(&converter, 4, in, out);
    assert_int_equal(report.failed_row, 1); /* 0h TT is 33.6 s before 0h UTC */
    converter_close(&converter);

    converter = converter_open("tt_to_tcg", "");
    assert_int_equal(run_rows(&converter, 4, in, out).error.code, ASTRO_OK);
    converter_close(&converter);
}

/* In a block of its own, and mid chain: the row and the value are the request's. */
static void the_row_is_that_of_the_request(void **state)
{
    enum { N = 1000 };
    static double dates[N], out1[N], out2[N];
    const void *in[] = {dates, NULL};
    void *out[] = {out1, out2};

    (void)state;
    for (size_t i = 0; i < N; i++)
        dates[i] = 2450000.0 + (double)i;
    dates[777] = 2430000.125;
    dates[778] = (double)NAN;
    dates[900] = 2400000;
    struct converter converter = converter_open("convert_time", "scale_in=tcb&scale_out=utc");
    struct astro_report report = run_rows(&converter, N, in, out);
    assert_int_equal(report.failed_row, 777);
    assert_non_null(strstr(report.error.text, "jd1 = 2430000.125 is before"));
    converter_close(&converter);
}

static void past_the_expiry(void **state)
{
    static const double dates[] = {2451545.0, 2461584.4, 2461584.6, 2500000.5, (double)NAN};
    double out1[5], out2[5];
    const void *in[] = {dates, NULL};
    void *out[] = {out1, out2};

    (void)state; /* the built-in table holds until 2027-06-28 */
    static const char *const names[] = {"utc_to_tai", "tt_to_utc", "utc_to_tdb", "tdb_to_utc"};
    for (size_t i = 0; i < LENGTH(names); i++) {
        struct converter converter = converter_open(names[i], "");
        struct astro_report report = run_rows(&converter, 5, in, out);
        assert_int_equal(report.error.code, ASTRO_OK);
        assert_int_equal(report.warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED], 2);
        assert_true(isnan(out1[4]) && isnan(out2[4]));
        converter_close(&converter);
    }
    struct converter converter = converter_open("tt_to_tdb", "lon=1&lat=2");
    struct astro_report report = run_rows(&converter, 5, in, out);
    assert_int_equal(report.warnings[ASTRO_WARN_LEAP_SECONDS_EXPIRED], 0);
    converter_close(&converter);
}

static void observers(void **state)
{
    static const struct {
        const char *name, *parameters, *field;
        enum astro_code code;
    } rows[] = {
        {"tt_to_tdb", "lon=10", "lat", ASTRO_MISSING_PARAMETER},
        {"tt_to_tdb", "lat=10", "lon", ASTRO_MISSING_PARAMETER},
        {"tt_to_tdb", "height=10", "height", ASTRO_CONFLICT},
        {"tt_to_tdb", "lon=1&lat=91", "lat", ASTRO_OUT_OF_RANGE},
        {"tt_to_tdb", "lon=1&lat=1&height=-20000", "height", ASTRO_OUT_OF_RANGE},
        {"convert_time", "scale_in=utc&scale_out=tai&lon=1&lat=1", "lon", ASTRO_CONFLICT},
        {"convert_time", "scale_in=tdb&scale_out=tcb&lon=1&lat=1", "lon", ASTRO_CONFLICT},
        {"convert_time", "scale_in=ut2&scale_out=utc", "scale_in", ASTRO_BAD_PARAMETER},
        {"convert_time", "scale_in=utc", "scale_out", ASTRO_MISSING_PARAMETER},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = prepare_error(rows[i].name, rows[i].parameters);
        assert_int_equal(err.code, rows[i].code);
        assert_string_equal(err.field, rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_those_of_erfa),
        cmocka_unit_test(leap_second),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(columns_in_order),
        cmocka_unit_test(jd2_may_be_absent),
        cmocka_unit_test(every_way_and_back),
        cmocka_unit_test(chains_are_their_links),
        cmocka_unit_test(before_1960),
        cmocka_unit_test(the_row_is_that_of_the_request),
        cmocka_unit_test(past_the_expiry),
        cmocka_unit_test(observers),
    };
    return cmocka_run_group_tests_name("time.scales", tests, harness_start, NULL);
}
