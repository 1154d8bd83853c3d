/*
 * The plain API, reading: {"ra": [..], "dec": [..], "unit": "deg"}.
 *
 * Two passes. The first goes over the document once: scalars and parameters are read, arrays are
 * only measured, at the speed of memory. Then one slab of the right size is taken, and the second
 * pass scans each array into its column. Either pass stops after its budget and goes on later.
 */
#include "codec/plain.h"

#include <math.h>
#include <string.h>

#include "codec/arguments.h"
#include "request/request.h"

enum {
    SPAN_SPEED = 16 /* measuring an array is that much faster than reading its numbers */
};
static const double ns_per_byte = 0.9, ns_per_request = 150;

/* What is left of a slice. */
static bool spend(size_t *budget, size_t bytes)
{
    *budget = bytes < *budget ? *budget - bytes : 0;
    return *budget > 0;
}

static struct plain_state *plain_begin(struct call *call)
{
    struct request *request = call->request;
    if (!call_read_query(call, &request->error))
        return NULL;
    struct plain_state *state =
        arena_alloc(&request->arena, sizeof *state, _Alignof(struct plain_state));
    if (state == NULL) {
        call_fail_memory(&request->error);
        return NULL;
    }
    /* The scan, the spans and the columns are written before they are read. */
    memset(state, 0, offsetof(struct plain_state, scan));
    state->left = request->body.length;
    if (request->body.length == 0) {
        astro_fail(&request->error, ASTRO_INVALID_JSON, NULL,
                   "the body is empty; a JSON object with the inputs of %s is expected",
                   call->conversion->name);
        return NULL;
    }
    reader_init(&state->reader, request->body.data, request->body.length, arguments_depth(),
                &request->error);
    enum reader_type type = reader_peek(&state->reader);
    if (type != READER_OBJECT && type != READER_BAD)
        astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                   "the body must be a JSON object whose keys are the inputs and parameters of %s",
                   call->conversion->name);
    if (!reader_object_begin(&state->reader))
        return NULL;
    call->codec_state = state;
    return state;
}

/* --- the first pass --- */

static bool fail_input_type(struct call *call, const struct astro_field *field, const char *found)
{
    static const char *const words[] = {[ASTRO_FP64] = "a number",
                                        [ASTRO_INT64] = "an integer",
                                        [ASTRO_BYTES] = "a string",
                                        [ASTRO_BOOL] = "true, false"};
    return astro_fail(&call->request->error, ASTRO_BAD_TYPE, field->name,
                      "%s is %s; %s or an array of them is expected", field->name, found,
                      words[field->type]);
}

static bool take_double(struct call_input *input, double value)
{
    input->one = value;
    input->data = &input->one;
    return true;
}

static bool read_number(struct call *call, struct reader *reader, const struct astro_field *field,
                        struct call_input *input)
{
    double value;
    if (field->type == ASTRO_FP64)
        return reader_number(reader, &value) && take_double(input, value);
    if (reader_integer(reader, &input->one_integer)) {
        input->data = &input->one_integer;
        return true;
    }
    struct astro_error *err = &call->request->error;
    if (err->code != ASTRO_BAD_TYPE)
        return false;
    err->code = ASTRO_OK;
    return fail_input_type(call, field,
                           "no integer of 64 bits"); /* the reader did not know the name */
}

static bool read_boolean(struct reader *reader, struct call_input *input)
{
    bool value;
    if (!reader_boolean(reader, &value))
        return false;
    input->one_integer = value;
    input->data = &input->one_integer;
    return true;
}

static bool read_text(struct call *call, struct reader *reader, struct call_input *input)
{
    struct reader_string string;
    if (!reader_string(reader, &call->request->arena, &string))
        return false;
    char *copy = arena_copy(&call->request->arena, string.data, string.length);
    if (copy == NULL)
        return call_fail_memory(&call->request->error);
    input->one_text = (struct astro_text){copy, string.length};
    input->data = &input->one_text;
    return true;
}

static bool read_span(struct plain_state *state, unsigned index)
{
    struct plain_span *place = &state->spans[state->n_spans++];
    place->input = index;
    return reader_array_span(&state->reader, &place->span);
}

static bool read_input(struct call *call, struct plain_state *state, unsigned index)
{
    const struct astro_field *field = &call->conversion->inputs[index];
    struct call_input *input = &call->inputs[index];
    struct reader *reader = &state->reader;
    double value;
    if (input->present)
        return arguments_fail_twice(call, field->name);
    input->present = true;
    input->count = 1;
    switch (reader_peek(reader)) {
    case READER_ARRAY:
        return read_span(state, index);
    case READER_NUMBER:
        if (field->type == ASTRO_BYTES || field->type == ASTRO_BOOL)
            return fail_input_type(call, field, "a number");
        return read_number(call, reader, field, input);
    case READER_NULL:
        if (field->type != ASTRO_FP64)
            return fail_input_type(call, field, "null");
        return reader_null(reader) && take_double(input, (double)NAN);
    case READER_NONFINITE:
        if (field->type != ASTRO_FP64)
            return fail_input_type(call, field, "not finite");
        return reader_nonfinite(reader, &value) && take_double(input, value);
    case READER_STRING:
        if (field->type == ASTRO_BYTES)
            return read_text(call, reader, input);
        return fail_input_type(call, field, "a string");
    case READER_OBJECT:
        return fail_input_type(call, field, "an object");
    case READER_TRUE:
    case READER_FALSE:
        if (field->type == ASTRO_BOOL)
            return read_boolean(reader, input);
        return fail_input_type(call, field, "a boolean");
    case READER_BAD:
        break;
    }
    return false;
}

static bool read_member(struct call *call, struct plain_state *state,
                        const struct reader_string *key)
{
    const struct astro_conversion *conversion = call->conversion;
    int index = call_input_find(conversion, key->data, key->length);
    if (index >= 0)
        return read_input(call, state, (unsigned)index) ||
               call_blame(&call->request->error, conversion->inputs[index].name);
    index = call_parameter_find(conversion, key->data, key->length);
    if (index >= 0)
        return arguments_parameter(call, &state->reader, (size_t)index);
    return call_fail_unknown(conversion, key->data, key->length, &call->request->error);
}

static enum step read_members(struct call *call, struct plain_state *state, size_t *budget)
{
    struct reader *reader = &state->reader;
    struct reader_string key;
    const char *before = reader->next;
    while (reader_object_next(reader, &call->request->arena, &key)) {
        unsigned n_spans = state->n_spans;
        if (!read_member(call, state, &key))
            return STEP_FAILED;
        size_t span = state->n_spans > n_spans ? state->spans[n_spans].span.length : 0;
        size_t other = (size_t)(reader->next - before) - span;
        before = reader->next;
        state->left -= other;
        if (!spend(budget, other + span / SPAN_SPEED))
            return STEP_MORE;
    }
    if (call->request->error.code != ASTRO_OK || !reader_finish(reader))
        return STEP_FAILED;
    state->members_read = true;
    return STEP_DONE;
}

/* --- the second pass --- */

static bool take_columns(struct call *call, struct plain_state *state)
{
    size_t counts[ASTRO_MAX_INPUTS];
    enum astro_type types[ASTRO_MAX_INPUTS];
    for (unsigned i = 0; i < state->n_spans; i++) {
        counts[i] = state->spans[i].span.commas + 1;
        types[i] = call->conversion->inputs[state->spans[i].input].type;
    }
    return arguments_columns(call, state->n_spans, counts, types, state->columns);
}

static void begin_column(struct call *call, struct plain_state *state)
{
    const struct plain_span *place = &state->spans[state->current];
    const struct astro_field *field = &call->conversion->inputs[place->input];
    column_scan_init(&state->scan, arguments_kind(field), field->name, place->span,
                     arguments_depth() - 1, state->columns[state->current], place->span.commas + 1,
                     &call->request->error);
    state->scan.arena = &call->request->arena;
    state->scanning = true;
}

static void end_column(struct call *call, struct plain_state *state)
{
    const struct column_scan *scan = &state->scan;
    struct call_input *input = &call->inputs[state->spans[state->current].input];
    input->rank = scan->rank;
    memcpy(input->shape, scan->shape, scan->rank * sizeof input->shape[0]);
    input->count = scan->count;
    input->data = state->columns[state->current];
    state->scanning = false;
    state->current++;
}

static enum step read_columns(struct call *call, struct plain_state *state, size_t *budget)
{
    while (state->current < state->n_spans) {
        if (!state->scanning)
            begin_column(call, state);
        const char *before = state->scan.next;
        enum scan_status status = column_scan_step(&state->scan, *budget);
        if (status == SCAN_FAILED)
            return STEP_FAILED;
        size_t bytes = (size_t)(state->scan.next - before);
        state->left = bytes < state->left ? state->left - bytes : 0;
        if (status == SCAN_DONE)
            end_column(call, state);
        if (!spend(budget, bytes) || status == SCAN_MORE)
            return STEP_MORE;
    }
    return STEP_DONE;
}

/* Texts lie in the body. */
static bool has_text_columns(const struct call *call, const struct plain_state *state)
{
    for (unsigned i = 0; i < state->n_spans; i++) {
        if (call->conversion->inputs[state->spans[i].input].type == ASTRO_BYTES)
            return true;
    }
    return false;
}

static enum step plain_decode(struct call *call, size_t budget)
{
    struct plain_state *state = call->codec_state;
    if (state == NULL) {
        state = plain_begin(call);
        if (state == NULL)
            return STEP_FAILED;
    }
    enum step step = STEP_DONE;
    if (!state->members_read) {
        step = read_members(call, state, &budget);
        if (step == STEP_DONE && !take_columns(call, state))
            step = STEP_FAILED;
    }
    if (step == STEP_DONE)
        step = read_columns(call, state, &budget);
    if (step != STEP_DONE)
        return step;
    if (!has_text_columns(call, state)) /* from here on only the columns are needed */
        body_release(&call->request->body);
    for (size_t i = 0; i < call->conversion->n_outputs; i++)
        call->outputs[i].wanted = true;
    call->n_wanted = (unsigned)call->conversion->n_outputs;
    return call_complete(call) ? STEP_DONE : STEP_FAILED;
}

static double plain_decode_cost(const struct call *call)
{
    const struct plain_state *state = call->codec_state;
    size_t left = state != NULL ? state->left : call->request->body.length;
    return ns_per_request + ns_per_byte * (double)left;
}

const struct codec codec_plain = {
    .name = "plain",
    .decode = plain_decode,
    .decode_cost = plain_decode_cost,
    .encode_cost = plain_encode_cost,
    .encode_begin = plain_encode_begin,
    .encode_part = plain_encode_part,
    .encode_end = plain_encode_end,
    .one_element_broadcasts = false,
};
