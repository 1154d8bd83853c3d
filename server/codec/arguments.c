#include "codec/arguments.h"

#include <string.h>

#include "memory/alloc.h"
#include "plugins/part.h"
#include "process/server.h"
#include "request/request.h"

enum {
    COLUMNS_IN_ARENA = 2048, /* bytes of columns for which no slab is taken */
    COLUMN_ALIGN = 64,
    VALUE_ALIGN = 8
};

unsigned arguments_depth(void)
{
    return server.settings.limits_json_depth;
}

bool arguments_fail_twice(struct call *call, const char *name)
{
    return astro_fail(&call->request->error, ASTRO_DUPLICATE_KEY, name, "\"%s\" is given twice",
                      name);
}

/* A string that outlives the body: the body goes back to the pool as soon as the columns are read.
 */
static bool keep_text(struct call *call, struct reader_string *string)
{
    char *copy = arena_copy(&call->request->arena, string->data, string->length);
    if (copy == NULL)
        return call_fail_memory(&call->request->error);
    string->data = copy;
    return true;
}

static bool read_text(struct call *call, struct reader *reader,
                      const struct astro_parameter *parameter, struct astro_value *value)
{
    struct reader_string string;
    if (!reader_string(reader, &call->request->arena, &string))
        return false;
    if (parameter->type == ASTRO_STRING && !keep_text(call, &string))
        return false;
    return astro_parameter_from_text(parameter, string.data, string.length, value, reader->err);
}

static bool read_value(struct call *call, struct reader *reader,
                       const struct astro_parameter *parameter, struct astro_value *value)
{
    double number;
    bool flag;
    switch (reader_peek(reader)) {
    case READER_STRING:
        return read_text(call, reader, parameter, value);
    case READER_NUMBER:
        return reader_number(reader, &number) &&
               astro_parameter_from_number(parameter, number, value, reader->err);
    case READER_NONFINITE:
        return astro_fail(reader->err, ASTRO_BAD_PARAMETER, parameter->name,
                          "the parameter \"%s\" must be finite", parameter->name);
    case READER_TRUE:
    case READER_FALSE:
        return reader_boolean(reader, &flag) &&
               astro_parameter_from_boolean(parameter, flag, value, reader->err);
    case READER_BAD:
        return false;
    default:
        return astro_fail(reader->err, ASTRO_BAD_TYPE, parameter->name,
                          "the parameter \"%s\" is one value: text, a number, true or false",
                          parameter->name);
    }
}

bool arguments_parameter(struct call *call, struct reader *reader, size_t index)
{
    const struct astro_parameter *parameter = &call->conversion->parameters[index];
    if (call->values[index].given)
        return arguments_fail_twice(call, parameter->name);
    return read_value(call, reader, parameter, &call->values[index]) ||
           call_blame(reader->err, parameter->name);
}

enum column_kind arguments_kind(const struct astro_field *field)
{
    static const enum column_kind kinds[] = {[ASTRO_FP64] = COLUMN_FP64,
                                             [ASTRO_INT64] = COLUMN_INT64,
                                             [ASTRO_BYTES] = COLUMN_BYTES,
                                             [ASTRO_BOOL] = COLUMN_BOOL};
    return kinds[field->type];
}

bool arguments_columns(struct call *call, size_t n, const size_t counts[],
                       const enum astro_type types[], void *ret_columns[])
{
    struct astro_error *err = &call->request->error;
    size_t packed = 0, aligned = 0;
    bool has_texts = false;
    for (size_t i = 0; i < n; i++) {
        size_t bytes;
        if (!size_mul(counts[i], call_type_size(types[i]), &bytes) ||
            bytes > SIZE_MAX - COLUMN_ALIGN ||
            !size_add(aligned, (bytes + COLUMN_ALIGN - 1) / COLUMN_ALIGN * COLUMN_ALIGN, &aligned))
            return call_fail_memory(err);
        packed += bytes; /* not more than `aligned` */
        has_texts = has_texts || types[i] == ASTRO_BYTES;
    }
    if (n == 0)
        return true;
    bool small = packed <= COLUMNS_IN_ARENA;
    char *next;
    if (small) {
        next = arena_alloc(&call->request->arena, packed > 0 ? packed : 1, VALUE_ALIGN);
        if (next == NULL)
            return call_fail_memory(err);
    } else {
        /* What points to texts is not for a host to see, which could write there. */
        struct slab_source *source = has_texts ? NULL : plugin_part_source(call->plugin);
        if (!slab_take_from(source, aligned, &call->columns))
            return call_fail_memory(err);
        next = call->columns.data;
    }
    for (size_t i = 0; i < n; i++) {
        ret_columns[i] = next;
        size_t bytes = counts[i] * call_type_size(types[i]);
        next += small ? bytes : (bytes + COLUMN_ALIGN - 1) / COLUMN_ALIGN * COLUMN_ALIGN;
    }
    return true;
}
