/*
 * The Open Inference Protocol, reading the JSON part of an inference request. Keys may come in any
 * order, so nothing is judged by what has not been read yet: that is oip_lay_out()'s business.
 */
#include <stdio.h>
#include <string.h>

#include "codec/arguments.h"
#include "codec/oip.h"
#include "request/request.h"

enum {
    SPAN_SPEED = 16 /* measuring an array is that much faster than reading its numbers */
};

/* --- beginning --- */

static bool find_header(const struct request *request, size_t *ret, struct astro_error *err)
{
    *ret = request->body.length;
    if (request->header_length <= 0)
        return true; /* all of it is JSON */
    if ((uint64_t)request->header_length > request->body.length)
        return astro_fail(err, ASTRO_INVALID_HEADER_LENGTH, "Inference-Header-Content-Length",
                          "Inference-Header-Content-Length is %lld, but the body has %zu bytes",
                          (long long)request->header_length, request->body.length);
    *ret = (size_t)request->header_length;
    return true;
}

struct oip_state *oip_begin(struct call *call)
{
    struct request *request = call->request;
    size_t header;
    if (!call_read_query(call, &request->error) || !find_header(request, &header, &request->error))
        return NULL;
    size_t tensors = (call->conversion->n_inputs + 1) * sizeof(struct oip_tensor);
    struct oip_state *state = arena_alloc(
        &request->arena, offsetof(struct oip_state, tensors) + tensors, _Alignof(struct oip_state));
    if (state == NULL) {
        call_fail_memory(&request->error);
        return NULL;
    }
    memset(state, 0, offsetof(struct oip_state, scan)); /* the rest is written before it is read */
    state->header = state->left = header;
    if (header == 0) {
        astro_fail(&request->error, ASTRO_INVALID_JSON, NULL,
                   "the body is empty; an inference request is expected");
        return NULL;
    }
    reader_init(&state->reader, request->body.data, header, arguments_depth(), &request->error);
    enum reader_type type = reader_peek(&state->reader);
    if (type != READER_OBJECT && type != READER_BAD)
        astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                   "an inference request is a JSON object with \"inputs\"");
    if (!reader_object_begin(&state->reader))
        return NULL;
    call->codec_state = state;
    return state;
}

/* --- parameters of the request --- */

/* Words that clients and gateways put beside the conversion's own parameters. */
static bool is_reserved(struct reader_string key)
{
    static const char *const words[] = {"sequence_id", "sequence_start", "sequence_end",
                                        "priority",    "headers",        "content_type"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (oip_is(key, words[i]))
            return true;
    }
    return key.length >= 7 && memcmp(key.data, "triton_", 7) == 0;
}

/* Microseconds since the request began, that may bring its end closer but not put it off. */
static bool read_timeout(struct call *call, struct reader *reader)
{
    uint64_t microseconds;
    if (!oip_read_whole(reader, "timeout", ASTRO_BAD_PARAMETER, &microseconds))
        return false;
    struct request *request = call->request;
    if (microseconds == 0 || microseconds > (UINT64_MAX - request->began_ns) / 1000)
        return true;
    uint64_t deadline = request->began_ns + microseconds * 1000;
    if (deadline < atomic_load_explicit(&request->deadline_ns, memory_order_relaxed))
        atomic_store_explicit(&request->deadline_ns, deadline, memory_order_relaxed);
    return true;
}

static bool read_parameter(struct call *call, struct oip_state *state, struct reader_string key,
                           bool seen[2])
{
    struct reader *reader = &state->reader;
    int index = call_parameter_find(call->conversion, key.data, key.length);
    if (index >= 0)
        return arguments_parameter(call, reader, (size_t)index);
    if (oip_is(key, "timeout"))
        return oip_once(call, &seen[0], "timeout", "parameters") && read_timeout(call, reader);
    if (oip_is(key, "binary_data_output"))
        return oip_once(call, &seen[1], "binary_data_output", "parameters") &&
               oip_read_flag(reader, "binary_data_output", &state->binary_default);
    if (is_reserved(key))
        return reader_value_skip(reader);
    index = call_input_find(call->conversion, key.data, key.length);
    if (index >= 0)
        return astro_fail(reader->err, ASTRO_INVALID_REQUEST, call->conversion->inputs[index].name,
                          "\"%s\" is an input: it belongs into inputs, not into parameters",
                          call->conversion->inputs[index].name);
    return call_fail_unknown(call->conversion, key.data, key.length, reader->err);
}

static bool read_parameters(struct call *call, struct oip_state *state)
{
    struct reader *reader = &state->reader;
    struct reader_string key;
    bool seen[2] = {false, false};
    if (oip_absent(reader))
        return true;
    if (!oip_open_object(reader, "parameters", "parameters"))
        return false;
    while (reader_object_next(reader, &call->request->arena, &key)) {
        if (!read_parameter(call, state, key, seen))
            return false;
    }
    return reader->err->code == ASTRO_OK;
}

/* --- requested outputs --- */

struct wanted {
    int output;
    bool seen_name, seen_parameters, seen_binary;
    bool binary;
};

static bool read_output_parameters(struct call *call, struct reader *reader, struct wanted *wanted)
{
    struct reader_string key;
    if (oip_absent(reader))
        return true;
    if (!oip_open_object(reader, "outputs", "parameters of an output"))
        return false;
    while (reader_object_next(reader, &call->request->arena, &key)) {
        if (oip_is(key, "binary_data")) {
            if (!oip_once(call, &wanted->seen_binary, "binary_data", "parameters of an output") ||
                !oip_read_flag(reader, "binary_data", &wanted->binary))
                return false;
        } else if (oip_is(key, "content_type") || oip_is(key, "headers")) {
            if (!reader_value_skip(reader))
                return false;
        } else {
            return oip_unknown_key(reader, &key, "the parameters of an output", "binary_data");
        }
    }
    return reader->err->code == ASTRO_OK;
}

static bool read_output_name(struct call *call, struct oip_state *state, struct wanted *wanted)
{
    struct reader_string name;
    if (!oip_once(call, &wanted->seen_name, "name", "an output") ||
        !reader_string(&state->reader, &call->request->arena, &name))
        return call_blame(state->reader.err, "outputs");
    wanted->output = call_output_find(call->conversion, name.data, name.length);
    if (wanted->output < 0)
        return call_fail_unknown_output(call->conversion, name.data, name.length,
                                        state->reader.err);
    for (unsigned i = 0; i < state->n_order; i++) {
        if (state->order[i] == wanted->output)
            return astro_fail(state->reader.err, ASTRO_DUPLICATE_KEY,
                              call->conversion->outputs[wanted->output].name,
                              "the output \"%s\" is requested twice",
                              call->conversion->outputs[wanted->output].name);
    }
    return true;
}

static bool read_output(struct call *call, struct oip_state *state)
{
    struct reader *reader = &state->reader;
    struct wanted wanted = {.output = -1};
    struct reader_string key;
    if (!oip_open_object(reader, "outputs", "an entry of outputs"))
        return false;
    while (reader_object_next(reader, &call->request->arena, &key)) {
        bool success;
        if (oip_is(key, "name"))
            success = read_output_name(call, state, &wanted);
        else if (oip_is(key, "parameters"))
            success = oip_once(call, &wanted.seen_parameters, "parameters", "an output") &&
                      read_output_parameters(call, reader, &wanted);
        else
            success = oip_unknown_key(reader, &key, "an output", "name, parameters");
        if (!success)
            return false;
    }
    if (reader->err->code != ASTRO_OK)
        return false;
    if (wanted.output < 0)
        return astro_fail(reader->err, ASTRO_INVALID_REQUEST, "outputs",
                          "an output has no \"name\"");
    state->order[state->n_order++] = (uint8_t)wanted.output; /* no output twice: there is room */
    state->binary_said[wanted.output] = wanted.seen_binary;
    state->binary[wanted.output] = wanted.binary;
    return true;
}

static bool read_outputs(struct call *call, struct oip_state *state)
{
    if (oip_absent(&state->reader))
        return true;
    if (!oip_open_array(&state->reader, "outputs"))
        return false;
    while (reader_array_next(&state->reader)) {
        if (!read_output(call, state))
            return false;
    }
    return state->reader.err->code == ASTRO_OK;
}

/* --- the header --- */

static bool read_id(struct call *call, struct oip_state *state)
{
    struct reader *reader = &state->reader;
    if (oip_absent(reader))
        return true;
    enum reader_type type = reader_peek(reader);
    if (type != READER_STRING)
        return type != READER_BAD &&
               astro_fail(reader->err, ASTRO_BAD_TYPE, "id", "id must be a string");
    const char *begin = reader->next;
    if (!reader_value_skip(reader))
        return false;
    /* It is echoed as it came, escapes and all; a copy, because the body goes before the answer. */
    state->id.length = (size_t)(reader->next - begin);
    state->id.data = arena_copy(&call->request->arena, begin, state->id.length);
    return state->id.data != NULL || call_fail_memory(reader->err);
}

static bool read_model_name(struct call *call, struct reader *reader)
{
    struct reader_string name;
    if (oip_absent(reader))
        return true;
    return reader_string(reader, &call->request->arena, &name) ||
           call_blame(reader->err, "model_name"); /* the URL's is the one that counts */
}

static bool open_inputs(struct oip_state *state)
{
    if (!oip_open_array(&state->reader, "inputs"))
        return false;
    state->level = OIP_INPUTS;
    return true;
}

static bool read_top_member(struct call *call, struct oip_state *state,
                            const struct reader_string *key)
{
    static const char where[] = "the request";
    struct reader *reader = &state->reader;
    if (oip_is(*key, "inputs"))
        return oip_once(call, &state->seen_inputs, "inputs", where) && open_inputs(state);
    if (oip_is(*key, "id"))
        return oip_once(call, &state->seen_id, "id", where) && read_id(call, state);
    if (oip_is(*key, "parameters"))
        return oip_once(call, &state->seen_parameters, "parameters", where) &&
               read_parameters(call, state);
    if (oip_is(*key, "outputs"))
        return oip_once(call, &state->seen_outputs, "outputs", where) && read_outputs(call, state);
    if (oip_is(*key, "model_name"))
        return oip_once(call, &state->seen_model_name, "model_name", where) &&
               read_model_name(call, reader);
    return oip_unknown_key(reader, key, where, "id, inputs, outputs, parameters, model_name");
}

/* One member or bracket; every step leaves the cursor where a later slice can go on. */
static bool step_header(struct call *call, struct oip_state *state)
{
    struct reader *reader = &state->reader;
    struct reader_string key;
    switch (state->level) {
    case OIP_TOP:
        if (reader_object_next(reader, &call->request->arena, &key))
            return read_top_member(call, state, &key);
        state->level = OIP_HEADER_READ;
        return reader->err->code == ASTRO_OK && reader_finish(reader);
    case OIP_INPUTS:
        if (reader_array_next(reader))
            return oip_open_tensor(call, state);
        state->level = OIP_TOP;
        return reader->err->code == ASTRO_OK;
    case OIP_TENSOR:
        if (reader_object_next(reader, &call->request->arena, &key))
            return oip_read_tensor_member(call, state, &key);
        state->level = OIP_INPUTS;
        return reader->err->code == ASTRO_OK && oip_close_tensor(call, state);
    case OIP_HEADER_READ:
        break;
    }
    return true;
}

enum step oip_read_header(struct call *call, struct oip_state *state, size_t *budget)
{
    struct reader *reader = &state->reader;
    while (state->level != OIP_HEADER_READ) {
        const char *before = reader->next;
        state->passed = 0;
        if (!step_header(call, state))
            return STEP_FAILED;
        size_t bytes = (size_t)(reader->next - before) - state->passed;
        state->left -= bytes;
        if (!oip_spend(budget, bytes + state->passed / SPAN_SPEED) &&
            state->level != OIP_HEADER_READ)
            return STEP_MORE;
    }
    if (state->seen_inputs)
        return STEP_DONE;
    astro_fail(reader->err, ASTRO_INVALID_REQUEST, "inputs", "the request has no \"inputs\"");
    return STEP_FAILED;
}
