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

/* Plugins that have nothing in the catalogue, because they failed or were unloaded, stand there by
 * their own names. */
static void push_missing(struct document *doc, json_t *list, const struct catalogue *catalogue,
                         const struct figures *figures)
{
    for (size_t i = 0; i < figures->n_plugins; i++) {
        const struct plugin_figures *plugin = &figures->plugins[i];
        bool serves = catalogue_find(catalogue, plugin->name, strlen(plugin->name), NULL) != NULL;
        for (size_t k = 0; !serves && k < catalogue_count(catalogue); k++) {
            const struct plugin_conversion *other = catalogue_plugin(catalogue_at(catalogue, k));
            serves = other != NULL && strcmp(other->plugin, plugin->name) == 0;
        }
        if (!serves && strcmp(plugin->state, "ready") != 0) /* else it declares nothing */
            push(doc, list, plugin->name, false,
                 plugin->reason[0] != '\0' ? plugin->reason : plugin->state);
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
