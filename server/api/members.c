#include "api/members.h"

#include <stdio.h>
#include <string.h>

#include "api/handlers.h"
#include "codec/reader.h"
#include "process/server.h"

enum {
    BODY_MOST = 64 * 1024, /* bytes; the largest sensible body is an order of magnitude smaller */
    LIST_ROOM = 200
};

static bool same(struct reader_string key, const char *word)
{
    return key.length == strlen(word) && memcmp(key.data, word, key.length) == 0;
}

static bool read_word(struct request *request, struct reader *reader, const struct member *member)
{
    struct reader_string text;
    char shown[API_SHOW_MAX], list[LIST_ROOM] = "";
    size_t length = 0;
    if (!reader_string(reader, &request->arena, &text))
        return false;
    for (int i = 0; member->word->words[i] != NULL; i++) {
        if (same(text, member->word->words[i])) {
            member->word->index = i;
            return true;
        }
        if (length < sizeof list)
            length += (size_t)snprintf(list + length, sizeof list - length, "%s%s",
                                       i > 0 ? ", " : "", member->word->words[i]);
    }
    return astro_fail(&request->error, ASTRO_INVALID_REQUEST, member->key,
                      "%s = \"%s\" is not one of %s", member->key,
                      api_show(text.data, text.length, shown), list);
}

static bool read_whole(struct request *request, struct reader *reader, const struct member *member)
{
    struct members_whole *whole = member->whole;
    int64_t value;
    if (!reader_integer(reader, &value))
        return false;
    if (value < whole->least || value > whole->most)
        return astro_fail(&request->error, ASTRO_OUT_OF_RANGE, member->key,
                          "%s = %lld is outside [%lld, %lld]", member->key, (long long)value,
                          (long long)whole->least, (long long)whole->most);
    whole->value = value;
    return true;
}

static bool read_member(struct request *request, struct reader *reader, const struct member *member)
{
    if (member->word != NULL)
        return read_word(request, reader, member);
    if (member->whole != NULL)
        return read_whole(request, reader, member);
    return reader_boolean(reader, member->flag);
}

static bool read_any(struct request *request, struct reader *reader, struct reader_string key,
                     const struct member *members, size_t n, bool lenient)
{
    char shown[API_SHOW_MAX];
    for (size_t i = 0; i < n; i++) {
        if (same(key, members[i].key))
            return read_member(request, reader, &members[i]);
    }
    if (lenient)
        return reader_value_skip(reader);
    return astro_fail(&request->error, ASTRO_UNKNOWN_NAME, NULL, "unknown key \"%s\"",
                      api_show(key.data, key.length, shown));
}

bool members_read(struct request *request, const struct member *members, size_t n, bool lenient)
{
    const struct body *body = &request->body;
    if (body->length == 0)
        return true;
    if (body->encoding != BODY_IDENTITY)
        return lenient || astro_fail(&request->error, ASTRO_UNSUPPORTED_ENCODING, NULL,
                                     "this body is read without Content-Encoding only");
    if (body->length > BODY_MOST)
        return astro_fail(&request->error, ASTRO_TOO_LARGE, NULL,
                          "the body has %zu bytes; at most %d are read here", body->length,
                          (int)BODY_MOST);
    /* Not jansson, which takes a failed allocation for a mistake in the text. */
    struct reader reader;
    struct reader_string key;
    reader_init(&reader, body->data, body->length, server.settings.limits_json_depth,
                &request->error);
    if (reader_peek(&reader) != READER_OBJECT) {
        if (!reader_value_skip(&reader))
            return false;
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                          "the body must be an object, such as {\"%s\": ...}", members[0].key);
    }
    if (!reader_object_begin(&reader))
        return false;
    while (reader_object_next(&reader, &request->arena, &key)) {
        if (!read_any(request, &reader, key, members, n, lenient))
            return false;
    }
    return request->error.code == ASTRO_OK && reader_finish(&reader);
}
