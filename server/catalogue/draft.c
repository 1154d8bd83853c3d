#include "catalogue/draft.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalogue/utf8.h"

/* What clients and the plain API mean by these is not an argument (names beginning with triton_ too). */
static const char *const reserved[] = {
    "sequence_id", "sequence_start", "sequence_end", "priority",           "timeout",
    "headers",     "content_type",   "warnings",     "binary_data_output", "error",
};

const char *draft_show(const char *text, char ret[DRAFT_SHOWN])
{
    size_t i = 0;
    for (; text[i] != '\0' && i < DRAFT_SHOWN - 1; i++)
        ret[i] = text[i] >= ' ' && text[i] <= '~' && text[i] != '"' ? text[i] : '?';
    ret[i] = '\0';
    return ret;
}

bool draft_refuse(struct draft *draft, const char *format, ...)
{
    char text[400], name[DRAFT_SHOWN];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    const char *conversion = draft->whole.conversion.name;
    return astro_fail(draft->err, ASTRO_PLUGIN_ERROR, NULL, "plugin %s%s%s%s%s: %s", draft->plugin,
                      conversion != NULL ? ", conversion " : "",
                      conversion != NULL ? draft_show(conversion, name) : "",
                      draft->part != NULL ? ", " : "", draft->part != NULL ? draft->part : "",
                      text);
}

static const json_t *member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : value;
}

bool draft_text(struct draft *draft, const json_t *object, const char *key, size_t most,
                const char **ret)
{
    const json_t *value = member(object, key);
    if (value == NULL)
        return true;
    if (!json_is_string(value))
        return draft_refuse(draft, "\"%s\" is not a text", key);
    const char *text = json_string_value(value);
    const size_t length = json_string_length(value);
    if (length > most)
        return draft_refuse(draft, "\"%s\" has %zu bytes; at most %zu are allowed", key, length,
                            most);
    if (memchr(text, '\0', length) != NULL || utf8_prefix(text, length) != length)
        return draft_refuse(draft, "\"%s\" is not valid UTF-8", key);
    *ret = text;
    return true;
}

bool draft_flag(struct draft *draft, const json_t *object, const char *key, bool *ret)
{
    const json_t *value = member(object, key);
    if (value == NULL)
        return true;
    if (!json_is_boolean(value))
        return draft_refuse(draft, "\"%s\" is neither true nor false", key);
    *ret = json_is_true(value);
    return true;
}

bool draft_number(struct draft *draft, const json_t *object, const char *key, double *ret)
{
    const json_t *value = member(object, key);
    if (value == NULL)
        return true;
    if (!json_is_number(value) || !isfinite(json_number_value(value)))
        return draft_refuse(draft, "\"%s\" is not a finite number", key);
    *ret = json_number_value(value);
    return true;
}

bool draft_whole(struct draft *draft, const json_t *object, const char *key, int64_t least,
                 int64_t most, int64_t *ret)
{
    const json_t *value = member(object, key);
    if (value == NULL)
        return true;
    const int64_t number = json_is_integer(value) ? json_integer_value(value) : least - 1;
    if (number < least || number > most)
        return draft_refuse(draft, "\"%s\" is not a whole number within [%lld, %lld]", key,
                            (long long)least, (long long)most);
    *ret = number;
    return true;
}

bool draft_choice(struct draft *draft, const json_t *object, const char *key,
                  const char *const words[], int *ret)
{
    const char *word = NULL;
    char shown[DRAFT_SHOWN];
    if (!draft_text(draft, object, key, DRAFT_WORD, &word))
        return false;
    if (word == NULL)
        return true;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            *ret = i;
            return true;
        }
    }
    return draft_refuse(draft, "\"%s\" is not a known %s", draft_show(word, shown), key);
}

static bool is_reserved(const char *name)
{
    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
        if (strcmp(reserved[i], name) == 0)
            return true;
    }
    return strncmp(name, "triton_", 7) == 0;
}

bool draft_name(struct draft *draft, const json_t *object, const char **ret)
{
    const char *name = NULL;
    char shown[DRAFT_SHOWN];
    if (!draft_text(draft, object, "name", DRAFT_TEXT, &name))
        return false;
    if (name == NULL)
        return draft_refuse(draft, "\"name\" is missing");
    const size_t length = strlen(name);
    if (length == 0 || length > DRAFT_WORD || name[0] < 'a' || name[0] > 'z' ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != length)
        return draft_refuse(draft,
                            "\"%s\" cannot be a name: at most %d lower-case letters, digits and "
                            "underscores, a letter first",
                            draft_show(name, shown), (int)DRAFT_WORD);
    if (is_reserved(name))
        return draft_refuse(draft, "the name %s is reserved", name);
    *ret = name;
    return true;
}
