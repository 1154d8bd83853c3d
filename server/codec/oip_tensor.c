/*
 * One entry of `inputs`: {"name", "shape", "datatype", "parameters", "data"}, in any order.
 */
#include <stdio.h>
#include <string.h>

#include "codec/oip.h"
#include "memory/alloc.h"
#include "request/request.h"

const char *oip_label(const struct call *call, const struct oip_state *state,
                      const struct oip_tensor *tensor, char *room, size_t size)
{
    if (tensor->input >= 0)
        return call->conversion->inputs[tensor->input].name;
    snprintf(room, size, "inputs[%zu]", (size_t)(tensor - state->tensors));
    return room;
}

static struct oip_tensor *current(struct oip_state *state)
{
    return &state->tensors[state->n_tensors];
}

bool oip_open_tensor(struct call *call, struct oip_state *state)
{
    struct oip_tensor *tensor = current(state);
    if (state->n_tensors > call->conversion->n_inputs)
        return astro_fail(state->reader.err, ASTRO_INVALID_REQUEST, "inputs",
                          "%s has %zu inputs, not more", call->conversion->name,
                          call->conversion->n_inputs);
    memset(tensor, 0, offsetof(struct oip_tensor, shape));
    tensor->input = -1;
    if (!oip_open_object(&state->reader, "inputs", "an entry of inputs"))
        return false;
    state->level = OIP_TENSOR;
    return true;
}

static bool read_name(struct call *call, struct oip_state *state, struct oip_tensor *tensor)
{
    struct reader *reader = &state->reader;
    struct reader_string name;
    if (!reader_string(reader, &call->request->arena, &name))
        return call_blame(reader->err, "inputs");
    tensor->input = call_input_find(call->conversion, name.data, name.length);
    if (tensor->input < 0)
        return call_fail_unknown_input(call->conversion, name.data, name.length, reader->err);
    const char *known = call->conversion->inputs[tensor->input].name;
    struct call_input *input = &call->inputs[tensor->input];
    if (input->present)
        return astro_fail(reader->err, ASTRO_DUPLICATE_KEY, known,
                          "the input \"%s\" is given twice", known);
    input->present = true;
    return true;
}

static bool fail_shape(const struct call *call, const struct oip_state *state,
                       const struct oip_tensor *tensor, const char *why)
{
    char room[OIP_LABEL];
    const char *label = oip_label(call, state, tensor, room, sizeof room);
    struct astro_error *err = &call->request->error;
    if (err->code == ASTRO_INVALID_JSON)
        return false; /* no shape at all */
    *err = (struct astro_error){.code = ASTRO_OK};
    return astro_fail(err, ASTRO_INVALID_SHAPE, label, "the shape of %s %s", label, why);
}

/* Elements of the shape. A zero makes any shape empty, but the others must make sense all the same.
 */
static bool count_elements(struct oip_tensor *tensor)
{
    size_t product = 1;
    bool empty = false;
    for (unsigned i = 0; i < tensor->rank; i++) {
        if (tensor->shape[i] == 0)
            empty = true;
        else if (!size_mul(product, tensor->shape[i], &product))
            return false;
    }
    tensor->count = empty ? 0 : product;
    return product <= SIZE_MAX / sizeof(double);
}

static bool read_shape(struct call *call, struct oip_state *state, struct oip_tensor *tensor)
{
    struct reader *reader = &state->reader;
    int64_t extent;
    if (reader_peek(reader) != READER_ARRAY)
        return fail_shape(call, state, tensor, "must be an array of whole numbers");
    if (!reader_array_begin(reader))
        return false;
    while (reader_array_next(reader)) {
        if (tensor->rank == CALL_MAX_RANK)
            return fail_shape(call, state, tensor, "has more than 32 dimensions");
        if (reader_peek(reader) != READER_NUMBER || !reader_integer(reader, &extent) || extent < 0)
            return fail_shape(call, state, tensor,
                              "must consist of whole numbers from 0 to 9223372036854775807");
        tensor->shape[tensor->rank++] = (size_t)extent;
    }
    if (reader->err->code != ASTRO_OK)
        return false;
    return count_elements(tensor) ||
           fail_shape(call, state, tensor, "has more elements than any memory");
}

static bool read_datatype(struct call *call, struct oip_state *state, struct oip_tensor *tensor)
{
    struct reader_string name;
    char room[OIP_LABEL];
    const char *label = oip_label(call, state, tensor, room, sizeof room);
    if (!reader_string(&state->reader, &call->request->arena, &name))
        return call_blame(state->reader.err, label);
    if (datatype_find(name.data, name.length, &tensor->datatype))
        return true;
    return astro_fail(
        state->reader.err, ASTRO_INVALID_DATATYPE, label,
        "unknown datatype \"%.*s\" of %s; FP64, FP32, INT8 to INT64 and UINT8 to UINT64 "
        "are taken, BYTES for texts and BOOL for booleans",
        (int)call_cut(name.data, name.length, 60), name.data, label);
}

static bool read_parameters(struct call *call, struct oip_state *state, struct oip_tensor *tensor)
{
    struct reader *reader = &state->reader;
    struct reader_string key;
    if (oip_absent(reader))
        return true;
    if (!oip_open_object(reader, "inputs", "parameters of an input"))
        return false;
    while (reader_object_next(reader, &call->request->arena, &key)) {
        if (oip_is(key, "binary_data_size")) {
            if (!oip_once(call, &tensor->has_size, "binary_data_size", "parameters of an input") ||
                !oip_read_whole(reader, "binary_data_size", ASTRO_INVALID_BINARY_SIZE,
                                &tensor->binary_size))
                return false;
        } else if (oip_is(key, "content_type") || oip_is(key, "headers")) {
            if (!reader_value_skip(reader))
                return false;
        } else {
            return oip_unknown_key(reader, &key, "the parameters of an input", "binary_data_size");
        }
    }
    return reader->err->code == ASTRO_OK;
}

static bool read_data(struct call *call, struct oip_state *state, struct oip_tensor *tensor)
{
    struct reader *reader = &state->reader;
    char room[OIP_LABEL];
    const char *label = oip_label(call, state, tensor, room, sizeof room);
    switch (reader_peek(reader)) {
    case READER_NULL:
        tensor->data_null = true;
        return reader_null(reader);
    case READER_ARRAY:
        if (!reader_array_span(reader, &tensor->span))
            return call_blame(reader->err, label);
        state->passed = tensor->span.length;
        return true;
    case READER_BAD:
        return false;
    default:
        return astro_fail(reader->err, ASTRO_BAD_TYPE, label, "data of %s must be an array", label);
    }
}

bool oip_read_tensor_member(struct call *call, struct oip_state *state,
                            const struct reader_string *key)
{
    static const char where[] = "an input";
    struct oip_tensor *tensor = current(state);
    if (oip_is(*key, "data"))
        return oip_once(call, &tensor->has_data, "data", where) && read_data(call, state, tensor);
    if (oip_is(*key, "name"))
        return oip_once(call, &tensor->has_name, "name", where) && read_name(call, state, tensor);
    if (oip_is(*key, "shape"))
        return oip_once(call, &tensor->has_shape, "shape", where) &&
               read_shape(call, state, tensor);
    if (oip_is(*key, "datatype"))
        return oip_once(call, &tensor->has_datatype, "datatype", where) &&
               read_datatype(call, state, tensor);
    if (oip_is(*key, "parameters"))
        return oip_once(call, &tensor->has_parameters, "parameters", where) &&
               read_parameters(call, state, tensor);
    return oip_unknown_key(&state->reader, key, where, "name, shape, datatype, parameters, data");
}

bool oip_close_tensor(struct call *call, struct oip_state *state)
{
    const struct oip_tensor *tensor = current(state);
    char room[OIP_LABEL];
    const char *label = oip_label(call, state, tensor, room, sizeof room);
    const char *missing = !tensor->has_name       ? "name"
                          : !tensor->has_shape    ? "shape"
                          : !tensor->has_datatype ? "datatype"
                                                  : NULL;
    if (missing != NULL)
        return astro_fail(state->reader.err, ASTRO_INVALID_REQUEST, label, "%s has no \"%s\"",
                          label, missing);
    state->n_tensors++;
    return true;
}
