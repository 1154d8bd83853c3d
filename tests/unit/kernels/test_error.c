/* error.c: the words, the first error wins, text that does not fit. */
#include "harness.h"

#include <string.h>

static void every_code_has_a_word_and_a_status(void **state)
{
    (void)state;
    for (int i = 0; i < ASTRO_CODE_COUNT; i++) {
        assert_non_null(astro_code_word((enum astro_code)i));
        int status = astro_code_status((enum astro_code)i);
        assert_true(status == 200 || (status >= 400 && status <= 504));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(astro_code_word((enum astro_code)i),
                                    astro_code_word((enum astro_code)j));
    }
    assert_string_equal(astro_code_word(ASTRO_OUT_OF_RANGE), "out_of_range");
    assert_int_equal(astro_code_status(ASTRO_OK), 200);
    assert_int_equal(astro_code_status(ASTRO_PLUGIN_CRASHED), 502);
}

static void every_warning_has_a_word_and_a_text(void **state)
{
    (void)state;
    for (int i = 0; i < ASTRO_WARNING_COUNT; i++) {
        assert_true(strlen(astro_warning_word((enum astro_warning)i)) > 0);
        assert_true(strlen(astro_warning_text((enum astro_warning)i)) > 0);
    }
    assert_string_equal(astro_warning_word(ASTRO_WARN_EXTRAPOLATED), "extrapolated");
}

static void first_error_is_kept(void **state)
{
    struct astro_error err = {0};

    (void)state;
    assert_false(astro_fail(&err, ASTRO_BAD_TYPE, "ra", "%s[%d]", "ra", 7));
    assert_false(astro_fail(&err, ASTRO_INTERNAL, NULL, "later"));
    assert_int_equal(err.code, ASTRO_BAD_TYPE);
    assert_string_equal(err.field, "ra");
    assert_string_equal(err.text, "ra[7]");
}

static void no_field_is_the_empty_field(void **state)
{
    struct astro_error err;

    (void)state;
    memset(&err, 'x', sizeof err);
    err.code = ASTRO_OK;
    astro_fail(&err, ASTRO_TIMEOUT, NULL, "slow");
    assert_string_equal(err.field, "");
    assert_string_equal(err.text, "slow");
}

/* Long text of characters of 1 to 4 bytes ends with a whole one, at every phase. */
static void long_text_is_cut_between_characters(void **state)
{
    static const char *const letters[] = {"a", "\u00e9", "\u2212", "\U0001F52D"};

    (void)state;
    for (size_t l = 0; l < LENGTH(letters); l++) {
        for (size_t phase = 0; phase < 4; phase++) {
            char long_text[1024] = "";
            struct astro_error err = {0};
            memset(long_text, '.', phase);
            size_t size = strlen(letters[l]);
            while (strlen(long_text) + size < sizeof long_text)
                strcat(long_text, letters[l]);
            astro_fail(&err, ASTRO_INTERNAL, long_text, "%s", long_text);
            size_t length = strlen(err.text);
            assert_true(length < sizeof err.text && length + 4 >= sizeof err.text);
            assert_int_equal((length - phase) % size, 0);
            assert_memory_equal(err.text, long_text, length);
            assert_int_equal((strlen(err.field) - phase) % size, 0);
            assert_true(strlen(err.field) < sizeof err.field);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_a_word_and_a_status),
        cmocka_unit_test(every_warning_has_a_word_and_a_text),
        cmocka_unit_test(first_error_is_kept),
        cmocka_unit_test(no_field_is_the_empty_field),
        cmocka_unit_test(long_text_is_cut_between_characters),
    };
    return cmocka_run_group_tests_name("kernels.error", tests, NULL, NULL);
}
