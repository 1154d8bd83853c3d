/*
 * Parameters in the query string: name=value, parted by '&', percent-decoded, '+' is a blank.
 */
#include <string.h>

#include "request/call.h"
#include "request/request.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Continuation bytes that follow a first byte, or -1; *ret_least is the smallest legal code point.
 */
static int utf8_more(unsigned char first, uint32_t *ret_code, uint32_t *ret_least)
{
    if (first >= 0xf0 && first <= 0xf4) {
        *ret_code = first & 7u;
        *ret_least = 0x10000;
        return 3;
    }
    if (first >= 0xe0 && first < 0xf0) {
        *ret_code = first & 15u;
        *ret_least = 0x800;
        return 2;
    }
    if (first >= 0xc2 && first < 0xe0) {
        *ret_code = first & 31u;
        *ret_least = 0x80;
        return 1;
    }
    *ret_code = *ret_least = first;
    return first < 0x80 && first != 0 ? 0 : -1;
}

/* Names and values end up in error texts, which are JSON: they have to be UTF-8 without U+0000. */
static bool is_text(const char *data, size_t length)
{
    const unsigned char *p = (const unsigned char *)data, *end = p + length;
    while (p < end) {
        uint32_t code, least;
        int more = utf8_more(*p++, &code, &least);
        if (more < 0 || more > end - p)
            return false;
        for (int i = 0; i < more; i++) {
            if ((*p & 0xc0) != 0x80)
                return false;
            code = code << 6 | (*p++ & 0x3fu);
        }
        if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
            return false;
    }
    return true;
}

static bool decode(struct arena *arena, const char *from, size_t length, struct astro_text *ret,
                   struct astro_error *err)
{
    char *out = arena_alloc(arena, length > 0 ? length : 1, 1);
    if (out == NULL)
        return call_fail_memory(err);
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        char c = from[i];
        if (c == '%') {
            int high = length - i > 2 ? hex_digit(from[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(from[i + 2]) : -1;
            if (low < 0)
                return astro_fail(err, ASTRO_INVALID_REQUEST, NULL,
                                  "the query has a '%%' without two hexadecimal digits");
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        out[n++] = c;
    }
    *ret = (struct astro_text){out, n};
    if (!is_text(out, n))
        return astro_fail(err, ASTRO_INVALID_REQUEST, NULL, "the query is not UTF-8 text");
    return true;
}

static bool read_pair(struct call *call, const char *pair, size_t length, struct astro_error *err)
{
    const struct astro_conversion *conversion = call->conversion;
    struct arena *arena = &call->request->arena;
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals != NULL ? (size_t)(equals - pair) : length;
    struct astro_text name, value = {"", 0};
    if (!decode(arena, pair, name_length, &name, err))
        return false;
    if (equals != NULL && !decode(arena, equals + 1, length - name_length - 1, &value, err))
        return false;
    int input = call_input_find(conversion, name.data, name.length);
    if (input >= 0)
        return astro_fail(
            err, ASTRO_INVALID_REQUEST, conversion->inputs[input].name,
            "\"%s\" is an input; inputs stand in the body, the query has parameters only",
            conversion->inputs[input].name);
    int index = call_parameter_find(conversion, name.data, name.length);
    if (index < 0)
        return call_fail_unknown(conversion, name.data, name.length, err);
    if (call->values[index].given)
        return astro_fail(err, ASTRO_DUPLICATE_KEY, conversion->parameters[index].name,
                          "the parameter \"%s\" is given twice",
                          conversion->parameters[index].name);
    return astro_parameter_from_text(&conversion->parameters[index], value.data, value.length,
                                     &call->values[index], err);
}

bool call_read_query(struct call *call, struct astro_error *err)
{
    const char *next = call->request->query.data;
    if (next == NULL)
        return true;
    const char *end = next + call->request->query.length;
    while (next < end) {
        const char *stop = memchr(next, '&', (size_t)(end - next));
        if (stop == NULL)
            stop = end;
        if (stop > next && !read_pair(call, next, (size_t)(stop - next), err))
            return false;
        next = stop < end ? stop + 1 : end;
    }
    return true;
}
