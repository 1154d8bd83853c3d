/*
 * The Open Inference Protocol, from tensors to columns.
 *
 * FP64 (and INT64 where a conversion wants it) binary tensors stay in the body, at whatever address
 * they have. All others get a column: JSON arrays are scanned into it, FP32, integers and booleans
 * promoted.
 * No size is believed: each is compared with the shape, the shape with the bytes, before memory is
 * taken.
 */
#include <string.h>

#include "catalogue/utf8.h"
#include "codec/arguments.h"
#include "codec/oip.h"
#include "codec/oip_promote.h"
#include "request/request.h"

enum {
    PROMOTE_SPEED = 8, /* promoting a byte is that much cheaper than reading one of JSON */
    DATA_DEPTH = 3,    /* levels around `data`: the request, inputs, the input */
    TEXT_HEAD = 4      /* bytes of length before each text of a binary tensor */
};

static const struct astro_field *field_of(const struct call *call, const struct oip_tensor *tensor)
{
    return &call->conversion->inputs[tensor->input];
}

/* --- layout --- */

static bool check_datatype(struct call *call, const struct oip_tensor *tensor)
{
    const struct astro_field *field = field_of(call, tensor);
    enum datatype datatype = tensor->datatype;
    if (field->type == ASTRO_BYTES)
        return datatype == DATATYPE_BYTES ||
               astro_fail(&call->request->error, ASTRO_BAD_TYPE, field->name,
                          "%s has datatype %s; it takes texts only (BYTES)", field->name,
                          datatype_name(datatype));
    if (field->type == ASTRO_BOOL)
        return datatype == DATATYPE_BOOL ||
               astro_fail(&call->request->error, ASTRO_BAD_TYPE, field->name,
                          "%s has datatype %s; it takes booleans only (BOOL)", field->name,
                          datatype_name(datatype));
    if (datatype == DATATYPE_BOOL || datatype == DATATYPE_FP16 || datatype == DATATYPE_BYTES)
        return astro_fail(
            &call->request->error, ASTRO_INVALID_DATATYPE, field->name,
            "%s has datatype %s; FP64, FP32, INT8 to INT64 and UINT8 to UINT64 are taken",
            field->name, datatype_name(datatype));
    if (field->type == ASTRO_INT64 && (datatype == DATATYPE_FP32 || datatype == DATATYPE_FP64))
        return astro_fail(
            &call->request->error, ASTRO_BAD_TYPE, field->name,
            "%s has datatype %s; it takes integers only (INT8 to INT64, UINT8 to UINT64)",
            field->name, datatype_name(datatype));
    return true;
}

static bool fail_count(struct call *call, const struct oip_tensor *tensor, size_t found)
{
    const char *name = field_of(call, tensor)->name;
    return astro_fail(&call->request->error, ASTRO_INVALID_SHAPE, name,
                      "the shape of %s has %zu element%s, its data has %zu", name, tensor->count,
                      tensor->count == 1 ? "" : "s", found);
}

static bool lay_json(struct call *call, const struct oip_tensor *tensor)
{
    const char *name = field_of(call, tensor)->name;
    struct astro_error *err = &call->request->error;
    if (!tensor->has_data || tensor->data_null)
        return astro_fail(err, ASTRO_INVALID_REQUEST, name,
                          "%s has neither \"data\" nor the parameter \"binary_data_size\"", name);
    if (tensor->span.has_strings && tensor->datatype != DATATYPE_BYTES)
        return astro_fail(err, ASTRO_BAD_TYPE, name, "data of %s must hold nothing but %s", name,
                          tensor->datatype == DATATYPE_BOOL ? "true and false" : "numbers");
    /* However it is nested, an array that is not empty has one comma less than it has numbers. */
    size_t found = tensor->span.commas + 1;
    return tensor->count == 0 || found == tensor->count || fail_count(call, tensor, found);
}

/* *next: where the tail's next tensor begins. */
static bool lay_binary(struct call *call, struct oip_tensor *tensor, const char **next,
                       const char *end)
{
    const char *name = field_of(call, tensor)->name;
    struct astro_error *err = &call->request->error;
    if (tensor->has_data && !tensor->data_null)
        return astro_fail(err, ASTRO_CONFLICT, name,
                          "%s has both \"data\" and the parameter \"binary_data_size\"", name);
    /* The product cannot overflow: count_elements() saw to that. */
    bool is_text = tensor->datatype == DATATYPE_BYTES;
    uint64_t size = tensor->count * (is_text ? TEXT_HEAD : datatype_size(tensor->datatype));
    if (is_text ? tensor->binary_size < size || (tensor->count == 0 && tensor->binary_size > 0)
                : tensor->binary_size != size)
        return astro_fail(
            err, ASTRO_INVALID_BINARY_SIZE, name,
            "%s has binary_data_size %llu, but its shape and datatype %s need %llu bytes%s", name,
            (unsigned long long)tensor->binary_size, datatype_name(tensor->datatype),
            (unsigned long long)size, is_text && tensor->count > 0 ? " and the texts" : "");
    size = tensor->binary_size;
    size_t left = (size_t)(end - *next);
    if (size > left)
        return astro_fail(
            err, ASTRO_INVALID_BINARY_SIZE, name,
            "%s needs %llu bytes of binary data, but only %zu are left behind the JSON "
            "part (Inference-Header-Content-Length)",
            name, (unsigned long long)size, left);
    tensor->bytes = *next;
    *next += size;
    return true;
}

/* Whether the tensor's bytes are the column already. */
static bool is_column(const struct call *call, const struct oip_tensor *tensor)
{
    enum datatype same =
        field_of(call, tensor)->type == ASTRO_INT64 ? DATATYPE_INT64 : DATATYPE_FP64;
    return tensor->has_size && tensor->datatype == same;
}

static bool take_columns(struct call *call, struct oip_state *state)
{
    size_t counts[ASTRO_MAX_INPUTS];
    enum astro_type types[ASTRO_MAX_INPUTS];
    void *columns[ASTRO_MAX_INPUTS];
    unsigned n = 0;
    for (unsigned i = 0; i < state->n_tensors; i++) {
        const struct oip_tensor *tensor = &state->tensors[i];
        if (is_column(call, tensor))
            continue;
        types[n] = field_of(call, tensor)->type;
        counts[n++] = tensor->count > 0 ? tensor->count : 1; /* 1: for what contradicts no shape */
    }
    if (!arguments_columns(call, n, counts, types, columns))
        return false;
    n = 0;
    for (unsigned i = 0; i < state->n_tensors; i++) {
        struct oip_tensor *tensor = &state->tensors[i];
        tensor->column = is_column(call, tensor) ? NULL : columns[n++];
    }
    return true;
}

bool oip_lay_out(struct call *call, struct oip_state *state)
{
    const struct body *body = &call->request->body;
    const char *next = body->data + state->header, *end = body->data + body->length;
    state->left = 0;
    for (unsigned i = 0; i < state->n_tensors; i++) {
        struct oip_tensor *tensor = &state->tensors[i];
        if (!check_datatype(call, tensor) ||
            !(tensor->has_size ? lay_binary(call, tensor, &next, end) : lay_json(call, tensor)))
            return false;
        state->left +=
            tensor->has_size ? (size_t)tensor->binary_size / PROMOTE_SPEED : tensor->span.length;
    }
    if (next != end)
        return astro_fail(&call->request->error, ASTRO_INVALID_BINARY_SIZE, NULL,
                          "%zu bytes of binary data belong to no input", (size_t)(end - next));
    state->laid_out = true;
    return take_columns(call, state);
}

/* --- tensors --- */

/* Flat, or nested exactly as the shape says. */
static bool check_nesting(struct call *call, const struct oip_tensor *tensor,
                          const struct column_scan *scan)
{
    if (scan->count != tensor->count)
        return fail_count(call, tensor, scan->count);
    bool flat = scan->rank == 1;
    bool nested = scan->rank == tensor->rank &&
                  memcmp(scan->shape, tensor->shape, tensor->rank * sizeof tensor->shape[0]) == 0;
    const char *name = field_of(call, tensor)->name;
    return flat || nested ||
           astro_fail(&call->request->error, ASTRO_INVALID_SHAPE, name,
                      "data of %s is nested otherwise than its shape says", name);
}

static enum step scan_json(struct call *call, struct oip_state *state, struct oip_tensor *tensor,
                           size_t *budget)
{
    struct astro_error *err = &call->request->error;
    struct column_scan *scan = &state->scan;
    const struct astro_field *field = field_of(call, tensor);
    if (!state->scanning) {
        column_scan_init(scan, arguments_kind(field), field->name, tensor->span,
                         arguments_depth() - DATA_DEPTH, tensor->column,
                         tensor->count > 0 ? tensor->count : 1, err);
        scan->arena = &call->request->arena;
        state->scanning = true;
        state->done = 0;
    }
    const char *before = scan->next;
    enum scan_status status = column_scan_step(scan, *budget);
    size_t bytes = (size_t)(scan->next - before);
    state->left = bytes < state->left ? state->left - bytes : 0;
    if (status == SCAN_FAILED) {
        if (err->code == ASTRO_TOO_LARGE) { /* more numbers than there is room for */
            *err = (struct astro_error){.code = ASTRO_OK};
            fail_count(call, tensor, tensor->span.commas + 1);
        }
        return STEP_FAILED;
    }
    if (!oip_settle(field, tensor->datatype, tensor->column, state->done, scan->count, err))
        return STEP_FAILED;
    state->done = scan->count;
    oip_spend(budget, bytes);
    if (status == SCAN_MORE)
        return STEP_MORE;
    state->scanning = false;
    return check_nesting(call, tensor, scan) ? STEP_DONE : STEP_FAILED;
}

static enum step promote_binary(struct call *call, struct oip_state *state,
                                struct oip_tensor *tensor, size_t *budget)
{
    const struct astro_field *field = field_of(call, tensor);
    if (!state->scanning) {
        state->scanning = true;
        state->done = 0;
    }
    size_t size = datatype_size(tensor->datatype);
    size_t most =
        *budget < SIZE_MAX / PROMOTE_SPEED ? *budget * PROMOTE_SPEED / size + 1 : SIZE_MAX;
    size_t left = tensor->count - state->done;
    size_t n = left < most ? left : most;
    if (!oip_promote(field, tensor->datatype, tensor->bytes, tensor->column, state->done, n,
                     &call->request->error))
        return STEP_FAILED;
    state->done += n;
    size_t cost = n * size / PROMOTE_SPEED;
    state->left = cost < state->left ? state->left - cost : 0;
    oip_spend(budget, cost + 1);
    if (n < left)
        return STEP_MORE;
    state->scanning = false;
    return STEP_DONE;
}

/* --- texts: each has its length, 32 bits, little end first, before it --- */

static bool fail_text(struct call *call, const struct oip_tensor *tensor, size_t i,
                      const char *what)
{
    const char *name = field_of(call, tensor)->name;
    return astro_fail(&call->request->error, ASTRO_INVALID_BINARY_SIZE, name, "%s[%zu] %s", name, i,
                      what);
}

static bool read_text(struct call *call, struct oip_state *state, const struct oip_tensor *tensor,
                      struct astro_text *out)
{
    const char *end = tensor->bytes + tensor->binary_size;
    unsigned char head[TEXT_HEAD];
    if ((size_t)(end - state->text) < sizeof head)
        return fail_text(call, tensor, state->done, "begins behind the end of its tensor");
    memcpy(head, state->text, sizeof head);
    state->text += sizeof head;
    size_t length = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 | (size_t)head[3] << 24;
    if (length > (size_t)(end - state->text))
        return fail_text(call, tensor, state->done, "is longer than what is left of its tensor");
    if (utf8_prefix(state->text, length) != length)
        return astro_fail(&call->request->error, ASTRO_BAD_TYPE, field_of(call, tensor)->name,
                          "%s[%zu] is not UTF-8 text", field_of(call, tensor)->name, state->done);
    *out = (struct astro_text){state->text, length};
    state->text += length;
    return true;
}

static enum step read_texts(struct call *call, struct oip_state *state, struct oip_tensor *tensor,
                            size_t *budget)
{
    if (!state->scanning) {
        state->scanning = true;
        state->done = 0;
        state->text = tensor->bytes;
    }
    struct astro_text *column = tensor->column;
    while (state->done < tensor->count) {
        const char *before = state->text;
        if (!read_text(call, state, tensor, &column[state->done]))
            return STEP_FAILED;
        state->done++;
        size_t bytes = (size_t)(state->text - before) / PROMOTE_SPEED + 1;
        state->left = bytes < state->left ? state->left - bytes : 0;
        if (!oip_spend(budget, bytes) && state->done < tensor->count)
            return STEP_MORE;
    }
    state->scanning = false;
    if (state->text != tensor->bytes + tensor->binary_size)
        return fail_text(call, tensor, tensor->count, "does not exist, but its tensor goes on")
                   ? STEP_DONE
                   : STEP_FAILED;
    return STEP_DONE;
}

static void fill_input(struct call *call, const struct oip_tensor *tensor)
{
    struct call_input *input = &call->inputs[tensor->input];
    input->rank = tensor->rank;
    memcpy(input->shape, tensor->shape, tensor->rank * sizeof tensor->shape[0]);
    input->count = tensor->count;
    input->origin = tensor->datatype == DATATYPE_FP64   ? ASTRO_FROM_FP64
                    : tensor->datatype == DATATYPE_FP32 ? ASTRO_FROM_FP32
                                                        : ASTRO_FROM_INTEGER;
    input->data = tensor->column != NULL ? tensor->column : tensor->bytes;
    if (tensor->count != 1)
        return;
    /* A single value has a home of its own, aligned. */
    if (field_of(call, tensor)->type == ASTRO_BYTES) {
        memcpy(&input->one_text, input->data, sizeof input->one_text);
        input->data = &input->one_text;
    } else if (field_of(call, tensor)->type != ASTRO_FP64) {
        memcpy(&input->one_integer, input->data, sizeof input->one_integer);
        input->data = &input->one_integer;
    } else {
        memcpy(&input->one, input->data, sizeof input->one);
        input->data = &input->one;
    }
}

enum step oip_read_tensors(struct call *call, struct oip_state *state, size_t *budget)
{
    bool body_needed = false;
    while (state->current < state->n_tensors) {
        struct oip_tensor *tensor = &state->tensors[state->current];
        enum step step = STEP_DONE;
        if (!tensor->has_size)
            step = scan_json(call, state, tensor, budget);
        else if (tensor->datatype == DATATYPE_BYTES)
            step = read_texts(call, state, tensor, budget);
        else if (tensor->column != NULL)
            step = promote_binary(call, state, tensor, budget);
        if (step != STEP_DONE)
            return step;
        fill_input(call, tensor);
        if (++state->current < state->n_tensors && *budget == 0)
            return STEP_MORE;
    }
    for (unsigned i = 0; i < state->n_tensors; i++)
        body_needed |= (state->tensors[i].column == NULL && state->tensors[i].count > 1) ||
                       state->tensors[i].datatype == DATATYPE_BYTES;
    if (!body_needed)
        body_release(&call->request->body);
    return STEP_DONE;
}
