/*
 * The group motion: against eraPmsafe star by star, rotations of motions against 80-bit arithmetic,
 * logarithms and powers against long double, what is missing, refusals.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define A1 (1e-9 * ARCSEC)

enum { STAR = 6, COLUMNS = 8 };

static double in[COLUMNS][MOST_ROWS], out[STAR][MOST_ROWS], again[4][MOST_ROWS];
static double *const to[] = {out[0], out[1], out[2], out[3], out[4], out[5]};

static double radians(double degrees)
{
    return (double)((long double)degrees / DEG);
}

/* --- apply_space_motion --- */

static void fill_stars(void)
{
    for (size_t i = 0; i < MOST_ROWS; i++) {
        in[0][i] = random_between(0, 360);
        in[1][i] = asin(random_between(-1, 1)) * (double)DEG;
        if (i % 97 == 0)
            in[1][i] = copysign(90 - ldexp(1, -(int)(i % 15)), in[1][i]);
        double fast = i % 9 ? 100 : 5000;
        in[2][i] = random_between(-fast, fast);
        in[3][i] = random_between(-fast, fast);
        in[4][i] = i % 5 == 0   ? (double)NAN
                   : i % 7 == 0 ? random_between(-3, 0)
                   : i % 9      ? pow(10, random_between(-1, 2.5))
                                : random_between(100, 700);
        in[5][i] = i % 3 == 0 ? (double)NAN : i % 8 == 0 ? 0 : random_between(-300, 300);
        in[6][i] = random_between(1900, 2030);
        in[7][i] = random_between(1900, 2100);
    }
}

struct dates {
    double a, b, c, d;
};

static void erfa_star(size_t i, const struct dates *at, double r[STAR])
{
    double missing = isnan(in[5][i]) || in[5][i] == 0 ? 1e-9 : in[5][i];
    double dec = radians(in[1][i]);

    (void)eraPmsafe(radians(in[0][i]), dec, in[2][i] * ERFA_DMAS2R / cos(dec),
                    in[3][i] * ERFA_DMAS2R, in[4][i] > 0 ? in[4][i] / 1000 : 0, missing, at->a,
                    at->b, at->c, at->d, &r[0], &r[1], &r[2], &r[3], &r[4], &r[5]);
    r[2] *= cos(r[1]) / ERFA_DMAS2R;
    r[3] /= ERFA_DMAS2R;
    r[4] = in[4][i] > 0 ? r[4] * 1000 : in[4][i];
    r[5] = isnan(in[5][i]) ? in[5][i] : r[5];
}

static double same_or_both_missing(double got, double wanted, double allowed, const char *what)
{
    assert_int_equal(isnan(got), isnan(wanted));
    if (isnan(wanted))
        return 0;
    assert_near(got, wanted, allowed, what);
    return fabs(got - wanted);
}

static double worst_place, worst_motion;

static void compare_star(size_t i, const struct dates *at)
{
    double r[STAR];

    erfa_star(i, at, r);
    double apart = (double)separation_degrees(out[0][i], out[1][i], (long double)r[0] * DEG,
                                              (long double)r[1] * DEG);
    assert_near(apart, 0, A1, "position");
    assert_true(out[0][i] >= 0 && out[0][i] < 360);
    worst_place = fmax(worst_place, apart);
    for (size_t k = 2; k < 4; k++)
        worst_motion = fmax(worst_motion, same_or_both_missing(out[k][i], r[k], 2e-9, "motion"));
    /* where ERFA puts the star nearer, it does so by a difference of rounded angles */
    same_or_both_missing(out[4][i], r[4], 1e-9 * fabs(r[4]), "parallax");
    same_or_both_missing(out[5][i], r[5], 1e-9, "radial velocity");
}

static void stars(void)
{
    const double *const fixed[COLUMNS] = {in[0], in[1], in[2], in[3], in[4], in[5], NULL, NULL};
    const double *const per_row[COLUMNS] = {in[0], in[1], in[2], in[3], in[4], in[5], in[6], in[7]};
    struct dates at;

    worst_place = worst_motion = 0;
    fill_stars();
    struct converter c = converter_open("apply_space_motion", "epoch_in=J1991.25&epoch_out=B2026");
    convert(&c, MOST_ROWS, fixed, to);
    converter_close(&c);
    eraEpj2jd(1991.25, &at.a, &at.b);
    eraEpb2jd(2026, &at.c, &at.d);
    for (size_t i = 0; i < MOST_ROWS; i++)
        compare_star(i, &at);

    c = converter_open("apply_space_motion", "");
    convert(&c, MOST_ROWS, per_row, to);
    converter_close(&c);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        eraEpj2jd(in[6][i], &at.a, &at.b);
        eraEpj2jd(in[7][i], &at.c, &at.d);
        compare_star(i, &at);
    }
    print_message("space motion   %-26s position %.1e arcsec, motion %.1e mas/yr\n", target_name(),
                  worst_place / ARCSEC, worst_motion);
}

static void agrees_with_erfa(void **state)
{
    (void)state;
    random_seed(81);
    stars(); /* no vector code in it: one target is all */
}

/* One row through run(), for reports. Inputs that are NULL are absent. */
static struct astro_report one_star(const char *parameters, const double *const star[COLUMNS],
                                    double r[STAR])
{
    struct converter c = converter_open("apply_space_motion", parameters);
    struct astro_report report = {0};
    const void *from[COLUMNS];
    void *results[STAR];

    for (size_t k = 0; k < COLUMNS; k++)
        from[k] = star[k];
    for (size_t k = 0; k < STAR; k++)
        results[k] = &r[k];
    c.conversion->run(c.context, 1, from, results, &report);
    converter_close(&c);
    return report;
}

static void what_is_missing(void **state)
{
    const double ra = 10, dec = 20, pm1 = 100, pm2 = -50, none = (double)NAN, zero = 0, minus = -2;
    const double year = 1991.25, infinite = HUGE_VAL;
    const double *star[COLUMNS] = {&ra, &dec, &pm1, &pm2, NULL, NULL, NULL, NULL};
    double absent[STAR], r[STAR];
    const char *epochs = "epoch_in=J1991.25&epoch_out=J2016";

    (void)state;
    assert_int_equal(one_star(epochs, star, absent).error.code, ASTRO_OK);
    assert_true(isfinite(absent[0]) && isnan(absent[4]) && isnan(absent[5]));
    star[4] = star[5] = &none;
    one_star(epochs, star, r);
    assert_memory_equal(r, absent, 4 * sizeof r[0]);
    star[4] = star[5] = &zero;
    one_star(epochs, star, r);
    assert_memory_equal(r, absent, 4 * sizeof r[0]);
    assert_true(r[4] == 0 && isfinite(r[5]));
    star[4] = &minus;
    one_star(epochs, star, r);
    assert_memory_equal(r, absent, 4 * sizeof r[0]);
    assert_true(r[4] == -2);
    for (size_t k = 0; k < 6; k++) { /* infinity anywhere, NaN where it is not "missing" */
        const double *odd[COLUMNS];
        memcpy(odd, star, sizeof odd);
        odd[k] = k < 4 && k % 2 ? &none : &infinite;
        one_star(epochs, odd, r);
        for (size_t o = 0; o < STAR; o++)
            assert_true(isnan(r[o]));
    }

    struct astro_report report = one_star("epoch_in=J1991.25", star, r);
    assert_int_equal(report.error.code, ASTRO_MISSING_PARAMETER);
    assert_string_equal(report.error.field, "epoch_out");
    report = one_star("epoch_out=J1991.25", star, r);
    assert_string_equal(report.error.field, "epoch_in");
    star[6] = &year;
    report = one_star(epochs, star, r);
    assert_int_equal(report.error.code, ASTRO_CONFLICT);
    assert_string_equal(report.error.field, "epoch_in");
    assert_int_equal(one_star("epoch_out=J2016", star, r).error.code, ASTRO_OK);
}

static void excessive_velocity_is_told(void **state)
{
    const double ra = 10, dec = 20, pm = 10000, px = 0.01, rv = 0;
    const double *star[COLUMNS] = {&ra, &dec, &pm, &pm, &px, NULL, NULL, NULL};
    double r[STAR];
    const char *epochs = "epoch_in=J1991.25&epoch_out=J2016";

    (void)state;
    /* eraPmsafe moves it away, so that the motion alone is slow; a velocity is not so easily mended */
    assert_int_equal(one_star(epochs, star, r).warnings[ASTRO_WARN_VELOCITY_EXCESSIVE], 0);
    const double escaping = 2e5;
    star[5] = &escaping;
    assert_int_equal(one_star(epochs, star, r).warnings[ASTRO_WARN_VELOCITY_EXCESSIVE], 1);
    star[5] = &rv;
    assert_int_equal(one_star(epochs, star, r).warnings[ASTRO_WARN_VELOCITY_EXCESSIVE], 0);
}

/* --- proper motions --- */

typedef long double vector[3];

/* Position and motion (per radian) as vectors, and back; degrees. */
static void to_vectors(const double row[4], vector p, vector v)
{
    long double sa, ca, sb, cb;

    sincos_degrees(row[0], &sa, &ca);
    sincos_degrees(row[1], &sb, &cb);
    p[0] = cb * ca, p[1] = cb * sa, p[2] = sb;
    v[0] = -row[2] * sa - row[3] * sb * ca;
    v[1] = row[2] * ca - row[3] * sb * sa;
    v[2] = row[3] * cb;
}

static void turn(double m[3][3], vector p)
{
    vector q;

    for (int i = 0; i < 3; i++)
        q[i] = m[i][0] * p[0] + m[i][1] * p[1] + m[i][2] * p[2];
    memcpy(p, q, sizeof q);
}

/* The matrix of eraIcrs2g, from its effect on the axes. */
static void galactic_matrix(double m[3][3])
{
    static const double axes[3][2] = {{0, 0}, {90, 0}, {0, 90}};

    for (int j = 0; j < 3; j++) {
        double l, b, p[3];
        eraIcrs2g(radians(axes[j][0]), radians(axes[j][1]), &l, &b);
        eraS2c(l, b, p);
        for (int i = 0; i < 3; i++)
            m[i][j] = p[i];
    }
}

static void motions(void)
{
    const double *const from[] = {in[0], in[1], in[2], in[3]};
    const double *const turned[] = {out[0], out[1], out[2], out[3]};
    double *const home[] = {again[0], again[1], again[2], again[3]};
    double m[3][3], worst = 0;

    galactic_matrix(m);
    fill_stars();
    for (size_t i = 0; i < MOST_ROWS; i++) {
        in[2][i] = random_between(-500, 500);
        in[3][i] = random_between(-500, 500);
    }
    struct converter c = converter_open("pm_icrs_to_galactic", "");
    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
    c = converter_open("pm_galactic_to_icrs", "");
    convert(&c, MOST_ROWS, turned, home);
    converter_close(&c);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        double row[4] = {in[0][i], in[1][i], in[2][i], in[3][i]};
        vector p, v;
        to_vectors(row, p, v);
        turn(m, p);
        turn(m, v);
        long double rho = hypotl(p[0], p[1]);
        long double cosine = cosl((long double)out[1][i] / DEG);
        double allowed = 1e-11 / (double)fminl(cosine, cosl((long double)in[1][i] / DEG));
        assert_near(out[2][i], (p[0] * v[1] - p[1] * v[0]) / rho, allowed, "pm_l_cosb");
        assert_near(out[3][i], rho * v[2] - p[2] * (p[0] * v[0] + p[1] * v[1]) / rho, allowed,
                    "pm_b");
        assert_near((double)separation_degrees(out[0][i], out[1][i], atan2l(p[1], p[0]) * DEG,
                                               atan2l(p[2], rho) * DEG),
                    0, A1, "position");
        for (size_t k = 2; k < 4; k++) {
            assert_near(again[k][i], in[k][i], 2 * allowed, "there and back");
            worst = fmax(worst, fabs(again[k][i] - in[k][i]) * 1e-11 / allowed);
        }
        /* the length of the motion stays */
        assert_near(hypot(out[2][i], out[3][i]), hypotl(in[2][i], in[3][i]), 1e-11, "length");
    }
    print_message("motions        %-26s there and back %.1e mas/yr / cos(latitude)\n",
                  target_name(), worst);
}

static void motions_turn(void **state)
{
    (void)state;
    random_seed(82);
    for_each_target(motions);
}

/* At a pole the directions are those of longitude 0: the motion is a vector of the plane. */
static void poles(void)
{
    const double row[4] = {30, 90, 3, 4}, turned[4] = {0, 90, 0, 0};
    double a[4], b[4], c[4];

    /* from the pole: the same vector, written at longitude 0 */
    convert_once("pm_icrs_to_galactic", "", row, a);
    const double s = sin(radians(30)), co = cos(radians(30));
    memcpy(b, turned, sizeof b);
    b[2] = 3 * co - 4 * s, b[3] = 4 * co + 3 * s;
    convert_once("pm_icrs_to_galactic", "", b, c);
    for (size_t k = 0; k < 4; k++)
        assert_near(a[k], c[k], 1e-12, "at the pole");
    const double huge[4] = {10, 20, 1.7e308, 1.7e308};
    convert_once("pm_icrs_to_galactic", "", huge, a);
    assert_false(isnan(a[2]) || isnan(a[3]));
}

static void motions_at_poles(void **state)
{
    (void)state;
    for_each_target(poles);
}

/* --- distances --- */

static double ulps(double got, long double wanted)
{
    double rounded = (double)wanted;

    if (isinf(rounded) || rounded == 0)
        return got == rounded ? 0 : HUGE_VAL;
    int exponent;
    (void)frexp(rounded, &exponent);
    return (double)(fabsl(got - wanted) / ldexpl(1, (exponent > -1021 ? exponent : -1021) - 53));
}

static void distances(void)
{
    const double *const from[] = {in[0]};
    double modulus = 0, beyond = 0, distance = 0, parallax = 0;

    for (size_t i = 0; i < MOST_ROWS; i++)
        in[0][i] = i % 2 ? pow(10, random_between(-9, 12))
                         : ldexp(random_between(1, 2), (int)random_between(-1074, 1023));
    in[0][0] = 10, in[0][1] = 5e-324, in[0][2] = 1.7976931348623157e308, in[0][3] = 1;
    in[0][4] = 1.4142135623730951, in[0][5] = 0.7071067811865475, in[0][6] = 100;
    struct converter c = converter_open("distance_to_modulus", "");
    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
    assert_near(out[0][0], 0, 1e-15, "10 pc");
    assert_true(out[0][3] == -5); /* 1 pc */
    for (size_t i = 0; i < MOST_ROWS; i++) {
        long double wanted = 5 * log10l(in[0][i]) - 5;
        if (fabsl(wanted) <= 64)
            modulus = fmax(modulus, (double)fabsl(out[0][i] - wanted));
        else
            beyond = fmax(beyond, ulps(out[0][i], wanted));
    }
    assert_true(modulus <= 1e-14 && beyond <= 1);

    c = converter_open("parallax_to_distance", "");
    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
    for (size_t i = 0; i < MOST_ROWS; i++)
        parallax = fmax(parallax, ulps(out[0][i], 1000 / (long double)in[0][i]));
    assert_true(parallax <= 2);

    for (size_t i = 0; i < MOST_ROWS; i++)
        in[0][i] = i % 2 ? random_between(-30, 60) : random_between(-1500, 1500);
    in[0][0] = 0, in[0][1] = -5, in[0][2] = 1700, in[0][3] = -1e300, in[0][4] = 1e300;
    c = converter_open("modulus_to_distance", "");
    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
    assert_true(out[0][0] == 10 && out[0][3] == 0 && out[0][4] == HUGE_VAL);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        /* 10^(x/5) with the error of x/5 in long double taken into account by a fifth power */
        long double wanted = 10 * powl(10, (long double)in[0][i] / 5);
        distance = fmax(distance, ulps(out[0][i], wanted));
    }
    assert_true(distance <= 2);
    print_message("distances      %-26s modulus %.1e mag and %.2f ulp, distance %.2f ulp, parallax "
                  "%.2f ulp\n",
                  target_name(), modulus, beyond, distance, parallax);
}

static void distances_and_moduli(void **state)
{
    (void)state;
    random_seed(83);
    for_each_target(distances);
}

static void not_positive(void)
{
    static const double rows[] = {0, -0.0, -1, -5e-324};
    double got;

    for (size_t i = 0; i < LENGTH(rows); i++) {
        convert_once("parallax_to_distance", "", &rows[i], &got);
        assert_true(isnan(got));
        convert_once("distance_to_parallax", "", &rows[i], &got);
        assert_true(isnan(got));
        convert_once("distance_to_modulus", "", &rows[i], &got);
        assert_true(isnan(got));
    }
    convert_once("parallax_to_distance", "", &(double){100}, &got);
    assert_true(got == 10);
}

static void not_positive_is_nan(void **state)
{
    (void)state;
    for_each_target(not_positive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_erfa),           cmocka_unit_test(what_is_missing),
        cmocka_unit_test(excessive_velocity_is_told), cmocka_unit_test(motions_turn),
        cmocka_unit_test(motions_at_poles),           cmocka_unit_test(distances_and_moduli),
        cmocka_unit_test(not_positive_is_nan),
    };
    return cmocka_run_group_tests_name("kernels.motion", tests, harness_start, NULL);
}
