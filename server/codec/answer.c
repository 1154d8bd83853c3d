#include "codec/answer.h"

#include <string.h>

#include "codec/number.h"
#include "memory/alloc.h"
#include "request/request.h"

enum {
    BOOLEAN_TEXT = 5,         /* "false" */
    PART_NUMBERS = 16 * 1024, /* about 0.5 ms of writing */
    WHOLE_NUMBERS = 256,      /* up to here one part, one text, one piece */
    ESCAPED = 2               /* bytes that a character of a text can need */
};

const double answer_ns_per_number = 36;

/* --- sizes --- */

/* Values within one array of each level; false when a product overflows, which no real column does.
 */
static bool find_blocks(struct answer *answer)
{
    size_t block = 1;
    for (unsigned level = answer->rank; level-- > 0;) {
        if (!size_mul(block, answer->shape[level], &block))
            return false;
        answer->block[level] = block;
    }
    return true;
}

/* Text of an answer without values, "[[],[]]", from `level` inwards. */
static bool empty_length(const struct answer *answer, unsigned level, size_t *ret)
{
    size_t extent = answer->shape[level];
    *ret = 2;
    if (extent == 0 || level + 1 == answer->rank)
        return true;
    size_t inner;
    return empty_length(answer, level + 1, &inner) && size_add(inner, 1, &inner) &&
           size_mul(inner, extent, &inner) && size_add(inner, 1, ret);
}

static char *empty_write(const struct answer *answer, unsigned level, char *out)
{
    size_t extent = answer->shape[level];
    *out++ = '[';
    for (size_t i = 0; level + 1 < answer->rank && i < extent; i++) {
        if (i > 0)
            *out++ = ',';
        out = empty_write(answer, level + 1, out);
    }
    *out++ = ']';
    return out;
}

size_t answer_room(const struct astro_conversion *conversion, enum astro_type type)
{
    return type == ASTRO_BYTES  ? ESCAPED * conversion->text_width + 2
           : type == ASTRO_BOOL ? BOOLEAN_TEXT
                                : NUMBER_TEXT;
}

/* Upper bound of the text of the values [from, to) with a comma before, and their brackets. */
static bool values_bound(const struct answer *answer, const struct answer_column *column,
                         size_t from, size_t to, size_t *ret)
{
    if (answer->count == 0)
        return empty_length(answer, 0, ret);
    if (!size_mul(to - from, column->room + 1, ret) ||
        !size_add(*ret, 1, ret)) /* 1: the comma before */
        return false;
    for (unsigned level = 0; level < answer->rank; level++) {
        size_t block = answer->block[level];
        size_t opened = (to - 1) / block - (from > 0 ? (from - 1) / block : 0) + (from == 0);
        size_t closed = to / block - from / block;
        if (!size_add(*ret, opened + closed, ret))
            return false;
    }
    return true;
}

static size_t part_from(size_t slice)
{
    return slice * PART_NUMBERS;
}

static size_t part_to(const struct answer *answer, size_t slice)
{
    size_t to = (slice + 1) * PART_NUMBERS;
    return to < answer->count ? to : answer->count;
}

static bool part_bound(const struct answer *answer, size_t part, size_t *ret)
{
    size_t slice = part % answer->parts_per_column;
    const struct answer_column *column = &answer->columns[part / answer->parts_per_column];
    return values_bound(answer, column, part_from(slice), part_to(answer, slice), ret) &&
           (slice > 0 || size_add(*ret, column->before_length, ret));
}

/* --- memory --- */

static bool begin_whole(struct answer *answer, struct call *call)
{
    size_t bound, size = answer->after_length;
    for (unsigned i = 0; i < answer->n_columns; i++) {
        if (!values_bound(answer, &answer->columns[i], 0, answer->count, &bound) ||
            !size_add(size, bound, &size) ||
            !size_add(size, answer->columns[i].before_length, &size))
            return false;
    }
    struct arena *arena = &call->request->arena;
    answer->parts_per_column = 0;
    answer->n_parts = 1;
    answer->parts = arena_alloc(arena, sizeof answer->parts[0], _Alignof(struct answer_part));
    char *text = arena_alloc(arena, size, 1);
    if (answer->parts == NULL || text == NULL)
        return false;
    answer->parts[0] = (struct answer_part){.text = text};
    return true;
}

static bool begin_parts(struct answer *answer, struct call *call)
{
    answer->parts_per_column = answer->count > 0 ? (answer->count - 1) / PART_NUMBERS + 1 : 1;
    size_t bound, size = 0, bytes;
    if (!size_mul(answer->parts_per_column, answer->n_columns, &answer->n_parts) ||
        !size_mul(answer->n_parts, sizeof answer->parts[0], &bytes))
        return false;
    for (size_t part = 0; part < answer->n_parts; part++) {
        if (!part_bound(answer, part, &bound) || !size_add(size, bound, &size))
            return false;
    }
    answer->parts = arena_alloc(&call->request->arena, bytes, _Alignof(struct answer_part));
    if (answer->parts == NULL || !slab_take(size, &call->text))
        return false;
    char *next = call->text.data;
    for (size_t part = 0; part < answer->n_parts; part++) {
        answer->parts[part] = (struct answer_part){.text = next};
        if (!part_bound(answer, part, &bound))
            return false;
        next += bound;
    }
    return true;
}

bool answer_begin(struct answer *answer, struct call *call, size_t *ret_parts)
{
    *ret_parts = answer->n_parts = 0;
    answer->parts = NULL;
    if (answer->n_columns == 0)
        return true; /* nothing but `after` */
    bool few = answer->count <= WHOLE_NUMBERS / answer->n_columns;
    size_t empty = 0;
    if (!find_blocks(answer) || (answer->count == 0 && !empty_length(answer, 0, &empty)) ||
        !(few && empty <= WHOLE_NUMBERS ? begin_whole(answer, call) : begin_parts(answer, call)))
        return call_fail_memory(&call->request->error);
    *ret_parts = answer->n_parts;
    return true;
}

/* --- writing --- */

/* Texts of kernels have no control characters (astrolabe/conversion.h); one would be a blank. */
static char *write_text(char *out, const struct astro_text *text)
{
    *out++ = '"';
    for (size_t i = 0; i < text->length; i++) {
        char c = text->data[i];
        if (c == '"' || c == '\\')
            *out++ = '\\';
        *out++ = (unsigned char)c < ' ' ? ' ' : c;
    }
    *out++ = '"';
    return out;
}

static char *write_texts(char *out, const struct astro_text *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            *out++ = ',';
        out = write_text(out, &texts[i]);
    }
    return out;
}

static char *write_booleans(char *out, const int64_t *values, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *word = values[i] != 0 ? "true" : "false";
        size_t length = strlen(word);
        if (i > 0)
            *out++ = ',';
        memcpy(out, word, length);
        out += length;
    }
    return out;
}

static char *write_run(char *out, const struct answer_column *column, size_t from, size_t n)
{
    if (column->type == ASTRO_BYTES)
        return write_texts(out, (const struct astro_text *)column->values + from, n);
    if (column->type == ASTRO_BOOL)
        return write_booleans(out, (const int64_t *)column->values + from, n);
    const char *values = (const char *)column->values + from * sizeof(double);
    if (column->type == ASTRO_INT64)
        return out + number_write_integers(out, values, n);
    return out + number_write_doubles(out, values, n);
}

/* Runs of the innermost level, with the brackets that open and close at their ends. */
static char *write_values(const struct answer *answer, const struct answer_column *column,
                          size_t from, size_t to, char *out)
{
    if (answer->count == 0)
        return empty_write(answer, 0, out);
    if (answer->rank == 0)
        return write_run(out, column, 0, 1);
    size_t inner = answer->block[answer->rank - 1];
    for (size_t i = from; i < to;) {
        if (i > 0)
            *out++ = ',';
        for (unsigned level = 0; level < answer->rank; level++) {
            if (i % answer->block[level] == 0)
                *out++ = '[';
        }
        size_t left = inner - i % inner;
        size_t n = left < to - i ? left : to - i;
        out = write_run(out, column, i, n);
        i += n;
        for (unsigned level = answer->rank; level-- > 0;) {
            if (i % answer->block[level] == 0)
                *out++ = ']';
        }
    }
    return out;
}

static char *put(char *out, const char *text, size_t length)
{
    memcpy(out, text, length);
    return out + length;
}

static void write_whole(struct answer *answer)
{
    char *out = answer->parts[0].text;
    for (unsigned i = 0; i < answer->n_columns; i++) {
        const struct answer_column *column = &answer->columns[i];
        out = put(out, column->before, column->before_length);
        out = write_values(answer, column, 0, answer->count, out);
    }
    out = put(out, answer->after, answer->after_length);
    answer->parts[0].length = (size_t)(out - answer->parts[0].text);
}

void answer_write(struct answer *answer, size_t part)
{
    if (answer->parts_per_column == 0) {
        write_whole(answer);
        return;
    }
    const struct answer_column *column = &answer->columns[part / answer->parts_per_column];
    size_t slice = part % answer->parts_per_column;
    char *out = answer->parts[part].text;
    if (slice == 0)
        out = put(out, column->before, column->before_length);
    out = write_values(answer, column, part_from(slice), part_to(answer, slice), out);
    answer->parts[part].length = (size_t)(out - answer->parts[part].text);
}

/* --- saying --- */

static bool after_is_apart(const struct answer *answer)
{
    return answer->n_columns == 0 || answer->parts_per_column > 0;
}

size_t answer_pieces(const struct answer *answer)
{
    return answer->n_parts + (after_is_apart(answer) ? 1 : 0);
}

size_t answer_length(const struct answer *answer)
{
    size_t length = after_is_apart(answer) ? answer->after_length : 0;
    for (size_t i = 0; i < answer->n_parts; i++)
        length += answer->parts[i].length;
    return length;
}

void answer_say(const struct answer *answer, struct request *request)
{
    for (size_t i = 0; i < answer->n_parts; i++)
        response_piece(request, answer->parts[i].text, answer->parts[i].length);
    if (after_is_apart(answer))
        response_piece(request, answer->after, answer->after_length);
}

uint64_t answer_warning_rows(struct call *call, enum astro_warning warning)
{
    if ((call->context_warnings & 1u << warning) != 0)
        return call->count; /* it concerns every row */
    return atomic_load_explicit(&call->warnings[warning], memory_order_relaxed);
}

uint32_t answer_warnings(struct call *call)
{
    uint32_t bits = call->context_warnings;
    for (unsigned i = 0; i < ASTRO_WARNING_COUNT; i++) {
        if (atomic_load_explicit(&call->warnings[i], memory_order_relaxed) > 0)
            bits |= 1u << i;
    }
    return bits;
}

void answer_drop_inputs(struct call *call)
{
    if (call->request->body.data != NULL)
        body_release(&call->request->body);
    if (call->columns.data != NULL)
        slab_release(&call->columns);
}
