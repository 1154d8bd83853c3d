/*
 * separation and position_angle: 80-bit references from 1e-300 deg to antipodes, ERFA, exact cases.
 */
#include "harness.h"

#include <erfa.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 4000 };

static double separation(const char *parameters, double lon1, double lat1, double lon2, double lat2)
{
    double row[4] = {lon1, lat1, lon2, lat2}, got;

    convert_once("separation", parameters, row, &got);
    return got;
}

static double position_angle(const char *parameters, double lon1, double lat1, double lon2,
                             double lat2)
{
    double row[4] = {lon1, lat1, lon2, lat2}, got;

    convert_once("position_angle", parameters, row, &got);
    return got;
}

/* --- separation --- */

static void exact_separations(void)
{
    static const double rows[][5] = {
        {0, 0, 0, 0, 0},
        {10, 20, 10, 20, 0},
        {0, 0, 360, 0, 0},
        {-180, 5, 180, 5, 0},
        {0, 90, 123, 90, 0},
        {7, -90, -7, -90, 0},
        {0, 90, 55, -90, 180},
        {0, 0, 180, 0, 180},
        {30, 0, 210, 0, 180},
        {0, 30, 180, -30, 180},
        {350, 45, 170, -45, 180},
        {1e300, 10, 1e300, 10, 0},
        {0.0, 0.0, -0.0, -0.0, 0},
        {0, 90, 0, 90.00000000000006, 0}, /* 4 units in the last place beyond: the pole */
        {5, -90.00000000000006, 0, -90, 0},
    };

    for (size_t i = 0; i < LENGTH(rows); i++) {
        double got = separation("", rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
        if (!same_bits(got, rows[i][4]))
            fail_msg("separation row %zu on %s: %.17g", i, target_name(), got);
    }
    assert_true(same_bits(separation("unit=rad", 0, 0, 0, 0), 0.0));
    assert_true(same_bits(separation("unit=rad", 1e300, 1, 1e300, 1), 0.0));
}

static void exact_cases(void **state)
{
    (void)state;
    for_each_target(exact_separations);
}

/* A second point at about 10^-power degrees from the first, in any direction. */
static void neighbour(const double *first, double size, double *second)
{
    double direction = random_between(0, 6.283185307179586);
    double lat = first[1] + size * cos(direction);
    double shrink = cos(first[1] / (double)DEG);

    second[1] = lat > 90 ? 90 : lat < -90 ? -90 : lat;
    second[0] = first[0] + size * sin(direction) / (shrink > 1e-3 ? shrink : 1e-3);
}

static void random_pair(size_t i, double row[4])
{
    row[0] = random_between(-360, 720);
    row[1] = i % 5 == 0 ? copysign(90 - ldexp(1, -(int)(i % 47)), (double)(i % 2) - 0.5)
                        : random_between(-90, 90);
    if (i % 3 == 0) {
        row[2] = random_between(-360, 720);
        row[3] = random_between(-90, 90);
        return;
    }
    if (i % 13 == 0)
        row[0] = 0; /* so that the difference may be far below the last place of 360 */
    if (i % 26 == 0)
        row[1] = 0;
    neighbour(row, pow(10, -random_between(-2, i % 26 == 0 ? 290 : 13)), &row[2]);
    if (i % 7 == 0) { /* the antipode of the neighbour */
        row[2] += 180;
        row[3] = -row[3];
    }
    if (i % 17 == 0)
        row[0] += 360;
}

static double worst_absolute, worst_relative;

static void check_separation(const double row[4])
{
    long double wanted = separation_degrees(row[0], row[1], row[2], row[3]);
    double got = separation("", row[0], row[1], row[2], row[3]);
    double error = (double)fabsl((long double)got - wanted);

    if (error > worst_absolute)
        worst_absolute = error;
    if (wanted > 0 && wanted < 1e-3L && error / (double)wanted > worst_relative)
        worst_relative = error / (double)wanted;
    assert_true(got >= 0 && got <= 180);
    assert_near(got, wanted, 1e-13, "separation");
    if (wanted < 1e-3L)
        assert_near(got, wanted, 1e-13 * (double)wanted, "tiny separation");
    /* radians: the same points, as near as radians can say it */
    double rad[4];
    for (size_t k = 0; k < 4; k++)
        rad[k] = (double)((long double)row[k] / DEG);
    double in_radians = separation("unit=rad", rad[0], rad[1], rad[2], rad[3]);
    assert_near(in_radians, wanted / DEG, 5e-15, "separation in radians");
}

static void separations(void)
{
    random_seed(31);
    worst_absolute = worst_relative = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        double row[4];
        random_pair(i, row);
        check_separation(row);
    }
    print_message("separation     %-26s largest error %.2e deg; when tiny %.2e of itself\n",
                  target_name(), worst_absolute, worst_relative);
}

static void agrees_with_80_bits(void **state)
{
    (void)state;
    for_each_target(separations);
}

/* A hair on both sides of the wrap, where the plain difference of the longitudes would round. */
static void hairs(void)
{
    const double below = nextafter(360, 0);

    assert_near(separation("", below, 0, 1e-20, 0), 360 - (long double)below + 1e-20L, 1e-28,
                "across the wrap");
    assert_near(separation("unit=rad", 6.283185307179586, 0, 1e-20, 0),
                2.4492935982947064e-16L + 1e-20L, 1e-26, "across the wrap, radians");
    assert_near(separation("", 1e-200, 0, -1e-200, 0), 2e-200L, 1e-213, "1e-200 deg");
    assert_near(separation("", 0, 1e-300, 0, 0), 1e-300L, 1e-313, "1e-300 deg");
    assert_near(separation("", 0, 1e-160, 1e-160, 0), 1.41421356237309504880e-160L, 1e-173,
                "1e-160 deg, both ways");
}

static void tiny_separations_keep_their_digits(void **state)
{
    (void)state;
    for_each_target(hairs);
}

/* --- position angle --- */

static void exact_directions(void)
{
    static const double rows[][5] = {
        {0, 0, 0, 0, 0},
        {10, 20, 10, 20, 0},
        {0, 90, 123, 90, 0},
        {5, 5, 365, 5, 0},
        {10, 0, 10, 5, 0},
        {10, 5, 10, 0, 180},
        {0, 0, 1, 0, 90},
        {1, 0, 0, 0, 270},
        {359, 0, 1, 0, 90},
        {1, 0, -1, 0, 270},
        {0, 60, 180, 60, 0},
        {0, -60, 180, -60, 180},
        {0, 0, 90, 0, 90},
        {0, 0, -0.0, 90, 0},
        {0, 0, 50, -90, 180},
        {-0.0, 0, 0, 1, 0},
        {0, 1e-200, 0, 0, 180},
        {0, 0, 1e-200, 0, 90},
        {0, 90, 0, 90.00000000000006, 0},
    };

    for (size_t i = 0; i < LENGTH(rows); i++) {
        double got = position_angle("", rows[i][0], rows[i][1], rows[i][2], rows[i][3]);
        if (!same_bits(got, rows[i][4]))
            fail_msg("position angle row %zu on %s: %.17g", i, target_name(), got);
    }
    /* a hair west of north: rounds to 360, so it is 0 */
    assert_true(same_bits(position_angle("", 0, 0, -1e-30, 80), 0.0));
    assert_true(same_bits(position_angle("unit=rad", 0, 0, -1e-30, 1), 0.0));
}

static void exact_position_angles(void **state)
{
    (void)state;
    for_each_target(exact_directions);
}

static void directions(void)
{
    random_seed(32);
    for (size_t i = 0; i < ROUNDS; i++) {
        double row[4];
        long double sh, ch, sd, cd, s1, c1, s2, c2;
        random_pair(i, row);
        sincos_degrees(longitude_difference(row[0], row[2]) / 2, &sh, &ch);
        sincos_degrees(((long double)row[3] - row[1]) / 2, &sd, &cd);
        sincos_degrees(row[1], &s1, &c1);
        sincos_degrees(row[3], &s2, &c2);
        long double y = 2 * sh * ch * c2, x = 2 * sd * cd + 2 * s1 * c2 * sh * sh;
        long double wanted = atan2l(y, x) * DEG;
        long double sine = sqrtl(x * x + y * y); /* of the separation */
        double got = position_angle("", row[0], row[1], row[2], row[3]);
        assert_true(got >= 0 && got < 360);
        long double error = remainderl((long double)got - wanted, 360);
        if (sine > 0 && fabsl(error) > 1e-13L / sine)
            fail_msg("position angle on %s of %.17g %.17g %.17g %.17g: %.17g, off by %.3Lg",
                     target_name(), row[0], row[1], row[2], row[3], got, error);
        if (i % 3 == 0) {
            double erfa = eraPas(row[0] / (double)DEG, row[1] / (double)DEG, row[2] / (double)DEG,
                                 row[3] / (double)DEG);
            error = remainderl((long double)got - (long double)erfa * DEG, 360);
            assert_near((double)(error * sine), 0, 1e-12, "eraPas");
        }
    }
}

static void position_angles_agree_with_80_bits(void **state)
{
    (void)state;
    for_each_target(directions);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_cases),
        cmocka_unit_test(agrees_with_80_bits),
        cmocka_unit_test(tiny_separations_keep_their_digits),
        cmocka_unit_test(exact_position_angles),
        cmocka_unit_test(position_angles_agree_with_80_bits),
    };
    return cmocka_run_group_tests_name("kernels.separations", tests, harness_start, NULL);
}
