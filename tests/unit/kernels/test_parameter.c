/* parameter.c: what is a value, what is not, and what the refusal says. */
#include "harness.h"

#include <locale.h>
#include <math.h>
#include <string.h>

static const char *const colours[] = {"red", "Green", "blue", NULL};

static const struct astro_parameter choice = {
    .name = "colour", .type = ASTRO_CHOICE, .choices = colours, .unit = "", .doc = "."};
static const struct astro_parameter number = {.name = "height",
                                              .type = ASTRO_NUMBER,
                                              .minimum = -500,
                                              .maximum = 1e5,
                                              .unit = "m",
                                              .doc = "."};
static const struct astro_parameter wide = {.name = "wide",
                                            .type = ASTRO_NUMBER,
                                            .minimum = -1e308,
                                            .maximum = 1e308,
                                            .unit = "",
                                            .doc = "."};
static const struct astro_parameter integer = {
    .name = "order", .type = ASTRO_INTEGER, .minimum = 0, .maximum = 29, .unit = "", .doc = "."};
static const struct astro_parameter boolean = {
    .name = "pad", .type = ASTRO_BOOLEAN, .unit = "", .doc = "."};
static const struct astro_parameter epoch = {.name = "equinox",
                                             .type = ASTRO_EPOCH,
                                             .minimum = -1000,
                                             .maximum = 5000,
                                             .unit = "",
                                             .doc = "."};
static const struct astro_parameter string = {
    .name = "header", .type = ASTRO_STRING, .maximum = 5, .unit = "", .doc = "."};

static void good_text(void **state)
{
    static const struct {
        const struct astro_parameter *parameter;
        const char *text;
        struct astro_value value;
    } rows[] = {
        {&choice, "red", {.choice = 0}},
        {&choice, "GREEN", {.choice = 1}},
        {&choice, "bLuE", {.choice = 2}},
        {&number, "0", {.number = 0}},
        {&number, "-.5", {.number = -0.5}},
        {&number, "+12.", {.number = 12}},
        {&number, "0012.50", {.number = 12.5}},
        {&number, "1e5", {.number = 1e5}},
        {&number, "-5.E+2", {.number = -500}},
        {&number, "1E-400", {.number = 0}},
        {&wide, "0.1", {.number = 0.1}},
        {&wide, "1.7976931348623157e307", {.number = 1.7976931348623157e307}},
        {&wide, "123456789012345678901234567890", {.number = 123456789012345678901234567890.0}},
        {&integer, "29", {.integer = 29, .number = 29}},
        {&integer, "0", {.integer = 0}},
        {&integer, "1e1", {.integer = 10, .number = 10}},
        {&integer, "7.0", {.integer = 7, .number = 7}},
        {&boolean, "true", {.choice = 1}},
        {&boolean, "False", {.choice = 0}},
        {&epoch, "J2000.0", {.epoch_kind = 'J', .number = 2000}},
        {&epoch, "j2015.5", {.epoch_kind = 'J', .number = 2015.5}},
        {&epoch, "B1950", {.epoch_kind = 'B', .number = 1950}},
        {&epoch, "b1875.", {.epoch_kind = 'B', .number = 1875}},
        {&epoch, "J-500.25", {.epoch_kind = 'J', .number = -500.25}},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = {0};
        struct astro_value value = {0};
        if (!astro_parameter_from_text(rows[i].parameter, rows[i].text, strlen(rows[i].text),
                                       &value, &err))
            fail_msg("%s refused: %s", rows[i].text, err.text);
        assert_true(value.present && value.given);
        assert_int_equal(value.choice, rows[i].value.choice);
        assert_int_equal(value.integer, rows[i].value.integer);
        assert_int_equal(value.epoch_kind, rows[i].value.epoch_kind);
        assert_true(same_bits(value.number, rows[i].value.number));
    }
}

static void bad_text(void **state)
{
    static const struct {
        const struct astro_parameter *parameter;
        const char *text;
        enum astro_code code;
        const char *error;
    } rows[] = {
        {&choice, "degrees", ASTRO_BAD_PARAMETER,
         "colour = \"degrees\" is not one of red, Green, blue"},
        {&choice, "", ASTRO_BAD_PARAMETER, "colour = \"\" is not one of red, Green, blue"},
        {&choice, "red ", ASTRO_BAD_PARAMETER, NULL},
        {&choice, "re", ASTRO_BAD_PARAMETER, NULL},
        {&choice, "re\nd", ASTRO_BAD_PARAMETER, "colour = \"re?d\" is not one of red, Green, blue"},
        {&number, "", ASTRO_BAD_PARAMETER, "height = \"\" is not a finite decimal number"},
        {&number, ".", ASTRO_BAD_PARAMETER, NULL},
        {&number, "-", ASTRO_BAD_PARAMETER, NULL},
        {&number, "0x10", ASTRO_BAD_PARAMETER, "height = \"0x10\" is not a finite decimal number"},
        {&number, "inf", ASTRO_BAD_PARAMETER, NULL},
        {&number, "-Infinity", ASTRO_BAD_PARAMETER, NULL},
        {&number, "nan", ASTRO_BAD_PARAMETER, NULL},
        {&number, " 1", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1 ", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1,5", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1e", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1e+", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1e5.0", ASTRO_BAD_PARAMETER, NULL},
        {&number, "--1", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1d2", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1e999", ASTRO_BAD_PARAMETER, NULL},
        {&number, "1e5p1", ASTRO_BAD_PARAMETER, NULL},
        {&number, "\u0661", ASTRO_BAD_PARAMETER, NULL},
        {&number, "100001", ASTRO_OUT_OF_RANGE, "height = 100001 is outside [-500, 100000] m"},
        {&number, "-500.001", ASTRO_OUT_OF_RANGE, NULL},
        {&integer, "1.5", ASTRO_BAD_PARAMETER, "order = 1.5 is not a whole number"},
        {&integer, "30", ASTRO_OUT_OF_RANGE, "order = 30 is outside [0, 29]"},
        {&integer, "1e300", ASTRO_BAD_PARAMETER, NULL},
        {&boolean, "yes", ASTRO_BAD_PARAMETER, "pad = \"yes\" is not true or false"},
        {&boolean, "1", ASTRO_BAD_PARAMETER, NULL},
        {&boolean, "", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "2000", ASTRO_BAD_PARAMETER,
         "equinox = \"2000\" lacks its letter: write J2000 (Julian) or B2000 (Besselian)"},
        {&epoch, "J", ASTRO_BAD_PARAMETER,
         "equinox = \"J\" is not an epoch: the letter J or B and a year, as J2000.0 or B1950.0"},
        {&epoch, "", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "J 2000", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "J2000.0 ", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "J2e3", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "G2000", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "2000J", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "J0x7D0", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "Jnan", ASTRO_BAD_PARAMETER, NULL},
        {&epoch, "B6000", ASTRO_OUT_OF_RANGE, "equinox = B6000 is outside [B-1000, B5000]"},
        {&string, "123456", ASTRO_OUT_OF_RANGE, "header has 6 bytes; at most 5 are allowed"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_error err = {0};
        struct astro_value value, before;
        memset(&value, 0x5A, sizeof value);
        memset(&before, 0x5A, sizeof before);
        if (astro_parameter_from_text(rows[i].parameter, rows[i].text, strlen(rows[i].text), &value,
                                      &err))
            fail_msg("%s was taken", rows[i].text);
        if (err.code != rows[i].code)
            fail_msg("%s: code %s", err.text, astro_code_word(err.code));
        assert_string_equal(err.field, rows[i].parameter->name);
        if (rows[i].error)
            assert_string_equal(err.text, rows[i].error);
        assert_memory_equal(&value, &before, sizeof value);
    }
}

static void text_with_length(void **state)
{
    struct astro_error err = {0};
    struct astro_value value;

    (void)state;
    assert_true(astro_parameter_from_text(&number, "12345", 2, &value, &err));
    assert_true(value.number == 12.0);
    assert_true(astro_parameter_from_text(&string, "ab\0de", 5, &value, &err));
    assert_int_equal(value.text.length, 5);
    assert_memory_equal(value.text.data, "ab\0de", 5);
    assert_false(astro_parameter_from_text(&number, "1\0", 2, &value, &err));
    err.code = ASTRO_OK;
    assert_false(astro_parameter_from_text(&choice, "red\0", 4, &value, &err));
}

static void endless_text_is_refused_and_quoted_short(void **state)
{
    struct astro_error err = {0};
    struct astro_value value;
    char digits[5000];

    (void)state;
    memset(digits, '1', sizeof digits);
    assert_false(astro_parameter_from_text(&wide, digits, sizeof digits, &value, &err));
    assert_int_equal(err.code, ASTRO_BAD_PARAMETER);
    assert_true(strlen(err.text) < 200);
    assert_non_null(strstr(err.text, "...\""));
}

static void numbers_and_booleans_of_json(void **state)
{
    struct astro_error err = {0};
    struct astro_value value;

    (void)state;
    assert_true(astro_parameter_from_number(&number, 12.25, &value, &err));
    assert_true(value.number == 12.25 && value.given && value.present);
    assert_true(astro_parameter_from_number(&integer, 3.0, &value, &err));
    assert_int_equal(value.integer, 3);
    assert_true(astro_parameter_from_boolean(&boolean, true, &value, &err));
    assert_int_equal(value.choice, 1);

    const struct {
        const struct astro_parameter *parameter;
        double number;
        enum astro_code code;
    } bad[] = {
        {&number, 1e6, ASTRO_OUT_OF_RANGE},
        {&number, (double)NAN, ASTRO_BAD_PARAMETER},
        {&number, -HUGE_VAL, ASTRO_BAD_PARAMETER},
        {&integer, 2.5, ASTRO_BAD_PARAMETER},
        {&integer, -1, ASTRO_OUT_OF_RANGE},
        {&epoch, 2000, ASTRO_BAD_TYPE},
        {&choice, 1, ASTRO_BAD_TYPE},
        {&boolean, 1, ASTRO_BAD_TYPE},
        {&string, 1, ASTRO_BAD_TYPE},
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        err = (struct astro_error){0};
        assert_false(astro_parameter_from_number(bad[i].parameter, bad[i].number, &value, &err));
        assert_int_equal(err.code, bad[i].code);
        assert_string_equal(err.field, bad[i].parameter->name);
    }
    err = (struct astro_error){0};
    astro_parameter_from_number(&epoch, 2000, &value, &err);
    assert_string_equal(err.text,
                        "equinox = 2000 is a number; it must be a text of the letter J or "
                        "B and a year, as \"J2000.0\"");
    err = (struct astro_error){0};
    assert_false(astro_parameter_from_boolean(&number, true, &value, &err));
    assert_int_equal(err.code, ASTRO_BAD_TYPE);
    assert_string_equal(err.text, "height = true is a boolean; it must be a number");
}

static void defaults_are_filled_in_and_requirements_named(void **state)
{
    const struct astro_conversion *c = astro_conversion_find("precess_fk5", 11, NULL);
    struct astro_value values[ASTRO_MAX_PARAMETERS] = {0};
    struct astro_error err = {0};

    (void)state;
    assert_false(astro_parameters_complete(c, values, &err));
    assert_int_equal(err.code, ASTRO_MISSING_PARAMETER);
    assert_string_equal(err.field, "equinox_in");
    err = (struct astro_error){0};
    assert_true(astro_parameter_from_text(&c->parameters[1], "B1950", 5, &values[1], &err));
    assert_true(astro_parameter_from_text(&c->parameters[2], "J2016", 5, &values[2], &err));
    assert_true(astro_parameters_complete(c, values, &err));
    assert_true(values[0].present && !values[0].given && values[0].choice == ASTRO_DEG);
    assert_true(values[1].present && values[1].given);
    assert_true(values[3].present && !values[3].given);
}

/* A locale with a decimal comma changes neither what is read nor what is shown. */
static void locale_does_not_matter(void **state)
{
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR"};
    struct astro_error err = {0};
    struct astro_value value;
    bool found = false;

    (void)state;
    for (size_t i = 0; i < LENGTH(commas) && !found; i++)
        found = setlocale(LC_ALL, commas[i]) != NULL;
    if (!found)
        print_message("no locale with a decimal comma is installed: run in the C locale\n");
    assert_true(astro_parameter_from_text(&number, "1.5", 3, &value, &err));
    assert_true(value.number == 1.5);
    assert_false(astro_parameter_from_text(&integer, "2.5", 3, &value, &err));
    assert_string_equal(err.text, "order = 2.5 is not a whole number");
    setlocale(LC_ALL, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text),
        cmocka_unit_test(bad_text),
        cmocka_unit_test(text_with_length),
        cmocka_unit_test(endless_text_is_refused_and_quoted_short),
        cmocka_unit_test(numbers_and_booleans_of_json),
        cmocka_unit_test(defaults_are_filled_in_and_requirements_named),
        cmocka_unit_test(locale_does_not_matter),
    };
    return cmocka_run_group_tests_name("kernels.parameter", tests, harness_start, NULL);
}
