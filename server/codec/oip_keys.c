/*
 * Small steps that all objects of an inference request have in common.
 */
#include <stdio.h>

#include "codec/oip.h"
#include "request/request.h"

bool oip_once(struct call *call, bool *seen, const char *key, const char *where)
{
    if (*seen)
        return astro_fail(&call->request->error, ASTRO_DUPLICATE_KEY, key, "%s has \"%s\" twice",
                          where, key);
    *seen = true;
    return true;
}

bool oip_unknown_key(struct reader *reader, const struct reader_string *key, const char *where,
                     const char *known)
{
    char field[sizeof reader->err->field];
    int shown = (int)call_cut(key->data, key->length, sizeof field - 1);
    snprintf(field, sizeof field, "%.*s", shown, key->data);
    return astro_fail(reader->err, ASTRO_UNKNOWN_NAME, field,
                      "unknown key \"%.*s\" in %s; known are: %s", shown, key->data, where, known);
}

bool oip_absent(struct reader *reader)
{
    return reader_peek(reader) == READER_NULL && reader_null(reader);
}

bool oip_open_object(struct reader *reader, const char *field, const char *what)
{
    enum reader_type type = reader_peek(reader);
    if (type != READER_OBJECT && type != READER_BAD)
        astro_fail(reader->err, ASTRO_INVALID_REQUEST, field, "%s must be an object", what);
    return reader_object_begin(reader);
}

bool oip_open_array(struct reader *reader, const char *what)
{
    enum reader_type type = reader_peek(reader);
    if (type != READER_ARRAY && type != READER_BAD)
        astro_fail(reader->err, ASTRO_INVALID_REQUEST, what, "%s must be an array", what);
    return reader_array_begin(reader);
}

bool oip_read_flag(struct reader *reader, const char *name, bool *ret)
{
    enum reader_type type = reader_peek(reader);
    if (type != READER_TRUE && type != READER_FALSE && type != READER_BAD)
        return astro_fail(reader->err, ASTRO_BAD_TYPE, name, "%s must be true or false", name);
    return reader_boolean(reader, ret);
}

bool oip_read_whole(struct reader *reader, const char *name, enum astro_code code, uint64_t *ret)
{
    int64_t value = -1;
    struct astro_error *err = reader->err;
    if (reader_peek(reader) == READER_NUMBER && reader_integer(reader, &value) && value >= 0) {
        *ret = (uint64_t)value;
        return true;
    }
    if (err->code == ASTRO_INVALID_JSON)
        return false;
    *err = (struct astro_error){.code = ASTRO_OK};
    return astro_fail(err, code, name, "%s must be a whole number from 0 to 9223372036854775807",
                      name);
}
