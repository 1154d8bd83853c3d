/*
 * The pipeline: where a request runs, that it gives up when nobody waits for it, and what it then
 * leaves.
 */
#include "harness.h"

#include "dispatch/context.h"
#include "dispatch/pipeline.h"
#include "dispatch/pool.h"
#include "process/server.h"

enum { ROWS = 20000 };
static double lat[ROWS], dist[ROWS];

static void fill_columns(void)
{
    for (size_t i = 0; i < ROWS; i++) {
        lat[i] = (double)(i % 180) - 90.0;
        dist[i] = 100.0 + (double)i;
    }
}

static struct plan plan_for(size_t rows)
{
    return (struct plan){.rows = rows, .column = {lat, dist}, .scale = 2.0, .encode_parts = 1};
}

static void cheap_stays_on_the_loop(void **state)
{
    struct plan plan = plan_for(10);
    struct request *request = new_request(state, &plan);
    assert_true(serve(state, request));
    assert_answer(request, &plan);
    const struct call *call = request->call;
    assert_true(call->t_decode != 0 && call->t_decode <= call->t_run);
    assert_true(call->t_run <= call->t_encode && call->t_encode <= call->t_end);
    assert_int_equal(call->queue_ns, 0);
    assert_int_equal(call->warnings[ASTRO_WARN_EXTRAPOLATED], 10);
    request_destroy(&request);
}

/* Each stage alone may be what is too dear; what comes before it has then run on the loop. */
static void dear_goes_to_the_pool(void **state)
{
    for (int dear = 0; dear < 4; dear++) {
        struct plan plan = plan_for(ROWS);
        plan.decode_ns = dear == 0 ? 2e5 : 0;
        fake_conversion.prepare_ns = dear == 1 ? 2e5 : 10;
        fake_conversion.ns_per_point = dear == 2 ? 10.0 : 1e-3;
        plan.encode_ns = dear == 3 ? 2e5 : 0;
        plan.encode_parts = 3;
        struct request *request = new_request(state, &plan);
        atomic_store(&fake.seen[AT_DECODE], 0);
        assert_false(pipeline_start(request));
        if (dear > 0)
            assert_true(fake.seen[AT_DECODE] > 0);
        assert_ptr_equal(await_finished(state), request);
        assert_answer(request, &plan);
        request_destroy(&request);
    }
}

static void the_budget_decides(void **state)
{
    struct plan plan = plan_for(1000);
    fake_conversion.ns_per_point = 99.0;
    struct request *request = new_request(state, &plan);
    assert_true(serve(state, request));
    request_destroy(&request);
    plan = plan_for(1000);
    fake_conversion.ns_per_point = 101.0;
    request = new_request(state, &plan);
    assert_false(serve(state, request));
    request_destroy(&request);
    server.settings.dispatch_inline = 0;
    plan = plan_for(1);
    request = new_request(state, &plan);
    assert_false(serve(state, request));
    assert_answer(request, &plan);
    request_destroy(&request);
}

static double cost_of_rows(const struct astro_value *values, size_t n, const void *const in[],
                           const size_t count[])
{
    (void)values;
    assert_int_equal(count[0], n);
    return ((const double *)in[0])[n - 1] == 0.25 ? 1e9 : 1.0;
}

/* Where the cost hangs on the rows, they are looked at before it is decided where they run. */
static void rows_may_be_dear(void **state)
{
    double column[10] = {0};
    for (int dear = 0; dear < 2; dear++) {
        struct plan plan = plan_for(10);
        column[9] = dear != 0 ? 0.25 : 0.5;
        plan.column[0] = column;
        fake_conversion.ns_per_point = dear != 0 ? 1e-3 : 1e9;
        fake_conversion.cost = cost_of_rows;
        struct request *request = new_request(state, &plan);
        assert_int_equal(serve(state, request), dear == 0);
        request_destroy(&request);
    }
}

static void slices_of_decoding(void **state)
{
    struct plan plan = plan_for(ROWS);
    plan.text_bytes = 3 << 20;
    plan.decode_ns = 3e6;
    struct request *request = new_request(state, &plan);
    assert_false(serve(state, request));
    assert_true(fake.seen[AT_DECODE] > 1);
    assert_answer(request, &plan);
    request_destroy(&request);
}

static void no_rows(void **state)
{
    for (int pooled = 0; pooled < 2; pooled++) {
        struct plan plan = plan_for(0);
        plan.decode_ns = pooled != 0 ? 1e6 : 0;
        plan.encode_parts = 0;
        struct request *request = new_request(state, &plan);
        assert_int_equal(serve(state, request), pooled == 0);
        assert_int_equal(request->response.status, 200);
        assert_int_equal(request->response.length, 0);
        assert_int_equal(fake.seen[AT_RUN], 0);
        request_destroy(&request);
    }
}

/* --- contexts --- */

static void dear_contexts_are_kept(void **state)
{
    fake_conversion.prepare_ns = 5e4; /* dear, and within the budget */
    for (int i = 0; i < 3; i++) {
        struct plan plan = plan_for(10);
        struct request *request = new_request(state, &plan);
        assert_true(serve(state, request));
        assert_answer(request, &plan);
        request_destroy(&request);
    }
    assert_int_equal(fake.seen[AT_PREPARE], 1);
}

static void a_context_from_the_pool_is_kept(void **state)
{
    fake_conversion.prepare_ns = 1e6;
    for (int i = 0; i < 3; i++) {
        struct plan plan = plan_for(10);
        struct request *request = new_request(state, &plan);
        assert_int_equal(serve(state, request), i > 0); /* found: nothing dear is left */
        assert_answer(request, &plan);
        assert_int_equal(request->call->warnings[ASTRO_WARN_EXTRAPOLATED], 10);
        request_destroy(&request);
    }
    assert_int_equal(fake.seen[AT_PREPARE], 1);
    assert_int_equal(context_totals_read().objects, 1);
}

static void cheap_contexts_are_not(void **state)
{
    for (int i = 0; i < 2; i++) {
        struct plan plan = plan_for(10);
        struct request *request = new_request(state, &plan);
        assert_true(serve(state, request));
        assert_int_equal(context_totals_read().objects, 0);
        request_destroy(&request);
    }
    assert_int_equal(fake.seen[AT_PREPARE], 2);
}

/* --- failures --- */

static void a_stage_fails(void **state)
{
    static const enum moment moments[] = {AT_DECODE, AT_PREPARE, AT_ENCODE_BEGIN, AT_ENCODE_END};
    static const enum astro_code codes[] = {ASTRO_INVALID_JSON, ASTRO_BAD_PARAMETER,
                                            ASTRO_OVERLOADED, ASTRO_OVERLOADED};
    fake.fail = true;
    for (int pooled = 0; pooled < 2; pooled++) {
        server.settings.dispatch_inline = pooled != 0 ? 0 : 1;
        for (size_t i = 0; i < 4; i++) {
            fake.at = moments[i];
            struct plan plan = plan_for(ROWS);
            plan.decode_ns = 1;
            struct request *request = new_request(state, &plan);
            assert_int_equal(serve(state, request), pooled == 0);
            assert_int_equal(request->error.code, codes[i]);
            assert_int_equal(request->response.status, astro_code_status(codes[i]));
            request_destroy(&request);
        }
    }
}

static void no_room_for_results(void **state)
{
    for (int pooled = 0; pooled < 2; pooled++) {
        server.settings.dispatch_inline = pooled != 0 ? 0 : 1;
        slab_pool_drain();
        slab_pool_init(16 * 1024);
        struct plan plan = plan_for(ROWS);
        plan.decode_ns = 1;
        struct request *request = new_request(state, &plan);
        assert_int_equal(serve(state, request), pooled == 0);
        assert_int_equal(request->response.status, 503);
        assert_int_equal(fake.seen[AT_RUN], 0); /* refused before anything was done */
        request_destroy(&request);
    }
}

/* --- deadlines --- */

static void the_queue_is_too_long(void **state)
{
    use_threads(1);
    struct gate gate = GATE_CLOSED;
    fake.gate = &gate;
    fake.at = AT_DECODE;
    struct plan first_plan = plan_for(10), plan = plan_for(10);
    first_plan.decode_ns = 50e9; /* so it says */
    struct request *first = new_request(state, &first_plan);
    assert_false(pipeline_start(first));
    gate_await(&gate, 1);
    plan.decode_ns = 1e6;
    struct request *request = new_request(state, &plan);
    request->deadline_ns = loop_clock_ns() + 10000000000;
    assert_true(serve(state, request));
    assert_int_equal(request->response.status, 503);
    assert_int_equal(request->error.code, ASTRO_OVERLOADED);
    request_destroy(&request);
    gate_open(&gate);
    assert_ptr_equal(await_finished(state), first);
    request_destroy(&first);
}

static void the_deadline_has_passed(void **state)
{
    struct plan plan = plan_for(10);
    struct request *request = new_request(state, &plan);
    request->deadline_ns = loop_clock_ns() - 1;
    assert_true(serve(state, request));
    assert_int_equal(request->response.status, 504);
    assert_int_equal(fake.seen[AT_DECODE], 0);
    request_destroy(&request);
}

static void the_deadline_passes_on_the_pool(void **state)
{
    struct gate gate = GATE_CLOSED;
    fake.gate = &gate;
    fake.at = AT_RUN;
    struct plan plan = plan_for(10);
    plan.decode_ns = 1e6;
    struct request *request = new_request(state, &plan);
    request->deadline_ns = loop_clock_ns() + 3600000000000;
    assert_false(pipeline_start(request));
    gate_await(&gate, 1);
    request->deadline_ns = loop_clock_ns(); /* its time is over, as the part that waits will see */
    gate_open(&gate);
    await_finished(state);
    assert_int_equal(request->response.status, 504);
    assert_int_equal(fake.seen[AT_ENCODE_BEGIN], 0);
    request_destroy(&request);
}

/* --- giving up --- */

static void cancelled_in_each_stage(void **state)
{
    for (enum moment at = 0; at < MOMENTS; at++) {
        struct gate gate = GATE_CLOSED;
        memset(&fake, 0, sizeof fake);
        fake.gate = &gate;
        fake.at = at;
        fake_conversion.prepare_ns = 1e6;
        struct plan plan = plan_for(ROWS);
        plan.decode_ns = 1e6;
        plan.scale = 3.0 + (double)(int)at; /* a context of its own */
        struct request *request = new_request(state, &plan);
        assert_false(pipeline_start(request));
        gate_await(&gate, 1);
        pipeline_cancel(request);
        pipeline_cancel(request);
        gate_open(&gate);
        assert_ptr_equal(await_finished(state), request);
        for (enum moment later = at + 1; later < MOMENTS; later++) {
            /* Decoding is bound to prepare: they are one slice. */
            if (at != AT_DECODE || later != AT_PREPARE)
                assert_int_equal(fake.seen[later], 0);
        }
        request_destroy(&request);
    }
}

static void cancelled_before_it_began(void **state)
{
    use_threads(1);
    struct gate gate = GATE_CLOSED;
    fake.gate = &gate;
    fake.at = AT_DECODE;
    struct plan first_plan = plan_for(10), plan = plan_for(10);
    first_plan.decode_ns = plan.decode_ns = 1e6;
    struct request *first = new_request(state, &first_plan);
    struct request *request = new_request(state, &plan);
    assert_false(pipeline_start(first));
    gate_await(&gate, 1);
    assert_false(pipeline_start(request));
    pipeline_cancel(request);
    assert_ptr_equal(await_finished(state), request); /* while the thread is still busy */
    assert_int_equal(request->response.status, 504);
    request_destroy(&request);
    gate_open(&gate);
    await_finished(state);
    request_destroy(&first);
    assert_int_equal(fake.seen[AT_DECODE], 1);
}

/* Wherever the cancelling happens to fall: one end each, and an empty ledger in tear_down(). */
static void cancelled_anywhere(void **state)
{
    enum { MANY = 300, TOGETHER = 6 };
    use_threads(3);
    fake_conversion.prepare_ns = 1e4;
    unsigned seed = 1;
    struct plan plans[TOGETHER];
    for (int i = 0; i < MANY; i++) {
        struct request *requests[TOGETHER];
        for (size_t j = 0; j < TOGETHER; j++) {
            plans[j] = plan_for(ROWS);
            plans[j].text_bytes = 100000;
            plans[j].decode_ns = 1e6;
            plans[j].encode_parts = 3;
            plans[j].scale = (double)(rand_r(&seed) % 20);
            requests[j] = new_request(state, &plans[j]);
            requests[j]->accepts_gzip = rand_r(&seed) % 8 == 0;
            assert_false(pipeline_start(requests[j]));
        }
        for (size_t j = 0; j < TOGETHER; j++) {
            for (int spin = rand_r(&seed) % 3000; spin > 0; spin--)
                atomic_thread_fence(memory_order_seq_cst);
            if (rand_r(&seed) % 4 != 0)
                pipeline_cancel(requests[j]);
        }
        for (size_t j = 0; j < TOGETHER; j++) {
            struct request *request = await_finished(state);
            assert_true(request->response.status == 200 || request->response.status == 504);
            request_destroy(&request);
        }
    }
    assert_int_equal(pool_backlog_ns(server.pool), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(cheap_stays_on_the_loop), TEST(dear_goes_to_the_pool),
        TEST(the_budget_decides),      TEST(rows_may_be_dear),
        TEST(slices_of_decoding),      TEST(no_rows),
        TEST(dear_contexts_are_kept),  TEST(a_context_from_the_pool_is_kept),
        TEST(cheap_contexts_are_not),  TEST(a_stage_fails),
        TEST(no_room_for_results),     TEST(the_queue_is_too_long),
        TEST(the_deadline_has_passed), TEST(the_deadline_passes_on_the_pool),
        TEST(cancelled_in_each_stage), TEST(cancelled_before_it_began),
        TEST(cancelled_anywhere),
    };
    fill_columns();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
