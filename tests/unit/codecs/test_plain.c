/* The plain API: every shape in and out, exact bytes; every error with code, field and text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

static void gives(const char *body, const char *text)
{
    expect_text(&codec_plain, &fake_sums, body, text);
}

static void fails(const char *body, enum astro_code code, const char *field, const char *text)
{
    expect_error(&codec_plain, &fake_sums, body, code, field, text);
}

static void test_shapes(void **state)
{
    (void)state;
    gives("{\"a\": 3, \"b\": 1}", "{\"sum\":4.0,\"difference\":2.0}");
    gives(" { \"b\" : 1 , \"a\" : [ 3 ] } ", "{\"sum\":[4.0],\"difference\":[2.0]}");
    gives("{\"a\":[1,2,3],\"b\":[10,20,30]}",
          "{\"sum\":[11.0,22.0,33.0],\"difference\":[-9.0,-18.0,-27.0]}");
    gives("{\"a\":[1,2],\"b\":10,\"c\":0.5}", "{\"sum\":[11.5,12.5],\"difference\":[-8.5,-7.5]}");
    gives("{\"a\":[[1,2],[3,4]],\"b\":0}",
          "{\"sum\":[[1.0,2.0],[3.0,4.0]],\"difference\":[[1.0,2.0],[3.0,4.0]]}");
    gives("{\"a\":[[[1],[2]]],\"b\":[[[0],[0]]]}",
          "{\"sum\":[[[1.0],[2.0]]],\"difference\":[[[1.0],[2.0]]]}");
    gives("{\"a\":[],\"b\":[]}", "{\"sum\":[],\"difference\":[]}");
    gives("{\"a\":[],\"b\":7}", "{\"sum\":[],\"difference\":[]}");
    gives("{\"a\":[[],[]],\"b\":7}", "{\"sum\":[[],[]],\"difference\":[[],[]]}");
    gives("{\"a\":[[[],[]],[[],[]]],\"b\":7}",
          "{\"sum\":[[[],[]],[[],[]]],\"difference\":[[[],[]],[[],[]]]}");
}

static void test_numbers(void **state)
{
    (void)state;
    gives("{\"a\":null,\"b\":1}", "{\"sum\":null,\"difference\":null}");
    gives("{\"a\":[NaN,Infinity,-Infinity,null,1],\"b\":0}",
          "{\"sum\":[null,null,null,null,1.0],\"difference\":[null,null,null,null,1.0]}");
    gives("{\"a\":Infinity,\"b\":0}", "{\"sum\":null,\"difference\":null}");
    gives("{\"a\":[1e22,-0.0,5e-324,0.1,1E2],\"b\":-0.0}",
          "{\"sum\":[1e+22,0.0,5e-324,0.1,100.0],\"difference\":[1e+22,0.0,5e-324,0.1,100.0]}");
}

static void test_parameters(void **state)
{
    (void)state;
    static const char doubled[] = "{\"sum\":6.0,\"difference\":2.0}";
    gives("{\"a\":2,\"b\":1,\"factor\":2}", doubled);
    gives(
        "{\"factor\":\"2\",\"a\":2,\"b\":1,\"label\":\"x\\ty\",\"flag\":true,\"epoch\":\"J2000\"}",
        doubled);
    gives("{\"a\":2,\"b\":1,\"factor\":2.0,\"flag\":\"false\",\"mode\":\"QUIET\"}", doubled);
    struct trial trial = {.conversion = &fake_sums,
                          .codec = &codec_plain,
                          .body = "{\"a\":2,\"b\":1}",
                          .query = "&fact%6Fr=%32&label=a+b%20c%26&&epoch=B1950.0"};
    struct outcome outcome = trial_all(&trial);
    assert_string_equal(outcome.text, doubled);
    outcome_release(&outcome);
}

static void test_warnings(void **state)
{
    (void)state;
    struct trial trial = {.conversion = &fake_sums,
                          .codec = &codec_plain,
                          .body = "{\"a\":[1,2000001,3000001],\"b\":0,\"mode\":\"loud\"}"};
    struct outcome outcome = trial_all(&trial);
    assert_string_equal(
        outcome.text,
        "{\"sum\":[1.0,2000001.0,3000001.0],\"difference\":[1.0,2000001.0,3000001.0],\"warnings\":["
        "{\"code\":\"eop_zero\",\"text\":\"no Earth orientation for this time: zeros were used\","
        "\"count\":3},"
        "{\"code\":\"extrapolated\",\"text\":\"the model was used outside the years it was made "
        "for\","
        "\"count\":2}]}");
    assert_int_equal(outcome.warnings, 1u << ASTRO_WARN_EOP_ZERO | 1u << ASTRO_WARN_EXTRAPOLATED);
    assert_string_equal(outcome.content_type, "application/json");
    assert_int_equal(outcome.header_length, -1);
    outcome_release(&outcome);
}

static void test_integers(void **state)
{
    (void)state;
    const struct codec *plain = &codec_plain;
    expect_text(plain, &fake_pixels, "{\"p\":[1,9223372036854775806,-9007199254740993]}",
                "{\"next\":[2,9223372036854775807,-9007199254740992],"
                "\"half\":[0.5,4611686018427387904.0,-4503599627370496.0]}");
    expect_text(plain, &fake_pixels, "{\"p\":41,\"q\":[]}", "{\"next\":[],\"half\":[]}");
    expect_text(plain, &fake_pixels, "{\"p\":41}", "{\"next\":42,\"half\":20.5}");
    expect_error(plain, &fake_pixels, "{\"p\":1.5}", ASTRO_BAD_TYPE, "p",
                 "p is no integer of 64 bits; an integer or an array of them is expected");
    expect_error(plain, &fake_pixels, "{\"p\":9223372036854775808}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":[1,2.5]}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":[1,null]}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":null}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":NaN}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":1e2}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":01}", ASTRO_INVALID_JSON, "p", NULL);
}

static void test_booleans(void **state)
{
    (void)state;
    const struct codec *plain = &codec_plain;
    expect_text(plain, &fake_flags, "{\"p\":true}", "{\"not\":false,\"count\":1.0}");
    expect_text(plain, &fake_flags, "{\"p\":[[true,false],[ false , true ]],\"q\":false}",
                "{\"not\":[[false,true],[true,false]],\"count\":[[1.0,0.0],[0.0,1.0]]}");
    expect_text(plain, &fake_flags, "{\"p\":false,\"q\":[true,true]}",
                "{\"not\":[true,true],\"count\":[0.0,0.0]}");
    expect_text(plain, &fake_flags, "{\"p\":[[],[]]}", "{\"not\":[[],[]],\"count\":[[],[]]}");
    static const char *const values[][2] = {{"1", "a number"},     {"0.0", "a number"},
                                            {"null", "null"},      {"\"true\"", "a string"},
                                            {"NaN", "not finite"}, {"{}", "an object"}};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char body[64], text[128];
        snprintf(body, sizeof body, "{\"p\":%s}", values[i][0]);
        snprintf(text, sizeof text, "p is %s; true, false or an array of them is expected",
                 values[i][1]);
        expect_error(plain, &fake_flags, body, ASTRO_BAD_TYPE, "p", text);
    }
    expect_error(plain, &fake_flags, "{\"p\":[true,false,true,1]}", ASTRO_BAD_TYPE, "p",
                 "p[3] is a number, expected true or false");
    expect_error(plain, &fake_flags, "{\"p\":[true,null]}", ASTRO_BAD_TYPE, "p",
                 "p[1] is null, expected true or false");
    expect_error(plain, &fake_flags, "{\"p\":[\"true\"]}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_flags, "{\"p\":tru}", ASTRO_INVALID_JSON, "p", NULL);
    expect_error(plain, &fake_flags, "{\"p\":[true,falsy]}", ASTRO_INVALID_JSON, "p", NULL);
    expect_error(plain, &fake_flags, "{\"p\":[true,[false]]}", ASTRO_SHAPE_MISMATCH, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":true}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_pixels, "{\"p\":[1,true]}", ASTRO_BAD_TYPE, "p", NULL);
    expect_error(plain, &fake_sums, "{\"a\":[1,true],\"b\":1}", ASTRO_BAD_TYPE, "a", NULL);
}

static void test_names(void **state)
{
    (void)state;
    fails("{\"a\":1,\"b\":1,\"factr\":2}", ASTRO_UNKNOWN_NAME, "factr",
          "unknown name \"factr\"; did you mean \"factor\"?");
    fails("{\"a\":1,\"b\":1,\"wavelength\":2}", ASTRO_UNKNOWN_NAME, "wavelength",
          "unknown name \"wavelength\"; known are: a, b, c, factor, mode, label, flag, epoch");
    fails("{\"a\":1,\"b\":1,\"\":2}", ASTRO_UNKNOWN_NAME, "", NULL);
    fails("{\"a\":1}", ASTRO_MISSING_INPUT, "b", "the input \"b\" of sums is missing");
    fails("{}", ASTRO_MISSING_INPUT, "a", NULL);
    fails("{\"a\":1,\"b\":1,\"a\":1}", ASTRO_DUPLICATE_KEY, "a", "\"a\" is given twice");
    fails("{\"a\":1,\"b\":1,\"\\u0061\":[1]}", ASTRO_DUPLICATE_KEY, "a", NULL);
    fails("{\"a\":[1],\"a\":[1],\"b\":1}", ASTRO_DUPLICATE_KEY, "a", NULL);
    fails("{\"a\":1,\"b\":1,\"flag\":true,\"flag\":true}", ASTRO_DUPLICATE_KEY, "flag", NULL);
    /* A field too long for its room is cut between characters. */
    fails("{\"\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
          "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
          "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
          "\303\244\303\244\303\244\":1}",
          ASTRO_UNKNOWN_NAME,
          "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
          "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
          "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
          "\303\244",
          NULL);
}

static void test_values(void **state)
{
    (void)state;
    fails("{\"a\":\"1\",\"b\":1}", ASTRO_BAD_TYPE, "a",
          "a is a string; a number or an array of them is expected");
    fails("{\"a\":true,\"b\":1}", ASTRO_BAD_TYPE, "a", NULL);
    fails("{\"a\":{\"b\":1},\"b\":1}", ASTRO_BAD_TYPE, "a", NULL);
    fails("{\"a\":[\"1\"],\"b\":1}", ASTRO_BAD_TYPE, "a", NULL);
    fails("{\"a\":[{}],\"b\":1}", ASTRO_BAD_TYPE, "a", NULL);
    fails("{\"a\":[1,true],\"b\":1}", ASTRO_BAD_TYPE, "a", NULL);
    fails("{\"a\":1,\"b\":1,\"factor\":[2]}", ASTRO_BAD_TYPE, "factor",
          "the parameter \"factor\" is one value: text, a number, true or false");
    fails("{\"a\":1,\"b\":1,\"factor\":null}", ASTRO_BAD_TYPE, "factor", NULL);
    fails("{\"a\":1,\"b\":1,\"factor\":{}}", ASTRO_BAD_TYPE, "factor", NULL);
    fails("{\"a\":1,\"b\":1,\"factor\":NaN}", ASTRO_BAD_PARAMETER, "factor", NULL);
    fails("{\"a\":1,\"b\":1,\"factor\":\"NaN\"}", ASTRO_BAD_PARAMETER, "factor", NULL);
    fails("{\"a\":1,\"b\":1,\"factor\":\"two\"}", ASTRO_BAD_PARAMETER, "factor", NULL);
    fails("{\"a\":1,\"b\":1,\"mode\":\"shrill\"}", ASTRO_BAD_PARAMETER, "mode", NULL);
}

static void test_shapes_that_do_not_fit(void **state)
{
    (void)state;
    fails("{\"a\":[1,2,3,4,5,6],\"b\":[[1,2,3],[4,5,6]]}", ASTRO_SHAPE_MISMATCH, "b",
          "b has shape [2,3], a has shape [6]; they must be equal");
    fails("{\"a\":[1],\"b\":[1,2]}", ASTRO_SHAPE_MISMATCH, "b", NULL);
    fails("{\"a\":[1,2],\"b\":1,\"c\":[]}", ASTRO_SHAPE_MISMATCH, "c",
          "c has shape [0], a has shape [2]; they must be equal");
    fails("{\"a\":[[1,2],[3]],\"b\":1}", ASTRO_SHAPE_MISMATCH, "a", NULL);
    fails("{\"a\":[1,[2]],\"b\":1}", ASTRO_SHAPE_MISMATCH, "a", NULL);
    fails("{\"a\":[[],[1]],\"b\":1}", ASTRO_SHAPE_MISMATCH, "a", NULL);
}

static void test_syntax(void **state)
{
    (void)state;
    fails("", ASTRO_INVALID_JSON, "",
          "the body is empty; a JSON object with the inputs of sums is expected");
    fails("  ", ASTRO_INVALID_JSON, "", NULL);
    fails("[1,2]", ASTRO_INVALID_REQUEST, "",
          "the body must be a JSON object whose keys are the inputs and parameters of sums");
    fails("1", ASTRO_INVALID_REQUEST, "", NULL);
    fails("{\"a\":1,\"b\":1}}", ASTRO_INVALID_JSON, "", NULL);
    fails("{\"a\":1,\"b\":1,}", ASTRO_INVALID_JSON, "", NULL);
    fails("{\"a\":1 \"b\":1}", ASTRO_INVALID_JSON, "", NULL);
    fails("{\"a\":[1,],\"b\":1}", ASTRO_INVALID_JSON, "a", NULL);
    fails("{\"a\":[1,2,\"b\":1}", ASTRO_INVALID_JSON, "a", NULL);
    fails("{\"a\":[01],\"b\":1}", ASTRO_INVALID_JSON, "a", NULL);
    fails("{\"a\":1e999,\"b\":1}", ASTRO_INVALID_JSON, "a", NULL);
    fails("{'a':1}", ASTRO_INVALID_JSON, "", NULL);
    fails("{\"\377\":1}", ASTRO_INVALID_JSON, "", NULL);
}

static void test_depth(void **state)
{
    (void)state;
    char body[256], text[512];
    for (int depth = 30; depth <= 33; depth++) {
        char open[40] = {0}, close[40] = {0};
        memset(open, '[', (size_t)depth);
        memset(close, ']', (size_t)depth);
        snprintf(body, sizeof body, "{\"a\":%s1%s,\"b\":2}", open, close);
        snprintf(text, sizeof text, "{\"sum\":%s3.0%s,\"difference\":%s-1.0%s}", open, close, open,
                 close);
        if (depth <= 31)
            gives(body, text);
        else
            fails(body, ASTRO_INVALID_JSON, "a", NULL);
    }
}

static void test_query(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        enum astro_code code;
        const char *field;
    } cases[] = {
        {"factr=1", ASTRO_UNKNOWN_NAME, "factr"},
        {"a=1", ASTRO_INVALID_REQUEST, "a"},
        {"factor=1&factor=1", ASTRO_DUPLICATE_KEY, "factor"},
        {"flag=true", ASTRO_DUPLICATE_KEY, "flag"}, /* the body has it too */
        {"factor", ASTRO_BAD_PARAMETER, "factor"},
        {"factor=", ASTRO_BAD_PARAMETER, "factor"},
        {"=1", ASTRO_UNKNOWN_NAME, ""},
        {"factor=%3", ASTRO_INVALID_REQUEST, ""},
        {"factor=%zz", ASTRO_INVALID_REQUEST, ""},
        {"factor=%", ASTRO_INVALID_REQUEST, ""},
        {"label=%ff", ASTRO_INVALID_REQUEST, ""},
        {"label=%c0%80", ASTRO_INVALID_REQUEST, ""},
        {"label=%ed%a0%80", ASTRO_INVALID_REQUEST, ""},
        {"label=%e2%82", ASTRO_INVALID_REQUEST, ""},
        {"label=%00", ASTRO_INVALID_REQUEST, ""},
        {"%00=1", ASTRO_INVALID_REQUEST, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial trial = {.conversion = &fake_sums,
                              .codec = &codec_plain,
                              .body = "{\"a\":1,\"b\":1,\"flag\":true}",
                              .query = cases[i].query};
        expect_failure(&trial, cases[i].code, cases[i].field);
    }
}

/* Columns of many parts and slabs: the text is that of one part, whatever the nesting. */
static void test_large(void **state)
{
    (void)state;
    enum { N = 50000 };
    char *body = malloc(N * 8 + 64), *text = malloc(N * 40 + 64), *end = body;
    static const unsigned widths[] = {1, 2, 7, 16384, N};
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        unsigned width = widths[w], rows = N / width;
        end = body + sprintf(body, "{\"b\":1,\"a\":[");
        char *out[2] = {text, malloc(N * 20 + 64)};
        char *sums = out[0] + sprintf(out[0], "{\"sum\":[");
        char *differences = out[1] + sprintf(out[1], ",\"difference\":[");
        for (unsigned i = 0; i < rows * width; i++) {
            const char *before = i == 0 ? "[" : i % width == 0 ? ",[" : ",";
            const char *after = i % width == width - 1 ? "]" : "";
            end += sprintf(end, "%s%u%s", before, i, after);
            sums += sprintf(sums, "%s%u.0%s", before, i + 1, after);
            differences += sprintf(differences, "%s%d.0%s", before, (int)i - 1, after);
        }
        strcpy(end, "]}");
        strcpy(sums, "]");
        strcpy(differences, "]}");
        strcat(sums, out[1]);
        struct trial trial = {.conversion = &fake_sums, .codec = &codec_plain, .body = body};
        for (size_t slice = 0; slice <= 4096; slice += 4096) {
            trial.slice = slice;
            struct outcome outcome = trial_run(&trial);
            assert_string_equal(outcome.error.text, "");
            assert_int_equal(outcome.length, strlen(text));
            assert_memory_equal(outcome.text, text, outcome.length);
            outcome_release(&outcome);
        }
        free(out[1]);
    }
    free(body);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_warnings),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_booleans),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_shapes_that_do_not_fit),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_query),
        cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
