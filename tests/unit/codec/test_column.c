/* column_scan: shapes, error texts with places, slices of every size, memory edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/reader.h"
#include "guarded.h"

static struct guarded guarded_text, guarded_out;
static struct astro_error err;
static struct column_scan scan;
static void *out;

/* Text and result end flush against forbidden pages; the room is exactly what the span promises. */
static enum scan_status run(enum column_kind kind, const char *text, size_t slice,
                            unsigned max_depth)
{
    struct reader reader;
    struct reader_span span;
    const size_t length = strlen(text);
    err = (struct astro_error){0};
    reader_init(&reader, guarded_put(&guarded_text, text, length), length, 32, &err);
    assert_true(reader_array_span(&reader, &span));
    assert_int_equal(span.length + span.offset, length);
    out = guarded_put(&guarded_out, NULL, (span.commas + 1) * 8);
    column_scan_init(&scan, kind, "ra", span, max_depth, out, span.commas + 1, &err);
    enum scan_status status = SCAN_MORE;
    for (size_t steps = 0; status == SCAN_MORE; steps++) {
        assert_true(steps <= length);
        status = column_scan_step(&scan, slice);
    }
    return status;
}

static void expect_shape(const char *text, unsigned rank, const size_t *shape, size_t count)
{
    for (size_t slice = 0; slice <= strlen(text) + 1; slice++) {
        assert_int_equal(run(COLUMN_FP64, text, slice, 32), SCAN_DONE);
        assert_int_equal(scan.rank, rank);
        assert_memory_equal(scan.shape, shape, rank * sizeof *shape);
        assert_int_equal(scan.count, count);
        for (size_t i = 0; i < count; i++)
            assert_true(((double *)out)[i] == (double)(i + 1));
    }
}

static void test_shapes(void **state)
{
    (void)state;
    expect_shape("[]", 1, (size_t[]){0}, 0);
    expect_shape(" [ ]", 1, (size_t[]){0}, 0);
    expect_shape("[1]", 1, (size_t[]){1}, 1);
    expect_shape("[1,2,3]", 1, (size_t[]){3}, 3);
    expect_shape("[ 1 , 2.0\n,\t3e0 ]", 1, (size_t[]){3}, 3);
    expect_shape("[[]]", 2, (size_t[]){1, 0}, 0);
    expect_shape("[[],[]]", 2, (size_t[]){2, 0}, 0);
    expect_shape("[[[]],[[]],[[]]]", 3, (size_t[]){3, 1, 0}, 0);
    expect_shape("[[1,2],[3,4],[5,6]]", 2, (size_t[]){3, 2}, 6);
    expect_shape("[[1],[2]]", 2, (size_t[]){2, 1}, 2);
    expect_shape("[[[1,2],[3,4]],[[5,6],[7,8]]]", 3, (size_t[]){2, 2, 2}, 8);
    expect_shape("[[[[[1]]]]]", 5, (size_t[]){1, 1, 1, 1, 1}, 1);
}

static void expect_error(enum column_kind kind, const char *text, enum astro_code code,
                         const char *words)
{
    for (size_t slice = 0; slice <= strlen(text) + 1; slice++) {
        assert_int_equal(run(kind, text, slice, 32), SCAN_FAILED);
        assert_int_equal(err.code, code);
        assert_string_equal(err.text, words);
        assert_string_equal(err.field, "ra");
        assert_int_equal(column_scan_step(&scan, 100), SCAN_FAILED);
    }
}

static void test_booleans(void **state)
{
    (void)state;
    static const int64_t expected[] = {1, 0, 0, 1};
    const char *text = "[[true,false],[ false\n, true ]]";
    for (size_t slice = 0; slice <= strlen(text) + 1; slice++) {
        assert_int_equal(run(COLUMN_BOOL, text, slice, 32), SCAN_DONE);
        assert_int_equal(scan.count, 4);
        assert_int_equal(scan.rank, 2);
        assert_memory_equal(out, expected, sizeof expected);
    }
    assert_int_equal(run(COLUMN_BOOL, "[[],[]]", 3, 32), SCAN_DONE);
    assert_int_equal(scan.count, 0);
}

static void test_types(void **state)
{
    (void)state;
    const enum astro_code bad = ASTRO_BAD_TYPE;
    expect_error(COLUMN_FP64, "[1,2,3,\"x\"]", bad, "ra[3] is a string, expected a number");
    expect_error(COLUMN_FP64, "[[1,2],[3,true]]", bad, "ra[1][1] is true, expected a number");
    expect_error(COLUMN_FP64, "[{\"a\":[1]}]", bad, "ra[0] is an object, expected a number");
    expect_error(COLUMN_BOOL, "[true,1]", bad, "ra[1] is a number, expected true or false");
    expect_error(COLUMN_BOOL, "[[true],[null]]", bad, "ra[1][0] is null, expected true or false");
    expect_error(COLUMN_BOOL, "[\"true\"]", bad, "ra[0] is a string, expected true or false");
    expect_error(COLUMN_BOOL, "[NaN]", bad, "ra[0] is no number, expected true or false");
    expect_error(COLUMN_BOOL, "[{}]", bad, "ra[0] is an object, expected true or false");
    expect_error(COLUMN_BOOL, "[[true],false]", ASTRO_SHAPE_MISMATCH,
                 "ra is ragged: ra[1] is false, ra[0] is an array");
    expect_error(COLUMN_BOOL, "[false,[true]]", ASTRO_SHAPE_MISMATCH,
                 "ra is ragged: ra[1] is an array, ra[0] is true or false");
    expect_error(COLUMN_BOOL, "[tru]", ASTRO_INVALID_JSON,
                 "invalid JSON at byte 1: expected a value");
    expect_error(COLUMN_BOOL, "[falsetrue]", ASTRO_INVALID_JSON,
                 "invalid JSON at byte 6: expected ',' or ']'");
    expect_error(COLUMN_INT64, "[1,null]", bad, "ra[1] is null, expected an integer of 64 bits");
    expect_error(COLUMN_INT64, "[NaN]", bad, "ra[0] is NaN, expected an integer of 64 bits");
    expect_error(COLUMN_INT64, "[1,1.0]", bad, "ra[1] is 1.0, expected an integer of 64 bits");
    expect_error(COLUMN_INT64, "[1e2]", bad, "ra[0] is 1e2, expected an integer of 64 bits");
    expect_error(COLUMN_INT64, "[0,9223372036854775808]", bad,
                 "ra[1] is 9223372036854775808, expected an integer of 64 bits");
}

static void test_ragged(void **state)
{
    (void)state;
    const enum astro_code bad = ASTRO_SHAPE_MISMATCH;
    expect_error(COLUMN_FP64, "[[1,2],[1,2,3]]", bad,
                 "ra is ragged: ra[1] has 3 elements, ra[0] has 2");
    expect_error(COLUMN_FP64, "[[1,2],[1]]", bad, "ra is ragged: ra[1] has 1 element, ra[0] has 2");
    expect_error(COLUMN_FP64, "[[1],[]]", bad, "ra is ragged: ra[1] has 0 elements, ra[0] has 1");
    expect_error(COLUMN_FP64, "[[],[1]]", bad, "ra is ragged: ra[1] has 1 element, ra[0] has 0");
    expect_error(COLUMN_FP64, "[[[1],[2]],[[3]]]", bad,
                 "ra is ragged: ra[1] has 1 element, ra[0] has 2");
    expect_error(COLUMN_FP64, "[[[1],[2]],[[3],[4,5]]]", bad,
                 "ra is ragged: ra[1][1] has 2 elements, ra[0][0] has 1");
    expect_error(COLUMN_FP64, "[1,[2]]", bad, "ra is ragged: ra[1] is an array, ra[0] is a number");
    expect_error(COLUMN_FP64, "[[1],2]", bad, "ra is ragged: ra[1] is a number, ra[0] is an array");
    expect_error(COLUMN_FP64, "[[1],null]", bad, "ra is ragged: ra[1] is null, ra[0] is an array");
    expect_error(COLUMN_FP64, "[[],[[]]]", bad,
                 "ra is ragged: ra[1][0] is an array, ra[0] is empty");
    expect_error(COLUMN_FP64, "[[[]],[]]", bad, "ra is ragged: ra[1] has 0 elements, ra[0] has 1");
}

static void test_syntax(void **state)
{
    (void)state;
    const enum astro_code bad = ASTRO_INVALID_JSON;
    expect_error(COLUMN_FP64, "[1 2]", bad, "invalid JSON at byte 3: expected ',' or ']'");
    expect_error(COLUMN_FP64, " [1,]", bad, "invalid JSON at byte 4: expected a value");
    expect_error(COLUMN_FP64, "[,1]", bad, "invalid JSON at byte 1: expected a value");
    expect_error(COLUMN_FP64, "[1,,2]", bad, "invalid JSON at byte 3: expected a value");
    expect_error(COLUMN_FP64, "[1,01]", bad, "invalid JSON at byte 3: malformed number");
    expect_error(COLUMN_FP64, "[1.]", bad, "invalid JSON at byte 1: malformed number");
    expect_error(COLUMN_FP64, "[1.e5]", bad, "invalid JSON at byte 1: malformed number");
    expect_error(COLUMN_FP64, "[1,-]", bad, "invalid JSON at byte 3: malformed number");
    expect_error(COLUMN_FP64, "[1e]", bad, "invalid JSON at byte 1: malformed number");
    expect_error(COLUMN_FP64, "[.5]", bad, "invalid JSON at byte 1: expected a value");
    expect_error(COLUMN_FP64, "[+5]", bad, "invalid JSON at byte 1: expected a value");
    expect_error(COLUMN_FP64, "[1e999]", bad,
                 "invalid JSON at byte 1: number too large for a double");
    expect_error(COLUMN_FP64, "[nul]", bad, "invalid JSON at byte 1: expected a value");
    expect_error(COLUMN_FP64, "[nan]", bad, "invalid JSON at byte 1: expected a value");
    expect_error(COLUMN_FP64, "[NaNs]", bad, "invalid JSON at byte 4: expected ',' or ']'");
}

static void test_depth(void **state)
{
    (void)state;
    assert_int_equal(run(COLUMN_FP64, "[[[1]]]", 1, 3), SCAN_DONE);
    assert_int_equal(run(COLUMN_FP64, "[[[1]]]", 1, 2), SCAN_FAILED);
    assert_string_equal(err.text, "invalid JSON at byte 2: ra is nested deeper than 2 levels");
    char text[67] = {0};
    memset(text, '[', 33);
    memset(text + 33, ']', 33);
    assert_int_equal(run(COLUMN_FP64, text, 1, 1000), SCAN_FAILED);
    text[65] = '\0';
    assert_int_equal(run(COLUMN_FP64, text + 1, 1, 1000), SCAN_DONE);
    assert_int_equal(scan.rank, COLUMN_MAX_RANK);
}

static void test_nonfinite(void **state)
{
    (void)state;
    for (size_t slice = 1; slice < 50; slice++) {
        assert_int_equal(run(COLUMN_FP64, "[null, NaN,Infinity ,-Infinity,-0,-1]", slice, 32),
                         SCAN_DONE);
        const double *values = out;
        assert_int_equal(scan.count, 6);
        assert_true(isnan(values[0]) && isnan(values[1]));
        assert_true(isinf(values[2]) && values[2] > 0 && isinf(values[3]) && values[3] < 0);
        assert_true(values[4] == 0 && signbit(values[4]) && values[5] == -1);
    }
}

static void test_integers(void **state)
{
    (void)state;
    for (size_t slice = 1; slice < 70; slice++) {
        assert_int_equal(
            run(COLUMN_INT64, "[[9223372036854775807,-9223372036854775808],[ -0 , 12]]", slice, 32),
            SCAN_DONE);
        const int64_t *values = out;
        assert_true(values[0] == INT64_MAX && values[1] == INT64_MIN);
        assert_true(values[2] == 0 && values[3] == 12);
    }
}

static void test_capacity(void **state)
{
    (void)state;
    struct reader reader;
    struct reader_span span;
    double values[2];
    err = (struct astro_error){0};
    reader_init(&reader, "[1,2,3]", 7, 32, &err);
    assert_true(reader_array_span(&reader, &span));
    column_scan_init(&scan, COLUMN_FP64, "ra", span, 32, values, 2, &err);
    assert_int_equal(column_scan_step(&scan, SIZE_MAX), SCAN_FAILED);
    assert_int_equal(err.code, ASTRO_TOO_LARGE);
}

/* A slice may end anywhere, and one step does about as much as it was asked for. */
static void test_slices_are_bounded(void **state)
{
    (void)state;
    enum { NUMBERS = 20000 };
    char *text = malloc(NUMBERS * 40), *p = text;
    *p++ = '[';
    for (int i = 0; i < NUMBERS; i++) {
        p += sprintf(p, "%s%.17g", i ? (i % 3 ? "," : "  ,\n ") : "", i / 7.0);
        if (i % 1000 == 999)
            p += sprintf(p, "%*s", 5000, "");
    }
    p += sprintf(p, "]");
    struct reader reader;
    struct reader_span span;
    double *values = malloc((NUMBERS + 1) * sizeof *values);
    for (size_t slice = 1; slice < 70000; slice = slice * 5 / 3 + 1) {
        err = (struct astro_error){0};
        reader_init(&reader, text, (size_t)(p - text), 32, &err);
        assert_true(reader_array_span(&reader, &span));
        column_scan_init(&scan, COLUMN_FP64, "ra", span, 32, values, span.commas + 1, &err);
        memset(values, 0, NUMBERS * sizeof *values);
        const char *before;
        enum scan_status status;
        do {
            before = scan.next;
            status = column_scan_step(&scan, slice);
            assert_true(scan.next > before && (size_t)(scan.next - before) <= slice + 64);
        } while (status == SCAN_MORE);
        assert_int_equal(status, SCAN_DONE);
        assert_int_equal(scan.count, NUMBERS);
        for (int i = 0; i < NUMBERS; i++)
            assert_true(values[i] == i / 7.0);
    }
    free(values);
    free(text);
}

static int setup(void **state)
{
    (void)state;
    guarded_open(&guarded_text, 64 * 1024);
    guarded_open(&guarded_out, 64 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guarded_close(&guarded_text);
    guarded_close(&guarded_out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),    cmocka_unit_test(test_types),
        cmocka_unit_test(test_booleans),  cmocka_unit_test(test_ragged),
        cmocka_unit_test(test_syntax),    cmocka_unit_test(test_depth),
        cmocka_unit_test(test_nonfinite), cmocka_unit_test(test_integers),
        cmocka_unit_test(test_capacity),  cmocka_unit_test(test_slices_are_bounded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
