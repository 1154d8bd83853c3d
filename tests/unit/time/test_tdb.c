/* scales/tdb_lanes.c: TDB - TT against eraDtdb, inside and outside the table, with and without an
 * observer. */
#include "support.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "time/scales/tdb_table.h"

enum { RANDOM = 1200 };

#define CENTRE   2.5e-11 /* s: the date's own rounding is 1e-11 */
#define OBSERVER 3e-11

static struct date moved(struct date date, double seconds)
{
    return (struct date){date.jd1, date.jd2 + seconds / DAY};
}

/* --- the centre of the Earth --- */

static void at_the_centre(double low, double high, size_t n)
{
    struct converter there = converter_open("tt_to_tdb", ""),
                     back = converter_open("tdb_to_tt", "");

    for (size_t i = 0; i < n; i++) {
        struct date tt = random_date(low, high), tdb = date_through(&there, tt);
        double dtr = eraDtdb(tt.jd1, tt.jd2, 0, 0, 0, 0);
        assert_date(tdb, moved(tt, dtr), CENTRE, "tt_to_tdb");
        assert_date(date_through(&back, tdb), tt, CENTRE, "tdb_to_tt");
    }
    converter_close(&there);
    converter_close(&back);
}

static void centre_on_this_target(void)
{
    random_seed(11);
    at_the_centre(2396759, 2396759 + 109572, RANDOM);
    at_the_centre(2440000, 2475000, RANDOM);
    at_the_centre(2000000, 2900000, 400); /* beyond both ends */
    at_the_centre(ASTRO__TDB_FIRST - 2, ASTRO__TDB_FIRST + 2, 50);
    double end = ASTRO__TDB_FIRST + ASTRO__TDB_DAYS * ASTRO__TDB_SEGMENTS;
    at_the_centre(end - 2, end + 2, 50);
}

static void centre_is_that_of_erfa(void **state)
{
    (void)state;
    for_each_target(centre_on_this_target);
}

/* The polynomials themselves: the date's rounding aside they are far better. */
static void the_table_is_good_to_picoseconds(void **state)
{
    double largest = 0.0;

    (void)state;
    random_seed(12);
    for (int i = 0; i < 8000; i++) {
        int s = (int)random_between(0, ASTRO__TDB_SEGMENTS);
        double z = i % 8 == 0 ? 1.0 : i % 8 == 1 ? -1.0 : random_between(-1, 1), sum = 0.0;
        for (int k = ASTRO__TDB_TERMS - 1; k >= 0; k--)
            sum = sum * z + astro__tdb_table[s][k];
        double middle = ASTRO__TDB_FIRST + ASTRO__TDB_DAYS * s + ASTRO__TDB_MIDDLE;
        double error = sum * DAY - eraDtdb(middle, ASTRO__TDB_HALF * z, 0, 0, 0, 0);
        largest = fmax(largest, fabs(error));
    }
    print_message("largest error of the table: %.2e s\n", largest);
    assert_true(largest < 4e-12);
}

/* 100000 years and more from now the series is left alone. */
static void far_away_nothing_is_added(void **state)
{
    static const double days[] = {1e9, -1e9, 1e15, -1e18, 1e300};

    (void)state;
    for (size_t i = 0; i < LENGTH(days); i++) {
        struct date got = date_once("tt_to_tdb", "", (struct date){days[i], 0.25});
        assert_true(got.jd1 == days[i] && got.jd2 == 0.25);
    }
}

/* --- an observer --- */

struct place {
    double lon, lat, height;
};

/* As the catalogue has it: eraDtdb with UTC for UT, at the place by WGS 84. */
static double dtdb_there(struct place place, struct date tt)
{
    struct date tai, utc;
    double xyz[3];

    assert_int_equal(eraTttai(tt.jd1, tt.jd2, &tai.jd1, &tai.jd2), 0);
    assert_true(eraTaiutc(tai.jd1, tai.jd2, &utc.jd1, &utc.jd2) >= 0);
    double ut = utc.jd2 - floor(utc.jd2) + 0.5 + (utc.jd1 - floor(utc.jd1));
    assert_int_equal(
        eraGd2gc(ERFA_WGS84, place.lon * ERFA_DD2R, place.lat * ERFA_DD2R, place.height, xyz), 0);
    return eraDtdb(tt.jd1, tt.jd2, ut, place.lon * ERFA_DD2R, hypot(xyz[0], xyz[1]) / 1e3,
                   xyz[2] / 1e3);
}

static void at_a_place(struct place place)
{
    char parameters[120];

    snprintf(parameters, sizeof parameters, "lon=%.17g&lat=%.17g&height=%.17g", place.lon,
             place.lat, place.height);
    struct converter there = converter_open("tt_to_tdb", parameters);
    struct converter back = converter_open("tdb_to_tt", parameters);
    for (size_t i = 0; i < 300; i++) {
        struct date tt = random_date(2436940, 2488000), tdb = date_through(&there, tt);
        assert_date(tdb, moved(tt, dtdb_there(place, tt)), OBSERVER, parameters);
        assert_date(date_through(&back, tdb), tt, OBSERVER, "back from there");
    }
    converter_close(&there);
    converter_close(&back);
}

static void places_on_this_target(void)
{
    random_seed(13);
    at_a_place((struct place){-155.933222, 19.48125, 0});
    at_a_place((struct place){0, 90, 2800});
    at_a_place((struct place){10, -90, 2800});
    at_a_place((struct place){1234.5, 0, -400});
    at_a_place((struct place){-70.4, -24.6, 40e6}); /* out in space: the terms grow with it */
    for (int i = 0; i < 10; i++)
        at_a_place((struct place){random_between(-180, 360), random_between(-90, 90),
                                  random_between(-100, 9000)});
}

static void observers_are_those_of_erfa(void **state)
{
    (void)state;
    for_each_target(places_on_this_target);
}

/* Before 1960 there is no UTC; TT serves, less what it was ahead of UTC then. */
static void before_utc_an_observer_is_taken(void **state)
{
    struct date tt = {2430000, 0.1};

    (void)state;
    struct date tdb = date_once("tt_to_tdb", "lon=11.5&lat=48&height=500", tt);
    double xyz[3];
    assert_int_equal(eraGd2gc(ERFA_WGS84, 11.5 * ERFA_DD2R, 48 * ERFA_DD2R, 500, xyz), 0);
    double ahead = 32.184 + 1.4178180 - 366 * 0.001296;
    double dtr = eraDtdb(tt.jd1, tt.jd2, tt.jd2 + 0.5 - ahead / DAY, 11.5 * ERFA_DD2R,
                         hypot(xyz[0], xyz[1]) / 1e3, xyz[2] / 1e3);
    assert_date(tdb, moved(tt, dtr), OBSERVER, "1941");
}

/* Rows that the table does not reach are dear, and dispatch is told. */
static void dates_far_away_are_dear(void **state)
{
    static const char *const names[] = {"tt_to_tdb", "tdb_to_tt", "utc_to_tdb", "tdb_to_utc"};
    const double near[3] = {2451545.0, 2396759.0, (double)NAN};
    const double far[4] = {2396758.0, 0.0, 2451545.0, 1e300}, second = 2451545.0;
    const size_t three[] = {3, 0}, four[] = {4, 0}, split[] = {4, 1};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct astro_conversion *c = astro_conversion_find(names[i], strlen(names[i]), NULL);
        const void *in[] = {near, NULL};
        assert_true(c->cost(NULL, 3, in, three) < 3 * 20.0);
        in[0] = far;
        assert_true(c->cost(NULL, 4, in, four) > 3 * 8000.0);
        assert_true(c->cost(NULL, 4, in, four) < 4 * 8000.0);
        in[1] = &second; /* of 0 + 2451545 alone the table knows */
        assert_true(c->cost(NULL, 4, in, split) > 3 * 8000.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(centre_is_that_of_erfa),
        cmocka_unit_test(the_table_is_good_to_picoseconds),
        cmocka_unit_test(dates_far_away_are_dear),
        cmocka_unit_test(dates_far_away_are_dear),
        cmocka_unit_test(far_away_nothing_is_added),
        cmocka_unit_test(observers_are_those_of_erfa),
        cmocka_unit_test(before_utc_an_observer_is_taken),
    };
    return cmocka_run_group_tests_name("time.tdb", tests, harness_start, NULL);
}
