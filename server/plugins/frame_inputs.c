#include "plugins/frame_inputs.h"

#include <string.h>

#include "memory/alloc.h"
#include "plugins/frame.h"
#include "plugins/part.h"
#include "request/call.h"
#include "request/request.h"

enum { COLUMN_ALIGN = 64, VALUE_SIZE = 8 };

bool frame_is_array(const struct call_input *input)
{
    return input->present && !input->broadcast && input->rank > 0;
}

bool frame_has_array(const struct call *call)
{
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        if (frame_is_array(&call->inputs[i]))
            return true;
    }
    return false;
}

static bool is_text(const struct call *call, size_t i)
{
    return call->conversion->inputs[i].type == ASTRO_BYTES;
}

/* --- where arrays lie --- */

bool frame_lies_in(const struct slab *slab, const struct region_memory *region, const void *data)
{
    const char *begin = slab->data, *at = data;
    return begin != NULL && region_memory_of(slab) == region && at >= begin &&
           at < begin + slab->size;
}

/* What the host is to see of an array; NULL: texts that are in no region yet. */
static const void *seen(const struct call *call, size_t i)
{
    return is_text(call, i) ? call->plugin->texts[i] : call->inputs[i].data;
}

static size_t text_bytes(const struct call_input *input)
{
    const struct astro_text *texts = input->data;
    size_t bytes = 0;
    for (size_t row = 0; row < input->count; row++)
        bytes += texts[row].length; /* all of them lie in memory: no overflow */
    return bytes;
}

static size_t seen_bytes(const struct call *call, size_t i)
{
    const struct call_input *input = &call->inputs[i];
    return is_text(call, i) ? input->count * sizeof(struct frame_text) + text_bytes(input)
                            : input->count * VALUE_SIZE;
}

/* The block of this region that an input lies in; PIECE_BLOCKS: none, or not as NumPy wants it. */
static unsigned block_of(const struct request *request, const struct region_memory *region,
                         const void *data)
{
    if (data == NULL || (uintptr_t)data % VALUE_SIZE != 0)
        return PIECE_BLOCKS;
    for (unsigned block = 0; block < BLOCK_RESULTS; block++) {
        if (frame_lies_in(frame_slab(request, block), region, data))
            return block;
    }
    return PIECE_BLOCKS;
}

uint64_t frame_inputs_bytes(const struct request *request, const struct slab *slab)
{
    const struct call *call = request->call;
    uint64_t bytes = 0;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        if (frame_is_array(&call->inputs[i]) &&
            frame_lies_in(slab, region_memory_of(slab), seen(call, i)))
            bytes += seen_bytes(call, i);
    }
    return bytes;
}

uint64_t frame_inputs_extent(const struct request *request, const struct slab *slab)
{
    const struct call *call = request->call;
    uint64_t extent = 0;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        const char *data = seen(call, i);
        if (!frame_is_array(&call->inputs[i]) || !frame_lies_in(slab, region_memory_of(slab), data))
            continue;
        uint64_t end = (uint64_t)(data - slab->data) + seen_bytes(call, i);
        extent = end > extent ? end : extent;
    }
    return extent;
}

/* --- copies --- */

static size_t aligned_bytes(const struct call *call, size_t i)
{
    return (seen_bytes(call, i) + COLUMN_ALIGN - 1) / COLUMN_ALIGN * COLUMN_ALIGN;
}

static void copy_texts(const struct region_memory *region, const struct call_input *input,
                       char *place)
{
    const struct astro_text *texts = input->data;
    struct frame_text *out = (struct frame_text *)(void *)place;
    char *next = place + input->count * sizeof *out;
    for (size_t row = 0; row < input->count; row++) {
        out[row] = (struct frame_text){region_memory_offset(region, next), texts[row].length};
        memcpy(next, texts[row].data, texts[row].length);
        next += texts[row].length;
    }
}

/* Whether it has to be copied, when anything has: what was copied before goes with it. */
static bool is_copied(const struct request *request, const struct region_memory *region, size_t i)
{
    return frame_is_array(&request->call->inputs[i]) &&
           block_of(request, region, seen(request->call, i)) >= BLOCK_COPIES;
}

static bool has_all(const struct request *request, const struct region_memory *region)
{
    const struct call *call = request->call;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        if (frame_is_array(&call->inputs[i]) && call->inputs[i].count > 0 &&
            block_of(request, region, seen(call, i)) == PIECE_BLOCKS)
            return false;
    }
    return true;
}

bool frame_copy_inputs(struct request *request, struct region_memory *region)
{
    struct call *call = request->call;
    size_t total = 0, used = 0;
    if (has_all(request, region))
        return true;
    for (size_t i = 0; i < call->conversion->n_inputs; i++)
        total += is_copied(request, region, i) ? aligned_bytes(call, i) : 0;
    struct slab copies;
    if (!slab_take_from(region_memory_source(region), total, &copies))
        return false;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        struct call_input *input = &call->inputs[i];
        if (!is_copied(request, region, i))
            continue;
        char *place = copies.data + used;
        used += aligned_bytes(call, i);
        if (is_text(call, i)) {
            copy_texts(region, input, place);
            call->plugin->texts[i] = place;
        } else {
            memcpy(place, input->data, input->count * VALUE_SIZE);
            input->data = place;
        }
    }
    slab_release(&call->plugin->copies); /* those for a host that has died */
    call->plugin->copies = copies;
    return true;
}

void frame_copy_texts_ahead(struct request *request)
{
    const struct call *call = request->call;
    bool any = false;
    for (size_t i = 0; i < call->conversion->n_inputs; i++)
        any = any || (is_text(call, i) && frame_is_array(&call->inputs[i]));
    if (any && call->plugin->region != NULL)
        (void)frame_copy_inputs(request, call->plugin->region);
}

/* --- writing --- */

static bool is_scalar_text(const struct call *call, size_t i)
{
    return is_text(call, i) && call->inputs[i].present && !frame_is_array(&call->inputs[i]);
}

size_t frame_scalar_texts(const struct call *call)
{
    size_t bytes = 0;
    for (size_t i = 0; i < call->conversion->n_inputs; i++) {
        if (is_scalar_text(call, i))
            bytes += ((const struct astro_text *)call->inputs[i].data)->length;
    }
    return bytes;
}

void frame_write_input(const struct request *request, const struct region_memory *region, size_t i,
                       char *frame, uint32_t *text, struct frame_input *out)
{
    const struct call *call = request->call;
    const struct call_input *input = &call->inputs[i];
    enum astro_type type = call->conversion->inputs[i].type;
    out->present = input->present;
    out->scalar = input->present && !frame_is_array(input);
    out->type = (uint32_t)type;
    if (!input->present)
        return;
    if (!out->scalar) {
        const void *data = seen(call, i);
        out->block = block_of(request, region, data);
        out->offset = out->block < PIECE_BLOCKS ? region_memory_offset(region, data) : 0;
    } else if (type == ASTRO_BYTES) {
        const struct astro_text *value = input->data;
        out->text_offset = *text;
        out->text_length = (uint32_t)value->length;
        memcpy(frame + *text, value->data, value->length);
        *text += out->text_length;
    } else if (type == ASTRO_FP64) {
        memcpy(&out->number, input->data, sizeof out->number);
    } else {
        memcpy(&out->integer, input->data, sizeof out->integer);
    }
}
