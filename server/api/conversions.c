/* GET /v1/conversions and /v1/conversions/{name}. */
#include "api/describe.h"
#include "api/handlers.h"
#include "memory/alloc.h"

/* Constant for the life of the process, and asked for by every client that starts: made once. */
static char *list_text;
static size_t list_length;

bool api_conversions_init(void)
{
    struct document doc = {0};
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < astro_conversion_count(); i++)
        document_push(&doc, list, describe_conversion(&doc, astro_conversion_at(i)));
    json_t *root = document_object(&doc);
    document_put(&doc, root, "conversions", list);
    list_text = document_text(&doc, root, &list_length);
    return list_text != NULL;
}

void api_conversions_release(void)
{
    mem_free(list_text);
    list_text = NULL;
}

bool api_conversion_list(struct request *request)
{
    response_text(request, 200, "application/json", list_text, list_length);
    return true;
}

bool api_conversion_one(struct request *request)
{
    const struct astro_conversion *conversion = api_named(request, 2, NULL);
    if (conversion == NULL)
        return false;
    struct document doc = {0};
    return document_answer(&doc, request, 200, describe_conversion(&doc, conversion));
}
