/* Requests on their way to hosts and back. */
#include "harness.h"

#include <stdio.h>

#include "dispatch/work.h"

static void one_request_goes_and_comes(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *request = new_request(10, 1, 2);
    submit(request);
    struct frame *frame = next_call(host);
    assert_non_null(frame);
    assert_int_equal(frame->n_pieces, 1);
    assert_string_equal(piece_at(frame, 0)->request_id, "abc-1");
    char plugin[64], id[64];
    plugins_lock();
    assert_true(queue_running(host, plugin, id));
    plugins_unlock();
    assert_string_equal(plugin, "kite");
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_int_equal(resumed, 1);
    assert_scaled(request, 1, 2);
    assert_int_equal(host->n_calls, 0);
    free_request(request);
    assert_int_equal(region_memory_read(host->region).live_blocks, 0);
    free_host(host);
}

/* What came in one turn is joined when parameters are equal, and only then. */
static void equal_requests_are_joined(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *requests[5];
    for (unsigned i = 0; i < 5; i++) {
        requests[i] = new_request(4 + i, i, i == 2 ? 9 : 3);
        queue_submit(requests[i], true);
    }
    queue_flush(test_loop);
    struct frame *frame = next_call(host);
    assert_int_equal(frame->n_pieces, 4);
    assert_null(next_call(host));
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_int_equal(resumed, 4);
    frame = next_call(host);
    assert_int_equal(frame->n_pieces, 1);
    compute(host, frame);
    complete(host, frame);
    turn();
    for (unsigned i = 0; i < 5; i++) {
        assert_true(is_back(requests[i]));
        assert_scaled(requests[i], i, i == 2 ? 9 : 3);
        free_request(requests[i]);
    }
    free_host(host);
}

static void joined_rows_are_bounded(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *a = new_request(600, 0, 1), *b = new_request(600, 7, 1);
    queue_submit(a, true);
    submit(b);
    struct frame *frame = next_call(host);
    assert_int_equal(frame->n_pieces, 1);
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_true(is_back(a) && !is_back(b));
    frame = next_call(host);
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_scaled(b, 7, 1);
    free_request(a);
    free_request(b);
    free_host(host);
}

/* Without room on any host they wait; beyond the bound the newest are refused. */
static void the_queue_is_bounded(void **state)
{
    (void)state;
    scale.elementwise = false;
    server.settings.plugins_queue = 3;
    struct host *host = new_host(0);
    struct request *requests[6];
    for (unsigned i = 0; i < 6; i++)
        requests[i] = new_request(1, i, 1);
    for (unsigned i = 0; i < 6; i++)
        submit(requests[i]);
    assert_int_equal(queue_waiting(), 3);
    assert_true(is_back(requests[4]) && is_back(requests[5]));
    assert_int_equal(requests[4]->error.code, ASTRO_OVERLOADED);
    struct request *refused = new_request(1, 0, 1);
    assert_null(refused->call->plugin); /* at its head already */
    assert_int_equal(refused->error.code, ASTRO_OVERLOADED);
    free_request(refused);
    for (unsigned i = 0; i < 4; i++) {
        struct frame *frame = next_call(host);
        compute(host, frame);
        complete(host, frame);
        turn();
    }
    for (unsigned i = 0; i < 6; i++) {
        assert_true(is_back(requests[i]));
        free_request(requests[i]);
    }
    free_host(host);
    scale.elementwise = true;
}

static void cancelled_wherever_they_are(void **state)
{
    (void)state;
    scale.elementwise = false;
    struct host *host = new_host(0);
    struct request *on_host = new_request(1, 0, 1), *waiting = new_request(1, 0, 1),
                   *in_turn = new_request(1, 0, 1), *pooled = new_request(1, 0, 1);
    submit(on_host);
    submit(waiting);
    queue_submit(in_turn, true);
    queue_cancel(in_turn);
    queue_cancel(waiting);
    queue_cancel(on_host);
    assert_true(is_back(in_turn) && is_back(waiting) && !is_back(on_host));
    atomic_store(&pooled->call->work->job.cancelled, true);
    queue_submit(pooled, false);
    assert_true(is_back(pooled));
    struct frame *frame = next_call(host);
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_true(is_back(on_host));
    assert_null(next_call(host));
    free_request(on_host);
    free_request(waiting);
    free_request(in_turn);
    free_request(pooled);
    free_host(host);
    scale.elementwise = true;
}

static void no_host_and_none_expected(void **state)
{
    (void)state;
    struct request *request = new_request(1, 0, 1);
    assert_null(request->call->plugin);
    assert_int_equal(request->error.code, ASTRO_OVERLOADED);
    assert_int_equal(request->retry_after, 7);
    free_request(request);
}

/* A region has 4 MiB here. */
static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *request = new_request(300000, 0, 1);
    submit(request);
    assert_true(is_back(request));
    assert_int_equal(request->error.code, ASTRO_OVERLOADED);
    assert_null(next_call(host));
    free_request(request);
    assert_int_equal(region_memory_read(host->region).live_blocks, 0);
    free_host(host);
}

/* Arrays that were read into the region stay where they are. */
static void arrays_in_the_region_are_not_copied(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *request = new_request(100, 1, 2);
    struct call *call = request->call;
    assert_true(slab_take_from(plugin_part_source(call->plugin), 800, &call->columns));
    memcpy(call->columns.data, call->inputs[0].data, 800);
    call->inputs[0].data = call->columns.data;
    submit(request);
    struct frame *frame = next_call(host);
    assert_true(piece_at(frame, 0)->inputs[0].offset ==
                region_memory_offset(host->region, call->columns.data));
    assert_null(call->plugin->copies.data);
    assert_int_equal(piece_at(frame, 0)->blocks[piece_at(frame, 0)->inputs[0].block].bytes, 800);
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_scaled(request, 1, 2);
    free_request(request);
    free_host(host);
}

/* A host of another signature does not serve it. */
static void signatures_must_agree(void **state)
{
    (void)state;
    struct host *host = new_host(0), *changed = new_host(1);
    changed->conversions[0].digest = other_scale.digest;
    struct request *request = new_request(1, 0, 1);
    struct request *second = new_request(1, 0, 2);
    submit(request);
    submit(second);
    assert_null(next_call(changed));
    struct frame *frame = next_call(host);
    compute(host, frame);
    complete(host, frame);
    turn();
    assert_true(is_back(request));
    plugins_lock();
    queue_host_leaves(host);
    plugins_unlock();
    frame = next_call(host); /* what it alone can serve it still does */
    assert_non_null(frame);
    plugins_lock();
    assert_false(queue_host_idle(host));
    plugins_unlock();
    compute(host, frame);
    complete(host, frame);
    turn();
    plugins_lock();
    assert_true(queue_host_idle(host));
    plugins_unlock();
    free_request(request);
    free_request(second);
    free_host(host);
    free_host(changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_request_goes_and_comes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_requests_are_joined, set_up, tear_down),
        cmocka_unit_test_setup_teardown(joined_rows_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_queue_is_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cancelled_wherever_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_host_and_none_expected, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(arrays_in_the_region_are_not_copied, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signatures_must_agree, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
