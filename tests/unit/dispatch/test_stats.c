/*
 * Statistics: the buckets, and what one finished request adds to its conversion's row.
 */
#include "harness.h"

#include "catalogue/catalogue.h"
#include "dispatch/pipeline.h"
#include "observe/stats.h"
#include "process/server.h"

static double lat[10] = {0}, dist[10] = {1, 2, 3, 4, 5, 6, 8, 9, 10, 11};

static struct stats *stats_of(void **state)
{
    struct harness *harness = *state;
    return harness->loop->stats;
}

static void bounds(void **state)
{
    (void)state;
    assert_true(stats_bounds[0] == 50e-6 && stats_bounds[STATS_BUCKETS - 2] == 10.0);
    static const double asked_for[] = {0.0001, 0.001, 0.005, 0.01, 0.1, 1, 10};
    for (size_t i = 0; i < 7; i++) {
        bool there = false;
        for (size_t j = 0; j < STATS_BUCKETS - 1; j++)
            there = there || stats_bounds[j] == asked_for[i];
        assert_true(there);
    }
    for (size_t i = 0; i < STATS_BUCKETS - 1; i++) {
        uint64_t ns = (uint64_t)(stats_bounds[i] * 1e9 + 0.5);
        assert_true(i == 0 || stats_bounds[i - 1] < stats_bounds[i]);
        assert_int_equal(stats_bucket(ns), i); /* upper bounds belong to their bucket */
        assert_int_equal(stats_bucket(ns + 1), i + 1);
    }
    assert_int_equal(stats_bucket(0), 0);
    assert_int_equal(stats_bucket(UINT64_MAX), STATS_BUCKETS - 1);
}

static void a_success(void **state)
{
    server.started_unix_s = 1700000000;
    server.started_ns = loop_clock_ns() - 5000000000;
    struct plan plan = {.rows = 10, .column = {lat, dist}, .scale = 1, .encode_parts = 1};
    struct request *request = new_request(state, &plan);
    request->body.received = 77;
    serve(state, request);
    struct stats *stats = stats_of(state);
    stats_record(stats, request);
    struct stats_conversion *row = &stats->conversions[0];
    const struct call *call = request->call;
    assert_int_equal(stats_get(&row->requests[ASTRO_OK]), 1);
    assert_int_equal(stats_get(&row->points), 10);
    assert_int_equal(stats_get(&row->bytes_in), 77);
    assert_int_equal(stats_get(&row->bytes_out), 160);
    assert_int_equal(stats_get(&row->success.count), 1);
    assert_int_equal(stats_get(&row->fail.count), 0);
    assert_int_equal(stats_get(&row->queue.count), 1);
    assert_int_equal(stats_get(&row->latency_ns), call->t_end - request->began_ns);
    assert_int_equal(stats_get(&row->compute_input.ns) + stats_get(&row->compute_infer.ns) +
                         stats_get(&row->compute_output.ns),
                     call->t_end - call->t_decode);
    assert_int_equal(stats_get(&row->bucket[stats_bucket(call->t_end - request->began_ns)]), 1);
    uint64_t ms = stats_get(&row->last_inference_ms);
    assert_true(ms >= 1700000005000 && ms < 1700003600000);
    request_destroy(&request);
}

static void a_failure(void **state)
{
    static const double beyond = 91;
    struct plan plan = {.rows = 10, .column = {&beyond, dist}, .scale = 1, .encode_parts = 1};
    plan.single[LAT] = true;
    struct request *request = new_request(state, &plan);
    serve(state, request);
    struct stats *stats = stats_of(state);
    stats_record_at(stats, request, request->began_ns + 2000000);
    struct stats_conversion *row = &stats->conversions[0];
    assert_int_equal(stats_get(&row->requests[ASTRO_OK]), 0);
    assert_int_equal(stats_get(&row->requests[ASTRO_OUT_OF_RANGE]), 1);
    assert_int_equal(stats_get(&row->fail.count), 1);
    assert_int_equal(stats_get(&row->fail.ns), 2000000);
    assert_int_equal(stats_get(&row->points), 0);
    assert_int_equal(stats_get(&row->compute_infer.count), 0);
    request_destroy(&request);
}

/* No conversion: the last row. */
static void a_document(void **state)
{
    struct stats *stats = stats_of(state);
    assert_int_equal(stats->n, catalogue_slots());
    struct harness *harness = *state;
    struct request *request = request_create(harness->loop, NULL);
    request_move(request, REQUEST_READY);
    response_text(request, 200, "text/plain", "hello", 5);
    request_move(request, REQUEST_ANSWER);
    stats_record(stats, request);
    struct stats_conversion *row = &stats->conversions[stats->n - 1];
    assert_int_equal(stats_get(&row->requests[ASTRO_OK]), 1);
    assert_int_equal(stats_get(&row->bytes_out), 5);
    assert_int_equal(stats_get(&row->points), 0);
    request_destroy(&request);
}

static void no_memory(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= 2; k++) {
        inject_at(k, false);
        assert_null(stats_create());
        inject(NULL);
    }
    stats_destroy(NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds), TEST(a_success), TEST(a_failure),
        TEST(a_document),         TEST(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
