#include "harness.h"

#include "dispatch/context.h"
#include "dispatch/pipeline.h"
#include "dispatch/pool.h"
#include "memory/ledger.h"
#include "process/server.h"

/* main.c of the daemon has the real one; a test may be linked with or without it. */
__attribute__((weak)) struct server server;

struct fake fake;

/* True: go on. */
static bool pass(enum moment moment)
{
    atomic_fetch_add(&fake.seen[moment], 1);
    if (fake.at != moment)
        return true;
    if (fake.gate != NULL)
        gate_pass(fake.gate);
    return !fake.fail;
}

/* --- the conversion --- */

static const struct astro_field inputs[FAKE_INPUTS] = {
    [LAT] = {.name = "lat", .type = ASTRO_FP64, .role = ASTRO_LATITUDE},
    [DIST] = {.name = "dist", .type = ASTRO_FP64, .role = ASTRO_DISTANCE, .unit = "pc"},
    [EXTRA] = {.name = "extra", .type = ASTRO_FP64, .role = ASTRO_PLAIN, .optional = true},
};
static const struct astro_field outputs[FAKE_OUTPUTS] = {
    [OUT_Y] = {.name = "y", .type = ASTRO_FP64},
    [OUT_Z] = {.name = "z", .type = ASTRO_FP64},
};
static const struct astro_parameter parameters[1] = {{.name = "scale", .type = ASTRO_NUMBER}};

static bool fake_prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    if (!pass(AT_PREPARE))
        return astro_fail(err, ASTRO_BAD_PARAMETER, "scale", "refused");
    memcpy(context, &values[0].number, sizeof(double));
    *ret_warnings |= 1u << ASTRO_WARN_EXTRAPOLATED;
    return true;
}

static void fake_run(const void *context, size_t n, const void *const in[], void *const out[],
                     struct astro_report *report)
{
    pass(AT_RUN);
    atomic_fetch_add(&fake.rows, n);
    size_t longest = atomic_load(&fake.longest);
    while (n > longest && !atomic_compare_exchange_weak(&fake.longest, &longest, n)) {
    }
    double scale;
    memcpy(&scale, context, sizeof scale);
    const double *lat = in[LAT], *dist = in[DIST], *extra = in[EXTRA];
    double *y = out[OUT_Y], *z = out[OUT_Z];
    for (size_t i = 0; i < n; i++) {
        y[i] = scale * lat[i] + dist[i] + (extra != NULL ? extra[i] : 0.0);
        z[i] = dist[i];
        if (dist[i] == ODD)
            report->warnings[ASTRO_WARN_BAD_ROWS]++;
        if (dist[i] == UNLUCKY && report->error.code == ASTRO_OK) {
            report->failed_row = i;
            astro_fail(&report->error, ASTRO_BAD_TIME, "dist", "dist = 13: unlucky");
        }
    }
}

static const struct astro_conversion conversion_defaults = {
    .name = "fake",
    .inputs = inputs,
    .n_inputs = FAKE_INPUTS,
    .outputs = outputs,
    .n_outputs = FAKE_OUTPUTS,
    .parameters = parameters,
    .n_parameters = 1,
    .ns_per_point = 1,
    .prepare_ns = 10,
    .context_size = sizeof(double),
    .prepare = fake_prepare,
    .run = fake_run,
};
struct astro_conversion fake_conversion;

/* --- the codec --- */

static struct plan *plan_of(const struct call *call)
{
    return call->codec_state;
}

static enum step fake_decode(struct call *call, size_t budget)
{
    struct plan *plan = plan_of(call);
    if (!pass(AT_DECODE)) {
        astro_fail(&call->request->error, ASTRO_INVALID_JSON, NULL, "refused");
        return STEP_FAILED;
    }
    size_t left = plan->text_bytes - plan->decoded;
    if (budget < left) {
        plan->decoded += budget;
        return STEP_MORE;
    }
    plan->decoded = plan->text_bytes;
    for (size_t i = 0; i < FAKE_INPUTS; i++) {
        struct call_input *input = &call->inputs[i];
        if (plan->column[i] == NULL)
            continue;
        input->present = true;
        input->data = plan->column[i];
        input->rank = plan->single[i] ? 0 : 1;
        input->count = input->shape[0] = plan->single[i] ? 1 : plan->rows;
    }
    for (unsigned i = 0; i < FAKE_OUTPUTS; i++) {
        call->outputs[i].wanted = !plan->without[i];
        call->n_wanted += !plan->without[i];
    }
    call->values[0] = (struct astro_value){.present = true, .number = plan->scale};
    return call_bind_shapes(call, false, &call->request->error) ? STEP_DONE : STEP_FAILED;
}

static double fake_decode_cost(const struct call *call)
{
    return plan_of(call)->decode_ns;
}

static double fake_encode_cost(const struct call *call)
{
    return plan_of(call)->encode_ns;
}

static bool fake_encode_begin(struct call *call, size_t *ret_parts)
{
    size_t bytes = call->n_wanted * call->count * sizeof(double);
    if (!pass(AT_ENCODE_BEGIN) || (bytes > 0 && !slab_take(bytes, &call->text)))
        return call_fail_memory(&call->request->error);
    *ret_parts = plan_of(call)->encode_parts;
    return true;
}

/* Rows of all wanted columns, which stand one behind the other in the text. */
static void fake_encode_part(struct call *call, size_t part)
{
    pass(AT_ENCODE);
    size_t parts = plan_of(call)->encode_parts;
    size_t from = call->count * part / parts, to = call->count * (part + 1) / parts;
    double *text = (double *)(void *)call->text.data;
    for (size_t i = 0; i < FAKE_OUTPUTS; i++) {
        if (!call->outputs[i].wanted)
            continue;
        if (to > from)
            memcpy(text + from, (const double *)call->outputs[i].data + from,
                   (to - from) * sizeof(double));
        text += call->count;
    }
}

static bool fake_encode_end(struct call *call)
{
    struct request *request = call->request;
    if (!pass(AT_ENCODE_END) ||
        !response_begin(request, 200, "application/octet-stream", call->n_wanted))
        return call_fail_memory(&request->error);
    size_t bytes = call->count * sizeof(double);
    for (size_t i = 0; i < call->n_wanted; i++)
        response_piece(request, call->text.data + i * bytes, bytes);
    request->response.may_compress = true;
    return true;
}

struct codec fake_codec = {
    .name = "fake",
    .decode = fake_decode,
    .decode_cost = fake_decode_cost,
    .encode_cost = fake_encode_cost,
    .encode_begin = fake_encode_begin,
    .encode_part = fake_encode_part,
    .encode_end = fake_encode_end,
};

/* --- the loop --- */

static void on_wake(uv_async_t *wake)
{
    (void)wake;
}

static struct harness *harness_of(void **state)
{
    return *state;
}

void use_threads(unsigned threads)
{
    pool_destroy(server.pool);
    server.pool = pool_create(threads);
    assert_non_null(server.pool);
}

int set_up(void **state)
{
    inject(NULL);
    astro_kernels_init(ASTRO_TARGET_AUTO);
    slab_pool_init(1u << 30);
    memset(&fake, 0, sizeof fake);
    fake.at = MOMENTS;
    fake_conversion = conversion_defaults;
    server.settings.dispatch_inline = 100e-6;
    server.settings.limits_body_bytes = 1u << 26;
    server.settings.timeouts_request = 3600;
    server.pool = pool_create(2);
    struct harness *harness = mem_zalloc(1, sizeof *harness);
    harness->loop = mem_zalloc(1, sizeof *harness->loop);
    struct loop *loop = harness->loop;
    uv_loop_init(&loop->uv);
    uv_async_init(&loop->uv, &loop->wake, on_wake);
    arena_source_init(&loop->arenas);
    loop->contexts = context_cache_create(1 << 20);
    loop->stats = stats_create();
    *state = harness;
    return server.pool != NULL && loop->contexts != NULL && loop->stats != NULL ? 0 : -1;
}

int tear_down(void **state)
{
    struct harness *harness = harness_of(state);
    struct loop *loop = harness->loop;
    inject(NULL);
    pool_destroy(server.pool);
    server.pool = NULL;
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    bool clean = uv_loop_close(&loop->uv) == 0 && loop->requests_live == 0;
    context_cache_destroy(loop->contexts);
    stats_destroy(loop->stats);
    arena_source_release(&loop->arenas);
    mem_free(loop);
    mem_free(harness);
    for (int kind = 0; kind < LEDGER_KINDS; kind++) {
        struct ledger_row row = ledger_read((enum ledger_kind)kind);
        clean = clean && row.objects == 0 && row.bytes == 0;
    }
    slab_pool_drain();
    return clean && context_totals_read().objects == 0 ? 0 : -1;
}

struct request *new_request(void **state, struct plan *plan)
{
    struct request *request = request_create(harness_of(state)->loop, NULL);
    if (request == NULL)
        return NULL;
    request_move(request, REQUEST_READY);
    request->call = call_create(request, &fake_conversion, 0, &fake_codec);
    if (request->call == NULL) {
        request_destroy(&request);
        return NULL;
    }
    request->call->codec_state = plan;
    return request;
}

struct request *await_finished(void **state)
{
    struct loop *loop = harness_of(state)->loop;
    struct request *request;
    while ((request = atomic_load_explicit(&loop->finished, memory_order_acquire)) == NULL)
        uv_run(&loop->uv, UV_RUN_ONCE);
    /* The pool only ever pushes, so the newest one can be taken when it still is the newest. */
    struct request *next = request->next;
    while (!atomic_compare_exchange_weak_explicit(&loop->finished, &request, next,
                                                  memory_order_acquire, memory_order_acquire))
        next = request->next;
    request->next = NULL;
    pipeline_finish(request);
    assert_int_equal(request->state, REQUEST_ANSWER);
    return request;
}

bool serve(void **state, struct request *request)
{
    bool is_inline = pipeline_start(request);
    if (!is_inline)
        assert_ptr_equal(await_finished(state), request);
    assert_int_equal(request->state, REQUEST_ANSWER);
    return is_inline;
}

char *answer_bytes(const struct request *request, size_t *ret_length)
{
    const struct response *response = &request->response;
    char *bytes = malloc(response->length + 1);
    size_t length = 0;
    for (size_t i = 1; i < response->n_pieces; i++) {
        memcpy(bytes + length, response->pieces[i].base, response->pieces[i].len);
        length += response->pieces[i].len;
    }
    assert_int_equal(length, response->length);
    *ret_length = length;
    return bytes;
}

void assert_answer(const struct request *request, const struct plan *plan)
{
    assert_int_equal(request->response.status, 200);
    size_t length;
    char *bytes = answer_bytes(request, &length);
    const double *value = (const double *)(const void *)bytes;
    for (size_t column = 0; column < FAKE_OUTPUTS; column++) {
        for (size_t row = 0; !plan->without[column] && row < plan->rows; row++) {
            double in[FAKE_INPUTS];
            for (size_t i = 0; i < FAKE_INPUTS; i++)
                in[i] = plan->column[i] ? plan->column[i][plan->single[i] ? 0 : row] : 0.0;
            double y = plan->scale * in[LAT] + in[DIST] + in[EXTRA];
            if (*value++ != (column == OUT_Y ? y : in[DIST]))
                fail_msg("column %zu, row %zu is wrong", column, row);
        }
    }
    assert_int_equal((size_t)((const char *)value - bytes), length);
    free(bytes);
}
