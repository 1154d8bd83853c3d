/*
 * Compression: zlib reads back what was packed; and what cannot be packed goes out as it is.
 */
#include "harness.h"

#include <zlib.h>

#include "dispatch/pipeline.h"
#include "memory/ledger.h"
#include "process/server.h"

enum { ROWS = 300000 };
static double lat[ROWS], dist[ROWS], noise[ROWS];

static void fill_columns(void)
{
    uint64_t seed = 88172645463325252u;
    for (size_t i = 0; i < ROWS; i++) {
        lat[i] = (double)(i % 16);
        dist[i] = (double)(i % 32);
        dist[i] = dist[i] == UNLUCKY ? 0.0 : dist[i];
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        uint64_t bits = (seed & 0x7fffffffffffffff) % 0x7fe0000000000000; /* finite, positive */
        memcpy(&noise[i], &bits, sizeof bits);
    }
}

static struct plan plan_for(size_t rows)
{
    return (struct plan){.rows = rows, .column = {lat, dist}, .scale = 2.0, .encode_parts = 2};
}

/* Replaces the packed pieces by what zlib makes of them, so that assert_answer() can read them. */
static void unpack(struct request *request)
{
    size_t length, room = (size_t)64 << 20;
    char *packed = answer_bytes(request, &length);
    char *plain = malloc(room);
    z_stream stream = {.next_in = (Bytef *)packed, .avail_in = (uInt)length};
    stream.next_out = (Bytef *)plain;
    stream.avail_out = (uInt)room;
    int window = request->response.encoding == RESPONSE_GZIP ? MAX_WBITS + 16 : MAX_WBITS;
    assert_int_equal(inflateInit2(&stream, window), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_true(response_begin(request, 200, "application/octet-stream", 1));
    response_piece(request, plain, stream.total_out);
    inflateEnd(&stream);
    free(packed);
    assert_true(request_attach(request, plain, free));
}

static void read_back(void **state)
{
    static const size_t counts[] = {65, 100, 1000, 4096, 50000, ROWS};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (int way = 0; way < 6; way++) {
            server.settings.dispatch_inline = way < 3 ? 1 : 0;
            struct plan plan = plan_for(counts[i]);
            struct request *request = new_request(state, &plan);
            request->accepts_gzip = way % 3 != 0;
            request->accepts_deflate = way % 3 != 1;
            assert_int_equal(serve(state, request), way < 3);
            assert_int_equal(request->response.encoding,
                             request->accepts_gzip ? RESPONSE_GZIP : RESPONSE_DEFLATE);
            assert_true(request->response.length < counts[i] * 2 * sizeof(double));
            assert_int_equal(request->response.n_pieces, 2);
            /* The packed answer is all that is left. */
            assert_int_equal(ledger_read(LEDGER_SLABS).objects, 1);
            unpack(request);
            assert_answer(request, &plan);
            request_destroy(&request);
        }
    }
}

static void not_asked_for_or_not_worth_it(void **state)
{
    for (int way = 0; way < 2; way++) {
        struct plan plan = plan_for(way == 0 ? 1000 : 64); /* 64: 1024 bytes */
        struct request *request = new_request(state, &plan);
        request->accepts_gzip = way != 0;
        serve(state, request);
        assert_int_equal(request->response.encoding, RESPONSE_IDENTITY);
        assert_answer(request, &plan);
        request_destroy(&request);
    }
}

/* Random doubles: it gives up, early, and nothing is lost. */
static void does_not_shrink(void **state)
{
    static const size_t counts[] = {100, 5000, ROWS};
    for (size_t i = 0; i < 3; i++) {
        struct plan plan = plan_for(counts[i]);
        plan.column[DIST] = noise;
        plan.without[OUT_Y] = true;
        struct request *request = new_request(state, &plan);
        request->accepts_gzip = true;
        serve(state, request);
        assert_int_equal(request->response.encoding, RESPONSE_IDENTITY);
        assert_answer(request, &plan);
        request_destroy(&request);
    }
}

/* Cheap to convert, dear to compress: only that moves to the pool. */
static void moves_to_the_pool_alone(void **state)
{
    struct plan plan = plan_for(ROWS);
    fake_conversion.ns_per_point = 1e-6;
    server.settings.dispatch_inline = 1;
    struct request *request = new_request(state, &plan);
    request->accepts_gzip = true;
    assert_true(serve(state, request));
    request_destroy(&request);
    server.settings.dispatch_inline = 1e-3;
    plan = plan_for(ROWS);
    request = new_request(state, &plan);
    request->accepts_gzip = true;
    assert_false(serve(state, request));
    assert_int_equal(request->response.encoding, RESPONSE_GZIP);
    request_destroy(&request);
}

/* The room for the packed answer is refused: the answer is not. */
static void no_memory_to_pack(void **state)
{
    struct plan plan = plan_for(ROWS);
    struct request *request = new_request(state, &plan);
    serve(state, request);
    uint64_t live = slab_pool_read().live_bytes;
    request_destroy(&request);
    slab_pool_drain();
    slab_pool_init(live + 100 * 1024);
    plan = plan_for(ROWS);
    request = new_request(state, &plan);
    request->accepts_gzip = true;
    serve(state, request);
    assert_int_equal(request->response.encoding, RESPONSE_IDENTITY);
    assert_answer(request, &plan);
    request_destroy(&request);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(read_back),         TEST(not_asked_for_or_not_worth_it),
        TEST(does_not_shrink),   TEST(moves_to_the_pool_alone),
        TEST(no_memory_to_pack),
    };
    fill_columns();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
