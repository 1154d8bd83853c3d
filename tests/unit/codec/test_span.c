/* reader_array_span: strings, ends, and counts, against the obvious loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/reader.h"
#include "guarded.h"

static struct guarded guarded;
static struct astro_error err;

static struct reader open_text(const char *text, size_t length)
{
    struct reader reader;
    err = (struct astro_error){0};
    reader_init(&reader, guarded_put(&guarded, text, length), length, 32, &err);
    return reader;
}

static struct reader open_string(const char *text)
{
    return open_text(text, strlen(text));
}

static void test_span(void **state)
{
    (void)state;
    struct reader reader = open_string(" [1,[2,3],4] , 7");
    struct reader_span span;
    assert_true(reader_array_span(&reader, &span));
    assert_int_equal(span.length, 11);
    assert_int_equal(span.offset, 1);
    assert_memory_equal(span.data, "[1,[2,3],4]", 11);
    assert_int_equal(span.commas, 3);
    assert_false(span.has_strings);
    assert_true(reader.next == span.data + span.length);
    reader = open_string("[\"],\\\\\\\"],[\",1]");
    assert_true(reader_array_span(&reader, &span));
    assert_int_equal(span.length, 15);
    assert_int_equal(span.commas, 1);
    assert_true(span.has_strings);
    reader = open_string("[{}]");
    assert_true(reader_array_span(&reader, &span));
    assert_true(span.has_strings);
    reader = open_string("  [1,[2,3]");
    assert_false(reader_array_span(&reader, &span));
    assert_string_equal(err.text,
                        "invalid JSON at byte 2: the text ends within the array that begins here");
}

/* Random soups of the bytes that matter, against the obvious loop; every alignment and length. */
static void test_span_soup(void **state)
{
    (void)state;
    uint32_t random = 1;
    for (unsigned round = 0; round < 20000; round++) {
        char text[700];
        static const char bytes[] = "[],,,,,1234567890.0123456789    \"\"\\\\{}[]";
        const size_t length = 1 + round % (sizeof text - 1);
        const unsigned rare = round % 7 + 1; /* how seldom something special occurs */
        text[0] = '[';
        for (size_t i = 1; i < length; i++) {
            random = random * 1664525 + 1013904223;
            const size_t k = (random >> 16) % (sizeof bytes - 1);
            text[i] = (random >> 8) % (rare * rare) == 0 ? bytes[k] : bytes[2 + k % 28];
        }
        size_t depth = 0, commas = 0, end = 0;
        bool quoted = false, strings = false;
        for (size_t i = 0; i < length && !end; i++) {
            if (quoted) {
                quoted = text[i] != '"';
                i += text[i] == '\\';
                continue;
            }
            depth += text[i] == '[';
            commas += text[i] == ',';
            quoted = text[i] == '"';
            strings |= quoted || text[i] == '{' || text[i] == '}';
            if (text[i] == ']' && --depth == 0)
                end = i + 1;
        }
        struct reader reader = open_text(text, length);
        struct reader_span span;
        assert_int_equal(reader_array_span(&reader, &span), end != 0);
        if (end) {
            assert_int_equal(span.length, end);
            assert_int_equal(span.commas, commas);
            assert_int_equal(span.has_strings, strings);
        }
    }
}

/* Nothing but one-digit numbers, or commas alone: as many commas as there can be in a block. */
static void test_span_dense(void **state)
{
    (void)state;
    enum { LENGTH = 60001 };
    static char text[LENGTH];
    for (unsigned shift = 0; shift < 3; shift++) {
        memset(text, ',', LENGTH);
        for (size_t i = shift; shift < 2 && i < LENGTH; i += 2)
            text[i] = '1';
        text[0] = '[';
        text[LENGTH - 1] = ']';
        size_t commas = 0;
        for (size_t i = 0; i < LENGTH; i++)
            commas += text[i] == ',';
        struct reader reader = open_text(text, LENGTH);
        struct reader_span span;
        assert_true(reader_array_span(&reader, &span));
        assert_int_equal(span.length, LENGTH);
        assert_int_equal(span.commas, commas);
    }
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
        cmocka_unit_test(test_span),
        cmocka_unit_test(test_span_soup),
        cmocka_unit_test(test_span_dense),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
