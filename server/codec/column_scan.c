#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "astrolabe/conversion.h"
#include "codec/number.h"
#include "codec/number_run.h"
#include "codec/reader.h"
#include "codec/reader_internal.h"

enum { PATH_TEXT = 200 };

void column_scan_init(struct column_scan *scan, enum column_kind kind, const char *name_borrow,
                      struct reader_span span, unsigned max_depth, void *out_borrow,
                      size_t capacity, struct astro_error *err_borrow)
{
    *scan = (struct column_scan){
        .kind = kind,
        .name = name_borrow,
        .begin = span.data,
        .next = span.data,
        .end = span.data + span.length,
        .offset = span.offset,
        .out = out_borrow,
        .capacity = capacity,
        .max_depth = max_depth < COLUMN_MAX_RANK ? max_depth : COLUMN_MAX_RANK,
        .place = COLUMN_AT_START,
        .err = err_borrow,
    };
}

/* "ra[3][1]": the current element of `levels` open levels, or the very first one ("ra[0][0]"). */
static const char *path_text(const struct column_scan *scan, unsigned levels, bool first,
                             char out[PATH_TEXT])
{
    int length = snprintf(out, PATH_TEXT, "%s", scan->name);
    for (unsigned i = 0; i < levels && length >= 0 && length < PATH_TEXT; i++)
        length += snprintf(out + length, (size_t)(PATH_TEXT - length), "[%zu]",
                           first ? 0 : scan->position[i]);
    return out;
}

static bool fail_syntax(struct column_scan *scan, const char *at, const char *what)
{
    return astro_fail(scan->err, ASTRO_INVALID_JSON, scan->name, "invalid JSON at byte %zu: %s",
                      scan->offset + (size_t)(at - scan->begin), what);
}

/* Words for a value of the column, and for its kind. */
static const char *value_word(const struct column_scan *scan)
{
    return scan->kind == COLUMN_BYTES  ? "a string"
           : scan->kind == COLUMN_BOOL ? "true or false"
                                       : "a number";
}

static const char *kind_words(const struct column_scan *scan)
{
    return scan->kind == COLUMN_INT64 ? "an integer of 64 bits" : value_word(scan);
}

static bool fail_type(struct column_scan *scan, const char *found, int length)
{
    char path[PATH_TEXT];
    return astro_fail(scan->err, ASTRO_BAD_TYPE, scan->name, "%s is %.*s, expected %s",
                      path_text(scan, scan->depth, false, path), length < 40 ? length : 40, found,
                      kind_words(scan));
}

/* `found` stands where the first element of all is, or would be, something else. */
static bool fail_nesting(struct column_scan *scan, const char *found, const char *expected)
{
    char here[PATH_TEXT], first[PATH_TEXT];
    const unsigned level = scan->depth - 1;
    const bool empty = scan->shape_fixed[level] && scan->shape[level] == 0;
    return astro_fail(
        scan->err, ASTRO_SHAPE_MISMATCH, scan->name, "%s is ragged: %s is %s, %s is %s", scan->name,
        path_text(scan, scan->depth, false, here), found,
        path_text(scan, empty ? level : scan->depth, true, first), empty ? "empty" : expected);
}

static bool fail_extent(struct column_scan *scan, size_t found, size_t expected)
{
    char here[PATH_TEXT], first[PATH_TEXT];
    const unsigned levels = scan->depth - 1;
    return astro_fail(scan->err, ASTRO_SHAPE_MISMATCH, scan->name,
                      "%s is ragged: %s has %zu element%s, %s has %zu", scan->name,
                      path_text(scan, levels, false, here), found, found == 1 ? "" : "s",
                      path_text(scan, levels, true, first), expected);
}

static bool open_level(struct column_scan *scan)
{
    if (scan->rank != 0 && scan->depth == scan->rank)
        return fail_nesting(scan, "an array", value_word(scan));
    if (scan->depth == scan->max_depth)
        return astro_fail(scan->err, ASTRO_INVALID_JSON, scan->name,
                          "invalid JSON at byte %zu: %s is nested deeper than %u levels",
                          scan->offset + (size_t)(scan->next - scan->begin), scan->name,
                          scan->max_depth);
    scan->position[scan->depth++] = 0;
    scan->next++;
    scan->place = COLUMN_AT_FIRST;
    return true;
}

static bool close_level(struct column_scan *scan)
{
    const unsigned level = scan->depth - 1;
    const size_t extent = scan->position[level];
    if (scan->rank == 0)
        scan->rank = scan->depth; /* an empty one is the first innermost array */
    if (!scan->shape_fixed[level]) {
        scan->shape_fixed[level] = true;
        scan->shape[level] = extent;
    } else if (extent != scan->shape[level]) {
        return fail_extent(scan, extent, scan->shape[level]);
    }
    scan->next++;
    scan->depth = level;
    if (level > 0) {
        scan->position[level - 1]++;
        scan->place = COLUMN_BEHIND_VALUE;
        return true;
    }
    scan->place = COLUMN_AT_END;
    return scan->next == scan->end || fail_syntax(scan, scan->next, "text behind the array");
}

/* A number stands here: this is the innermost level, or the nesting is ragged. */
static bool at_innermost(struct column_scan *scan, const char *found)
{
    if (scan->rank == 0)
        scan->rank = scan->depth;
    if (scan->depth != scan->rank)
        return fail_nesting(scan, found, "an array");
    if (scan->count == scan->capacity)
        return astro_fail(scan->err, ASTRO_TOO_LARGE, scan->name, "%s has more than %zu elements",
                          scan->name, scan->capacity);
    return true;
}

/* Why number_run ended before the number at the cursor. */
static bool fail_number(struct column_scan *scan)
{
    const char *behind;
    double real;
    int64_t integer;
    const enum number_status status = number_read(scan->next, scan->end, &real, &behind);
    if (status == NUMBER_SYNTAX)
        return fail_syntax(scan, scan->next, "malformed number");
    if (scan->kind == COLUMN_INT64 &&
        number_read_integer(scan->next, scan->end, &integer, &behind) != NUMBER_OK)
        return fail_type(scan, scan->next,
                         (int)(behind - scan->next < 40 ? behind - scan->next : 40));
    return fail_syntax(scan, scan->next, "number too large for a double");
}

/* As many plain numbers as follow each other, in as many equal rows, begun before `limit`. */
static bool scan_numbers(struct column_scan *scan, const char *limit)
{
    static const enum column_place places[] = {
        [RUN_AT_VALUE] = COLUMN_AT_VALUE,
        [RUN_AT_FIRST] = COLUMN_AT_FIRST,
        [RUN_BEHIND_VALUE] = COLUMN_BEHIND_VALUE,
    };
    if (!at_innermost(scan, "a number"))
        return false;
    const unsigned level = scan->depth - 1;
    struct number_run run = {
        .next = scan->next,
        .stop = limit,
        .end = scan->end,
        .room = scan->capacity - scan->count,
        .extent = level > 0 && scan->shape_fixed[level] ? scan->shape[level] : 0,
        .in_row = scan->position[level],
    };
    if (scan->kind == COLUMN_FP64)
        number_run_doubles(&run, (double *)scan->out + scan->count);
    else
        number_run_integers(&run, (int64_t *)scan->out + scan->count);
    if (run.count == 0)
        return fail_number(scan);
    scan->count += run.count;
    scan->position[level] = run.in_row;
    if (run.rows > 0)
        scan->position[level - 1] += run.rows;
    scan->next = run.next;
    scan->place = places[run.place];
    return true;
}

/* null and the non-finite literals: values of a column of doubles. */
static bool scan_literal(struct column_scan *scan, enum reader_type type)
{
    double value = (double)NAN;
    const char *behind = type == READER_NULL ? text_word(scan->next, scan->end, "null")
                                             : text_nonfinite(scan->next, scan->end, &value);
    if (!behind)
        return fail_syntax(scan, scan->next, "expected a value");
    if (scan->kind != COLUMN_FP64)
        return fail_type(scan, scan->next, (int)(behind - scan->next));
    if (!at_innermost(scan, type == READER_NULL ? "null" : "a number"))
        return false;
    ((double *)scan->out)[scan->count++] = value;
    scan->position[scan->depth - 1]++;
    scan->next = behind;
    scan->place = COLUMN_BEHIND_VALUE;
    return true;
}

/* A string stays where it is unless something in it has to be undone. */
static bool scan_text(struct column_scan *scan)
{
    if (!at_innermost(scan, "a string"))
        return false;
    struct reader reader = {.begin = scan->begin - scan->offset,
                            .next = scan->next,
                            .end = scan->end,
                            .err = scan->err};
    struct text_marks marks;
    const char *begin = scan->next + 1, *close = text_check(&reader, begin, &marks);
    if (!close)
        return false;
    struct astro_text text = {begin, (size_t)(close - begin)};
    if (marks.escaped) {
        char *copy = arena_alloc(scan->arena, text.length, 1);
        if (!copy)
            return astro_fail(scan->err, ASTRO_OVERLOADED, NULL,
                              "the memory limit is reached; try again");
        text = (struct astro_text){copy, text_decode(copy, begin, close)};
    }
    ((struct astro_text *)scan->out)[scan->count++] = text;
    scan->position[scan->depth - 1]++;
    scan->next = close + 1;
    scan->place = COLUMN_BEHIND_VALUE;
    return true;
}

static bool scan_boolean(struct column_scan *scan, enum reader_type type)
{
    const bool value = type == READER_TRUE;
    const char *behind = text_word(scan->next, scan->end, value ? "true" : "false");
    if (!behind)
        return fail_syntax(scan, scan->next, "expected a value");
    if (!at_innermost(scan, text_type_name(type)))
        return false;
    ((int64_t *)scan->out)[scan->count++] = value;
    scan->position[scan->depth - 1]++;
    scan->next = behind;
    scan->place = COLUMN_BEHIND_VALUE;
    return true;
}

static bool scan_value(struct column_scan *scan, const char *limit)
{
    const enum reader_type type = text_type(scan->next, scan->end);
    if (scan->kind == COLUMN_BYTES && type == READER_STRING)
        return scan_text(scan);
    if (scan->kind == COLUMN_BOOL && (type == READER_TRUE || type == READER_FALSE))
        return scan_boolean(scan, type);
    const bool has_numbers = scan->kind == COLUMN_FP64 || scan->kind == COLUMN_INT64;
    if (!has_numbers && type != READER_ARRAY && type != READER_BAD)
        return fail_type(scan, text_type_name(type), 40);
    switch (type) {
    case READER_NUMBER:
        return scan_numbers(scan, limit);
    case READER_ARRAY:
        return open_level(scan);
    case READER_NULL:
    case READER_NONFINITE:
        return scan_literal(scan, type);
    case READER_BAD:
        return fail_syntax(scan, scan->next, "expected a value");
    default: {
        const char *name = text_type_name(type);
        return fail_type(scan, name, 40);
    }
    }
}

/* The next token, or the next run of numbers. */
static bool scan_token(struct column_scan *scan, const char *limit)
{
    scan->next = text_space(scan->next, limit);
    if (scan->next == limit && limit != scan->end)
        return true; /* the slice ends in white space */
    const char byte = scan->next != scan->end ? *scan->next : '\0';
    switch (scan->place) {
    case COLUMN_AT_START:
        return byte == '[' ? open_level(scan) : fail_syntax(scan, scan->next, "expected an array");
    case COLUMN_AT_FIRST:
        return byte == ']' ? close_level(scan) : scan_value(scan, limit);
    case COLUMN_AT_VALUE:
        return scan_value(scan, limit);
    case COLUMN_BEHIND_VALUE:
        if (byte == ']')
            return close_level(scan);
        if (byte != ',')
            return fail_syntax(scan, scan->next, "expected ',' or ']'");
        scan->next++;
        scan->place = COLUMN_AT_VALUE;
        return true;
    case COLUMN_AT_END:
        break;
    }
    return true;
}

enum scan_status column_scan_step(struct column_scan *scan, size_t max_bytes)
{
    if (scan->err->code != ASTRO_OK)
        return SCAN_FAILED;
    const size_t left = (size_t)(scan->end - scan->next);
    const size_t slice = max_bytes > 0 ? max_bytes : 1;
    const char *limit = scan->next + (slice < left ? slice : left);
    do {
        if (!scan_token(scan, limit))
            return SCAN_FAILED;
    } while (scan->place != COLUMN_AT_END && scan->next < limit);
    return scan->place == COLUMN_AT_END ? SCAN_DONE : SCAN_MORE;
}
