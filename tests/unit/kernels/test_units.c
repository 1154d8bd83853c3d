/*
 * convert_units: the reader of units and its refusals, factors, temperatures, equivalencies.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double once(const char *in, const char *out, const char *more, double value)
{
    char parameters[640];
    double got;

    snprintf(parameters, sizeof parameters, "unit_in=%s&unit_out=%s%s", in, out, more);
    convert_once("convert_units", parameters, &value, &got);
    return got;
}

static void assert_exact(const char *in, const char *out, double value, double wanted)
{
    double got = once(in, out, "", value);

    if (got != wanted)
        fail_msg("%g %s is %.17g %s, not %.17g, on %s", value, in, got, out, wanted, target_name());
}

/* --- what is read --- */

static void same_thing(void)
{
    static const char *const ways[][2] = {
        {"m2", "m**2"},       {"m2", "m^2"},        {"m2", "m**(2)"},
        {"m2", "m m"},        {"m2", "m.m"},        {"m2", "m*m"},
        {"m s-1", "m/s"},     {"m s^-1", "m / s"},  {"m s**-1", "m s**(-1)"},
        {"m/s/s", "m s-2"},   {"m/(s s)", "m s-2"}, {"m/s kg", "m kg s-1"},
        {"(m/s)2", "m2 s-2"}, {"/s", "Hz"},         {"1/s", "Hz"},
        {"10**3 m", "km"},    {"10^-3m", "mm"},     {"10+3 m", "km"},
        {"10-3m", "mm"},      {"1e3 m", "km"},      {"1000 m", "km"},
        {"0.001 m", "mm"},    {"100*m", "hm"},      {"10.m", "dam"},
        {"1e3eV", "keV"},     {" m ", "m"},         {"((((((((m))))))))", "m"},
        {"sr", "rad2"},       {"m0", "1"},          {"10**3", "1000"},
        {"mas", "marcsec"},   {"a", "yr"},          {"d", "day"},
        {"au", "AU"},
    };

    for (size_t i = 0; i < LENGTH(ways); i++) {
        assert_exact(ways[i][0], ways[i][1], 3.0, 3.0);
        assert_exact(ways[i][1], ways[i][0], 3.0, 3.0);
    }
}

/* Spellings that could be two things. */
static void ambiguous(void)
{
    assert_exact("Pa", "kg m-1 s-2", 1, 1); /* not petayears */
    assert_exact("min", "s", 1, 60);        /* not milliinches */
    assert_exact("dam", "m", 1, 10);        /* not deciattometres */
    assert_exact("as", "s", 1, 1e-18);
    assert_exact("h", "s", 1, 3600);
    assert_exact("mas", "arcsec", 1000, 1);
    assert_exact("pc", "kpc", 1000, 1);
    assert_exact("PPa", "Pa", 1, 1e15);
    assert_exact("nmi", "m", 1, 1852);
    assert_exact("Ma", "yr", 1, 1e6);
    assert_exact("ft", "m", 1, 0.3048);
    assert_exact("mbar", "hPa", 1, 1);
}

static void factors_are_rounded_once(void)
{
    assert_exact("m", "km", 3, 0.003);
    assert_exact("mm", "m", 300, 0.3);
    assert_exact("deg", "arcsec", 1, 3600);
    assert_exact("deg", "rad", 180, (double)PI_LONG);
    assert_exact("hourangle", "deg", 1, 15);
    assert_exact("km/h", "m/s", 3.6, 1);
    assert_exact("(Ym/ym)6 m", "(Ym/ym)6 km", 5, 0.005);
    assert_exact("erg/s/cm2", "W/m2", 1, 0.001);
    assert_exact("Jy", "W m-2 Hz-1", 1, 1e-26);
    assert_true(signbit(once("pc", "m", "", -0.0)));
    assert_true(isinf(once("pc", "m", "", 1e300)) && isinf(once("pc", "am", "", -1e300)));
}

static void reading(void **state)
{
    (void)state;
    for_each_target(same_thing);
    for_each_target(ambiguous);
    for_each_target(factors_are_rounded_once);
}

/* --- what is refused --- */

static void refused(const char *parameters, const char *code, const char *field, const char *text)
{
    struct astro_error err = {.code = ASTRO_OK};

    if (converter_try("convert_units", parameters, &err))
        fail_msg("%s was taken", parameters);
    if (strcmp(astro_code_word(err.code), code) != 0 || strcmp(err.field, field) != 0 ||
        !strstr(err.text, text))
        fail_msg("%s: %s in %s: %s", parameters, astro_code_word(err.code), err.field, err.text);
}

static void bad(const char *unit, const char *text)
{
    char parameters[400];

    snprintf(parameters, sizeof parameters, "unit_in=%s&unit_out=m", unit);
    refused(parameters, "bad_parameter", "unit_in", text);
}

static void refusals(void **state)
{
    (void)state;
    bad("", "is empty");
    bad("  ", "is empty");
    bad("km/foo", "\"foo\" is not a unit at character 4");
    bad("arcsek", "did you mean arcsec?");
    bad("Km", "did you mean km?");
    bad("hr", "did you mean h?");
    bad("Angstroms", "did you mean Angstrom?");
    bad("US_survey_feet", "did you mean US_survey_foot?");
    bad("cd", "is not a unit");
    bad("mmin", "is not a unit");
    bad("kdeg", "is not a unit");
    bad("qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq",
        "is not a unit");
    bad("m s-", "which is missing at character 4");
    bad("m**", "which is missing");
    bad("m**1.5", "not a whole number at character 4");
    bad("m**(1/2)", "not a whole number");
    bad("m100", "a power beyond 99");
    bad("m99999999999999999999", "a power beyond 99");
    bad("((((((((((m99)99)99)99)99)99)99)99)99)99)", "more than 8 brackets");
    bad("((m99)99)99", "the power is too high");
    bad("((((((((((m))))))))))", "more than 8 brackets");
    bad("(m", "not closed at character 1");
    bad("m)", "no part of a unit at character 2");
    bad("()", "the name of a unit is missing at character 2");
    bad("m//s", "the name of a unit is missing at character 3");
    bad("m*", "the name of a unit is missing");
    bad("5 m", "not a power of ten at character 1");
    bad("11 m", "not a power of ten");
    bad("0 m", "not a power of ten");
    bad("1.5 m", "not a power of ten");
    bad("m 10", "only a power of ten at the beginning is allowed at character 3");
    bad("m\ts", "no part of a unit at character 2");
    bad("\xc2\xb5m", "the name of a unit is missing at character 1");
    bad("degC/m", "stand alone");
    bad("degC2", "stand alone");
    bad("10 degF", "stand alone");
    bad("(degC)", "stand alone");
    refused("unit_in=m&unit_out=s", "bad_parameter", "unit_out",
            "unit_in = \"m\" is a length (m), unit_out = \"s\" is a time (s)");
    refused("unit_in=rad&unit_out=1", "bad_parameter", "unit_out", "an angle (rad)");
    refused("unit_in=m&unit_out=Hz", "bad_parameter", "unit_out", "equivalency=spectral does");
    refused("unit_in=mas&unit_out=pc", "bad_parameter", "unit_out", "equivalency=parallax does");
    refused("unit_in=m&unit_out=km/s", "bad_parameter", "unit_out", "doppler_radio");
    refused("unit_in=m kg s2&unit_out=m3 K-1&equivalency=spectral", "bad_parameter", "unit_out",
            "unit_in = \"m kg s2\" is m kg s2, unit_out = \"m3 K-1\" is m3 K-1");
    refused("unit_in=Ym99&unit_out=ym99", "out_of_range", "unit_out", "beyond 1e290");
    refused("unit_in=m", "missing_parameter", "unit_out", "unit_out");
    refused("unit_in=m&unit_out=km&rest_value=1", "conflict", "rest_value", "no meaning");
    refused("unit_in=m&unit_out=Hz&equivalency=spectral&rest_unit=m", "conflict", "rest_unit",
            "no meaning");
    refused("unit_in=m&unit_out=km/s&equivalency=doppler_radio", "missing_parameter", "rest_value",
            "rest_value is missing");
    refused("unit_in=m&unit_out=km/s&equivalency=doppler_radio&rest_value=1", "missing_parameter",
            "rest_unit", "rest_unit is missing");
    refused("unit_in=m&unit_out=km/s&equivalency=doppler_radio&rest_value=1&rest_unit=kg",
            "bad_parameter", "rest_unit", "rest_unit is a mass (kg)");
    refused("unit_in=m&unit_out=km/s&equivalency=doppler_radio&rest_value=0&rest_unit=m",
            "out_of_range", "rest_value", "rest_value");
    refused("unit_in=m&unit_out=Hz&equivalency=doppler_radio&rest_value=1&rest_unit=m",
            "bad_parameter", "unit_out", "a frequency");
}

static void long_texts_are_refused(void **state)
{
    struct astro_error err = {.code = ASTRO_OK};
    char parameters[400];

    (void)state;
    snprintf(
        parameters, sizeof parameters, "unit_out=m&unit_in=%.*s", 201,
        "m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m "
        "m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m "
        "m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m m ");
    assert_false(converter_try("convert_units", parameters, &err));
    assert_int_equal(err.code, ASTRO_OUT_OF_RANGE);
}

/* --- temperatures --- */

static void temperatures_here(void)
{
    assert_near(once("degC", "K", "", 0), 273.15L, 6e-14, "K");
    assert_near(once("degF", "degC", "", 212), 100, 3e-14, "degC");
    assert_near(once("degC", "degF", "", -40), -40, 1e-14, "degF");
    assert_near(once("degC", "degF", "", 0), 32, 1e-14, "degF");
    assert_near(once("K", "degF", "", 0), -459.67L, 6e-14, "degF");
    assert_near(once("degF", "mK", "", 0), 255372.222222222222L, 3e-11, "mK");
    assert_exact("degC", "degC", 21.3, 21.3);
}

static void temperatures(void **state)
{
    (void)state;
    for_each_target(temperatures_here);
}

/* --- equivalencies --- */

static void relative(double got, long double wanted, double tolerance, const char *what)
{
    assert_near(got, wanted, tolerance * (double)fabsl(wanted), what);
}

static void spectral_here(void)
{
    const char *e = "&equivalency=spectral";
    const long double c = 299792458.0L, h = 6.62607015e-34L, ev = 1.602176634e-19L;

    relative(once("um", "GHz", e, 3), c / 3e-6L / 1e9L, 3e-16, "GHz");
    relative(once("GHz", "cm", e, 1.4204), c / 1.4204e9L * 100, 3e-16, "cm");
    relative(once("keV", "Angstrom", e, 7), h * c / (7e3L * ev) * 1e10L, 4e-16, "Angstrom");
    relative(once("Angstrom", "eV", e, 1216), h * c / 1216e-10L / ev, 4e-16, "eV");
    relative(once("cm-1", "THz", e, 100), 100e2L * c / 1e12L, 3e-16, "THz");
    relative(once("J", "m-1", e, 1), 1 / (h * c), 3e-16, "m-1");
    relative(once("um", "nm", e, 2), 2000, 0, "nm");
    relative(once("kg", "g", e, 2), 2000, 0, "g");
    assert_true(isinf(once("m", "Hz", e, 0)));
}

static void parallax_here(void)
{
    const char *e = "&equivalency=parallax";

    relative(once("mas", "pc", e, 20), 50, 3e-16, "pc");
    relative(once("kpc", "uas", e, 8), 125, 3e-16, "uas");
    relative(once("arcsec", "au", e, 1), 648000 / PI_LONG, 3e-16, "au");
    assert_true(isnan(once("mas", "pc", e, 0)) && isnan(once("mas", "pc", e, -3)));
}

/* There and back, and near rest, for each convention and each kind of value. */
static void doppler_here(void)
{
    static const char *const conventions[] = {"radio", "optical", "relativistic"};
    static const struct {
        const char *unit, *rest;
        long double at_rest; /* in `unit` */
        int frequency;
    } lines[] = {
        {"GHz", "&rest_value=1420.40575&rest_unit=MHz", 1.42040575L, 1},
        {"cm", "&rest_value=1420.40575&rest_unit=MHz", 29979.2458L / 1420.40575L, 0},
        {"um", "&rest_value=2.5&rest_unit=um", 2.5L, 0},
        {"THz", "&rest_value=2.5&rest_unit=um", 299.792458L / 2.5L, 1},
    };
    static const long double speeds[] = {-0.6L, -1e-3L, -1e-6L, 0, 1e-4L, 0.7L}; /* of light */

    for (size_t i = 0; i < LENGTH(conventions) * LENGTH(lines); i++) {
        size_t k = i % LENGTH(conventions), l = i / LENGTH(conventions);
        char more[160];
        snprintf(more, sizeof more, "&equivalency=doppler_%s%s", conventions[k], lines[l].rest);
        for (size_t s = 0; s < LENGTH(speeds); s++) {
            long double b = speeds[s];
            long double r = k == 0 ? 1 - b : k == 1 ? 1 / (1 + b) : sqrtl((1 - b) / (1 + b));
            long double value = lines[l].frequency ? lines[l].at_rest * r : lines[l].at_rest / r;
            double speed = (double)(b * 299792.458L);
            relative(once("km/s", lines[l].unit, more, speed), value, 1e-15, "line");
            /* half a unit of the value given is half a unit of light's speed at most */
            assert_near(once(lines[l].unit, "km/s", more, (double)value), b * 299792.458L,
                        4e-16 * 299792.458 * (1 + 3 * fabs((double)b)), "velocity");
        }
        assert_exact("km/s", "m/s", 2, 2000);
    }
    assert_true(isnan(
        once("km/s", "GHz", "&equivalency=doppler_relativistic&rest_value=1&rest_unit=m", 3e5)));
    relative(
        once("GHz", "km/s", "&equivalency=doppler_relativistic&rest_value=1&rest_unit=GHz", 1e300),
        -299792.458L, 1e-15, "fastest");
}

/* The line at rest does not move, although its reciprocal is no double. */
static void at_rest_here(void)
{
    static const char *const lines[][3] = {
        {"GHz", "&rest_value=1.4204&rest_unit=GHz", "1.4204"},
        {"um", "&rest_value=2.1&rest_unit=um", "2.1"},
        {"keV", "&rest_value=6.4&rest_unit=keV", "6.4"},
    };
    bool fused = strcmp(target_name(), "sse2") != 0;

    for (size_t i = 0; i < 3 * LENGTH(lines); i++) {
        static const char *const conventions[] = {"radio", "optical", "relativistic"};
        const char *const *line = lines[i / 3];
        char more[160];
        snprintf(more, sizeof more, "&equivalency=doppler_%s%s", conventions[i % 3], line[1]);
        assert_near(once(line[0], "km/s", more, atof(line[2])), 0, fused ? 1e-20 : 1e-10,
                    "velocity at rest");
    }
}

static void equivalencies(void **state)
{
    (void)state;
    for_each_target(spectral_here);
    for_each_target(parallax_here);
    for_each_target(doppler_here);
    for_each_target(at_rest_here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading),       cmocka_unit_test(refusals),
        cmocka_unit_test(temperatures),  cmocka_unit_test(long_texts_are_refused),
        cmocka_unit_test(equivalencies),
    };

    return cmocka_run_group_tests(tests, harness_start, NULL);
}
