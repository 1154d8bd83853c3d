/* Conversions of plugins stand in every document beside the built-in ones, and so does what the fleet
 * knows of their hosts. */
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes.h"
#include "request/call.h"

static char directory[] = "plugins";

static struct retained_figures kept[2] = {
    {.request_id = "older", .bytes = 4096, .age_s = 12.5, .output = false, .host = 1},
    {.request_id = "newer", .bytes = 64, .age_s = 0.5, .output = true, .host = 0},
};
static char names[3][FIGURES_NAME] = {"my_scale", "my_shift", "my_gone"};
static struct plugin_figures plugins[4] = {
    {.name = "broken", .state = "ready", .verdict = VERDICT_WARMING, .calls = 3},
    {.name = "empty", .state = "ready"},
    {.name = "gone", .state = "failed", .reason = "SyntaxError: line 3 \"x\"\n"},
    {.name = "tools",
     .state = "ready",
     .verdict = VERDICT_LEAKING,
     .kind = "array memory",
     .text = "keeps \xc3\xa9 arrays",
     .bytes_per_call = 1024.25,
     .calls = 1000,
     .crashes = 2,
     .retained_objects = 2,
     .retained_bytes = 4160,
     .python_blocks = 11,
     .python_bytes = 22,
     .array_bytes = 33,
     .malloc_bytes = 44,
     .garbage_objects = 5,
     .descriptors = -1,
     .threads = 2,
     .n_retained = 2,
     .retained = kept,
     .n_conversions = 3,
     .conversions = names},
};
/* Two of them at the same place: one drains, the other has come for it. */
static struct host_figures hosts[3] = {
    {.index = 0, .pid = 100, .state = "draining", .rss_bytes = 1000, .threads = 1},
    {.index = 1,
     .pid = 101,
     .state = "ready",
     .generation = 2,
     .rss_bytes = 300,
     .pss_bytes = 200,
     .descriptors = 9,
     .threads = 4,
     .calls = 77,
     .region_bytes = 1 << 20,
     .region_live_bytes = 4096,
     .region_warm_bytes = 8192,
     .restarts = 6,
     .age_s = 2.5,
     .busy_s = 0.25},
    {.index = 0, .pid = 102, .state = "ready", .rss_bytes = 500, .threads = 2},
};
static struct figures known = {.configured = true,
                               .generation = 2,
                               .n_plugins = 4,
                               .n_hosts = 3,
                               .waiting = 4,
                               .plugins = plugins,
                               .hosts = hosts,
                               .restarts = {[REASON_CRASH] = 2, [REASON_MEMORY] = 1}};

static int set_up(void **state)
{
    (void)state;
    fake_fleet = (struct fake_fleet){.known = &known};
    server.settings.plugins_directory = directory;
    server.settings.plugins_hosts = 5;
    use_catalogue(plugin_catalogue());
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server.settings.plugins_directory = NULL;
    use_catalogue(catalogue_current());
    return 0;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (text == NULL)
        fail_msg("no text under %s", key);
    return text;
}

static json_int_t count_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("no whole number under %s", key);
    return json_integer_value(value);
}

static json_t *entry_of(const json_t *list, const char *key, const char *name)
{
    size_t i;
    json_t *entry;
    json_array_foreach(list, i, entry)
    {
        if (strcmp(text_of(entry, key), name) == 0)
            return entry;
    }
    return NULL;
}

/* --- documents --- */

static void test_descriptions(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v1/conversions", NULL, 200);
    json_t *list = json_object_get(root, "conversions");
    assert_int_equal(json_array_size(list), astro_conversion_count() + 3);
    json_t *entry = entry_of(list, "name", "my_scale");
    assert_non_null(entry);
    assert_string_equal(text_of(entry, "plugin"), "tools");
    assert_true(json_is_true(json_object_get(entry, "elementwise")));
    assert_string_equal(text_of(entry, "group"), "plugins");
    assert_int_equal(json_array_size(json_object_get(entry, "inputs")), 2);
    assert_null(json_object_get(entry_of(list, "name", "radec_to_xyz"), "plugin"));
    json_t *one = document(METHOD_GET, "/v1/conversions/my_scale", NULL, 200);
    assert_true(json_equal(one, entry));
    json_decref(one);
    json_decref(root);
    root = document(METHOD_GET, "/v1/conversions/my_scal", NULL, 404);
    assert_non_null(strstr(text_of(root, "error"), "my_scale"));
    json_decref(root);
}

static void test_models(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v2/models", NULL, 200);
    assert_int_equal(json_array_size(json_object_get(root, "models")),
                     astro_conversion_count() + 3);
    json_decref(root);
    root = document(METHOD_GET, "/v2/models/my_scale/versions/1", NULL, 200);
    assert_string_equal(text_of(root, "platform"), "astrolabe_python");
    assert_string_equal(text_of(json_object_get(root, "properties"), "plugin"), "tools");
    assert_non_null(json_object_get(json_object_get(root, "parameters"), "mode"));
    json_decref(root);
    root = document(METHOD_GET, "/v2/models/my_scale/config", NULL, 200);
    assert_string_equal(text_of(root, "backend"), "astrolabe_python");
    const json_t *group = json_array_get(json_object_get(root, "instance_group"), 0);
    assert_int_equal(count_of(group, "count"), 5);
    json_decref(root);
    root = document(METHOD_GET, "/v2/models/radec_to_xyz", NULL, 200);
    assert_string_equal(text_of(root, "platform"), "astrolabe");
    json_decref(root);
}

static void test_statistics(void **state)
{
    (void)state;
    struct stats_conversion *row = counters(1, "my_shift");
    stats_add(&row->success.count, 3);
    json_t *root = document(METHOD_GET, "/v2/models/my_shift/stats", NULL, 200);
    const json_t *entry = json_array_get(json_object_get(root, "model_stats"), 0);
    assert_int_equal(count_of(entry, "inference_count"), 3);
    json_decref(root);
    root = document(METHOD_GET, "/v2/models/stats", NULL, 200);
    const json_t *list = json_object_get(root, "model_stats");
    assert_int_equal(json_array_size(list), astro_conversion_count() + 3);
    assert_int_equal(count_of(entry_of(list, "name", "my_shift"), "inference_count"), 3);
    assert_int_equal(count_of(entry_of(list, "name", "my_scale"), "inference_count"), 0);
    json_decref(root);
}

static void test_openapi(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/openapi.json", NULL, 200);
    assert_non_null(json_object_get(json_object_get(root, "paths"), "/v1/convert/my_scale"));
    size_t i, core = 0, mine = 0;
    json_t *tag;
    json_array_foreach(json_object_get(root, "tags"), i, tag)
    {
        core += strcmp(text_of(tag, "name"), "core") == 0; /* my_shift is in it too */
        mine += strcmp(text_of(tag, "name"), "plugins") == 0;
    }
    assert_int_equal(core, 1);
    assert_int_equal(mine, 1);
    json_decref(root);
}

/* An answer on its way keeps the catalogue that it was made from. */
static void test_documents_outlive_a_reload(void **state)
{
    (void)state;
    static const char *const paths[] = {"/openapi.json", "/v1/conversions", "/v2/models"};
    for (size_t i = 0; i < 3; i++) {
        use_catalogue(plugin_catalogue());
        struct request *request = ask(METHOD_GET, paths[i], NULL);
        assert_int_equal(answer(request), 200);
        use_catalogue(catalogue_current());
        size_t length;
        char *text = body_text(request, &length); /* the sanitizer looks on */
        assert_non_null(strstr(text, "my_scale"));
        free(text);
        done(request);
    }
    json_t *root = document(METHOD_GET, "/v1/conversions/my_scale", NULL, 404);
    json_decref(root);
}

static void test_calls_outlive_a_reload(void **state)
{
    (void)state;
    struct request *request = ask(METHOD_POST, "/v1/convert/my_scale", "{\"a\": 1}");
    answer(request); /* without a host it may be refused: the call is there all the same */
    assert_non_null(request->call);
    assert_non_null(request->call->catalogue);
    use_catalogue(catalogue_current());
    assert_string_equal(request->call->conversion->name, "my_scale");
    assert_string_equal(request->call->conversion->inputs[1].name, "n");
    done(request);
    request = ask(METHOD_POST, "/v1/convert/radec_to_xyz", "{}");
    answer(request);
    assert_null(request->call->catalogue);
    done(request);
}

/* --- readiness --- */

static void test_ready(void **state)
{
    (void)state;
    json_decref(document(METHOD_GET, "/v2/health/ready", NULL, 200));
    json_decref(document(METHOD_GET, "/v2/models/my_break/ready", NULL, 200));
    fake_fleet.down = "broken";
    json_decref(document(METHOD_GET, "/v2/models/my_break/ready", NULL, 503));
    json_decref(document(METHOD_GET, "/v2/models/my_scale/ready", NULL, 200));
    fake_fleet.not_ready = true;
    json_decref(document(METHOD_GET, "/v2/health/ready", NULL, 503));
    json_decref(document(METHOD_GET, "/v2/health/live", NULL, 200));
    json_decref(document(METHOD_GET, "/v2/models/radec_to_xyz/ready", NULL, 200));
    atomic_store(&server.draining, true);
    json_decref(document(METHOD_GET, "/v2/models/radec_to_xyz/ready", NULL, 503));
    json_decref(document(METHOD_GET, "/v2/models/my_scale/ready", NULL, 503));
    atomic_store(&server.draining, false);
}

/* --- the repository --- */

static void test_index(void **state)
{
    (void)state;
    snprintf(plugins[3].reason, sizeof plugins[3].reason, "the new version has no such module");
    fake_fleet.down = "broken";
    json_t *list = document(METHOD_POST, "/v2/repository/index", NULL, 200);
    assert_int_equal(json_array_size(list), astro_conversion_count() + 5);
    const json_t *entry = entry_of(list, "name", "my_scale");
    assert_string_equal(text_of(entry, "state"), "READY");
    assert_string_equal(text_of(entry, "reason"), "the new version has no such module");
    entry = entry_of(list, "name", "my_break");
    assert_string_equal(text_of(entry, "state"), "UNAVAILABLE");
    assert_non_null(strstr(text_of(entry, "reason"), "no plugin host"));
    entry = entry_of(list, "name", "gone");
    assert_string_equal(text_of(entry, "state"), "UNAVAILABLE");
    assert_non_null(strstr(text_of(entry, "reason"), "SyntaxError"));
    entry = entry_of(list, "name", "my_gone"); /* unloaded alone */
    assert_string_equal(text_of(entry, "state"), "UNAVAILABLE");
    assert_non_null(strstr(text_of(entry, "reason"), "such module"));
    assert_null(entry_of(list, "name", "tools"));
    assert_null(entry_of(list, "name", "empty")); /* it has nothing to serve */
    assert_string_equal(text_of(entry_of(list, "name", "radec_to_xyz"), "state"), "READY");
    json_decref(list);
    plugins[3].reason[0] = '\0';
    list = document(METHOD_POST, "/v2/repository/index", NULL, 200);
    entry = entry_of(list, "name", "my_gone");
    assert_string_equal(text_of(entry, "reason"), "unloaded by request");
    json_decref(list);

    list = document(METHOD_POST, "/v2/repository/index", "{\"ready\": true, \"x\": [1]}", 200);
    assert_int_equal(json_array_size(list), astro_conversion_count() + 2);
    assert_null(entry_of(list, "name", "my_break"));
    json_decref(list);
    json_decref(document(METHOD_POST, "/v2/repository/index", "{\"ready\": 1}", 400));
    json_decref(document(METHOD_POST, "/v2/repository/index", "{\"ready\": true} x", 400));

    fake_fleet.known = NULL;
    json_decref(document(METHOD_POST, "/v2/repository/index", NULL, 503));
}

/* --- the ledger --- */

static void test_plugins_in_memory(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v1/debug/memory", NULL, 200);
    const json_t *list = json_object_get(root, "plugins");
    assert_int_equal(json_array_size(list), 4);
    const json_t *tools = entry_of(list, "name", "tools");
    assert_string_equal(text_of(tools, "verdict"), "leaking");
    assert_string_equal(text_of(tools, "kind"), "array memory");
    assert_string_equal(text_of(tools, "text"), "keeps \xc3\xa9 arrays");
    assert_true(json_real_value(json_object_get(tools, "bytes_per_call")) == 1024.25);
    static const struct {
        const char *key;
        int value;
    } counts[] = {{"calls", 1000},          {"crashes", 2},        {"retained_objects", 2},
                  {"retained_bytes", 4160}, {"python_blocks", 11}, {"python_bytes", 22},
                  {"array_bytes", 33},      {"malloc_bytes", 44},  {"garbage_objects", 5},
                  {"descriptors", -1},      {"threads", 2}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        assert_int_equal(count_of(tools, counts[i].key), counts[i].value);
    const json_t *retained = json_object_get(tools, "retained");
    assert_int_equal(json_array_size(retained), 2);
    const json_t *oldest = json_array_get(retained, 0);
    assert_string_equal(text_of(oldest, "request_id"), "older");
    assert_string_equal(text_of(oldest, "kind"), "input");
    assert_int_equal(count_of(oldest, "bytes"), 4096);
    assert_int_equal(count_of(oldest, "host"), 1);
    assert_true(json_real_value(json_object_get(oldest, "age_s")) == 12.5);
    assert_string_equal(text_of(json_array_get(retained, 1), "kind"), "output");
    assert_int_equal(json_array_size(json_object_get(tools, "conversions")), 3);
    assert_string_equal(text_of(entry_of(list, "name", "gone"), "state"), "failed");
    json_decref(root);
}

static void test_hosts_in_memory(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v1/debug/memory", NULL, 200);
    const json_t *list = json_object_get(root, "hosts");
    assert_int_equal(json_array_size(list), 3);
    const json_t *host = json_array_get(list, 1);
    assert_int_equal(count_of(host, "pid"), 101);
    assert_string_equal(text_of(host, "state"), "ready");
    assert_int_equal(count_of(host, "rss_bytes"), 300);
    assert_int_equal(count_of(host, "calls"), 77);
    assert_int_equal(count_of(host, "restarts"), 6);
    assert_int_equal(count_of(host, "region_live_bytes"), 4096);
    const json_t *fleet = json_object_get(root, "fleet");
    assert_int_equal(count_of(fleet, "generation"), 2);
    assert_int_equal(count_of(fleet, "waiting"), 4);
    const json_t *restarts = json_object_get(fleet, "restarts");
    assert_int_equal(json_object_size(restarts), REASONS);
    assert_int_equal(count_of(restarts, "crash"), 2);
    assert_int_equal(count_of(restarts, "exit"), 0);
    json_decref(root);
    fake_fleet.known = NULL;
    json_decref(document(METHOD_GET, "/v1/debug/memory", NULL, 503));
}

/* What has come from a host may have been cut in the middle of a character, or be no number. */
static void test_cut_texts(void **state)
{
    (void)state;
    struct plugin_figures odd = {.name = "odd", .state = "ready", .verdict = (enum verdict)77};
    memset(odd.reason, 'x', sizeof odd.reason - 1);
    odd.reason[sizeof odd.reason - 2] = '\xe2';
    odd.bytes_per_call = (double)NAN;
    const struct figures figures = {.configured = true, .n_plugins = 1, .plugins = &odd};
    fake_fleet.known = &figures;
    json_t *root = document(METHOD_GET, "/v1/debug/memory", NULL, 200);
    const json_t *entry = json_array_get(json_object_get(root, "plugins"), 0);
    assert_int_equal(strlen(text_of(entry, "reason")), sizeof odd.reason - 2);
    assert_int_equal(count_of(entry, "bytes_per_call"), 0);
    json_decref(root);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_descriptions),
        TEST(test_models),
        TEST(test_statistics),
        TEST(test_openapi),
        TEST(test_documents_outlive_a_reload),
        TEST(test_calls_outlive_a_reload),
        TEST(test_ready),
        TEST(test_index),
        TEST(test_plugins_in_memory),
        TEST(test_hosts_in_memory),
        TEST(test_cut_texts),
    };
    return cmocka_run_group_tests(tests, api_group_setup, api_group_teardown);
}
