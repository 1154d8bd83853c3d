/* The documents agree with the descriptors, each with every conversion of the registry. */
#include "support.h"

#include "astrolabe/eop_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/describe.h"
#include "memory/slab.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL)
        fail_msg("no text under %s", key);
    return text;
}

static void check_fields(const json_t *list, const struct astro_field *fields, size_t n,
                         bool inputs)
{
    assert_int_equal(json_array_size(list), n);
    for (size_t i = 0; i < n; i++) {
        const json_t *entry = json_array_get(list, i);
        assert_string_equal(text_of(entry, "name"), fields[i].name);
        assert_string_equal(text_of(entry, "datatype"), describe_datatype(fields[i].type));
        assert_string_equal(text_of(entry, "role"), describe_role(fields[i].role));
        if (fields[i].unit != NULL)
            assert_string_equal(text_of(entry, "unit"), fields[i].unit);
        else
            assert_string_equal(text_of(json_object_get(entry, "units"), "rad"), "rad");
        if (inputs)
            assert_int_equal(json_is_true(json_object_get(entry, "optional")), fields[i].optional);
    }
}

static void check_parameters(const json_t *list, const struct astro_conversion *conversion)
{
    assert_int_equal(json_array_size(list), conversion->n_parameters);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_parameter *parameter = &conversion->parameters[i];
        const json_t *entry = json_array_get(list, i);
        assert_string_equal(text_of(entry, "name"), parameter->name);
        assert_string_equal(text_of(entry, "type"), describe_parameter_type(parameter->type));
        assert_int_equal(json_object_get(entry, "default") != NULL,
                         parameter->default_text != NULL);
        size_t choices = 0;
        while (parameter->type == ASTRO_CHOICE && parameter->choices[choices] != NULL)
            choices++;
        assert_int_equal(json_array_size(json_object_get(entry, "choices")), choices);
    }
}

static void check_description(const json_t *entry, const struct astro_conversion *conversion)
{
    assert_string_equal(text_of(entry, "name"), conversion->name);
    assert_string_equal(text_of(entry, "group"), conversion->group);
    assert_string_equal(text_of(entry, "summary"), conversion->summary);
    check_fields(json_object_get(entry, "inputs"), conversion->inputs, conversion->n_inputs, true);
    check_fields(json_object_get(entry, "outputs"), conversion->outputs, conversion->n_outputs,
                 false);
    check_parameters(json_object_get(entry, "parameters"), conversion);
}

static void test_conversions(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v1/conversions", NULL, 200);
    const json_t *list = json_object_get(root, "conversions");
    assert_int_equal(json_array_size(list), astro_conversion_count());
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *conversion = astro_conversion_at(i);
        check_description(json_array_get(list, i), conversion);
        char path[128];
        snprintf(path, sizeof path, "/v1/conversions/%s", conversion->name);
        json_t *one = document(METHOD_GET, path, NULL, 200);
        assert_true(json_equal(one, json_array_get(list, i)));
        json_decref(one);
    }
    json_decref(root);
}

static void check_tensors(const json_t *list, const struct astro_field *fields, size_t n,
                          const char *type_key, const char *shape_key, const char *prefix)
{
    assert_int_equal(json_array_size(list), n);
    for (size_t i = 0; i < n; i++) {
        const json_t *tensor = json_array_get(list, i);
        assert_string_equal(text_of(tensor, "name"), fields[i].name);
        if (fields[i].type == ASTRO_FP64)
            assert_string_equal(text_of(tensor, type_key) + strlen(prefix), "FP64");
        const json_t *shape = json_object_get(tensor, shape_key);
        assert_int_equal(json_array_size(shape), 1);
        assert_int_equal(json_integer_value(json_array_get(shape, 0)), -1);
    }
}

static void test_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *c = astro_conversion_at(i);
        char path[128];
        snprintf(path, sizeof path, "/v2/models/%s", c->name);
        json_t *model = document(METHOD_GET, path, NULL, 200);
        assert_string_equal(text_of(model, "name"), c->name);
        assert_string_equal(
            json_string_value(json_array_get(json_object_get(model, "versions"), 0)), "1");
        check_tensors(json_object_get(model, "inputs"), c->inputs, c->n_inputs, "datatype", "shape",
                      "");
        check_tensors(json_object_get(model, "outputs"), c->outputs, c->n_outputs, "datatype",
                      "shape", "");
        assert_int_equal(json_object_size(json_object_get(model, "parameters")), c->n_parameters);
        check_description(json_object_get(model, "properties"), c);
        snprintf(path, sizeof path, "/v2/models/%s/versions/1", c->name);
        json_t *version = document(METHOD_GET, path, NULL, 200);
        assert_true(json_equal(model, version));
        json_decref(version);
        json_decref(model);
        snprintf(path, sizeof path, "/v2/models/%s/config", c->name);
        json_t *config = document(METHOD_GET, path, NULL, 200);
        assert_int_equal(json_integer_value(json_object_get(config, "max_batch_size")), 0);
        check_tensors(json_object_get(config, "input"), c->inputs, c->n_inputs, "data_type", "dims",
                      "TYPE_");
        check_tensors(json_object_get(config, "output"), c->outputs, c->n_outputs, "data_type",
                      "dims", "TYPE_");
        json_decref(config);
    }
}

static void check_text(enum request_method method, const char *path, const char *body, int status,
                       const char *expected)
{
    json_t *root = document(method, path, body, status);
    json_t *right = json_loads(expected, 0, NULL);
    assert_non_null(right);
    assert_true(json_equal(root, right));
    json_decref(right);
    json_decref(root);
}

static void test_health(void **state)
{
    (void)state;
    check_text(METHOD_GET, "/v2/health/live", NULL, 200, "{\"live\": true}");
    check_text(METHOD_GET, "/v2/health/ready", NULL, 200, "{\"ready\": true}");
    check_text(METHOD_GET, "/v2/models/radec_to_xyz/ready", NULL, 200,
               "{\"name\": \"radec_to_xyz\", \"ready\": true}");
    atomic_store(&server.draining, true);
    check_text(METHOD_GET, "/v2/health/live", NULL, 200, "{\"live\": true}");
    check_text(METHOD_GET, "/v2/health/ready", NULL, 503, "{\"ready\": false}");
    atomic_store(&server.draining, false);
    atomic_store(&server.ready, false);
    check_text(METHOD_GET, "/v2/health/ready", NULL, 503, "{\"ready\": false}");
    atomic_store(&server.ready, true);
}

static void test_server(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v2", NULL, 200);
    assert_string_equal(text_of(root, "name"), "astrolabe");
    assert_string_equal(text_of(root, "version"), "9.8.7");
    assert_true(json_array_size(json_object_get(root, "extensions")) >= 5);
    json_decref(root);
    root = document(METHOD_GET, "/v2/models", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(root, "models")), astro_conversion_count());
    json_decref(root);
}

static void test_statistics(void **state)
{
    (void)state;
    for (size_t loop = 0; loop < 2; loop++) {
        struct stats_conversion *row = counters(loop, "radec_to_xyz");
        stats_add(&row->success.count, 3);
        stats_add(&row->success.ns, 3000);
        stats_add(&row->compute_infer.ns, 100);
        stats_add(&row->last_inference_ms, 1000 + loop);
    }
    json_t *root = document(METHOD_GET, "/v2/models/radec_to_xyz/versions/1/stats", NULL, 200);
    const json_t *entry = json_array_get(json_object_get(root, "model_stats"), 0);
    assert_string_equal(text_of(entry, "version"), "1");
    assert_int_equal(json_integer_value(json_object_get(entry, "last_inference")), 1001);
    assert_int_equal(json_integer_value(json_object_get(entry, "inference_count")), 6);
    const json_t *stats = json_object_get(entry, "inference_stats");
    static const char *const names[] = {"success",       "fail",          "queue",
                                        "compute_input", "compute_infer", "compute_output",
                                        "cache_hit",     "cache_miss"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const json_t *pair = json_object_get(stats, names[i]);
        assert_int_equal(json_object_size(pair), 2);
        assert_true(json_is_integer(json_object_get(pair, "count")));
        assert_true(json_is_integer(json_object_get(pair, "ns")));
    }
    const json_t *success = json_object_get(stats, "success");
    assert_int_equal(json_integer_value(json_object_get(success, "ns")), 6000);
    json_decref(root);
    root = document(METHOD_GET, "/v2/models/stats", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(root, "model_stats")),
                     astro_conversion_count());
    json_decref(root);
}

static void test_repository(void **state)
{
    (void)state;
    static const char *const bodies[] = {NULL, "", "{}", "{\"ready\": true}",
                                         " {\"ready\":false} "};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        json_t *root = document(METHOD_POST, "/v2/repository/index", bodies[i], 200);
        assert_int_equal(json_array_size(root), astro_conversion_count());
        assert_string_equal(text_of(json_array_get(root, 0), "state"), "READY");
        json_decref(root);
    }
    json_decref(document(METHOD_POST, "/v2/repository/index", "{\"ready\"", 400));
    json_decref(document(METHOD_POST, "/v2/repository/index", "[1]", 400));
    json_decref(document(METHOD_POST, "/v2/repository/models/radec_to_xyz/load", NULL, 400));
    json_decref(document(METHOD_POST, "/v2/repository/models/radec_to_xyz/unload", "{}", 400));
    json_decref(document(METHOD_POST, "/v2/repository/models/nothing/load", NULL, 404));
    json_decref(document(METHOD_POST, "/v2/systemsharedmemory/region/a/unregister", NULL, 400));
    json_decref(document(METHOD_GET, "/v2/cudasharedmemory/status", NULL, 400));
    json_decref(document(METHOD_POST, "/v2/logging", "{}", 400));
    json_decref(document(METHOD_GET, "/v2/models/radec_to_xyz/trace/setting", NULL, 400));
}

static void test_memory(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v1/debug/memory", NULL, 200);
    static const char *const kinds[] = {"requests", "arenas", "slabs"};
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = json_object_get(json_object_get(root, "live"), kinds[i]);
        assert_int_equal(json_object_size(row), 4);
        assert_true(json_is_integer(json_object_get(row, "objects")));
        assert_int_equal(json_integer_value(json_object_get(row, "objects")), 0);
        assert_true(json_is_integer(json_object_get(row, "bytes")));
        assert_int_equal(json_integer_value(json_object_get(row, "bytes")), 0);
    }
    assert_int_equal(json_array_size(json_object_get(root, "plugins")), 0);
    assert_true(json_is_array(json_object_get(root, "hosts")));
    assert_true(json_is_integer(json_object_get(json_object_get(root, "pool"), "mapped_bytes")));
    assert_true(json_is_integer(json_object_get(json_object_get(root, "contexts"), "objects")));
    json_decref(root);

    /* Another request, with a slab of its own, is seen. */
    struct request *other = ask(METHOD_POST, "/", NULL);
    assert_true(slab_take(100000, &other->body.slab));
    root = document(METHOD_GET, "/v1/debug/memory", NULL, 200);
    for (size_t i = 0; i < 3; i++) {
        const json_t *row = json_object_get(json_object_get(root, "live"), kinds[i]);
        assert_int_equal(json_integer_value(json_object_get(row, "objects")), 1);
    }
    json_decref(root);
    done(other);
}

static void test_age_of_data(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v1/health", NULL, 200);
    const json_t *data = json_object_get(root, "data");
    const json_t *leap = json_object_get(data, "leap_seconds"), *eop = json_object_get(data, "eop");
    assert_true(json_is_boolean(json_object_get(root, "ready")));
    assert_true(json_is_true(json_object_get(leap, "builtin")));
    assert_int_equal(json_integer_value(json_object_get(leap, "tai_minus_utc")), 37);
    assert_int_equal(strlen(json_string_value(json_object_get(leap, "expires"))), 10);
    assert_true(json_is_boolean(json_object_get(leap, "expired")));
    assert_true(json_is_false(json_object_get(eop, "present")));
    assert_true(json_is_null(json_object_get(eop, "last")));
    assert_true(json_is_false(json_object_get(eop, "expired")));
    json_decref(root);

    static struct astro_eop_data table;
    struct astro_error err = {0};
    table.first_mjd = 61000;
    table.count = 2;
    table.days[0].kind = ASTRO_EOP_MEASURED;
    table.days[1].kind = ASTRO_EOP_PREDICTED;
    assert_true(astro_eop_use(&table, &err));
    root = document(METHOD_GET, "/v1/health", NULL, 200);
    eop = json_object_get(json_object_get(root, "data"), "eop");
    assert_true(json_is_true(json_object_get(eop, "present")));
    assert_string_equal(json_string_value(json_object_get(eop, "first")), "2025-11-21");
    assert_string_equal(json_string_value(json_object_get(eop, "last_measured")), "2025-11-21");
    assert_string_equal(json_string_value(json_object_get(eop, "last")), "2025-11-22");
    assert_true(json_is_true(json_object_get(eop, "expired")));
    assert_true(json_integer_value(json_object_get(eop, "measured_age_days")) > 300);
    json_decref(root);
    assert_true(astro_eop_use(NULL, &err));
}

static void test_console(void **state)
{
    (void)state;
    static const char *const paths[] = {"/", "/console.js", "/console_forms.js", "/console.css"};
    for (size_t i = 0; i < 4; i++) {
        struct request *request = ask(METHOD_GET, paths[i], NULL);
        assert_int_equal(answer(request), 200);
        assert_true(request->response.length > 100);
        assert_non_null(
            strstr(request->response.extra, "Content-Security-Policy: default-src 'none'"));
        done(request);
    }
}

static void test_list(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    api_print_list(out);
    fclose(out);
    for (size_t i = 0; i < astro_conversion_count(); i++)
        assert_non_null(strstr(text, astro_conversion_at(i)->name));
    for (const char *line = text; line != NULL && *line != '\0';) {
        const size_t width = strcspn(line, "\n");
        assert_true(width == 0 || line[width - 1] != ' ');
        line += width + (line[width] == '\n');
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversions), cmocka_unit_test(test_models),
        cmocka_unit_test(test_health),      cmocka_unit_test(test_server),
        cmocka_unit_test(test_statistics),  cmocka_unit_test(test_repository),
        cmocka_unit_test(test_memory),      cmocka_unit_test(test_console),
        cmocka_unit_test(test_list),        cmocka_unit_test(test_age_of_data),
    };
    return cmocka_run_group_tests(tests, api_group_setup, api_group_teardown);
}
