#include "codec/reader.h"

#include <math.h>
#include <string.h>

#include "codec/number.h"
#include "codec/reader_internal.h"

/* jansson's own bound; what is configured can only be lower. */
enum { DEPTH_LIMIT = 2048 };

void reader_init(struct reader *reader, const char *text, size_t length, unsigned max_depth,
                 struct astro_error *err_borrow)
{
    *reader = (struct reader){
        .begin = text,
        .next = text,
        .end = text + length,
        .max_depth = max_depth < DEPTH_LIMIT ? max_depth : DEPTH_LIMIT,
        .err = err_borrow,
    };
}

bool reader_fail(struct reader *reader, const char *at, const char *what)
{
    return astro_fail(reader->err, ASTRO_INVALID_JSON, NULL, "invalid JSON at byte %zu: %s",
                      (size_t)(at - reader->begin), what);
}

bool reader_expected(struct reader *reader, const char *at, const char *what)
{
    return astro_fail(reader->err, ASTRO_INVALID_JSON, NULL, "invalid JSON at byte %zu: %s%s",
                      (size_t)(at - reader->begin),
                      at == reader->end ? "the text ends, expected " : "expected ", what);
}

enum reader_type text_type(const char *p, const char *end)
{
    if (p == end)
        return READER_BAD;
    switch (*p) {
    case '{':
        return READER_OBJECT;
    case '[':
        return READER_ARRAY;
    case '"':
        return READER_STRING;
    case 't':
        return READER_TRUE;
    case 'f':
        return READER_FALSE;
    case 'n':
        return READER_NULL;
    case 'N':
    case 'I':
        return READER_NONFINITE;
    case '-':
        return end - p > 1 && p[1] == 'I' ? READER_NONFINITE : READER_NUMBER;
    default:
        return *p >= '0' && *p <= '9' ? READER_NUMBER : READER_BAD;
    }
}

const char *text_type_name(enum reader_type type)
{
    static const char *const names[] = {
        [READER_BAD] = "no value",    [READER_OBJECT] = "an object",
        [READER_ARRAY] = "an array",  [READER_STRING] = "a string",
        [READER_NUMBER] = "a number", [READER_NONFINITE] = "no number",
        [READER_TRUE] = "true",       [READER_FALSE] = "false",
        [READER_NULL] = "null",
    };
    return names[type];
}

const char *text_word(const char *p, const char *end, const char *word)
{
    const size_t length = strlen(word);
    if ((size_t)(end - p) < length || memcmp(p, word, length) != 0)
        return NULL;
    return p + length;
}

const char *text_nonfinite(const char *p, const char *end, double *ret)
{
    const char *behind;
    if ((behind = text_word(p, end, "NaN")))
        *ret = (double)NAN;
    else if ((behind = text_word(p, end, "Infinity")))
        *ret = (double)INFINITY;
    else if ((behind = text_word(p, end, "-Infinity")))
        *ret = -(double)INFINITY;
    return behind;
}

enum reader_type reader_peek(struct reader *reader)
{
    if (reader_failed(reader))
        return READER_BAD;
    reader->next = text_space(reader->next, reader->end);
    const enum reader_type type = text_type(reader->next, reader->end);
    if (type == READER_BAD)
        reader_expected(reader, reader->next, "a value");
    return type;
}

bool reader_require(struct reader *reader, enum reader_type type)
{
    const enum reader_type found = reader_peek(reader);
    if (found == type)
        return true;
    if (found == READER_BAD)
        return false;
    return astro_fail(reader->err, ASTRO_BAD_TYPE, NULL, "expected %s at byte %zu, found %s",
                      text_type_name(type), (size_t)(reader->next - reader->begin),
                      text_type_name(found));
}

static bool open_level(struct reader *reader, enum reader_type type)
{
    if (!reader_require(reader, type))
        return false;
    if (reader->depth >= reader->max_depth)
        return astro_fail(reader->err, ASTRO_INVALID_JSON, NULL,
                          "invalid JSON at byte %zu: nested deeper than %u levels",
                          (size_t)(reader->next - reader->begin), reader->max_depth);
    reader->depth++;
    reader->next++;
    return true;
}

/*
 * Moves to the next element: behind the opening bracket, or over a comma. False at the closing
 * bracket, which is consumed, and on error. No value ends with an opening bracket, so the byte
 * before the cursor tells whether this is the first element, without any state.
 */
static bool next_element(struct reader *reader, char open, char close, const char *expected)
{
    if (reader_failed(reader))
        return false;
    const char *before = reader->next;
    while (before != reader->begin && text_is_space(before[-1]))
        before--;
    const bool first = before != reader->begin && before[-1] == open;
    const char *p = text_space(reader->next, reader->end);
    reader->next = p;
    if (p != reader->end && *p == close) {
        reader->next++;
        reader->depth--;
        return false;
    }
    if (first)
        return true;
    if (p == reader->end || *p != ',')
        return reader_expected(reader, p, expected);
    reader->next = text_space(p + 1, reader->end);
    return true;
}

bool reader_object_begin(struct reader *reader)
{
    return open_level(reader, READER_OBJECT);
}

bool reader_array_begin(struct reader *reader)
{
    return open_level(reader, READER_ARRAY);
}

bool reader_array_next(struct reader *reader)
{
    return next_element(reader, '[', ']', "',' or ']'");
}

bool reader_member_next(struct reader *reader, struct reader_member *ret)
{
    if (!next_element(reader, '{', '}', "',' or '}'"))
        return false;
    if (reader->next == reader->end || *reader->next != '"')
        return reader_expected(reader, reader->next, "a key in quotes");
    ret->key = reader->next + 1;
    ret->key_end = text_check(reader, ret->key, &ret->marks);
    if (!ret->key_end)
        return false;
    if (ret->marks.nul)
        return reader_fail(reader, ret->key, "a key must not contain U+0000");
    reader->next = text_space(ret->key_end + 1, reader->end);
    if (reader->next == reader->end || *reader->next != ':')
        return reader_expected(reader, reader->next, "':'");
    reader->next++;
    return true;
}

/* The checked text between the quotes, as it is or decoded into the arena. */
static bool take_text(struct reader *reader, struct arena *arena, const char *p, const char *end,
                      bool escaped, struct reader_string *ret)
{
    *ret = (struct reader_string){p, (size_t)(end - p)};
    if (!escaped)
        return true;
    char *copy = arena_alloc(arena, ret->length, 1); /* decoding never makes text longer */
    if (!copy)
        return astro_fail(reader->err, ASTRO_OVERLOADED, NULL, "out of memory");
    *ret = (struct reader_string){copy, text_decode(copy, p, end)};
    return true;
}

bool reader_object_next(struct reader *reader, struct arena *arena, struct reader_string *ret_key)
{
    struct reader_member member;
    return reader_member_next(reader, &member) &&
           take_text(reader, arena, member.key, member.key_end, member.marks.escaped, ret_key);
}

bool reader_string(struct reader *reader, struct arena *arena, struct reader_string *ret)
{
    if (!reader_require(reader, READER_STRING))
        return false;
    const char *begin = reader->next + 1;
    struct text_marks marks;
    const char *end = text_check(reader, begin, &marks);
    if (!end || !take_text(reader, arena, begin, end, marks.escaped, ret))
        return false;
    reader->next = end + 1;
    return true;
}

bool reader_number(struct reader *reader, double *ret)
{
    if (!reader_require(reader, READER_NUMBER))
        return false;
    const char *begin = reader->next;
    switch (number_read(begin, reader->end, ret, &reader->next)) {
    case NUMBER_OK:
        return true;
    case NUMBER_OVERFLOW:
        return reader_fail(reader, begin, "number too large for a double");
    default:
        return reader_fail(reader, begin, "malformed number");
    }
}

bool reader_integer(struct reader *reader, int64_t *ret)
{
    if (!reader_require(reader, READER_NUMBER))
        return false;
    const char *begin = reader->next;
    if (number_read_integer(begin, reader->end, ret, &reader->next) == NUMBER_OK)
        return true;
    double real;
    reader->next = begin;
    if (!reader_number(reader, &real))
        return false;
    return astro_fail(reader->err, ASTRO_BAD_TYPE, NULL,
                      "expected an integer of 64 bits at byte %zu, found %.*s",
                      (size_t)(begin - reader->begin),
                      (int)(reader->next - begin < 40 ? reader->next - begin : 40), begin);
}

static bool take_word(struct reader *reader, const char *word)
{
    const char *behind = text_word(reader->next, reader->end, word);
    if (!behind)
        return reader_expected(reader, reader->next, "a value");
    reader->next = behind;
    return true;
}

bool reader_boolean(struct reader *reader, bool *ret)
{
    *ret = reader_peek(reader) == READER_TRUE;
    if (*ret)
        return take_word(reader, "true");
    return reader_require(reader, READER_FALSE) && take_word(reader, "false");
}

bool reader_null(struct reader *reader)
{
    return reader_require(reader, READER_NULL) && take_word(reader, "null");
}

bool reader_nonfinite(struct reader *reader, double *ret)
{
    if (!reader_require(reader, READER_NONFINITE))
        return false;
    const char *behind = text_nonfinite(reader->next, reader->end, ret);
    if (!behind)
        return reader_expected(reader, reader->next, "a value");
    reader->next = behind;
    return true;
}

bool reader_finish(struct reader *reader)
{
    if (reader_failed(reader))
        return false;
    reader->next = text_space(reader->next, reader->end);
    return reader->next == reader->end ||
           reader_expected(reader, reader->next, "the end of the text");
}
