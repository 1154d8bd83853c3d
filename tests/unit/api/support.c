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
    server.n_loops = 2;
    atomic_store(&server.ready, true);
    assert_true(api_init());
    return 0;
}

int api_group_teardown(void **state)
{
    (void)state;
    api_release();
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
    size_t index = astro_conversion_count();
    if (conversion != NULL)
        assert_non_null(astro_conversion_find(conversion, strlen(conversion), &index));
    return &loops[loop]->stats->conversions[index];
}
