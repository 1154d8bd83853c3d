#include "api/describe.h"

#include <math.h>

#include "catalogue/catalogue.h"

const char *describe_datatype(enum astro_type type)
{
    switch (type) {
    case ASTRO_INT64:
        return "INT64";
    case ASTRO_BYTES:
        return "BYTES";
    case ASTRO_BOOL:
        return "BOOL";
    case ASTRO_FP64:
        break;
    }
    return "FP64";
}

const char *describe_role(enum astro_role role)
{
    switch (role) {
    case ASTRO_LONGITUDE:
        return "longitude";
    case ASTRO_HOURS:
        return "hours";
    case ASTRO_LATITUDE:
        return "latitude";
    case ASTRO_ANGLE:
        return "angle";
    case ASTRO_DISTANCE:
        return "distance";
    case ASTRO_PLAIN:
        break;
    }
    return "plain";
}

const char *describe_parameter_type(enum astro_parameter_type type)
{
    switch (type) {
    case ASTRO_CHOICE:
        return "choice";
    case ASTRO_NUMBER:
        return "number";
    case ASTRO_INTEGER:
        return "integer";
    case ASTRO_BOOLEAN:
        return "boolean";
    case ASTRO_EPOCH:
        return "epoch";
    case ASTRO_STRING:
        break;
    }
    return "string";
}

const char *describe_platform(const struct astro_conversion *conversion)
{
    return catalogue_plugin(conversion) != NULL ? "astrolabe_python" : "astrolabe";
}

const char *describe_unit(const struct astro_field *field, enum astro_unit unit)
{
    if (field->unit != NULL)
        return field->unit;
    if (unit == ASTRO_RAD)
        return "rad";
    return unit == ASTRO_HOURANGLE && field->role == ASTRO_HOURS ? "hourangle" : "deg";
}

bool describe_range(const struct astro_field *field, double *ret_minimum, double *ret_maximum)
{
    if (field->role == ASTRO_LATITUDE) {
        *ret_minimum = -90.0;
        *ret_maximum = 90.0;
        return true;
    }
    *ret_minimum = 0.0;
    *ret_maximum = (double)INFINITY;
    return field->role == ASTRO_DISTANCE;
}

static bool is_numeric(const struct astro_parameter *parameter)
{
    return parameter->type == ASTRO_NUMBER || parameter->type == ASTRO_INTEGER;
}

/* The largest double stands for "no limit" as well as infinity does; JSON knows neither. */
static bool is_limit(double value)
{
    return isfinite(value) && fabs(value) < 1e300;
}

bool describe_has_minimum(const struct astro_parameter *parameter)
{
    return is_numeric(parameter) && is_limit(parameter->minimum);
}

bool describe_has_maximum(const struct astro_parameter *parameter)
{
    return is_numeric(parameter) && is_limit(parameter->maximum);
}

bool describe_is_required(const struct astro_parameter *parameter)
{
    return parameter->default_text == NULL && !parameter->optional;
}

/* For a field that follows `unit`: its unit under each choice. Clients that carry units need no
 * rule of their own about what is in hours and when. */
static void put_units(struct document *doc, json_t *object,
                      const struct astro_conversion *conversion, const struct astro_field *field)
{
    const int index = astro_unit_parameter(conversion);
    if (field->unit != NULL || index < 0)
        return;
    json_t *units = document_object(doc);
    const char *const *choices = conversion->parameters[index].choices;
    for (int i = 0; choices != NULL && choices[i] != NULL; i++)
        document_put_text(doc, units, choices[i], describe_unit(field, (enum astro_unit)i));
    document_put(doc, object, "units", units);
}

json_t *describe_field(struct document *doc, const struct astro_conversion *conversion,
                       const struct astro_field *field, bool is_input)
{
    json_t *object = document_object(doc);
    document_put_text(doc, object, "name", field->name);
    document_put_text(doc, object, "datatype", describe_datatype(field->type));
    document_put_text(doc, object, "unit", describe_unit(field, ASTRO_DEG));
    put_units(doc, object, conversion, field);
    document_put_text(doc, object, "role", describe_role(field->role));
    double minimum, maximum;
    if (is_input && describe_range(field, &minimum, &maximum)) {
        document_put_number(doc, object, "minimum", minimum);
        if (isfinite(maximum))
            document_put_number(doc, object, "maximum", maximum);
    }
    if (is_input) {
        document_put_flag(doc, object, "optional", field->optional);
        if (field->optional && field->default_doc != NULL)
            document_put(doc, object, "default",
                         document_literal(doc, field->default_doc, field->type != ASTRO_BYTES));
    }
    document_put_text(doc, object, "doc", field->doc != NULL ? field->doc : "");
    return object;
}

json_t *describe_parameter(struct document *doc, const struct astro_parameter *parameter)
{
    json_t *object = document_object(doc);
    document_put_text(doc, object, "name", parameter->name);
    document_put_text(doc, object, "type", describe_parameter_type(parameter->type));
    document_put_text(doc, object, "unit", parameter->unit != NULL ? parameter->unit : "");
    document_put_flag(doc, object, "optional", !describe_is_required(parameter));
    if (parameter->default_text != NULL)
        document_put(doc, object, "default",
                     document_literal(doc, parameter->default_text, is_numeric(parameter)));
    else
        document_put_text(doc, object, "default_doc", parameter->default_doc);
    if (parameter->type == ASTRO_CHOICE && parameter->choices != NULL) {
        json_t *choices = document_array(doc);
        for (size_t i = 0; parameter->choices[i] != NULL; i++)
            document_push_text(doc, choices, parameter->choices[i]);
        document_put(doc, object, "choices", choices);
    }
    if (describe_has_minimum(parameter))
        document_put_number(doc, object, "minimum", parameter->minimum);
    if (describe_has_maximum(parameter))
        document_put_number(doc, object, "maximum", parameter->maximum);
    if (parameter->type == ASTRO_STRING && is_limit(parameter->maximum))
        document_put_number(doc, object, "maximum_bytes", parameter->maximum);
    document_put_text(doc, object, "doc", parameter->doc != NULL ? parameter->doc : "");
    return object;
}

json_t *describe_conversion(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *object = document_object(doc);
    document_put_text(doc, object, "name", conversion->name);
    document_put_text(doc, object, "group", conversion->group);
    document_put_text(doc, object, "summary", conversion->summary);
    document_put_text(doc, object, "description", conversion->description);
    document_put_text(doc, object, "reference", conversion->reference);
    document_put_text(doc, object, "accuracy", conversion->accuracy);
    json_t *inputs = document_array(doc);
    for (size_t i = 0; i < conversion->n_inputs; i++)
        document_push(doc, inputs, describe_field(doc, conversion, &conversion->inputs[i], true));
    document_put(doc, object, "inputs", inputs);
    json_t *outputs = document_array(doc);
    for (size_t i = 0; i < conversion->n_outputs; i++)
        document_push(doc, outputs,
                      describe_field(doc, conversion, &conversion->outputs[i], false));
    document_put(doc, object, "outputs", outputs);
    json_t *parameters = document_array(doc);
    for (size_t i = 0; i < conversion->n_parameters; i++)
        document_push(doc, parameters, describe_parameter(doc, &conversion->parameters[i]));
    document_put(doc, object, "parameters", parameters);
    const struct plugin_conversion *plugin = catalogue_plugin(conversion);
    if (plugin != NULL) {
        document_put_text(doc, object, "plugin", plugin->plugin);
        document_put_flag(doc, object, "elementwise", plugin->elementwise);
    }
    return object;
}
