/*
 * Vectors between the ITRS and the sky against ERFA, a time for all rows against a time per row, what
 * cannot be asked of the group rotation.
 */
#include "rotation_times.h"

#include <stdio.h>
#include <string.h>

#define POLE "dut1=0.123&xp=0.2&yp=-0.35"

static const double xp = 0.2 * ERFA_DAS2R, yp = -0.35 * ERFA_DAS2R;

/* --- vectors --- */

static double xyz[3][N];

static void fill_vectors(double length)
{
    random_seed(62);
    for (size_t i = 0; i < N; i++) {
        double lon = random_between(0, 7), z = random_between(-1, 1), rho = sqrt(1 - z * z);
        xyz[0][i] = length * rho * cos(lon);
        xyz[1][i] = length * rho * sin(lon);
        xyz[2][i] = length * z;
    }
}

static void convert_vectors(const char *name, const char *parameters, bool fixed, double in[3][N],
                            double out[3][N])
{
    struct converter c = converter_open(name, parameters);
    const double *const columns[] = {in[0], in[1], in[2], fixed ? NULL : jd1, fixed ? NULL : jd2,
                                     NULL};

    convert(&c, N, columns, (double *const[]){out[0], out[1], out[2]});
    converter_close(&c);
}

/* eraC2t06a and its like for TEME, with the angles from above. */
static void celestial_to_terrestrial(const struct moment *m, double matrix[3][3])
{
    double intermediate[3][3], pole[3][3];

    eraC2i06a(m->tt[0], m->tt[1], intermediate);
    eraPom00(xp, yp, eraSp00(m->tt[0], m->tt[1]), pole);
    eraC2tcio(intermediate, (double)rotation(m->ut1), pole, matrix);
}

static void teme_to_terrestrial(const struct moment *m, double matrix[3][3])
{
    double pole[3][3];

    eraIr(matrix);
    eraRz((double)mean_1982(m->ut1), matrix);
    eraPom00(xp, yp, 0.0, pole);
    eraRxr(pole, matrix, matrix);
}

static const struct {
    const char *there, *back;
    void (*matrix)(const struct moment *m, double matrix[3][3]);
} pairs[] = {
    {"gcrs_to_itrs", "itrs_to_gcrs", celestial_to_terrestrial},
    {"teme_to_itrs", "itrs_to_teme", teme_to_terrestrial},
};

static double apart(double a[3][N], double b[3][N], size_t i)
{
    return hypot(hypot(a[0][i] - b[0][i], a[1][i] - b[1][i]), a[2][i] - b[2][i]);
}

static void vectors_on_this_target(void)
{
    static double there[3][N], back[3][N], wanted[3][N];

    for (size_t k = 0; k < LENGTH(pairs); k++) {
        double worst = 0.0, returned = 0.0;
        convert_vectors(pairs[k].there, POLE, false, xyz, there);
        convert_vectors(pairs[k].back, POLE, false, there, back);
        for (size_t i = 0; i < N; i++) {
            double matrix[3][3], p[3] = {xyz[0][i], xyz[1][i], xyz[2][i]};
            pairs[k].matrix(&moments[i], matrix);
            eraRxp(matrix, p, p);
            for (size_t c = 0; c < 3; c++)
                wanted[c][i] = p[c];
            worst = fmax(worst, apart(there, wanted, i));
            returned = fmax(returned, apart(back, xyz, i));
        }
        print_message("%-14s %-8.8s %.1e m of 7000 km, there and back %.1e m\n", pairs[k].there,
                      target_name(), worst, returned);
        assert_true(worst <= 5e-8);
        assert_true(returned <= 2e-8);
    }
}

static void vectors_agree_with_erfa(void **state)
{
    (void)state;
    fill_times(2437700.0, 2488000.0);
    fill_vectors(7e6);
    for_each_target(vectors_on_this_target);
}

/* ERFA itself, in our days: 1e-6 m, which is what its rotation angle is good to. */
static void vectors_are_erfas(void **state)
{
    static double there[3][N];

    (void)state;
    fill_times(2451545.0, 2466000.0);
    fill_vectors(7e6);
    convert_vectors("gcrs_to_itrs", POLE, false, xyz, there);
    for (size_t i = 0; i < N; i++) {
        const struct moment *m = &moments[i];
        double matrix[3][3], p[3] = {xyz[0][i], xyz[1][i], xyz[2][i]};
        eraC2t06a(m->tt[0], m->tt[1], m->ut1[0], m->ut1[1], xp, yp, matrix);
        eraRxp(matrix, p, p);
        for (size_t k = 0; k < 3; k++)
            assert_near(there[k][i], (long double)p[k], 1e-6, "eraC2t06a");
    }
}

/* One time for all against the same time in each row: 1e-9 arcsec. */
static void one_time_on_this_target(void)
{
    static const char *const names[] = {"gcrs_to_itrs", "itrs_to_gcrs", "teme_to_itrs",
                                        "itrs_to_teme"};
    static double rows[3][N], all[3][N];
    char parameters[120];

    for (size_t i = 0; i < N; i++) {
        jd1[i] = 2460311.0;
        jd2[i] = 0.25;
    }
    snprintf(parameters, sizeof parameters, "%s&obstime=2024-01-01T18:00:00", POLE);
    for (size_t k = 0; k < LENGTH(names); k++) {
        convert_vectors(names[k], POLE, false, xyz, rows);
        convert_vectors(names[k], parameters, true, xyz, all);
        for (size_t i = 0; i < N; i++)
            assert_true(apart(rows, all, i) <= 1e-9 * ERFA_DAS2R);
    }
}

static void one_time_is_the_same_time_per_row(void **state)
{
    (void)state;
    fill_vectors(1.0);
    for_each_target(one_time_on_this_target);
}

/* With one time: NaN stays in its row, and a row's bits are its own. */
static void rows_of_one_time_stand_alone(void)
{
    static double all[3][N];
    struct converter c = converter_open("gcrs_to_itrs", POLE "&obstime=2024-01-01");

    convert(&c, N, (const double *const[]){xyz[0], xyz[1], xyz[2], NULL, NULL, NULL},
            (double *const[]){all[0], all[1], all[2]});
    for (size_t i = 0; i < N; i++) {
        bool finite = isfinite(xyz[0][i]) && isfinite(xyz[1][i]) && isfinite(xyz[2][i]);
        double one[3];
        convert(&c, 1,
                (const double *const[]){&xyz[0][i], &xyz[1][i], &xyz[2][i], NULL, NULL, NULL},
                (double *const[]){&one[0], &one[1], &one[2]});
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(isfinite(all[k][i]), finite);
            assert_true(same_bits(one[k], all[k][i]));
        }
    }
    converter_close(&c);
}

static void one_time_keeps_rows_apart(void **state)
{
    (void)state;
    fill_vectors(7e6);
    for (size_t i = 0; i < N; i++)
        xyz[i % 3][i] = i % 11 == 3 ? (double)NAN : i % 13 == 5 ? -HUGE_VAL : xyz[i % 3][i];
    for_each_target(rows_of_one_time_stand_alone);
}

/* --- what cannot be asked, and warnings --- */

static struct astro_report report_of(const char *name, const char *parameters, double date,
                                     bool with_mjd)
{
    struct converter c = converter_open(name, parameters);
    struct astro_report report;
    size_t vectors = c.conversion->n_outputs == 3 ? 3 : 0;
    double zero = 0.0, one = 1.0, results[3];
    const void *in[6] = {&one, &one, &one, NULL, NULL, NULL};
    void *const out[] = {&results[0], &results[1], &results[2]};

    memset(&report, 0, sizeof report);
    in[vectors] = date != 0.0 ? &date : NULL;
    in[vectors + 1] = date != 0.0 ? &zero : NULL;
    in[vectors + 2] = with_mjd ? &one : NULL;
    c.conversion->run(c.context, 1, in, out, &report);
    converter_close(&c);
    return report;
}

static void a_time_is_given_once(void **state)
{
    static const char *const names[] = {"sidereal_time", "earth_rotation_angle", "itrs_to_gcrs",
                                        "teme_to_itrs"};

    (void)state;
    for (size_t k = 0; k < LENGTH(names); k++) {
        assert_int_equal(report_of(names[k], DUT1_TEXT, 0.0, false).error.code,
                         ASTRO_MISSING_PARAMETER);
        assert_int_equal(report_of(names[k], DUT1_TEXT, 2451545.0, true).error.code,
                         ASTRO_CONFLICT);
        assert_int_equal(
            report_of(names[k], DUT1_TEXT "&obstime=J2010", 2451545.0, false).error.code,
            ASTRO_CONFLICT);
        assert_int_equal(report_of(names[k], DUT1_TEXT, 2451545.0, false).error.code, ASTRO_OK);
    }
}

static void far_dates_are_extrapolated(void **state)
{
    struct converter c;

    (void)state;
    assert_int_equal(report_of("sidereal_time", "scale=ut1&kind=mean&model=iau1982", 1e6, false)
                         .warnings[ASTRO_WARN_EXTRAPOLATED],
                     1);
    assert_int_equal(
        report_of("itrs_to_gcrs", POLE, 2816797.0, false).warnings[ASTRO_WARN_EXTRAPOLATED], 1);
    assert_int_equal(
        report_of("itrs_to_gcrs", POLE, 2451545.0, false).warnings[ASTRO_WARN_EXTRAPOLATED], 0);
    c = converter_open("gcrs_to_itrs", POLE "&obstime=3100-01-01");
    assert_true(c.warnings >> ASTRO_WARN_EXTRAPOLATED & 1u);
    converter_close(&c);
    c = converter_open("gcrs_to_itrs", POLE "&obstime=2024-01-01");
    assert_false(c.warnings >> ASTRO_WARN_EXTRAPOLATED & 1u);
    converter_close(&c);
}

/* Dispatch hears of rows that go to ERFA. */
static void far_dates_are_dear(void **state)
{
    struct converter c = converter_open("itrs_to_gcrs", POLE);
    double near = 2451545.0, far = 2600000.0, mean = 51544.5;
    const void *const by_jd[] = {&near, &near, &near, &near, NULL, NULL};
    const void *const by_far[] = {&near, &near, &near, &far, NULL, NULL};
    const void *const by_mjd[] = {&near, &near, &near, NULL, NULL, &mean};
    const size_t count[] = {1000, 1000, 1000, 1, 0, 1};
    double usual = c.conversion->cost(c.values, 1000, by_jd, count);

    (void)state;
    assert_true(c.conversion->cost(c.values, 1000, by_far, count) > 100 * usual);
    assert_true(same_bits(c.conversion->cost(c.values, 1000, by_mjd, count), usual));
    converter_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_agree_with_erfa),
        cmocka_unit_test(vectors_are_erfas),
        cmocka_unit_test(one_time_is_the_same_time_per_row),
        cmocka_unit_test(one_time_keeps_rows_apart),
        cmocka_unit_test(a_time_is_given_once),
        cmocka_unit_test(far_dates_are_extrapolated),
        cmocka_unit_test(far_dates_are_dear),
    };
    return cmocka_run_group_tests_name("kernels.terrestrial", tests, harness_start, NULL);
}
