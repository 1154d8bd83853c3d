#include "harness.h"

#include <stdlib.h>
#include <string.h>

#include "guarded.h"
#include "memory/alloc.h"
#include "memory/ledger.h"
#include "process/server.h"
#include "request/request.h"

struct server server; /* main.c is not linked */
const char *const server_version = "test";

static const uint64_t second = 1000000000;
enum { GUARDED_BYTES = 1 << 20 };

static struct guarded guarded;

int harness_setup(void **state)
{
    (void)state;
    mem_init();
    slab_pool_init((uint64_t)256 << 20);
    server.settings.limits_json_depth = 32;
    guarded_open(&guarded, GUARDED_BYTES);
    return 0;
}

int harness_teardown(void **state)
{
    (void)state;
    slab_pool_drain();
    guarded_close(&guarded);
    return 0;
}

/* --- the run stage, as simple as can be --- */

static void *expanded(const struct call *call, size_t i)
{
    const struct call_input *input = &call->inputs[i];
    if (!input->present)
        return NULL;
    char *column = malloc(call->count * sizeof(double) + 1);
    for (size_t row = 0; row < call->count; row++)
        memcpy(column + row * sizeof(double),
               (const char *)input->data + (input->broadcast ? 0 : row) * sizeof(double),
               sizeof(double));
    return column;
}

static void run_call(struct call *call, void *out[ASTRO_MAX_OUTPUTS])
{
    const struct astro_conversion *conversion = call->conversion;
    void *in[ASTRO_MAX_INPUTS] = {NULL};
    struct astro_report report = {.failed_row = 0};
    void *context = malloc(conversion->context_size);
    assert_true(
        conversion->prepare(call->values, context, &call->context_warnings, &call->request->error));
    for (size_t i = 0; i < conversion->n_inputs; i++)
        in[i] = expanded(call, i);
    for (size_t i = 0; i < conversion->n_outputs; i++)
        call->outputs[i].data = out[i] = malloc(call->count * sizeof(double) + 1);
    conversion->run(context, call->count, (const void *const *)in, out, &report);
    for (size_t i = 0; i < ASTRO_WARNING_COUNT; i++)
        atomic_store(&call->warnings[i], report.warnings[i]);
    for (size_t i = 0; i < conversion->n_inputs; i++)
        free(in[i]);
    free(context);
}

/* --- one trial --- */

static bool decode(struct call *call, size_t slice)
{
    for (unsigned steps = 0; steps < 1000000; steps++) {
        enum step step = call->codec->decode(call, slice > 0 ? slice : SIZE_MAX);
        assert_true(call->codec->decode_cost(call) >= 0);
        if (step != STEP_MORE)
            return step == STEP_DONE;
    }
    fail_msg("decoding does not end");
    return false;
}

static bool encode(struct call *call)
{
    size_t parts;
    assert_true(call->codec->encode_cost(call) >= 0);
    if (!call->codec->encode_begin(call, &parts))
        return false;
    while (parts-- > 0) /* any order */
        call->codec->encode_part(call, parts);
    return call->codec->encode_end(call);
}

static void take_answer(const struct request *request, struct outcome *outcome)
{
    const struct response *response = &request->response;
    assert_int_equal(response->status, 200);
    assert_true(response->may_compress);
    outcome->text = malloc(response->length + 1);
    for (size_t i = 1; i < response->n_pieces; i++) {
        memcpy(outcome->text + outcome->length, response->pieces[i].base, response->pieces[i].len);
        outcome->length += response->pieces[i].len;
    }
    assert_int_equal(outcome->length, response->length);
    outcome->text[outcome->length] = '\0';
    outcome->header_length = response->header_length;
    outcome->content_type = response->content_type;
    outcome->warnings = response->warnings;
}

static bool inside(const struct body *body, const void *data)
{
    return body->data != NULL && (const char *)data >= body->data &&
           (const char *)data < body->data + body->length;
}

static void convert(struct request *request, const struct trial *trial, struct outcome *outcome)
{
    void *out[ASTRO_MAX_OUTPUTS] = {NULL};
    struct call *call = call_create(request, trial->conversion, 0, trial->codec);
    request->call = call;
    if (call == NULL) {
        call_fail_memory(&request->error);
    } else if (decode(call, trial->slice)) {
        for (size_t i = 0; i < trial->conversion->n_inputs; i++)
            outcome->zero_copy |=
                call->inputs[i].present && inside(&request->body, call->inputs[i].data);
        /* What nobody reads any more has gone back before the results are taken. */
        assert_true(outcome->zero_copy || request->body.data == NULL);
        run_call(call, out);
        if (encode(call))
            take_answer(request, outcome);
    }
    assert_true((request->error.code == ASTRO_OK) == (outcome->text != NULL));
    for (size_t i = 0; i < ASTRO_MAX_OUTPUTS; i++)
        free(out[i]);
    call_release(call);
}

/* Small bodies end flush against a forbidden page, others lie in a slab as they do in the server.
 */
static bool place_body(struct request *request, const struct trial *trial)
{
    struct body *body = &request->body;
    body->length = trial->length > 0 ? trial->length : strlen(trial->body);
    if (body->length <= GUARDED_BYTES) {
        body->data = guarded_put(&guarded, trial->body, body->length);
        return true;
    }
    if (!slab_take(body->length, &body->slab))
        return false;
    body->data = body->slab.data;
    memcpy(body->data, trial->body, body->length);
    return true;
}

struct outcome trial_run(const struct trial *trial)
{
    struct outcome outcome = {.header_length = -1};
    struct request *request = calloc(1, sizeof *request);
    arena_init(&request->arena, NULL);
    request->header_length = trial->header_length > 0 ? trial->header_length : -1;
    request->response.header_length = -1;
    request->began_ns = second;
    request->deadline_ns = 61 * second;
    if (trial->query != NULL)
        request->query = (struct request_text){trial->query, strlen(trial->query)};
    if (place_body(request, trial))
        convert(request, trial, &outcome);
    else
        call_fail_memory(&request->error);
    outcome.error = request->error;
    outcome.deadline_ns = request->deadline_ns;
    body_release(&request->body);
    arena_release(&request->arena);
    free(request);
    assert_int_equal(ledger_read(LEDGER_SLABS).objects, 0);
    assert_int_equal(ledger_read(LEDGER_ARENAS).objects, 0);
    return outcome;
}

void outcome_release(struct outcome *outcome)
{
    free(outcome->text);
    outcome->text = NULL;
}

static void compare(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->error.code, b->error.code);
    assert_string_equal(a->error.text, b->error.text);
    assert_string_equal(a->error.field, b->error.field);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->header_length, b->header_length);
    assert_int_equal(a->warnings, b->warnings);
    if (a->length > 0)
        assert_memory_equal(a->text, b->text, a->length);
}

struct outcome trial_all(const struct trial *trial)
{
    struct outcome whole = trial_run(trial);
    static const size_t slices[] = {1, 7};
    for (size_t i = 0; i < 2; i++) {
        struct trial sliced = *trial;
        sliced.slice = slices[i];
        struct outcome outcome = trial_run(&sliced);
        compare(&whole, &outcome);
        outcome_release(&outcome);
    }
    return whole;
}

void expect_text(const struct codec *codec, const struct astro_conversion *conversion,
                 const char *body, const char *text)
{
    struct trial trial = {.conversion = conversion, .codec = codec, .body = body};
    struct outcome outcome = trial_all(&trial);
    assert_string_equal(outcome.error.text, "");
    assert_string_equal(outcome.text, text);
    outcome_release(&outcome);
}

static void check_error(const struct trial *trial, enum astro_code code, const char *field,
                        const char *text)
{
    struct outcome outcome = trial_all(trial);
    if (outcome.error.code != code)
        print_error("%.300s\n-> %s: %s\n", trial->body, astro_code_word(outcome.error.code),
                    outcome.error.text);
    assert_int_equal(outcome.error.code, code);
    if (strcmp(outcome.error.field, field) != 0)
        print_error("%.300s\n-> %s\n", trial->body, outcome.error.text);
    assert_string_equal(outcome.error.field, field);
    assert_string_not_equal(outcome.error.text, "");
    if (text != NULL)
        assert_string_equal(outcome.error.text, text);
    outcome_release(&outcome);
}

void expect_error(const struct codec *codec, const struct astro_conversion *conversion,
                  const char *body, enum astro_code code, const char *field, const char *text)
{
    struct trial trial = {.conversion = conversion, .codec = codec, .body = body};
    check_error(&trial, code, field, text);
}

void expect_failure(const struct trial *trial, enum astro_code code, const char *field)
{
    check_error(trial, code, field, NULL);
}
