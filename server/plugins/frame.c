#include "plugins/frame.h"

#include <string.h>

#include "catalogue/catalogue.h"
#include "catalogue/utf8.h"
#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/frame_inputs.h"
#include "plugins/part.h"
#include "process/server.h"
#include "request/call.h"
#include "request/request.h"

enum { COLUMN_ALIGN = 64, VALUE_SIZE = 8 };

_Static_assert(BLOCK_RESULTS == PIECE_BLOCKS - 1, "a place for each kind of block");

static size_t align_up(size_t bytes, size_t to)
{
    return (bytes + to - 1) / to * to; /* of what lies in memory: no overflow */
}

/* --- where arrays lie --- */

const struct slab *frame_slab(const struct request *request, unsigned block)
{
    const struct call *call = request->call;
    switch (block) {
    case BLOCK_BODY:
        return &request->body.slab;
    case BLOCK_COLUMNS:
        return &call->columns;
    case BLOCK_COPIES:
        return &call->plugin->copies;
    default:
        return &call->results;
    }
}

/* Room for the wanted outputs. */
static bool take_results(struct call *call, struct region_memory *region)
{
    size_t column, total;
    if (!size_mul(call->count, VALUE_SIZE, &column) || !size_add(column, COLUMN_ALIGN, &column))
        return false;
    column = column / COLUMN_ALIGN * COLUMN_ALIGN;
    if (!size_mul(column, call->n_wanted > 0 ? call->n_wanted : 1, &total))
        return false;
    slab_release(&call->results);
    if (!slab_take_from(region_memory_source(region), total, &call->results))
        return false;
    char *next = call->results.data;
    for (size_t i = 0; i < call->conversion->n_outputs; i++) {
        if (!call->outputs[i].wanted)
            continue;
        call->outputs[i].data = next;
        next += column;
    }
    return true;
}

void frame_undo(struct request *request)
{
    slab_release(&request->call->results);
}

/* --- writing --- */

uint64_t frame_block_bytes(const struct request *request, unsigned block)
{
    const struct call *call = request->call;
    if (block == BLOCK_RESULTS)
        return (uint64_t)call->count * VALUE_SIZE * call->n_wanted;
    return frame_inputs_bytes(request, frame_slab(request, block));
}

/* From the block's beginning to the end of its last column: columns are aligned, and the head of a body
 * may stand before them. */
static uint64_t extent_of(const struct request *request, unsigned block)
{
    const struct call *call = request->call;
    const struct slab *slab = frame_slab(request, block);
    uint64_t extent = frame_inputs_extent(request, slab);
    for (size_t i = 0; i < call->conversion->n_outputs; i++) {
        const char *column = call->outputs[i].data;
        if (column == NULL || !frame_lies_in(slab, region_memory_of(slab), column))
            continue;
        uint64_t end = (uint64_t)(column - slab->data) + (uint64_t)call->count * VALUE_SIZE;
        extent = end > extent ? end : extent;
    }
    return extent;
}

static void write_blocks(const struct request *request, const struct region_memory *region,
                         struct frame_piece *piece)
{
    for (unsigned block = 0; block < PIECE_BLOCKS; block++) {
        const struct slab *slab = frame_slab(request, block);
        bool ours = slab->data != NULL && region_memory_of(slab) == region;
        piece->blocks[block].offset = ours ? region_memory_offset(region, slab->data) : 0;
        piece->blocks[block].bytes = ours ? extent_of(request, block) : 0;
        piece->blocks[block].retained = 0;
    }
}

static void write_piece(struct request *request, const struct region_memory *region, char *frame,
                        uint32_t *text, struct frame_piece *piece)
{
    const struct call *call = request->call;
    piece->count = call->count;
    piece->rank = frame_has_array(call) ? call->rank : 0; /* one row of scalars: () */
    piece->status = PIECE_PENDING;
    for (unsigned i = 0; i < piece->rank; i++)
        piece->shape[i] = call->shape[i];
    write_blocks(request, region, piece);
    memcpy(piece->request_id, call->plugin->request_id, sizeof piece->request_id);
    for (size_t i = 0; i < call->conversion->n_inputs; i++)
        frame_write_input(request, region, i, frame, text, &piece->inputs[i]);
    for (size_t i = 0; i < call->conversion->n_outputs; i++) {
        const struct call_output *output = &call->outputs[i];
        piece->outputs[i] = (struct frame_output){
            .wanted = output->wanted,
            .type = (uint32_t)call->conversion->outputs[i].type,
            .offset = output->wanted ? region_memory_offset(region, output->data) : 0,
        };
    }
    piece->code = 0;
    piece->field[0] = piece->text[0] = '\0';
}

/* Parameters that stood in the request, and how many bytes their texts have. */
static unsigned count_values(const struct call *call, size_t *ret_text)
{
    unsigned n = 0;
    *ret_text = 0;
    for (size_t i = 0; i < call->conversion->n_parameters; i++) {
        if (!call->values[i].given)
            continue;
        n++;
        if (call->conversion->parameters[i].type == ASTRO_STRING)
            *ret_text += call->values[i].text.length;
    }
    return n;
}

static void write_values(const struct call *call, char *frame, uint32_t values, uint32_t *text)
{
    struct frame_value *out = (struct frame_value *)(void *)(frame + values);
    for (size_t i = 0; i < call->conversion->n_parameters; i++) {
        const struct astro_value *value = &call->values[i];
        if (!value->given)
            continue;
        *out = (struct frame_value){
            .parameter = (uint32_t)i,
            .choice = (uint32_t)value->choice,
            .number = value->number,
            .integer = value->integer,
        };
        if (call->conversion->parameters[i].type == ASTRO_STRING) {
            out->text_offset = *text;
            out->text_length = (uint32_t)value->text.length;
            memcpy(frame + *text, value->text.data, value->text.length);
            *text += out->text_length;
        }
        out++;
    }
}

/* The pieces of a joined call have equal parameters. */
bool frame_build(struct host *host, struct plugin_call *call)
{
    struct region_memory *region = host->region;
    for (unsigned i = 0; i < call->n_pieces; i++) {
        if (!frame_copy_inputs(call->pieces[i], region) ||
            !take_results(call->pieces[i]->call, region))
            return false;
    }
    const struct call *first = call->pieces[0]->call;
    size_t text;
    unsigned n_values = count_values(first, &text);
    for (unsigned i = 0; i < call->n_pieces; i++)
        text += frame_scalar_texts(call->pieces[i]->call);
    size_t values = align_up(sizeof(struct frame), VALUE_SIZE);
    size_t pieces = align_up(values + n_values * sizeof(struct frame_value), VALUE_SIZE);
    size_t texts = pieces + call->n_pieces * sizeof(struct frame_piece);
    if (text > UINT32_MAX / 2 ||
        !slab_take_from(region_memory_source(region), texts + text, &call->frame))
        return false;
    struct frame *frame = (struct frame *)(void *)call->frame.data;
    frame->call = call->id;
    frame->conversion = call->conversion->number;
    frame->n_pieces = call->n_pieces;
    frame->n_values = n_values;
    frame->values_offset = (uint32_t)values;
    frame->pieces_offset = call->pieces_offset = (uint32_t)pieces;
    frame->bytes = (uint32_t)(texts + text);
    frame->busy_ns = 0;
    frame->traceback_piece = frame->traceback_length = 0;
    uint32_t next_text = (uint32_t)texts;
    write_values(first, call->frame.data, (uint32_t)values, &next_text);
    struct frame_piece *piece = (struct frame_piece *)(void *)(call->frame.data + pieces);
    for (unsigned i = 0; i < call->n_pieces; i++)
        write_piece(call->pieces[i], region, call->frame.data, &next_text, &piece[i]);
    return true;
}

/* --- reading --- */

static const struct frame_piece *piece_of(const struct plugin_call *call, unsigned i)
{
    return (const struct frame_piece *)(const void *)(call->frame.data + call->pieces_offset) + i;
}

unsigned frame_retained(const struct plugin_call *call, unsigned i)
{
    const struct frame_piece *piece = piece_of(call, i);
    unsigned bits = 0;
    for (unsigned block = 0; block < PIECE_BLOCKS; block++) {
        if (frame_slab(call->pieces[i], block)->data != NULL && piece->blocks[block].retained != 0)
            bits |= 1u << block;
    }
    return bits;
}

/* Printable text from foreign memory: control characters but line ends and tabs become blanks, and
 * what is no UTF-8 becomes question marks. Always terminated. */
static void clean(char *text, size_t length)
{
    for (size_t good = 0; good < length;) {
        size_t end = good + utf8_prefix(text + good, length - good);
        for (size_t i = good; i < end; i++) {
            if (((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t') ||
                text[i] == 0x7f)
                text[i] = ' ';
        }
        if (end < length)
            text[end++] = '?';
        good = end;
    }
    text[length] = '\0';
}

static void copy_text(char *out, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);
    memcpy(out, from, length);
    clean(out, length);
}

static void read_traceback(const struct plugin_call *call, unsigned i)
{
    struct request *request = call->pieces[i];
    const struct frame *frame = (const struct frame *)(const void *)call->frame.data;
    uint32_t length = frame->traceback_length;
    if (length == 0 || length > PROTOCOL_TRACEBACK || frame->traceback_piece != i)
        return;
    char *text = arena_alloc(&request->arena, (size_t)length + 1, 1);
    if (text == NULL)
        return;
    memcpy(text, frame->traceback, length);
    clean(text, length);
    LOG_EVENT(LEVEL_WARN, "plugin_traceback",
              LOG_S("request_id", call->pieces[i]->call->plugin->request_id),
              LOG_S("traceback", text));
    if (server.settings.plugins_tracebacks)
        request->traceback = (struct request_text){text, strlen(text)};
}

static void read_failure(const struct plugin_call *call, unsigned i)
{
    struct request *request = call->pieces[i];
    const struct frame_piece *piece = piece_of(call, i);
    uint32_t code = piece->code;
    struct astro_error error = {.code = ASTRO_PLUGIN_ERROR};
    /* A plugin may refuse an argument; everything else is its failure. */
    if (code < ASTRO_CODE_COUNT && astro_code_status((enum astro_code)code) == 400)
        error.code = (enum astro_code)code;
    copy_text(error.field, sizeof error.field, piece->field);
    copy_text(error.text, sizeof error.text, piece->text);
    if (error.text[0] == '\0')
        strcpy(error.text, "the plugin failed without saying why");
    request->error = error;
    if (error.code != ASTRO_PLUGIN_ERROR)
        return;
    LOG_EVENT(LEVEL_WARN, "plugin_error",
              LOG_S("plugin", request->call->plugin->conversion->plugin),
              LOG_S("conversion", request->call->conversion->name),
              LOG_S("request_id", request->call->plugin->request_id), LOG_S("error", error.text));
    read_traceback(call, i);
}

void frame_read(const struct plugin_call *call, unsigned i)
{
    struct request *request = call->pieces[i];
    switch (piece_of(call, i)->status) {
    case PIECE_DONE:
        return;
    case PIECE_FAILED:
        read_failure(call, i);
        return;
    default:
        astro_fail(&request->error, ASTRO_PLUGIN_CRASHED, NULL,
                   "the plugin host gave the request back without an answer");
    }
}
