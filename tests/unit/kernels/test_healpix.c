/*
 * HEALPix: numberings enumerated whole at low orders, positions against 80-bit arithmetic at all
 * orders, neighbours by the corners that pixels share. Refusals and rows: test_healpix_rows.c.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 12 * 32 * 32 }; /* pixels of the largest tessellation that is enumerated */

static int64_t pixels[MANY], others[MANY], more[8][MANY];
static double lon[MANY], lat[MANY], corner[8][MANY];

static void run(const char *name, const char *parameters, size_t n, const void *a, const void *b,
                void *const out[])
{
    struct converter c = converter_open(name, parameters);
    const double *const in[] = {a, b};
    double *to[8];

    for (size_t k = 0; k < c.conversion->n_outputs; k++)
        to[k] = out[k];
    convert(&c, n, in, to);
    converter_close(&c);
}

static int64_t count_of(int64_t nside)
{
    return 12 * nside * nside;
}

static void number(int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        pixels[i] = i;
}

static const char *with(const char *before, int64_t nside, const char *ordering)
{
    static char room[120];

    snprintf(room, sizeof room, "%snside=%lld%s%s", before, (long long)nside,
             *ordering ? "&ordering=" : "", ordering);
    return room;
}

/* --- numberings --- */

/* Ring: from north to south, within a ring from west to east, rings of 4, 8, ... 4 nside pixels. */
static void ring_is_in_order(int64_t nside)
{
    size_t n = (size_t)count_of(nside), at = 0;

    number((int64_t)n);
    run("healpix_to_lonlat", with("", nside, "ring"), n, pixels, NULL, (void *[]){lon, lat});
    for (int64_t j = 1; j < 4 * nside; j++) {
        int64_t quarter = j < nside ? j : j > 3 * nside ? 4 * nside - j : nside;
        assert_true(at == 0 || lat[at] < lat[at - 1]);
        assert_true(lon[at] < 90.0 / (double)quarter);
        for (int64_t i = 1; i < 4 * quarter; i++) {
            assert_true(lat[at + (size_t)i] == lat[at]);
            assert_near(lon[at + (size_t)i] - lon[at + (size_t)i - 1], 90.0L / quarter, 1e-13,
                        "step along a ring");
        }
        at += (size_t)(4 * quarter);
    }
    assert_int_equal(at, n);
}

/* Nested: the centre of each pixel is in its parent; the twelve parents of all are the golden ones.
 */
static void nested_is_a_tree(int order)
{
    char parameters[60];
    size_t n = (size_t)12 << 2 * order;

    number((int64_t)n);
    snprintf(parameters, sizeof parameters, "order=%d&ordering=nested", order);
    run("healpix_to_lonlat", parameters, n, pixels, NULL, (void *[]){lon, lat});
    for (int up = 0; up <= order; up++) {
        snprintf(parameters, sizeof parameters, "order=%d&ordering=NESTED", order - up);
        run("lonlat_to_healpix", parameters, n, lon, lat, (void *[]){others});
        for (size_t i = 0; i < n; i++)
            assert_int_equal(others[i], pixels[i] >> 2 * up);
        snprintf(parameters, sizeof parameters, "order_in=%d&order_out=%d", order, order - up);
        run("healpix_change_order", parameters, n, pixels, NULL, (void *[]){more[0]});
        assert_memory_equal(more[0], others, n * sizeof others[0]);
    }
}

static void both_are_the_same_pixels(int64_t nside)
{
    size_t n = (size_t)count_of(nside);
    static bool seen[MANY];
    static double other_lon[MANY], other_lat[MANY];

    number((int64_t)n);
    run("nested_to_ring", with("", nside, ""), n, pixels, NULL, (void *[]){others});
    run("ring_to_nested", with("", nside, ""), n, others, NULL, (void *[]){more[0]});
    run("healpix_to_lonlat", with("", nside, "nested"), n, pixels, NULL, (void *[]){lon, lat});
    run("healpix_to_lonlat", with("", nside, "ring"), n, others, NULL,
        (void *[]){other_lon, other_lat});
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(more[0][i], pixels[i]);
        assert_true(others[i] >= 0 && others[i] < (int64_t)n && !seen[others[i]]);
        seen[others[i]] = true;
        assert_true(lon[i] == other_lon[i] && lat[i] == other_lat[i]);
    }
}

static void enumerated(void)
{
    static const int64_t sides[] = {1, 2, 3, 4, 5, 7, 8, 12, 16, 31, 32};

    for (size_t s = 0; s < LENGTH(sides); s++)
        ring_is_in_order(sides[s]);
    for (int order = 0; order <= 5; order++) {
        nested_is_a_tree(order);
        both_are_the_same_pixels((int64_t)1 << order);
    }
}

static void numberings(void **state)
{
    (void)state;
    for_each_target(enumerated);
}

/* --- positions --- */

struct cell {
    int row, column;
    int64_t x, y;
};

static int64_t random_below(int64_t limit)
{
    return (int64_t)(random_unit() * (double)limit);
}

static int64_t nested_number(int order, struct cell cell)
{
    int64_t number = 0;

    for (int k = 0; k < order; k++)
        number |= (cell.x >> k & 1) << 2 * k | (cell.y >> k & 1) << (2 * k + 1);
    return ((int64_t)(4 * cell.row + cell.column) << 2 * order) + number;
}

/* The place (x, y) of a face, in half pixels, from the definition. */
static void exact_position(int64_t nside, struct cell cell, int64_t x2, int64_t y2,
                           long double *ret_lon, long double *ret_lat)
{
    long double side = nside,
                s = (cell.row + 2) * side - (x2 + y2) / 2.0L; /* rings from the pole */
    long double middle = 90 * cell.column + (cell.row == 1 ? 0 : 45);
    long double from_middle = (x2 - y2) / 2.0L, rings = s < 2 * side ? s : 4 * side - s;
    long double z, rho;

    if (rings < side) {
        long double t = rings / (side * sqrtl(6)); /* sine of half the distance from the pole */
        z = 1 - 2 * t * t;
        rho = 2 * t * sqrtl(1 - t * t);
        *ret_lon = rings == 0 ? middle : middle + 45 * from_middle / rings;
    } else {
        z = (2 * side - rings) * 2 / (3 * side);
        rho = sqrtl(1 - z * z);
        *ret_lon = middle + 45 * from_middle / side;
    }
    *ret_lat = (s < 2 * side ? 1 : -1) * atan2l(z, rho) * DEG;
    if (*ret_lon < 0)
        *ret_lon += 360;
}

static double worst;

static void near(double got_lon, double got_lat, long double wanted_lon, long double wanted_lat)
{
    double apart = fabs((double)longitude_difference(got_lon, wanted_lon));

    assert_near(apart, 0, 1e-13, "longitude");
    assert_near(got_lat, wanted_lat, 1e-13, "latitude");
    assert_true(got_lon >= 0 && got_lon < 360 && !signbit(got_lon) && fabs(got_lat) <= 90);
    worst = fmax(worst, fmax(apart, fabs((double)(got_lat - wanted_lat))));
}

static void any_order(void)
{
    enum { POINTS = 600 };
    static struct cell cells[POINTS];
    char parameters[60];

    worst = 0;
    for (int order = 0; order <= 29; order++) {
        int64_t side = (int64_t)1 << order;
        for (size_t i = 0; i < POINTS; i++) {
            int64_t edge[] = {0, side - 1, side / 2};
            cells[i] = (struct cell){(int)random_below(3), (int)random_below(4), random_below(side),
                                     random_below(side)};
            if (i % 5 == 0)
                cells[i].x = edge[i % 3];
            if (i % 7 == 0)
                cells[i].y = edge[i / 7 % 3];
            pixels[i] = nested_number(order, cells[i]);
        }
        snprintf(parameters, sizeof parameters, "order=%d&ordering=nested", order);
        run("healpix_to_lonlat", parameters, POINTS, pixels, NULL, (void *[]){lon, lat});
        run("lonlat_to_healpix", parameters, POINTS, lon, lat, (void *[]){others});
        run("healpix_corners", parameters, POINTS, pixels, NULL,
            (void *[]){corner[0], corner[1], corner[2], corner[3], corner[4], corner[5], corner[6],
                       corner[7]});
        for (size_t i = 0; i < POINTS; i++) {
            static const int dx[4] = {2, 2, 0, 0}, dy[4] = {2, 0, 0, 2};
            int64_t x2 = 2 * cells[i].x, y2 = 2 * cells[i].y;
            long double l, b;
            assert_int_equal(others[i], pixels[i]);
            exact_position(side, cells[i], x2 + 1, y2 + 1, &l, &b);
            near(lon[i], lat[i], l, b);
            for (size_t k = 0; k < 4; k++) {
                exact_position(side, cells[i], x2 + dx[k], y2 + dy[k], &l, &b);
                near(corner[2 * k][i], corner[2 * k + 1][i], l, b);
            }
        }
        /* the ring numbers of the same pixels lead to the same centres, and back */
        snprintf(parameters, sizeof parameters, "order=%d", order);
        run("nested_to_ring", parameters, POINTS, pixels, NULL, (void *[]){others});
        run("ring_to_nested", parameters, POINTS, others, NULL, (void *[]){more[0]});
        assert_memory_equal(more[0], pixels, POINTS * sizeof pixels[0]);
        snprintf(parameters, sizeof parameters, "order=%d&ordering=ring", order);
        run("healpix_to_lonlat", parameters, POINTS, others, NULL,
            (void *[]){corner[0], corner[1]});
        assert_memory_equal(corner[0], lon, POINTS * sizeof lon[0]);
        assert_memory_equal(corner[1], lat, POINTS * sizeof lat[0]);
        run("lonlat_to_healpix", parameters, POINTS, lon, lat, (void *[]){more[0]});
        assert_memory_equal(more[0], others, POINTS * sizeof pixels[0]);
    }
    print_message("healpix        %-26s largest error of a centre or corner %.2e deg\n",
                  target_name(), worst);
}

static void positions_of_all_orders(void **state)
{
    (void)state;
    random_seed(61);
    for_each_target(any_order);
}

/* Ring numbers of any nside: the first and last of rings, where a root or a quotient is nearly whole.
 */
static void ends_of_rings(void)
{
    static const int64_t sides[] = {3, 1000, 46341, 536870911, 536870912, 300000007};
    size_t n = 0;

    for (size_t s = 0; s < LENGTH(sides); s++) {
        int64_t side = sides[s], total = count_of(side), cap = 2 * side * (side - 1);
        n = 0;
        for (size_t i = 0; i < 400; i++) {
            int64_t j = i < 20 && (int64_t)i < side ? (int64_t)i + 1 : 1 + random_below(side);
            int64_t first[] = {2 * j * (j - 1), cap + 4 * side * (j - 1), total - 2 * j * (j + 1)};
            for (size_t k = 0; k < 3; k++) {
                pixels[n++] = first[k];
                if (first[k] > 0)
                    pixels[n++] = first[k] - 1;
            }
        }
        const char *parameters = with("", side, "ring");
        run("healpix_to_lonlat", parameters, n, pixels, NULL, (void *[]){lon, lat});
        run("lonlat_to_healpix", parameters, n, lon, lat, (void *[]){others});
        for (size_t i = 0; i < n; i++)
            assert_int_equal(others[i], pixels[i]);
    }
}

static void rings_of_any_nside(void **state)
{
    (void)state;
    random_seed(62);
    for_each_target(ends_of_rings);
}

/* Points anywhere: the centre of the pixel found is no farther than the pixel reaches. */
static void somewhere(void)
{
    for (int order = 0; order <= 29; order += 3) {
        char parameters[60];
        double reach = 59 / (double)((int64_t)1 << order); /* degrees */
        for (int radians = 0; radians < 2; radians++) {
            double unit = radians ? (double)DEG : 1;
            static double a[1000], b[1000];
            for (size_t i = 0; i < 1000; i++) {
                a[i] = random_between(-720, 720) / unit;
                b[i] = asin(random_between(-1, 1)) * (double)DEG / unit;
                if (i % 9 == 0)
                    b[i] = copysign((90 - ldexp(1, -(int)(i % 60))) / unit, b[i]);
            }
            snprintf(parameters, sizeof parameters, "unit=%s&order=%d&ordering=%s",
                     radians ? "rad" : "deg", order, order % 2 ? "ring" : "nested");
            run("lonlat_to_healpix", parameters, 1000, a, b, (void *[]){others});
            run("healpix_to_lonlat", parameters, 1000, others, NULL, (void *[]){lon, lat});
            for (size_t i = 0; i < 1000; i++)
                assert_true((double)separation_degrees(a[i] * unit, b[i] * unit, lon[i] * unit,
                                                       lat[i] * unit) <= reach);
        }
    }
}

static void finds_points_anywhere(void **state)
{
    (void)state;
    random_seed(63);
    for_each_target(somewhere);
}

static void edge_points(void)
{
    const double tiny = 4.9406564584124654e-324;
    const struct {
        double lon, lat;
        int64_t pixel; /* order 0 */
    } rows[] = {
        {45, 90, 0},     {135, 90, 1},     {315, 90, 3},   {45, -90, 8},     {359, -90, 11},
        {0, 0, 4},       {90, 0, 5},       {360, 0, 4},    {-90, 0, 7},      {-1e-20, 0, 4},
        {tiny, tiny, 4}, {1e300, 90, -2},  {NAN, 0, -1},   {0, NAN, -1},     {HUGE_VAL, 3, -1},
        {45, 41, 0},     {44.999, -41, 8}, {-720.5, 0, 4}, {225, 89.999, 2}, {0, HUGE_VAL, -1},
    };

    for (size_t i = 0; i < LENGTH(rows); i++) {
        int64_t got[2];
        run("lonlat_to_healpix", "order=0&ordering=nested", 1, &rows[i].lon, &rows[i].lat,
            (void *[]){&got[0]});
        run("lonlat_to_healpix", "nside=1&ordering=ring", 1, &rows[i].lon, &rows[i].lat,
            (void *[]){&got[1]});
        assert_int_equal(got[0], got[1]); /* the same at order 0 */
        if (rows[i].pixel == -2)
            assert_true(got[0] >= 0 && got[0] < 4);
        else
            assert_int_equal(got[0], rows[i].pixel);
    }
}

static void poles_wraps_and_nan(void **state)
{
    (void)state;
    for_each_target(edge_points);
}

/* --- neighbours --- */

/* Whether the pixels a and b of the enumeration share the point that is corner k of a. */
static bool has_corner(size_t a, size_t k, size_t b)
{
    for (size_t m = 0; m < 4; m++) {
        if (separation_degrees(corner[2 * k][a], corner[2 * k + 1][a], corner[2 * m][b],
                               corner[2 * m + 1][b]) < 1e-9L)
            return true;
    }
    return false;
}

/* Bits of the corners n, e, s, w that a pixel has in common with its neighbour in each direction. */
static const unsigned shared[8] = {0xC, 0x8, 0x9, 0x1, 0x3, 0x2, 0x6, 0x4};

static size_t check_neighbours(size_t n, size_t i)
{
    size_t missing = 0;

    for (size_t d = 0; d < 8; d++) {
        if (more[d][i] == -1) {
            missing++;
            assert_int_equal(d % 2, 1); /* edges always have one */
            continue;
        }
        assert_true(more[d][i] >= 0 && more[d][i] < (int64_t)n && more[d][i] != pixels[i]);
        for (size_t k = 0; k < 4; k++)
            assert_int_equal(has_corner(i, k, (size_t)more[d][i]), shared[d] >> k & 1u);
    }
    return missing;
}

static void surrounded(void)
{
    static const struct {
        int64_t nside;
        const char *ordering;
    } rows[] = {{2, "nested"}, {4, "nested"}, {8, "nested"}, {2, "ring"},
                {3, "ring"},   {5, "ring"},   {8, "ring"}};
    void *const columns[] = {more[0], more[1], more[2], more[3],
                             more[4], more[5], more[6], more[7]};
    void *const corners[] = {corner[0], corner[1], corner[2], corner[3],
                             corner[4], corner[5], corner[6], corner[7]};

    for (size_t r = 0; r < LENGTH(rows); r++) {
        size_t n = (size_t)count_of(rows[r].nside), missing = 0;
        number((int64_t)n);
        run("healpix_corners", with("", rows[r].nside, rows[r].ordering), n, pixels, NULL, corners);
        run("healpix_neighbours", with("", rows[r].nside, rows[r].ordering), n, pixels, NULL,
            columns);
        for (size_t i = 0; i < n; i++)
            missing += check_neighbours(n, i);
        assert_int_equal(missing, 24); /* three pixels meet at eight points */
    }
}

static void neighbours_share_corners(void **state)
{
    (void)state;
    for_each_target(surrounded);
}

/* At high orders: a neighbour's neighbour is the pixel itself, and ring and nested agree. */
static void opposite(void)
{
    enum { POINTS = 500 };
    static int64_t back[8][POINTS], rings[8][POINTS], as_ring[POINTS];
    void *const columns[] = {more[0], more[1], more[2], more[3],
                             more[4], more[5], more[6], more[7]};
    void *const backs[] = {back[0], back[1], back[2], back[3], back[4], back[5], back[6], back[7]};
    void *const ringed[] = {rings[0], rings[1], rings[2], rings[3],
                            rings[4], rings[5], rings[6], rings[7]};

    for (int order = 6; order <= 29; order++) {
        char plain[40], nested[60], ring[60];
        int64_t side = (int64_t)1 << order;
        snprintf(plain, sizeof plain, "order=%d", order);
        snprintf(nested, sizeof nested, "order=%d&ordering=nested", order);
        snprintf(ring, sizeof ring, "order=%d&ordering=ring", order);
        for (size_t i = 0; i < POINTS; i++) {
            struct cell cell = {(int)random_below(3), (int)random_below(4), random_below(side),
                                random_below(side)};
            if (i % 4 == 0)
                cell.x = i % 8 ? side - 1 : 0;
            if (i % 6 == 0)
                cell.y = i % 12 ? side - 1 : 0;
            pixels[i] = nested_number(order, cell);
        }
        run("healpix_neighbours", nested, POINTS, pixels, NULL, columns);
        run("nested_to_ring", plain, POINTS, pixels, NULL, (void *[]){as_ring});
        run("healpix_neighbours", ring, POINTS, as_ring, NULL, ringed);
        for (size_t d = 0; d < 8; d++) {
            for (size_t i = 0; i < POINTS; i++)
                others[i] = more[d][i] < 0 ? pixels[i] : more[d][i];
            run("healpix_neighbours", nested, POINTS, others, NULL, backs);
            run("nested_to_ring", plain, POINTS, others, NULL, (void *[]){as_ring});
            for (size_t i = 0; i < POINTS; i++) {
                bool found = more[d][i] < 0;
                for (size_t e = 0; e < 8; e++)
                    found = found || back[e][i] == pixels[i];
                assert_true(found);
                assert_int_equal(rings[d][i], more[d][i] < 0 ? -1 : as_ring[i]);
            }
        }
    }
}

static void neighbours_of_high_orders(void **state)
{
    (void)state;
    random_seed(64);
    for_each_target(opposite);
}

/* --- orders, nuniq --- */

static void unique_numbers(void **state)
{
    enum { ROWS = 3000 };
    static int64_t orders[ROWS], nuniq[ROWS], order_back[ROWS], pixel_back[ROWS];

    (void)state;
    random_seed(65);
    for (size_t i = 0; i < ROWS; i++) {
        orders[i] = (int64_t)(i % 30);
        int64_t most = ((int64_t)12 << 2 * orders[i]) - 1;
        pixels[i] = i % 3 == 0 ? 0 : i % 3 == 1 ? most : random_below(most);
    }
    run("healpix_to_nuniq", "", ROWS, orders, pixels, (void *[]){nuniq});
    run("nuniq_to_healpix", "", ROWS, nuniq, NULL, (void *[]){order_back, pixel_back});
    assert_memory_equal(order_back, orders, sizeof orders);
    assert_memory_equal(pixel_back, pixels, sizeof orders);
    assert_int_equal(nuniq[0], 4);
    assert_int_equal(nuniq[1], 4 * 4 + 47);
    assert_int_equal(nuniq[29 + 30 * 2], 4 * ((int64_t)1 << 58) + pixels[29 + 60]);
    /* finer: the first child; and back */
    for (size_t i = 0; i < ROWS; i++)
        pixels[i] = random_below((int64_t)12 << 20);
    run("healpix_change_order", "order_in=10&order_out=29", ROWS, pixels, NULL, (void *[]){others});
    run("healpix_change_order", "order_in=29&order_out=10", ROWS, others, NULL,
        (void *[]){more[0]});
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(others[i], pixels[i] << 38);
    assert_memory_equal(more[0], pixels, ROWS * sizeof pixels[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numberings),
        cmocka_unit_test(positions_of_all_orders),
        cmocka_unit_test(rings_of_any_nside),
        cmocka_unit_test(finds_points_anywhere),
        cmocka_unit_test(poles_wraps_and_nan),
        cmocka_unit_test(neighbours_share_corners),
        cmocka_unit_test(neighbours_of_high_orders),
        cmocka_unit_test(unique_numbers),
    };
    return cmocka_run_group_tests_name("kernels.healpix", tests, harness_start, NULL);
}
