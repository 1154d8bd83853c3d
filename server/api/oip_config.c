/*
 * A model's configuration in the form of Triton's ModelConfig, with every field that its clients
 * read: load testers take the batch size, the optional inputs and the scheduling from here.
 */
#include "api/describe.h"
#include "api/handlers.h"
#include "process/server.h"

static const char *config_type(enum astro_type type)
{
    switch (type) {
    case ASTRO_INT64:
        return "TYPE_INT64";
    case ASTRO_BYTES:
        return "TYPE_STRING";
    case ASTRO_BOOL:
        return "TYPE_BOOL";
    case ASTRO_FP64:
        break;
    }
    return "TYPE_FP64";
}

static json_t *one_field(struct document *doc, const struct astro_field *field, bool is_input)
{
    json_t *object = document_object(doc);
    document_put_text(doc, object, "name", field->name);
    document_put_text(doc, object, "data_type", config_type(field->type));
    json_t *dims = document_array(doc);
    document_push(doc, dims, json_integer(-1));
    document_put(doc, object, "dims", dims);
    document_put_flag(doc, object, "is_shape_tensor", false);
    if (is_input) {
        document_put_text(doc, object, "format", "FORMAT_NONE");
        document_put_flag(doc, object, "allow_ragged_batch", false);
        document_put_flag(doc, object, "optional", field->optional);
    } else {
        document_put_text(doc, object, "label_filename", "");
    }
    return object;
}

static json_t *fields(struct document *doc, const struct astro_field *list, size_t n, bool is_input)
{
    json_t *array = document_array(doc);
    for (size_t i = 0; i < n; i++)
        document_push(doc, array, one_field(doc, &list[i], is_input));
    return array;
}

static json_t *instance_group(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *group = document_pair(doc, "name", conversion->name);
    document_put_text(doc, group, "kind", "KIND_CPU");
    document_put_count(doc, group, "count",
                       catalogue_plugin(conversion) != NULL ? server.settings.plugins_hosts
                                                            : server.settings.threads);
    document_put(doc, group, "gpus", document_array(doc));
    json_t *groups = document_array(doc);
    document_push(doc, groups, group);
    return groups;
}

/* Triton's parameters are texts. Without a default there is nothing to say. */
static json_t *config_parameters(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *object = document_object(doc);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_parameter *parameter = &conversion->parameters[i];
        if (parameter->default_text != NULL)
            document_put(doc, object, parameter->name,
                         document_pair(doc, "string_value", parameter->default_text));
    }
    return object;
}

bool api_oip_model_config(struct request *request)
{
    const struct astro_conversion *conversion = api_named(request, 2, NULL);
    if (conversion == NULL)
        return false;
    struct document doc = {0};
    json_t *root = document_object(&doc);
    document_put_text(&doc, root, "name", conversion->name);
    document_put_text(&doc, root, "platform", describe_platform(conversion));
    document_put_text(&doc, root, "backend", describe_platform(conversion));
    json_t *latest = document_object(&doc);
    document_put_count(&doc, latest, "num_versions", 1);
    json_t *policy = document_object(&doc);
    document_put(&doc, policy, "latest", latest);
    document_put(&doc, root, "version_policy", policy);
    document_put_count(&doc, root, "max_batch_size", 0);
    document_put(&doc, root, "input", fields(&doc, conversion->inputs, conversion->n_inputs, true));
    document_put(&doc, root, "output",
                 fields(&doc, conversion->outputs, conversion->n_outputs, false));
    document_put(&doc, root, "batch_input", document_array(&doc));
    document_put(&doc, root, "batch_output", document_array(&doc));
    document_put(&doc, root, "instance_group", instance_group(&doc, conversion));
    document_put_text(&doc, root, "default_model_filename", "");
    document_put(&doc, root, "cc_model_filenames", document_object(&doc));
    document_put(&doc, root, "metric_tags", document_object(&doc));
    document_put(&doc, root, "parameters", config_parameters(&doc, conversion));
    document_put(&doc, root, "model_warmup", document_array(&doc));
    json_t *transaction = document_object(&doc);
    document_put_flag(&doc, transaction, "decoupled", false);
    document_put(&doc, root, "model_transaction_policy", transaction);
    return document_answer(&doc, request, 200, root);
}
