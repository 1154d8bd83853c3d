/*
 * The names of a conversion's inputs, outputs and parameters, and what to say about others.
 */
#include <stdio.h>
#include <string.h>

#include "request/call.h"
#include "settings/table.h"

enum {
    LIST_TEXT = 256, /* bytes of a list of names in an error text */
    NEAR = 3         /* edits at the most between a misspelt name and the one meant */
};

size_t call_cut(const char *text, size_t length, size_t most)
{
    if (length <= most)
        return length;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--; /* text[most] is the middle of a character */
    return most;
}

/* Names from the wire are not terminated and may hold any byte. Known ones are short words. */
static bool same(const char *known, const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (known[i] != name[i] || known[i] == '\0')
            return false;
    }
    return known[length] == '\0';
}

static int field_find(const struct astro_field *fields, size_t n, const char *name, size_t length)
{
    for (size_t i = 0; i < n; i++) {
        if (same(fields[i].name, name, length))
            return (int)i;
    }
    return -1;
}

int call_input_find(const struct astro_conversion *conversion, const char *name, size_t length)
{
    return field_find(conversion->inputs, conversion->n_inputs, name, length);
}

int call_output_find(const struct astro_conversion *conversion, const char *name, size_t length)
{
    return field_find(conversion->outputs, conversion->n_outputs, name, length);
}

int call_parameter_find(const struct astro_conversion *conversion, const char *name, size_t length)
{
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        if (same(conversion->parameters[i].name, name, length))
            return (int)i;
    }
    return -1;
}

/* The candidate with the fewest edits so far. */
struct nearest {
    char sought[SETTING_NAME_MAX];
    const char *name;
    unsigned distance;
};

static struct nearest nearest_begin(const char *name, size_t length)
{
    struct nearest nearest = {.distance = NEAR + 1};
    if (length >= sizeof nearest.sought)
        length = sizeof nearest.sought - 1;
    memcpy(nearest.sought, name, length);
    return nearest;
}

static void nearest_try(struct nearest *nearest, const char *candidate)
{
    unsigned distance = setting_distance(nearest->sought, candidate);
    /* A name replaced altogether is not near, however short it is. */
    if (distance < nearest->distance && distance < strlen(candidate)) {
        nearest->distance = distance;
        nearest->name = candidate;
    }
}

struct list {
    char text[LIST_TEXT];
    size_t length;
};

static void list_add(struct list *list, const char *name)
{
    int n = snprintf(list->text + list->length, sizeof list->text - list->length, "%s%s",
                     list->length > 0 ? ", " : "", name);
    list->length += (size_t)n;
    if (list->length >= sizeof list->text)
        list->length = sizeof list->text - 1;
}

static bool fail_unknown(struct astro_error *err, const char *what, const char *name, size_t length,
                         const struct nearest *nearest, const struct list *known)
{
    char field[sizeof err->field];
    int shown = (int)call_cut(name, length, sizeof field - 1);
    snprintf(field, sizeof field, "%.*s", shown, name);
    if (nearest->name != NULL)
        return astro_fail(err, ASTRO_UNKNOWN_NAME, field,
                          "unknown %s \"%.*s\"; did you mean \"%s\"?", what, shown, name,
                          nearest->name);
    return astro_fail(err, ASTRO_UNKNOWN_NAME, field, "unknown %s \"%.*s\"; known are: %s", what,
                      shown, name, known->text);
}

bool call_fail_unknown(const struct astro_conversion *conversion, const char *name, size_t length,
                       struct astro_error *err)
{
    struct nearest nearest = nearest_begin(name, length);
    struct list known = {.length = 0};
    for (size_t i = 0; i < conversion->n_inputs; i++) {
        nearest_try(&nearest, conversion->inputs[i].name);
        list_add(&known, conversion->inputs[i].name);
    }
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        nearest_try(&nearest, conversion->parameters[i].name);
        list_add(&known, conversion->parameters[i].name);
    }
    return fail_unknown(err, "name", name, length, &nearest, &known);
}

static bool fail_unknown_field(const struct astro_field *fields, size_t n, const char *what,
                               const char *name, size_t length, struct astro_error *err)
{
    struct nearest nearest = nearest_begin(name, length);
    struct list known = {.length = 0};
    for (size_t i = 0; i < n; i++) {
        nearest_try(&nearest, fields[i].name);
        list_add(&known, fields[i].name);
    }
    return fail_unknown(err, what, name, length, &nearest, &known);
}

bool call_fail_unknown_input(const struct astro_conversion *conversion, const char *name,
                             size_t length, struct astro_error *err)
{
    return fail_unknown_field(conversion->inputs, conversion->n_inputs, "input", name, length, err);
}

bool call_fail_unknown_output(const struct astro_conversion *conversion, const char *name,
                              size_t length, struct astro_error *err)
{
    return fail_unknown_field(conversion->outputs, conversion->n_outputs, "output", name, length,
                              err);
}
