#include "codec/tree.h"

#include "codec/reader.h"
#include "memory/arena.h"

enum { WHOLE_DIGITS = 18 }; /* of any int64 */

struct tree {
    struct reader reader;
    struct arena arena; /* keys and texts with escapes */
};

static json_t *no_memory(struct tree *tree)
{
    astro_fail(tree->reader.err, ASTRO_OVERLOADED, NULL,
               "there is not enough memory for a document");
    return NULL;
}

static json_t *made(struct tree *tree, json_t *value)
{
    return value != NULL ? value : no_memory(tree);
}

static json_t *value_of(struct tree *tree);

static json_t *object_of(struct tree *tree)
{
    json_t *object = made(tree, json_object());
    struct reader_string key;
    bool good = object != NULL && reader_object_begin(&tree->reader);
    while (good && reader_object_next(&tree->reader, &tree->arena, &key)) {
        if (json_object_getn(object, key.data, key.length) != NULL) {
            astro_fail(tree->reader.err, ASTRO_DUPLICATE_KEY, NULL, "a key comes twice");
            break;
        }
        json_t *value = value_of(tree);
        good = value != NULL;
        if (good && json_object_setn_new_nocheck(object, key.data, key.length, value) != 0)
            good = no_memory(tree) != NULL;
    }
    if (tree->reader.err->code == ASTRO_OK)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *array_of(struct tree *tree)
{
    json_t *array = made(tree, json_array());
    bool good = array != NULL && reader_array_begin(&tree->reader);
    while (good && reader_array_next(&tree->reader)) {
        json_t *value = value_of(tree);
        good = value != NULL;
        if (good && json_array_append_new(array, value) != 0)
            good = no_memory(tree) != NULL;
    }
    if (tree->reader.err->code == ASTRO_OK)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *string_of(struct tree *tree)
{
    struct reader_string text;
    if (!reader_string(&tree->reader, &tree->arena, &text))
        return NULL;
    return made(tree, json_stringn_nocheck(text.data, text.length));
}

/* The reader stands at its first byte. */
static json_t *number_of(struct tree *tree)
{
    const char *at = tree->reader.next, *end = tree->reader.end;
    size_t digits = 0;
    for (at += at < end && *at == '-'; at < end && *at >= '0' && *at <= '9'; at++)
        digits++;
    bool whole = digits <= WHOLE_DIGITS && (at == end || (*at != '.' && *at != 'e' && *at != 'E'));
    if (whole) {
        int64_t integer;
        return reader_integer(&tree->reader, &integer) ? made(tree, json_integer(integer)) : NULL;
    }
    double real;
    return reader_number(&tree->reader, &real) ? made(tree, json_real(real)) : NULL;
}

/* true, false, null: jansson has one of each, for ever. */
static json_t *word_of(struct tree *tree, enum reader_type type)
{
    bool flag = false;
    if (type == READER_NULL)
        return reader_null(&tree->reader) ? json_null() : NULL;
    return reader_boolean(&tree->reader, &flag) ? json_boolean(flag) : NULL;
}

/* NULL: the error is set. Its depth is bounded by the reader. */
static json_t *value_of(struct tree *tree)
{
    enum reader_type type = reader_peek(&tree->reader);
    switch (type) {
    case READER_OBJECT:
        return object_of(tree);
    case READER_ARRAY:
        return array_of(tree);
    case READER_STRING:
        return string_of(tree);
    case READER_NUMBER:
        return number_of(tree);
    case READER_TRUE:
    case READER_FALSE:
    case READER_NULL:
        return word_of(tree, type);
    default:
        if (tree->reader.err->code == ASTRO_OK)
            astro_fail(tree->reader.err, ASTRO_INVALID_JSON, NULL,
                       "a document has no NaN and no infinity");
        return NULL;
    }
}

json_t *json_tree(const char *text, size_t length, unsigned max_depth, struct astro_error *err_ret)
{
    struct tree tree;
    *err_ret = (struct astro_error){0};
    reader_init(&tree.reader, text, length, max_depth, err_ret);
    arena_init(&tree.arena, NULL);
    json_t *value = value_of(&tree);
    if (value != NULL && !reader_finish(&tree.reader)) {
        json_decref(value);
        value = NULL;
    }
    arena_release(&tree.arena);
    return value;
}
