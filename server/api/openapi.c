/*
 * GET /openapi.json: OpenAPI 3.1 from the routes' table and the catalogue. What does not come from
 * there (common schemas, errors) stands in openapi_base.json. Made once per catalogue.
 */
#include <stdio.h>
#include <string.h>

#include "api/assets.h"
#include "api/describe.h"
#include "api/handlers.h"
#include "api/openapi_schema.h"
#include "codec/tree.h"
#include "process/server.h"

enum { PATH_MAX_TEXT = 160, BASE_DEPTH = 32 };

/* {"$type": {"schema": $schema}} */
static json_t *content(struct document *doc, const char *type, json_t *schema_take)
{
    json_t *media = document_object(doc);
    document_put(doc, media, "schema", schema_take);
    json_t *object = document_object(doc);
    document_put(doc, object, type, media);
    return object;
}

static json_t *answers(struct document *doc, const char *text, json_t *content_take,
                       const char *error)
{
    json_t *success = document_pair(doc, "description", text);
    document_put(doc, success, "content", content_take);
    json_t *object = document_object(doc);
    document_put(doc, object, "200", success);
    document_put(doc, object, "default", openapi_reference(doc, "responses", error));
    return object;
}

static void put_tag(struct document *doc, json_t *operation, const char *tag)
{
    json_t *tags = document_array(doc);
    document_push_text(doc, tags, tag);
    document_put(doc, operation, "tags", tags);
}

static json_t *convert_operation(struct document *doc, const struct astro_conversion *conversion)
{
    char id[PATH_MAX_TEXT];
    snprintf(id, sizeof id, "convert_%s", conversion->name);
    json_t *operation = document_pair(doc, "operationId", id);
    document_put_text(doc, operation, "summary", conversion->summary);
    document_put_text(doc, operation, "description", conversion->description);
    put_tag(doc, operation, conversion->group);
    document_put(doc, operation, "parameters", openapi_query_parameters(doc, conversion));
    json_t *body = document_object(doc);
    document_put_flag(doc, body, "required", true);
    document_put(doc, body, "content",
                 content(doc, "application/json", openapi_request_schema(doc, conversion)));
    document_put(doc, operation, "requestBody", body);
    json_t *responses = answers(
        doc, "The converted columns, shaped like the inputs.",
        content(doc, "application/json", openapi_response_schema(doc, conversion)), "Error");
    json_t *headers = document_object(doc);
    document_put(doc, headers, "X-Astrolabe-Warning",
                 openapi_reference(doc, "headers", "X-Astrolabe-Warning"));
    document_put(doc, json_object_get(responses, "200"), "headers", headers);
    document_put(doc, operation, "responses", responses);
    return operation;
}

static void put_convert_paths(struct document *doc, json_t *paths, const struct route *route,
                              const struct catalogue *catalogue)
{
    const size_t stem = strcspn(route->pattern, "{");
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        const struct astro_conversion *conversion = catalogue_at(catalogue, i);
        char path[PATH_MAX_TEXT];
        snprintf(path, sizeof path, "%.*s%s", (int)stem, route->pattern, conversion->name);
        json_t *item = document_object(doc);
        document_put(doc, item, "post", convert_operation(doc, conversion));
        document_put(doc, paths, path, item);
    }
}

/* "/v2/models/{}/versions/{}" -> "/v2/models/{name}/versions/{version}", with the parameters. */
static json_t *path_parameters(struct document *doc, const char *pattern, char path[PATH_MAX_TEXT])
{
    json_t *list = document_array(doc);
    size_t length = 0;
    for (const char *p = pattern; *p != '\0' && length + 12 < PATH_MAX_TEXT; p++) {
        path[length++] = *p;
        if (*p != '{')
            continue;
        static const char before[] = "/versions/";
        const size_t n = sizeof before - 1;
        const bool is_version = p >= pattern + n && memcmp(p - n, before, n) == 0;
        const char *name = is_version ? "version" : "name";
        length += (size_t)snprintf(path + length, PATH_MAX_TEXT - length, "%s", name);
        json_t *entry = document_pair(doc, "name", name);
        document_put_text(doc, entry, "in", "path");
        document_put_flag(doc, entry, "required", true);
        document_put(doc, entry, "schema", document_pair(doc, "type", "string"));
        document_push(doc, list, entry);
    }
    path[length] = '\0';
    return list;
}

static json_t *success_content(struct document *doc, const struct route *route)
{
    static const char *const types[][2] = {{"/", "text/html"},
                                           {"/console.js", "text/javascript"},
                                           {"/console_forms.js", "text/javascript"},
                                           {"/console.css", "text/css"},
                                           {"/metrics", "text/plain"}};
    if (route->kind == ROUTE_CONVERT)
        return content(doc, "application/json",
                       openapi_reference(doc, "schemas", "InferenceResponse"));
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i][0], route->pattern) == 0)
            return content(doc, types[i][1], document_pair(doc, "type", "string"));
    json_t *any = document_object(doc);
    json_t *list = document_array(doc);
    document_push_text(doc, list, "object");
    document_push_text(doc, list, "array");
    document_put(doc, any, "type", list);
    return content(doc, "application/json", any);
}

static void operation_id(char id[PATH_MAX_TEXT], const char *method, const char *path)
{
    size_t length = (size_t)snprintf(id, PATH_MAX_TEXT, "%s", method);
    for (; *path != '\0' && length + 1 < PATH_MAX_TEXT; path++)
        if (*path != '{' && *path != '}')
            id[length++] = *path == '/' || *path == '.' ? '_' : *path;
    id[length] = '\0';
}

static void put_route(struct document *doc, json_t *paths, const struct route *route)
{
    char path[PATH_MAX_TEXT], id[PATH_MAX_TEXT];
    json_t *parameters = path_parameters(doc, route->pattern, path);
    const char *method = (route->flags & ROUTE_GET) != 0 ? "get" : "post";
    operation_id(id, method, path);
    json_t *operation = document_pair(doc, "operationId", id);
    document_put_text(doc, operation, "summary", route->summary);
    const bool is_oip = strncmp(path, "/v2", 3) == 0;
    put_tag(doc, operation, is_oip ? "Open Inference Protocol" : "Service");
    document_put(doc, operation, "parameters", parameters);
    if ((route->flags & ROUTE_POST) != 0) {
        const bool converts = route->kind == ROUTE_CONVERT;
        json_t *body = document_object(doc);
        document_put_flag(doc, body, "required", converts);
        document_put(doc, body, "content",
                     content(doc, "application/json",
                             converts ? openapi_reference(doc, "schemas", "InferenceRequest")
                                      : document_pair(doc, "type", "object")));
        document_put(doc, operation, "requestBody", body);
    }
    document_put(doc, operation, "responses",
                 answers(doc, route->summary, success_content(doc, route),
                         is_oip ? "InferenceError" : "Error"));
    json_t *item = document_object(doc);
    document_put(doc, item, method, operation);
    document_put(doc, paths, path, item);
}

static json_t *all_paths(struct document *doc, const struct catalogue *catalogue)
{
    json_t *paths = document_object(doc);
    size_t n;
    const struct route *routes = router_table(&n);
    for (size_t i = 0; i < n; i++) {
        if (routes[i].summary == NULL)
            continue; /* answers with a refusal only */
        if (routes[i].kind == ROUTE_CONVERT && (routes[i].flags & ROUTE_PLAIN) != 0)
            put_convert_paths(doc, paths, &routes[i], catalogue);
        else
            put_route(doc, paths, &routes[i]);
    }
    return paths;
}

/* Error and warning words come from their tables. */
static void put_words(struct document *doc, json_t *schemas)
{
    json_t *codes = document_array(doc), *warnings = document_array(doc);
    for (int i = ASTRO_OK + 1; i < ASTRO_CODE_COUNT; i++)
        document_push_text(doc, codes, astro_code_word((enum astro_code)i));
    for (int i = 0; i < ASTRO_WARNING_COUNT; i++)
        document_push_text(doc, warnings, astro_warning_word((enum astro_warning)i));
    json_t *code = document_pair(doc, "type", "string");
    document_put(doc, code, "enum", codes);
    document_put(doc, schemas, "ErrorCode", code);
    json_t *warning = document_pair(doc, "type", "string");
    document_put(doc, warning, "enum", warnings);
    document_put(doc, schemas, "WarningCode", warning);
}

static void add_tag(struct document *doc, json_t *tags, const char *name)
{
    size_t i;
    const json_t *tag;
    json_array_foreach(tags, i, tag)
    {
        const char *known = json_string_value(json_object_get(tag, "name"));
        if (known != NULL && strcmp(known, name) == 0)
            return;
    }
    document_push(doc, tags, document_pair(doc, "name", name));
}

/* Every group once, in the order of the catalogue. */
static json_t *all_tags(struct document *doc, const struct catalogue *catalogue)
{
    json_t *tags = document_array(doc);
    const char *group = "";
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        if (strcmp(group, catalogue_at(catalogue, i)->group) == 0)
            continue; /* built-in ones are in the order of their groups */
        group = catalogue_at(catalogue, i)->group;
        add_tag(doc, tags, group);
    }
    add_tag(doc, tags, "Open Inference Protocol");
    add_tag(doc, tags, "Service");
    return tags;
}

char *api_openapi_write(const struct catalogue *catalogue, size_t *ret_length)
{
    struct document doc = {0};
    struct astro_error err;
    json_t *root =
        json_tree((const char *)openapi_base_json, openapi_base_json_size, BASE_DEPTH, &err);
    if (root == NULL)
        return NULL;
    document_put_text(&doc, json_object_get(root, "info"), "version", server_version);
    document_put(&doc, root, "tags", all_tags(&doc, catalogue));
    document_put(&doc, root, "paths", all_paths(&doc, catalogue));
    put_words(&doc, json_object_get(json_object_get(root, "components"), "schemas"));
    return document_text(&doc, root, ret_length);
}

bool api_openapi(struct request *request)
{
    return api_answer_text(request, CATALOGUE_OPENAPI, api_openapi_write);
}
