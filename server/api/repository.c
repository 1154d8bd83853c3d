/* The index of the model-repository extension, and the extensions that are refused. Loading and
 * unloading: orders.c. */
#include <string.h>

#include "api/handlers.h"
#include "api/members.h"
#include "plugins/figures.h"
#include "plugins/fleet.h"
#include "process/server.h"

static void push(struct document *doc, json_t *list, const char *name, bool ready,
                 const char *reason)
{
    json_t *model = document_pair(doc, "name", name);
    document_put_text(doc, model, "version", "1");
    document_put_text(doc, model, "state", ready ? "READY" : "UNAVAILABLE");
    document_put_shown(doc, model, "reason", reason);
    document_push(doc, list, model);
}

static const struct plugin_figures *find(const struct figures *figures, const char *plugin)
{
    for (size_t i = 0; figures != NULL && i < figures->n_plugins; i++) {
        if (strcmp(figures->plugins[i].name, plugin) == 0)
            return &figures->plugins[i];
    }
    return NULL;
}

/* Of a plugin that serves although a newer version of it could not be loaded, the reason says so. */
static void push_plugin_conversion(struct document *doc, json_t *list, const char *name,
                                   const char *plugin, const struct figures *figures,
                                   bool ready_only)
{
    const bool ready = fleet_plugin_is_ready(plugin);
    const struct plugin_figures *known = find(figures, plugin);
    const char *reason = known != NULL ? known->reason : "";
    if (!ready && reason[0] == '\0')
        reason = "no plugin host can serve it right now";
    if (ready || !ready_only)
        push(doc, list, name, ready, reason);
}

/* Whether a plugin has anything in the catalogue. */
static bool serves(const struct catalogue *catalogue, const char *plugin)
{
    for (size_t i = 0; i < catalogue_count(catalogue); i++) {
        const struct plugin_conversion *other = catalogue_plugin(catalogue_at(catalogue, i));
        if (other != NULL && strcmp(other->plugin, plugin) == 0)
            return true;
    }
    return false;
}

/* What has gone from the catalogue but can be asked for: conversions that were unloaded, and, under
 * their own names, plugins that failed or were unloaded. */
static void push_missing(struct document *doc, json_t *list, const struct catalogue *catalogue,
                         const struct figures *figures)
{
    for (size_t i = 0; i < figures->n_plugins; i++) {
        const struct plugin_figures *plugin = &figures->plugins[i];
        const char *reason = plugin->reason[0] != '\0' ? plugin->reason : "unloaded by request";
        for (size_t k = 0; k < plugin->n_conversions; k++) {
            const char *name = plugin->conversions[k];
            if (catalogue_find(catalogue, name, strlen(name), NULL) == NULL)
                push(doc, list, name, false, reason);
        }
        /* One that is ready and serves nothing declares nothing. */
        if (strcmp(plugin->state, "ready") != 0 && !serves(catalogue, plugin->name) &&
            catalogue_find(catalogue, plugin->name, strlen(plugin->name), NULL) == NULL)
            push(doc, list, plugin->name, false, reason);
    }
}

/* The body is optional and may say {"ready": true}: then what is not ready is left out. */
bool api_repository_index(struct request *request)
{
    bool ready_only = false;
    const struct member members[] = {{.key = "ready", .flag = &ready_only}};
    if (!members_read(request, members, 1, true))
        return false;
    struct document doc = {0};
    struct figures *figures = NULL;
    if (server.settings.plugins_directory != NULL) {
        figures = figures_take();
        doc.failed = figures == NULL;
    }
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < api_count(request); i++) {
        const struct astro_conversion *conversion = api_at(request, i);
        const struct plugin_conversion *plugin = catalogue_plugin(conversion);
        if (plugin == NULL)
            push(&doc, list, conversion->name, true, "");
        else
            push_plugin_conversion(&doc, list, conversion->name, plugin->plugin, figures,
                                   ready_only);
    }
    if (figures != NULL && !ready_only)
        push_missing(&doc, list, request->loop->catalogue, figures);
    figures_release(figures);
    return document_answer(&doc, request, 200, list);
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
