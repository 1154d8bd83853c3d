/* Documents by our own reader: what jansson makes of the same text, and every allocation failing in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/tree.h"
#include "memory/alloc.h"
#include "memory/ledger.h"

static const char *const good[] = {
    "{}",
    "[]",
    " [ 1 , -2,\t0, -0, 1.5, -1e3, 1E-7, 123456789012345678, 0.1, 2.5e+2 ] ",
    "\"text with \\\"escapes\\\" \\u00e9 \\ud83d\\ude00 \\u0000 and ends\"",
    "{\"a\": {\"b\": [true, false, null, [[[]]], {\"\": \"\"}]}, \"c\\n\": \"plain\"}",
    "{\"type\": \"ledger\", \"rss\": 35307520, \"plugins\": [{\"name\": \"a\", \"bytes_per_call\": "
    "0.25}]}",
    "true",
    "null",
};

static json_t *by_jansson(const char *text)
{
    return json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
}

static void the_same_as_jansson(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct astro_error err;
        json_t *ours = json_tree(good[i], strlen(good[i]), 32, &err), *theirs = by_jansson(good[i]);
        assert_non_null(ours);
        assert_non_null(theirs);
        assert_true(json_equal(ours, theirs));
        assert_int_equal(err.code, ASTRO_OK);
        json_decref(ours);
        json_decref(theirs);
    }
}

static void whole_and_real_numbers(void **state)
{
    (void)state;
    const char text[] = "[999999999999999999, 9999999999999999999, 1.0, -12]";
    struct astro_error err;
    json_t *array = json_tree(text, sizeof text - 1, 32, &err);
    assert_non_null(array);
    assert_int_equal(json_integer_value(json_array_get(array, 0)), 999999999999999999);
    assert_true(json_is_real(json_array_get(array, 1)));
    assert_true(json_is_real(json_array_get(array, 2)));
    assert_int_equal(json_integer_value(json_array_get(array, 3)), -12);
    json_decref(array);
}

static void what_is_no_document(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum astro_code code;
    } bad[] = {
        {"", ASTRO_INVALID_JSON},          {"{", ASTRO_INVALID_JSON},
        {"{\"a\": 1", ASTRO_INVALID_JSON}, {"{\"a\": 1,}", ASTRO_INVALID_JSON},
        {"[1 2]", ASTRO_INVALID_JSON},     {"{\"a\": 1} x", ASTRO_INVALID_JSON},
        {"[NaN]", ASTRO_INVALID_JSON},     {"-Infinity", ASTRO_INVALID_JSON},
        {"\"\xff\"", ASTRO_INVALID_JSON},  {"[01]", ASTRO_INVALID_JSON},
        {"[-]", ASTRO_INVALID_JSON},       {"{\"a\": 1, \"\\u0061\": 2}", ASTRO_DUPLICATE_KEY},
        {"[[[[[]]]]]", ASTRO_INVALID_JSON}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct astro_error err;
        assert_null(json_tree(bad[i].text, strlen(bad[i].text), 4, &err));
        assert_int_equal(err.code, bad[i].code);
    }
}

static void inject(const char *faults)
{
    if (faults)
        setenv("ASTROLABE_FAULT_ALLOC", faults, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct astro_error err;
        inject("count");
        json_decref(json_tree(good[i], strlen(good[i]), 32, &err));
        uint64_t n = mem_faults_counted();
        for (uint64_t k = 1; k <= n; k++) {
            char faults[32];
            snprintf(faults, sizeof faults, "%llu", (unsigned long long)k);
            inject(faults);
            json_t *value = json_tree(good[i], strlen(good[i]), 32, &err);
            inject(NULL);
            assert_null(value);
            assert_int_equal(err.code, ASTRO_OVERLOADED);
            assert_int_equal(ledger_read(LEDGER_ARENAS).objects, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_as_jansson),
        cmocka_unit_test(whole_and_real_numbers),
        cmocka_unit_test(what_is_no_document),
        cmocka_unit_test(every_allocation_fails_once),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
