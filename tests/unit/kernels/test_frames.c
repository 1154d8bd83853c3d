/*
 * The rotations: against ERFA's own routines over random points, poles and wraps; inverse pairs;
 * values of astropy where ERFA has no such routine; warnings.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define A1 (1e-9 * ARCSEC) /* the catalogue's accuracy of a rotation, degrees */

static double lon[MOST_ROWS], lat[MOST_ROWS], lon_out[MOST_ROWS], lat_out[MOST_ROWS];
static double lon_back[MOST_ROWS], lat_back[MOST_ROWS];
static const double *const from[] = {lon, lat};
static double *const to[] = {lon_out, lat_out};
static const double *const again[] = {lon_out, lat_out};
static double *const home[] = {lon_back, lat_back};

/* Points all over the sphere, many of them at poles, at the wrap and at whole quarters. */
static void fill(void)
{
    random_seed(21);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        lon[i] = i % 4 == 0 ? random_between(-1e4, 1e4) : random_between(0, 360);
        lat[i] = asin(random_between(-1, 1)) * (double)DEG;
        if (i % 7 == 0)
            lat[i] = copysign(90 - ldexp(90, -(int)(i % 60)), lat[i]);
        if (i % 11 == 0)
            lon[i] = 90.0 * (double)(i % 9) + ldexp(random_between(-1, 1), -(int)(i % 50));
        if (i % 53 == 0)
            lat[i] = 90.0 * ((double)(i % 3) - 1);
    }
}

static double worst;

static void compare(size_t i, double ra, double dec, const char *what)
{
    double apart = (double)separation_degrees(lon_out[i], lat_out[i], (long double)ra * DEG,
                                              (long double)dec * DEG);

    if (apart > worst)
        worst = apart;
    if (!(apart <= A1))
        fail_msg("%s on %s: (%.17g, %.17g) gives (%.17g, %.17g), %.3g arcsec off", what,
                 target_name(), lon[i], lat[i], lon_out[i], lat_out[i], apart / ARCSEC);
    assert_true(lon_out[i] >= 0 && lon_out[i] < 360 && !signbit(lon_out[i]));
    assert_true(fabs(lat_out[i]) <= 90);
}

static void run(const char *name, const char *parameters)
{
    struct converter c = converter_open(name, parameters);

    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
}

static double radians(double degrees)
{
    return (double)((long double)degrees / DEG);
}

/* ERFA's matrix applied by ERFA. */
static void compare_matrix(const char *name, const char *parameters, double matrix[3][3])
{
    run(name, parameters);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        double p[3], q[3], ra, dec;
        eraS2c(radians(fmod(lon[i], 360)), radians(lat[i]), p);
        eraRxp(matrix, p, q);
        eraC2s(q, &ra, &dec);
        compare(i, ra, dec, name);
    }
}

static void galactic(void)
{
    run("icrs_to_galactic", "");
    for (size_t i = 0; i < MOST_ROWS; i++) {
        double l, b;
        eraIcrs2g(radians(fmod(lon[i], 360)), radians(lat[i]), &l, &b);
        compare(i, l, b, "icrs_to_galactic");
    }
    run("galactic_to_icrs", "definition=hipparcos");
    for (size_t i = 0; i < MOST_ROWS; i++) {
        double ra, dec;
        eraG2icrs(radians(fmod(lon[i], 360)), radians(lat[i]), &ra, &dec);
        compare(i, ra, dec, "galactic_to_icrs");
    }
}

static void ecliptic(void)
{
    static const struct {
        const char *equinox;
        double year;
    } rows[] = {{"J2000.0", 2000}, {"J1976.3", 1976.3}, {"J1000", 1000}, {"J2999.5", 2999.5}};
    char parameters[80];

    for (size_t r = 0; r < LENGTH(rows); r++) {
        double jd1, jd2, matrix[3][3], bias[3][3], precession[3][3], both[3][3];
        eraEpj2jd(rows[r].year, &jd1, &jd2);
        snprintf(parameters, sizeof parameters, "equinox=%s", rows[r].equinox);
        run("icrs_to_ecliptic", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double l, b;
            eraEqec06(jd1, jd2, radians(fmod(lon[i], 360)), radians(lat[i]), &l, &b);
            compare(i, l, b, "icrs_to_ecliptic");
        }
        run("ecliptic_to_icrs", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double ra, dec;
            eraEceq06(jd1, jd2, radians(fmod(lon[i], 360)), radians(lat[i]), &ra, &dec);
            compare(i, ra, dec, "ecliptic_to_icrs");
        }
        /* true: the matrix of eraPnm06a, turned by the true obliquity of eraNut06a */
        double dpsi, deps;
        eraPnm06a(jd1, jd2, matrix);
        eraNut06a(jd1, jd2, &dpsi, &deps);
        eraRx(eraObl06(jd1, jd2) + deps, matrix);
        snprintf(parameters, sizeof parameters, "definition=true&equinox=%s", rows[r].equinox);
        compare_matrix("icrs_to_ecliptic", parameters, matrix);
        /* and mean and true are two things */
        eraBp06(jd1, jd2, bias, precession, both);
        eraRx(eraObl06(jd1, jd2), both);
        snprintf(parameters, sizeof parameters, "definition=mean&equinox=%s", rows[r].equinox);
        compare_matrix("icrs_to_ecliptic", parameters, both);
    }
}

static void long_term(void)
{
    static const double years[] = {-150000, -3000, 2000, 12345.5};
    char parameters[80];

    for (size_t r = 0; r < LENGTH(years); r++) {
        snprintf(parameters, sizeof parameters, "definition=long_term&equinox=J%.1f", years[r]);
        run("icrs_to_ecliptic", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double l, b;
            eraLteqec(years[r], radians(fmod(lon[i], 360)), radians(lat[i]), &l, &b);
            compare(i, l, b, "icrs_to_ecliptic, long term");
        }
        run("ecliptic_to_icrs", parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double ra, dec;
            eraLteceq(years[r], radians(fmod(lon[i], 360)), radians(lat[i]), &ra, &dec);
            compare(i, ra, dec, "ecliptic_to_icrs, long term");
        }
    }
}

static void date_of(char kind, double year, double *jd1, double *jd2)
{
    if (kind == 'B')
        eraEpb2jd(year, jd1, jd2);
    else
        eraEpj2jd(year, jd1, jd2);
}

static void fk5(void)
{
    static const struct {
        char kind;
        double year;
    } rows[] = {{'J', 2000}, {'J', 1998.36}, {'B', 1950}, {'J', 1100}};
    char parameters[120];
    double r5h[3][3], spin[3], h5r[3][3];

    eraFk5hip(r5h, spin);
    eraTr(r5h, h5r);
    for (size_t r = 0; r < LENGTH(rows); r++) {
        double jd1, jd2, bias[3][3], rp[3][3], both[3][3], matrix[3][3], other[3][3];
        double zeta, z, theta;
        date_of(rows[r].kind, rows[r].year, &jd1, &jd2);
        eraBp06(jd1, jd2, bias, rp, both);
        eraRxr(rp, h5r, matrix);
        snprintf(parameters, sizeof parameters, "equinox=%c%.2f", rows[r].kind, rows[r].year);
        compare_matrix("icrs_to_fk5", parameters, matrix);
        eraTr(matrix, matrix);
        compare_matrix("fk5_to_icrs", parameters, matrix);

        double jd3, jd4;
        date_of('J', 2015.5, &jd3, &jd4);
        eraBp06(jd3, jd4, bias, other, both);
        eraTr(rp, rp);
        eraRxr(other, rp, matrix);
        snprintf(parameters, sizeof parameters, "equinox_in=%c%.2f&equinox_out=J2015.5",
                 rows[r].kind, rows[r].year);
        compare_matrix("precess_fk5", parameters, matrix);

        eraPrec76(jd1, jd2, jd3, jd4, &zeta, &z, &theta);
        eraIr(matrix);
        eraRz(-zeta, matrix);
        eraRy(theta, matrix);
        eraRz(-z, matrix);
        strcat(parameters, "&model=IAU1976");
        compare_matrix("precess_fk5", parameters, matrix);
    }
}

static void against_erfa(void)
{
    fill();
    worst = 0;
    galactic();
    ecliptic();
    long_term();
    fk5();
    print_message("rotations      %-26s largest error %.2e arcsec\n", target_name(),
                  worst / ARCSEC);
}

static void agrees_with_erfa(void **state)
{
    (void)state;
    for_each_target(against_erfa);
}

/* galactic, definition=fk5, made with astropy 5.2.1 (SkyCoord.galactic of an ICRS position). */
static void astropy(void)
{
    static const double rows[][4] = {
        {10.684, 41.269, 121.17376670288643, -21.57303962514153},
        {83.822, -5.391, 209.013600995155, -19.38162520232039},
        {192.8594812065348, 27.12825118085622, 10.212458678456704, 89.99999680463607},
        {0.0, 90.0, 122.93192525541662, 27.128252414968},
        {0, 0, 96.33728336969006, -60.188551946914465},
        {266.4, -29.0, 359.9432519944053, -0.029529450953472747},
        {289.801053, -15.559555, 21.945960850753774, -13.057723381694007},
        {290.858684, -77.303217, 317.2256297452904, -28.167760888791605},
        {185.517202, -76.711189, 301.1975208658462, -13.938444398371612},
        {102.888497, 84.85994, 128.70342864616842, 27.012863961560143},
        {19.415053, 25.902749, 130.2808811718134, -36.594535650924755},
        {138.012797, -45.133266, 267.676801993601, 2.195954559183286},
    };

    for (size_t i = 0; i < LENGTH(rows); i++) {
        double got[2], back[2];
        convert_once("icrs_to_galactic", "definition=fk5", rows[i], got);
        double apart = (double)separation_degrees(got[0], got[1], rows[i][2], rows[i][3]);
        assert_near(apart, 0, 5e-9 * ARCSEC, "icrs_to_galactic, fk5");
        convert_once("galactic_to_icrs", "definition=fk5", got, back);
        apart = (double)separation_degrees(back[0], back[1], rows[i][0], rows[i][1]);
        assert_near(apart, 0, A1, "galactic_to_icrs, fk5");
        /* the two definitions differ, by at most 0.025 arcsec */
        convert_once("icrs_to_galactic", "", rows[i], back);
        apart = (double)separation_degrees(got[0], got[1], back[0], back[1]);
        assert_true(apart > 0.001 * ARCSEC && apart < 0.025 * ARCSEC);
    }
}

static void fk5_galactic_is_that_of_astropy(void **state)
{
    (void)state;
    for_each_target(astropy);
}

/* The way back is the transposed matrix; those of eraLtecm are orthogonal to some 1e-14 only. */
static void pair(const char *there, const char *back, const char *parameters, double tolerance)
{
    struct converter a = converter_open(there, parameters);
    struct converter b = converter_open(back, parameters);

    convert(&a, MOST_ROWS, from, to);
    convert(&b, MOST_ROWS, again, home);
    for (size_t i = 0; i < MOST_ROWS; i++)
        assert_near((double)separation_degrees(lon_back[i], lat_back[i], lon[i], lat[i]), 0,
                    tolerance, back);
    converter_close(&a);
    converter_close(&b);
}

static void inverses(void)
{
    fill();
    pair("icrs_to_galactic", "galactic_to_icrs", "", A1);
    pair("icrs_to_galactic", "galactic_to_icrs", "definition=fk5", A1);
    pair("icrs_to_fk5", "fk5_to_icrs", "", A1);
    pair("icrs_to_fk5", "fk5_to_icrs", "equinox=B1875", A1);
    pair("icrs_to_ecliptic", "ecliptic_to_icrs", "equinox=J2024.25", A1);
    pair("icrs_to_ecliptic", "ecliptic_to_icrs", "equinox=J2024.25&definition=true", A1);
    pair("icrs_to_ecliptic", "ecliptic_to_icrs", "equinox=J-9000&definition=long_term", 3 * A1);
}

static void there_and_back(void **state)
{
    (void)state;
    for_each_target(inverses);
}

/* Radians and hours are the same rotation: what differs is the circle. */
static void units(void)
{
    static const char *const names[] = {"icrs_to_galactic", "galactic_to_icrs", "icrs_to_fk5",
                                        "ecliptic_to_icrs"};

    for (size_t c = 0; c < LENGTH(names); c++) {
        const struct astro_conversion *conversion =
            astro_conversion_find(names[c], strlen(names[c]), NULL);
        double in_scale = conversion->inputs[0].role == ASTRO_HOURS ? 15 : 1;
        double out_scale = conversion->outputs[0].role == ASTRO_HOURS ? 15 : 1;
        for (size_t i = 0; i < 200; i++) {
            double row[2] = {random_between(0, 24), random_between(-90, 90)}, hours[2], degrees[2];
            convert_once(names[c], "unit=hourangle", row, hours);
            row[0] *= in_scale;
            convert_once(names[c], "", row, degrees);
            double apart = (double)separation_degrees(
                (long double)hours[0] * (long double)out_scale, hours[1], degrees[0], degrees[1]);
            assert_near(apart, 0, A1, "hours");
            double rad[2] = {radians(row[0]), radians(row[1])}, got[2];
            convert_once(names[c], "unit=rad", rad, got);
            apart = (double)separation_degrees((long double)got[0] * DEG, (long double)got[1] * DEG,
                                               degrees[0], degrees[1]);
            assert_near(apart, 0, A1, "radians");
            assert_true(got[0] >= 0 && got[0] < 6.283185307179586 &&
                        hours[0] < 24 * 15 / out_scale);
        }
    }
}

static void units_agree(void **state)
{
    (void)state;
    random_seed(22);
    for_each_target(units);
}

static void warnings(void **state)
{
    static const struct {
        const char *name, *parameters;
        bool extrapolated;
    } rows[] = {
        {"icrs_to_fk5", "", false},
        {"icrs_to_fk5", "equinox=J3000", false},
        {"icrs_to_fk5", "equinox=J3000.1", true},
        {"fk5_to_icrs", "equinox=J999.9", true},
        {"fk5_to_icrs", "equinox=J1000", false},
        {"precess_fk5", "equinox_in=J2000&equinox_out=J3100", true},
        {"precess_fk5", "equinox_in=J500&equinox_out=J2000", true},
        {"precess_fk5", "equinox_in=B1950&equinox_out=J2000", false},
        {"precess_fk5", "equinox_in=J500&equinox_out=J2000&model=iau1976", false},
        {"icrs_to_ecliptic", "equinox=B900", true},
        {"icrs_to_ecliptic", "equinox=J900&definition=true", true},
        {"icrs_to_ecliptic", "equinox=J900&definition=long_term", false},
        {"ecliptic_to_icrs", "equinox=J5000", true},
        {"icrs_to_galactic", "", false},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct converter c = converter_open(rows[i].name, rows[i].parameters);
        if (c.warnings != (rows[i].extrapolated ? 1u << ASTRO_WARN_EXTRAPOLATED : 0u))
            fail_msg("%s %s: warnings %#x", rows[i].name, rows[i].parameters, c.warnings);
        converter_close(&c);
    }
}

/*
 * A Besselian equinox is its own date: B1950 is J1949.9997904..., 0.01 arcsec of precession away.
 */
static void besselian_equinox_is_converted(void **state)
{
    const double row[2] = {120, 45};
    double besselian[2], julian[2], same[2];

    (void)state;
    convert_once("icrs_to_fk5", "equinox=B1950", row, besselian);
    convert_once("icrs_to_fk5", "equinox=J1950", row, julian);
    convert_once("icrs_to_fk5", "equinox=J1949.9997904422992", row, same);
    assert_near((double)separation_degrees(besselian[0], besselian[1], same[0], same[1]), 0, A1,
                "B1950 as a Julian epoch");
    assert_true(separation_degrees(besselian[0], besselian[1], julian[0], julian[1]) >
                0.005L * ARCSEC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_erfa), cmocka_unit_test(fk5_galactic_is_that_of_astropy),
        cmocka_unit_test(there_and_back),   cmocka_unit_test(units_agree),
        cmocka_unit_test(warnings),         cmocka_unit_test(besselian_equinox_is_converted),
    };
    return cmocka_run_group_tests_name("kernels.frames", tests, harness_start, NULL);
}
