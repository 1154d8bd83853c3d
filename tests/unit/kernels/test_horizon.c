/*
 * The group horizon: against ERFA, and against its formulas in 80 bits.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>

enum { POINTS = 400 };

static const double latitudes[] = {-90, -23.5, 0, 1e-9, 51.5, 89.999, 90};

static double one(const char *name, const char *parameters, double a, double b)
{
    double in[2] = {a, b}, out[2];

    convert_once(name, parameters, in, out);
    return out[0];
}

/* --- hour angle and altitude --- */

static void altaz_here(void)
{
    random_seed(7);
    for (size_t l = 0; l < LENGTH(latitudes); l++) {
        char parameters[80];
        double phi = latitudes[l] * ERFA_DD2R;
        snprintf(parameters, sizeof parameters, "lat=%.17g", latitudes[l]);
        struct converter to = converter_open("hadec_to_altaz", parameters);
        struct converter back = converter_open("altaz_to_hadec", parameters);
        for (size_t i = 0; i < POINTS; i++) {
            double in[2] = {random_between(-720, 720), random_between(-90, 90)}, got[2], az, alt;
            convert_row(&to, in, got);
            eraHd2ae(in[0] * ERFA_DD2R, in[1] * ERFA_DD2R, phi, &az, &alt);
            assert_near((double)separation_degrees(got[0], got[1], (long double)az * DEG,
                                                   (long double)alt * DEG),
                        0, 1e-9 * ARCSEC, "az, alt");
            convert_row(&back, got, got);
            assert_near((double)separation_degrees(got[0], got[1], in[0], in[1]), 0, 1e-9 * ARCSEC,
                        "ha, dec");
            assert_true(got[0] > -180 && got[0] <= 180);
        }
        converter_close(&to);
        converter_close(&back);
    }
}

static void altaz_edges_here(void)
{
    double in[2] = {3, 40}, out[2];

    /* hours, and west is west */
    convert_once("hadec_to_altaz", "unit=hourangle&lat=40", in, out);
    assert_true(out[0] > 180 && out[0] < 360);
    convert_once("altaz_to_hadec", "unit=hourangle&lat=40", out, out);
    assert_near(out[0], 3, 1e-14, "ha");
    /* at the poles the meridian is that of the hour angle */
    assert_near(one("hadec_to_altaz", "lat=90", 30, 20), 210, 1e-13, "az at the north pole");
    assert_near(one("hadec_to_altaz", "lat=-90", 30, 20), 330, 1e-13, "az at the south pole");
    /* the pole of the sky, and the anti-meridian */
    in[0] = 77, in[1] = 90;
    convert_once("hadec_to_altaz", "lat=40", in, out);
    assert_true(out[0] == 0);
    assert_near(out[1], 40, 1e-14, "alt of the pole");
    assert_true(one("altaz_to_hadec", "lat=40", 0, 30) == 180);
    assert_true(one("altaz_to_hadec", "lat=40&unit=hourangle", 0, 30) == 12);
}

static void altaz(void **state)
{
    (void)state;
    for_each_target(altaz_here);
    for_each_target(altaz_edges_here);
}

/* --- the parallactic angle --- */

static void parallactic_here(void)
{
    random_seed(8);
    for (size_t i = 0; i < 3000; i++) {
        double lat = latitudes[i % LENGTH(latitudes)], sign = i % 2 ? 1 : -1;
        double ha = random_between(-180, 180), dec = random_between(-90, 90);
        long double sh, ch, sd, cd, sp, cp;
        char parameters[80];
        if (i % 3 == 0) { /* near the zenith */
            ha = sign * pow(10, random_between(-12, 0));
            dec = fmax(fmin(lat + sign * pow(10, random_between(-12, 0)), 90), -90);
        }
        snprintf(parameters, sizeof parameters, "lat=%.17g", lat);
        sincos_degrees(ha, &sh, &ch);
        sincos_degrees(dec, &sd, &cd);
        sincos_degrees(lat, &sp, &cp);
        long double east = cp * sh, north = sp * cd - cp * sd * ch;
        long double distance = hypotl(east, north);
        if (distance < 1e-17L)
            continue;
        double got = one("parallactic_angle", parameters, ha, dec);
        long double error = longitude_difference(atan2l(east, north) * DEG, got) * distance;
        assert_near((double)error, 0, 6e-14, "parallactic angle times sine of zenith distance");
    }
}

static void parallactic_edges_here(void)
{
    static const double zeniths[] = {-90, -33.333333333333336, 0, 0.1, 51.4769, 90};

    for (size_t i = 0; i < LENGTH(zeniths); i++) {
        char parameters[80];
        snprintf(parameters, sizeof parameters, "lat=%.17g", zeniths[i]);
        assert_true(same_bits(one("parallactic_angle", parameters, 0, zeniths[i]), 0));
        assert_true(same_bits(one("parallactic_angle", parameters, 360, zeniths[i]), 0));
    }
    assert_true(one("parallactic_angle", "lat=40", 0, 80) == 180); /* above the pole */
    assert_true(one("parallactic_angle", "lat=40", 0, 10) == 0);
    assert_true(one("parallactic_angle", "lat=40", 30, 10) > 0);
    assert_true(one("parallactic_angle", "lat=40", -30, 10) < 0);
    assert_near(one("parallactic_angle", "lat=40&unit=rad", 0.5, 0.2),
                eraHd2pa(0.5, 0.2, 40 * ERFA_DD2R), 1e-14, "rad");
    assert_near(one("parallactic_angle", "lat=40&unit=hourangle", 2, 10),
                one("parallactic_angle", "lat=40", 30, 10), 1e-14, "hours");
}

static void parallactic(void **state)
{
    (void)state;
    for_each_target(parallactic_here);
    for_each_target(parallactic_edges_here);
}

/* --- refraction --- */

static long double refracted(long double a, long double b, double alt)
{
    long double s, c;

    sincos_degrees(alt, &s, &c);
    long double z = fmaxl(s, 0.05L), r = fmaxl(c, 1e-6L), t = r / z, w = b * t * t;
    long double d = (a + w) * t / (1 + (a + 3 * w) / (z * z)), k = 1 - d * d / 2;
    return atan2l(k * s + d * r, fabsl((k - d * z / r) * c)) * DEG;
}

static long double unrefracted(long double a, long double b, double alt)
{
    long double s, c;

    sincos_degrees(alt, &s, &c);
    long double t = c / fmaxl(s, 0.05L);
    return alt - (a + b * t * t) * t * DEG;
}

static void refraction_here(void)
{
    static const double airs[][4] = {{1013.25, 10, 0.5, 0.55},
                                     {620, -5, 0.1, 1},
                                     {800, 20, 0.9, 1e5},
                                     {1e-3, 0, 0, 0.1},
                                     {10000, -150, 0, 0.4}};

    random_seed(9);
    for (size_t i = 0; i < LENGTH(airs); i++) {
        char parameters[160];
        double a, b, got;
        snprintf(parameters, sizeof parameters,
                 "pressure=%g&temperature=%g&relative_humidity=%g&obswl=%g", airs[i][0], airs[i][1],
                 airs[i][2], airs[i][3]);
        eraRefco(airs[i][0], airs[i][1], airs[i][2], airs[i][3], &a, &b);
        struct converter to = converter_open("refract_alt", parameters);
        struct converter back = converter_open("unrefract_alt", parameters);
        for (size_t k = 0; k < POINTS; k++) {
            double alt = k == 0 ? 90 : k == 1 ? -90 : k == 2 ? 0 : random_between(-90, 90);
            convert_row(&to, &alt, &got);
            assert_near(got, refracted(a, b, alt), 3e-13, "refracted");
            convert_row(&back, &alt, &got);
            assert_near(got, unrefracted(a, b, alt), 3e-13, "unrefracted");
            if (alt > 10 && i < 4) {
                convert_row(&to, &alt, &got);
                convert_row(&back, &got, &got);
                assert_near(got, alt, 0.06 * ARCSEC, "there and back");
            }
        }
        converter_close(&to);
        converter_close(&back);
    }
    assert_near(one("refract_alt", "unit=rad&pressure=1000", 0.5, 0),
                one("refract_alt", "pressure=1000", 0.5 * (double)DEG, 0) / DEG, 3e-16, "rad");
}

static void no_air_here(void)
{
    static const double altitudes[] = {90, -90, 45.000000000000007, -0.0, 1e-300};
    static const char *const idle[] = {"", "pressure=0", "temperature=30&obswl=5",
                                       "relative_humidity=1&pressure=0"};

    for (size_t i = 0; i < LENGTH(altitudes) * LENGTH(idle); i++) {
        double alt = altitudes[i / LENGTH(idle)];
        assert_true(same_bits(one("refract_alt", idle[i % LENGTH(idle)], alt, 0), alt));
        assert_true(same_bits(one("unrefract_alt", idle[i % LENGTH(idle)], alt, 0), alt));
    }
}

static void refraction(void **state)
{
    (void)state;
    for_each_target(refraction_here);
    for_each_target(no_air_here);
}

static void refused(const char *parameter)
{
    struct astro_error err = {.code = ASTRO_OK};

    assert_false(converter_try("refract_alt", parameter, &err));
    assert_int_equal(err.code, ASTRO_OUT_OF_RANGE);
}

static void air_beyond_its_limits(void **state)
{
    struct astro_error err = {.code = ASTRO_OK};

    (void)state;
    refused("pressure=-1");
    refused("pressure=10001");
    refused("pressure=800&temperature=-151");
    refused("temperature=201");
    refused("relative_humidity=1.5");
    refused("obswl=0.05");
    refused("obswl=2e6");
    assert_false(converter_try("hadec_to_altaz", "", &err));
    assert_int_equal(err.code, ASTRO_MISSING_PARAMETER);
    err.code = ASTRO_OK;
    assert_false(converter_try("hadec_to_altaz", "lat=90.1", &err));
    assert_int_equal(err.code, ASTRO_OUT_OF_RANGE);
}

/* --- air mass --- */

static long double kasten_young(long double h)
{
    return 1 / (sinl(h / DEG) + 0.50572L * powl(h + 6.07995L, -1.6364L));
}

static long double pickering(long double h)
{
    return 1 / sinl((h + 244 / (165 + 47 * powl(h, 1.1L))) / DEG);
}

static long double secant(long double h)
{
    return 1 / sinl(h / DEG);
}

static void airmass_here(void)
{
    static const struct {
        const char *parameters, *radians;
        long double (*formula)(long double h);
    } models[] = {
        {"", "unit=rad", kasten_young},
        {"model=pickering_2002", "unit=rad&model=pickering_2002", pickering},
        {"model=secant", "unit=rad&model=secant", secant},
    };

    random_seed(10);
    for (size_t m = 0; m < LENGTH(models); m++) {
        for (size_t i = 0; i < POINTS; i++) {
            double h = i == 0 ? 90 : i % 4 ? random_between(0, 90) : pow(10, random_between(-9, 0));
            long double wanted = models[m].formula(h);
            assert_near(one("airmass", models[m].parameters, h, 0), wanted, 1e-14 * (double)wanted,
                        "air mass");
            double radians = (double)(h / DEG);
            wanted = models[m].formula(radians * DEG);
            assert_near(one("airmass", models[m].radians, radians, 0), wanted,
                        1e-14 * (double)wanted, "air mass, rad");
        }
        assert_true(isnan(one("airmass", models[m].parameters, -1e-300, 0)));
        assert_true(isnan(one("airmass", models[m].parameters, -90, 0)));
    }
    assert_near(one("airmass", "", 0, 0), 37.91960837783621L, 1e-12, "horizon");
    assert_near(one("airmass", "model=pickering_2002", 0, 0), pickering(0), 1e-12, "horizon");
    assert_true(one("airmass", "model=secant", 0, 0) == INFINITY);
    assert_true(one("airmass", "model=secant", -0.0, 0) == INFINITY);
}

static void airmass(void **state)
{
    (void)state;
    for_each_target(airmass_here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(altaz),      cmocka_unit_test(parallactic),
        cmocka_unit_test(refraction), cmocka_unit_test(air_beyond_its_limits),
        cmocka_unit_test(airmass),
    };

    return cmocka_run_group_tests(tests, harness_start, NULL);
}
