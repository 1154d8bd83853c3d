/* Load, unload, trace: what is handed to the fleet, what is refused before, and the answers that come
 * later. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "fakes.h"

static char directory[] = "plugins";

static int set_up(void **state)
{
    (void)state;
    fake_fleet = (struct fake_fleet){.not_ready = false};
    server.settings.plugins_directory = directory;
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

/* As the loop does when the fleet has given a request back (process/loop.c). */
static json_t *finish(struct request *request, int status)
{
    assert_int_equal(request->state, REQUEST_WORK);
    if (request->error.code == ASTRO_OK)
        request->later(request);
    if (request->error.code != ASTRO_OK)
        response_fail(request);
    request_move(request, REQUEST_ANSWER);
    assert_int_equal(request->response.status, status);
    size_t length;
    char *text = body_text(request, &length);
    json_t *root = json_loadb(text, length, 0, NULL);
    assert_non_null(root);
    free(text);
    done(request);
    return root;
}

/* Handed over; the request is at work. */
static struct request *order(const char *path, const char *body)
{
    struct request *request = ask(METHOD_POST, path, body);
    request_move(request, REQUEST_READY);
    const int status = answer(request);
    if (request->state != REQUEST_WORK)
        fail_msg("%s: %d", path, status);
    assert_int_equal(status, 0); /* nothing has been said */
    assert_ptr_equal(fake_fleet.request, request);
    return request;
}

static void test_load(void **state)
{
    (void)state;
    static const char *const names[] = {"my_scale", "tools", "not_seen_before", "A-b.c_9"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128] = "/v2/repository/models/";
        strcat(strcat(path, names[i]), i % 2 == 0 ? "/load" : "/unload");
        struct request *request = order(path, i == 0 ? NULL : "{\"parameters\": {}}");
        assert_int_equal(fake_fleet.order, i % 2 == 0 ? ORDER_LOAD : ORDER_UNLOAD);
        assert_string_equal(fake_fleet.name, names[i]);
        json_t *root = finish(request, 200);
        assert_int_equal(json_object_size(root), 0);
        json_decref(root);
    }
}

static void test_failed_later(void **state)
{
    (void)state;
    struct request *request = order("/v2/repository/models/tools/load", NULL);
    astro_fail(&request->error, ASTRO_PLUGIN_ERROR, NULL, "SyntaxError");
    json_t *root = finish(request, 502);
    assert_int_equal(json_object_size(root), 1);
    assert_string_equal(json_string_value(json_object_get(root, "error")), "SyntaxError");
    json_decref(root);
}

/* The client has gone before it was answered: what the fleet has made is released with the request. */
static void test_never_answered(void **state)
{
    (void)state;
    struct request *request = order("/v1/debug/plugins/tools/trace", "{\"action\": \"stop\"}");
    request->later_document = json_pack("{ss}", "report", "unread");
    request_move(request, REQUEST_ANSWER);
    done(request);
}

static void refused(const char *path, const char *body, int status, const char *text)
{
    fake_fleet.order = ORDER_NONE;
    json_t *root = document(METHOD_POST, path, body, status);
    const char *error = json_string_value(json_object_get(root, "error"));
    if (error == NULL || strstr(error, text) == NULL)
        fail_msg("%s: \"%s\" has no \"%s\"", path, error, text);
    json_decref(root);
    assert_int_equal(fake_fleet.order, ORDER_NONE);
}

static void test_refused(void **state)
{
    (void)state;
    refused("/v2/repository/models/radec_to_xyz/load", NULL, 400, "built in");
    refused("/v2/repository/models/radec_to_xyz/unload", NULL, 400, "built in");
    refused("/v2/repository/models/..\\x/load", NULL, 404, "no plugin");
    refused("/v2/repository/models/.hidden/load", NULL, 404, "no plugin");
    refused("/v2/repository/models/a b/load", NULL, 404, "no plugin");
    char path[256] = "/v2/repository/models/";
    memset(path + 22, 'a', 64);
    strcpy(path + 22 + 64, "/load");
    refused(path, NULL, 404, "no plugin");
    atomic_store(&server.draining, true);
    refused("/v2/repository/models/tools/load", NULL, 503, "shutting down");
    atomic_store(&server.draining, false);
    server.settings.plugins_directory = NULL;
    refused("/v2/repository/models/tools/load", NULL, 404, "no conversion");
    refused("/v1/debug/plugins/tools/trace", "{\"action\": \"stop\"}", 404, "plugins.directory");
}

/* A name with a NUL in it, percent-encoded on the wire, is no name of a file. */
static void test_nul(void **state)
{
    (void)state;
    struct request *request = ask(METHOD_POST, "/v2/repository/models/tools/load", NULL);
    request->segments[3] = (struct request_text){"too\0s", 5};
    assert_int_equal(answer(request), 404);
    done(request);
}

static void test_trace(void **state)
{
    (void)state;
    struct request *request =
        order("/v1/debug/plugins/tools/trace", " {\"frames\": 3, \"action\": \"start\"} ");
    assert_int_equal(fake_fleet.order, ORDER_TRACE);
    assert_string_equal(fake_fleet.name, "tools");
    assert_true(fake_fleet.start);
    assert_int_equal(fake_fleet.frames, 3);
    json_decref(finish(request, 200));

    request = order("/v1/debug/plugins/tools/trace", "{\"action\": \"stop\"}");
    assert_false(fake_fleet.start);
    assert_true(fake_fleet.frames > 0);
    request->later_document = json_pack("{s[{si}]}", "top", "bytes", 4096);
    json_t *root = finish(request, 200);
    const json_t *top = json_array_get(json_object_get(root, "top"), 0);
    assert_int_equal(json_integer_value(json_object_get(top, "bytes")), 4096);
    json_decref(root);
}

static void test_trace_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body, *text;
    } rows[] = {
        {NULL, "\"action\""},
        {"", "\"action\""},
        {"{}", "\"action\""},
        {"[]", "must be an object"},
        {"{\"action\": \"go\"}", "action = \"go\" is not one of start, stop"},
        {"{\"action\": 1}", ""},
        {"{\"action\": \"start\", \"frames\": 0}", "outside [1, 128]"},
        {"{\"action\": \"start\", \"frames\": 129}", "outside [1, 128]"},
        {"{\"action\": \"start\", \"frames\": 1.5}", ""},
        {"{\"action\": \"start\", \"frame\": 5}", "unknown key \"frame\""},
        {"{\"action\": \"start\"", ""},
        {"{\"action\": \"start\"} {}", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        refused("/v1/debug/plugins/tools/trace", rows[i].body, 400, rows[i].text);
    struct request *request =
        ask(METHOD_POST, "/v1/debug/plugins/tools/trace", "{\"action\": \"start\"}");
    request->body.encoding = BODY_GZIP;
    assert_int_equal(answer(request), 415);
    done(request);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_load), TEST(test_failed_later), TEST(test_never_answered), TEST(test_refused),
        TEST(test_nul),  TEST(test_trace),        TEST(test_trace_refused),
    };
    return cmocka_run_group_tests(tests, api_group_setup, api_group_teardown);
}
