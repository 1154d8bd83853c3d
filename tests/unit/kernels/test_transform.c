/*
 * transform_frame: every pair of frames against the conversions of two frames in a row, the same
 * frame on both sides, parameters that have no meaning.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define A2 (1e-8 * ARCSEC)

enum { POINTS = 60 };

static const struct {
    const char *frame;
    const char *to_icrs, *from_icrs; /* NULL: is ICRS, or takes two steps */
} frames[] = {
    {"icrs", NULL, NULL},
    {"fk5", "fk5_to_icrs", "icrs_to_fk5"},
    {"fk4", "fk4_to_icrs", "icrs_to_fk4"},
    {"galactic", "galactic_to_icrs", "icrs_to_galactic"},
    {"ecliptic", "ecliptic_to_icrs", "icrs_to_ecliptic"},
    {"fk4_no_e", "fk4_to_icrs", "icrs_to_fk4"},
    {"supergalactic", "galactic_to_icrs", "icrs_to_galactic"},
};

static void step(const char *name, const char *parameters, double row[2])
{
    double result[2];

    convert_once(name, parameters, row, result);
    memcpy(row, result, sizeof result);
}

static void by_steps(size_t in, size_t out, double row[2])
{
    if (strcmp(frames[in].frame, "supergalactic") == 0)
        step("supergalactic_to_galactic", "", row);
    if (strcmp(frames[in].frame, "fk4_no_e") == 0)
        step("fk4_no_e_to_fk4", "", row);
    if (frames[in].to_icrs)
        step(frames[in].to_icrs, "", row);
    if (frames[out].from_icrs)
        step(frames[out].from_icrs, "", row);
    if (strcmp(frames[out].frame, "supergalactic") == 0)
        step("galactic_to_supergalactic", "", row);
    if (strcmp(frames[out].frame, "fk4_no_e") == 0)
        step("fk4_to_fk4_no_e", "", row);
}

static void pairs(void)
{
    char parameters[80];
    double worst = 0;

    for (size_t in = 0; in < LENGTH(frames); in++) {
        for (size_t out = 0; out < LENGTH(frames); out++) {
            bool both_fk4 = strncmp(frames[in].frame, "fk4", 3) == 0 &&
                            strncmp(frames[out].frame, "fk4", 3) == 0;
            if (in == out || both_fk4)
                continue; /* not through ICRS */
            snprintf(parameters, sizeof parameters, "frame_in=%s&frame_out=%s", frames[in].frame,
                     frames[out].frame);
            for (size_t i = 0; i < POINTS; i++) {
                double row[2] = {random_between(-400, 400),
                                 i % 10 ? random_between(-90, 90) : 90.0 * ((double)(i % 3) - 1)};
                double got[2];
                convert_once("transform_frame", parameters, row, got);
                by_steps(in, out, row);
                double apart = (double)separation_degrees(got[0], got[1], row[0], row[1]);
                assert_near(apart, 0, A2, parameters);
                worst = fmax(worst, apart);
            }
        }
    }
    print_message("transform      %-26s largest difference %.2e arcsec\n", target_name(),
                  worst / ARCSEC);
}

static void joins_every_pair(void **state)
{
    (void)state;
    random_seed(32);
    for_each_target(pairs);
}

static void equals(const char *parameters, const char *name, const char *others)
{
    for (size_t i = 0; i < POINTS; i++) {
        double row[2] = {random_between(0, 360), random_between(-90, 90)}, got[2], wanted[2];
        convert_once("transform_frame", parameters, row, got);
        convert_once(name, others, row, wanted);
        assert_near((double)separation_degrees(got[0], got[1], wanted[0], wanted[1]), 0, A2,
                    parameters);
    }
}

static void equinoxes(void)
{
    equals("frame_in=fk5&frame_out=fk5&equinox_in=J1975&equinox_out=J2024.5", "precess_fk5",
           "equinox_in=J1975&equinox_out=J2024.5");
    equals("frame_in=fk4&frame_out=fk4&equinox_in=B1875&equinox_out=B1975", "precess_fk4",
           "equinox_in=B1875&equinox_out=B1975");
    equals("frame_in=FK4&frame_out=fk4_no_e&equinox_in=B1975&equinox_out=B1975", "fk4_to_fk4_no_e",
           "equinox=B1975");
    equals("frame_in=fk4_no_e&frame_out=fk4", "fk4_no_e_to_fk4", "");
    equals("frame_in=fk4&frame_out=fk5&equinox_in=B1900&equinox_out=J2015.5&obstime=J1991.25",
           "fk4_to_fk5", "equinox_in=B1900&equinox_out=J2015.5&obstime=J1991.25");
    equals("frame_in=fk5&frame_out=fk4&equinox_in=J2015.5&equinox_out=B1900&obstime=J1991.25",
           "fk5_to_fk4", "equinox_in=J2015.5&equinox_out=B1900&obstime=J1991.25");
    equals("frame_in=icrs&frame_out=ecliptic&equinox_out=J1900", "icrs_to_ecliptic",
           "equinox=J1900");
}

static void takes_equinoxes(void **state)
{
    (void)state;
    random_seed(33);
    for_each_target(equinoxes);
}

static void unchanged(void)
{
    static const struct {
        double lon, lat, lon_out;
    } rows[] = {
        {10.25, -33.3, 10.25}, {-10, 20, 350},      {370.5, 89, 10.5},     {-1e-20, 1, 0},
        {360, 90, 0},          {-0.0, -0.0, 0},     {-360, 5, 0},          {719.5, 5, 359.5},
        {1e300, 0, 0},         {5e-324, 0, 5e-324}, {-5e-324, 0, 0},       {450.25, 1, 90.25},
        {-90.25, 1, 269.75},   {269.75, 1, 269.75}, {359.999, 1, 359.999},
    };
    static const char *const same[] = {
        "frame_in=icrs&frame_out=icrs",
        "frame_in=fk4&frame_out=fk4&equinox_in=B1900&equinox_out=B1900",
        "frame_in=fk4_no_e&frame_out=fk4_no_e",
        "frame_in=ecliptic&frame_out=ecliptic&equinox_in=J2000",
    };

    for (size_t s = 0; s < LENGTH(same); s++) {
        for (size_t i = 0; i < LENGTH(rows); i++) {
            double row[2] = {rows[i].lon, rows[i].lat}, got[2];
            double wanted = rows[i].lon == 1e300 ? fmod(1e300, 360) : rows[i].lon_out;
            convert_once("transform_frame", same[s], row, got);
            assert_true(same_bits(got[0], wanted));
            assert_true(same_bits(got[1], rows[i].lat));
        }
        for (size_t i = 0; i < 1000; i++) {
            double row[2] = {ldexp(random_between(0, 1), (int)(i % 60)), 0}, got[2];
            convert_once("transform_frame", same[s], row, got);
            assert_true(same_bits(got[0], fmod(row[0], 360)));
        }
    }
    for (size_t i = 0; i < 1000; i++) {
        char parameters[] = "unit=rad&frame_in=icrs&frame_out=icrs";
        double row[2] = {ldexp(random_between(-1, 1), (int)(i % 12)), 0}, got[2];
        convert_once("transform_frame", parameters, row, got);
        long double turns = floorl((long double)row[0] / (2 * PI_LONG));
        assert_near(got[0], (long double)row[0] - turns * 2 * PI_LONG, 1e-15, "radians");
        assert_true(got[0] >= 0 && got[0] < 6.283185307179586);
    }
}

static void same_frame_only_wraps(void **state)
{
    (void)state;
    random_seed(34);
    for_each_target(unchanged);
}

static void refuses_what_has_no_meaning(void **state)
{
    static const struct {
        const char *parameters, *field;
        enum astro_code code;
    } rows[] = {
        {"frame_in=galactic&frame_out=fk5&equinox_in=J2000", "equinox_in", ASTRO_CONFLICT},
        {"frame_in=fk5&frame_out=icrs&equinox_out=J2000", "equinox_out", ASTRO_CONFLICT},
        {"frame_in=fk5&frame_out=icrs&obstime=J2000", "obstime", ASTRO_CONFLICT},
        {"frame_in=fk4&frame_out=fk4&obstime=J2000", "obstime", ASTRO_CONFLICT},
        {"frame_in=fk4&frame_out=icrs&obstime=noon", "obstime", ASTRO_CODE_COUNT},
        {"frame_in=fk4", "frame_out", ASTRO_MISSING_PARAMETER},
        {"frame_out=fk4", "frame_in", ASTRO_MISSING_PARAMETER},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = {0};
        assert_false(converter_try("transform_frame", rows[i].parameters, &err));
        assert_string_equal(err.field, rows[i].field);
        if (rows[i].code != ASTRO_CODE_COUNT)
            assert_int_equal(err.code, rows[i].code);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(joins_every_pair),
        cmocka_unit_test(takes_equinoxes),
        cmocka_unit_test(same_frame_only_wraps),
        cmocka_unit_test(refuses_what_has_no_meaning),
    };
    return cmocka_run_group_tests_name("kernels.transform", tests, harness_start, NULL);
}
