/*
 * The Earth's rotation: angles and vectors against ERFA, a time for all rows against a time per row,
 * what cannot be asked.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 400, TIMES = 3 };

#define DUT1      0.123
#define DUT1_TEXT "dut1=0.123"
#define POLE      "dut1=0.123&xp=0.2&yp=-0.35"

static const double xp = 0.2 * ERFA_DAS2R, yp = -0.35 * ERFA_DAS2R;

/* A time: UTC as given, and what ERFA makes of it. */
struct moment {
    double utc[2], ut1[2], tt[2];
};

static struct moment moments[N];
static double jd1[N], jd2[N], mjd[N];

static void fill_times(double first, double last)
{
    random_seed(61);
    for (size_t i = 0; i < N; i++) {
        struct moment *m = &moments[i];
        double tai[2];
        m->utc[0] = floor(random_between(first, last));
        m->utc[1] = random_between(-0.5, 0.5);
        assert_true(eraUtcut1(m->utc[0], m->utc[1], DUT1, &m->ut1[0], &m->ut1[1]) >= 0);
        assert_true(eraUtctai(m->utc[0], m->utc[1], &tai[0], &tai[1]) >= 0);
        eraTaitt(tai[0], tai[1], &m->tt[0], &m->tt[1]);
        jd1[i] = m->utc[0];
        jd2[i] = m->utc[1];
        mjd[i] = (m->utc[0] - 2400000.5) + m->utc[1];
    }
}

static void convert_times(const char *name, const char *parameters, double *result)
{
    struct converter c = converter_open(name, parameters);
    const double *const in[TIMES] = {jd1, jd2, NULL};
    double *const out[] = {result};

    convert(&c, N, in, out);
    converter_close(&c);
}

/* --- angles --- */

/* The Earth rotation angle without ERFA's rounding of many turns, rad; whole days are whole turns. */
static long double rotation(const double ut1[2])
{
    long double days = (long double)(ut1[0] - ERFA_DJ00) + (long double)ut1[1];
    long double gained = 0.00273781191135448L * days;

    return (0.7790572732640L + (gained - floorl(gained)) + (long double)ut1[1]) * 2.0L * PI_LONG;
}

static long double mean_1982(const double ut1[2])
{
    long double t = ((long double)(ut1[0] - ERFA_DJ00) + (long double)ut1[1]) / 36525.0L;
    long double seconds =
        (24110.54841L - 43200.0L) + (8640184.812866L + (0.093104L - 6.2e-6L * t) * t) * t;

    return (fmodl(seconds, 86400.0L) / 86400.0L + (long double)ut1[1]) * 2.0L * PI_LONG;
}

/* What a model adds to the rotation angle: ERFA's difference, in which the turns drop out. */
static long double added(const struct moment *m, double angle)
{
    return (long double)eraAnpm(angle - eraEra00(m->ut1[0], m->ut1[1]));
}

static long double gmst06(const struct moment *m)
{
    return rotation(m->ut1) + added(m, eraGmst06(m->ut1[0], m->ut1[1], m->tt[0], m->tt[1]));
}

static long double gmst00(const struct moment *m)
{
    return rotation(m->ut1) + added(m, eraGmst00(m->ut1[0], m->ut1[1], m->tt[0], m->tt[1]));
}

static long double gmst82(const struct moment *m)
{
    return mean_1982(m->ut1);
}

static long double gst06(const struct moment *m)
{
    return rotation(m->ut1) + added(m, eraGst06a(m->ut1[0], m->ut1[1], m->tt[0], m->tt[1]));
}

static long double gst00(const struct moment *m)
{
    return rotation(m->ut1) + added(m, eraGst00a(m->ut1[0], m->ut1[1], m->tt[0], m->tt[1]));
}

static long double gst94(const struct moment *m)
{
    return mean_1982(m->ut1) + (long double)eraEqeq94(m->ut1[0], m->ut1[1]);
}

static long double era(const struct moment *m)
{
    return rotation(m->ut1);
}

static const struct {
    const char *name, *parameters;
    long double (*wanted)(const struct moment *m);
    double allowed, one_allowed; /* deg: a time per row, one time */
} angles[] = {
    {"earth_rotation_angle", "", era, 2e-13, 2e-13},
    {"sidereal_time", "&kind=mean", gmst06, 3e-13, 3e-13},
    {"sidereal_time", "&kind=mean&model=iau2000", gmst00, 3e-13, 3e-13},
    {"sidereal_time", "&kind=mean&model=iau1982", gmst82, 3e-13, 3e-13},
    {"sidereal_time", "", gst06, 5e-13, 4e-13},
    {"sidereal_time", "&model=iau2000", gst00, 1e-11, 4e-13},
    {"sidereal_time", "&model=iau1982", gst94, 5e-11, 4e-13},
};

static double turned_difference(double got, long double wanted)
{
    return (double)fabsl(remainderl((long double)got - wanted, 360.0L));
}

static void angles_on_this_target(void)
{
    static double got[N];
    char parameters[160];

    for (size_t k = 0; k < LENGTH(angles); k++) {
        double worst = 0.0, one_worst = 0.0;
        snprintf(parameters, sizeof parameters, DUT1_TEXT "%s", angles[k].parameters);
        convert_times(angles[k].name, parameters, got);
        for (size_t i = 0; i < N; i++)
            worst = fmax(worst, turned_difference(got[i], angles[k].wanted(&moments[i]) * DEG));
        for (size_t i = 0; i < 20; i++) {
            double one;
            snprintf(parameters, sizeof parameters, DUT1_TEXT "%s&obstime=JD%.1f",
                     angles[k].parameters, moments[i].utc[0]);
            struct converter c = converter_open(angles[k].name, parameters);
            convert(&c, 1, (const double *const[]){NULL, NULL, NULL}, (double *const[]){&one});
            converter_close(&c);
            struct moment m = moments[i];
            double tai[2];
            assert_true(eraUtcut1(m.utc[0], 0.0, DUT1, &m.ut1[0], &m.ut1[1]) >= 0);
            assert_true(eraUtctai(m.utc[0], 0.0, &tai[0], &tai[1]) >= 0);
            eraTaitt(tai[0], tai[1], &m.tt[0], &m.tt[1]);
            one_worst = fmax(one_worst, turned_difference(one, angles[k].wanted(&m) * DEG));
        }
        print_message("%-22s%-26s %-8.8s %.1e deg, one time %.1e\n", angles[k].name,
                      angles[k].parameters, target_name(), worst, one_worst);
        if (!(worst <= angles[k].allowed && one_worst <= angles[k].one_allowed))
            fail_msg("%s %s on %s: %g, %g deg", angles[k].name, angles[k].parameters, target_name(),
                     worst, one_worst);
    }
}

static void angles_agree_with_erfa(void **state)
{
    (void)state;
    fill_times(2437700.0, 2488000.0);
    for_each_target(angles_on_this_target);
}

/* ERFA itself, in our days: its own rounding of some forty turns is what shows. */
static void angles_are_erfas(void **state)
{
    double got[N];

    (void)state;
    fill_times(2451545.0, 2466000.0);
    convert_times("earth_rotation_angle", DUT1_TEXT, got);
    for (size_t i = 0; i < N; i++)
        assert_true(
            turned_difference(got[i], (long double)(eraEra00(moments[i].ut1[0], moments[i].ut1[1]) *
                                                    ERFA_DR2D)) <= 4e-12);
    convert_times("sidereal_time", DUT1_TEXT, got);
    for (size_t i = 0; i < N; i++) {
        const struct moment *m = &moments[i];
        double wanted = eraGst06a(m->ut1[0], m->ut1[1], m->tt[0], m->tt[1]) * ERFA_DR2D;
        assert_true(turned_difference(got[i], (long double)wanted) <= 4e-12);
    }
    convert_times("sidereal_time", DUT1_TEXT "&kind=mean&model=iau1982&unit=rad", got);
    for (size_t i = 0; i < N; i++)
        assert_near(remainder(got[i] - eraGmst82(moments[i].ut1[0], moments[i].ut1[1]), ERFA_D2PI),
                    0.0L, 7e-14, "gmst82");
}

static void units_and_meridians(void **state)
{
    double degrees[N], hours[N], radians[N], east[N];

    (void)state;
    fill_times(2451545.0, 2466000.0);
    convert_times("sidereal_time", DUT1_TEXT, degrees);
    convert_times("sidereal_time", DUT1_TEXT "&unit=hourangle", hours);
    convert_times("sidereal_time", DUT1_TEXT "&unit=rad", radians);
    convert_times("sidereal_time", DUT1_TEXT "&lon=-3600.5", east);
    for (size_t i = 0; i < N; i++) {
        assert_near(hours[i] * 15, (long double)degrees[i], 2e-13, "hours");
        assert_near(radians[i] * (double)DEG, (long double)degrees[i], 2e-13, "radians");
        assert_true(turned_difference(east[i], (long double)degrees[i] - 0.5L) <= 2e-13);
    }
}

/* Meridians where the angle is 0 or all but a turn. */
static void wraps_on_this_target(void)
{
    static const double nudges[] = {0, 1e-13, -1e-13, 3e-14, -3e-14, 1e-17, -1e-17, 6e-14, -6e-14};
    static const char *const units[] = {"deg", "rad", "hourangle"};
    static const double full[] = {360.0, 6.283185307179586, 24.0};
    char parameters[200];

    for (size_t u = 0; u < LENGTH(units); u++) {
        for (size_t i = 0; i < 40; i++) {
            double angle, got, row1 = jd1[i], row2 = jd2[i];
            const double *const in[] = {&row1, &row2, NULL};
            struct converter c = converter_open("earth_rotation_angle", "scale=ut1");
            convert(&c, 1, in, (double *const[]){&angle});
            converter_close(&c);
            snprintf(parameters, sizeof parameters, "scale=ut1&unit=%s&lon=%.17g", units[u],
                     -angle + nudges[i % LENGTH(nudges)]);
            c = converter_open("earth_rotation_angle", parameters);
            convert(&c, 1, in, (double *const[]){&got});
            converter_close(&c);
            assert_true(got >= 0.0 && got < full[u] && !signbit(got));
            assert_true(got < 1e-9 || got > full[u] - 1e-9);
        }
    }
}

static void angles_stay_below_a_turn(void **state)
{
    (void)state;
    fill_times(2415020.0 + 30000, 2488000.0);
    for_each_target(wraps_on_this_target);
}

/* UT1 needs no orientation, and no UTC: years before it are taken too. */
static void ut1_as_given(void **state)
{
    double row1 = 2086308.0, row2 = 0.25, got;
    const double *const in[] = {&row1, &row2, NULL};
    struct converter c = converter_open("earth_rotation_angle", "scale=ut1");

    (void)state;
    convert(&c, 1, in, (double *const[]){&got});
    converter_close(&c);
    double ut1[2] = {row1, row2};
    assert_true(turned_difference(got, rotation(ut1) * DEG) <= 1e-12);
    c = converter_open("sidereal_time", "scale=ut1&model=iau1982&kind=mean");
    convert(&c, 1, in, (double *const[]){&got});
    converter_close(&c);
    assert_true(turned_difference(got, mean_1982(ut1) * DEG) <= 1e-12);
}

static void mjd_is_a_time_too(void **state)
{
    double by_jd[N], by_mjd[N];
    struct converter c = converter_open("earth_rotation_angle", DUT1_TEXT);

    (void)state;
    fill_times(2451545.0, 2466000.0);
    convert(&c, N, (const double *const[]){jd1, jd2, NULL}, (double *const[]){by_jd});
    convert(&c, N, (const double *const[]){NULL, NULL, mjd}, (double *const[]){by_mjd});
    converter_close(&c);
    for (size_t i = 0; i < N; i++) /* a Modified Julian Date in one double: 3e-12 d */
        assert_true(turned_difference(by_mjd[i], (long double)by_jd[i]) <= 4e-9);
}

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
        cmocka_unit_test(angles_agree_with_erfa),
        cmocka_unit_test(angles_are_erfas),
        cmocka_unit_test(units_and_meridians),
        cmocka_unit_test(angles_stay_below_a_turn),
        cmocka_unit_test(ut1_as_given),
        cmocka_unit_test(mjd_is_a_time_too),
        cmocka_unit_test(vectors_agree_with_erfa),
        cmocka_unit_test(vectors_are_erfas),
        cmocka_unit_test(one_time_is_the_same_time_per_row),
        cmocka_unit_test(a_time_is_given_once),
        cmocka_unit_test(far_dates_are_extrapolated),
        cmocka_unit_test(far_dates_are_dear),
    };
    return cmocka_run_group_tests_name("kernels.rotation", tests, harness_start, NULL);
}
