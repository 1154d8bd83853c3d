/* The Open Inference Protocol: JSON and binary tensors in and out, exact bytes; every error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"

#define REPLY "{\"model_name\":\"sums\",\"model_version\":\"1\""
#define TENSOR(name, shape, type, data)                                                            \
    "{\"name\":\"" name "\",\"shape\":" shape ",\"datatype\":\"" type "\",\"data\":" data "}"
#define BINARY(name, shape, type, size)                                                            \
    "{\"name\":\"" name "\",\"shape\":" shape ",\"datatype\":\"" type                              \
    "\",\"parameters\":{\"binary_data_size\":" size "}}"
#define INPUTS(list) "{\"inputs\":[" list "]}"
#define B1           "," TENSOR("b", "[1]", "FP64", "[1]")

static void gives(const char *body, const char *text)
{
    expect_text(&codec_oip, &fake_sums, body, text);
}

static void fails(const char *body, enum astro_code code, const char *field, const char *text)
{
    expect_error(&codec_oip, &fake_sums, body, code, field, text);
}

/* --- JSON --- */

static void test_json(void **state)
{
    (void)state;
    gives(
        INPUTS(TENSOR("a", "[2]", "FP64", "[1,2]") "," TENSOR("b", "[2]", "FP64", "[10,20]")), REPLY
        ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[11.0,22.0]},"
        "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[-9.0,-18.0]}]}");
    static const char one[] =
        REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[3.0]},"
              "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[1.0]}]}";
    gives(INPUTS(TENSOR("a", "[1]", "FP64", "[2]") B1), one);
    gives(INPUTS(TENSOR("a", "[]", "FP64", "[2]") "," TENSOR("b", "[]", "FP64", "[1]")), one);
    gives(INPUTS(TENSOR("a", "[1,1]", "FP64", "[[2]]") B1), REPLY
          ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[1,1],\"data\":[3.0]},"
          "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[1,1],\"data\":[1.0]}]}");
    static const char nested[] =
        REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[2,2],"
              "\"data\":[2.0,null,null,5.0]},{\"name\":\"difference\",\"datatype\":\"FP64\","
              "\"shape\":[2,2],\"data\":[0.0,null,null,3.0]}]}";
    gives(INPUTS(TENSOR("a", "[2,2]", "FP64", "[[1,NaN],[-Infinity,4]]") B1), nested);
    gives(INPUTS(TENSOR("a", "[2,2]", "FP64", "[1,null,Infinity,4]") B1), nested);
    static const char empty[] =
        REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[0],\"data\":[]},"
              "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[0],\"data\":[]}]}";
    gives(INPUTS(TENSOR("a", "[0]", "FP64", "[]") B1), empty);
    gives(INPUTS(BINARY("a", "[0]", "FP64", "0") B1), empty);
    gives(INPUTS(TENSOR("a", "[2,0]", "FP64", "[[],[]]") B1), REPLY
          ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[2,0],\"data\":[]},"
          "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[2,0],\"data\":[]}]}");
}

static void test_order_of_keys(void **state)
{
    (void)state;
    gives("{\"outputs\":[{\"parameters\":{\"binary_data\":false},\"name\":\"difference\"},"
          "{\"name\":\"sum\",\"parameters\":null}],\"parameters\":{\"factor\":2},"
          "\"inputs\":[{\"data\":[1.5,2],\"datatype\":\"FP64\",\"shape\":[2],\"name\":\"a\","
          "\"parameters\":"
          "{\"content_type\":\"np\",\"headers\":{\"x\":[1]}}},"
          "{\"parameters\":null,\"shape\":[1],\"data\":[1],\"name\":\"b\",\"datatype\":\"FP64\"}],"
          "\"id\":\"\\u00e9\\\"\\ud83d\\udd2d\",\"model_name\":\"other\"}",
          REPLY ",\"id\":\"\\u00e9\\\"\\ud83d\\udd2d\",\"outputs\":["
                "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[1.0,2.0]},"
                "{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":[5.0,6.0]}]}");
    gives("{\"id\":\"\",\"inputs\":[" TENSOR("a", "[1]", "FP64", "[1]") B1
          "],\"outputs\":[{\"name\":\"sum\"}]}",
          REPLY ",\"id\":\"\",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[1],"
                "\"data\":[2.0]}]}");
    gives("{\"id\":null,\"parameters\":null,\"outputs\":null,\"model_name\":null,"
          "\"inputs\":[" TENSOR("a", "[0]", "FP64", "[]") B1 "]}",
          REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[0],\"data\":[]},"
                "{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[0],\"data\":[]}]}");
}

static struct outcome with_parameters(const char *parameters)
{
    char body[512];
    snprintf(body, sizeof body,
             "{\"parameters\":%s,\"outputs\":[{\"name\":\"sum\"}],\"inputs\":[" TENSOR(
                 "a", "[1]", "FP64", "[1]") B1 "]}",
             parameters);
    struct trial trial = {.conversion = &fake_sums, .codec = &codec_oip, .body = body};
    return trial_all(&trial);
}

static void test_parameters(void **state)
{
    (void)state;
    static const struct {
        const char *parameters;
        enum astro_code code;
        const char *field;
    } cases[] = {
        {"{}", ASTRO_OK, ""},
        {"{\"factor\":\"3\",\"flag\":true,\"label\":\"l\",\"epoch\":\"J2000.0\"}", ASTRO_OK, ""},
        {"{\"sequence_id\":1,\"sequence_start\":true,\"sequence_end\":false,\"priority\":\"x\","
         "\"headers\":{\"a\":[null]},\"content_type\":\"np\",\"triton_x\":[1],\"timeout\":0}",
         ASTRO_OK, ""},
        {"{\"triton\":1}", ASTRO_UNKNOWN_NAME, "triton"},
        {"{\"factors\":1}", ASTRO_UNKNOWN_NAME, "factors"},
        {"{\"a\":1}", ASTRO_INVALID_REQUEST, "a"},
        {"{\"factor\":1,\"factor\":1}", ASTRO_DUPLICATE_KEY, "factor"},
        {"{\"timeout\":1,\"timeout\":1}", ASTRO_DUPLICATE_KEY, "timeout"},
        {"{\"binary_data_output\":true,\"binary_data_output\":true}", ASTRO_DUPLICATE_KEY,
         "binary_data_output"},
        {"{\"binary_data_output\":1}", ASTRO_BAD_TYPE, "binary_data_output"},
        {"{\"factor\":[1]}", ASTRO_BAD_TYPE, "factor"},
        {"{\"timeout\":-1}", ASTRO_BAD_PARAMETER, "timeout"},
        {"{\"timeout\":1.5}", ASTRO_BAD_PARAMETER, "timeout"},
        {"{\"timeout\":\"1\"}", ASTRO_BAD_PARAMETER, "timeout"},
        {"{\"timeout\":9223372036854775808}", ASTRO_BAD_PARAMETER, "timeout"},
        {"{\"headers\":{\"a\":1,\"a\":1}}", ASTRO_DUPLICATE_KEY, ""},
        {"[]", ASTRO_INVALID_REQUEST, "parameters"},
        {"1", ASTRO_INVALID_REQUEST, "parameters"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome outcome = with_parameters(cases[i].parameters);
        if (outcome.error.code != cases[i].code)
            print_error("%s -> %s\n", cases[i].parameters, outcome.error.text);
        assert_int_equal(outcome.error.code, cases[i].code);
        assert_string_equal(outcome.error.field, cases[i].field);
        outcome_release(&outcome);
    }
}

static void test_timeout(void **state)
{
    (void)state;
    static const uint64_t second = 1000000000;
    static const struct {
        const char *parameters;
        uint64_t deadline_ns;
    } cases[] = {
        {"{\"timeout\":0}", 61 * second},
        {"{\"timeout\":2000000}", 3 * second},
        {"{\"timeout\":90000000}", 61 * second}, /* never later than the server's own */
        {"{\"timeout\":9223372036854775807}", 61 * second},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome outcome = with_parameters(cases[i].parameters);
        assert_int_equal(outcome.error.code, ASTRO_OK);
        assert_int_equal(outcome.deadline_ns, cases[i].deadline_ns);
        outcome_release(&outcome);
    }
}

/* --- binary --- */

/* JSON, then bytes; the caller frees. */
static char *joined(const char *json, const void *bytes, size_t size)
{
    size_t length = strlen(json);
    char *body = malloc(length + size + 1);
    memcpy(body, json, length);
    if (size > 0)
        memcpy(body + length, bytes, size);
    return body;
}

static struct outcome with_bytes(const struct astro_conversion *conversion, const char *json,
                                 const void *bytes, size_t size)
{
    char *body = joined(json, bytes, size);
    struct trial trial = {.conversion = conversion,
                          .codec = &codec_oip,
                          .body = body,
                          .length = strlen(json) + size,
                          .header_length = (int64_t)strlen(json)};
    struct outcome outcome = trial_all(&trial);
    free(body);
    return outcome;
}

/* The JSON part of a reply with binary tensors; the rest are `n` doubles. */
static void check_reply(struct outcome *outcome, const char *json, const double *values, size_t n)
{
    assert_string_equal(outcome->error.text, "");
    assert_int_equal(outcome->header_length, strlen(json));
    assert_memory_equal(outcome->text, json, strlen(json));
    assert_int_equal(outcome->length, strlen(json) + n * sizeof *values);
    assert_memory_equal(outcome->text + strlen(json), values, n * sizeof *values);
    assert_string_equal(outcome->content_type, "application/octet-stream");
    outcome_release(outcome);
}

static void test_binary(void **state)
{
    (void)state;
    static const double columns[] = {1, 2, 3, 10, 20, 30};
    static const double results[] = {11, 22, 33, -9, -18, -27};
    for (size_t pad = 0; pad < 70; pad++) { /* any alignment */
        char json[512];
        snprintf(json, sizeof json, "%s%*s",
                 "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[" BINARY(
                     "a", "[3]", "FP64", "24") "," BINARY("b", "[3]", "FP64", "24") "]}",
                 (int)pad, "");
        struct outcome outcome = with_bytes(&fake_sums, json, columns, sizeof columns);
        assert_true(outcome.zero_copy);
        check_reply(
            &outcome,
            REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[3],"
                  "\"parameters\":{\"binary_data_size\":24}},{\"name\":\"difference\","
                  "\"datatype\":\"FP64\",\"shape\":[3],\"parameters\":{\"binary_data_size\":24}}]}",
            results, 6);
    }
}

static void test_mixed(void **state)
{
    (void)state;
    static const double column[] = {1, 2, 3}, sums[] = {2, 3, 4}, differences[] = {0, 1, 2};
    struct outcome outcome =
        with_bytes(&fake_sums,
                   "{\"outputs\":[{\"name\":\"sum\",\"parameters\":{\"binary_data\":true}},"
                   "{\"name\":\"difference\"}],\"inputs\":[" TENSOR(
                       "b", "[1]", "FP64", "[1]") "," BINARY("a", "[3]", "FP64", "24") "]}",
                   column, sizeof column);
    check_reply(
        &outcome,
        REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[3],\"parameters\":"
              "{\"binary_data_size\":24}},{\"name\":\"difference\",\"datatype\":\"FP64\","
              "\"shape\":[3],\"data\":[0.0,1.0,2.0]}]}",
        sums, 3);
    outcome = with_bytes(
        &fake_sums,
        "{\"outputs\":[{\"name\":\"difference\"},{\"name\":\"sum\",\"parameters\":{\"binary_data\":"
        "false}}],\"parameters\":{\"binary_data_output\":true},\"inputs\":[" BINARY(
            "a", "[3]", "FP64", "24") "," TENSOR("b", "[1]", "FP64", "[1]") "]}",
        column, sizeof column);
    check_reply(&outcome,
                REPLY
                ",\"outputs\":[{\"name\":\"difference\",\"datatype\":\"FP64\",\"shape\":[3],"
                "\"parameters\":{\"binary_data_size\":24}},{\"name\":\"sum\",\"datatype\":\"FP64\","
                "\"shape\":[3],\"data\":[2.0,3.0,4.0]}]}",
                differences, 3);
}

#define PROMOTED(type, ctype, ...)                                                                 \
    do {                                                                                           \
        static const ctype values[] = {__VA_ARGS__};                                               \
        char json[512];                                                                            \
        snprintf(json, sizeof json,                                                                \
                 "{\"parameters\":{\"binary_data_output\":true},\"outputs\":[{\"name\":\"sum\"}]," \
                 "\"inputs\":[{\"name\":\"a\",\"shape\":[%zu],\"datatype\":\"" type                \
                 "\",\"parameters\":{\"binary_data_size\":%zu}}," TENSOR("b", "[1]", "FP64",       \
                                                                         "[0]") "]}",              \
                 sizeof values / sizeof values[0], sizeof values);                                 \
        struct outcome outcome = with_bytes(&fake_sums, json, values, sizeof values);              \
        assert_string_equal(outcome.error.text, "");                                               \
        assert_false(outcome.zero_copy);                                                           \
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {                            \
            double found, wanted = (double)values[i];                                              \
            memcpy(&found, outcome.text + outcome.header_length + i * sizeof found, sizeof found); \
            assert_true(found == wanted);                                                          \
        }                                                                                          \
        outcome_release(&outcome);                                                                 \
    } while (0)

static void test_promotion(void **state)
{
    (void)state;
    PROMOTED("UINT8", uint8_t, 0, 1, 255);
    PROMOTED("UINT16", uint16_t, 0, 1, 65535, 7, 8, 9, 10, 11, 12);
    PROMOTED("UINT32", uint32_t, 0, 1, UINT32_MAX);
    PROMOTED("UINT64", uint64_t, 0, 1, UINT64_MAX, (UINT64_C(1) << 53) + 1, 3);
    PROMOTED("INT8", int8_t, -128, 127, 0);
    PROMOTED("INT16", int16_t, -32768, 32767);
    PROMOTED("INT32", int32_t, INT32_MIN, INT32_MAX, 5);
    PROMOTED("INT64", int64_t, INT64_MIN, INT64_MAX, (INT64_C(1) << 53) + 3);
    PROMOTED("FP32", float, 0.1f, -0.0f, 3.4e38f, 1e-45f);
}

static void test_integers(void **state)
{
    (void)state;
    static const int64_t pixels[] = {INT64_C(9007199254740993), -5};
    struct outcome outcome =
        with_bytes(&fake_pixels, INPUTS(BINARY("p", "[2]", "INT64", "16")), pixels, sizeof pixels);
    assert_true(outcome.zero_copy);
    assert_string_equal(
        outcome.text,
        "{\"model_name\":\"pixels\",\"model_version\":\"1\",\"outputs\":["
        "{\"name\":\"next\",\"datatype\":\"INT64\",\"shape\":[2],\"data\":["
        "9007199254740994,-4]},{\"name\":\"half\",\"datatype\":\"FP64\",\"shape\":[2],"
        "\"data\":[4503599627370496.0,-2.5]}]}");
    outcome_release(&outcome);
    static const uint64_t large[] = {1, UINT64_C(1) << 63};
    outcome =
        with_bytes(&fake_pixels, INPUTS(BINARY("p", "[2]", "UINT64", "16")), large, sizeof large);
    assert_int_equal(outcome.error.code, ASTRO_OUT_OF_RANGE);
    assert_string_equal(outcome.error.text,
                        "p[1] = 9223372036854775808 is outside [0, 9223372036854775807]");
    static const int16_t small[] = {-300, 300};
    outcome = with_bytes(
        &fake_pixels,
        "{\"outputs\":[{\"name\":\"next\"}],\"inputs\":[" BINARY("p", "[2]", "INT16", "4") "]}",
        small, sizeof small);
    assert_non_null(strstr(outcome.text, "[-299,301]"));
    outcome_release(&outcome);
    const struct codec *oip = &codec_oip;
    expect_error(oip, &fake_pixels, INPUTS(TENSOR("p", "[1]", "FP64", "[1]")), ASTRO_BAD_TYPE, "p",
                 "p has datatype FP64; it takes integers only (INT8 to INT64, UINT8 to UINT64)");
    expect_error(oip, &fake_pixels, INPUTS(TENSOR("p", "[1]", "INT64", "[1.5]")), ASTRO_BAD_TYPE,
                 "p", NULL);
    expect_error(oip, &fake_pixels, INPUTS(TENSOR("p", "[2]", "UINT8", "[1,256]")), ASTRO_BAD_TYPE,
                 "p", "p[1] = 256 is no UINT8");
    expect_error(oip, &fake_pixels, INPUTS(TENSOR("p", "[1]", "UINT32", "[-1]")), ASTRO_BAD_TYPE,
                 "p", NULL);
}

#define FLAGS "{\"model_name\":\"flags\",\"model_version\":\"1\",\"outputs\":["

static void test_booleans(void **state)
{
    (void)state;
    const struct codec *oip = &codec_oip;
    static const char text[] =
        FLAGS "{\"name\":\"not\",\"datatype\":\"BOOL\",\"shape\":[3],\"data\":[false,true,false]},"
              "{\"name\":\"count\",\"datatype\":\"FP64\",\"shape\":[3],\"data\":[1.0,0.0,1.0]}]}";
    expect_text(oip, &fake_flags, INPUTS(TENSOR("p", "[3]", "BOOL", "[true,false,true]")), text);
    static const char bytes[] = {1, 0, 1};
    struct outcome outcome =
        with_bytes(&fake_flags, INPUTS(BINARY("p", "[3]", "BOOL", "3")), bytes, sizeof bytes);
    assert_string_equal(outcome.text, text);
    assert_false(outcome.zero_copy);
    outcome_release(&outcome);
    expect_text(oip, &fake_flags, INPUTS(TENSOR("p", "[1]", "BOOL", "[true]")),
                FLAGS "{\"name\":\"not\",\"datatype\":\"BOOL\",\"shape\":[1],\"data\":[false]},"
                      "{\"name\":\"count\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[1.0]}]}");
    expect_text(oip, &fake_flags, INPUTS(BINARY("p", "[0]", "BOOL", "0")),
                FLAGS "{\"name\":\"not\",\"datatype\":\"BOOL\",\"shape\":[0],\"data\":[]},"
                      "{\"name\":\"count\",\"datatype\":\"FP64\",\"shape\":[0],\"data\":[]}]}");
    expect_error(oip, &fake_flags, INPUTS(TENSOR("p", "[1]", "UINT8", "[1]")), ASTRO_BAD_TYPE, "p",
                 "p has datatype UINT8; it takes booleans only (BOOL)");
    expect_error(oip, &fake_flags, INPUTS(TENSOR("p", "[2]", "BOOL", "[true,1]")), ASTRO_BAD_TYPE,
                 "p", "p[1] is a number, expected true or false");
    expect_error(oip, &fake_flags, INPUTS(TENSOR("p", "[1]", "BOOL", "[null]")), ASTRO_BAD_TYPE,
                 "p", "p[0] is null, expected true or false");
    expect_error(oip, &fake_flags, INPUTS(TENSOR("p", "[1]", "BOOL", "[\"true\"]")), ASTRO_BAD_TYPE,
                 "p", "data of p must hold nothing but true and false");
    expect_error(oip, &fake_flags, INPUTS(TENSOR("p", "[2]", "BOOL", "[true]")),
                 ASTRO_INVALID_SHAPE, "p", NULL);
    expect_error(oip, &fake_pixels, INPUTS(TENSOR("p", "[1]", "BOOL", "[true]")),
                 ASTRO_INVALID_DATATYPE, "p", NULL);
    expect_error(oip, &fake_sums, INPUTS(TENSOR("a", "[1]", "BOOL", "[true]") B1),
                 ASTRO_INVALID_DATATYPE, "a", NULL);
}

static void test_binary_booleans(void **state)
{
    (void)state;
    static const char bytes[] = {1, 0, 1}, wrong[] = {1, 0, 2};
    struct outcome outcome =
        with_bytes(&fake_flags,
                   "{\"outputs\":[{\"name\":\"count\",\"parameters\":{\"binary_data\":true}},"
                   "{\"name\":\"not\",\"parameters\":{\"binary_data\":true}}],\"inputs\":[" BINARY(
                       "p", "[3]", "BOOL", "3") "]}",
                   bytes, sizeof bytes);
    assert_int_equal(outcome.length - (size_t)outcome.header_length, 3 * sizeof(double) + 3);
    static const double counts[] = {1, 0, 1};
    const char *tail = outcome.text + outcome.header_length;
    assert_memory_equal(tail, counts, sizeof counts);
    assert_memory_equal(tail + sizeof counts, "\0\1\0", 3);
    assert_non_null(strstr(outcome.text, "\"binary_data_size\":3}"));
    outcome_release(&outcome);
    outcome = with_bytes(&fake_flags, INPUTS(BINARY("p", "[3]", "BOOL", "3")), wrong, sizeof wrong);
    assert_int_equal(outcome.error.code, ASTRO_BAD_TYPE);
    assert_string_equal(outcome.error.text, "p[2] is the byte 2; a BOOL is 0 or 1");
    outcome = with_bytes(&fake_flags, INPUTS(BINARY("p", "[2]", "BOOL", "3")), bytes, sizeof bytes);
    assert_int_equal(outcome.error.code, ASTRO_INVALID_BINARY_SIZE);
}

/* Numbers in JSON are what their datatype can hold. */
static void test_datatypes_in_json(void **state)
{
    (void)state;
    gives("{\"outputs\":[{\"name\":\"sum\"}],\"inputs\":[" TENSOR(
              "a", "[2]", "FP32", "[0.1,1]") "," TENSOR("b", "[1]", "INT8", "[-128]") "]}",
          REPLY ",\"outputs\":[{\"name\":\"sum\",\"datatype\":\"FP64\",\"shape\":[2],\"data\":["
                "-127.89999999850988,-127.0]}]}");
    static const char *const wrong[][2] = {
        {"INT32", "[0,1.5,2]"},  {"INT8", "[0,1,128]"},    {"INT8", "[-129,0,0]"},
        {"UINT16", "[0,0,-1]"},  {"UINT64", "[1e20,0,0]"}, {"INT64", "[1e19,0,0]"},
        {"INT32", "[null,0,0]"}, {"INT32", "[NaN,0,0]"},   {"FP32", "[1e39,0,0]"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char body[256];
        snprintf(body, sizeof body,
                 "{\"inputs\":[{\"name\":\"a\",\"shape\":[3],\"datatype\":\"%s\",\"data\":%s}" B1
                 "]}",
                 wrong[i][0], wrong[i][1]);
        fails(body, ASTRO_BAD_TYPE, "a", NULL);
    }
    fails(INPUTS(TENSOR("a", "[1]", "BOOL", "[true]") B1), ASTRO_INVALID_DATATYPE, "a",
          "a has datatype BOOL; FP64, FP32, INT8 to INT64 and UINT8 to UINT64 are taken");
    fails(INPUTS(TENSOR("a", "[1]", "BYTES", "[\"x\"]") B1), ASTRO_INVALID_DATATYPE, "a", NULL);
    fails(INPUTS(BINARY("a", "[1]", "FP16", "2") B1), ASTRO_INVALID_DATATYPE, "a", NULL);
    fails(INPUTS(TENSOR("a", "[1]", "fp64", "[1]") B1), ASTRO_INVALID_DATATYPE, "a", NULL);
    fails(INPUTS(TENSOR("a", "[1]", "", "[1]") B1), ASTRO_INVALID_DATATYPE, "a", NULL);
}

/* --- structure --- */

static void test_structure(void **state)
{
    (void)state;
    static const char a1[] = TENSOR("a", "[1]", "FP64", "[1]");
    static const struct {
        const char *format; /* %s: a good tensor "a"; B1 follows in most */
        enum astro_code code;
        const char *field;
    } cases[] = {
        {"%.0s", ASTRO_INVALID_JSON, ""},
        {"[%s]", ASTRO_INVALID_REQUEST, ""},
        {"{\"inputs\":[%s" B1 "]", ASTRO_INVALID_JSON, ""},
        {"{\"inputs\":[%s" B1 "]} x", ASTRO_INVALID_JSON, ""},
        {"{%.0s}", ASTRO_INVALID_REQUEST, "inputs"},
        {"{\"inputs\":%.0snull}", ASTRO_INVALID_REQUEST, "inputs"},
        {"{\"inputs\":%s}", ASTRO_INVALID_REQUEST, "inputs"},
        {"{\"inputs\":[%.0s]}", ASTRO_MISSING_INPUT, "a"},
        {"{\"inputs\":[%.0s1]}", ASTRO_INVALID_REQUEST, "inputs"},
        {"{\"inputs\":[%.0s{}]}", ASTRO_INVALID_REQUEST, "inputs[0]"},
        {"{\"inputs\":[%s]}", ASTRO_MISSING_INPUT, "b"},
        {"{\"inputs\":[%s" B1 "," TENSOR("a", "[1]", "FP64", "[1]") "]}", ASTRO_DUPLICATE_KEY, "a"},
        {"{\"inputs\":[%s" B1 "],\"inputs\":[]}", ASTRO_DUPLICATE_KEY, "inputs"},
        {"{\"inputs\":[%s" B1 "],\"id\":\"\",\"id\":\"\"}", ASTRO_DUPLICATE_KEY, "id"},
        {"{\"inputs\":[%s" B1 "],\"id\":7}", ASTRO_BAD_TYPE, "id"},
        {"{\"inputs\":[%s" B1 "],\"model_name\":7}", ASTRO_BAD_TYPE, "model_name"},
        {"{\"inputs\":[%s" B1 "],\"nonsense\":7}", ASTRO_UNKNOWN_NAME, "nonsense"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":{}}", ASTRO_INVALID_REQUEST, "outputs"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{}]}", ASTRO_INVALID_REQUEST, "outputs"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":\"summ\"}]}", ASTRO_UNKNOWN_NAME, "summ"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":1}]}", ASTRO_BAD_TYPE, "outputs"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":\"sum\\u0000\"}]}", ASTRO_UNKNOWN_NAME,
         "sum"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":\"sum\\u0000nothing like it\"}]}",
         ASTRO_UNKNOWN_NAME, "sum"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":\"sum\"},{\"name\":\"sum\"}]}",
         ASTRO_DUPLICATE_KEY, "sum"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":\"sum\",\"name\":\"sum\"}]}",
         ASTRO_DUPLICATE_KEY, "name"},
        {"{\"inputs\":[%s" B1 "],\"outputs\":[{\"name\":\"sum\",\"shape\":[1]}]}",
         ASTRO_UNKNOWN_NAME, "shape"},
        {"{\"inputs\":[%s" B1
         "],\"outputs\":[{\"name\":\"sum\",\"parameters\":{\"classification\":3}}]}",
         ASTRO_UNKNOWN_NAME, "classification"},
        {"{\"inputs\":[%s" B1
         "],\"outputs\":[{\"name\":\"sum\",\"parameters\":{\"binary_data\":1}}]}",
         ASTRO_BAD_TYPE, "binary_data"},
        {"{\"inputs\":[%s" B1 ",{\"name\":\"d\"}]}", ASTRO_UNKNOWN_NAME, "d"},
        {"{\"inputs\":[%s" B1 "," TENSOR("c", "[1]", "FP64", "[1]") ",{}]}", ASTRO_INVALID_REQUEST,
         "inputs[3]"},
        {"{\"inputs\":[%s,{\"name\":\"b\"}]}", ASTRO_INVALID_REQUEST, "b"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"shape\":[1]}]}", ASTRO_INVALID_REQUEST, "b"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"shape\":[1],\"datatype\":\"FP64\"}]}",
         ASTRO_INVALID_REQUEST, "b"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":null}]}",
         ASTRO_INVALID_REQUEST, "b"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":1}]}",
         ASTRO_BAD_TYPE, "b"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[\"1\"]}]}",
         ASTRO_BAD_TYPE, "b"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"colour\":1}]}", ASTRO_UNKNOWN_NAME, "colour"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"name\":\"b\"}]}", ASTRO_DUPLICATE_KEY, "name"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"data\":[],\"data\":[]}]}", ASTRO_DUPLICATE_KEY, "data"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"parameters\":{\"shared_memory_region\":\"r\"}}]}",
         ASTRO_UNKNOWN_NAME, "shared_memory_region"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"parameters\":{\"binary_data_size\":8,"
         "\"binary_data_size\":8}}]}",
         ASTRO_DUPLICATE_KEY, "binary_data_size"},
        {"{\"inputs\":[%s,{\"name\":\"b\",\"shape\":[1],\"datatype\":\"FP64\",\"data\":[1],"
         "\"parameters\":{\"binary_data_size\":8}}]}",
         ASTRO_CONFLICT, "b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[1024];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(body, sizeof body, cases[i].format, a1);
#pragma GCC diagnostic pop
        fails(body, cases[i].code, cases[i].field, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json),       cmocka_unit_test(test_order_of_keys),
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_binary),     cmocka_unit_test(test_mixed),
        cmocka_unit_test(test_promotion),  cmocka_unit_test(test_integers),
        cmocka_unit_test(test_booleans),   cmocka_unit_test(test_binary_booleans),
        cmocka_unit_test(test_structure),  cmocka_unit_test(test_datatypes_in_json),
    };
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
