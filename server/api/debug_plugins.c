/* What /v1/debug/memory says of plugins and their hosts. */
#include <math.h>

#include "api/handlers.h"
#include "plugins/figures.h"

static void put_real(struct document *doc, json_t *object, const char *key, double number)
{
    document_put_number(doc, object, key, isfinite(number) ? number : 0);
}

static json_t *retained(struct document *doc, const struct plugin_figures *plugin)
{
    json_t *list = document_array(doc);
    for (size_t i = 0; i < plugin->n_retained; i++) {
        const struct retained_figures *block = &plugin->retained[i];
        json_t *entry = document_object(doc);
        document_put_shown(doc, entry, "request_id", block->request_id);
        document_put_count(doc, entry, "bytes", block->bytes);
        put_real(doc, entry, "age_s", block->age_s);
        document_put_text(doc, entry, "kind", block->output ? "output" : "input");
        document_put_count(doc, entry, "host", block->host);
        document_push(doc, list, entry);
    }
    return list;
}

static json_t *one_plugin(struct document *doc, const struct plugin_figures *plugin)
{
    json_t *object = document_object(doc);
    document_put_shown(doc, object, "name", plugin->name);
    document_put_shown(doc, object, "state", plugin->state);
    document_put_shown(doc, object, "reason", plugin->reason);
    document_put_text(doc, object, "verdict",
                      (int)plugin->verdict < VERDICTS ? verdict_words[plugin->verdict] : "");
    document_put_shown(doc, object, "kind", plugin->kind);
    document_put_shown(doc, object, "text", plugin->text);
    put_real(doc, object, "bytes_per_call", plugin->bytes_per_call);
    document_put_count(doc, object, "calls", plugin->calls);
    document_put_count(doc, object, "crashes", plugin->crashes);
    document_put_count(doc, object, "retained_objects", plugin->retained_objects);
    document_put_count(doc, object, "retained_bytes", plugin->retained_bytes);
    document_put(doc, object, "retained", retained(doc, plugin));
    document_put_count(doc, object, "python_blocks", plugin->python_blocks);
    document_put_count(doc, object, "python_bytes", plugin->python_bytes);
    document_put_count(doc, object, "array_bytes", plugin->array_bytes);
    document_put_count(doc, object, "malloc_bytes", plugin->malloc_bytes);
    document_put_count(doc, object, "garbage_objects", plugin->garbage_objects);
    document_put_signed(doc, object, "descriptors", plugin->descriptors);
    document_put_signed(doc, object, "threads", plugin->threads);
    json_t *conversions = document_array(doc);
    for (size_t i = 0; i < plugin->n_conversions; i++)
        document_push_text(doc, conversions, plugin->conversions[i]);
    document_put(doc, object, "conversions", conversions);
    return object;
}

static json_t *one_host(struct document *doc, const struct host_figures *host)
{
    json_t *object = document_object(doc);
    document_put_count(doc, object, "index", host->index);
    document_put_signed(doc, object, "pid", host->pid);
    document_put_shown(doc, object, "state", host->state);
    document_put_count(doc, object, "generation", host->generation);
    document_put_count(doc, object, "rss_bytes", host->rss_bytes);
    document_put_count(doc, object, "pss_bytes", host->pss_bytes);
    document_put_count(doc, object, "threads", host->threads);
    document_put_count(doc, object, "descriptors", host->descriptors);
    document_put_count(doc, object, "calls", host->calls);
    document_put_count(doc, object, "region_bytes", host->region_bytes);
    document_put_count(doc, object, "region_live_bytes", host->region_live_bytes);
    document_put_count(doc, object, "region_warm_bytes", host->region_warm_bytes);
    document_put_count(doc, object, "restarts", host->restarts);
    put_real(doc, object, "age_s", host->age_s);
    put_real(doc, object, "busy_s", host->busy_s);
    return object;
}

static json_t *fleet(struct document *doc, const struct figures *figures)
{
    json_t *object = document_object(doc);
    document_put_count(doc, object, "generation", figures->generation);
    document_put_count(doc, object, "waiting", figures->waiting);
    json_t *restarts = document_object(doc);
    for (int reason = 0; reason < REASONS; reason++)
        document_put_count(doc, restarts, reason_words[reason], figures->restarts[reason]);
    document_put(doc, object, "restarts", restarts);
    return object;
}

void api_put_plugins(struct document *doc, json_t *root, const struct figures *figures)
{
    json_t *plugins = document_array(doc), *hosts = document_array(doc);
    for (size_t i = 0; figures != NULL && i < figures->n_plugins; i++)
        document_push(doc, plugins, one_plugin(doc, &figures->plugins[i]));
    for (size_t i = 0; figures != NULL && i < figures->n_hosts; i++)
        document_push(doc, hosts, one_host(doc, &figures->hosts[i]));
    document_put(doc, root, "plugins", plugins);
    document_put(doc, root, "hosts", hosts);
    if (figures != NULL)
        document_put(doc, root, "fleet", fleet(doc, figures));
}
