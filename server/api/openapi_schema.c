#include "api/openapi_schema.h"

#include <math.h>
#include <stdio.h>

#include "api/describe.h"

json_t *openapi_reference(struct document *doc, const char *kind, const char *name)
{
    char target[128];
    snprintf(target, sizeof target, "#/components/%s/%s", kind, name);
    return document_pair(doc, "$ref", target);
}

/* Doc, unit and limits in one sentence: a schema has no place for units. */
static void put_field_text(struct document *doc, json_t *schema, const struct astro_field *field,
                           bool is_input)
{
    char text[512], limits[64] = "";
    double minimum, maximum;
    if (is_input && describe_range(field, &minimum, &maximum)) {
        if (isfinite(maximum))
            snprintf(limits, sizeof limits, ", within [%g, %g] deg", minimum, maximum);
        else
            snprintf(limits, sizeof limits, ", not below %g", minimum);
    }
    const char *unit = field->unit != NULL ? field->unit : "in the request's `unit`";
    snprintf(text, sizeof text, "%.400s%s%s%s%s", field->doc != NULL ? field->doc : field->name,
             unit[0] != '\0' ? " (" : "", unit, unit[0] != '\0' ? ")" : "", limits);
    document_put_text(doc, schema, "description", text);
}

static json_t *field_schema(struct document *doc, const struct astro_field *field, bool is_input)
{
    static const char *const names[] = {[ASTRO_FP64] = "Numbers",
                                        [ASTRO_INT64] = "Integers",
                                        [ASTRO_BYTES] = "Texts",
                                        [ASTRO_BOOL] = "Booleans"};
    json_t *schema = openapi_reference(doc, "schemas", names[field->type]);
    put_field_text(doc, schema, field, is_input);
    if (is_input && field->optional && field->default_doc != NULL && field->type == ASTRO_FP64) {
        json_t *value = document_literal(doc, field->default_doc, true);
        if (json_is_number(value)) /* "the epoch of ..." is documentation, not a value */
            document_put(doc, schema, "default", json_incref(value));
        json_decref(value);
    }
    return schema;
}

static const char *schema_type(enum astro_parameter_type type)
{
    switch (type) {
    case ASTRO_NUMBER:
        return "number";
    case ASTRO_INTEGER:
        return "integer";
    case ASTRO_BOOLEAN:
        return "boolean";
    case ASTRO_CHOICE:
    case ASTRO_EPOCH:
    case ASTRO_STRING:
        break;
    }
    return "string";
}

static json_t *parameter_schema(struct document *doc, const struct astro_parameter *parameter)
{
    json_t *schema = document_pair(doc, "type", schema_type(parameter->type));
    char text[512];
    const char *unit = parameter->unit != NULL ? parameter->unit : "";
    snprintf(text, sizeof text, "%.400s%s%.64s%s",
             parameter->doc != NULL ? parameter->doc : parameter->name, unit[0] != '\0' ? " (" : "",
             unit, unit[0] != '\0' ? ")" : "");
    document_put_text(doc, schema, "description", text);
    if (parameter->type == ASTRO_CHOICE && parameter->choices != NULL) {
        json_t *choices = document_array(doc);
        for (size_t i = 0; parameter->choices[i] != NULL; i++)
            document_push_text(doc, choices, parameter->choices[i]);
        document_put(doc, schema, "enum", choices);
    }
    if (parameter->type == ASTRO_EPOCH)
        document_put_text(doc, schema, "pattern", "^[JBjb][0-9]+(\\.[0-9]*)?$");
    if (parameter->default_text != NULL)
        document_put(
            doc, schema, "default",
            document_literal(doc, parameter->default_text,
                             parameter->type == ASTRO_NUMBER || parameter->type == ASTRO_INTEGER));
    if (describe_has_minimum(parameter))
        document_put_number(doc, schema, "minimum", parameter->minimum);
    if (describe_has_maximum(parameter))
        document_put_number(doc, schema, "maximum", parameter->maximum);
    return schema;
}

/* A required parameter may stand in the query string instead, so only inputs are required here. */
json_t *openapi_request_schema(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *properties = document_object(doc);
    json_t *required = document_array(doc);
    for (size_t i = 0; i < conversion->n_inputs; i++) {
        const struct astro_field *field = &conversion->inputs[i];
        document_put(doc, properties, field->name, field_schema(doc, field, true));
        if (!field->optional)
            document_push_text(doc, required, field->name);
    }
    for (size_t i = 0; i < conversion->n_parameters; i++)
        document_put(doc, properties, conversion->parameters[i].name,
                     parameter_schema(doc, &conversion->parameters[i]));
    json_t *schema = document_pair(doc, "type", "object");
    document_put(doc, schema, "properties", properties);
    document_put(doc, schema, "required", required);
    document_put_flag(doc, schema, "additionalProperties", false);
    return schema;
}

json_t *openapi_response_schema(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *properties = document_object(doc);
    json_t *required = document_array(doc);
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        const struct astro_field *field = &conversion->outputs[i];
        document_put(doc, properties, field->name, field_schema(doc, field, false));
        document_push_text(doc, required, field->name);
    }
    document_put(doc, properties, "warnings", openapi_reference(doc, "schemas", "Warnings"));
    json_t *schema = document_pair(doc, "type", "object");
    document_put(doc, schema, "properties", properties);
    document_put(doc, schema, "required", required);
    document_put_flag(doc, schema, "additionalProperties", false);
    return schema;
}

json_t *openapi_query_parameters(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *list = document_array(doc);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        json_t *entry = document_pair(doc, "name", conversion->parameters[i].name);
        document_put_text(doc, entry, "in", "query");
        document_put(doc, entry, "schema", parameter_schema(doc, &conversion->parameters[i]));
        document_push(doc, list, entry);
    }
    document_push(doc, list, openapi_reference(doc, "parameters", "request_id"));
    document_push(doc, list, openapi_reference(doc, "parameters", "request_timeout"));
    return list;
}
