/*
 * radec_to_xyz and xyz_to_radec: exact values, 80-bit references, ranges, zeros, scales, inverses.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double in[3][MOST_ROWS], out[3][MOST_ROWS], back[3][MOST_ROWS];
static const double *const from[3] = {in[0], in[1], in[2]};
static const double *const from_pair[3] = {in[0], in[1], NULL};
static double *const to[3] = {out[0], out[1], out[2]};
static const double *const again[3] = {out[0], out[1], out[2]};
static double *const round_trip[3] = {back[0], back[1], back[2]};

#define ABSENT ((double)NAN) /* for convert_row: the optional distance is not given */

/* 7e-16 is the catalogue's limit; what is reached is kept from growing. */
#define XYZ_TOLERANCE 4.5e-16

static void assert_bits(double got, double wanted, const char *what)
{
    if (!same_bits(got, wanted))
        fail_msg("%s on %s: got %.17g, wanted %.17g", what, target_name(), got, wanted);
}

/* Zeros of multiples of the quarter: sine as the angle's sign, cosine +0, then IEEE products. */
static void check_quarter(const char *parameters, double step, int quarters, double dec)
{
    static const double cosines[] = {1, 0, -1, 0}, sines[] = {0, 1, 0, -1};
    double row[3] = {quarters * step, dec, ABSENT}, xyz[3];
    int q = (quarters % 4 + 4) % 4;
    char what[80];

    snprintf(what, sizeof what, "%s: ra %g, dec %g", parameters, row[0], dec);
    convert_once("radec_to_xyz", parameters, row, xyz);
    double cos_dec = fabs(dec) == 90.0 ? 0.0 : 1.0;
    double sine = sines[q] == 0 ? copysign(0.0, row[0]) : sines[q];
    assert_bits(xyz[0], cos_dec * cosines[q], what);
    assert_bits(xyz[1], cos_dec * sine, what);
    assert_bits(xyz[2], dec == 0 ? dec : copysign(1.0, dec), what);
}

static void quarters(void)
{
    static const double decs[] = {0.0, -0.0, 90.0, -90.0};

    for (int q = -9; q <= 9; q++) {
        for (size_t i = 0; i < LENGTH(decs); i++) {
            check_quarter("unit=deg", 90, q, decs[i]);
            check_quarter("unit=hourangle", 6, q, decs[i]);
        }
    }
    check_quarter("unit=deg", 90, 1 << 30, 0);
    check_quarter("unit=deg", -0.0, 0, -0.0);
    check_quarter("unit=deg", ldexp(90, 900), 4, 0); /* reduced one by one */
}

static void whole_quarters_are_exact(void **state)
{
    (void)state;
    for_each_target(quarters);
}

/* Reference for one row; `turn` units make a full circle, 0: radians. */
static void reference(double turn, double ra, double dec, long double xyz[3])
{
    long double sr, cr, sd, cd;

    if (turn == 0) {
        sr = sinl((long double)ra), cr = cosl((long double)ra);
        sd = sinl((long double)dec), cd = cosl((long double)dec);
    } else {
        sincos_degrees(fmodl((long double)ra, (long double)turn) * (360.0L / (long double)turn),
                       &sr, &cr);
        sincos_degrees((long double)dec, &sd, &cd);
    }
    xyz[0] = cd * cr;
    xyz[1] = cd * sr;
    xyz[2] = sd;
}

static double random_ra(double turn, size_t i)
{
    double circle = turn == 0 ? 6.283185307179586 : turn;

    switch (i % 8) {
    case 0:
        return random_between(-1000, 1000) * circle;
    case 1:
        return circle * (double)(i % 16) / 8 + random_between(-1e-12, 1e-12);
    case 2:
        return ldexp(random_between(-1, 1), (int)random_between(-1000, 0));
    case 3: /* far beyond what the vector code reduces itself */
        return ldexp(random_between(-1, 1), (int)random_between(20, 1000));
    case 4: /* around the limits of the vector code: 2^19 rad, 2^40 deg */
        return ldexp(random_between(-1, 1), i % 16 < 8 ? 19 : 40);
    default:
        return random_between(0, circle);
    }
}

static double random_dec(double turn, size_t i)
{
    double pole = turn == 0 ? 1.5707963267948966 : 90.0;

    switch (i % 5) {
    case 0:
        return copysign(pole - ldexp(random_unit(), -(int)random_between(0, 50)),
                        (double)(i % 2) - 0.5);
    case 1:
        return ldexp(random_between(-1, 1), -(int)random_between(0, 1000));
    default:
        return random_between(-pole, pole);
    }
}

static double largest;

static void compare_with_80_bits(const char *parameters, double turn)
{
    struct converter c = converter_open("radec_to_xyz", parameters);

    for (size_t i = 0; i < MOST_ROWS; i++) {
        in[0][i] = random_ra(turn, i);
        in[1][i] = random_dec(turn, i);
    }
    convert(&c, MOST_ROWS, from_pair, to);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        long double xyz[3];
        reference(turn, in[0][i], in[1][i], xyz);
        for (size_t k = 0; k < 3; k++) {
            double error = (double)fabsl((long double)out[k][i] - xyz[k]);
            if (error > largest)
                largest = error;
            if (!(error <= XYZ_TOLERANCE))
                fail_msg("%s, ra %.17g dec %.17g", parameters, in[0][i], in[1][i]);
        }
    }
    converter_close(&c);
}

static void accuracy(void)
{
    random_seed(11);
    largest = 0;
    for (int round = 0; round < 10; round++) {
        compare_with_80_bits("unit=deg", 360);
        compare_with_80_bits("unit=hourangle", 24);
        compare_with_80_bits("unit=rad", 0);
    }
    print_message("radec_to_xyz   %-26s largest error %.2e\n", target_name(), largest);
}

static void agrees_with_80_bits(void **state)
{
    (void)state;
    for_each_target(accuracy);
}

/* Beyond the pole is the pole, to the bit; in radians the pole is the nearest double. */
static void poles(void)
{
    static const struct {
        const char *parameters;
        double pole;
        enum astro_unit unit;
    } rows[] = {{"unit=deg", 90, ASTRO_DEG}, {"unit=rad", 1.5707963267948966, ASTRO_RAD}};

    for (size_t i = 0; i < LENGTH(rows); i++) {
        for (int origin = ASTRO_FROM_FP64; origin <= ASTRO_FROM_FP32; origin++) {
            double limit = astro_latitude_limit(rows[i].unit, (enum astro_origin)origin);
            double row[3] = {1.25, rows[i].pole, ABSENT}, xyz[3], beyond[3];
            convert_once("radec_to_xyz", rows[i].parameters, row, xyz);
            row[1] = limit;
            convert_once("radec_to_xyz", rows[i].parameters, row, beyond);
            for (size_t k = 0; k < 3; k++)
                assert_bits(beyond[k], xyz[k], "beyond the pole");
            assert_bits(xyz[2], 1.0, "z at the pole");
            row[1] = -limit;
            convert_once("radec_to_xyz", rows[i].parameters, row, beyond);
            assert_bits(beyond[2], -1.0, "z at the south pole");
        }
    }
    double row[3] = {0, 1.5707963267948966, ABSENT}, xyz[3];
    convert_once("radec_to_xyz", "unit=rad", row, xyz);
    assert_near(xyz[0], 6.123233995736766e-17L, 1e-26, "x at the pole in radians");
}

static void beyond_the_pole_is_the_pole(void **state)
{
    (void)state;
    for_each_target(poles);
}

static void distances(void)
{
    static const double values[] = {0.0, 1.0, 2.5, 1e-300, 1e300, 4.9406564584124654e-324};
    struct converter c = converter_open("radec_to_xyz", "");

    for (size_t i = 0; i < LENGTH(values); i++) {
        double unit[3], far[3], row[3] = {33.3, -12.5, ABSENT};
        convert_row(&c, row, unit);
        row[2] = values[i];
        convert_row(&c, row, far);
        for (size_t k = 0; k < 3; k++)
            assert_bits(far[k], unit[k] * values[i], "with a distance");
    }
    converter_close(&c);
}

static void distance_multiplies(void **state)
{
    (void)state;
    for_each_target(distances);
}

/* --- xyz_to_radec --- */

static void check_sphere(const char *parameters, double x, double y, double z, double ra,
                         double dec, double distance)
{
    double row[3] = {x, y, z}, got[3];
    char what[120];

    snprintf(what, sizeof what, "%s of (%g, %g, %g)", parameters, x, y, z);
    convert_once("xyz_to_radec", parameters, row, got);
    assert_bits(got[0], ra, what);
    assert_bits(got[1], dec, what);
    assert_bits(got[2], distance, what);
}

static void special_vectors(void)
{
    const double pi = 3.141592653589793, tiny = 4.9406564584124654e-324;

    check_sphere("unit=deg", 0.0, 0.0, 0.0, 0, 0.0, 0);
    check_sphere("unit=deg", -0.0, -0.0, -0.0, 0, -0.0, 0);
    check_sphere("unit=deg", 0.0, 0.0, 2.0, 0, 90, 2);
    check_sphere("unit=deg", -0.0, -0.0, -3.0, 0, -90, 3);
    check_sphere("unit=deg", 1, 0.0, 0.0, 0, 0.0, 1);
    check_sphere("unit=deg", 1, -0.0, -0.0, 0, -0.0, 1);
    check_sphere("unit=deg", 0.0, 1, 0.0, 90, 0.0, 1);
    check_sphere("unit=deg", -1, 0.0, 0.0, 180, 0.0, 1);
    check_sphere("unit=deg", -1, -0.0, 0.0, 180, 0.0, 1);
    check_sphere("unit=deg", 0.0, -4, 0.0, 270, 0.0, 4);
    check_sphere("unit=deg", 3, 3, 0.0, 45, 0.0, sqrt(18));
    check_sphere("unit=deg", -3, 3, 0.0, 135, 0.0, sqrt(18));
    check_sphere("unit=deg", -3, -3, 0.0, 225, 0.0, sqrt(18));
    check_sphere("unit=deg", 3, -3, 0.0, 315, 0.0, sqrt(18));
    check_sphere("unit=deg", 1, -1e-30, 0.0, 0, 0.0, 1); /* rounds up to 360: is 0 */
    check_sphere("unit=deg", 1, -tiny, 0.0, 0, 0.0, 1);
    check_sphere("unit=hourangle", 0.0, -1, 0.0, 18, 0.0, 1);
    check_sphere("unit=hourangle", 1, -1e-30, 0.0, 0, 0.0, 1);
    check_sphere("unit=rad", -1, 0.0, 0.0, pi, 0.0, 1);
    check_sphere("unit=rad", 0.0, 0.0, 1, 0, pi / 2, 1);
    check_sphere("unit=rad", 1, -1e-30, 0.0, 0, 0.0, 1);
    check_sphere("unit=deg", tiny, tiny, 0.0, 45, 0.0, tiny);
    check_sphere("unit=deg", 1e308, 1e308, 0.0, 45, 0.0, sqrt(2) * 1e308);
    check_sphere("unit=deg", 1.7e308, 1e-300, 0.0, 0, 0.0, 1.7e308);
    check_sphere("unit=deg", 1e-300, 1e-300, 1e300, 45, 90, 1e300);
    check_sphere("unit=deg", -1e-300, 1e-300, -1e300, 135, -90, 1e300);
    check_sphere("unit=deg", -tiny, tiny, 1e300, 135, 90, 1e300);
}

/* Near the largest double the sums inside the arc tangent must not overflow. */
static void largest_vectors(void)
{
    const double row[3] = {1e308, 1.4e308, 0};
    double got[3];

    convert_once("xyz_to_radec", "", row, got);
    assert_near(got[0], atan2l(1.4L, 1.0L) * DEG, 1e-13, "ra near the largest double");
    assert_near(got[2], sqrtl(2.96L) * 1e308L, 1e293, "distance near the largest double");
}

static void special_vectors_are_exact(void **state)
{
    (void)state;
    for_each_target(special_vectors);
    for_each_target(largest_vectors);
}

/* Random vectors, the same ones at all scales: bits of ra and dec stay, the distance scales. */
static void check_scales(const char *parameters, long double units, double tolerance)
{
    struct converter c = converter_open("xyz_to_radec", parameters);

    for (size_t i = 0; i < 2000; i++) {
        double row[3], first[3], scaled[3];
        for (size_t k = 0; k < 3; k++)
            row[k] = ldexp(random_between(-1, 1), i % 3 == 0 ? -(int)random_between(0, 40) : 0);
        convert_row(&c, row, first);
        long double x = row[0], y = row[1], z = row[2], rho = sqrtl(x * x + y * y);
        long double ra = atan2l(y, x), r = sqrtl(rho * rho + z * z);
        if (ra < 0)
            ra += 2 * PI_LONG;
        assert_near(first[0], ra * units, tolerance, "ra");
        assert_near(first[1], atan2l(z, rho) * units, tolerance, "dec");
        assert_near(first[2], r, (double)r * 3 * 0x1p-53, "distance");
        for (int power = -920; power <= 1000; power += 40) {
            double moved[3] = {ldexp(row[0], power), ldexp(row[1], power), ldexp(row[2], power)};
            convert_row(&c, moved, scaled);
            assert_bits(scaled[0], first[0], "ra at another scale");
            assert_bits(scaled[1], first[1], "dec at another scale");
            assert_bits(scaled[2], ldexp(first[2], power), "distance at another scale");
        }
    }
    converter_close(&c);
}

static void scales(void)
{
    random_seed(12);
    check_scales("unit=deg", DEG, 1e-13);
    check_scales("unit=rad", 1, 6e-16); /* two thirds of a unit in the last place of 2 pi */
}

static void all_scales_agree_with_80_bits(void **state)
{
    (void)state;
    for_each_target(scales);
}

static void inverse_pair(const char *parameters, double turn, double tolerance)
{
    struct converter there = converter_open("radec_to_xyz", parameters);
    struct converter home = converter_open("xyz_to_radec", parameters);
    double pole = turn < 7 ? 1.5707963267948966 : 90;

    for (size_t i = 0; i < MOST_ROWS; i++) {
        in[0][i] = random_between(0, turn);
        in[1][i] = random_between(-pole, pole);
        in[2][i] = pow(10, random_between(-300, 300));
    }
    convert(&there, MOST_ROWS, from, to);
    convert(&home, MOST_ROWS, again, round_trip);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        double closeness = cos(in[1][i] * 1.5707963267948966 / pole);
        assert_true(back[0][i] >= 0 && back[0][i] < turn);
        assert_near(back[0][i], in[0][i], tolerance * turn / closeness, "ra there and back");
        assert_near(back[1][i], in[1][i], tolerance * pole, "dec there and back");
        assert_near(back[2][i], in[2][i], in[2][i] * 1e-15, "distance there and back");
    }
    converter_close(&there);
    converter_close(&home);
}

static void inverses(void)
{
    random_seed(13);
    inverse_pair("unit=deg", 360, 2e-16);
    inverse_pair("unit=hourangle", 24, 2e-16);
    inverse_pair("unit=rad", 6.283185307179586, 2e-16);
}

static void there_and_back(void **state)
{
    (void)state;
    for_each_target(inverses);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_quarters_are_exact),
        cmocka_unit_test(agrees_with_80_bits),
        cmocka_unit_test(beyond_the_pole_is_the_pole),
        cmocka_unit_test(distance_multiplies),
        cmocka_unit_test(special_vectors_are_exact),
        cmocka_unit_test(all_scales_agree_with_80_bits),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests_name("kernels.cartesian", tests, harness_start, NULL);
}
