/*
 * The Open Inference Protocol, writing: a JSON part with flat data, and behind it the binary
 * tensors in the order of `outputs`, sent from where run() has put them.
 */
#include <stdio.h>
#include <string.h>

#include "codec/number.h"
#include "codec/oip.h"
#include "memory/alloc.h"
#include "memory/arena.h"
#include "request/request.h"

enum {
    HEAD_TEXT = 96,    /* keys and punctuation of an answer, at the most */
    OUTPUT_TEXT = 128, /* of one output, its numbers but for the shape included */
    SHAPE_TEXT = 21 * CALL_MAX_RANK + 2,
    TEXT_HEAD = 4,            /* bytes of length before each text of a binary tensor */
    LIMIT_RESERVE = 64 * 1024 /* for everything in a reply that is no number */
};

static const double ns_per_answer = 400;

/* Clients hold a reply in a signed 32-bit length. */
static const uint64_t answer_limit = INT32_MAX;

void oip_choose_outputs(struct call *call, struct oip_state *state)
{
    const struct astro_conversion *conversion = call->conversion;
    if (state->n_order == 0) {
        for (size_t i = 0; i < conversion->n_outputs; i++)
            state->order[state->n_order++] = (uint8_t)i;
    }
    for (unsigned place = 0; place < state->n_order; place++) {
        unsigned i = state->order[place];
        call->outputs[i].wanted = true;
        call->outputs[i].place = place;
        call->outputs[i].binary = state->binary_said[i] ? state->binary[i] : state->binary_default;
    }
    call->n_wanted = state->n_order;
}

static unsigned count_binary(const struct call *call)
{
    unsigned n = 0;
    for (size_t i = 0; i < call->conversion->n_outputs; i++)
        n += call->outputs[i].wanted && call->outputs[i].binary;
    return n;
}

double oip_encode_cost(const struct call *call)
{
    unsigned json = call->n_wanted - count_binary(call);
    return ns_per_answer + (double)call->count * json * answer_ns_per_number;
}

bool oip_check_answer(struct call *call)
{
    size_t row = 0, size;
    for (size_t i = 0; i < call->conversion->n_outputs; i++) {
        enum astro_type type = call->conversion->outputs[i].type;
        if (call->outputs[i].wanted)
            row += !call->outputs[i].binary ? answer_room(call->conversion, type) + 1
                   : type == ASTRO_BYTES    ? TEXT_HEAD + call->conversion->text_width
                   : type == ASTRO_BOOL     ? 1
                                            : sizeof(double);
    }
    if (size_mul(call->count, row, &size) && size < answer_limit - LIMIT_RESERVE)
        return true;
    return astro_fail(
        &call->request->error, ASTRO_TOO_LARGE, NULL,
        "the answer could have %zu x %zu bytes, and replies stay below 2 GiB; send fewer "
        "points at a time",
        call->count, row);
}

/* --- the JSON part --- */

/* Text that grows in a room known to be large enough. */
static char *put(char *out, const char *text)
{
    size_t length = strlen(text);
    memcpy(out, text, length);
    return out + length;
}

static char *put_count(char *out, size_t value)
{
    return out + number_write_integer(out, (int64_t)value); /* below 2^63: it has been in memory */
}

static void write_shape(const struct call *call, char out[SHAPE_TEXT])
{
    *out++ = '[';
    for (unsigned i = 0; i < call->rank; i++) {
        if (i > 0)
            *out++ = ',';
        out = put_count(out, call->shape[i]);
    }
    *out++ = ']';
    *out = '\0';
}

static const char *type_name(enum astro_type type)
{
    static const enum datatype datatypes[] = {[ASTRO_FP64] = DATATYPE_FP64,
                                              [ASTRO_INT64] = DATATYPE_INT64,
                                              [ASTRO_BYTES] = DATATYPE_BYTES,
                                              [ASTRO_BOOL] = DATATYPE_BOOL};
    return datatype_name(datatypes[type]);
}

/* Names of conversions and outputs are plain words: nothing in them has to be escaped. */
static size_t text_bound(const struct call *call, const struct oip_state *state, const char *shape)
{
    const struct astro_conversion *conversion = call->conversion;
    size_t size = HEAD_TEXT + strlen(conversion->name) + state->id.length, each = strlen(shape);
    for (unsigned place = 0; place < state->n_order; place++)
        size += OUTPUT_TEXT + each + strlen(conversion->outputs[state->order[place]].name);
    return size;
}

static char *put_head(char *out, const struct call *call, const struct oip_state *state)
{
    out = put(put(out, "{\"model_name\":\""), call->conversion->name);
    out = put(out, "\",\"model_version\":\"1\"");
    if (state->id.data != NULL) {
        out = put(out, ",\"id\":");
        memcpy(out, state->id.data, state->id.length);
        out += state->id.length;
    }
    return put(out, ",\"outputs\":[");
}

/* All text in one room; where the numbers of an output belong, a column of the answer begins. */
static bool write_text(struct call *call, const struct oip_state *state, struct answer *answer)
{
    char shape[SHAPE_TEXT];
    write_shape(call, shape);
    char *out = arena_alloc(&call->request->arena, text_bound(call, state, shape), 1);
    if (out == NULL)
        return false;
    const char *begin = out;
    out = put_head(out, call, state);
    for (unsigned place = 0; place < state->n_order; place++) {
        const struct astro_field *field = &call->conversion->outputs[state->order[place]];
        const struct call_output *output = &call->outputs[state->order[place]];
        out = put(put(out, place > 0 ? ",{\"name\":\"" : "{\"name\":\""), field->name);
        out = put(put(out, "\",\"datatype\":\""), type_name(field->type));
        out = put(put(out, "\",\"shape\":"), shape);
        if (output->binary) {
            out = put(out, ",\"parameters\":{\"binary_data_size\":");
            out = put(put_count(out, state->binary_bytes[state->order[place]]), "}}");
            continue;
        }
        out = put(out, ",\"data\":");
        answer->columns[answer->n_columns++] =
            (struct answer_column){begin, (size_t)(out - begin), output->data, field->type,
                                   answer_room(call->conversion, field->type)};
        begin = out;
        *out++ = '}';
    }
    out = put(out, "]}");
    answer->after = begin;
    answer->after_length = (size_t)(out - begin);
    return true;
}

/* --- binary tensors --- */

static size_t packed_text_bytes(const struct astro_text *texts, size_t n)
{
    size_t bytes = n * TEXT_HEAD; /* they lie in memory with more room than that */
    for (size_t i = 0; i < n; i++)
        bytes += texts[i].length;
    return bytes;
}

static bool is_packed(const struct call *call, size_t i)
{
    enum astro_type type = call->conversion->outputs[i].type;
    return call->outputs[i].wanted && call->outputs[i].binary &&
           (type == ASTRO_BYTES || type == ASTRO_BOOL);
}

static size_t packed_bytes(const struct call *call, size_t i)
{
    if (call->conversion->outputs[i].type == ASTRO_BOOL)
        return call->count;
    const struct astro_text *texts = call->outputs[i].data;
    return packed_text_bytes(texts, call->count);
}

static void pack_texts(char *out, const struct astro_text *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = texts[i].length; /* at most text_width */
        for (unsigned k = 0; k < TEXT_HEAD; k++)
            *out++ = (char)(length >> 8 * k & 0xff);
        memcpy(out, texts[i].data, length);
        out += length;
    }
}

static void pack(char *out, const struct call *call, size_t i)
{
    const void *data = call->outputs[i].data;
    if (call->conversion->outputs[i].type == ASTRO_BYTES) {
        pack_texts(out, data, call->count);
        return;
    }
    const int64_t *booleans = data;
    for (size_t row = 0; row < call->count; row++)
        out[row] = booleans[row] != 0;
}

/* Numbers leave from where run() has put them; texts and booleans are packed first, all in one
 * slab. */
static bool lay_binary(struct call *call, struct oip_state *state)
{
    size_t total = 0;
    for (size_t i = 0; i < call->conversion->n_outputs; i++) {
        const struct call_output *output = &call->outputs[i];
        state->binary_data[i] = output->data;
        state->binary_bytes[i] = call->count * sizeof(double);
        if (!is_packed(call, i))
            continue;
        state->binary_bytes[i] = packed_bytes(call, i);
        total += state->binary_bytes[i];
    }
    if (total == 0)
        return true;
    if (!slab_take(total, &call->packed))
        return false;
    char *next = call->packed.data;
    for (size_t i = 0; i < call->conversion->n_outputs; i++) {
        if (!is_packed(call, i))
            continue;
        pack(next, call, i);
        state->binary_data[i] = next;
        next += state->binary_bytes[i];
    }
    return true;
}

bool oip_encode_begin(struct call *call, size_t *ret_parts)
{
    struct oip_state *state = call->codec_state;
    struct request *request = call->request;
    answer_drop_inputs(call);
    struct answer *answer = arena_alloc(&request->arena, sizeof *answer, _Alignof(struct answer));
    if (answer == NULL)
        return call_fail_memory(&request->error);
    state->answer = answer;
    answer->rank = 1; /* data is flat, whatever the shape */
    answer->shape = &call->count;
    answer->count = call->count;
    answer->n_columns = 0;
    if (!lay_binary(call, state) || !write_text(call, state, answer))
        return call_fail_memory(&request->error);
    return answer_begin(answer, call, ret_parts);
}

void oip_encode_part(struct call *call, size_t part)
{
    struct oip_state *state = call->codec_state;
    answer_write(state->answer, part);
}

bool oip_encode_end(struct call *call)
{
    const struct oip_state *state = call->codec_state;
    struct request *request = call->request;
    unsigned binary = count_binary(call);
    if (!response_begin(request, 200, binary > 0 ? "application/octet-stream" : "application/json",
                        answer_pieces(state->answer) + binary))
        return call_fail_memory(&request->error);
    answer_say(state->answer, request);
    for (unsigned place = 0; place < state->n_order; place++) {
        const struct call_output *output = &call->outputs[state->order[place]];
        if (output->binary)
            response_piece(request, state->binary_data[state->order[place]],
                           state->binary_bytes[state->order[place]]);
    }
    request->response.header_length = binary > 0 ? (int64_t)answer_length(state->answer) : -1;
    request->response.may_compress = true;
    request->response.warnings = answer_warnings(call);
    return true;
}
