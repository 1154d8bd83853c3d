/* What a host says of a conversion: what is right is kept, each mistake is refused by its name. */
#include "support.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

static void test_good(void **state)
{
    (void)state;
    struct plugin_conversion *kept = named("my_scale", "tools");
    const struct astro_conversion *c = &kept->conversion;
    assert_ptr_equal(catalogue_plugin(c), kept);
    assert_string_equal(kept->plugin, "tools");
    assert_true(kept->elementwise);
    assert_int_equal(kept->max_rows, 5000);
    assert_string_equal(c->name, "my_scale");
    assert_string_equal(c->group, "mine");
    assert_string_equal(c->summary, "Scales \xc3\xa9.");
    assert_string_equal(c->reference, "A book");
    assert_null(c->run);
    assert_int_equal(c->n_inputs, 3);
    assert_int_equal(c->inputs[0].role, ASTRO_LONGITUDE);
    assert_string_equal(c->inputs[0].doc, "Right ascension");
    assert_null(c->inputs[0].default_doc);
    assert_int_equal(c->inputs[1].role, ASTRO_LATITUDE);
    assert_string_equal(c->inputs[1].unit, "deg");
    assert_int_equal(c->inputs[2].type, ASTRO_INT64);
    assert_true(c->inputs[2].optional);
    assert_string_equal(c->inputs[2].default_doc, "1");
    assert_int_equal(c->n_outputs, 2);
    assert_string_equal(c->outputs[0].unit, "m");
    assert_string_equal(c->outputs[1].unit, "");
    assert_int_equal(c->n_parameters, 6);
    assert_string_equal(c->parameters[0].choices[1], "slow");
    assert_null(c->parameters[0].choices[2]);
    assert_string_equal(c->parameters[1].default_text, "1.5");
    assert_true(c->parameters[1].maximum == 10);
    assert_string_equal(c->parameters[1].unit, "pc");
    assert_null(c->parameters[2].choices);
    assert_true(c->parameters[2].maximum == DBL_MAX);
    assert_string_equal(c->parameters[4].choices[0], "red");
    assert_null(c->parameters[4].choices[1]);
    assert_true(c->parameters[4].optional);
    assert_null(c->parameters[5].default_text);
    assert_true(c->parameters[5].maximum == 64 * 1024);
    plugin_conversion_release(kept);
    plugin_conversion_release(NULL);
}

/* Nothing but what must be said. */
static void test_least(void **state)
{
    (void)state;
    json_t *description = json_loads("{\"number\": 0, \"name\": \"a\","
                                     " \"inputs\": [{\"name\": \"x\", \"type\": \"FP64\"}],"
                                     " \"outputs\": [{\"name\": \"x\", \"type\": \"FP64\"}]}",
                                     0, NULL);
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number = 1;
    struct plugin_conversion *kept = plugin_conversion_read(description, "p", &number, &error);
    json_decref(description); /* nothing of it is borrowed */
    assert_non_null(kept);
    assert_int_equal(number, 0);
    assert_string_equal(kept->conversion.group, "plugins");
    assert_string_equal(kept->conversion.summary, "");
    assert_string_equal(kept->conversion.accuracy, "");
    assert_false(kept->elementwise);
    assert_true(kept->max_rows > 0);
    assert_int_equal(kept->conversion.n_parameters, 0);
    plugin_conversion_release(kept);
}

static void test_types(void **state)
{
    (void)state;
    json_t *description = json_loads("{\"number\": 0, \"name\": \"a\","
                                     " \"inputs\": [{\"name\": \"x\", \"type\": \"BOOL\"},"
                                     " {\"name\": \"y\", \"type\": \"BYTES\"}],"
                                     " \"outputs\": [{\"name\": \"x\", \"type\": \"BOOL\"},"
                                     " {\"name\": \"y\", \"type\": \"INT64\"}]}",
                                     0, NULL);
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number = 1;
    struct plugin_conversion *kept = plugin_conversion_read(description, "p", &number, &error);
    json_decref(description);
    assert_non_null(kept);
    assert_int_equal(kept->conversion.inputs[0].type, ASTRO_BOOL);
    assert_int_equal(kept->conversion.inputs[1].type, ASTRO_BYTES);
    assert_int_equal(kept->conversion.outputs[0].type, ASTRO_BOOL);
    assert_int_equal(kept->conversion.outputs[1].type, ASTRO_INT64);
    plugin_conversion_release(kept);
}

/* `path` names the member that is set ("inputs.1.role"), or taken away (value NULL). */
static void change(json_t *root, const char *path, const char *value)
{
    char key[64];
    const char *dot = strchr(path, '.');
    snprintf(key, sizeof key, "%.*s", dot != NULL ? (int)(dot - path) : (int)strlen(path), path);
    if (dot != NULL) {
        json_t *next = json_is_array(root) ? json_array_get(root, (size_t)(key[0] - '0'))
                                           : json_object_get(root, key);
        assert_non_null(next);
        change(next, dot + 1, value);
    } else if (value == NULL) {
        json_object_del(root, key);
    } else if (json_is_array(root)) {
        json_array_set_new(root, (size_t)(key[0] - '0'), json_loads(value, JSON_DECODE_ANY, NULL));
    } else {
        json_t *parsed = json_loads(value, JSON_DECODE_ANY, NULL);
        assert_non_null(parsed);
        json_object_set_new(root, key, parsed);
    }
}

static void refused(json_t *description, const char *plugin, const char *text)
{
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number = 99;
    if (plugin_conversion_read(description, plugin, &number, &error) != NULL)
        fail_msg("not refused: %s", text);
    assert_int_equal(error.code, ASTRO_PLUGIN_ERROR);
    if (strstr(error.text, text) == NULL)
        fail_msg("\"%s\" has no \"%s\"", error.text, text);
    assert_int_equal(number, 99);
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *path, *value, *text;
    } rows[] = {
        {"name", NULL, "\"name\" is missing"},
        {"name", "5", "\"name\" is not a text"},
        {"name", "\"\"", "cannot be a name"},
        {"name", "\"My\"", "cannot be a name"},
        {"name", "\"1a\"", "cannot be a name"},
        {"name", "\"_a\"", "cannot be a name"},
        {"name", "\"a-b\"", "cannot be a name"},
        {"name", "\"a b\\n\"", "cannot be a name"},
        {"name", "\"radec_to_xyz\"", "built in"},
        {"name", "\"stats\"", "reserved"},
        {"name", "\"none\"", "reserved"},
        {"number", NULL, "\"number\" is missing"},
        {"number", "-1", "number"},
        {"number", "4294967296", "number"},
        {"number", "1.0", "number"},
        {"summary", "1", "\"summary\" is not a text"},
        {"summary", "\"a\\u0000b\"", "\"summary\" is not valid UTF-8"},
        {"elementwise", "1", "neither true nor false"},
        {"max_rows", "0", "max_rows"},
        {"max_rows", "1e3", "max_rows"},
        {"inputs", NULL, "it has no inputs"},
        {"inputs", "[]", "it has no inputs"},
        {"inputs", "{}", "\"inputs\" is not a list"},
        {"inputs.0", "3", "input 1: \"name\" is missing"},
        {"inputs.1.name", "\"ra\"", "input 2: there is a second input called ra"},
        {"inputs.1.name", "\"timeout\"", "the name timeout is reserved"},
        {"inputs.1.name", "\"triton_x\"", "reserved"},
        {"inputs.1.type", NULL, "\"type\" is missing"},
        {"inputs.1.type", "\"FP32\"", "\"FP32\" is not a known type"},
        {"inputs.1.type", "\"bool\"", "not a known type"},
        {"outputs.0.type", "\"BYTES\"", "results of text are not served; use FP64, INT64 or BOOL"},
        {"inputs.1.role", "\"hours\"", "not a known role"},
        {"inputs.1.unit", "\"rad\"", "latitude is for degrees"},
        {"inputs.1.type", "\"BOOL\"", "only FP64 columns have a role"},
        {"inputs.2.role", "\"distance\"", "only FP64 columns have a role"},
        {"inputs.2.optional", "\"yes\"", "neither true nor false"},
        {"inputs.2.default_doc", "1", "input 3: \"default_doc\" is not a text"},
        {"outputs", "[]", "it has no outputs"},
        {"outputs.1.name", "\"x\"", "output 2: there is a second output called x"},
        {"outputs.1.name", "\"error\"", "reserved"},
        {"outputs.1.type", "null", "\"type\" is missing"},
        {"parameters", "3", "\"parameters\" is not a list"},
        {"parameters.0.name", "\"ra\"", "there is an input called ra too"},
        {"parameters.1.name", "\"mode\"", "parameter 2: there is a second parameter called mode"},
        {"parameters.0.name", "\"unit\"", "the input dec is in degrees"},
        {"parameters.0.type", "\"epoch\"", "not a known type"},
        {"parameters.0.type", "\"number\"", "only a choice has choices"},
        {"parameters.0.choices", NULL, "a choice needs choices"},
        {"parameters.0.choices", "[\"fast\", 1]", "choice 2 is not a text"},
        {"parameters.0.choices", "[\"fast\", \"\"]", "choice 2 is not a text"},
        {"parameters.0.choices", "[\"fast\", \"a\\u0001\"]", "choice 2 is not a text"},
        {"parameters.0.choices", "[\"fast\", \"FAST\"]", "comes twice"},
        {"parameters.0.default", "\"medium\"", "its default is not allowed"},
        {"parameters.0.default", "1", "\"default\" is not a text"},
        {"parameters.1.default", "\"11\"", "its default is not allowed"},
        {"parameters.1.default", "\"nan\"", "its default is not allowed"},
        {"parameters.1.minimum", "11", "its minimum is above its maximum"},
        {"parameters.1.minimum", "\"0\"", "\"minimum\" is not a finite number"},
        {"parameters.2.default", "\"2.5\"", "its default is not allowed"},
        {"parameters.3.default", "\"yes\"", "its default is not allowed"},
        {"parameters.5.maximum", "1e9", "a text has at most"},
        {"parameters.5.minimum", "-1", "a text has at most"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *description = json_loads(good_text, 0, NULL);
        /* jansson refuses \u0000 unless asked. */
        if (rows[i].value != NULL && strstr(rows[i].value, "u0000") != NULL)
            json_object_set_new(description, "summary", json_stringn("a\0b", 3));
        else
            change(description, rows[i].path, rows[i].value);
        refused(description, "tools", rows[i].text);
        json_decref(description);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t most;
    } rows[] = {{"name", 63},           {"summary", 200},      {"description", 8192},
                {"reference", 1024},    {"accuracy", 1024},    {"group", 63},
                {"inputs.0.doc", 1024}, {"inputs.0.unit", 63}, {"parameters.5.default", 1024}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t over = 0; over < 2; over++) {
            static char text[9000];
            const size_t length = rows[i].most + over;
            memset(text, 'a', sizeof text);
            text[0] = text[length + 1] = '"';
            text[length + 2] = '\0';
            json_t *description = good();
            change(description, rows[i].path, text);
            struct astro_error error = {.code = ASTRO_OK};
            uint32_t number;
            struct plugin_conversion *kept =
                plugin_conversion_read(description, "tools", &number, &error);
            if ((kept != NULL) == (over == 1))
                fail_msg("%s with %zu bytes: %s", rows[i].path, length, error.text);
            plugin_conversion_release(kept);
            json_decref(description);
        }
    }
}

/* As many fields as a conversion may have, and one more. */
static void test_counts(void **state)
{
    (void)state;
    static const struct {
        const char *key, *type;
        size_t most;
    } rows[] = {{"inputs", "FP64", 16}, {"outputs", "INT64", 16}, {"parameters", "number", 24}};
    for (size_t i = 0; i < 3; i++) {
        for (size_t over = 0; over < 2; over++) {
            json_t *description = good();
            json_t *list = json_array();
            for (size_t k = 0; k < rows[i].most + over; k++) {
                char name[32];
                snprintf(name, sizeof name, "field_%zu", k);
                json_array_append_new(list, json_pack("{ss, ss, ss}", "name", name, "type",
                                                      rows[i].type, "default", "1"));
            }
            json_object_set_new(description, rows[i].key, list);
            struct astro_error error = {.code = ASTRO_OK};
            uint32_t number;
            struct plugin_conversion *kept =
                plugin_conversion_read(description, "tools", &number, &error);
            if ((kept != NULL) == (over == 1))
                fail_msg("%zu %s: %s", rows[i].most + over, rows[i].key, error.text);
            if (over == 1)
                assert_non_null(strstr(error.text, "at most"));
            plugin_conversion_release(kept);
            json_decref(description);
        }
    }
}

static void test_most_choices(void **state)
{
    (void)state;
    json_t *description = good();
    json_t *choices = json_array(), *parameters = json_array();
    for (size_t k = 0; k < 64; k++) {
        char word[32];
        snprintf(word, sizeof word, "word_%zu", k);
        json_array_append_new(choices, json_string(word));
    }
    for (size_t k = 0; k < 24; k++) {
        char name[32];
        snprintf(name, sizeof name, "p_%zu", k);
        json_array_append_new(parameters, json_pack("{ss, ss, sO}", "name", name, "type", "choice",
                                                    "choices", choices));
    }
    json_object_set_new(description, "parameters", parameters);
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number;
    struct plugin_conversion *kept = plugin_conversion_read(description, "tools", &number, &error);
    assert_non_null(kept);
    for (size_t k = 0; k < 24; k++) {
        assert_string_equal(kept->conversion.parameters[k].choices[63], "word_63");
        assert_null(kept->conversion.parameters[k].choices[64]);
    }
    plugin_conversion_release(kept);
    json_array_append_new(choices, json_string("one_more"));
    refused(description, "tools", "at most 64");
    json_decref(choices);
    json_decref(description);
}

static void test_plugin_names(void **state)
{
    (void)state;
    json_t *description = good();
    static const char *const bad[] = {"", "a/b", "..", ".hidden", "a b", "\xff", "a\"b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(description, bad[i], "cannot be the name of a plugin");
    char name[80];
    memset(name, 'a', sizeof name);
    name[64] = '\0';
    refused(description, name, "cannot be the name of a plugin");
    name[63] = '\0';
    plugin_conversion_release(named("my_scale", name));
    json_decref(description);
    refused(NULL, "tools", "\"name\" is missing");
}

static uint64_t digest_with(const char *path, const char *value)
{
    json_t *description = good();
    if (path != NULL)
        change(description, path, value);
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number;
    struct plugin_conversion *kept = plugin_conversion_read(description, "tools", &number, &error);
    if (kept == NULL)
        fail_msg("%s", error.text);
    const uint64_t digest = kept->digest;
    plugin_conversion_release(kept);
    json_decref(description);
    return digest;
}

static void test_digest(void **state)
{
    (void)state;
    const uint64_t plain = digest_with(NULL, NULL);
    static const char *const same[][2] = {{"name", "\"other\""},     {"number", "8"},
                                          {"summary", "\"new\""},    {"inputs.0.doc", "\"new\""},
                                          {"max_rows", "9"},         {"parameters.0.doc", "\"n\""},
                                          {"description", "\"new\""}};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        assert_true(digest_with(same[i][0], same[i][1]) == plain);
    static const char *const other[][2] = {{"inputs.0.name", "\"rb\""},
                                           {"inputs.0.unit", "\"rad\""},
                                           {"inputs.0.role", "\"angle\""},
                                           {"inputs.2.optional", "false"},
                                           {"inputs.2.type", "\"FP64\""},
                                           {"outputs.0.unit", "\"km\""},
                                           {"parameters.0.default", "null"},
                                           {"parameters.0.choices", "[\"fast\", \"slower\"]"},
                                           {"parameters.1.maximum", "11"},
                                           {"parameters.1.minimum", "-1"},
                                           {"parameters.2.name", "\"rank\""},
                                           {"parameters.5.optional", "false"},
                                           {"parameters", "[]"}};
    uint64_t seen[sizeof other / sizeof other[0]];
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        seen[i] = digest_with(other[i][0], other[i][1]);
        if (seen[i] == plain)
            fail_msg("%s does not count", other[i][0]);
        for (size_t k = 0; k < i; k++)
            assert_true(seen[k] != seen[i]);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    json_t *description = good();
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number = 99;
    inject_at(1);
    assert_null(plugin_conversion_read(description, "tools", &number, &error));
    inject(NULL);
    assert_int_equal(error.code, ASTRO_OVERLOADED);
    assert_int_equal(number, 99);
    json_decref(description);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),         cmocka_unit_test(test_least),
        cmocka_unit_test(test_types),        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_lengths),      cmocka_unit_test(test_counts),
        cmocka_unit_test(test_most_choices), cmocka_unit_test(test_plugin_names),
        cmocka_unit_test(test_digest),       cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start_kernels, NULL);
}
