/*
 * Every allocation on a request's way fails once, and then from there on: the answer is whole or an
 * error, and nothing is left. Slabs count: in small pools each of them is a mapping of its own.
 */
#include "harness.h"

#include <zlib.h>

#include "dispatch/context.h"
#include "dispatch/pipeline.h"
#include "process/server.h"

enum { ROWS = 40000 };
static double lat[ROWS], dist[ROWS];
static char packed_body[] = "\x78\x9c\x4b\x04\x00\x00\x62\x00\x62"; /* deflate of "a" */

static void serve_one(void **state, bool compress, uint64_t *ret_counted)
{
    struct plan plan = {
        .rows = ROWS, .column = {lat, dist}, .scale = 2.0, .encode_parts = 2, .decode_ns = 1};
    struct request *request = new_request(state, &plan);
    if (request == NULL) {
        *ret_counted = mem_faults_counted();
        return;
    }
    request->accepts_gzip = compress;
    request->body.data = packed_body;
    request->body.length = sizeof packed_body - 1;
    request->body.encoding = BODY_DEFLATE;
    serve(state, request);
    *ret_counted = mem_faults_counted();
    inject(NULL);
    int status = request->response.status;
    assert_true(status == 200 || status == 503);
    if (status == 200 && request->response.encoding == RESPONSE_IDENTITY)
        assert_answer(request, &plan);
    if (status == 200 && !compress)
        assert_true(request->error.code == ASTRO_OK);
    request_destroy(&request);
}

static void each_allocation_fails(void **state)
{
    struct harness *harness = *state;
    fake_conversion.prepare_ns = 1000; /* through the cache */
    for (int way = 0; way < 4; way++) {
        server.settings.dispatch_inline = way < 2 ? 1 : 0;
        for (uint64_t k = 1, counted = k; counted >= k; k++) {
            for (int onwards = 0; onwards < 2; onwards++) {
                context_cache_clear(harness->loop->contexts);
                arena_source_release(&harness->loop->arenas);
                slab_pool_drain();
                inject_at(k, onwards != 0);
                serve_one(state, way % 2 != 0, &counted);
                inject(NULL);
                assert_true(k < 1000);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_allocation_fails, set_up, tear_down),
    };
    for (size_t i = 0; i < ROWS; i++) {
        lat[i] = (double)(i % 90);
        dist[i] = 20.0 + (double)(i % 50);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
