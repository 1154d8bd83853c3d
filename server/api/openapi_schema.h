/*
 * The schemas of one conversion's arguments and answers, from its descriptor; for openapi.c.
 */
#ifndef ASTRO_API_OPENAPI_SCHEMA_H
#define ASTRO_API_OPENAPI_SCHEMA_H

#include <jansson.h>

#include "api/document.h"
#include "astrolabe/conversion.h"

/* {"$ref": "#/components/$kind/$name"} */
json_t *openapi_reference(struct document *doc, const char *kind, const char *name);
/* The object that POST /v1/convert/{name} takes, and the one it answers with. */
json_t *openapi_request_schema(struct document *doc, const struct astro_conversion *conversion);
json_t *openapi_response_schema(struct document *doc, const struct astro_conversion *conversion);
/* The same parameters as they may stand in the query string. */
json_t *openapi_query_parameters(struct document *doc, const struct astro_conversion *conversion);

#endif
