/* The model-repository extension, and the extensions that are refused. */
#include "api/handlers.h"
#include "codec/reader.h"
#include "process/server.h"

enum {
    BODY_MOST = 64 * 1024 /* bytes; the largest sensible body is an order of magnitude smaller */
};

/*
 * The body is optional and may say {"ready": true}. Every conversion is ready, so it changes
 * nothing, but what cannot be read is still a mistake of the client that it should hear of.
 */
static bool check_body(struct request *request)
{
    const struct body *body = &request->body;
    if (body->length == 0 || body->encoding != BODY_IDENTITY)
        return true;
    if (body->length > BODY_MOST)
        return astro_fail(&request->error, ASTRO_TOO_LARGE, NULL,
                          "the body has %zu bytes; at most %d are read here", body->length,
                          (int)BODY_MOST);
    /* Not jansson, which takes a failed allocation for a mistake in the text. */
    struct reader reader;
    reader_init(&reader, body->data, body->length, server.settings.limits_json_depth,
                &request->error);
    const enum reader_type type = reader_peek(&reader);
    if (!reader_value_skip(&reader) || !reader_finish(&reader))
        return false;
    return type == READER_OBJECT || astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                                               "the body must be an object, such as "
                                               "{\"ready\": true}");
}

bool api_repository_index(struct request *request)
{
    if (!check_body(request))
        return false;
    struct document doc = {0};
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < astro_conversion_count(); i++) {
        json_t *model = document_pair(&doc, "name", astro_conversion_at(i)->name);
        document_put_text(&doc, model, "version", "1");
        document_put_text(&doc, model, "state", "READY");
        document_put_text(&doc, model, "reason", "");
        document_push(&doc, list, model);
    }
    return document_answer(&doc, request, 200, list);
}

bool api_repository_change(struct request *request)
{
    const struct astro_conversion *conversion = api_named(request, 3, NULL);
    if (conversion == NULL)
        return false;
    return astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                      "%s is built in and always ready; only plugins can be loaded and unloaded",
                      conversion->name);
}

bool api_no_shared_memory(struct request *request)
{
    return astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                      "shared memory regions are not supported; send the tensors in the request, "
                      "best with the binary tensor data extension");
}

bool api_no_trace(struct request *request)
{
    return astro_fail(
        &request->error, ASTRO_INVALID_REQUEST, NULL,
        "trace settings are not supported; the header traceparent is carried into the "
        "log");
}

bool api_no_logging(struct request *request)
{
    return astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                      "log settings are not changed over the wire; they are log.level, log.format "
                      "and log.access of the configuration");
}
