/* The Open Inference Protocol's descriptions: server, health, models. Each conversion is a model.
 */
#include "api/describe.h"
#include "api/handlers.h"
#include "plugins/fleet.h"
#include "process/server.h"

/* What a client may rely on beyond the text of the protocol, in the names that clients look for. */
static const char *const extensions[] = {
    "binary_tensor_data", "model_repository", "model_configuration", "statistics", "parameters",
};

/* Built-in conversions are, whatever happens to plugins. */
bool api_is_ready(void)
{
    return atomic_load_explicit(&server.ready, memory_order_acquire) &&
           !atomic_load_explicit(&server.draining, memory_order_acquire);
}

bool api_oip_server(struct request *request)
{
    struct document doc = {0};
    json_t *root = document_object(&doc);
    document_put_text(&doc, root, "name", "astrolabe");
    document_put_text(&doc, root, "version", server_version);
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        document_push_text(&doc, list, extensions[i]);
    document_put(&doc, root, "extensions", list);
    return document_answer(&doc, request, 200, root);
}

bool api_oip_live(struct request *request)
{
    struct document doc = {0};
    json_t *root = document_object(&doc);
    document_put_flag(&doc, root, "live", true);
    return document_answer(&doc, request, 200, root);
}

/* 503 is an answer here, not an error: the body is the one that probes look for. */
static bool answer_ready(struct request *request, const char *name, bool ready)
{
    struct document doc = {0};
    json_t *root = document_object(&doc);
    document_put_text(&doc, root, "name", name);
    document_put_flag(&doc, root, "ready", ready);
    return document_answer(&doc, request, ready ? 200 : 503, root);
}

bool api_oip_ready(struct request *request)
{
    return answer_ready(request, NULL, api_is_ready() && fleet_is_ready());
}

bool api_oip_model_ready(struct request *request)
{
    const struct astro_conversion *conversion = api_named(request, 2, NULL);
    if (conversion == NULL)
        return false;
    const struct plugin_conversion *plugin = catalogue_plugin(conversion);
    const bool ready = api_is_ready() && (plugin == NULL || fleet_plugin_is_ready(plugin->plugin));
    return answer_ready(request, conversion->name, ready);
}

char *api_models_write(const struct catalogue *catalogue, size_t *ret_length)
{
    struct document doc = {0};
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < catalogue_count(catalogue); i++)
        document_push_text(&doc, list, catalogue_at(catalogue, i)->name);
    json_t *root = document_object(&doc);
    document_put(&doc, root, "models", list);
    return document_text(&doc, root, ret_length);
}

bool api_oip_models(struct request *request)
{
    return api_answer_text(request, CATALOGUE_MODELS, api_models_write);
}

static json_t *tensors(struct document *doc, const struct astro_field *fields, size_t n)
{
    json_t *list = document_array(doc);
    for (size_t i = 0; i < n; i++) {
        json_t *tensor = document_object(doc);
        document_put_text(doc, tensor, "name", fields[i].name);
        document_put_text(doc, tensor, "datatype", describe_datatype(fields[i].type));
        json_t *shape = document_array(doc);
        document_push(doc, shape, json_integer(-1));
        document_put(doc, tensor, "shape", shape);
        document_push(doc, list, tensor);
    }
    return list;
}

/* By name, as request parameters are. */
static json_t *parameters(struct document *doc, const struct astro_conversion *conversion)
{
    json_t *object = document_object(doc);
    for (size_t i = 0; i < conversion->n_parameters; i++)
        document_put(doc, object, conversion->parameters[i].name,
                     describe_parameter(doc, &conversion->parameters[i]));
    return object;
}

bool api_oip_model(struct request *request)
{
    const struct astro_conversion *conversion = api_named(request, 2, NULL);
    if (conversion == NULL)
        return false;
    struct document doc = {0};
    json_t *root = document_object(&doc);
    document_put_text(&doc, root, "name", conversion->name);
    json_t *versions = document_array(&doc);
    document_push_text(&doc, versions, "1");
    document_put(&doc, root, "versions", versions);
    document_put_text(&doc, root, "platform", describe_platform(conversion));
    document_put(&doc, root, "inputs", tensors(&doc, conversion->inputs, conversion->n_inputs));
    document_put(&doc, root, "outputs", tensors(&doc, conversion->outputs, conversion->n_outputs));
    document_put(&doc, root, "parameters", parameters(&doc, conversion));
    /* Units, roles and limits of the tensors stand here: their own objects take no other keys. */
    document_put(&doc, root, "properties", describe_conversion(&doc, conversion));
    return document_answer(&doc, request, 200, root);
}
