/* Hosts that die, keep what they were lent, or lie. */
#include "harness.h"

#include <unistd.h>

static void die(struct host *host)
{
    plugins_lock();
    queue_host_died(host, ASTRO_PLUGIN_CRASHED, "the plugin kite crashed (SIGSEGV)");
    plugins_unlock();
}

static void the_one_at_work_is_answered(void **state)
{
    (void)state;
    scale.elementwise = false;
    struct host *host = new_host(0);
    host->conversions[0].mean_ns = 1000; /* short: a second call goes into its ring */
    struct request *at_work = new_request(3, 0, 1), *next = new_request(3, 5, 1);
    submit(at_work);
    submit(next);
    assert_int_equal(host->n_calls, 2);
    die(host);
    assert_true(is_back(at_work) && !is_back(next));
    assert_int_equal(at_work->error.code, ASTRO_PLUGIN_CRASHED);
    assert_string_equal(at_work->error.text, "the plugin kite crashed (SIGSEGV)");
    struct host *successor = new_host(0);
    struct frame *frame = next_call(successor);
    compute(successor, frame);
    complete(successor, frame);
    turn();
    assert_scaled(next, 5, 1);
    free_request(at_work);
    free_request(next);
    free_host(host);
    free_host(successor);
    scale.elementwise = true;
}

static void expect_text(const struct host *host, uint64_t offset, uint64_t length, const char *text)
{
    assert_int_equal(length, strlen(text));
    assert_memory_equal(region_memory_base(host->region) + offset, text, length);
}

/* Texts of the columns and of the parameter, each where the host looks for it. */
static void expect_texts(struct host *host, struct frame *frame)
{
    const char *base = region_memory_base(host->region);
    const struct frame_piece *piece = piece_at(frame, 0);
    const struct frame_input *array = &piece->inputs[0], *scalar = &piece->inputs[1];
    const uint64_t at = (uint64_t)((const char *)frame - base);
    assert_true(array->present && !array->scalar && array->block < PIECE_BLOCKS);
    assert_int_equal(array->type, ASTRO_BYTES);
    const struct frame_block *block = &piece->blocks[array->block];
    assert_true(array->offset >= block->offset);
    const struct frame_text *texts =
        (const struct frame_text *)(const void *)(base + array->offset);
    expect_text(host, texts[0].offset, texts[0].length, "M31");
    assert_int_equal(texts[1].length, 0);
    expect_text(host, texts[2].offset, texts[2].length, "a longer one");
    assert_true(texts[2].offset + texts[2].length <= block->offset + block->bytes);
    assert_true(scalar->present && scalar->scalar);
    expect_text(host, at + scalar->text_offset, scalar->text_length, "Vega");
    const struct frame_value *values =
        (const struct frame_value *)(const void *)((const char *)frame + frame->values_offset);
    expect_text(host, at + values[1].text_offset, values[1].text_length, "hey");
    assert_true(scalar->text_offset + scalar->text_length <= frame->bytes);
}

/* Texts are copied ahead to the likeliest host, and again to the one that takes over. */
static void texts_go_from_host_to_host(void **state)
{
    (void)state;
    static const struct astro_field inputs[] = {{.name = "ra", .type = ASTRO_BYTES},
                                                {.name = "dec", .type = ASTRO_BYTES}};
    const struct astro_text words[] = {{"M31", 3}, {"nothing", 0}, {"a longer one", 12}};
    struct astro_conversion conversion = scale.conversion;
    conversion.inputs = inputs;
    scale.elementwise = false;
    struct host *host = new_host(0);
    host->conversions[0].mean_ns = 1000;
    struct request *first = new_request(3, 0, 1), *request = new_request(3, 0, 1);
    struct call *call = request->call;
    call->conversion = &conversion;
    call->inputs[0].data = words;
    call->inputs[1].one_text = (struct astro_text){"Vega", 4};
    call->inputs[1].data = &call->inputs[1].one_text;
    submit(first);
    submit(request);
    assert_non_null(next_call(host));
    expect_texts(host, next_call(host));
    const void *before = call->plugin->copies.data;
    assert_non_null(before);
    die(host);
    struct host *successor = new_host(0);
    struct frame *frame = next_call(successor);
    assert_non_null(frame);
    expect_texts(successor, frame);
    assert_ptr_not_equal(call->plugin->copies.data, before);
    piece_at(frame, 0)->status = PIECE_DONE;
    complete(successor, frame);
    turn();
    assert_int_equal(request->error.code, ASTRO_OK);
    free_request(first);
    free_request(request);
    assert_int_equal(region_memory_read(successor->region).live_blocks, 0);
    free_host(host);
    free_host(successor);
    scale.elementwise = true;
}

/* Any of them may be the culprit: each is tried alone. */
static void joined_requests_are_tried_alone(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *requests[3];
    for (unsigned i = 0; i < 3; i++) {
        requests[i] = new_request(2, i, 1);
        queue_submit(requests[i], true);
    }
    queue_flush(test_loop);
    assert_int_equal(host->calls[0].n_pieces, 3);
    die(host);
    assert_int_equal(queue_waiting(), 3);
    struct host *successor = new_host(0);
    for (unsigned i = 0; i < 3; i++) {
        struct frame *frame = next_call(successor);
        assert_int_equal(frame->n_pieces, 1);
        if (i == 1) { /* in the order in which they came */
            die(successor);
            free_host(successor);
            successor = new_host(0);
            continue;
        }
        compute(successor, frame);
        complete(successor, frame);
        turn();
    }
    assert_scaled(requests[0], 0, 1);
    assert_int_equal(requests[1]->error.code, ASTRO_PLUGIN_CRASHED);
    assert_scaled(requests[2], 2, 1);
    for (unsigned i = 0; i < 3; i++)
        free_request(requests[i]);
    free_host(host);
    free_host(successor);
}

/* The answer stood in the ring when it died. */
static void what_was_done_counts(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *request = new_request(3, 1, 4);
    submit(request);
    struct frame *frame = next_call(host);
    compute(host, frame);
    atomic_store(&region_memory_channel(host->region)->loops[0].asleep, 0); /* it died before */
    complete(host, frame);
    die(host);
    plugins_lock();
    assert_false(queue_host_gone(host));
    plugins_unlock();
    turn();
    assert_scaled(request, 1, 4);
    free_request(request);
    free_host(host);
}

static void serve_and_keep(struct host *host, struct request *request, uint64_t *ret_offset)
{
    submit(request);
    struct frame *frame = next_call(host);
    struct frame_piece *piece = piece_at(frame, 0);
    compute(host, frame);
    struct frame_block *block = &piece->blocks[piece->inputs[0].block];
    block->retained = 1;
    *ret_offset = block->offset;
    complete(host, frame);
    turn();
    assert_true(is_back(request));
}

static void kept_arrays_outlive_their_request(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    uint64_t kept;
    struct request *request = new_request(50, 1, 1);
    serve_and_keep(host, request, &kept);
    free_request(request);
    assert_int_equal(host->retained_objects, 1);
    assert_int_equal(host->retained_bytes, 400);
    assert_string_equal(host->retained->plugin, "kite");
    assert_string_equal(host->retained->request_id, "abc-1");
    assert_int_equal(region_memory_read(host->region).live_blocks, 1);
    for (unsigned i = 0; i < 20; i++) { /* nobody is given its memory */
        struct request *other = new_request(50, 100, 1);
        submit(other);
        struct frame *frame = next_call(host);
        for (unsigned b = 0; b < PIECE_BLOCKS; b++)
            assert_true(piece_at(frame, 0)->blocks[b].offset != kept);
        compute(host, frame);
        complete(host, frame);
        turn();
        free_request(other);
    }
    const double *ra = (const double *)(void *)(region_memory_base(host->region) + kept);
    assert_true(ra[0] == 1 && ra[49] == 50);
    assert_true(releases_put(&region_memory_channel(host->region)->releases, kept));
    struct request *other = new_request(1, 0, 1);
    submit(other);
    struct frame *frame = next_call(host);
    compute(host, frame);
    complete(host, frame);
    turn();
    free_request(other);
    assert_int_equal(host->retained_objects, 0);
    assert_int_equal(region_memory_read(host->region).live_blocks, 0);
    free_host(host);
}

/* The release is read before the completion: by another loop, say. */
static void released_before_it_was_known(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    struct request *request = new_request(50, 1, 1);
    submit(request);
    struct frame *frame = next_call(host);
    struct frame_piece *piece = piece_at(frame, 0);
    compute(host, frame);
    struct frame_block *block = &piece->blocks[piece->inputs[0].block];
    block->retained = 1;
    assert_true(releases_put(&region_memory_channel(host->region)->releases, block->offset));
    uint64_t one = 1;
    assert_int_equal(write(queue_loop_descriptor(0), &one, sizeof one), sizeof one);
    turn();
    assert_int_equal(host->n_early, 1);
    complete(host, frame);
    turn();
    assert_int_equal(host->n_early, 0);
    assert_int_equal(host->retained_objects, 0);
    free_request(request);
    assert_int_equal(region_memory_read(host->region).live_blocks, 0);
    free_host(host);
}

static void death_gives_up_what_was_kept(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    uint64_t kept;
    struct request *request = new_request(50, 1, 1);
    serve_and_keep(host, request, &kept);
    die(host);
    assert_null(host->retained);
    assert_scaled(request, 1, 1); /* its results are its own still */
    free_request(request);
    free_host(host);
}

static void failures_are_read_with_care(void **state)
{
    (void)state;
    struct host *host = new_host(0);
    const uint32_t codes[] = {ASTRO_BAD_PARAMETER, ASTRO_PLUGIN_ERROR, ASTRO_INTERNAL, 4000000000u,
                              ASTRO_UNAUTHORIZED};
    const enum astro_code expected[] = {ASTRO_BAD_PARAMETER, ASTRO_PLUGIN_ERROR, ASTRO_PLUGIN_ERROR,
                                        ASTRO_PLUGIN_ERROR, ASTRO_PLUGIN_ERROR};
    for (unsigned i = 0; i < 5; i++) {
        struct request *request = new_request(1, 0, 1);
        submit(request);
        struct frame *frame = next_call(host);
        struct frame_piece *piece = piece_at(frame, 0);
        piece->status = PIECE_FAILED;
        piece->code = codes[i];
        memset(piece->text, i == 3 ? 0xff : 'a', sizeof piece->text); /* without an end */
        memcpy(piece->field, "ra\x01", 4);
        frame->traceback_length = i == 4 ? 4000000000u : 4;
        memcpy(frame->traceback, "a\nb\xc3", 4);
        complete(host, frame);
        turn();
        assert_int_equal(request->error.code, expected[i]);
        assert_string_equal(request->error.field, "ra ");
        assert_int_equal(strlen(request->error.text), sizeof request->error.text - 1);
        if (i == 1)
            assert_string_equal(request->traceback.data, "a\nb?");
        if (i == 4)
            assert_null(request->traceback.data);
        free_request(request);
    }
    free_host(host);
}

static void liars_are_stuck(void **state)
{
    (void)state;
    for (unsigned lie = 0; lie < 4; lie++) {
        struct host *host = new_host(0);
        struct channel *channel = region_memory_channel(host->region);
        struct request *request = new_request(1, 0, 1);
        submit(request);
        struct frame *frame = next_call(host);
        struct frame wrong = {.call = frame->call + 1};
        if (lie == 0)
            complete(host, &wrong); /* a call that does not exist */
        if (lie == 1)
            atomic_store(&channel->loops[0].done.tail, 1000);
        if (lie == 2)
            atomic_store(&channel->releases.tail, 5000);
        for (uint64_t i = 0; lie == 3 && i < PROTOCOL_RELEASES; i++)
            assert_true(releases_put(&channel->releases, 4096 * i));
        uint64_t one = 1;
        assert_int_equal(write(queue_loop_descriptor(0), &one, sizeof one), sizeof one);
        turn();
        for (uint64_t i = 0; lie == 3 && i < PROTOCOL_RELEASES; i++)
            assert_true(releases_put(&channel->releases, 4096 * i));
        if (lie == 3) {
            assert_int_equal(write(queue_loop_descriptor(0), &one, sizeof one), sizeof one);
            turn();
        }
        assert_true(host->stuck);
        struct host *overdue[2];
        plugins_lock();
        assert_int_equal(queue_overdue(0, overdue, 2), 1);
        assert_int_equal(queue_next_overdue(), 0);
        plugins_unlock();
        assert_ptr_equal(overdue[0], host);
        die(host);
        assert_int_equal(request->error.code, ASTRO_PLUGIN_CRASHED);
        free_request(request);
        free_host(host);
    }
}

static void time_runs_from_its_turn(void **state)
{
    (void)state;
    struct host *host = new_host(0), *overdue[2];
    struct request *request = new_request(1, 0, 1);
    uint64_t before = loop_clock_ns();
    atomic_store(&request->deadline_ns, before + 5000000000u);
    submit(request);
    uint64_t kill = host->calls[0].kill_ns;
    assert_true(kill == before + 5000000000u);
    plugins_lock();
    assert_int_equal(queue_overdue(kill - 1, overdue, 2), 0);
    assert_int_equal(queue_overdue(kill, overdue, 2), 1);
    plugins_unlock();
    struct frame *frame = next_call(host);
    compute(host, frame);
    complete(host, frame);
    turn();
    free_request(request);
    request = new_request(1, 0, 1); /* an impatient client does not kill */
    before = loop_clock_ns();
    atomic_store(&request->deadline_ns, before + 1000);
    submit(request);
    assert_true(host->calls[0].kill_ns > before + 900000000);
    frame = next_call(host);
    compute(host, frame);
    complete(host, frame);
    turn();
    free_request(request);
    free_host(host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_one_at_work_is_answered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_go_from_host_to_host, set_up, tear_down),
        cmocka_unit_test_setup_teardown(joined_requests_are_tried_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_done_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(kept_arrays_outlive_their_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(released_before_it_was_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(death_gives_up_what_was_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(failures_are_read_with_care, set_up, tear_down),
        cmocka_unit_test_setup_teardown(liars_are_stuck, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_runs_from_its_turn, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
