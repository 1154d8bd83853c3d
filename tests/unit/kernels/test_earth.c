/*
 * The group earth: against ERFA on and near the ground, against 80-bit arithmetic everywhere, inverse
 * pairs, the axis, the centre, very far points.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>

#define RADIUS 6378137.0

static const struct {
    const char *name;
    int erfa;
    long double a, f;
} ellipsoids[] = {
    {"wgs84", ERFA_WGS84, 6378137.0L, 1 / 298.257223563L},
    {"grs80", ERFA_GRS80, 6378137.0L, 1 / 298.257222101L},
    {"wgs72", ERFA_WGS72, 6378135.0L, 1 / 298.26L},
};

static const double heights[] = {0, 0, -400, 8848, -11000, 4e5, 1.2e6, 3.6e7, 4e8, 1.5e11};

static double in[3][MOST_ROWS], out[3][MOST_ROWS], again[3][MOST_ROWS];
static const double *const from[] = {in[0], in[1], in[2]};
static double *const to[] = {out[0], out[1], out[2]};
static const double *const from_out[] = {out[0], out[1], out[2]};
static double *const home[] = {again[0], again[1], again[2]};

static void fill_geodetic(void)
{
    for (size_t i = 0; i < MOST_ROWS; i++) {
        in[0][i] = random_between(-180, 360);
        in[1][i] = asin(random_between(-1, 1)) * (double)DEG;
        if (i % 11 == 0)
            in[1][i] = copysign(90 - ldexp(90, -(int)(i % 55)), in[1][i]);
        if (i % 13 == 0)
            in[1][i] = copysign(ldexp(90, -(int)(i % 55)), in[1][i]);
        if (i % 53 == 0)
            in[1][i] = 90.0 * ((double)(i % 3) - 1);
        in[2][i] = heights[i % LENGTH(heights)] * random_between(0.5, 1);
    }
}

static double spread(double height)
{
    return 1 + fabs(height) / RADIUS;
}

static void run(const char *name, const char *parameters, const double *const columns[],
                double *const results[])
{
    struct converter c = converter_open(name, parameters);

    convert(&c, MOST_ROWS, columns, results);
    converter_close(&c);
}

/* --- geodetic and geocentric --- */

static void exact_xyz(size_t e, size_t i, long double p[3])
{
    long double sl, cl, sb, cb, w = (1 - ellipsoids[e].f) * (1 - ellipsoids[e].f);

    sincos_degrees(in[0][i], &sl, &cl);
    sincos_degrees(in[1][i], &sb, &cb);
    long double normal = ellipsoids[e].a / sqrtl(cb * cb + w * sb * sb);
    p[0] = (normal + in[2][i]) * cb * cl;
    p[1] = (normal + in[2][i]) * cb * sl;
    p[2] = (w * normal + in[2][i]) * sb;
}

static void both_ways(void)
{
    double worst[4] = {0};
    char parameters[40];

    random_seed(51);
    for (size_t e = 0; e < LENGTH(ellipsoids); e++) {
        fill_geodetic();
        snprintf(parameters, sizeof parameters, "ellipsoid=%s", ellipsoids[e].name);
        run("geodetic_to_geocentric", parameters, from, to);
        run("geocentric_to_geodetic", parameters, from_out, home);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double allowed = 1e-8 * spread(in[2][i]), erfa[3], elong, phi, height;
            long double p[3];
            exact_xyz(e, i, p);
            (void)eraGd2gc(ellipsoids[e].erfa, (double)(in[0][i] / DEG), (double)(in[1][i] / DEG),
                           in[2][i], erfa);
            for (size_t k = 0; k < 3; k++) {
                assert_near(out[k][i], p[k], allowed, "geodetic_to_geocentric, exact");
                assert_near(out[k][i], erfa[k], allowed, "geodetic_to_geocentric, ERFA");
                worst[0] = fmax(worst[0], fabs((double)(out[k][i] - p[k])) / spread(in[2][i]));
            }
            /* and back: to where it came from, which is sharper than ERFA's single step */
            double turned =
                (double)longitude_difference(again[0][i], in[0][i]) * cos((double)(in[1][i] / DEG));
            assert_near(turned, 0, 2e-13, "longitude");
            assert_near(again[1][i], in[1][i], 3e-13, "latitude");
            assert_near(again[2][i], in[2][i], allowed, "height");
            assert_true(again[0][i] >= 0 && again[0][i] < 360);
            worst[1] = fmax(worst[1], fabs(turned));
            worst[2] = fmax(worst[2], fabs(again[1][i] - in[1][i]));
            worst[3] = fmax(worst[3], fabs(again[2][i] - in[2][i]) / spread(in[2][i]));
            double xyz[3] = {out[0][i], out[1][i], out[2][i]};
            (void)eraGc2gd(ellipsoids[e].erfa, xyz, &elong, &phi, &height);
            bool ground = fabs(in[2][i]) < 2e4;
            assert_near(again[1][i], phi * DEG, ground ? 3e-13 : 2e-9, "latitude of ERFA");
            assert_near(again[2][i], height, ground ? 1e-8 : 1e-2 * spread(height),
                        "height of ERFA");
        }
    }
    print_message("earth          %-26s xyz %.1e m; lon %.1e, lat %.1e deg, height %.1e m\n",
                  target_name(), worst[0], worst[1], worst[2], worst[3]);
}

static void agrees_with_erfa(void **state)
{
    (void)state;
    for_each_target(both_ways);
}

static void edges(void)
{
    const double b = 6378137.0 * (1 - 1 / 298.257223563);
    const struct {
        double xyz[3], geodetic[3];
    } rows[] = {
        {{0, 0, 0}, {0, 90, -b}},
        {{0, 0, 1e7}, {0, 90, 1e7 - b}},
        {{0, 0, -1e7}, {0, -90, 1e7 - b}},
        {{0, 0, -1e-3}, {0, -90, 1e-3 - b}},
        {{RADIUS, 0, 0}, {0, 0, 0}},
        {{0, -RADIUS - 5, 0}, {270, 0, 5}},
        {{-RADIUS, -0.0, -0.0}, {180, 0, 0}},
        {{1e300, 1e300, 0}, {45, 0, 1.4142135623730951e300}},
        {{0, 0, 1e308}, {0, 90, 1e308}},
        {{3e200, 0, 3e200}, {0, 45, 4.242640687119285e200}},
        {{1e-310, 0, b}, {0, 90, 0}},
    };
    double got[3];

    for (size_t i = 0; i < LENGTH(rows); i++) {
        convert_once("geocentric_to_geodetic", "", rows[i].xyz, got);
        for (size_t k = 0; k < 3; k++)
            assert_near(got[k], rows[i].geodetic[k],
                        1e-13 + fabs(rows[i].geodetic[k]) * 4e-16 + (k == 2 ? 1e-8 : 0), "edges");
    }
    /* every point inside gives numbers, and those lead back to it */
    for (size_t i = 0; i < 4000; i++) {
        double scale = i % 2 ? 5e4 : 6e6, row[3], back[3];
        for (size_t k = 0; k < 3; k++)
            row[k] = i % 7 == k ? 0 : random_between(-scale, scale);
        convert_once("geocentric_to_geodetic", "", row, got);
        assert_true(isfinite(got[0]) && fabs(got[1]) <= 90 && isfinite(got[2]));
        if (row[0] * row[0] + row[1] * row[1] + row[2] * row[2] < 1e12)
            continue;
        convert_once("geodetic_to_geocentric", "", got, back);
        for (size_t k = 0; k < 3; k++)
            assert_near(back[k], row[k], 2e-8, "inside");
    }
    double absent[3] = {33, -44, (double)NAN}, zero[3] = {33, -44, 0}, other[3];
    convert_once("geodetic_to_geocentric", "", absent, got);
    convert_once("geodetic_to_geocentric", "", zero, other);
    for (size_t k = 0; k < 3; k++)
        assert_true(same_bits(got[k], other[k]));
}

static void centre_axis_and_far(void **state)
{
    (void)state;
    random_seed(52);
    for_each_target(edges);
}

/* --- local coordinates --- */

static const struct {
    const char *parameters;
    long double lon, lat, height;
} origins[] = {
    {"lon0=5&lat0=55&height0=200", 5, 55, 200},
    {"lon0=-70.25&lat0=-29.5&ellipsoid=wgs84", -70.25L, -29.5L, 0},
    {"lon0=90&lat0=90&height0=1e4", 90, 90, 10000},
    {"lon0=3600&lat0=0", 0, 0, 0},
};

/* Exact east, north, up of row i's geodetic point. */
static void exact_enu(size_t o, size_t i, long double local[3])
{
    long double sl, cl, sb, cb, p[3], q[3], kept[3] = {in[0][i], in[1][i], in[2][i]};

    exact_xyz(0, i, p);
    in[0][i] = (double)origins[o].lon, in[1][i] = (double)origins[o].lat;
    in[2][i] = (double)origins[o].height;
    exact_xyz(0, i, q);
    for (size_t k = 0; k < 3; k++) {
        in[k][i] = (double)kept[k];
        p[k] -= q[k];
    }
    sincos_degrees(origins[o].lon, &sl, &cl);
    sincos_degrees(origins[o].lat, &sb, &cb);
    local[0] = cl * p[1] - sl * p[0];
    local[1] = cb * p[2] - sb * (cl * p[0] + sl * p[1]);
    local[2] = sb * p[2] + cb * (cl * p[0] + sl * p[1]);
}

static double range_of(const long double local[3])
{
    return (double)sqrtl(local[0] * local[0] + local[1] * local[1] + local[2] * local[2]);
}

static void aer_point(const double *const columns[], size_t i, long double local[3])
{
    long double sa, ca, se, ce;

    sincos_degrees(columns[0][i], &sa, &ca);
    sincos_degrees(columns[1][i], &se, &ce);
    local[0] = columns[2][i] * ce * sa;
    local[1] = columns[2][i] * ce * ca;
    local[2] = columns[2][i] * se;
}

static void apart(const long double a[3], const long double b[3], double allowed, const char *what)
{
    for (size_t k = 0; k < 3; k++)
        assert_near((double)(a[k] - b[k]), 0, allowed, what);
}

static void local(void)
{
    static double xyz[3][MOST_ROWS];
    double *const to_xyz[] = {xyz[0], xyz[1], xyz[2]};
    const double *const from_xyz[] = {xyz[0], xyz[1], xyz[2]};

    random_seed(53);
    for (size_t o = 0; o < LENGTH(origins); o++) {
        const char *p = origins[o].parameters;
        fill_geodetic();
        run("geodetic_to_geocentric", "", from, to_xyz);
        for (int way = 0; way < 4; way++) {
            static const char *const there[] = {"geocentric_to_enu", "geodetic_to_enu",
                                                "geocentric_to_aer", "geodetic_to_aer"};
            static const char *const back[] = {"enu_to_geocentric", "enu_to_geodetic",
                                               "aer_to_geocentric", "aer_to_geodetic"};
            /* the geocentric columns that go in are themselves rounded by 1e-9 m */
            static const double allowed[] = {1e-8, 2e-8, 3e-8, 3e-8};
            static const double allowed_back[] = {1e-8, 2e-8, 5e-8, 5e-8};
            bool geodetic = way % 2 == 1;
            run(there[way], p, geodetic ? from : from_xyz, to);
            run(back[way], p, from_out, home);
            for (size_t i = 0; i < MOST_ROWS; i++) {
                long double wanted[3], got[3] = {out[0][i], out[1][i], out[2][i]};
                exact_enu(o, i, wanted);
                if (way >= 2)
                    aer_point(from_out, i, got);
                apart(got, wanted, allowed[way] * spread(range_of(wanted)), there[way]);
                if (!geodetic) {
                    for (size_t k = 0; k < 3; k++)
                        assert_near(again[k][i], xyz[k][i],
                                    allowed_back[way] * spread(range_of(wanted)), back[way]);
                    continue;
                }
                assert_near(again[2][i], in[2][i], allowed_back[way] * spread(range_of(wanted)),
                            back[way]);
                double metres =
                    (double)separation_degrees(again[0][i], again[1][i], in[0][i], in[1][i]) /
                    (double)DEG * (RADIUS + in[2][i]);
                assert_near(metres, 0, allowed_back[way] * spread(range_of(wanted)), back[way]);
            }
        }
    }
}

static void sees_and_places(void **state)
{
    (void)state;
    for_each_target(local);
}

static void points_at_itself(void)
{
    const double origin[3] = {5, 55, 200};
    double got[3], xyz[3];

    convert_once("geodetic_to_geocentric", "", origin, xyz);
    convert_once("geocentric_to_enu", origins[0].parameters, xyz, got);
    for (size_t k = 0; k < 3; k++)
        assert_near(got[k], 0, 1e-8, "the origin");
    /* exactly at it: azimuth 0, elevation 0, range 0 */
    const double equator[3] = {0, 0, 0};
    convert_once("geodetic_to_aer", "lon0=0&lat0=0", equator, got);
    for (size_t k = 0; k < 3; k++)
        assert_true(same_bits(got[k], 0));
    /* far out the squares would overflow */
    const double far[3] = {1e300, 1e300, 1e300};
    convert_once("geocentric_to_aer", "lon0=0&lat0=0", far, got);
    assert_near(got[0], 45, 1e-13, "azimuth");
    assert_near(got[1], 35.26438968275466L, 1e-13, "elevation");
    assert_near(got[2] / 1.7320508075688772e300, 1, 1e-15, "range");
    const double up[3] = {10, 90, 1e306};
    convert_once("aer_to_geodetic", "lon0=20&lat0=30", up, got);
    assert_near(got[0], 20, 1e-13, "longitude");
    assert_near(got[1], 30, 1e-13, "latitude");
    assert_near(got[2] / 1e306, 1, 1e-15, "height");
}

static void origin_and_far_away(void **state)
{
    (void)state;
    for_each_target(points_at_itself);
}

/* IOGP 373-7-2, section 4.1.1, the worked example: to a millimetre. */
static void published(void)
{
    static const double xyz[3] = {3771793.968, 140253.342, 5124304.349};
    static const double enu[3] = {-189013.869, -128642.040, -4220.171};
    static const double point[3] = {2 + 7 / 60.0 + 46.38 / 3600, 53 + 48 / 60.0 + 33.82 / 3600, 73};
    const char *origin = "lon0=5&lat0=55&height0=200";
    double got[3];

    convert_once("geocentric_to_enu", origin, xyz, got);
    for (size_t k = 0; k < 3; k++)
        assert_near(got[k], enu[k], 1e-3, "geocentric_to_enu");
    convert_once("enu_to_geocentric", origin, enu, got);
    for (size_t k = 0; k < 3; k++)
        assert_near(got[k], xyz[k], 1e-3, "enu_to_geocentric");
    /* the geographical coordinates are printed to 0.01 arcsec: 0.3 m */
    convert_once("geodetic_to_enu", origin, point, got);
    for (size_t k = 0; k < 3; k++)
        assert_near(got[k], enu[k], 0.4, "geodetic_to_enu");
}

static void published_example(void **state)
{
    (void)state;
    for_each_target(published);
}

static void bad_origins_are_refused(void **state)
{
    static const struct {
        const char *parameters, *field;
    } rows[] = {
        {"lat0=5", "lon0"},
        {"lon0=5", "lat0"},
        {"lon0=5&lat0=90.5", "lat0"},
        {"lon0=5&lat0=9&height0=1e9", "height0"},
        {"lon0=5&lat0=9&ellipsoid=sphere", "ellipsoid"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = {0};
        assert_false(converter_try("geocentric_to_enu", rows[i].parameters, &err));
        assert_string_equal(err.field, rows[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_erfa),  cmocka_unit_test(centre_axis_and_far),
        cmocka_unit_test(sees_and_places),   cmocka_unit_test(origin_and_far_away),
        cmocka_unit_test(published_example), cmocka_unit_test(bad_origins_are_refused),
    };
    return cmocka_run_group_tests_name("kernels.earth", tests, harness_start, NULL);
}
