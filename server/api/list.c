/* The text of `astrolabed --list`: the conversions as a reference to be read, from their
 * descriptors. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "api/api.h"
#include "api/describe.h"

enum { WIDTH = 96, MARGIN = 4, LABEL = 12 };

/* Words of `text`, the line being at `column`, continued at `indent`. */
static void wrap(FILE *out, const char *text, size_t column, size_t indent)
{
    bool first = true;
    text += strspn(text, " \n");
    while (*text != '\0') {
        const size_t length = strcspn(text, " \n");
        if (!first && column + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)length, text);
        column += length;
        first = false;
        text += length;
        text += strspn(text, " \n");
    }
}

static void labelled(FILE *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(out, "%*s%-*s", MARGIN, "", LABEL, label);
    wrap(out, text, MARGIN + LABEL, MARGIN + LABEL);
    fputc('\n', out);
}

/* What stands in brackets behind a name: "deg|rad, -90 to 90 deg". Cut when it does not fit. */
struct facts {
    char text[512];
    size_t length;
};

__attribute__((format(printf, 2, 3))) static void add(struct facts *facts, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t room = sizeof facts->text - facts->length;
    const int n = vsnprintf(facts->text + facts->length, room, format, arguments);
    va_end(arguments);
    if (n > 0)
        facts->length += (size_t)n < room ? (size_t)n : room - 1;
}

static const char *separator(const struct facts *facts)
{
    return facts->length > 0 ? ", " : "";
}

static void print_entry(FILE *out, const char *label, const char *name, const struct facts *facts,
                        const char *doc)
{
    char line[2048];
    snprintf(line, sizeof line, "%s%s%s%s%s%s", name, facts->length > 0 ? " [" : "", facts->text,
             facts->length > 0 ? "]" : "", doc != NULL && doc[0] != '\0' ? ": " : "",
             doc != NULL ? doc : "");
    fprintf(out, "%*s%-*s", MARGIN, "", LABEL, label);
    wrap(out, line, MARGIN + LABEL, MARGIN + LABEL + 4);
    fputc('\n', out);
}

static void add_units(struct facts *facts, const struct astro_conversion *conversion,
                      const struct astro_field *field)
{
    const int index = astro_unit_parameter(conversion);
    static const char *const words[] = {
        [ASTRO_INT64] = "integer", [ASTRO_BYTES] = "text", [ASTRO_BOOL] = "boolean"};
    if (field->type != ASTRO_FP64)
        add(facts, "%s", words[field->type]);
    if (field->unit != NULL || index < 0) {
        const char *unit = describe_unit(field, ASTRO_DEG);
        if (unit[0] != '\0')
            add(facts, "%s%s", separator(facts), unit);
        return;
    }
    const char *const *choices = conversion->parameters[index].choices;
    for (int i = 0; choices != NULL && choices[i] != NULL; i++) {
        const char *unit = describe_unit(field, (enum astro_unit)i);
        if (i == 0)
            add(facts, "%s%s", separator(facts), unit);
        else if (strcmp(unit, choices[i]) == 0)
            add(facts, "|%s", unit);
    }
}

static void print_fields(FILE *out, const struct astro_conversion *conversion, const char *label,
                         const struct astro_field *fields, size_t n, bool are_inputs)
{
    for (size_t i = 0; i < n; i++) {
        const struct astro_field *field = &fields[i];
        struct facts facts = {0};
        add_units(&facts, conversion, field);
        double minimum, maximum;
        if (are_inputs && describe_range(field, &minimum, &maximum)) {
            if (isfinite(maximum))
                add(&facts, "%s%g to %g deg", separator(&facts), minimum, maximum);
            else
                add(&facts, "%snot below %g", separator(&facts), minimum);
        }
        if (are_inputs && field->optional)
            add(&facts, "%s%s%s", separator(&facts),
                field->default_doc != NULL ? "default " : "optional",
                field->default_doc != NULL ? field->default_doc : "");
        print_entry(out, i == 0 ? label : "", field->name, &facts, field->doc);
    }
}

static void add_values(struct facts *facts, const struct astro_parameter *parameter)
{
    if (parameter->type == ASTRO_CHOICE) {
        for (size_t i = 0; parameter->choices != NULL && parameter->choices[i] != NULL; i++)
            add(facts, "%s%s", i == 0 ? "" : "|", parameter->choices[i]);
        return;
    }
    add(facts, "%s", describe_parameter_type(parameter->type));
    const bool low = describe_has_minimum(parameter), high = describe_has_maximum(parameter);
    if (low && high)
        add(facts, ", %.15g to %.15g", parameter->minimum, parameter->maximum);
    else if (low)
        add(facts, ", not below %.15g", parameter->minimum);
    else if (high)
        add(facts, ", not above %.15g", parameter->maximum);
    if (parameter->unit != NULL && parameter->unit[0] != '\0')
        add(facts, " %s", parameter->unit);
}

static void print_parameters(FILE *out, const struct astro_conversion *conversion)
{
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_parameter *parameter = &conversion->parameters[i];
        struct facts facts = {0};
        add_values(&facts, parameter);
        const char *standard = parameter->default_text;
        if (standard == NULL && parameter->optional)
            standard = parameter->default_doc;
        if (standard != NULL)
            add(&facts, ", default %s", standard);
        else
            add(&facts, ", %s", parameter->optional ? "optional" : "required");
        print_entry(out, i == 0 ? "parameters" : "", parameter->name, &facts, parameter->doc);
    }
}

void api_print_list(FILE *out)
{
    const char *group = "";
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        const struct astro_conversion *conversion = astro_conversion_at(i);
        if (strcmp(group, conversion->group) != 0) {
            group = conversion->group;
            fprintf(out, "%s%s\n", i == 0 ? "" : "\n", group);
        }
        fprintf(out, "\n  %s: %s\n", conversion->name, conversion->summary);
        print_fields(out, conversion, "inputs", conversion->inputs, conversion->n_inputs, true);
        print_fields(out, conversion, "outputs", conversion->outputs, conversion->n_outputs, false);
        print_parameters(out, conversion);
        labelled(out, "accuracy", conversion->accuracy);
        labelled(out, "source", conversion->reference);
        labelled(out, "notes", conversion->description);
    }
}
