/*
 * offset_by, spherical_offsets, midpoint, sky offset frames and the tangent plane: against 80-bit
 * arithmetic and ERFA, inverse pairs, poles, antipodes, points a hair apart.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>

#define A1 (1e-9 * ARCSEC)

static double in[4][MOST_ROWS], out[4][MOST_ROWS], again[2][MOST_ROWS];
static const double *const from[] = {in[0], in[1], in[2], in[3]};
static double *const to[] = {out[0], out[1]};

typedef long double vector[3];

static void to_vector(long double lon, long double lat, vector p)
{
    long double sl, cl, sb, cb;

    sincos_degrees(lon, &sl, &cl);
    sincos_degrees(lat, &sb, &cb);
    p[0] = cb * cl;
    p[1] = cb * sl;
    p[2] = sb;
}

static long double longitude_of(const vector p)
{
    return atan2l(p[1], p[0]) * DEG;
}

static long double latitude_of(const vector p)
{
    return atan2l(p[2], hypotl(p[0], p[1])) * DEG;
}

/* ERFA's rotations about an axis, in degrees. */
static void turn(int axis, long double degrees, vector p)
{
    int i = (axis + 1) % 3, j = (axis + 2) % 3;
    long double s, c;

    sincos_degrees(degrees, &s, &c);
    long double x = c * p[i] + s * p[j], y = c * p[j] - s * p[i];
    p[i] = x;
    p[j] = y;
}

static double random_latitude(size_t i)
{
    if (i % 37 == 0)
        return 90.0 * ((double)(i % 3) - 1);
    if (i % 7 == 0)
        return copysign(90 - ldexp(90, -(int)(i % 55)), random_unit() - 0.5);
    return asin(random_between(-1, 1)) * (double)DEG;
}

static void fill(void)
{
    for (size_t i = 0; i < MOST_ROWS; i++) {
        in[0][i] = i % 5 ? random_between(0, 360) : 90.0 * (double)(i % 9) - 360;
        in[1][i] = random_latitude(i);
        in[2][i] = random_between(-400, 400);
        in[3][i] = random_latitude(i + 3);
        if (i % 3 == 0) { /* close together */
            double step = ldexp(1, -(int)(i % 60));
            in[2][i] = in[0][i] + random_between(-step, step);
            in[3][i] = fmax(fmin(in[1][i] + random_between(-step, step), 90), -90);
        }
    }
}

static void run(const char *name, const char *parameters, const double *const columns[])
{
    struct converter c = converter_open(name, parameters);

    convert(&c, MOST_ROWS, columns, to);
    converter_close(&c);
}

static double worst;

static void near(size_t i, long double lon, long double lat, double allowed, const char *what)
{
    double apart = (double)separation_degrees(out[0][i], out[1][i], lon, lat);

    worst = fmax(worst, apart);
    if (!(apart <= allowed))
        fail_msg("%s on %s: %.17g %.17g %.17g %.17g gives %.17g %.17g, %.3g arcsec off", what,
                 target_name(), in[0][i], in[1][i], in[2][i], in[3][i], out[0][i], out[1][i],
                 apart / ARCSEC);
}

static void report(const char *what)
{
    print_message("%-14s %-26s largest error %.2e arcsec\n", what, target_name(), worst / ARCSEC);
    worst = 0;
}

/* --- offset_by --- */

static void moved(void)
{
    fill();
    for (size_t i = 0; i < MOST_ROWS; i++) { /* position angle, separation */
        in[2][i] = i % 11 ? random_between(-360, 720) : 90.0 * (double)(i % 5);
        in[3][i] = i % 4 ? random_between(-200, 400) : ldexp(1, -(int)(i % 50));
        if (i % 13 == 0)
            in[3][i] = 90.0 * (double)(i % 5);
    }
    run("offset_by", "", from);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        vector p;
        to_vector(90 - in[2][i], 90, p); /* the pole, then down by the separation */
        long double sa, ca, ss, cs;
        sincos_degrees(in[2][i], &sa, &ca);
        sincos_degrees(in[3][i], &ss, &cs);
        p[0] = cs, p[1] = ss * sa, p[2] = ss * ca; /* in the frame of the start */
        turn(1, in[1][i], p);
        turn(2, -(long double)in[0][i], p);
        near(i, longitude_of(p), latitude_of(p), A1, "offset_by");
        assert_true(out[0][i] >= 0 && out[0][i] < 360 && fabs(out[1][i]) <= 90);
    }
    report("offset_by");
    const double pole[4] = {30, 90, 50, 10};
    double got[2];
    convert_once("offset_by", "", pole, got);
    assert_near(got[0], 30 + 180 - 50, 1e-12, "from the pole");
    assert_near(got[1], 80, 1e-12, "from the pole");
}

static void offsets_by_angle_and_distance(void **state)
{
    (void)state;
    random_seed(71);
    for_each_target(moved);
}

/* --- spherical_offsets and sky offset frames --- */

static void beside(void)
{
    fill();
    run("spherical_offsets", "", from);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        vector p;
        to_vector(longitude_difference(in[0][i], in[2][i]), in[3][i], p);
        turn(1, -(long double)in[1][i], p);
        near(i, longitude_of(p), latitude_of(p), A1, "spherical_offsets");
        assert_true(out[0][i] > -180 && out[0][i] <= 180 && fabs(out[1][i]) <= 90);
        /* nothing is lost in tiny offsets: 1e-9 of the distance */
        long double apart = separation_degrees(in[0][i], in[1][i], in[2][i], in[3][i]);
        if (apart > 1e-13L && apart < 1)
            assert_near((double)(separation_degrees(0, 0, out[0][i], out[1][i]) / apart), 1, 1e-9,
                        "tiny offsets");
    }
    report("offsets");
    double same[4] = {123.4, -56.7, 123.4, -56.7}, got[2];
    convert_once("spherical_offsets", "", same, got);
    assert_true(same_bits(got[0], 0) && got[1] == 0);
    double opposite[4] = {10, 20, 190, -20};
    convert_once("spherical_offsets", "", opposite, got);
    assert_near(got[0], 180, 1e-13, "antipode");
}

static void offsets_from_a_point(void **state)
{
    (void)state;
    random_seed(72);
    for_each_target(beside);
}

static const struct {
    double lon0, lat0, rotation;
} origins[] = {{0, 0, 0},         {83.6, 22.01, 0}, {271.25, -45, 33.3}, {10, 90, 0},
               {3700, -90, -120}, {90, 0, 90},      {180, 89.9999, 200}};

static void framed(void)
{
    char parameters[120];
    const double *const offsets[] = {out[0], out[1]};
    double *const home[] = {again[0], again[1]};

    for (size_t o = 0; o < LENGTH(origins); o++) {
        fill();
        snprintf(parameters, sizeof parameters, "lon0=%.6f&lat0=%.6f&rotation=%.6f",
                 origins[o].lon0, origins[o].lat0, origins[o].rotation);
        run("lonlat_to_skyoffset", parameters, from);
        struct converter c = converter_open("skyoffset_to_lonlat", parameters);
        convert(&c, MOST_ROWS, offsets, home);
        converter_close(&c);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            vector p;
            to_vector(in[0][i], in[1][i], p);
            turn(2, (long double)origins[o].lon0, p);
            turn(1, -(long double)origins[o].lat0, p);
            turn(0, -(long double)origins[o].rotation, p);
            near(i, longitude_of(p), latitude_of(p), A1, "lonlat_to_skyoffset");
            assert_true(out[0][i] > -180 && out[0][i] <= 180);
            assert_near((double)separation_degrees(in[0][i], in[1][i], again[0][i], again[1][i]), 0,
                        A1, "and back");
            assert_true(again[0][i] >= 0 && again[0][i] < 360);
        }
    }
    report("skyoffset");
    /* what lies at position angle `rotation` goes straight up */
    const double start[4] = {83.6, 22.01, 40, 5};
    double point[2], got[2];
    convert_once("offset_by", "", start, point);
    convert_once("lonlat_to_skyoffset", "lon0=83.6&lat0=22.01&rotation=40", point, got);
    assert_near(got[0], 0, 1e-12, "dlon");
    assert_near(got[1], 5, 1e-12, "dlat");
    const double wrap[2] = {270, 0};
    convert_once("lonlat_to_skyoffset", "lon0=90&lat0=0", wrap, got);
    assert_true(got[0] == 180);
}

static void frames_of_an_origin(void **state)
{
    (void)state;
    random_seed(73);
    for_each_target(framed);
}

/* --- midpoint --- */

static void halfway(void)
{
    fill();
    run("midpoint", "", from);
    for (size_t i = 0; i < MOST_ROWS; i++) {
        vector p, q;
        to_vector(in[0][i], in[1][i], p);
        to_vector(in[2][i], in[3][i], q);
        for (int k = 0; k < 3; k++)
            p[k] += q[k];
        if (separation_degrees(in[0][i], in[1][i], in[2][i], in[3][i]) > 179)
            continue;
        near(i, longitude_of(p), latitude_of(p), 5 * A1, "midpoint");
        assert_true(out[0][i] >= 0 && out[0][i] < 360);
    }
    report("midpoint");
    static const double antipodes[][4] = {{0, 0, 180, 0},      {10, 20, 190, -20},
                                          {0, 90, 77, -90},    {-45, 33, 135, -33},
                                          {1e-20, 0, -180, 0}, {271.25, -8.5, 91.25, 8.5}};
    for (size_t i = 0; i < LENGTH(antipodes); i++) {
        double got[2];
        convert_once("midpoint", "", antipodes[i], got);
        assert_true(isnan(got[0]) && isnan(got[1]));
    }
    const double poles[4] = {0, 90, 50, 88};
    double got[2];
    convert_once("midpoint", "", poles, got);
    assert_near(got[0], 50, 1e-12, "from the pole");
    assert_near(got[1], 89, 1e-12, "from the pole");
}

static void middle_of_two_points(void **state)
{
    (void)state;
    random_seed(74);
    for_each_target(halfway);
}

/* --- the tangent plane --- */

static double radians(double degrees)
{
    return (double)((long double)degrees / DEG);
}

static void tangent(void)
{
    char parameters[80];
    const double *const plane[] = {out[0], out[1]};
    double *const home[] = {again[0], again[1]};
    double largest = 0;

    for (size_t o = 0; o < LENGTH(origins); o++) {
        fill();
        double a0 = origins[o].lon0, b0 = origins[o].lat0;
        snprintf(parameters, sizeof parameters, "ra0=%.6f&dec0=%.6f", a0, b0);
        for (size_t i = 0; i < MOST_ROWS; i += 2) { /* near the tangent point */
            in[0][i] = a0 + random_between(-20, 20);
            in[1][i] = fmax(fmin(b0 + random_between(-20, 20), 90), -90);
        }
        run("radec_to_tangent", parameters, from);
        struct converter c = converter_open("tangent_to_radec", parameters);
        convert(&c, MOST_ROWS, plane, home);
        converter_close(&c);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double xi, eta;
            int status = eraTpxes(radians(fmod(in[0][i], 360)), radians(in[1][i]),
                                  radians(fmod(a0, 360)), radians(b0), &xi, &eta);
            long double apart = separation_degrees(in[0][i], in[1][i], a0, b0);
            if (fabsl(apart - 90) < 1e-4L)
                continue; /* either side of the edge */
            assert_int_equal(isnan(out[0][i]), status != 0);
            assert_int_equal(isnan(out[1][i]), status != 0);
            if (status != 0)
                continue;
            double spread = 1 + xi * xi + eta * eta;
            assert_near(out[0][i], xi * DEG, A1 * spread, "xi");
            assert_near(out[1][i], eta * DEG, A1 * spread, "eta");
            largest = fmax(largest, fabs((double)(out[0][i] - xi * DEG)) / spread);
            assert_near((double)separation_degrees(in[0][i], in[1][i], again[0][i], again[1][i]), 0,
                        A1, "there and back");
        }
        /* tangents of any size */
        for (size_t i = 0; i < MOST_ROWS; i++) {
            in[0][i] = ldexp(random_between(-1, 1), (int)(i % 40) - 20);
            in[1][i] = ldexp(random_between(-1, 1), (int)(i % 33) - 16);
        }
        run("tangent_to_radec", parameters, from);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double a, b;
            eraTpsts(radians(in[0][i]), radians(in[1][i]), radians(fmod(a0, 360)), radians(b0), &a,
                     &b);
            near(i, (long double)a * DEG, (long double)b * DEG, A1, "tangent_to_radec");
            assert_true(out[0][i] >= 0 && out[0][i] < 360);
        }
    }
    print_message("tangent        %-26s largest error %.2e arcsec\n", target_name(),
                  largest / ARCSEC);
    report("untangent");
    const double far[2] = {1e306, 1e306};
    double got[2];
    convert_once("tangent_to_radec", "ra0=0&dec0=0", far, got);
    assert_near(got[0], 90, 1e-12, "far out");
    assert_near(got[1], 45, 1e-12, "far out");
}

static void plane_agrees_with_erfa(void **state)
{
    (void)state;
    random_seed(75);
    for_each_target(tangent);
}

/* The tangent point stays in degrees; only ra is counted in hours. */
static void units(void **state)
{
    const double degrees[2] = {75, 20}, hours[2] = {5, 20}, rad[2] = {radians(75), radians(20)};
    double a[2], b[2], c[2];

    (void)state;
    convert_once("radec_to_tangent", "ra0=74&dec0=21", degrees, a);
    convert_once("radec_to_tangent", "ra0=74&dec0=21&unit=hourangle", hours, b);
    convert_once("radec_to_tangent", "ra0=74&dec0=21&unit=rad", rad, c);
    for (size_t k = 0; k < 2; k++) {
        assert_near(b[k], a[k], 1e-13, "hours");
        assert_near(c[k] * (double)DEG, a[k], 1e-13, "radians");
    }
    convert_once("tangent_to_radec", "ra0=74&dec0=21&unit=hourangle", b, c);
    assert_near(c[0], 5, 1e-13, "hours back");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_by_angle_and_distance), cmocka_unit_test(offsets_from_a_point),
        cmocka_unit_test(frames_of_an_origin),           cmocka_unit_test(middle_of_two_points),
        cmocka_unit_test(plane_agrees_with_erfa),        cmocka_unit_test(units),
    };
    return cmocka_run_group_tests_name("kernels.offsets", tests, harness_start, NULL);
}
