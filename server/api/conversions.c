/* GET /v1/conversions and /v1/conversions/{name}. */
#include "api/describe.h"
#include "api/handlers.h"

/* Asked for by every client that starts: made once. */
char *api_conversions_write(const struct catalogue *catalogue, size_t *ret_length)
{
    struct document doc = {0};
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < catalogue_count(catalogue); i++)
        document_push(&doc, list, describe_conversion(&doc, catalogue_at(catalogue, i)));
    json_t *root = document_object(&doc);
    document_put(&doc, root, "conversions", list);
    return document_text(&doc, root, ret_length);
}

bool api_conversion_list(struct request *request)
{
    return api_answer_text(request, CATALOGUE_CONVERSIONS, api_conversions_write);
}

bool api_conversion_one(struct request *request)
{
    const struct astro_conversion *conversion = api_named(request, 2, NULL);
    if (conversion == NULL)
        return false;
    struct document doc = {0};
    return document_answer(&doc, request, 200, describe_conversion(&doc, conversion));
}
