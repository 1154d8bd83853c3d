#include "plugin_host/frame.h"

#include <stdio.h>

#include "plugin_host/channel.h"

enum { NUMBER_BYTES = 8 }; /* of a double and an int64_t, booleans too */

static bool is_within(uint64_t offset, uint64_t length, uint64_t size)
{
    return offset <= size && length <= size - offset;
}

static bool shape_makes_sense(const struct frame_piece *piece)
{
    if (piece->rank > PROTOCOL_MAX_RANK)
        return false;
    uint64_t product = 1;
    for (uint32_t d = 0; d < piece->rank; d++)
        if (piece->shape[d] > INT64_MAX / 64 ||
            __builtin_mul_overflow(piece->shape[d], product, &product))
            return false;
    return product == piece->count && product <= INT64_MAX / 64;
}

/* The column lies in one of the piece's blocks. */
static bool column_makes_sense(const struct frame_piece *piece, uint32_t block, uint64_t offset,
                               uint64_t bytes)
{
    if (block >= PIECE_BLOCKS)
        return false;
    const struct frame_block *place = &piece->blocks[block];
    return offset >= place->offset && is_within(offset - place->offset, bytes, place->bytes) &&
           channel_at(place->offset, place->bytes, 1) != NULL;
}

static bool texts_make_sense(const struct frame_input *input, uint64_t count)
{
    const struct frame_text *texts =
        channel_at(input->offset, count * sizeof *texts, _Alignof(struct frame_text));
    if (texts == NULL)
        return false;
    for (uint64_t i = 0; i < count; i++)
        if (texts[i].length > 0 && channel_at(texts[i].offset, texts[i].length, 1) == NULL)
            return false;
    return true;
}

static bool input_makes_sense(const struct call_frame *call, const struct frame_piece *piece,
                              size_t index)
{
    const struct frame_input *input = &piece->inputs[index];
    if (!input->present)
        return true;
    if (input->type != (uint32_t)call->conversion->input_types[index])
        return false;
    bool is_text = input->type == ASTRO_BYTES;
    if (input->scalar)
        return !is_text || is_within(input->text_offset, input->text_length, call->frame->bytes);
    if (piece->rank == 0)
        return false;
    if (piece->count == 0)
        return true;
    uint64_t size = is_text ? sizeof(struct frame_text) : NUMBER_BYTES;
    return column_makes_sense(piece, input->block, input->offset, piece->count * size) &&
           (!is_text || texts_make_sense(input, piece->count));
}

static bool output_makes_sense(const struct call_frame *call, const struct frame_piece *piece,
                               size_t index)
{
    const struct frame_output *output = &piece->outputs[index];
    if (!output->wanted || piece->count == 0)
        return true;
    if (output->type != (uint32_t)call->conversion->output_types[index] ||
        output->offset % NUMBER_BYTES != 0)
        return false;
    for (uint32_t block = 0; block < PIECE_BLOCKS; block++)
        if (column_makes_sense(piece, block, output->offset, piece->count * NUMBER_BYTES))
            return true;
    return false;
}

static bool piece_makes_sense(const struct call_frame *call, struct frame_piece *piece)
{
    piece->request_id[sizeof piece->request_id - 1] = '\0';
    if (!shape_makes_sense(piece))
        return false;
    for (size_t i = 0; i < call->conversion->n_inputs; i++)
        if (!input_makes_sense(call, piece, i))
            return false;
    for (size_t i = 0; i < call->conversion->n_outputs; i++)
        if (!output_makes_sense(call, piece, i))
            return false;
    return true;
}

static bool value_makes_sense(const struct call_frame *call, const struct frame_value *value)
{
    if (value->parameter >= call->conversion->n_parameters)
        return false;
    const struct conversion_parameter *parameter = &call->conversion->parameters[value->parameter];
    switch (parameter->type) {
    case ASTRO_CHOICE:
        return value->choice < (size_t)PyTuple_GET_SIZE(parameter->choices);
    case ASTRO_STRING:
    case ASTRO_EPOCH:
        return is_within(value->text_offset, value->text_length, call->frame->bytes);
    default:
        return true;
    }
}

static bool parts_make_sense(const struct frame *frame)
{
    return frame->bytes >= sizeof *frame && frame->n_pieces > 0 &&
           frame->n_pieces <= PROTOCOL_MAX_PIECES && frame->n_values <= ASTRO_MAX_PARAMETERS &&
           frame->pieces_offset % 8 == 0 && frame->values_offset % 8 == 0 &&
           is_within(frame->pieces_offset, frame->n_pieces * sizeof(struct frame_piece),
                     frame->bytes) &&
           is_within(frame->values_offset, frame->n_values * sizeof(struct frame_value),
                     frame->bytes);
}

bool frame_open(struct ring_entry entry, struct call_frame *ret, char error[256])
{
    struct frame *frame = channel_at(entry.frame, sizeof *frame, 8);
    if (frame == NULL || frame->call != entry.call ||
        channel_at(entry.frame, frame->bytes, 8) == NULL || !parts_make_sense(frame)) {
        snprintf(error, 256, "the frame of call %#llx makes no sense",
                 (unsigned long long)entry.call);
        return false;
    }
    if (frame->conversion >= host.n_conversions ||
        (frame->n_pieces > 1 && !host.conversions[frame->conversion].elementwise)) {
        snprintf(error, 256, "call %#llx is for conversion %u, of which there is none like that",
                 (unsigned long long)entry.call, frame->conversion);
        return false;
    }
    struct call_frame call = {
        .frame = frame,
        .conversion = &host.conversions[frame->conversion],
        .pieces = frame_pieces(frame),
        .values = (const void *)((const char *)frame + frame->values_offset),
        .n_pieces = frame->n_pieces,
        .n_values = frame->n_values,
    };
    bool good = true;
    for (size_t i = 0; good && i < call.n_values; i++)
        good = value_makes_sense(&call, &call.values[i]);
    for (size_t i = 0; good && i < call.n_pieces; i++) {
        good = piece_makes_sense(&call, &call.pieces[i]);
        call.rows += good ? call.pieces[i].count : 0;
    }
    if (!good) {
        snprintf(error, 256, "an argument of call %#llx of %s makes no sense",
                 (unsigned long long)entry.call, call.conversion->name);
        return false;
    }
    *ret = call;
    return true;
}
