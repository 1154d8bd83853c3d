/*
 * The tables of the ephemeris against ERFA: looks for the largest differences at random dates and at
 * the ends of segments, and prints them. Rows by themselves, beyond the tables, absurd ones.
 */
#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <string.h>

#include "ephemeris/ephemeris.h"
#include "ephemeris/ephemeris_table.h"
#include "ephemeris_probe.h"

enum { N = 4096, MOST_PROBES = 5 };

extern const struct ephemeris_probe astro__ephemeris_probe_sse2, astro__ephemeris_probe_avx2,
    astro__ephemeris_probe_avx512, astro__ephemeris_probe_twin, astro__ephemeris_probe_neon;

static const struct {
    enum astro_target needs;
    const struct ephemeris_probe *probe;
} probes[] = {
#ifdef ASTRO__HAVE_SSE2
    {ASTRO_TARGET_SSE2, &astro__ephemeris_probe_sse2},
#endif
#ifdef ASTRO__HAVE_AVX2
    {ASTRO_TARGET_AVX2, &astro__ephemeris_probe_avx2},
#endif
#ifdef ASTRO__HAVE_TWIN
    {ASTRO_TARGET_AVX2, &astro__ephemeris_probe_twin},
#endif
#ifdef ASTRO__HAVE_AVX512
    {ASTRO_TARGET_AVX512, &astro__ephemeris_probe_avx512},
#endif
#ifdef ASTRO__HAVE_NEON
    {ASTRO_TARGET_NEON, &astro__ephemeris_probe_neon},
#endif
};

#define LAST (ASTRO__EPHEMERIS_FIRST + ASTRO__EPHEMERIS_DAYS * ASTRO__EPHEMERIS_SEGMENTS - 1.0)

static double day[N], part[N];
static double got[PROBE_COLUMNS][N], other[PROBE_COLUMNS][N], wanted[PROBE_COLUMNS][N];
static double *const got_columns[PROBE_COLUMNS] = {
    got[0], got[1],  got[2],  got[3],  got[4],  got[5],  got[6],  got[7],  got[8],
    got[9], got[10], got[11], got[12], got[13], got[14], got[15], got[16], got[17]};
static double *const other_columns[PROBE_COLUMNS] = {
    other[0],  other[1],  other[2],  other[3],  other[4],  other[5],
    other[6],  other[7],  other[8],  other[9],  other[10], other[11],
    other[12], other[13], other[14], other[15], other[16], other[17]};

static void for_each_probe(void (*body)(const struct ephemeris_probe *probe))
{
    for (size_t i = 0; i < LENGTH(probes); i++) {
        if (astro_target_usable(probes[i].needs))
            body(probes[i].probe);
    }
}

/* --- accuracy --- */

/* 1e-9 arcsec; the same as aberration, au/d; au. For sidereal time 1e-11 and 1e-10 deg. */
#define DIRECTION (1e-9 * ERFA_DAS2R)
#define SPEED     (1e-9 * ERFA_DAS2R * 173.144632674)
#define LENGTH_AU 1e-12

static const struct {
    const char *what;
    size_t first, count;
    double allowed;
} quantities[] = {
    {"x, y (rad)", PROBE_X, 2, DIRECTION},
    {"s (rad)", PROBE_S, 1, DIRECTION},
    {"equation of the origins (rad)", PROBE_EO, 1, DIRECTION},
    {"Earth (au)", PROBE_EARTH, 3, LENGTH_AU},
    {"its velocity (au/d)", PROBE_VELOCITY, 3, SPEED},
    {"Earth from the Sun (au)", PROBE_SUN_EARTH, 3, LENGTH_AU},
    {"velocity of the Sun (au/d)", PROBE_SUN_VELOCITY, 3, 1e-11},
    {"equinox of 2000 (rad)", PROBE_2000, 1, 1e-11 * ERFA_DD2R},
    {"equinox of 1994 (rad)", PROBE_1994, 1, 1e-10 * ERFA_DD2R},
};

static void fill_wanted(void)
{
    for (size_t i = 0; i < N; i++) {
        struct astro__ephemeris exact;
        astro__ephemeris_exact(day[i], part[i], &exact);
        wanted[PROBE_X][i] = exact.x;
        wanted[PROBE_Y][i] = exact.y;
        wanted[PROBE_S][i] = exact.s;
        wanted[PROBE_EO][i] = exact.eo;
        for (size_t k = 0; k < 3; k++) {
            wanted[PROBE_EARTH + k][i] = exact.earth[k];
            wanted[PROBE_VELOCITY + k][i] = exact.velocity[k];
            wanted[PROBE_SUN_EARTH + k][i] = exact.sun_earth[k];
            wanted[PROBE_SUN_VELOCITY + k][i] = exact.sun_velocity[k];
        }
        wanted[PROBE_2000][i] = astro__equinox_2000(day[i], part[i]);
        wanted[PROBE_1994][i] = astro__equinox_1994(day[i], part[i]);
    }
}

static void compare(const struct ephemeris_probe *probe)
{
    probe->all(N, day, part, got_columns);
    for (size_t q = 0; q < LENGTH(quantities); q++) {
        double worst = 0.0, where = 0.0;
        for (size_t k = quantities[q].first; k < quantities[q].first + quantities[q].count; k++) {
            for (size_t i = 0; i < N; i++) {
                double difference = fabs(got[k][i] - wanted[k][i]);
                if (!(difference <= worst)) {
                    worst = difference;
                    where = day[i] + part[i];
                }
            }
        }
        print_message("%-30s %-7s %.1e at JD %.3f, allowed %.1e\n", quantities[q].what, probe->name,
                      worst, where, quantities[q].allowed);
        if (!(worst <= quantities[q].allowed))
            fail_msg("%s on %s: %g", quantities[q].what, probe->name, worst);
    }
}

static void random_dates_agree_with_erfa(void **state)
{
    (void)state;
    random_seed(51);
    for (size_t i = 0; i < N; i++) {
        day[i] = floor(random_between(ASTRO__EPHEMERIS_FIRST, LAST));
        part[i] = random_between(-0.5, 0.5);
    }
    fill_wanted();
    for_each_probe(compare);
}

static void ends_of_segments_agree_with_erfa(void **state)
{
    (void)state;
    random_seed(52);
    for (size_t i = 0; i < N; i += 2) {
        double segment = i < 8    ? (double)(i / 2)
                         : i < 16 ? (double)(ASTRO__EPHEMERIS_SEGMENTS - i / 2 + 3)
                                  : floor(random_between(0, ASTRO__EPHEMERIS_SEGMENTS));
        day[i] = ASTRO__EPHEMERIS_FIRST + ASTRO__EPHEMERIS_DAYS * segment;
        part[i] = i % 4 ? -0.5 : random_between(-0.5, -0.45);
        day[i + 1] = day[i] + 7.0;
        part[i + 1] = i % 4 ? 0.5 : random_between(0.45, 0.5);
    }
    fill_wanted();
    for_each_probe(compare);
}

/* --- rows --- */

static void fill_mixed(void)
{
    static const double odd[] = {2415019, 2415020, 2488075, 2488076, 1e9,     -1e9,     1e17,
                                 -1e17,   1e300,   -1e300,  0,       2451545, 2396758.0};

    random_seed(53);
    for (size_t i = 0; i < N; i++) {
        day[i] = i % 97 == 5 ? odd[i / 97 % LENGTH(odd)]
                             : floor(random_between(ASTRO__EPHEMERIS_FIRST, LAST));
        part[i] = i % 5 ? random_between(-0.5, 0.5) : i % 2 ? -0.5 : 0.5;
    }
    day[3] = (double)NAN;
    day[9] = HUGE_VAL;
    part[17] = -HUGE_VAL;
    part[18] = (double)NAN;
}

static void check_rows(const struct ephemeris_probe *probe)
{
    probe->all(N, day, part, got_columns);
    for (size_t i = 0; i < N; i++) {
        double days[16], parts[16], room[PROBE_COLUMNS][16];
        double *columns[PROBE_COLUMNS];
        bool finite = isfinite(day[i]) && isfinite(part[i]);
        for (size_t j = 0; j < probe->step; j++) {
            days[j] = day[i];
            parts[j] = part[i];
        }
        for (size_t k = 0; k < PROBE_COLUMNS; k++)
            columns[k] = room[k];
        probe->all(probe->step, days, parts, columns);
        for (size_t k = 0; k < PROBE_COLUMNS; k++) {
            assert_int_equal(isfinite(got[k][i]), finite);
            if (finite && !same_bits(room[k][0], got[k][i]))
                fail_msg("%s: row %zu, column %zu hangs on its neighbours", probe->name, i, k);
        }
    }
}

static void a_row_depends_on_nothing_else(void **state)
{
    (void)state;
    fill_mixed();
    for_each_probe(check_rows);
}

static void check_alone(const struct ephemeris_probe *probe)
{
    static const size_t columns[] = {PROBE_X, PROBE_Y, PROBE_S, PROBE_EO};

    probe->all(N, day, part, got_columns);
    probe->alone(N, day, part, other_columns);
    for (size_t i = 0; i < N; i++) {
        if (!isfinite(day[i]) || !isfinite(part[i]))
            continue;
        for (size_t k = 0; k < LENGTH(columns); k++)
            assert_true(same_bits(got[columns[k]][i], other[columns[k]][i]));
        for (size_t k = PROBE_EARTH; k < PROBE_VELOCITY; k++) /* other sums: other last places */
            assert_true(fabs(got[k][i] - other[k][i]) <= 1e-15 * fmax(1.0, fabs(got[k][i])));
    }
}

static void parts_can_be_had_alone(void **state)
{
    (void)state;
    fill_mixed();
    for_each_probe(check_alone);
}

static void check_beyond(const struct ephemeris_probe *probe)
{
    probe->all(N, day, part, got_columns);
    for (size_t k = 0; k < PROBE_COLUMNS; k++)
        assert_memory_equal(got[k], wanted[k], sizeof got[k]);
}

static void beyond_the_tables_it_is_erfa(void **state)
{
    (void)state;
    random_seed(54);
    for (size_t i = 0; i < N; i++) {
        day[i] = floor(i % 2 ? random_between(LAST + 1, LAST + 1 + 1e6 * random_unit())
                             : random_between(-1e6 * random_unit(), ASTRO__EPHEMERIS_FIRST - 1));
        part[i] = random_between(-0.5, 0.5);
    }
    day[0] = ASTRO__EPHEMERIS_FIRST - 1;
    day[1] = LAST + 1;
    fill_wanted();
    for_each_probe(check_beyond);
}

static void exact_is_erfa(void **state)
{
    struct astro__ephemeris exact;
    double x, y, s, pvh[2][3], pvb[2][3];

    (void)state;
    astro__ephemeris_exact(2460000.0, 0.3, &exact);
    eraXys06a(2460000.0, 0.3, &x, &y, &s);
    assert_int_equal(eraEpv00(2460000.0, 0.3, pvh, pvb), 0);
    assert_true(same_bits(exact.x, x) && same_bits(exact.y, y) && same_bits(exact.s, s));
    assert_near(exact.eo, (long double)eraEo06a(2460000.0, 0.3), 1e-17, "eo");
    assert_memory_equal(exact.earth, pvb[0], sizeof exact.earth);
    assert_memory_equal(exact.velocity, pvb[1], sizeof exact.velocity);
    assert_memory_equal(exact.sun_earth, pvh[0], sizeof exact.sun_earth);
}

static void absurd_dates_are_those_of_the_limit(void **state)
{
    struct astro__ephemeris limit, far;

    (void)state;
    astro__ephemeris_exact(2451545.0, 36525000.0, &limit);
    astro__ephemeris_exact(1e300, -0.25, &far);
    assert_memory_equal(&far, &limit, sizeof far);
    astro__ephemeris_exact(HUGE_VAL, 0.0, &far);
    assert_memory_equal(&far, &limit, sizeof far);
    astro__ephemeris_exact((double)NAN, 0.0, &far);
    assert_true(isnan(far.x) && isnan(far.eo) && isnan(far.earth[0]) && isnan(far.velocity[2]));
}

static void extrapolated_rows_are_counted(void **state)
{
    static const double jd1[] = {2415020, 2415019, 2488070, 2488071, 2451545, (double)NAN,
                                 2086295, 2086294, 2816795, 2816796, 1e300,   -1e300};
    static const double jd2[] = {0, 0.49, 0, -0.49, 0, 0, 0, 0, 0, 0, 0, 0};

    (void)state;
    assert_int_equal(astro__extrapolated(ASTRO__MODEL_POSITION, LENGTH(jd1), jd1, jd2), 8);
    assert_int_equal(astro__extrapolated(ASTRO__MODEL_PRECESSION, LENGTH(jd1), jd1, jd2), 4);
    assert_int_equal(astro__extrapolated(ASTRO__MODEL_PRECESSION, 0, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_dates_agree_with_erfa),
        cmocka_unit_test(ends_of_segments_agree_with_erfa),
        cmocka_unit_test(a_row_depends_on_nothing_else),
        cmocka_unit_test(parts_can_be_had_alone),
        cmocka_unit_test(beyond_the_tables_it_is_erfa),
        cmocka_unit_test(exact_is_erfa),
        cmocka_unit_test(absurd_dates_are_those_of_the_limit),
        cmocka_unit_test(extrapolated_rows_are_counted),
    };
    return cmocka_run_group_tests_name("kernels.ephemeris", tests, harness_start, NULL);
}
