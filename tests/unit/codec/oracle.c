#include "oracle.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/reader.h"

enum { DEPTH = 1000, SUBSTITUTED = 64 * 1024 };

/* Non-finite literals are ours alone: jansson gets the same text with "null" in their place. */
struct substitution {
    char text[SUBSTITUTED];
    size_t length;
    const char *copied; /* the original up to here is in `text` */
};

struct comparison {
    const char *text;
    size_t length, slice;
    struct substitution *substitution;
    struct oracle_verdict verdict;
};

__attribute__((format(printf, 2, 3))) static bool disagree(struct comparison *cmp,
                                                           const char *format, ...)
{
    va_list arguments;
    if (cmp->verdict.text[0])
        return false;
    va_start(arguments, format);
    vsnprintf(cmp->verdict.text, sizeof cmp->verdict.text, format, arguments);
    va_end(arguments);
    return false;
}

static void copy_up_to(struct substitution *sub, const char *end)
{
    const size_t n = (size_t)(end - sub->copied);
    if (sub->length + n > SUBSTITUTED)
        abort();
    if (n)
        memcpy(sub->text + sub->length, sub->copied, n);
    sub->length += n;
    sub->copied = end;
}

static json_t *read_value(struct reader *reader, struct arena *arena, struct substitution *sub);

static json_t *read_object(struct reader *reader, struct arena *arena, struct substitution *sub)
{
    struct reader_string key;
    json_t *object = json_object();
    bool success = reader_object_begin(reader);
    while (success && reader_object_next(reader, arena, &key)) {
        char *name = arena_copy(arena, key.data, key.length);
        /* Duplicates are the caller's business, and here the caller refuses them. */
        success = name && !json_object_get(object, name) &&
                  json_object_set_new(object, name, read_value(reader, arena, sub)) == 0;
    }
    if (success && reader->err->code == ASTRO_OK)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *read_array(struct reader *reader, struct arena *arena, struct substitution *sub)
{
    json_t *array = json_array();
    bool success = reader_array_begin(reader);
    while (success && reader_array_next(reader))
        success = json_array_append_new(array, read_value(reader, arena, sub)) == 0;
    if (success && reader->err->code == ASTRO_OK)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *read_value(struct reader *reader, struct arena *arena, struct substitution *sub)
{
    struct reader_string string;
    double real;
    bool boolean;
    switch (reader_peek(reader)) {
    case READER_OBJECT:
        return read_object(reader, arena, sub);
    case READER_ARRAY:
        return read_array(reader, arena, sub);
    case READER_STRING:
        return reader_string(reader, arena, &string) ? json_stringn(string.data, string.length)
                                                     : NULL;
    case READER_NUMBER:
        return reader_number(reader, &real) ? json_real(real) : NULL;
    case READER_NONFINITE:
        copy_up_to(sub, reader->next);
        if (!reader_nonfinite(reader, &real))
            return NULL;
        sub->copied = reader->next;
        memcpy(sub->text + sub->length, "null", 4);
        sub->length += 4;
        return json_null();
    case READER_TRUE:
    case READER_FALSE:
        return reader_boolean(reader, &boolean) ? json_boolean(boolean) : NULL;
    case READER_NULL:
        return reader_null(reader) ? json_null() : NULL;
    default:
        return NULL;
    }
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* As json_equal, but -0.0 is not 0.0. */
static bool same_value(const json_t *a, const json_t *b)
{
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_real(a))
        return same_bits(json_real_value(a), json_real_value(b));
    if (json_is_array(a)) {
        bool same = json_array_size(a) == json_array_size(b);
        for (size_t i = 0; same && i < json_array_size(a); i++)
            same = same_value(json_array_get(a, i), json_array_get(b, i));
        return same;
    }
    if (json_is_object(a)) {
        const char *key;
        json_t *value, *object;
        memcpy(&object, &a, sizeof object); /* the iteration macro takes no const */
        bool same = json_object_size(a) == json_object_size(b);
        json_object_foreach(object, key, value)
        {
            const json_t *other = json_object_get(b, key);
            same = same && other && same_value(value, other);
        }
        return same;
    }
    return json_equal(a, b);
}

/* What a column scan must make of an array, found out from jansson's tree. */
struct expected {
    enum column_kind kind;
    unsigned rank;
    size_t shape[DEPTH + 1];
    size_t count;
    const void *values; /* of the scan; NULL: it failed, only types are looked at */
};

static bool matches_element(const struct expected *expected, const json_t *value, size_t i)
{
    if (expected->kind == COLUMN_INT64)
        return json_is_integer(value) &&
               (!expected->values ||
                ((const int64_t *)expected->values)[i] == json_integer_value(value));
    const double *got = expected->values ? (const double *)expected->values + i : NULL;
    if (json_is_null(value)) /* null or a substituted literal */
        return !got || !(*got - *got == 0);
    return json_is_real(value) && (!got || same_bits(*got, json_real_value(value)));
}

static bool matches(struct expected *expected, const json_t *value, unsigned level)
{
    if (level == expected->rank)
        return matches_element(expected, value, expected->count++);
    if (!json_is_array(value) || json_array_size(value) != expected->shape[level])
        return false;
    for (size_t i = 0; i < expected->shape[level]; i++)
        if (!matches(expected, json_array_get(value, i), level + 1))
            return false;
    return true;
}

static void expect_shape(struct expected *expected, const json_t *array)
{
    *expected = (struct expected){0};
    for (const json_t *value = array; json_is_array(value) && expected->rank < DEPTH;
         value = json_array_get(value, 0))
        expected->shape[expected->rank++] = json_array_size(value);
}

struct scanned {
    enum scan_status status;
    struct column_scan scan;
    struct astro_error err;
    void *out;
};

static void scan_column(struct comparison *cmp, enum column_kind kind,
                        const struct reader_span *span, size_t slice, struct scanned *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->out = malloc((span->commas + 1) * 8);
    column_scan_init(&ret->scan, kind, "c", *span, DEPTH, ret->out, span->commas + 1, &ret->err);
    size_t steps = 0;
    do {
        ret->status = column_scan_step(&ret->scan, slice);
        if (++steps > cmp->length + 1)
            disagree(cmp, "a scan in slices of %zu makes no progress", slice);
    } while (ret->status == SCAN_MORE && !cmp->verdict.text[0]);
}

static void compare_scans(struct comparison *cmp, const struct scanned *a, const struct scanned *b)
{
    if (a->status != b->status || strcmp(a->err.text, b->err.text) != 0 ||
        a->scan.count != b->scan.count || a->scan.rank != b->scan.rank ||
        memcmp(a->scan.shape, b->scan.shape, sizeof a->scan.shape) != 0 ||
        (a->scan.count && memcmp(a->out, b->out, a->scan.count * 8) != 0))
        disagree(cmp, "slices of %zu: %d '%s', whole: %d '%s'", cmp->slice, (int)a->status,
                 a->err.text, (int)b->status, b->err.text);
}

static void compare_column(struct comparison *cmp, enum column_kind kind, const json_t *tree)
{
    struct astro_error err = {0};
    struct reader reader;
    struct reader_span span;
    struct scanned sliced, whole;
    reader_init(&reader, cmp->text, cmp->length, DEPTH, &err);
    if (reader_peek(&reader) != READER_ARRAY)
        return;
    if (!reader_array_span(&reader, &span)) {
        if (tree)
            disagree(cmp, "span: %s", err.text);
        return;
    }
    scan_column(cmp, kind, &span, cmp->slice, &sliced);
    scan_column(cmp, kind, &span, SIZE_MAX, &whole);
    compare_scans(cmp, &sliced, &whole);

    const bool done = whole.status == SCAN_DONE && reader_finish(&reader);
    struct expected expected;
    bool column = false;
    if (json_is_array(tree)) {
        expect_shape(&expected, tree);
        expected.kind = kind;
        expected.values = whole.status == SCAN_DONE ? whole.out : NULL;
        column = expected.rank <= COLUMN_MAX_RANK && matches(&expected, tree, 0);
    }
    if (done != column)
        disagree(cmp, "column: %s '%s', by jansson's tree %s", done ? "read" : "refused",
                 whole.err.text, column ? "one" : "none or another");
    else if (done && (whole.scan.rank != expected.rank || whole.scan.count != expected.count ||
                      memcmp(whole.scan.shape, expected.shape,
                             expected.rank * sizeof expected.shape[0]) != 0))
        disagree(cmp, "column: shape differs");
    if (kind == COLUMN_FP64)
        cmp->verdict.is_column = done;
    free(sliced.out);
    free(whole.out);
}

/* Read value by value into a tree; NULL when refused. */
static json_t *read_tree(struct comparison *cmp, struct astro_error *err)
{
    struct arena arena;
    struct reader reader;
    arena_init(&arena, NULL);
    reader_init(&reader, cmp->text, cmp->length, DEPTH, err);
    cmp->substitution->copied = cmp->text;
    json_t *tree = read_value(&reader, &arena, cmp->substitution);
    if (tree && !reader_finish(&reader)) {
        json_decref(tree);
        tree = NULL;
    }
    if (tree)
        copy_up_to(cmp->substitution, reader.end);
    arena_release(&arena);
    return tree;
}

static bool skips(struct comparison *cmp, struct astro_error *err)
{
    struct reader reader;
    reader_init(&reader, cmp->text, cmp->length, DEPTH, err);
    return reader_value_skip(&reader) && reader_finish(&reader);
}

static void compare_trees(struct comparison *cmp, json_t *ours, size_t flags)
{
    struct astro_error err = {0};
    const bool skipped = skips(cmp, &err);
    if (skipped != (ours != NULL))
        disagree(cmp, "read value by value: %s, skipped: '%s'", ours ? "accepted" : "refused",
                 err.text);
    json_error_t reason;
    json_t *theirs =
        ours ? json_loadb(cmp->substitution->text, cmp->substitution->length, flags, &reason)
             : json_loadb(cmp->text, cmp->length, flags, &reason);
    if (ours && !theirs)
        disagree(cmp, "accepted, but jansson says: %s", reason.text);
    else if (!ours && theirs)
        disagree(cmp, "refused (%s), but jansson accepts", err.text);
    else if (ours && !same_value(ours, theirs))
        disagree(cmp, "values differ");
    compare_column(cmp, COLUMN_FP64, theirs);
    json_decref(theirs);
    if (ours && cmp->verdict.is_column) {
        json_t *integers = json_loadb(cmp->substitution->text, cmp->substitution->length,
                                      flags & ~(size_t)JSON_DECODE_INT_AS_REAL, NULL);
        compare_column(cmp, COLUMN_INT64, integers);
        json_decref(integers);
    }
}

struct oracle_verdict oracle_compare(const char *text, size_t length, size_t slice)
{
    static struct substitution substitution;
    struct comparison cmp = {
        .text = text, .length = length, .slice = slice, .substitution = &substitution};
    size_t brackets = 0;
    for (size_t i = 0; i < length; i++)
        brackets += text[i] == '[' || text[i] == '{';
    /* Out of scope: different limits on depth, and jansson's way with NUL bytes. */
    if (length > SUBSTITUTED / 2 || brackets > DEPTH || (length && memchr(text, '\0', length)))
        return cmp.verdict;
    struct astro_error err = {0};
    substitution.length = 0;
    json_t *ours = read_tree(&cmp, &err);
    cmp.verdict.accepted = ours;
    compare_trees(&cmp, ours,
                  JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL |
                      JSON_ALLOW_NUL);
    json_decref(ours);
    return cmp.verdict;
}
