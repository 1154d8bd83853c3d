#include "request/call.h"

#include <stdio.h>
#include <string.h>

#include "catalogue/catalogue.h"
#include "codec/codec.h"
#include "dispatch/context.h"
#include "plugins/part.h"
#include "request/request.h"

enum { SHAPE_TEXT = 120 };

size_t call_type_size(enum astro_type type)
{
    switch (type) {
    case ASTRO_FP64:
        return sizeof(double);
    case ASTRO_INT64:
    case ASTRO_BOOL:
        return sizeof(int64_t);
    case ASTRO_BYTES:
        return sizeof(struct astro_text);
    }
    return 0;
}

struct call *call_create(struct request *request, const struct astro_conversion *conversion,
                         size_t index, const struct codec *codec)
{
    size_t size = offsetof(struct call, inputs) + conversion->n_inputs * sizeof(struct call_input);
    struct call *call = arena_alloc(&request->arena, size, _Alignof(struct call));
    if (call == NULL)
        return NULL;
    memset(call, 0, offsetof(struct call, outputs));
    memset(call->outputs, 0, conversion->n_outputs * sizeof call->outputs[0]);
    memset(call->values, 0, conversion->n_parameters * sizeof call->values[0]);
    for (size_t i = 0; i < conversion->n_inputs; i++)
        memset(&call->inputs[i], 0, offsetof(struct call_input, shape));
    call->request = request;
    call->conversion = conversion;
    call->conversion_index = index;
    call->codec = codec;
    atomic_init(&call->failed, UINT64_MAX);
    return call;
}

void call_release(struct call *call)
{
    if (call == NULL)
        return;
    if (call->columns.data != NULL) /* small calls have none of these */
        slab_release(&call->columns);
    if (call->results.data != NULL)
        slab_release(&call->results);
    if (call->text.data != NULL)
        slab_release(&call->text);
    if (call->packed.data != NULL)
        slab_release(&call->packed);
    if (call->plugin != NULL)
        plugin_part_release(call->plugin);
    if (call->context != NULL)
        context_drop(call->context);
    call->context = NULL;
    if (call->own_context != NULL && call->conversion->release != NULL)
        call->conversion->release(call->own_context);
    call->own_context = NULL;
    catalogue_drop(call->catalogue); /* last: the conversion may be its */
    call->catalogue = NULL;
}

bool call_fail_memory(struct astro_error *err)
{
    return astro_fail(err, ASTRO_OVERLOADED, NULL, "the memory limit is reached; try again");
}

bool call_blame(struct astro_error *err, const char *field)
{
    if (err->field[0] == '\0')
        snprintf(err->field, sizeof err->field, "%s", field);
    return false;
}

bool call_complete(struct call *call)
{
    struct astro_error *err = &call->request->error;
    if (!astro_parameters_complete(call->conversion, call->values, err))
        return false;
    int unit = astro_unit_parameter(call->conversion);
    if (unit >= 0)
        call->unit = (enum astro_unit)call->values[unit].choice;
    return call_bind_shapes(call, call->codec->one_element_broadcasts, err);
}

/* --- shapes --- */

/* "[2,3]"; a shape too long for its room ends with dots. */
static void shape_text(const struct call_input *input, char out[SHAPE_TEXT])
{
    size_t length = 0;
    for (unsigned i = 0; i < input->rank && length < SHAPE_TEXT - 28; i++)
        length += (size_t)snprintf(out + length, SHAPE_TEXT - length, "%c%zu", i > 0 ? ',' : '[',
                                   input->shape[i]);
    bool cut = length >= SHAPE_TEXT - 28;
    snprintf(out + length, SHAPE_TEXT - length, "%s%s]", input->rank == 0 ? "[" : "",
             cut ? ",..." : "");
}

static bool same_shape(const struct call_input *a, const struct call_input *b)
{
    return a->rank == b->rank && memcmp(a->shape, b->shape, a->rank * sizeof a->shape[0]) == 0;
}

static bool fail_shapes(const struct call *call, size_t i, size_t lead, struct astro_error *err)
{
    char here[SHAPE_TEXT], there[SHAPE_TEXT];
    shape_text(&call->inputs[i], here);
    shape_text(&call->inputs[lead], there);
    const struct astro_field *inputs = call->conversion->inputs;
    return astro_fail(err, ASTRO_SHAPE_MISMATCH, inputs[i].name,
                      "%s has shape %s, %s has shape %s; they must be equal", inputs[i].name, here,
                      inputs[lead].name, there);
}

static bool fail_missing(const struct call *call, size_t i, struct astro_error *err)
{
    const struct astro_conversion *conversion = call->conversion;
    return astro_fail(err, ASTRO_MISSING_INPUT, conversion->inputs[i].name,
                      "the input \"%s\" of %s is missing", conversion->inputs[i].name,
                      conversion->name);
}

/* The shape that the answer has when every input is a single value. */
static void bind_single(struct call *call, size_t highest, bool one_element_broadcasts)
{
    const struct call_input *input = &call->inputs[highest];
    bool any = call->conversion->n_inputs > 0 && input->present;
    call->rank = any ? input->rank : 0;
    call->count = 1;
    call->scalar = !one_element_broadcasts;
    for (unsigned i = 0; i < call->rank; i++)
        call->shape[i] = 1;
    if (call->rank == 0 && one_element_broadcasts) {
        call->rank = 1; /* tensors always have a shape */
        call->shape[0] = 1;
    }
}

bool call_bind_shapes(struct call *call, bool one_element_broadcasts, struct astro_error *err)
{
    const struct astro_conversion *conversion = call->conversion;
    size_t lead = SIZE_MAX, highest = 0;
    for (size_t i = 0; i < conversion->n_inputs; i++) {
        struct call_input *input = &call->inputs[i];
        if (!input->present) {
            if (!conversion->inputs[i].optional)
                return fail_missing(call, i, err);
            continue;
        }
        input->broadcast = one_element_broadcasts ? input->count == 1 : input->rank == 0;
        if (!call->inputs[highest].present || input->rank > call->inputs[highest].rank)
            highest = i;
        if (input->broadcast)
            continue;
        if (lead == SIZE_MAX)
            lead = i;
        else if (!same_shape(input, &call->inputs[lead]))
            return fail_shapes(call, i, lead, err);
    }
    if (lead == SIZE_MAX) {
        bind_single(call, highest, one_element_broadcasts);
        for (size_t i = 0; i < conversion->n_inputs; i++)
            call->inputs[i].broadcast = false; /* as many values as there are rows */
        return true;
    }
    const struct call_input *input = &call->inputs[lead];
    call->rank = input->rank;
    call->count = input->count;
    call->scalar = false;
    memcpy(call->shape, input->shape, input->rank * sizeof input->shape[0]);
    return true;
}

void call_row_text(const struct call_input *input, size_t row, char *out, size_t size)
{
    if (size == 0)
        return;
    out[0] = '\0';
    size_t index[CALL_MAX_RANK];
    for (unsigned i = input->rank; i-- > 0;) {
        size_t extent = input->shape[i] > 0 ? input->shape[i] : 1;
        index[i] = row % extent;
        row /= extent;
    }
    size_t length = 0;
    for (unsigned i = 0; i < input->rank && length < size; i++)
        length +=
            (size_t)snprintf(out + length, size - length, "%s%zu", i > 0 ? "," : "", index[i]);
}
