/* The structure of /openapi.json: references, names, parameters. tests/integration checks the
 * schemas. */
#include "support.h"

#include <stdio.h>
#include <string.h>

static json_t *root; /* of the document */

static void check_reference(const char *target)
{
    assert_memory_equal(target, "#/", 2);
    const json_t *at = root;
    char path[256];
    snprintf(path, sizeof path, "%s", target + 2);
    for (char *save, *part = strtok_r(path, "/", &save); part; part = strtok_r(NULL, "/", &save))
        at = json_object_get(at, part);
    if (at == NULL)
        fail_msg("%s is nowhere", target);
}

static void check_references(json_t *value)
{
    const char *key;
    json_t *member;
    size_t i;
    json_object_foreach(value, key, member)
    {
        if (strcmp(key, "$ref") == 0 && json_is_string(member))
            check_reference(json_string_value(member));
        check_references(member);
    }
    json_array_foreach(value, i, member) check_references(member);
}

static void test_references(void **state)
{
    (void)state;
    check_references(root);
}

/* Every {name} of a path is a parameter of its operations, and no other is "in": "path". */
static void check_path_parameters(const char *path, const json_t *operation)
{
    size_t in_path = 0, braces = 0, i;
    json_t *parameter;
    json_array_foreach(json_object_get(operation, "parameters"), i, parameter)
    {
        const char *in = json_string_value(json_object_get(parameter, "in"));
        if (in == NULL || strcmp(in, "path") != 0)
            continue;
        char braced[64];
        snprintf(braced, sizeof braced, "{%s}",
                 json_string_value(json_object_get(parameter, "name")));
        assert_non_null(strstr(path, braced));
        assert_true(json_is_true(json_object_get(parameter, "required")));
        in_path++;
    }
    for (const char *p = path; *p != '\0'; p++)
        braces += *p == '{';
    assert_int_equal(in_path, braces);
}

static void test_operations(void **state)
{
    (void)state;
    json_t *ids = json_object();
    const char *path, *method;
    json_t *item, *operation;
    json_object_foreach(json_object_get(root, "paths"), path, item)
    {
        assert_int_equal(path[0], '/');
        json_object_foreach(item, method, operation)
        {
            assert_true(strcmp(method, "get") == 0 || strcmp(method, "post") == 0);
            const char *id = json_string_value(json_object_get(operation, "operationId"));
            assert_non_null(id);
            assert_null(json_object_get(ids, id));
            json_object_set_new(ids, id, json_true());
            assert_non_null(json_object_get(json_object_get(operation, "responses"), "200"));
            check_path_parameters(path, operation);
        }
    }
    json_decref(ids);
}

static void test_conversions(void **state)
{
    (void)state;
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *c = astro_conversion_at(i);
        char path[128];
        snprintf(path, sizeof path, "/v1/convert/%s", c->name);
        json_t *post =
            json_object_get(json_object_get(json_object_get(root, "paths"), path), "post");
        assert_non_null(post);
        json_t *schema = json_object_get(
            json_object_get(json_object_get(json_object_get(post, "requestBody"), "content"),
                            "application/json"),
            "schema");
        json_t *properties = json_object_get(schema, "properties");
        assert_int_equal(json_object_size(properties), c->n_inputs + c->n_parameters);
        for (size_t k = 0; k < c->n_inputs; k++)
            assert_non_null(json_object_get(properties, c->inputs[k].name));
        for (size_t k = 0; k < c->n_parameters; k++)
            assert_non_null(json_object_get(properties, c->parameters[k].name));
    }
}

/* Every error and warning word, from their tables. */
static void test_words(void **state)
{
    (void)state;
    json_t *schemas = json_object_get(json_object_get(root, "components"), "schemas");
    json_t *codes = json_object_get(json_object_get(schemas, "ErrorCode"), "enum");
    assert_int_equal(json_array_size(codes), ASTRO_CODE_COUNT - 1);
    json_t *warnings = json_object_get(json_object_get(schemas, "WarningCode"), "enum");
    assert_int_equal(json_array_size(warnings), ASTRO_WARNING_COUNT);
}

static int setup(void **state)
{
    if (api_group_setup(state) != 0)
        return -1;
    root = document(METHOD_GET, "/openapi.json", NULL, 200);
    return 0;
}

static int teardown(void **state)
{
    json_decref(root);
    return api_group_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_operations),
        cmocka_unit_test(test_conversions),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
