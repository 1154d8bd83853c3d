/* The text of `astrolabed --list`: the conversions as a reference to be read, from their
 * descriptors. */
#include <math.h>
#include <string.h>

#include "api/api.h"
#include "api/describe.h"

enum { WIDTH = 96, MARGIN = 4, LABEL = 12 };

/* Words of `text` from column `column` on, continued at `indent`. */
static size_t wrap(FILE *out, const char *text, size_t column, size_t indent)
{
    while (*text != '\0') {
        const size_t length = strcspn(text, " \n");
        if (column + length + 1 > WIDTH && column > indent) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        fprintf(out, "%.*s", (int)length, text);
        column += length;
        text += length;
        text += strspn(text, " \n");
        if (*text != '\0') {
            fputc(' ', out);
            column++;
        }
    }
    return column;
}

static void labelled(FILE *out, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    fprintf(out, "%*s%-*s", MARGIN, "", LABEL, label);
    wrap(out, text, MARGIN + LABEL, MARGIN + LABEL);
    fputc('\n', out);
}

static void print_units(FILE *out, const struct astro_conversion *conversion,
                        const struct astro_field *field)
{
    const int index = astro_unit_parameter(conversion);
    if (field->type == ASTRO_BYTES)
        fputs(" text", out);
    else if (field->type == ASTRO_INT64)
        fputs(" integer", out);
    if (field->unit != NULL || index < 0) {
        const char *unit = describe_unit(field, ASTRO_DEG);
        fprintf(out, "%s%s", unit[0] != '\0' ? " " : "", unit);
        return;
    }
    const char *const *choices = conversion->parameters[index].choices;
    for (int i = 0; choices != NULL && choices[i] != NULL; i++)
        if (i == 0 || strcmp(describe_unit(field, (enum astro_unit)i), choices[i]) == 0)
            fprintf(out, "%s%s", i == 0 ? " " : "|", describe_unit(field, (enum astro_unit)i));
}

static void print_fields(FILE *out, const struct astro_conversion *conversion, const char *label,
                         const struct astro_field *fields, size_t n, bool are_inputs)
{
    for (size_t i = 0; i < n; i++) {
        const struct astro_field *field = &fields[i];
        fprintf(out, "%*s%-*s%s", MARGIN, "", LABEL, i == 0 ? label : "", field->name);
        print_units(out, conversion, field);
        double minimum, maximum;
        if (are_inputs && describe_range(field, &minimum, &maximum)) {
            if (isfinite(maximum))
                fprintf(out, " [%g, %g] deg", minimum, maximum);
            else
                fprintf(out, " >= %g", minimum);
        }
        if (are_inputs && field->optional)
            fprintf(out, " (optional%s%s)", field->default_doc != NULL ? ", default " : "",
                    field->default_doc != NULL ? field->default_doc : "");
        if (field->doc != NULL && field->doc[0] != '\0') {
            fprintf(out, "\n%*s", MARGIN + LABEL + 4, "");
            wrap(out, field->doc, MARGIN + LABEL + 4, MARGIN + LABEL + 4);
        }
        fputc('\n', out);
    }
}

static void print_values(FILE *out, const struct astro_parameter *parameter)
{
    if (parameter->type == ASTRO_CHOICE) {
        for (size_t i = 0; parameter->choices != NULL && parameter->choices[i] != NULL; i++)
            fprintf(out, "%s%s", i == 0 ? " " : "|", parameter->choices[i]);
        return;
    }
    fprintf(out, " %s", describe_parameter_type(parameter->type));
    if (parameter->unit != NULL && parameter->unit[0] != '\0')
        fprintf(out, " %s", parameter->unit);
    const bool low = describe_has_minimum(parameter), high = describe_has_maximum(parameter);
    if (low && high)
        fprintf(out, " [%.15g, %.15g]", parameter->minimum, parameter->maximum);
    else if (low)
        fprintf(out, " >= %.15g", parameter->minimum);
    else if (high)
        fprintf(out, " <= %.15g", parameter->maximum);
}

static void print_parameters(FILE *out, const struct astro_conversion *conversion)
{
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_parameter *parameter = &conversion->parameters[i];
        fprintf(out, "%*s%-*s%s", MARGIN, "", LABEL, i == 0 ? "parameters" : "", parameter->name);
        print_values(out, parameter);
        if (parameter->default_text != NULL)
            fprintf(out, " (default %s)", parameter->default_text);
        else if (!parameter->optional)
            fputs(" (required)", out);
        else if (parameter->default_doc != NULL)
            fprintf(out, " (default %s)", parameter->default_doc);
        else
            fputs(" (optional)", out);
        if (parameter->doc != NULL && parameter->doc[0] != '\0') {
            fprintf(out, "\n%*s", MARGIN + LABEL + 4, "");
            wrap(out, parameter->doc, MARGIN + LABEL + 4, MARGIN + LABEL + 4);
        }
        fputc('\n', out);
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
        fprintf(out, "\n  %s\n", conversion->name);
        labelled(out, "", conversion->summary);
        print_fields(out, conversion, "inputs", conversion->inputs, conversion->n_inputs, true);
        print_fields(out, conversion, "outputs", conversion->outputs, conversion->n_outputs, false);
        print_parameters(out, conversion);
        labelled(out, "accuracy", conversion->accuracy);
        labelled(out, "source", conversion->reference);
        labelled(out, "notes", conversion->description);
    }
}
