/*
 * The run stage: however rows are cut, the answer and the reported failure are the same.
 */
#include "harness.h"

#include "dispatch/pipeline.h"
#include "dispatch/pool.h"
#include "dispatch/work.h"
#include "process/server.h"

enum { ROWS = 50000 };
static double lat[ROWS], dist[ROWS], extra[ROWS];
static const double one_lat = 12.5, one_dist = 3.0, one_extra = 0.25;

static void fill_columns(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        lat[i] = (double)(i % 1801) / 10.0 - 90.0;
        dist[i] = 100.0 + (double)i;
        extra[i] = (double)i / 3.0;
    }
}

static struct plan plan_for(size_t rows)
{
    return (struct plan){
        .rows = rows, .column = {lat, dist, extra}, .scale = 1.5, .encode_parts = 2};
}

/* One chunk on the loop, and chunks of many sizes on the pool. */
static void set_cut(int cut)
{
    static const double ns_per_point[] = {1e-6, 1.0, 100.0, 1e3, 1e5};
    server.settings.dispatch_inline = cut == 0 ? 1 : 0;
    fake_conversion.ns_per_point = ns_per_point[cut];
}
enum { CUTS = 5 };

/* --- the plan --- */

static void chunks_are_short_and_many(void **state)
{
    (void)state;
    static const double costs[] = {0.0, 0.5, 1.5, 12.0, 250.0, 5e3, 4.5e4, 2e6};
    static const size_t counts[] = {0, 1, 7, 1024, 5000, 100000, 1000000, 123456789};
    for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
        for (size_t j = 0; j < sizeof counts / sizeof counts[0]; j++) {
            for (unsigned threads = 1; threads <= 64; threads *= 4) {
                size_t rows = run_chunk_rows(counts[j], costs[i], threads);
                double ns = (double)rows * costs[i];
                assert_true(rows >= 1);
                assert_true(ns <= 1e6 || rows <= 8);
                assert_true(rows % 1024 == 0 || rows >= counts[j] ||
                            (rows % 8 == 0 && 1024 * costs[i] > 1e6));
                /* Longer than is worth a wake-up, and rows enough: a share for each thread. */
                if (ns > 100e3 && counts[j] > threads * 4096)
                    assert_true(rows <= counts[j] / threads + 1024);
            }
        }
    }
}

static void every_thread_has_a_share(void **state)
{
    (void)state;
    assert_int_equal(run_chunk_rows(1000000, 1.0, 1), 1000000);
    assert_int_equal(run_chunk_rows(2000000, 1.0, 1), 999424); /* never longer than 1 ms */
    assert_true(run_chunk_rows(1000000, 1.0, 8) * 8 >= 1000000);
    assert_true(run_chunk_rows(1000000, 1.0, 8) * 7 < 1000000);
    /* 10 us of work are not worth a second thread. */
    assert_int_equal(run_chunk_rows(10000, 1.0, 8), 10000);
}

/* --- results --- */

static void cuts_do_not_show(void **state)
{
    static const size_t counts[] = {1, 2, 511, 512, 513, 1024, 2048, 2049, 10001, ROWS};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (int cut = 0; cut < CUTS; cut++) {
            set_cut(cut);
            struct plan plan = plan_for(counts[i]);
            atomic_store(&fake.rows, 0);
            struct request *request = new_request(state, &plan);
            assert_int_equal(serve(state, request), cut == 0);
            assert_answer(request, &plan);
            assert_int_equal(fake.rows, counts[i]);
            request_destroy(&request);
        }
    }
}

/* Every choice of single values, absent inputs and unwanted outputs. */
static void broadcast_absent_unwanted(void **state)
{
    static const double *const single[FAKE_INPUTS] = {&one_lat, &one_dist, &one_extra};
    for (unsigned mask = 0; mask < 128; mask++) {
        size_t n = (mask & 64) != 0 ? 3000 : 100;
        struct plan plan = plan_for(n);
        for (unsigned i = 0; i < FAKE_INPUTS; i++) {
            plan.single[i] = (mask >> i & 1) != 0;
            if (plan.single[i])
                plan.column[i] = single[i];
        }
        if ((mask & 8) != 0)
            plan.column[EXTRA] = NULL;
        if (plan.single[LAT] && plan.single[DIST] && (plan.single[EXTRA] || (mask & 8) != 0))
            plan.rows = 1;
        plan.without[OUT_Y] = (mask & 16) != 0;
        plan.without[OUT_Z] = (mask & 32) != 0;
        for (int cut = 0; cut < CUTS; cut++) {
            set_cut(cut);
            fake.longest = 0;
            plan.decoded = 0;
            struct request *request = new_request(state, &plan);
            serve(state, request);
            assert_answer(request, &plan);
            if (plan.single[LAT] && plan.rows > 1)
                assert_true(fake.longest <= 512);
            request_destroy(&request);
        }
    }
}

static void warnings_add_up(void **state)
{
    double odd[ROWS];
    memcpy(odd, dist, sizeof odd);
    size_t n = 0;
    for (size_t i = 5; i < ROWS; i += 777, n++)
        odd[i] = ODD;
    for (int cut = 0; cut < CUTS; cut++) {
        set_cut(cut);
        struct plan plan = plan_for(ROWS);
        plan.column[DIST] = odd;
        struct request *request = new_request(state, &plan);
        serve(state, request);
        assert_int_equal(request->call->warnings[ASTRO_WARN_BAD_ROWS], n);
        assert_int_equal(request->call->warnings[ASTRO_WARN_EXTRAPOLATED], ROWS);
        request_destroy(&request);
    }
}

/* --- failures --- */

static void expect(void **state, struct plan *plan, enum astro_code code, const char *field,
                   const char *begin)
{
    for (int cut = 0; cut < CUTS; cut++) {
        set_cut(cut);
        for (int again = 0; again < 5; again++) {
            plan->decoded = 0;
            struct request *request = new_request(state, plan);
            serve(state, request);
            assert_int_equal(request->error.code, code);
            assert_string_equal(request->error.field, field);
            if (strncmp(request->error.text, begin, strlen(begin)) != 0)
                fail_msg("\"%s\" does not begin with \"%s\"", request->error.text, begin);
            assert_int_equal(request->response.status, 400);
            request_destroy(&request);
        }
    }
}

static void smallest_row_wins(void **state)
{
    double bad_lat[ROWS], bad_dist[ROWS];
    memcpy(bad_lat, lat, sizeof bad_lat);
    memcpy(bad_dist, dist, sizeof bad_dist);
    struct plan plan = plan_for(ROWS);
    plan.column[LAT] = bad_lat;
    plan.column[DIST] = bad_dist;

    bad_lat[49000] = 91.0;
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "lat", "lat[49000]");
    bad_dist[30001] = -1.0;
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "dist", "dist[30001]");
    bad_lat[30001] = 90.5; /* the same row: the earlier input */
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "lat", "lat[30001]");
    bad_dist[30000] = UNLUCKY; /* run() fails one row before the check does */
    expect(state, &plan, ASTRO_BAD_TIME, "dist", "dist[30000] = 13: unlucky");
    bad_dist[29000] = -0.5;
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "dist", "dist[29000]");
    bad_dist[0] = UNLUCKY;
    expect(state, &plan, ASTRO_BAD_TIME, "dist", "dist[0] = 13");
    bad_lat[0] = -91.0; /* checks come before run() */
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "lat", "lat[0]");
}

/* Chunks that fail in run() at the same time, in whatever order they come to say so. */
static void smallest_row_of_many(void **state)
{
    double bad[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        bad[i] = UNLUCKY;
    enum { TOGETHER = 4 };
    use_threads(TOGETHER);
    set_cut(3);
    for (int again = 0; again < 40; again++) {
        struct gate gate = GATE_CLOSED;
        fake.gate = &gate;
        fake.at = AT_RUN;
        struct plan plan = plan_for(ROWS);
        plan.column[DIST] = bad;
        struct request *request = new_request(state, &plan);
        assert_false(pipeline_start(request));
        gate_await(&gate, TOGETHER);
        gate_open(&gate);
        assert_ptr_equal(await_finished(state), request);
        assert_string_equal(request->error.text, "dist[0] = 13: unlucky");
        request_destroy(&request);
    }
}

static void single_values_are_checked(void **state)
{
    static const double beyond = 100.0, negative = -1.0, unlucky = UNLUCKY;
    double bad_lat[ROWS];
    memcpy(bad_lat, lat, sizeof bad_lat);
    struct plan plan = plan_for(ROWS);
    plan.column[LAT] = &beyond;
    plan.single[LAT] = true;
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "lat", "lat = 100");

    plan = plan_for(ROWS);
    plan.column[DIST] = &negative;
    plan.single[DIST] = true;
    plan.column[LAT] = bad_lat;
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "dist", "dist = -1");
    bad_lat[0] = 95.0; /* row 0 too, of an earlier input */
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "lat", "lat[0] = 95");

    plan.column[DIST] = &unlucky;
    bad_lat[0] = 1.0;
    expect(state, &plan, ASTRO_BAD_TIME, "dist", "dist = 13: unlucky");

    plan = plan_for(1);
    plan.single[LAT] = plan.single[DIST] = plan.single[EXTRA] = true;
    plan.column[LAT] = &beyond;
    expect(state, &plan, ASTRO_OUT_OF_RANGE, "lat", "lat = 100");
}

/* A failure in the first chunk saves the others. */
static void chunks_after_a_failure_are_skipped(void **state)
{
    double bad[ROWS];
    memcpy(bad, lat, sizeof bad);
    bad[0] = 91.0;
    use_threads(1);
    set_cut(3);
    struct plan plan = plan_for(ROWS);
    plan.column[LAT] = bad;
    struct request *request = new_request(state, &plan);
    serve(state, request);
    assert_int_equal(fake.rows, 0);
    request_destroy(&request);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_are_short_and_many),
        cmocka_unit_test(every_thread_has_a_share),
        TEST(cuts_do_not_show),
        TEST(broadcast_absent_unwanted),
        TEST(warnings_add_up),
        TEST(smallest_row_wins),
        TEST(smallest_row_of_many),
        TEST(single_values_are_checked),
        TEST(chunks_after_a_failure_are_skipped),
    };
    fill_columns();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
