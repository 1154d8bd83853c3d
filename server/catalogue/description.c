/*
 * The description of a plugin's conversion, from the message in which a host tells of it. Everything is
 * checked: a plugin is foreign code, and what is described here decides how requests are read.
 */
#include <float.h>
#include <stdio.h>
#include <string.h>

#include "catalogue/draft.h"
#include "catalogue/utf8.h"

enum {
    STRING_MOST = 64 * 1024, /* bytes of a string parameter, also when it says no maximum */
    ROWS_STANDARD = 1 << 16, /* of a joined call that says no maximum */
    ROWS_MOST = 1 << 30
};

/* --- inputs and outputs --- */

static bool check_role(struct draft *draft, const struct astro_field *field)
{
    if (field->role != ASTRO_PLAIN && field->type != ASTRO_FP64)
        return draft_refuse(draft, "only FP64 columns have a role");
    /* Its limits are checked before Python sees a value, in degrees. */
    if (field->role == ASTRO_LATITUDE && strcmp(field->unit, "deg") != 0)
        return draft_refuse(draft, "the role latitude is for degrees: the unit must be \"deg\"");
    return true;
}

static bool read_field(struct draft *draft, const json_t *entry, bool is_input,
                       struct astro_field *ret)
{
    static const char *const types[] = {[ASTRO_FP64] = "FP64",
                                        [ASTRO_INT64] = "INT64",
                                        [ASTRO_BYTES] = "BYTES",
                                        [ASTRO_BOOL] = "BOOL",
                                        NULL};
    static const char *const words[] = {"plain", "longitude", "latitude",
                                        "angle", "distance",  NULL};
    static const enum astro_role roles[] = {ASTRO_PLAIN, ASTRO_LONGITUDE, ASTRO_LATITUDE,
                                            ASTRO_ANGLE, ASTRO_DISTANCE};
    struct astro_field field = {.unit = "", .doc = ""};
    int type = -1, role = 0;
    if (!draft_name(draft, entry, &field.name) ||
        !draft_choice(draft, entry, "type", types, &type) ||
        !draft_choice(draft, entry, "role", words, &role) ||
        !draft_text(draft, entry, "unit", DRAFT_WORD, &field.unit) ||
        !draft_text(draft, entry, "doc", DRAFT_TEXT, &field.doc))
        return false;
    if (type < 0)
        return draft_refuse(draft, "\"type\" is missing");
    if (type == ASTRO_BYTES && !is_input) /* a host has no way to send them */
        return draft_refuse(draft, "results of text are not served; use FP64, INT64 or BOOL");
    field.type = (enum astro_type)type;
    field.role = roles[role];
    if (is_input && (!draft_flag(draft, entry, "optional", &field.optional) ||
                     !draft_text(draft, entry, "default_doc", DRAFT_LINE, &field.default_doc)))
        return false;
    if (!field.optional)
        field.default_doc = NULL;
    *ret = field;
    return check_role(draft, &field);
}

static bool has_field(const struct astro_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i].name, name) == 0)
            return true;
    }
    return false;
}

/* The list under `key`, at most `most` objects long; an absent one is empty. */
static bool read_list(struct draft *draft, const json_t *description, const char *key, size_t most,
                      const json_t **ret)
{
    const json_t *list = json_object_get(description, key);
    if (json_is_null(list))
        list = NULL;
    if (list != NULL && !json_is_array(list))
        return draft_refuse(draft, "\"%s\" is not a list", key);
    if (json_array_size(list) > most)
        return draft_refuse(draft, "there are %zu %s; at most %zu are allowed",
                            json_array_size(list), key, most);
    *ret = list;
    return true;
}

static bool read_fields(struct draft *draft, const json_t *description, bool are_inputs,
                        struct astro_field *fields, size_t *ret_n)
{
    const char *key = are_inputs ? "inputs" : "outputs";
    const json_t *list = NULL;
    if (!read_list(draft, description, key, are_inputs ? ASTRO_MAX_INPUTS : ASTRO_MAX_OUTPUTS,
                   &list))
        return false;
    const size_t n = json_array_size(list);
    if (n == 0)
        return draft_refuse(draft, "it has no %s; at least one is needed", key);
    for (size_t i = 0; i < n; i++) {
        char part[DRAFT_SHOWN];
        snprintf(part, sizeof part, "%s %zu", are_inputs ? "input" : "output", i + 1);
        draft->part = part;
        bool good = read_field(draft, json_array_get(list, i), are_inputs, &fields[i]);
        if (good && has_field(fields, i, fields[i].name))
            good = draft_refuse(draft, "there is a second %s called %s",
                                are_inputs ? "input" : "output", fields[i].name);
        draft->part = NULL;
        if (!good)
            return false;
    }
    *ret_n = n;
    return true;
}

/* --- parameters --- */

static bool same_word(const char *a, const char *b)
{
    while (*a != '\0' &&
           (*a | (*a >= 'A' && *a <= 'Z' ? 0x20 : 0)) == (*b | (*b >= 'A' && *b <= 'Z' ? 0x20 : 0)))
        a++, b++;
    return *a == *b;
}

/* A word that can stand in a line: UTF-8 without control characters. */
static const char *choice_text(const json_t *word)
{
    const char *text = json_string_value(word);
    const size_t length = text != NULL ? json_string_length(word) : 0;
    if (length == 0 || length > DRAFT_WORD || utf8_prefix(text, length) != length)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return NULL;
    }
    return text;
}

static bool read_choices(struct draft *draft, const json_t *entry,
                         struct astro_parameter *parameter)
{
    const json_t *list = NULL;
    if (!read_list(draft, entry, "choices", DRAFT_CHOICES, &list))
        return false;
    const size_t n = json_array_size(list);
    if ((n > 0) != (parameter->type == ASTRO_CHOICE))
        return draft_refuse(draft, n > 0 ? "only a choice has choices" : "a choice needs choices");
    if (n == 0)
        return true;
    const char **choices = &draft->choices[draft->n_choices];
    for (size_t i = 0; i < n; i++) {
        const char *text = choice_text(json_array_get(list, i));
        if (text == NULL)
            return draft_refuse(draft, "choice %zu is not a text of 1 to %d bytes", i + 1,
                                (int)DRAFT_WORD);
        for (size_t k = 0; k < i; k++) {
            if (same_word(choices[k], text))
                return draft_refuse(draft, "the choice \"%s\" comes twice", text);
        }
        choices[i] = text;
    }
    choices[n] = NULL;
    draft->n_choices += n + 1;
    parameter->choices = choices;
    return true;
}

/* Infinite limits of numbers are the largest doubles, as in the built-in descriptions. */
static bool read_limits(struct draft *draft, const json_t *entry, struct astro_parameter *parameter)
{
    const bool is_string = parameter->type == ASTRO_STRING;
    parameter->minimum = is_string ? 0 : -DBL_MAX;
    parameter->maximum = is_string ? STRING_MOST : DBL_MAX;
    if (!draft_number(draft, entry, "minimum", &parameter->minimum) ||
        !draft_number(draft, entry, "maximum", &parameter->maximum))
        return false;
    if (!(parameter->minimum <= parameter->maximum))
        return draft_refuse(draft, "its minimum is above its maximum");
    if (is_string && (parameter->minimum < 0 || parameter->maximum > STRING_MOST))
        return draft_refuse(draft, "a text has at most %d bytes", (int)STRING_MOST);
    return true;
}

/* What a default says must be what a request may say. */
static bool check_default(struct draft *draft, const struct astro_parameter *parameter)
{
    struct astro_error wrong = {.code = ASTRO_OK};
    struct astro_value value;
    const char *text = parameter->default_text;
    if (text == NULL || astro_parameter_from_text(parameter, text, strlen(text), &value, &wrong))
        return true;
    return draft_refuse(draft, "its default is not allowed: %.200s", wrong.text);
}

static bool read_parameter(struct draft *draft, const json_t *entry, struct astro_parameter *ret)
{
    static const char *const words[] = {"choice", "number", "integer", "boolean", "string", NULL};
    static const enum astro_parameter_type types[] = {ASTRO_CHOICE, ASTRO_NUMBER, ASTRO_INTEGER,
                                                      ASTRO_BOOLEAN, ASTRO_STRING};
    struct astro_parameter parameter = {.unit = "", .doc = ""};
    int type = -1;
    if (!draft_name(draft, entry, &parameter.name) ||
        !draft_choice(draft, entry, "type", words, &type))
        return false;
    if (type < 0)
        return draft_refuse(draft, "\"type\" is missing");
    parameter.type = types[type];
    if (!draft_text(draft, entry, "default", DRAFT_TEXT, &parameter.default_text) ||
        !draft_flag(draft, entry, "optional", &parameter.optional) ||
        !draft_text(draft, entry, "default_doc", DRAFT_LINE, &parameter.default_doc) ||
        !draft_text(draft, entry, "unit", DRAFT_WORD, &parameter.unit) ||
        !draft_text(draft, entry, "doc", DRAFT_TEXT, &parameter.doc) ||
        !read_choices(draft, entry, &parameter) || !read_limits(draft, entry, &parameter))
        return false;
    parameter.optional = parameter.optional && parameter.default_text == NULL;
    if (!parameter.optional)
        parameter.default_doc = NULL;
    *ret = parameter;
    return check_default(draft, &parameter);
}

/* Inputs and parameters share the keys of one object. */
static bool check_parameter_name(struct draft *draft, const char *name, size_t before)
{
    const struct astro_conversion *conversion = &draft->whole.conversion;
    for (size_t i = 0; i < before; i++) {
        if (strcmp(draft->parameters[i].name, name) == 0)
            return draft_refuse(draft, "there is a second parameter called %s", name);
    }
    if (has_field(draft->inputs, conversion->n_inputs, name))
        return draft_refuse(draft, "there is an input called %s too", name);
    for (size_t i = 0; strcmp(name, "unit") == 0 && i < conversion->n_inputs; i++) {
        if (draft->inputs[i].role == ASTRO_LATITUDE)
            return draft_refuse(draft, "the input %s is in degrees whatever a unit says",
                                draft->inputs[i].name);
    }
    return true;
}

static bool read_parameters(struct draft *draft, const json_t *description)
{
    const json_t *list = NULL;
    if (!read_list(draft, description, "parameters", ASTRO_MAX_PARAMETERS, &list))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        char part[DRAFT_SHOWN];
        snprintf(part, sizeof part, "parameter %zu", i + 1);
        draft->part = part;
        const bool good = read_parameter(draft, json_array_get(list, i), &draft->parameters[i]) &&
                          check_parameter_name(draft, draft->parameters[i].name, i);
        draft->part = NULL;
        if (!good)
            return false;
    }
    draft->whole.conversion.n_parameters = json_array_size(list);
    return true;
}

/* --- the whole --- */

/* "stats" is a place in the Open Inference Protocol, "none" a label in the metrics. */
static bool check_name(struct draft *draft, const char *name)
{
    if (strcmp(name, "stats") == 0 || strcmp(name, "none") == 0)
        return draft_refuse(draft, "the name %s is reserved", name);
    if (astro_conversion_find(name, strlen(name), NULL) != NULL)
        return draft_refuse(draft, "a conversion of that name is built in");
    return true;
}

static bool read_head(struct draft *draft, const json_t *description, int64_t *ret_number)
{
    struct astro_conversion *conversion = &draft->whole.conversion;
    const char *name = NULL;
    int64_t rows = ROWS_STANDARD;
    *conversion = (struct astro_conversion){.group = "",
                                            .summary = "",
                                            .description = "",
                                            .reference = "",
                                            .accuracy = "",
                                            .context_size = 1};
    if (!draft_name(draft, description, &name))
        return false;
    conversion->name = name;
    *ret_number = -1;
    if (!check_name(draft, name) ||
        !draft_whole(draft, description, "number", 0, UINT32_MAX, ret_number) ||
        !draft_text(draft, description, "group", DRAFT_WORD, &conversion->group) ||
        !draft_text(draft, description, "summary", DRAFT_LINE, &conversion->summary) ||
        !draft_text(draft, description, "description", DRAFT_DESCRIPTION,
                    &conversion->description) ||
        !draft_text(draft, description, "reference", DRAFT_TEXT, &conversion->reference) ||
        !draft_text(draft, description, "accuracy", DRAFT_TEXT, &conversion->accuracy) ||
        !draft_flag(draft, description, "elementwise", &draft->whole.elementwise) ||
        !draft_whole(draft, description, "max_rows", 1, ROWS_MOST, &rows))
        return false;
    if (*ret_number < 0)
        return draft_refuse(draft, "\"number\" is missing");
    if (conversion->group[0] == '\0')
        conversion->group = "plugins";
    draft->whole.max_rows = (size_t)rows;
    return true;
}

static bool is_plugin_name(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length < CATALOGUE_NAME && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") ==
               length;
}

struct plugin_conversion *plugin_conversion_read(const json_t *description, const char *plugin,
                                                 uint32_t *ret_number, struct astro_error *err)
{
    struct draft draft = {.err = err, .plugin = plugin};
    struct astro_conversion *conversion = &draft.whole.conversion;
    char shown[DRAFT_SHOWN];
    if (!is_plugin_name(plugin)) {
        astro_fail(err, ASTRO_PLUGIN_ERROR, NULL, "\"%s\" cannot be the name of a plugin",
                   draft_show(plugin, shown));
        return NULL;
    }
    snprintf(draft.whole.plugin, sizeof draft.whole.plugin, "%s", plugin);
    int64_t number;
    if (!read_head(&draft, description, &number) ||
        !read_fields(&draft, description, true, draft.inputs, &conversion->n_inputs) ||
        !read_fields(&draft, description, false, draft.outputs, &conversion->n_outputs) ||
        !read_parameters(&draft, description))
        return NULL;
    struct plugin_conversion *kept = draft_keep(&draft);
    if (kept != NULL)
        *ret_number = (uint32_t)number;
    return kept;
}
