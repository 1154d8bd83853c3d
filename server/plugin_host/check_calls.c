#include "plugin_host/check_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "plugin_host/blocks.h"
#include "plugin_host/call.h"
#include "plugin_host/channel.h"
#include "plugin_host/check_values.h"
#include "plugin_host/ledger/ledger.h"

enum { FRAME_BYTES = 1 << 20, PIECES_MOST = 3, NUMBER_BYTES = 8 };
/* Address space; pages exist once they are written. */
static const uint64_t region_bytes = UINT64_C(4) << 30;

/* A block is used again by a later call that needs as much or less. */
struct slot {
    struct slot *next;
    uint64_t offset, bytes;
};

static struct {
    char *base;
    struct channel *channel;
    uint64_t frame, end; /* offsets: of the frame, of what was never used */
    struct slot *free, *taken;
    uint64_t n_calls;
} region;

bool calls_open(void)
{
    void *base = mmap(NULL, region_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return false;
    region.base = base;
    region.channel = base;
    region.channel->version = PROTOCOL_VERSION;
    region.channel->n_loops = 1;
    region.channel->region_bytes = region_bytes;
    region.frame = PROTOCOL_CHANNEL_BYTES;
    region.end = region.frame + FRAME_BYTES;
    channel_use(base, region_bytes);
    return true;
}

/* --- blocks --- */

/* 0: there is no room. */
static uint64_t take_block(uint64_t bytes)
{
    bytes = (bytes + 63) / 64 * 64;
    for (struct slot **at = &region.free; *at; at = &(*at)->next) {
        struct slot *slot = *at;
        if (slot->bytes < bytes)
            continue;
        *at = slot->next;
        slot->next = region.taken;
        region.taken = slot;
        return slot->offset;
    }
    struct slot *slot = bytes > region_bytes - region.end ? NULL : malloc(sizeof *slot);
    if (!slot)
        return 0;
    *slot = (struct slot){.next = region.taken, .offset = region.end, .bytes = bytes};
    region.end += bytes;
    region.taken = slot;
    return slot->offset;
}

static void give_block(uint64_t offset)
{
    for (struct slot **at = &region.taken; *at; at = &(*at)->next) {
        struct slot *slot = *at;
        if (slot->offset != offset)
            continue;
        *at = slot->next;
        slot->next = region.free;
        region.free = slot;
        return;
    }
}

/* --- a frame --- */

/* What stands behind the frame's fixed parts. */
struct writer {
    struct frame *frame;
    uint32_t length;
};

static void write_text(struct writer *writer, const char *text, uint32_t *ret_offset,
                       uint32_t *ret_length)
{
    uint32_t length = (uint32_t)strlen(text);
    memcpy((char *)writer->frame + writer->length, text, length);
    *ret_offset = writer->length;
    *ret_length = length;
    writer->length += length;
}

static const json_t *list_of(const struct calls_of *calls, const char *key)
{
    return json_object_get(calls->description, key);
}

static enum astro_type type_of(const json_t *column)
{
    const char *word = json_string_value(json_object_get(column, "type"));
    return word && strcmp(word, "INT64") == 0   ? ASTRO_INT64
           : word && strcmp(word, "BYTES") == 0 ? ASTRO_BYTES
           : word && strcmp(word, "BOOL") == 0  ? ASTRO_BOOL
                                                : ASTRO_FP64;
}

/* Shapes in turn: mostly vectors, now and then a scalar, a matrix. */
static void shape_piece(struct frame_piece *piece, size_t rows, uint64_t turn)
{
    piece->rank = turn % 8 == 7 ? 0 : turn % 8 == 5 ? 2 : 1;
    piece->shape[0] = piece->rank == 2 ? 2 : rows;
    piece->shape[1] = (rows + 1) / 2;
    piece->count = piece->rank == 0 ? 1 : piece->rank == 1 ? rows : 2 * piece->shape[1];
}

static void fill_scalar(struct writer *writer, struct frame_input *input, const json_t *column,
                        double scale)
{
    char text[VALUES_TEXT];
    input->scalar = 1;
    switch (type_of(column)) {
    case ASTRO_INT64:
        input->integer = values_integer();
        break;
    case ASTRO_BOOL:
        input->integer = values_integer() % 2;
        break;
    case ASTRO_BYTES:
        values_text(text);
        write_text(writer, text, &input->text_offset, &input->text_length);
        break;
    default:
        input->number = values_number(column, scale);
    }
}

/* At `offset`; returns where the next column may begin. */
static uint64_t fill_column(struct frame_input *input, const json_t *column, uint64_t count,
                            uint64_t offset, double scale)
{
    input->offset = offset;
    if (type_of(column) != ASTRO_BYTES) {
        double *numbers = (double *)(void *)(region.base + offset);
        int64_t *integers = (int64_t *)(void *)(region.base + offset);
        for (uint64_t i = 0; i < count; i++) {
            if (type_of(column) == ASTRO_INT64)
                integers[i] = values_integer();
            else if (type_of(column) == ASTRO_BOOL)
                integers[i] = values_integer() % 2;
            else
                numbers[i] = values_number(column, scale);
        }
        return offset + (count * NUMBER_BYTES + 63) / 64 * 64;
    }
    struct frame_text *texts = (struct frame_text *)(void *)(region.base + offset);
    uint64_t at = offset + count * sizeof *texts;
    for (uint64_t i = 0; i < count; i++, at += VALUES_TEXT) {
        values_text(region.base + at);
        texts[i] = (struct frame_text){at, strlen(region.base + at)};
    }
    return (at + 63) / 64 * 64;
}

static uint64_t room_for(const json_t *columns, uint64_t count)
{
    uint64_t width = sizeof(struct frame_text) + VALUES_TEXT;
    return json_array_size(columns) * (count * width + 64) + 64;
}

static bool fill_inputs(const struct calls_of *calls, struct writer *writer,
                        struct frame_piece *piece, uint64_t turn)
{
    const json_t *columns = list_of(calls, "inputs");
    const struct frame_value *given =
        (const struct frame_value *)(const void *)((char *)writer->frame +
                                                   writer->frame->values_offset);
    bool arrays = piece->rank > 0;
    uint64_t at = arrays ? take_block(room_for(columns, piece->count)) : 0;
    if (arrays && !at)
        return false;
    piece->blocks[0] = (struct frame_block){.offset = at, .bytes = room_for(columns, piece->count)};
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const json_t *column = json_array_get(columns, i);
        if (json_is_true(json_object_get(column, "optional")) && (turn + i) % 3 == 0)
            continue;
        const char *role = json_string_value(json_object_get(column, "role"));
        double scale =
            values_scale(calls->description, given, writer->frame->n_values, role ? role : "");
        struct frame_input *input = &piece->inputs[i];
        input->present = 1;
        input->type = (uint32_t)type_of(column);
        /* A scalar beside arrays now and then. */
        if (!arrays || (i > 0 && turn % 8 == 3))
            fill_scalar(writer, input, column, scale);
        else
            at = fill_column(input, column, piece->count, at, scale);
    }
    return true;
}

static bool make_room_for_outputs(const struct calls_of *calls, struct frame_piece *piece)
{
    const json_t *columns = list_of(calls, "outputs");
    uint64_t stride = (piece->count * NUMBER_BYTES + 63) / 64 * 64;
    uint64_t bytes = stride * json_array_size(columns), at = take_block(bytes);
    if (!at)
        return false;
    piece->blocks[PIECE_BLOCKS - 1] = (struct frame_block){.offset = at, .bytes = bytes};
    for (size_t i = 0; i < json_array_size(columns); i++, at += stride)
        piece->outputs[i] = (struct frame_output){
            .wanted = 1, .type = (uint32_t)type_of(json_array_get(columns, i)), .offset = at};
    return true;
}

static void fill_parameters(const struct calls_of *calls, struct writer *writer, uint64_t turn)
{
    const json_t *parameters = list_of(calls, "parameters");
    struct frame *frame = writer->frame;
    struct frame_value *values =
        (struct frame_value *)(void *)((char *)frame + frame->values_offset);
    for (uint32_t i = 0; i < json_array_size(parameters) && i < ASTRO_MAX_PARAMETERS; i++) {
        char text[VALUES_TEXT] = "";
        struct frame_value value;
        if (!values_parameter(json_array_get(parameters, i), i, turn, &value, text))
            continue;
        write_text(writer, text, &value.text_offset, &value.text_length);
        values[frame->n_values++] = value;
    }
}

static struct frame *begin_frame(const struct calls_of *calls, struct writer *ret,
                                 uint32_t n_pieces)
{
    struct frame *frame = (struct frame *)(void *)(region.base + region.frame);
    uint32_t values = sizeof *frame,
             pieces = values + ASTRO_MAX_PARAMETERS * sizeof(struct frame_value);
    uint32_t texts = pieces + n_pieces * (uint32_t)sizeof(struct frame_piece);
    memset(frame, 0, texts);
    frame->call = ++region.n_calls;
    frame->conversion = (uint32_t)json_integer_value(json_object_get(calls->description, "number"));
    frame->n_pieces = n_pieces;
    frame->values_offset = values;
    frame->pieces_offset = pieces;
    *ret = (struct writer){.frame = frame, .length = texts};
    return frame;
}

static struct frame_piece *piece_of(struct frame *frame, uint32_t index)
{
    return (struct frame_piece *)(void *)((char *)frame + frame->pieces_offset) + index;
}

static bool make_frame(const struct calls_of *calls, struct frame **ret)
{
    uint64_t turn = region.n_calls;
    bool joins = json_is_true(json_object_get(calls->description, "elementwise"));
    struct writer writer;
    struct frame *frame = begin_frame(calls, &writer, joins && turn % 16 == 9 ? PIECES_MOST : 1);
    *ret = frame;
    fill_parameters(calls, &writer, turn);
    bool good = true;
    for (uint32_t i = 0; good && i < frame->n_pieces; i++) {
        struct frame_piece *piece = piece_of(frame, i);
        snprintf(piece->request_id, sizeof piece->request_id, "call-%llu",
                 (unsigned long long)frame->call);
        shape_piece(piece, calls->rows, frame->n_pieces > 1 ? 0 : turn);
        /* Joined pieces have the same inputs. */
        good = fill_inputs(calls, &writer, piece, frame->n_pieces > 1 ? 1 : turn) &&
               make_room_for_outputs(calls, piece);
    }
    frame->bytes = writer.length;
    return good;
}

/* --- a call --- */

static void note_failure(struct calls_of *calls, const struct frame *frame,
                         const struct frame_piece *piece)
{
    if (piece->status != PIECE_FAILED)
        return;
    if (calls->failed++ > 0)
        return;
    snprintf(calls->error, sizeof calls->error, "%s", piece->text);
    size_t length = frame->traceback_length < sizeof calls->traceback ? frame->traceback_length
                                                                      : sizeof calls->traceback - 1;
    memcpy(calls->traceback, frame->traceback, length);
    calls->traceback[length] = '\0';
}

static void give_back(struct calls_of *calls, struct frame *frame)
{
    for (uint32_t i = 0; i < frame->n_pieces; i++) {
        struct frame_piece *piece = piece_of(frame, i);
        calls->made++;
        note_failure(calls, frame, piece);
        for (size_t b = 0; b < PIECE_BLOCKS; b++)
            if (piece->blocks[b].offset && !piece->blocks[b].retained)
                give_block(piece->blocks[b].offset);
    }
}

static void take_what_was_told(void)
{
    struct ring_entry entry;
    while (ring_take(&region.channel->loops[0].done, &entry) == RING_TAKEN)
        continue;
    uint64_t block;
    while (releases_take(&region.channel->releases, &block) == RING_TAKEN)
        give_block(block);
}

enum calls_end calls_make(struct calls_of *calls)
{
    struct frame *frame;
    if (!make_frame(calls, &frame))
        return CALLS_FULL;
    struct ring_entry entry = {.call = frame->call, .frame = region.frame};
    unsigned owner, n_calls;
    char error[256];
    if (!call_run(entry, &owner, &n_calls, error)) {
        fprintf(stderr, "astrolabe-plugin-host: %s\n", error);
        abort();
    }
    channel_complete(entry);
    give_back(calls, frame);
    blocks_posted();
    blocks_flush();
    take_what_was_told();
    ledger_call_ended(owner, n_calls);
    return CALLS_DONE;
}
