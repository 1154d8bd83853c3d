/*
 * Angles of the Earth's rotation: against exact arithmetic and ERFA, one time against a time per row,
 * units, wraps.
 */
#include "rotation_times.h"

#include <stdio.h>
#include <string.h>

enum { TIMES = 3 };

static void convert_times(const char *name, const char *parameters, double *result)
{
    struct converter c = converter_open(name, parameters);
    const double *const in[TIMES] = {jd1, jd2, NULL};
    double *const out[] = {result};

    convert(&c, N, in, out);
    converter_close(&c);
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
            struct moment m = moment_at(moments[i].utc[0], 0.0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(angles_agree_with_erfa), cmocka_unit_test(angles_are_erfas),
        cmocka_unit_test(units_and_meridians),    cmocka_unit_test(angles_stay_below_a_turn),
        cmocka_unit_test(ut1_as_given),           cmocka_unit_test(mjd_is_a_time_too),
    };
    return cmocka_run_group_tests_name("kernels.rotation", tests, harness_start, NULL);
}
