/* Every allocation of every document fails in turn: an answer comes all the same, and nothing leaks
 * (the leak sanitizer and the ledger look). */
#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "fakes.h"

static unsigned long countdown; /* 0: never fails */

static bool fails(void)
{
    return countdown > 0 && --countdown == 0;
}

static void *faulty_alloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static void use_faulty(unsigned long at)
{
    countdown = at;
}

static void torture(enum request_method method, const char *path, const char *body,
                    unsigned long stride)
{
    struct request *request = ask(method, path, body);
    const int right = answer(request);
    done(request);
    for (unsigned long at = 1;; at += stride) {
        use_faulty(at);
        request = ask(method, path, body);
        const int status = answer(request);
        const bool hit = countdown == 0;
        use_faulty(0);
        if (hit) {
            if (status != 503 && status != 500)
                fail_msg("%s: %d when allocation %lu fails", path, status, at);
            assert_true(request->response.length > 0);
        } else {
            assert_int_equal(status, right);
        }
        done(request);
        if (!hit)
            return;
    }
}

/* The same for what is made once per catalogue: each time another one, and the same again when memory
 * has come back. */
static void torture_new(const char *path, unsigned long stride)
{
    bool hit = true;
    for (unsigned long at = 1; hit; at += stride) {
        use_catalogue(plugin_catalogue());
        struct request *request = ask(METHOD_GET, path, NULL);
        use_faulty(at);
        const int status = answer(request);
        hit = countdown == 0;
        use_faulty(0);
        assert_int_equal(status, hit ? 503 : 200);
        done(request);
        json_decref(document(METHOD_GET, path, NULL, 200));
    }
}

static void test_documents(void **state)
{
    (void)state;
    torture(METHOD_GET, "/v1/conversions/radec_to_xyz", NULL, 1);
    torture(METHOD_GET, "/v2", NULL, 1);
    torture(METHOD_GET, "/v2/health/ready", NULL, 1);
    torture(METHOD_GET, "/v2/models", NULL, 1);
    torture(METHOD_GET, "/v2/models/radec_to_xyz", NULL, 1);
    torture(METHOD_GET, "/v2/models/radec_to_xyz/config", NULL, 1);
    torture(METHOD_GET, "/v2/models/radec_to_xyz/stats", NULL, 1);
    torture(METHOD_GET, "/v2/models/stats", NULL, 97);
    torture(METHOD_POST, "/v2/repository/index", "{\"ready\": true}", 1);
    torture(METHOD_GET, "/v1/debug/memory", NULL, 1);
}

/* The same with plugins, and what they alone have. */
static void test_plugins(void **state)
{
    (void)state;
    static char directory[] = "plugins";
    struct retained_figures kept = {.request_id = "one", .bytes = 1};
    struct plugin_figures plugins[2] = {
        {.name = "tools", .state = "ready", .n_retained = 1, .retained = &kept},
        {.name = "gone", .state = "failed"}};
    struct host_figures host = {.state = "ready"};
    const struct figures known = {
        .configured = true, .n_plugins = 2, .n_hosts = 1, .plugins = plugins, .hosts = &host};
    server.settings.plugins_directory = directory;
    fake_fleet = (struct fake_fleet){.known = &known};
    use_catalogue(plugin_catalogue());
    torture(METHOD_GET, "/v1/conversions/my_scale", NULL, 1);
    torture(METHOD_GET, "/v2/models/my_scale", NULL, 1);
    torture(METHOD_POST, "/v2/repository/index", NULL, 1);
    torture(METHOD_GET, "/v1/debug/memory", NULL, 1);
    torture_new("/v2/models", 1);
    torture_new("/v1/conversions", 61);
    torture_new("/openapi.json", 977);
    use_catalogue(catalogue_current());
    server.settings.plugins_directory = NULL;
}

/* The two big documents: most allocations are alike, so a sample of them. */
static void test_start(void **state)
{
    (void)state;
    bool began = false;
    for (unsigned long at = 1; !began; at = at * 5 / 4 + 1) {
        stop_api();
        use_faulty(at);
        began = start_api();
        assert_int_equal(began, countdown != 0);
        use_faulty(0);
    }
}

static int setup(void **state)
{
    if (api_group_setup(state) != 0)
        return -1;
    stop_api(); /* what the old allocator gave must not go to the new one */
    json_set_alloc_funcs(faulty_alloc, free);
    return start_api() ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_plugins),
        cmocka_unit_test(test_start),
    };
    return cmocka_run_group_tests(tests, setup, api_group_teardown);
}
