#include "support.h"

#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "astrolabe/kernels.h"
#include "memory/alloc.h"
#include "memory/ledger.h"
#include "memory/slab.h"

struct server server;
const char *const server_version = "9.8.7";

static struct loop *loops[2];

int api_group_setup(void **state)
{
    (void)state;
    mem_init();
    slab_pool_init(64 << 20);
    assert_true(astro_kernels_init(ASTRO_TARGET_AUTO));
    server.settings.timeouts_request = 60;
    server.settings.threads = 3;
    server.settings.limits_json_depth = 32;
    for (size_t i = 0; i < 2; i++) {
        loops[i] = mem_zalloc(1, sizeof *loops[i]);
        assert_non_null(loops[i]);
        loops[i]->index = i;
        loops[i]->stats = stats_create();
        assert_non_null(loops[i]->stats);
        arena_source_init(&loops[i]->arenas);
    }
    server.loops = loops;
    atomic_store(&server.ready, true);
    assert_true(start_api());
    return 0;
}

/* Nothing is sent to these loops: they never run. */
bool start_api(void)
{
    server.n_loops = 0;
    const bool started = api_init();
    server.n_loops = 2;
    if (started)
        use_catalogue(catalogue_current());
    return started;
}

void stop_api(void)
{
    use_catalogue(NULL);
    api_release();
}

void use_catalogue(struct catalogue *catalogue_take)
{
    for (size_t i = 0; i < 2; i++) {
        catalogue_drop(loops[i]->catalogue);
        loops[i]->catalogue = catalogue_hold(catalogue_take);
    }
    catalogue_drop(catalogue_take);
}

struct plugin_conversion *plugin_conversion_of(const char *name, const char *plugin,
                                               const char *group)
{
    json_t *description = json_pack(
        "{si, ss, ss, ss, ss, sb, s[{ss, ss, ss}, {ss, ss, sb}], s[{ss, ss}], s[{ss, ss, ss, sf},"
        " {ss, ss, s[ss], ss}]}",
        "number", 1, "name", name, "group", group, "summary", "Does it.", "description", "",
        "elementwise", 1, "inputs", "name", "a", "type", "FP64", "unit", "deg", "name", "n", "type",
        "INT64", "optional", 1, "outputs", "name", "b", "type", "FP64", "parameters", "name", "k",
        "type", "number", "default", "1", "minimum", 0.0, "name", "mode", "type", "choice",
        "choices", "one", "two", "default", "one");
    assert_non_null(description);
    struct astro_error error = {.code = ASTRO_OK};
    uint32_t number;
    struct plugin_conversion *conversion =
        plugin_conversion_read(description, plugin, &number, &error);
    json_decref(description);
    if (conversion == NULL)
        fail_msg("%s", error.text);
    return conversion;
}

struct catalogue *plugin_catalogue(void)
{
    struct plugin_conversion *conversions[3] = {
        plugin_conversion_of("my_scale", "tools", "plugins"),
        plugin_conversion_of("my_shift", "tools", "core"),
        plugin_conversion_of("my_break", "broken", "plugins")};
    struct astro_error error = {.code = ASTRO_OK};
    struct catalogue *catalogue = catalogue_create(conversions, 3, &error);
    if (catalogue == NULL)
        fail_msg("%s", error.text);
    return catalogue;
}

int api_group_teardown(void **state)
{
    (void)state;
    stop_api();
    for (int kind = 0; kind < LEDGER_KINDS; kind++) {
        const struct ledger_row row = ledger_read((enum ledger_kind)kind);
        assert_int_equal(row.objects, 0);
        assert_int_equal(row.bytes, 0);
    }
    for (size_t i = 0; i < 2; i++) {
        arena_source_release(&loops[i]->arenas);
        stats_destroy(loops[i]->stats);
        mem_free(loops[i]);
    }
    slab_pool_drain();
    return 0;
}

struct request *ask(enum request_method method, const char *path, const char *body)
{
    struct request *request = request_create(loops[0], NULL);
    assert_non_null(request);
    request->method = method;
    request->path.data = arena_copy(&request->arena, path, strlen(path));
    assert_non_null(request->path.data);
    request->path.length = strlen(path);
    const char *next = request->path.data + 1;
    while (*next != '\0' && request->n_segments < REQUEST_SEGMENTS) {
        const size_t length = strcspn(next, "/");
        request->segments[request->n_segments++] = (struct request_text){next, length};
        next += length + (next[length] == '/');
    }
    if (body != NULL) {
        request->body.data = arena_copy(&request->arena, body, strlen(body));
        assert_non_null(request->body.data);
        request->body.length = strlen(body);
    }
    return request;
}

int answer(struct request *request)
{
    if (!router_match(request, &request->allow) || !request->route->handler(request))
        response_fail(request);
    return request->response.status;
}

void done(struct request *request)
{
    request_destroy(&request);
}

char *body_text(const struct request *request, size_t *ret_length)
{
    char *text = malloc(request->response.length + 1);
    assert_non_null(text);
    size_t length = 0;
    for (size_t i = 1; i < request->response.n_pieces; i++) {
        memcpy(text + length, request->response.pieces[i].base, request->response.pieces[i].len);
        length += request->response.pieces[i].len;
    }
    assert_int_equal(length, request->response.length);
    text[length] = '\0';
    *ret_length = length;
    return text;
}

json_t *document(enum request_method method, const char *path, const char *body, int status)
{
    struct request *request = ask(method, path, body);
    const int got = answer(request);
    size_t length;
    char *text = body_text(request, &length);
    if (got != status)
        fail_msg("%s: %d, not %d: %s", path, got, status, text);
    assert_string_equal(request->response.content_type, "application/json");
    json_error_t error;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        fail_msg("%s: %s: %s", path, error.text, text);
    free(text);
    done(request);
    return root;
}

struct stats_conversion *counters(size_t loop, const char *conversion)
{
    size_t slot = catalogue_slots() - 1;
    if (conversion != NULL)
        assert_non_null(
            catalogue_find(loops[loop]->catalogue, conversion, strlen(conversion), &slot));
    return &loops[loop]->stats->conversions[slot];
}
