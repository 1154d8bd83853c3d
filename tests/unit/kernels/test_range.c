/*
 * range.c and check_lanes.c: where the pole ends, the first index that is wrong, the error's text.
 */
#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void limits(void **state)
{
    double d = 90, r = 1.5707963267948966;
    float df = 90, rf = (float)r;

    (void)state;
    for (int i = 0; i < 4; i++) {
        d = nextafter(d, 1e9);
        r = nextafter(r, 1e9);
        df = nextafterf(df, 1e9f);
        rf = nextafterf(rf, 1e9f);
    }
    assert_true(same_bits(astro_latitude_limit(ASTRO_DEG, ASTRO_FROM_FP64), d));
    assert_true(same_bits(astro_latitude_limit(ASTRO_HOURANGLE, ASTRO_FROM_FP64), d));
    assert_true(same_bits(astro_latitude_limit(ASTRO_RAD, ASTRO_FROM_FP64), r));
    assert_true(same_bits(astro_latitude_limit(ASTRO_DEG, ASTRO_FROM_FP32), (double)df));
    assert_true(same_bits(astro_latitude_limit(ASTRO_RAD, ASTRO_FROM_FP32), (double)rf));
    assert_true(astro_latitude_limit(ASTRO_DEG, ASTRO_FROM_INTEGER) == 90.0);
    assert_true(astro_latitude_limit(ASTRO_RAD, ASTRO_FROM_INTEGER) < 2.0);
}

static void check(enum astro_role role, double limit, const double *column, size_t n, size_t wanted)
{
    /* at every misalignment */
    char *room = malloc(n * sizeof(double) + 8);

    assert_non_null(room);
    for (size_t shift = 0; shift < 8; shift++) {
        if (n)
            memcpy(room + shift, column, n * sizeof(double));
        size_t got = astro_check_column(role, limit, room + shift, n);
        if (got != wanted)
            fail_msg("%s: n = %zu, shift %zu: got %zu, wanted %zu", target_name(), n, shift, got,
                     wanted);
    }
    free(room);
}

static void first_index(void)
{
    const double odd[] = {(double)NAN, HUGE_VAL, -HUGE_VAL};
    double column[40];
    double limit = astro_latitude_limit(ASTRO_DEG, ASTRO_FROM_FP64);

    for (size_t n = 0; n <= LENGTH(column); n++) {
        for (size_t i = 0; i < n; i++)
            column[i] = i % 2 ? limit : -limit;
        for (size_t i = 0; i < n; i += 3)
            column[i] = odd[i / 3 % 3]; /* these pass */
        check(ASTRO_LATITUDE, limit, column, n, n);
        for (size_t bad = n; bad-- > 0;) {
            /* another wrong one further on does not matter */
            column[bad] = bad % 2 ? nextafter(limit, 1e9) : nextafter(-limit, -1e9);
            check(ASTRO_LATITUDE, limit, column, n, bad);
        }
        check(ASTRO_LONGITUDE, limit, column, n, n);
        check(ASTRO_PLAIN, limit, column, n, n);
        check(ASTRO_HOURS, limit, column, n, n);
        check(ASTRO_ANGLE, limit, column, n, n);

        for (size_t i = 0; i < n; i++)
            column[i] = i % 2 ? 0.0 : -0.0;
        for (size_t i = 0; i < n; i += 3)
            column[i] = odd[i / 3 % 3];
        check(ASTRO_DISTANCE, 0, column, n, n);
        for (size_t bad = n; bad-- > 0;) {
            column[bad] = -4.9406564584124654e-324;
            check(ASTRO_DISTANCE, 0, column, n, bad);
        }
    }
}

static void first_index_on_every_target(void **state)
{
    (void)state;
    for_each_target(first_index);
}

static void texts(void **state)
{
    static const struct astro_field dec = {.name = "dec", .role = ASTRO_LATITUDE};
    static const struct astro_field distance = {.name = "distance", .role = ASTRO_DISTANCE};
    static const struct {
        const struct astro_field *field;
        enum astro_unit unit;
        const char *where;
        double value;
        const char *text;
    } rows[] = {
        {&dec, ASTRO_DEG, "3", 91.2, "dec[3] = 91.2 is outside [-90, 90]"},
        {&dec, ASTRO_HOURANGLE, "1,2", -90.1, "dec[1,2] = -90.1 is outside [-90, 90]"},
        {&dec, ASTRO_DEG, "", 90.00000000000007, "dec = 90.00000000000007 is outside [-90, 90]"},
        {&dec, ASTRO_RAD, "0", 2,
         "dec[0] = 2 is outside [-1.5707963267948966, 1.5707963267948966]"},
        {&dec, ASTRO_DEG, "7", 1e300, "dec[7] = 1e+300 is outside [-90, 90]"},
        {&distance, ASTRO_DEG, "0", -1, "distance[0] = -1 is negative"},
        {&distance, ASTRO_RAD, "", -0.1, "distance = -0.1 is negative"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = {0};
        assert_false(
            astro_fail_range(&err, rows[i].field, rows[i].unit, rows[i].where, rows[i].value));
        assert_int_equal(err.code, ASTRO_OUT_OF_RANGE);
        assert_string_equal(err.field, rows[i].field->name);
        assert_string_equal(err.text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),
        cmocka_unit_test(first_index_on_every_target),
        cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests_name("kernels.range", tests, harness_start, NULL);
}
