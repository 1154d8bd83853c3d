/* The reader's own interface: grammar corners, error texts, depth, strings, skipping. */
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

static struct guarded guarded;
static struct astro_error err;

static struct reader open_text(const char *text, size_t length, unsigned max_depth)
{
    struct reader reader;
    err = (struct astro_error){0};
    reader_init(&reader, guarded_put(&guarded, text, length), length, max_depth, &err);
    return reader;
}

static struct reader open_string(const char *text)
{
    return open_text(text, strlen(text), 32);
}

static bool accepts(const char *text, size_t length)
{
    struct reader reader = open_text(text, length, 32);
    return reader_value_skip(&reader) && reader_finish(&reader);
}

static void expect_error(const char *text, enum astro_code code, const char *words)
{
    assert_false(accepts(text, strlen(text)));
    assert_int_equal(err.code, code);
    assert_string_equal(err.text, words);
}

static void test_error_texts(void **state)
{
    (void)state;
    const enum astro_code bad = ASTRO_INVALID_JSON;
    expect_error("", bad, "invalid JSON at byte 0: the text ends, expected a value");
    expect_error("{\"ra\": [1, 2, 3 4]}", bad, "invalid JSON at byte 16: expected ',' or ']'");
    expect_error("{\"a\":1 \"b\":2}", bad, "invalid JSON at byte 7: expected ',' or '}'");
    expect_error("{\"a\" 1}", bad, "invalid JSON at byte 5: expected ':'");
    expect_error("{a:1}", bad, "invalid JSON at byte 1: expected a key in quotes");
    expect_error("{\"a\":1,}", bad, "invalid JSON at byte 7: expected a key in quotes");
    expect_error("[1,]", bad, "invalid JSON at byte 3: expected a value");
    expect_error("[1", bad, "invalid JSON at byte 2: the text ends, expected ',' or ']'");
    expect_error("1 x", bad, "invalid JSON at byte 2: expected the end of the text");
    expect_error("[01]", bad, "invalid JSON at byte 1: malformed number");
    expect_error("[1e400]", bad, "invalid JSON at byte 1: number too large for a double");
    expect_error("\"ab", bad, "invalid JSON at byte 3: the text ends within a string");
    expect_error("\"a\\q\"", bad, "invalid JSON at byte 2: invalid escape in a string");
    expect_error("\"a\xff\"", bad, "invalid JSON at byte 2: invalid UTF-8 in a string");
    expect_error("\"a\n\"", bad, "invalid JSON at byte 2: control character in a string");
    expect_error("{\"a\\u0000\":1}", bad, "invalid JSON at byte 2: a key must not contain U+0000");
    expect_error("{\"a\":1,\"b\":2,\"\\u0061\":3}", ASTRO_DUPLICATE_KEY,
                 "duplicate key \"\\u0061\" at byte 14");
}

static void test_nul_bytes(void **state)
{
    (void)state;
    assert_true(accepts("\"\\u0000\"", 8));
    assert_false(accepts("\"\0\"", 3));
    assert_false(accepts("1\0", 2));
    assert_false(accepts("[1\0]", 4));
    assert_false(accepts("true\0", 5));
    assert_false(accepts("\0", 1));
}

static void test_depth(void **state)
{
    (void)state;
    struct reader reader = open_text("[[{\"a\":[1]}]]", 13, 4);
    assert_true(reader_value_skip(&reader));
    reader = open_text("[[{\"a\":[1]}]]", 13, 3);
    assert_false(reader_value_skip(&reader));
    assert_string_equal(err.text, "invalid JSON at byte 7: nested deeper than 3 levels");
    reader = open_text("[]", 2, 0);
    assert_false(reader_value_skip(&reader));
    reader = open_text("1", 1, 0);
    assert_true(reader_value_skip(&reader));
    /* Siblings are not nested. */
    reader = open_text("[[],[],[[]],[]]", 15, 3);
    assert_true(reader_value_skip(&reader));
}

static void test_deep_nesting_is_bounded(void **state)
{
    (void)state;
    enum { LEVELS = 100000 };
    char *text = malloc(2 * LEVELS);
    memset(text, '[', LEVELS);
    memset(text + LEVELS, ']', LEVELS);
    struct reader reader;
    for (size_t n = 2047; n <= 2049; n++) {
        err = (struct astro_error){0};
        reader_init(&reader, text + LEVELS - n, 2 * n, UINT32_MAX, &err);
        assert_int_equal(reader_value_skip(&reader) && reader_finish(&reader), n <= 2048);
    }
    err = (struct astro_error){0};
    reader_init(&reader, text, 2 * LEVELS, UINT32_MAX, &err);
    assert_false(reader_value_skip(&reader));
    free(text);
}

static void test_errors_stick(void **state)
{
    (void)state;
    struct reader reader = open_string("[1 2]");
    struct reader_string string;
    struct reader_span span;
    double real;
    int64_t integer;
    bool boolean;
    assert_true(reader_array_begin(&reader));
    assert_true(reader_array_next(&reader));
    assert_true(reader_number(&reader, &real));
    assert_false(reader_array_next(&reader));
    const struct astro_error first = err;
    assert_int_equal(reader_peek(&reader), READER_BAD);
    assert_false(reader_array_next(&reader));
    assert_false(reader_object_next(&reader, NULL, &string));
    assert_false(reader_array_begin(&reader));
    assert_false(reader_object_begin(&reader));
    assert_false(reader_number(&reader, &real));
    assert_false(reader_integer(&reader, &integer));
    assert_false(reader_boolean(&reader, &boolean));
    assert_false(reader_null(&reader));
    assert_false(reader_nonfinite(&reader, &real));
    assert_false(reader_string(&reader, NULL, &string));
    assert_false(reader_array_span(&reader, &span));
    assert_false(reader_value_skip(&reader));
    assert_false(reader_finish(&reader));
    assert_memory_equal(&err, &first, sizeof err);
}

static void test_wrong_types(void **state)
{
    (void)state;
    double real;
    struct reader reader = open_string(" \"x\"");
    assert_false(reader_number(&reader, &real));
    assert_int_equal(err.code, ASTRO_BAD_TYPE);
    assert_string_equal(err.text, "expected a number at byte 1, found a string");
    bool boolean;
    reader = open_string("null");
    assert_false(reader_boolean(&reader, &boolean));
    assert_string_equal(err.text, "expected false at byte 0, found null");
    reader = open_string("[1]");
    assert_false(reader_object_begin(&reader));
    assert_string_equal(err.text, "expected an object at byte 0, found an array");
}

static void expect_integer(const char *text, int64_t value)
{
    int64_t got;
    struct reader reader = open_string(text);
    assert_true(reader_integer(&reader, &got));
    assert_true(got == value);
    assert_true(reader_finish(&reader));
}

static void refuse_integer(const char *text, enum astro_code code)
{
    int64_t got;
    struct reader reader = open_string(text);
    assert_false(reader_integer(&reader, &got));
    assert_int_equal(err.code, code);
}

static void test_integers(void **state)
{
    (void)state;
    expect_integer("0", 0);
    expect_integer("-0", 0);
    expect_integer(" 42 ", 42);
    expect_integer("9223372036854775807", INT64_MAX);
    expect_integer("-9223372036854775808", INT64_MIN);
    refuse_integer("9223372036854775808", ASTRO_BAD_TYPE);
    refuse_integer("-9223372036854775809", ASTRO_BAD_TYPE);
    refuse_integer("1.0", ASTRO_BAD_TYPE);
    assert_string_equal(err.text, "expected an integer of 64 bits at byte 0, found 1.0");
    refuse_integer("1e2", ASTRO_BAD_TYPE);
    refuse_integer("\"1\"", ASTRO_BAD_TYPE);
    refuse_integer("1e", ASTRO_INVALID_JSON);
    refuse_integer("01", ASTRO_INVALID_JSON);
    refuse_integer("-", ASTRO_INVALID_JSON);
}

static void test_literals(void **state)
{
    (void)state;
    struct reader reader = open_string("[true,false,null,NaN,Infinity,-Infinity]");
    bool boolean;
    double real;
    assert_true(reader_array_begin(&reader));
    assert_true(reader_array_next(&reader) && reader_boolean(&reader, &boolean) && boolean);
    assert_true(reader_array_next(&reader) && reader_boolean(&reader, &boolean) && !boolean);
    assert_true(reader_array_next(&reader) && reader_null(&reader));
    assert_true(reader_array_next(&reader));
    assert_int_equal(reader_peek(&reader), READER_NONFINITE);
    assert_true(reader_nonfinite(&reader, &real) && isnan(real));
    assert_true(reader_array_next(&reader) && reader_nonfinite(&reader, &real));
    assert_true(isinf(real) && real > 0);
    assert_true(reader_array_next(&reader) && reader_nonfinite(&reader, &real));
    assert_true(isinf(real) && real < 0);
    assert_false(reader_array_next(&reader));
    assert_true(reader_finish(&reader));
}

static void expect_text(const char *text, const char *data, size_t length, bool in_place)
{
    struct arena arena;
    struct reader_string string;
    struct reader reader = open_string(text);
    arena_init(&arena, NULL);
    assert_true(reader_string(&reader, &arena, &string));
    assert_int_equal(string.length, length);
    assert_memory_equal(string.data, data, length);
    assert_int_equal(string.data >= reader.begin && string.data < reader.end, in_place);
    assert_true(reader_finish(&reader));
    arena_release(&arena);
}

static void test_strings(void **state)
{
    (void)state;
    expect_text("\"\"", "", 0, true);
    expect_text("\"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
                "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 10, true);
    expect_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8, false);
    expect_text("\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                10, false);
    expect_text("\"x\\u0000y\"", "x\0y", 3, false);
    expect_text("\"\\udbff\\udfff\\uffff\"", "\xf4\x8f\xbf\xbf\xef\xbf\xbf", 7, false);
    expect_text("\"\\ud800\\udc00\\u07ff\\u0800\"", "\xf0\x90\x80\x80\xdf\xbf\xe0\xa0\x80", 9,
                false);
}

/* Every lead byte with every second byte, against the definition rather than the implementation. */
static void test_utf8_pairs(void **state)
{
    (void)state;
    for (unsigned lead = 0x80; lead < 0x100; lead++)
        for (unsigned second = 0; second < 0x100; second++)
            for (unsigned n = 1; n <= 4; n++) {
                const char text[] = {'"', (char)lead, (char)second, '\x80', '\x80', '"'};
                char cut[6];
                memcpy(cut, text, 1 + n);
                cut[1 + n] = '"';
                unsigned code = 0;
                if (n == 2)
                    code = (lead & 0x1f) << 6 | (second & 0x3f);
                else if (n == 3)
                    code = (lead & 0x0f) << 12 | (second & 0x3f) << 6;
                else if (n == 4)
                    code = (lead & 0x07) << 18 | (second & 0x3f) << 12;
                const bool trail = (second & 0xc0) == 0x80;
                const bool good =
                    (n == 2 && lead >> 5 == 6 && trail && code >= 0x80) ||
                    (n == 3 && lead >> 4 == 14 && trail && code >= 0x800 &&
                     (code < 0xd800 || code > 0xdfff)) ||
                    (n == 4 && lead >> 3 == 30 && trail && code >= 0x10000 && code <= 0x10ffff);
                assert_int_equal(accepts(cut, n + 2), good);
            }
}

static void test_object_keys(void **state)
{
    (void)state;
    struct arena arena;
    struct reader_string key;
    struct reader reader = open_string(" { \"ra\" : 1 , \"d\\u0065c\" : { } , \"\" : [ ] } ");
    double real;
    arena_init(&arena, NULL);
    assert_true(reader_object_begin(&reader));
    assert_true(reader_object_next(&reader, &arena, &key));
    assert_int_equal(key.length, 2);
    assert_memory_equal(key.data, "ra", 2);
    assert_int_equal(reader_peek(&reader), READER_NUMBER);
    assert_true(reader_number(&reader, &real) && real == 1);
    assert_true(reader_object_next(&reader, &arena, &key));
    assert_memory_equal(key.data, "dec", 3);
    assert_true(reader_object_begin(&reader));
    assert_false(reader_object_next(&reader, &arena, &key));
    assert_true(reader_object_next(&reader, &arena, &key));
    assert_int_equal(key.length, 0);
    assert_true(reader_array_begin(&reader));
    assert_false(reader_array_next(&reader));
    assert_false(reader_object_next(&reader, &arena, &key));
    assert_true(reader_finish(&reader));
    assert_int_equal(reader.depth, 0);
    arena_release(&arena);
}

/* Looking ahead skips white space, which must not lose the place behind the bracket. */
static void test_peek_into_array(void **state)
{
    (void)state;
    struct reader reader = open_string("[ 1 , 2]");
    double real;
    assert_true(reader_array_begin(&reader));
    assert_int_equal(reader_peek(&reader), READER_NUMBER);
    assert_true(reader_array_next(&reader) && reader_number(&reader, &real) && real == 1);
    assert_true(reader_array_next(&reader) && reader_number(&reader, &real) && real == 2);
    assert_false(reader_array_next(&reader));
    assert_true(reader_finish(&reader));
}

static char *many_keys(size_t n, size_t repeated, size_t *ret_length)
{
    char *text = malloc(n * 16 + 16), *p = text;
    p += sprintf(p, "{");
    for (size_t i = 0; i < n; i++)
        p += sprintf(p, "%s\"k%zu\":0", i ? "," : "", i == n - 1 ? repeated : i);
    p += sprintf(p, "}");
    *ret_length = (size_t)(p - text);
    return text;
}

static void test_skip_finds_duplicates(void **state)
{
    (void)state;
    struct reader reader;
    for (size_t n = 2; n <= 60000; n = n * 3 / 2 + 1)
        for (size_t i = 0; i < 3; i++) {
            const size_t repeated[] = {0, n / 2, n - 1}; /* the last: no duplicate */
            size_t length;
            char *text = many_keys(n, repeated[i], &length);
            err = (struct astro_error){0};
            reader_init(&reader, text, length, 32, &err);
            assert_int_equal(reader_value_skip(&reader), repeated[i] == n - 1);
            assert_int_equal(err.code, repeated[i] == n - 1 ? ASTRO_OK : ASTRO_DUPLICATE_KEY);
            free(text);
        }
    size_t length;
    char *text = many_keys(70000, 69999, &length);
    err = (struct astro_error){0};
    reader_init(&reader, text, length, 32, &err);
    assert_false(reader_value_skip(&reader));
    assert_int_equal(err.code, ASTRO_TOO_LARGE);
    free(text);
}

static int setup(void **state)
{
    (void)state;
    guarded_open(&guarded, 64 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guarded_close(&guarded);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_texts),
        cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_deep_nesting_is_bounded),
        cmocka_unit_test(test_errors_stick),
        cmocka_unit_test(test_wrong_types),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_literals),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_utf8_pairs),
        cmocka_unit_test(test_object_keys),
        cmocka_unit_test(test_peek_into_array),
        cmocka_unit_test(test_skip_finds_duplicates),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
