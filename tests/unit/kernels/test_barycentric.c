/*
 * Light travel time, barycentric dates, radial velocities: against ERFA's pieces put together in
 * another way, one time for all against a time per row.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 300 };

#define LON    (-70.4045)
#define LAT    (-24.6272)
#define HEIGHT 2635.0
#define DUT1   (-0.17)
#define SITE   "lon=-70.4045&lat=-24.6272&height=2635"
#define EARTH  "dut1=-0.17&xp=0.1&yp=0.3"
#define HERE   SITE "&" EARTH

#define LIGHT 299792458.0

static double ra[N], dec[N], jd1[N], jd2[N];

/* What the conversions go by, for one row. */
struct row {
    double tdb[2];
    double light[2];    /* s: to the barycentre, to the Sun */
    double velocity[2]; /* km/s */
};

static struct row rows[N];

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* TDB at the site, or at the centre of the Earth; they are 2 us apart. */
static void tdb_of(const double utc[2], const double tt[2], const double ut1[2], bool site,
                   double ret[2])
{
    double xyz[3], u = 0.0, v = 0.0;

    (void)utc;
    if (site) {
        assert_int_equal(eraGd2gc(ERFA_WGS84, LON * ERFA_DD2R, LAT * ERFA_DD2R, HEIGHT, xyz), 0);
        u = hypot(xyz[0], xyz[1]) / 1e3;
        v = xyz[2] / 1e3;
    }
    double day_part = ut1[1] + 0.5;
    double dtr =
        eraDtdb(tt[0], tt[1], day_part - floor(day_part), LON * ERFA_DD2R, u, v) / ERFA_DAYSEC;
    ret[0] = tt[0];
    ret[1] = tt[1] + dtr;
}

static void row_at(const double utc[2], const double direction[2], struct row *ret)
{
    double tai[2], tt[2], ut1[2], pvh[2][3], pvb[2][3], site[2][3], matrix[3][3], s[3];
    double sun[3], here[3], beta[3], slow[3], centre[2];
    const double xp = 0.1 * ERFA_DAS2R, yp = 0.3 * ERFA_DAS2R;

    assert_true(eraUtctai(utc[0], utc[1], &tai[0], &tai[1]) >= 0);
    eraTaitt(tai[0], tai[1], &tt[0], &tt[1]);
    assert_true(eraUtcut1(utc[0], utc[1], DUT1, &ut1[0], &ut1[1]) >= 0);
    tdb_of(utc, tt, ut1, true, ret->tdb);
    tdb_of(utc, tt, ut1, false, centre);
    (void)eraEpv00(centre[0], centre[1], pvh, pvb);
    eraPvtob(LON * ERFA_DD2R, LAT * ERFA_DD2R, HEIGHT, xp, yp, eraSp00(tt[0], tt[1]),
             eraEra00(ut1[0], ut1[1]), site);
    eraC2i06a(tt[0], tt[1], matrix);
    eraTrxpv(matrix, site, site);
    eraS2c(direction[0] * ERFA_DD2R, direction[1] * ERFA_DD2R, s);
    for (size_t k = 0; k < 3; k++) {
        here[k] = pvb[0][k] * ERFA_DAU + site[0][k];
        sun[k] = pvh[0][k] * ERFA_DAU + site[0][k];
        beta[k] = (pvb[1][k] * ERFA_DAU / ERFA_DAYSEC + site[1][k]) / LIGHT;
        slow[k] = (pvh[1][k] * ERFA_DAU / ERFA_DAYSEC + site[1][k]) / LIGHT;
    }
    ret->light[0] = dot(s, here) / LIGHT;
    ret->light[1] = dot(s, sun) / LIGHT;
    double potential =
        (1.32712440041e20 / eraPm(sun) + 3.986004418e14 / eraPm(site[0])) / (LIGHT * LIGHT);
    ret->velocity[0] =
        LIGHT / 1e3 *
        ((1.0 + dot(s, beta)) / sqrt(1.0 - dot(beta, beta)) / (1.0 - potential) - 1.0);
    ret->velocity[1] = LIGHT / 1e3 * dot(s, slow);
}

static void fill_rows(double first, double last)
{
    random_seed(71);
    for (size_t i = 0; i < N; i++) {
        ra[i] = random_between(0, 360);
        dec[i] = asin(random_between(-1, 1)) * (double)DEG;
        jd1[i] = floor(random_between(first, last));
        jd2[i] = random_between(-0.5, 0.5);
        row_at((const double[2]){jd1[i], jd2[i]}, (const double[2]){ra[i], dec[i]}, &rows[i]);
    }
    dec[0] = 90.0;
    dec[1] = -90.0;
    for (size_t i = 0; i < 2; i++)
        row_at((const double[2]){jd1[i], jd2[i]}, (const double[2]){ra[i], dec[i]}, &rows[i]);
}

static void convert_rows(const char *name, const char *parameters, bool fixed, size_t n,
                         double *first, double *second)
{
    struct converter c = converter_open(name, parameters);
    const double *const in[] = {ra, dec, fixed ? NULL : jd1, fixed ? NULL : jd2, NULL};

    convert(&c, n, in, (double *const[]){first, second});
    converter_close(&c);
}

/* --- against ERFA --- */

static void rows_on_this_target(void)
{
    static const char *const kinds[] = {"", "&kind=heliocentric"};
    static double first[N], second[N];
    char parameters[160];

    for (size_t k = 0; k < 2; k++) {
        double light = 0.0, velocity = 0.0;
        snprintf(parameters, sizeof parameters, HERE "%s", kinds[k]);
        convert_rows("light_travel_time", parameters, false, N, first, NULL);
        for (size_t i = 0; i < N; i++)
            light = fmax(light, fabs(first[i] - rows[i].light[k]));
        convert_rows("radial_velocity_correction", parameters, false, N, first, NULL);
        for (size_t i = 0; i < N; i++)
            velocity = fmax(velocity, fabs(first[i] - rows[i].velocity[k]));
        print_message("%-18s %-8.8s light %.1e s, velocity %.1e km/s\n", kinds[k], target_name(),
                      light, velocity);
        assert_true(light <= 1e-9);
        assert_true(velocity <= 1e-8);
    }
    convert_rows("jd_to_bjd_tdb", HERE, false, N, first, second);
    for (size_t i = 0; i < N; i++) {
        assert_true(first[i] == floor(first[i]) && fabs(second[i]) <= 0.5);
        double days = (first[i] - rows[i].tdb[0]) + (second[i] - rows[i].tdb[1]);
        assert_near(days * ERFA_DAYSEC, (long double)rows[i].light[0], 2e-9, "bjd");
    }
}

static void rows_agree_with_erfa(void **state)
{
    (void)state;
    fill_rows(2437700.0, 2488000.0);
    for_each_target(rows_on_this_target);
}

/* --- one time for all --- */

static void one_time_on_this_target(void)
{
    static const char *const names[] = {"light_travel_time", "radial_velocity_correction"};
    static const char *const kinds[] = {"", "&kind=heliocentric", "&unit=rad"};
    static double by_row[N], by_all[N], parts[2][N];
    char parameters[200];

    for (size_t c = 0; c < LENGTH(names); c++) {
        for (size_t k = 0; k < LENGTH(kinds); k++) {
            snprintf(parameters, sizeof parameters, HERE "%s", kinds[k]);
            convert_rows(names[c], parameters, false, N, by_row, NULL);
            snprintf(parameters, sizeof parameters, HERE "%s&obstime=2024-01-01T18:00:00",
                     kinds[k]);
            convert_rows(names[c], parameters, true, N, by_all, NULL);
            for (size_t i = 0; i < N; i++)
                assert_near(by_all[i], (long double)by_row[i], 2e-10, names[c]);
        }
    }
    convert_rows("jd_to_bjd_tdb", HERE, false, N, by_row, parts[0]);
    convert_rows("jd_to_bjd_tdb", HERE "&obstime=2024-01-01T18:00:00", true, N, by_all, parts[1]);
    for (size_t i = 0; i < N; i++) {
        assert_true(by_all[i] == by_row[i]);
        assert_near(parts[1][i], (long double)parts[0][i], 2e-15, "bjd");
    }
}

static void one_time_is_the_same_time_per_row(void **state)
{
    (void)state;
    random_seed(72);
    for (size_t i = 0; i < N; i++) {
        ra[i] = random_between(-1.5, 1.5);
        dec[i] = random_between(-1.5, 1.5);
        jd1[i] = 2460312.0;
        jd2[i] = -0.75;
    }
    jd1[0] = 2460311.25;
    jd2[0] = 0.0;
    for_each_target(one_time_on_this_target);
}

/* With one time: NaN stays in its row, and a row's bits are its own. */
static void rows_of_one_time_stand_alone(void)
{
    static const char *const names[] = {"light_travel_time", "jd_to_bjd_tdb",
                                        "radial_velocity_correction"};
    static double all[2][N];

    for (size_t c = 0; c < LENGTH(names); c++) {
        struct converter opened = converter_open(names[c], HERE "&obstime=2024-01-01&unit=rad");
        size_t outputs = opened.conversion->n_outputs;
        convert(&opened, N, (const double *const[]){ra, dec, NULL, NULL, NULL},
                (double *const[]){all[0], all[1]});
        for (size_t i = 0; i < N; i++) {
            double one[2];
            convert(&opened, 1, (const double *const[]){&ra[i], &dec[i], NULL, NULL, NULL},
                    (double *const[]){&one[0], &one[1]});
            for (size_t k = 0; k < outputs; k++) {
                assert_int_equal(isfinite(all[k][i]), isfinite(ra[i]) && isfinite(dec[i]));
                assert_true(same_bits(one[k], all[k][i]));
            }
        }
        converter_close(&opened);
    }
}

static void one_time_keeps_rows_apart(void **state)
{
    (void)state;
    random_seed(73);
    for (size_t i = 0; i < N; i++) {
        ra[i] = i % 11 == 3 ? (double)NAN : i % 13 == 4 ? 1e200 : random_between(-9, 9);
        dec[i] = i % 17 == 5 ? HUGE_VAL : random_between(-1.5, 1.5);
    }
    for_each_target(rows_of_one_time_stand_alone);
}

/* Beyond the years where the series run away, both ways end at the same limit. */
static void the_far_future_is_the_same(void **state)
{
    static const char *const names[] = {"light_travel_time", "radial_velocity_correction"};
    double row[2] = {20.0, 30.0}, day = 4e7, by_row, by_all;

    (void)state;
    for (size_t c = 0; c < LENGTH(names); c++) {
        struct converter opened = converter_open(names[c], HERE "&scale=tt");
        convert(&opened, 1, (const double *const[]){&row[0], &row[1], &day, NULL, NULL},
                (double *const[]){&by_row});
        converter_close(&opened);
        opened = converter_open(names[c], HERE "&scale=tt&obstime=JD40000000");
        convert(&opened, 1, (const double *const[]){&row[0], &row[1], NULL, NULL, NULL},
                (double *const[]){&by_all});
        converter_close(&opened);
        assert_near(by_all, (long double)by_row, 1e-4, names[c]);
    }
}

/* --- sense, limits, warnings --- */

/* Toward the Sun the light comes later to the observer, away from it sooner; a year's curve. */
static void signs_make_sense(void **state)
{
    double got, row[2] = {281.3, -23.0}; /* where the Sun is about 2024-01-01 */
    struct converter c = converter_open("light_travel_time", HERE "&obstime=2024-01-01&"
                                                                  "kind=heliocentric");
    const double *const in[] = {&row[0], &row[1], NULL, NULL, NULL};

    (void)state;
    convert(&c, 1, in, (double *const[]){&got});
    assert_true(got < -480 && got > -500);
    row[0] -= 180.0;
    row[1] = -row[1];
    convert(&c, 1, in, (double *const[]){&got});
    assert_true(got > 480 && got < 500);
    converter_close(&c);
}

static void hours_and_far_longitudes(void **state)
{
    double degrees[2], hours[2], a[2] = {15.0, 15.0 + 360.0 * 1e12}, b[2] = {1.0, 1.0 + 24e12};
    double lat[2] = {33.0, 33.0};
    struct converter c = converter_open("light_travel_time", HERE "&obstime=2024-01-01");

    (void)state;
    convert(&c, 2, (const double *const[]){a, lat, NULL, NULL, NULL}, (double *const[]){degrees});
    converter_close(&c);
    c = converter_open("light_travel_time", HERE "&obstime=2024-01-01&unit=hourangle");
    convert(&c, 2, (const double *const[]){b, lat, NULL, NULL, NULL}, (double *const[]){hours});
    converter_close(&c);
    assert_near(degrees[1], (long double)degrees[0], 1e-12, "many turns");
    assert_near(hours[0], (long double)degrees[0], 1e-12, "hours");
    assert_near(hours[1], (long double)degrees[0], 1e-12, "many turns of hours");
}

static void what_is_missing(void **state)
{
    struct astro_error err = {.code = ASTRO_OK};
    struct astro_report report;
    struct converter c = converter_open("radial_velocity_correction", HERE);
    double one = 1.0, result;
    const void *const in[] = {&one, &one, NULL, NULL, NULL};
    void *const out[] = {&result};

    (void)state;
    memset(&report, 0, sizeof report);
    c.conversion->run(c.context, 1, in, out, &report);
    assert_int_equal(report.error.code, ASTRO_MISSING_PARAMETER);
    converter_close(&c);
    assert_false(converter_try("jd_to_bjd_tdb", EARTH, &err));
    assert_int_equal(err.code, ASTRO_MISSING_PARAMETER);
    assert_string_equal(err.field, "lon");
    err = (struct astro_error){.code = ASTRO_OK};
    assert_false(converter_try("light_travel_time", SITE "&xp=0.1", &err));
    assert_int_equal(err.code, ASTRO_MISSING_PARAMETER);
    err = (struct astro_error){.code = ASTRO_OK};
    assert_false(converter_try("light_travel_time", HERE "&obstime=1899-01-01", &err));
    assert_int_equal(err.code, ASTRO_OUT_OF_RANGE);
}

static void far_dates_are_extrapolated(void **state)
{
    struct converter c = converter_open("light_travel_time", HERE);
    struct astro_report report;
    double one = 1.0, results[3], dates[3] = {2488069.0, 2488071.0, 2500000.0};
    double ones[3] = {1, 1, 1};
    const void *const in[] = {ones, ones, dates, NULL, NULL};
    void *const out[] = {results};

    (void)state;
    memset(&report, 0, sizeof report);
    c.conversion->run(c.context, 3, in, out, &report);
    assert_int_equal(report.error.code, ASTRO_OK);
    assert_int_equal(report.warnings[ASTRO_WARN_EXTRAPOLATED], 2);
    assert_true(isfinite(results[2]));
    const void *const parts[] = {&one, &one, &dates[2], NULL, NULL};
    const size_t count[] = {1000, 1000, 1, 0, 0};
    assert_true(c.conversion->cost(c.values, 1000, parts, count) > 1e7);
    converter_close(&c);
    c = converter_open("jd_to_bjd_tdb", HERE "&obstime=2150-01-01");
    assert_true(c.warnings >> ASTRO_WARN_EXTRAPOLATED & 1u);
    converter_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_agree_with_erfa),
        cmocka_unit_test(one_time_is_the_same_time_per_row),
        cmocka_unit_test(one_time_keeps_rows_apart),
        cmocka_unit_test(the_far_future_is_the_same),
        cmocka_unit_test(signs_make_sense),
        cmocka_unit_test(hours_and_far_longitudes),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(far_dates_are_extrapolated),
    };
    return cmocka_run_group_tests_name("kernels.barycentric", tests, harness_start, NULL);
}
