#include "api/router.h"

#include <string.h>

#include "api/convert.h"
#include "api/handlers.h"
#include "observe/metrics.h"

enum {
    OPEN_GET = ROUTE_GET | ROUTE_OPEN,
    BOTH = ROUTE_GET | ROUTE_POST,
    ADMIN_POST = ROUTE_POST | ROUTE_ADMIN
};

/* Literal segments stand before `{}` of the same length: the first match is the one. */
static const struct route routes[] = {
    /* The two that are asked for a million times as often as the others. */
    {"/v1/convert/{}", ROUTE_POST | ROUTE_PLAIN, ROUTE_CONVERT, api_convert_plain,
     "Convert columns to columns"},
    {"/v2/models/{}/infer", ROUTE_POST, ROUTE_CONVERT, api_convert_oip,
     "Convert tensors to tensors"},

    {"/", OPEN_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_console_page, "The console, a web page"},
    {"/console.js", OPEN_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_console_script,
     "The console's script"},
    {"/console_forms.js", OPEN_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_console_forms,
     "The script of the console's conversions"},
    {"/console.css", OPEN_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_console_style,
     "The console's style sheet"},
    {"/metrics", ROUTE_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, metrics_answer,
     "Metrics in the text format of Prometheus"},
    {"/openapi.json", ROUTE_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_openapi,
     "This description, as OpenAPI 3.1"},

    {"/v1/conversions", ROUTE_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_conversion_list,
     "Every conversion with its full description"},
    {"/v1/conversions/{}", ROUTE_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_conversion_one,
     "One conversion's full description"},
    {"/v1/health", ROUTE_GET | ROUTE_PLAIN, ROUTE_DOCUMENT, api_health,
     "How the service is, and how old its leap seconds and Earth orientation are"},
    {"/v1/debug/memory", ROUTE_GET | ROUTE_ADMIN | ROUTE_PLAIN, ROUTE_DOCUMENT, api_debug_memory,
     "The memory ledger"},

    {"/v1/debug/plugins/{}/trace", ADMIN_POST | ROUTE_PLAIN, ROUTE_DOCUMENT, api_debug_trace,
     "Start or stop tracing a plugin's allocations; stopping answers with what has grown"},

    {"/v2", ROUTE_GET, ROUTE_DOCUMENT, api_oip_server, "The server's name, version and extensions"},
    {"/v2/health/live", OPEN_GET, ROUTE_DOCUMENT, api_oip_live, "Whether the process answers"},
    {"/v2/health/ready", OPEN_GET, ROUTE_DOCUMENT, api_oip_ready,
     "Whether requests are welcome; 503 while starting or draining"},
    {"/v2/models", ROUTE_GET, ROUTE_DOCUMENT, api_oip_models, "The names of all models"},
    {"/v2/models/stats", ROUTE_GET, ROUTE_DOCUMENT, api_oip_stats, "Statistics of all models"},
    {"/v2/models/{}", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model, "A model's metadata"},
    {"/v2/models/{}/ready", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model_ready,
     "Whether a model is ready"},
    {"/v2/models/{}/config", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model_config,
     "A model's configuration"},
    {"/v2/models/{}/stats", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model_stats, "A model's statistics"},
    {"/v2/models/{}/versions/{}", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model,
     "A model version's metadata"},
    {"/v2/models/{}/versions/{}/ready", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model_ready,
     "Whether a model version is ready"},
    {"/v2/models/{}/versions/{}/config", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model_config,
     "A model version's configuration"},
    {"/v2/models/{}/versions/{}/stats", ROUTE_GET, ROUTE_DOCUMENT, api_oip_model_stats,
     "A model version's statistics"},
    {"/v2/models/{}/versions/{}/infer", ROUTE_POST, ROUTE_CONVERT, api_convert_oip,
     "Convert tensors to tensors, by a model version"},
    {"/v2/repository/index", ROUTE_POST, ROUTE_DOCUMENT, api_repository_index,
     "The state of all models"},
    {"/v2/repository/models/{}/load", ADMIN_POST, ROUTE_DOCUMENT, api_repository_change,
     "Load a plugin"},
    {"/v2/repository/models/{}/unload", ADMIN_POST, ROUTE_DOCUMENT, api_repository_change,
     "Unload a plugin"},

    /* Extensions that clients ask for and that are refused in so many words. */
    {"/v2/systemsharedmemory/status", ROUTE_GET, ROUTE_DOCUMENT, api_no_shared_memory, NULL},
    {"/v2/systemsharedmemory/unregister", ROUTE_POST, ROUTE_DOCUMENT, api_no_shared_memory, NULL},
    {"/v2/systemsharedmemory/region/{}/status", ROUTE_GET, ROUTE_DOCUMENT, api_no_shared_memory,
     NULL},
    {"/v2/systemsharedmemory/region/{}/register", ROUTE_POST, ROUTE_DOCUMENT, api_no_shared_memory,
     NULL},
    {"/v2/systemsharedmemory/region/{}/unregister", ROUTE_POST, ROUTE_DOCUMENT,
     api_no_shared_memory, NULL},
    {"/v2/cudasharedmemory/status", ROUTE_GET, ROUTE_DOCUMENT, api_no_shared_memory, NULL},
    {"/v2/cudasharedmemory/unregister", ROUTE_POST, ROUTE_DOCUMENT, api_no_shared_memory, NULL},
    {"/v2/cudasharedmemory/region/{}/status", ROUTE_GET, ROUTE_DOCUMENT, api_no_shared_memory,
     NULL},
    {"/v2/cudasharedmemory/region/{}/register", ROUTE_POST, ROUTE_DOCUMENT, api_no_shared_memory,
     NULL},
    {"/v2/cudasharedmemory/region/{}/unregister", ROUTE_POST, ROUTE_DOCUMENT, api_no_shared_memory,
     NULL},
    {"/v2/trace/setting", BOTH, ROUTE_DOCUMENT, api_no_trace, NULL},
    {"/v2/models/{}/trace/setting", BOTH, ROUTE_DOCUMENT, api_no_trace, NULL},
    {"/v2/logging", BOTH, ROUTE_DOCUMENT, api_no_logging, NULL},
};

const struct route *router_table(size_t *ret_count)
{
    *ret_count = sizeof routes / sizeof routes[0];
    return routes;
}

/* Walks pattern and segments together: nearly every route falls out at its first letters. */
static bool matches(const char *pattern, const struct request_text *segments, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct request_text *segment = &segments[i];
        if (*pattern++ != '/' || segment->length == 0)
            return false;
        if (*pattern == '{') {
            pattern += 2;
            continue;
        }
        if (strncmp(pattern, segment->data, segment->length) != 0)
            return false;
        pattern += segment->length; /* the next turn, or the end, sees whether that was all of it */
    }
    return n > 0 ? *pattern == '\0' : strcmp(pattern, "/") == 0;
}

static const char *allow_text(unsigned flags)
{
    if ((flags & ROUTE_GET) == 0)
        return "POST";
    return (flags & ROUTE_POST) != 0 ? "GET, HEAD, POST" : "GET, HEAD";
}

bool router_match(struct request *request, const char **ret_allow)
{
    unsigned wanted = 0;
    if (request->method == METHOD_GET || request->method == METHOD_HEAD)
        wanted = ROUTE_GET;
    else if (request->method == METHOD_POST)
        wanted = ROUTE_POST;
    /* A slash at the very end has opened no segment (wire/target.c): /v2/ is /v2. */
    const size_t n = request->n_segments;
    char shown[API_SHOW_MAX];
    for (size_t i = 0; n <= REQUEST_SEGMENTS && i < sizeof routes / sizeof routes[0]; i++) {
        if (!matches(routes[i].pattern, request->segments, n))
            continue;
        if ((routes[i].flags & wanted) != 0) {
            request->route = &routes[i];
            return true;
        }
        *ret_allow = allow_text(routes[i].flags);
        return astro_fail(&request->error, ASTRO_METHOD_NOT_ALLOWED, NULL, "%s answers to %s only",
                          api_show(request->path.data, request->path.length, shown), *ret_allow);
    }
    return astro_fail(&request->error, ASTRO_NOT_FOUND, NULL,
                      "there is nothing at %s; the conversions are listed at /v1/conversions, the "
                      "Open Inference Protocol begins at /v2",
                      api_show(request->path.data, request->path.length, shown));
}
