/*
 * Places: there and back, one time against the same time per row, stars near the Sun and the poles, the
 * air, epochs and missing values, times that are absurd or not given.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <erfa.h>
#include <erfam.h>

#include "ephemeris/ephemeris.h"

enum { ROWS = 300 }; /* more than a block */

#define SITE "lon=11.5&lat=48.2&height=500&dut1=0.2&xp=0.1&yp=0.4"
#define TIME "obstime=2025-08-09T21:03:04.5"

static double columns[9][ROWS], out[2][ROWS], again[2][ROWS];

static void fill_sky(double lowest)
{
    for (size_t i = 0; i < ROWS; i++) {
        columns[0][i] = random_between(0, 360);
        columns[1][i] = asin(random_between(sin(lowest / (double)DEG), 1)) * (double)DEG;
    }
}

static void run_columns(const char *name, const char *parameters, const double *const in[],
                        double results[2][ROWS])
{
    struct converter c = converter_open(name, parameters);
    double *to[] = {results[0], results[1]};

    convert(&c, ROWS, in, to);
    converter_close(&c);
}

/* The position in columns[0] and [1], without motion, at the time of the parameters. */
static void run_sky(const char *name, const char *parameters, double results[2][ROWS])
{
    const double *in[ASTRO_MAX_INPUTS] = {columns[0], columns[1]};

    run_columns(name, parameters, in, results);
}

static double apart(double a[2][ROWS], double b[2][ROWS], size_t i)
{
    return (double)separation_degrees((long double)a[0][i], (long double)a[1][i],
                                      (long double)b[0][i], (long double)b[1][i]) /
           ARCSEC;
}

static double largest(double a[2][ROWS], double b[2][ROWS])
{
    double most = 0;

    for (size_t i = 0; i < ROWS; i++) {
        double error = apart(a, b, i);
        most = fmax(most, isnan(error) ? HUGE_VAL : error);
    }
    return most;
}

/* --- there and back --- */

static const char *const inverses[][3] = {
    {"icrs_to_gcrs", "gcrs_to_icrs", TIME},
    {"icrs_to_cirs", "cirs_to_icrs", TIME},
    {"icrs_to_tete", "tete_to_icrs", TIME},
    {"icrs_to_altaz", "altaz_to_icrs", TIME "&" SITE},
    {"icrs_to_hadec", "hadec_to_icrs", TIME "&" SITE},
    {"cirs_to_altaz", "altaz_to_cirs", TIME "&" SITE},
};

/* From the place to the ICRS, to the place, and to the ICRS again. */
static double there_and_back_of(const char *const names[3], const char *air, double lowest)
{
    static double start[2][ROWS];
    char parameters[300];

    snprintf(parameters, sizeof parameters, "%s%s", names[2], air);
    fill_sky(lowest);
    run_sky(names[1], parameters, start);
    memcpy(columns, start, sizeof start);
    run_sky(names[0], parameters, out);
    memcpy(columns, out, sizeof out);
    run_sky(names[1], parameters, again);
    return largest(start, again);
}

static void there_and_back_here(void)
{
    for (size_t k = 0; k < LENGTH(inverses); k++) {
        assert_true(there_and_back_of(inverses[k], "", -90) <= 1e-6);
        /* ERFA's two formulas of refraction are inverse to each other within this */
        if (strstr(inverses[k][0], "altaz"))
            assert_true(there_and_back_of(inverses[k], "&pressure=1000", 10) <= 0.06);
    }
}

static void there_and_back(void **state)
{
    (void)state;
    for_each_target(there_and_back_here);
}

/* --- one time, and the same per row --- */

static void same_time_here(void)
{
    double *jd1 = columns[6], *jd2 = columns[7], *mjd = columns[8];

    random_seed(62);
    fill_sky(-90);
    for (size_t i = 0; i < ROWS; i++) {
        jd1[i] = 2460000.5;
        jd2[i] = 0.25;
        mjd[i] = 60000.25;
    }
    for (size_t k = 0; k < 2 * LENGTH(inverses); k++) {
        const char *const *names = inverses[k / 2];
        const char *rest = strchr(names[2], '&'), *name = names[k % 2];
        size_t at = strncmp(name, "icrs", 4) == 0 ? 6 : 2;
        const double *in[ASTRO_MAX_INPUTS] = {columns[0], columns[1]};
        char once[200];
        snprintf(once, sizeof once, "obstime=JD2460000.75%s", rest ? rest : "");
        run_columns(name, once, in, out);
        in[at] = jd1;
        in[at + 1] = jd2;
        run_columns(name, rest ? rest + 1 : "", in, again);
        assert_true(largest(out, again) <= 1e-8);
        in[at] = in[at + 1] = NULL;
        in[at + 2] = mjd;
        run_columns(name, rest ? rest + 1 : "", in, out);
        assert_memory_equal(out, again, sizeof out); /* 60000.25 is exact */
    }
}

static void same_time_same_place(void **state)
{
    (void)state;
    for_each_target(same_time_here);
}

/* --- the Sun and the poles --- */

static void sun_here(void)
{
    const double jd[2] = {2460000.0, 0.5}; /* TDB */
    struct astro__ephemeris earth;
    double to_sun[3], ra, dec;
    eraASTROM astrom;

    astro__ephemeris_exact(jd[0], jd[1], &earth);
    for (size_t k = 0; k < 3; k++)
        to_sun[k] = -earth.sun_earth[k];
    eraC2s(to_sun, &ra, &dec);
    eraApcg13(jd[0], jd[1], &astrom);
    random_seed(63);
    for (size_t i = 0; i < ROWS; i++) { /* the centre, and ever farther away: to 30 degrees */
        double away = i ? pow(10, random_between(-4, 1.5)) : 0, turn = random_between(0, 6.3);
        columns[1][i] = dec * (double)DEG + away * cos(turn);
        columns[0][i] = ra * (double)DEG + away * sin(turn) / cos(dec);
    }
    for (int back = 0; back < 2; back++) {
        run_sky(back ? "gcrs_to_icrs" : "icrs_to_gcrs", "obstime=JD2460000.5&scale=tdb", out);
        for (size_t i = 0; i < ROWS; i++) {
            (back ? eraAticq : eraAtciqz)(columns[0][i] / (double)DEG, columns[1][i] / (double)DEG,
                                          &astrom, &again[0][i], &again[1][i]);
            again[0][i] *= (double)DEG;
            again[1][i] *= (double)DEG;
        }
        assert_true(largest(out, again) <= 1e-8);
    }
}

static void stars_near_the_sun(void **state)
{
    (void)state;
    for_each_target(sun_here);
}

static void poles_here(void)
{
    for (int south = 0; south < 2; south++) {
        for (size_t i = 0; i < ROWS; i++) {
            columns[0][i] = random_between(0, 360);
            columns[1][i] = south ? -90 : 90;
        }
        for (size_t k = 0; k < 2 * LENGTH(inverses); k++) {
            run_sky(inverses[k / 2][k % 2], inverses[k / 2][2], out);
            for (size_t i = 1; i < ROWS; i++) {
                again[0][i] = out[0][0];
                again[1][i] = out[1][0];
                assert_true(apart(out, again, i) <= 1e-9);
            }
        }
    }
}

static void poles_have_no_longitude(void **state)
{
    (void)state;
    for_each_target(poles_here);
}

/* --- the air --- */

static void without_pressure_the_air_is_idle(void **state)
{
    (void)state;
    fill_sky(-90);
    run_sky("icrs_to_altaz", TIME "&" SITE, out);
    run_sky("icrs_to_altaz",
            TIME "&" SITE "&pressure=0&temperature=20&relative_humidity=1&obswl=200", again);
    assert_memory_equal(out, again, sizeof out);
}

static void air_lifts_what_is_up(void **state)
{
    (void)state;
    fill_sky(-90);
    run_sky("cirs_to_altaz", TIME "&" SITE, out);
    run_sky("cirs_to_altaz", TIME "&" SITE "&pressure=1000&temperature=10", again);
    for (size_t i = 0; i < ROWS; i++) {
        assert_near(again[0][i], (long double)out[0][i], 1e-11, "azimuth");
        double lift = again[1][i] - out[1][i];
        assert_true(out[1][i] < 0 || (lift > 0 && lift < 0.5));
    }
}

/* An air that no planet has: ERFA's answer all the same. */
static void wild_air(void **state)
{
    double row[5] = {120, 5, (double)NAN, (double)NAN, (double)NAN}, got[2], ra, dec;

    (void)state;
    convert_once("altaz_to_cirs", "obstime=JD2460000.75&" SITE "&pressure=10000&temperature=-150",
                 row, got);
    (void)eraAtoi13("A", row[0] * ERFA_DD2R, (90 - row[1]) * ERFA_DD2R, 2460000.5, 0.25, 0.2,
                    11.5 * ERFA_DD2R, 48.2 * ERFA_DD2R, 500, 0.1 * ERFA_DAS2R, 0.4 * ERFA_DAS2R,
                    10000, -150, 0, 1, &ra, &dec);
    assert_near(got[0], (long double)ra * DEG, 1e-11, "right ascension");
    assert_near(got[1], (long double)dec * DEG, 1e-11, "declination");
}

/* --- epochs, and what is missing --- */

static void fill_motion(void)
{
    random_seed(67);
    fill_sky(-90);
    for (size_t i = 0; i < ROWS; i++) {
        columns[2][i] = random_between(-500, 500);
        columns[3][i] = random_between(-500, 500);
        columns[4][i] = random_between(10, 200);
        columns[5][i] = random_between(1, 100);
    }
}

static void epochs_are_carried(void **state)
{
    const double *in[ASTRO_MAX_INPUTS] = {columns[0], columns[1], columns[2],
                                          columns[3], columns[4], columns[5]};
    static double moved[6][ROWS];
    double *to[] = {moved[0], moved[1], moved[2], moved[3], moved[4], moved[5]};
    struct converter c = converter_open("apply_space_motion", "epoch_in=J1991.25&epoch_out=J2000");

    (void)state;
    fill_motion();
    run_columns("icrs_to_cirs", "epoch=J1991.25&" TIME, in, out);
    convert(&c, ROWS, in, to);
    converter_close(&c);
    for (size_t k = 0; k < 6; k++)
        in[k] = moved[k];
    run_columns("icrs_to_cirs", TIME, in, again);
    assert_true(largest(out, again) <= 1e-9);
    run_sky("icrs_to_cirs", "epoch=J1991.25&" TIME, out); /* no motion, no epoch */
    run_sky("icrs_to_cirs", TIME, again);
    assert_memory_equal(out, again, sizeof out);
}

static void missing_is_zero(void **state)
{
    const double *in[ASTRO_MAX_INPUTS] = {columns[0], columns[1], columns[2], columns[3]};

    (void)state;
    fill_motion();
    run_columns("icrs_to_altaz", TIME "&" SITE, in, out);
    in[4] = columns[4];
    in[5] = columns[5];
    for (size_t i = 0; i < ROWS; i++) {
        columns[4][i] = i % 3 ? (double)NAN : i % 2 ? -5 : 0;
        columns[5][i] = i % 2 ? (double)NAN : 0;
    }
    run_columns("icrs_to_altaz", TIME "&" SITE, in, again);
    assert_memory_equal(out, again, sizeof out);
    columns[2][7] = (double)NAN;
    columns[4][9] = -HUGE_VAL;
    run_columns("icrs_to_altaz", TIME "&" SITE, in, again);
    for (size_t i = 0; i < ROWS; i++)
        assert_true(i == 7 || i == 9 ? isnan(again[0][i]) && isnan(again[1][i])
                                     : same_bits(again[0][i], out[0][i]));
}

/* --- times --- */

static struct astro_report report_of(const char *name, const char *parameters,
                                     const double *const in[])
{
    struct converter c = converter_open(name, parameters);
    struct astro_report report = {0};
    void *to[] = {out[0], out[1]};
    const void *from[ASTRO_MAX_INPUTS];

    for (size_t k = 0; k < ASTRO_MAX_INPUTS; k++)
        from[k] = in[k];
    c.conversion->run(c.context, ROWS, from, to, &report);
    converter_close(&c);
    return report;
}

static void a_time_is_given_once(void **state)
{
    const double *in[ASTRO_MAX_INPUTS] = {columns[0], columns[1]};
    struct astro_error err = {0};

    (void)state;
    fill_motion();
    for (size_t i = 0; i < ROWS; i++)
        columns[8][i] = 60000;
    assert_int_equal(report_of("icrs_to_cirs", "", in).error.code, ASTRO_MISSING_PARAMETER);
    in[8] = columns[8];
    assert_int_equal(report_of("icrs_to_cirs", TIME, in).error.code, ASTRO_CONFLICT);
    assert_int_equal(report_of("icrs_to_cirs", "", in).error.code, ASTRO_OK);
    assert_false(converter_try("icrs_to_altaz", "lat=1&" TIME, &err));
    assert_int_equal(err.code, ASTRO_MISSING_PARAMETER);
    assert_string_equal(err.field, "lon");
}

/* UTC, which UT1 is told by, begins in 1960; the other conversions know no beginning. */
static void absurd_times(const char *name, const char *parameters, const double *absurd, size_t n)
{
    const double *in[ASTRO_MAX_INPUTS] = {columns[0], columns[1]};

    fill_motion();
    for (size_t i = 0; i < ROWS; i++)
        columns[6][i] = 2460000 + (double)i;
    in[6] = columns[6];
    run_columns(name, parameters, in, again);
    for (size_t i = 0; i < n; i++)
        columns[6][40 * i + 3] = absurd[i];
    struct astro_report report = report_of(name, parameters, in);
    assert_int_equal(report.error.code, ASTRO_OK);
    assert_int_equal(report.warnings[ASTRO_WARN_EXTRAPOLATED], n);
    for (size_t i = 0; i < ROWS; i++)
        assert_true((i % 40 == 3 && i / 40 < n) || same_bits(out[0][i], again[0][i]));
}

static void absurd_times_harm_nobody(void **state)
{
    static const double absurd[] = {1e300, 5e8, 1e17, 2488129, -1e300, -71328000, 2415019.4};

    (void)state;
    absurd_times("icrs_to_altaz", "scale=tt&" SITE, absurd, 4);
    absurd_times("icrs_to_cirs", "scale=tt", absurd, LENGTH(absurd));
}

static void other_centuries_are_extrapolated(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        const char *time = k ? "obstime=2150-01-01" : "obstime=2050-01-01";
        struct converter c = converter_open("icrs_to_gcrs", time);
        assert_int_equal(c.warnings >> ASTRO_WARN_EXTRAPOLATED & 1u, k);
        converter_close(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(same_time_same_place),
        cmocka_unit_test(stars_near_the_sun),
        cmocka_unit_test(poles_have_no_longitude),
        cmocka_unit_test(without_pressure_the_air_is_idle),
        cmocka_unit_test(air_lifts_what_is_up),
        cmocka_unit_test(wild_air),
        cmocka_unit_test(epochs_are_carried),
        cmocka_unit_test(missing_is_zero),
        cmocka_unit_test(a_time_is_given_once),
        cmocka_unit_test(absurd_times_harm_nobody),
        cmocka_unit_test(other_centuries_are_extrapolated),
    };
    return cmocka_run_group_tests_name("kernels.places_edges", tests, harness_start, NULL);
}
