#include "observe/exposition.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"

enum { FIRST_CAPACITY = 16 * 1024 };

static void append(struct exposition *out, const char *text, size_t length)
{
    if (out->failed)
        return;
    if (out->capacity - out->length < length) {
        size_t capacity = out->capacity == 0 ? FIRST_CAPACITY : out->capacity;
        while (capacity - out->length < length)
            capacity *= 2;
        char *grown = mem_realloc(out->data, capacity);
        if (grown == NULL) {
            out->failed = true;
            return;
        }
        out->data = grown;
        out->capacity = capacity;
    }
    memcpy(out->data + out->length, text, length);
    out->length += length;
}

static void append_text(struct exposition *out, const char *text)
{
    append(out, text, strlen(text));
}

static void append_escaped(struct exposition *out, const char *text, bool is_label)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            append(out, "\\n", 2);
        else if (*text == '\\')
            append(out, "\\\\", 2);
        else if (*text == '"' && is_label)
            append(out, "\\\"", 2);
        else
            append(out, text, 1);
    }
}

void exposition_family(struct exposition *out, const char *name, const char *type, const char *help)
{
    out->family = name;
    append_text(out, "# HELP ");
    append_text(out, name);
    append_text(out, " ");
    append_escaped(out, help, false);
    append_text(out, "\n# TYPE ");
    append_text(out, name);
    append_text(out, " ");
    append_text(out, type);
    append_text(out, "\n");
}

static void sample(struct exposition *out, const char *suffix,
                   const struct exposition_labels *labels, const char *value)
{
    append_text(out, out->family);
    append_text(out, suffix);
    for (size_t i = 0; labels->pairs[i] != NULL; i += 2) {
        append_text(out, i == 0 ? "{" : ",");
        append_text(out, labels->pairs[i]);
        append_text(out, "=\"");
        append_escaped(out, labels->pairs[i + 1], true);
        append_text(out, "\"");
    }
    append_text(out, labels->pairs[0] != NULL ? "} " : " ");
    append_text(out, value);
    append_text(out, "\n");
}

void exposition_count(struct exposition *out, const char *suffix,
                      const struct exposition_labels *labels, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    sample(out, suffix, labels, text);
}

void exposition_signed(struct exposition *out, const struct exposition_labels *labels,
                       int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    sample(out, "", labels, text);
}

/* Written so that it reads back the same; the locale is C. */
void exposition_real(struct exposition *out, const struct exposition_labels *labels, double value)
{
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    sample(out, "", labels,
           isnan(value)   ? "NaN"
           : isinf(value) ? value > 0 ? "+Inf" : "-Inf"
                          : text);
}

void exposition_nanoseconds(struct exposition *out, const char *suffix,
                            const struct exposition_labels *labels, uint64_t ns)
{
    const uint64_t second = 1000000000;
    char text[40];
    snprintf(text, sizeof text, "%" PRIu64 ".%09" PRIu64, ns / second, ns % second);
    sample(out, suffix, labels, text);
}
