/*
 * FK4: against ERFA's routines point by point, against a transcription of the published formulas in
 * 80 bits where ERFA has none, inverse pairs, warnings and refusals.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>

#define A1 (1e-9 * ARCSEC)
#define A2 (1e-8 * ARCSEC)

static double lon[MOST_ROWS], lat[MOST_ROWS], out[2][MOST_ROWS], back[2][MOST_ROWS];
static const double *const from[] = {lon, lat};
static double *const to[] = {out[0], out[1]};

static double radians(double degrees)
{
    return (double)((long double)degrees / DEG);
}

static void fill(void)
{
    random_seed(31);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        lon[i] = random_between(0, 360);
        lat[i] = asin(random_between(-1, 1)) * (double)DEG;
        if (i % 7 == 0)
            lat[i] = copysign(90 - ldexp(90, -(int)(i % 60)), lat[i]);
        if (i % 11 == 0)
            lon[i] = 90.0 * (double)(i % 9) + ldexp(random_between(-1, 1), -(int)(i % 50));
        if (i % 53 == 0)
            lat[i] = 90.0 * ((double)(i % 3) - 1);
    }
}

static void run(const char *name, const char *parameters)
{
    struct converter c = converter_open(name, parameters);

    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
}

static double worst;

static void compare(size_t i, double ra, double dec, double tolerance, const char *what)
{
    double apart = (double)separation_degrees(out[0][i], out[1][i], (long double)ra * DEG,
                                              (long double)dec * DEG);

    worst = fmax(worst, apart);
    if (!(apart <= tolerance))
        fail_msg("%s on %s: (%.17g, %.17g) gives (%.17g, %.17g), %.3g arcsec off", what,
                 target_name(), lon[i], lat[i], out[0][i], out[1][i], apart / ARCSEC);
    assert_true(out[0][i] >= 0 && out[0][i] < 360 && fabs(out[1][i]) <= 90);
}

/* --- ERFA's two routines --- */

static void erfa(void)
{
    static const double epochs[] = {1950.0, 1954.677617625256806, 1900.25, 2015.5};
    char parameters[80];
    double r5h[3][3], spin[3];

    fill();
    worst = 0;
    eraFk5hip(r5h, spin);
    for (size_t e = 0; e < LENGTH(epochs); e++) {
        snprintf(parameters, sizeof parameters, "obstime=B%.15f", epochs[e]);
        run("fk4_to_fk5", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double ra, dec;
            eraFk45z(radians(lon[i]), radians(lat[i]), epochs[e], &ra, &dec);
            compare(i, ra, dec, A1, "fk4_to_fk5");
        }
        run("fk4_to_icrs", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double ra, dec, p[3];
            eraFk45z(radians(lon[i]), radians(lat[i]), epochs[e], &ra, &dec);
            eraS2c(ra, dec, p);
            eraRxp(r5h, p, p);
            eraC2s(p, &ra, &dec);
            compare(i, ra, dec, 2 * A1, "fk4_to_icrs");
        }
        run("fk5_to_fk4", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double ra, dec, dra, ddec;
            eraFk54z(radians(lon[i]), radians(lat[i]), epochs[e], &ra, &dec, &dra, &ddec);
            compare(i, ra, dec, A1, "fk5_to_fk4");
        }
        run("icrs_to_fk4", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double ra, dec, dra, ddec, p[3];
            eraS2c(radians(lon[i]), radians(lat[i]), p);
            eraTrxp(r5h, p, p);
            eraC2s(p, &ra, &dec);
            eraFk54z(ra, dec, epochs[e], &ra, &dec, &dra, &ddec);
            compare(i, ra, dec, 2 * A1, "icrs_to_fk4");
        }
    }
    print_message("FK4            %-26s largest error %.2e arcsec\n", target_name(),
                  worst / ARCSEC);
}

static void agrees_with_erfa(void **state)
{
    (void)state;
    for_each_target(erfa);
}

/* --- the published formulas, in 80 bits --- */

typedef long double vector[3];

static void to_vector(long double longitude, long double latitude, vector p)
{
    long double sl, cl, sb, cb;

    sincos_degrees(longitude, &sl, &cl);
    sincos_degrees(latitude, &sb, &cb);
    p[0] = cb * cl;
    p[1] = cb * sl;
    p[2] = sb;
}

static long double dot(const vector a, const vector b)
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void normalise(vector p)
{
    long double length = sqrtl(dot(p, p));

    for (int k = 0; k < 3; k++)
        p[k] /= length;
}

static void e_terms(long double equinox, vector a)
{
    const long double arcsec = PI_LONG / 648000;

    if (equinox == 1950) {
        a[0] = -1.62557e-6L, a[1] = -0.31919e-6L, a[2] = -0.13843e-6L;
        return;
    }
    long double t = (equinox - 1950) * 0.0100002135903L;
    long double e = 0.01673011L - (0.00004193L + 0.000000126L * t) * t;
    long double o = 84404.836L - (46.8495L + (0.00319L + 0.00181L * t) * t) * t;
    long double p = 1015489.951L + (6190.67L + (1.65L + 0.012L * t) * t) * t;
    long double k = 20.49552L * e * arcsec;
    a[0] = k * sinl(p * arcsec);
    a[1] = -k * cosl(p * arcsec) * cosl(o * arcsec);
    a[2] = -k * cosl(p * arcsec) * sinl(o * arcsec);
}

static void off(long double equinox, vector r)
{
    vector a;

    e_terms(equinox, a);
    long double along = dot(r, a);
    for (int k = 0; k < 3; k++)
        r[k] = r[k] - a[k] + along * r[k];
    normalise(r);
}

/* The inverse of off(), by iteration. */
static void on(long double equinox, vector r)
{
    vector a, wanted = {r[0], r[1], r[2]};

    e_terms(equinox, a);
    for (int round = 0; round < 6; round++) {
        vector image = {r[0], r[1], r[2]};
        off(equinox, image);
        for (int k = 0; k < 3; k++)
            r[k] += wanted[k] - image[k];
        normalise(r);
    }
}

static void turn(int axis, long double arcsec, vector p)
{
    int i = (axis + 1) % 3, j = (axis + 2) % 3;
    long double s = sinl(arcsec * PI_LONG / 648000), c = cosl(arcsec * PI_LONG / 648000);
    long double x = c * p[i] + s * p[j], y = c * p[j] - s * p[i];

    p[i] = x;
    p[j] = y;
}

static void newcomb(long double b0, long double b1, vector p)
{
    long double T = (b0 - 1850) / 100, t = (b1 - b0) / 100;
    long double w = 2303.5548L + (1.39720L + 0.000059L * T) * T;
    long double zeta = (w + (0.30242L - 0.000269L * T + 0.017996L * t) * t) * t;
    long double z = (w + (1.09478L + 0.000387L * T + 0.018324L * t) * t) * t;
    long double theta = (2005.1125L + (-0.85294L - 0.000365L * T) * T +
                         (-0.42647L - 0.000365L * T - 0.041802L * t) * t) *
                        t;

    turn(2, -zeta, p);
    turn(1, theta, p);
    turn(2, -z, p);
}

static void compare_vector(size_t i, const vector p, double tolerance, const char *what)
{
    compare(i, (double)atan2l(p[1], p[0]), (double)atan2l(p[2], hypotl(p[0], p[1])), tolerance,
            what);
}

static void formulas(void)
{
    static const double equinoxes[] = {1950, 1875, 1984.5, 2024.25};
    char parameters[120];

    fill();
    worst = 0;
    for (size_t e = 0; e < LENGTH(equinoxes); e++) {
        snprintf(parameters, sizeof parameters, "equinox=B%.2f", equinoxes[e]);
        run("fk4_to_fk4_no_e", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            vector p;
            to_vector(lon[i], lat[i], p);
            off(equinoxes[e], p);
            compare_vector(i, p, A1, "fk4_to_fk4_no_e");
        }
        run("fk4_no_e_to_fk4", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            vector p;
            to_vector(lon[i], lat[i], p);
            on(equinoxes[e], p);
            compare_vector(i, p, A1, "fk4_no_e_to_fk4");
        }
        snprintf(parameters, sizeof parameters, "equinox_in=B%.2f&equinox_out=B1963.7",
                 equinoxes[e]);
        run("precess_fk4", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            vector p;
            to_vector(lon[i], lat[i], p);
            off(equinoxes[e], p);
            newcomb(equinoxes[e], 1963.7, p);
            on(1963.7, p);
            compare_vector(i, p, A1, "precess_fk4");
        }
    }
    print_message("FK4, formulas  %-26s largest error %.2e arcsec\n", target_name(),
                  worst / ARCSEC);
}

static void agrees_with_the_formulas(void **state)
{
    (void)state;
    for_each_target(formulas);
}

/* Other equinoxes: precessed to B1950, ERFA's routine, precessed on. */
static void other_equinoxes(void)
{
    double jd1, jd2, bias[3][3], rp[3][3], both[3][3];

    fill();
    eraEpj2jd(1992.5, &jd1, &jd2);
    eraBp06(jd1, jd2, bias, rp, both);
    run("fk4_to_fk5", "equinox_in=B1888.5&equinox_out=J1992.5&obstime=B1920");
    for (size_t i = 0; i < MOST_ROWS; i++) {
        vector p;
        double q[3], ra, dec;
        to_vector(lon[i], lat[i], p);
        off(1888.5, p);
        newcomb(1888.5, 1950, p);
        on(1950, p);
        eraFk45z((double)atan2l(p[1], p[0]), (double)atan2l(p[2], hypotl(p[0], p[1])), 1920, &ra,
                 &dec);
        eraS2c(ra, dec, q);
        eraRxp(rp, q, q);
        eraC2s(q, &ra, &dec);
        compare(i, ra, dec, A2, "fk4_to_fk5, other equinoxes");
    }
    run("fk5_to_fk4", "equinox_out=B1888.5&equinox_in=J1992.5&obstime=B1920");
    for (size_t i = 0; i < MOST_ROWS; i++) {
        vector p;
        double q[3], ra, dec, dra, ddec;
        eraS2c(radians(lon[i]), radians(lat[i]), q);
        eraTrxp(rp, q, q);
        eraC2s(q, &ra, &dec);
        eraFk54z(ra, dec, 1920, &ra, &dec, &dra, &ddec);
        to_vector((long double)ra * DEG, (long double)dec * DEG, p);
        off(1950, p);
        newcomb(1950, 1888.5, p);
        on(1888.5, p);
        compare_vector(i, p, A2, "fk5_to_fk4, other equinoxes");
    }
}

static void agrees_at_other_equinoxes(void **state)
{
    (void)state;
    for_each_target(other_equinoxes);
}

/* --- inverse pairs --- */

static void pair(const char *there, const char *return_trip, const char *parameters,
                 const char *parameters_back, double tolerance)
{
    const double *const again[] = {out[0], out[1]};
    double *const home[] = {back[0], back[1]};

    run(there, parameters);
    struct converter c = converter_open(return_trip, parameters_back);
    convert(&c, MOST_ROWS, again, home);
    converter_close(&c);
    for (size_t i = 0; i < MOST_ROWS; i++)
        assert_near((double)separation_degrees(lon[i], lat[i], back[0][i], back[1][i]), 0,
                    tolerance, there);
}

static void inverses(void)
{
    const double erfa_pair = 3e-5 * ARCSEC;

    fill();
    pair("fk4_to_fk4_no_e", "fk4_no_e_to_fk4", "", "", A1);
    pair("fk4_no_e_to_fk4", "fk4_to_fk4_no_e", "equinox=B1875", "equinox=B1875", A1);
    /* the polynomials of Newcomb from B0 to B1 and from B1 to B0 are not inverse matrices */
    pair("precess_fk4", "precess_fk4", "equinox_in=B1875&equinox_out=B1950",
         "equinox_in=B1950&equinox_out=B1875", 2e-3 * ARCSEC);
    pair("fk4_to_fk5", "fk5_to_fk4", "", "", erfa_pair);
    pair("icrs_to_fk4", "fk4_to_icrs", "obstime=J1980", "obstime=J1980", erfa_pair);
}

static void there_and_back(void **state)
{
    (void)state;
    for_each_target(inverses);
}

/* --- what the parameters mean --- */

static void defaults_and_epochs(void **state)
{
    static const double row[2] = {123.4, -54.3};
    double a[2], b[2];

    (void)state;
    convert_once("fk4_to_fk5", "", row, a);
    convert_once("fk4_to_fk5", "equinox_in=B1950&obstime=B1950.0&equinox_out=J2000", row, b);
    assert_true(same_bits(a[0], b[0]) && same_bits(a[1], b[1]));
    /* obstime is the equinox of the FK4 side unless it is given */
    convert_once("icrs_to_fk4", "equinox=B1975", row, a);
    convert_once("icrs_to_fk4", "equinox=B1975&obstime=B1975", row, b);
    assert_true(same_bits(a[0], b[0]) && same_bits(a[1], b[1]));
    convert_once("icrs_to_fk4", "equinox=B1975&obstime=B1950", row, b);
    assert_true(separation_degrees(a[0], a[1], b[0], b[1]) > 0.01L * ARCSEC);
    /* a date is as good as an epoch: JD 2433282.42345905 is B1950.0 */
    convert_once("icrs_to_fk4", "equinox=B1975&obstime=JD2433282.42345905", row, a);
    assert_near((double)separation_degrees(a[0], a[1], b[0], b[1]), 0, A1, "JD");
    convert_once("icrs_to_fk4", "equinox=B1975&obstime=1984-01-01T00:00", row, a);
    convert_once("icrs_to_fk4", "equinox=B1975&obstime=J1984", row, b);
    assert_near((double)separation_degrees(a[0], a[1], b[0], b[1]), 0, 1e-5 * ARCSEC, "date");
    /* a Julian epoch is converted: J1950.0 is B1950.000209... */
    convert_once("fk4_to_fk4_no_e", "equinox=J1950", row, a);
    convert_once("fk4_to_fk4_no_e", "equinox=B1950.0002095", row, b);
    assert_near((double)separation_degrees(a[0], a[1], b[0], b[1]), 0, A1, "J1950");
}

static void warnings(void **state)
{
    static const struct {
        const char *name, *parameters;
        bool extrapolated;
    } rows[] = {
        {"fk4_to_fk5", "", false},
        {"fk4_to_fk5", "equinox_in=B1800", false},
        {"fk4_to_fk5", "equinox_in=B1799", true},
        {"fk4_to_fk5", "equinox_out=J3001", true},
        {"fk5_to_fk4", "equinox_out=B2101", true},
        {"fk5_to_fk4", "equinox_in=J900", true},
        {"icrs_to_fk4", "equinox=B1700", true},
        {"fk4_to_icrs", "equinox=B1900&obstime=B1700", false},
        {"precess_fk4", "equinox_in=B1850&equinox_out=B2110", true},
        {"precess_fk4", "equinox_in=B1850&equinox_out=B2010", false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct converter c = converter_open(rows[i].name, rows[i].parameters);
        if (c.warnings != (rows[i].extrapolated ? 1u << ASTRO_WARN_EXTRAPOLATED : 0u))
            fail_msg("%s %s: warnings %#x", rows[i].name, rows[i].parameters, c.warnings);
        converter_close(&c);
    }
}

static void bad_times_are_refused(void **state)
{
    static const char *const texts[] = {
        "", "1950", "B", "X1950", "yesterday", "B1950.0.0", "1984-13-01", "1984-01-01T00:00Z"};

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++) {
        struct astro_error err = {0};
        char parameters[64];
        snprintf(parameters, sizeof parameters, "obstime=%s", texts[i]);
        assert_false(converter_try("fk4_to_fk5", parameters, &err));
        assert_string_equal(err.field, "obstime");
        assert_int_equal(err.code, ASTRO_BAD_TIME);
        assert_true(err.text[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_erfa),          cmocka_unit_test(agrees_with_the_formulas),
        cmocka_unit_test(agrees_at_other_equinoxes), cmocka_unit_test(there_and_back),
        cmocka_unit_test(defaults_and_epochs),       cmocka_unit_test(warnings),
        cmocka_unit_test(bad_times_are_refused),
    };
    return cmocka_run_group_tests_name("kernels.fk4", tests, harness_start, NULL);
}
