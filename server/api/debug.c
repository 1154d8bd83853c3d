/* GET /v1/debug/memory: who owns what, right now. */
#include "api/handlers.h"
#include "dispatch/context.h"
#include "memory/ledger.h"
#include "memory/slab.h"
#include "observe/metrics.h"
#include "plugins/figures.h"
#include "process/server.h"

static json_t *live(struct document *doc, const struct request *request)
{
    json_t *object = document_object(doc);
    for (int kind = 0; kind < LEDGER_KINDS; kind++) {
        const struct ledger_row row = metrics_ledger_without(request, (enum ledger_kind)kind);
        json_t *entry = document_object(doc);
        document_put_count(doc, entry, "objects", row.objects);
        document_put_count(doc, entry, "bytes", row.bytes);
        document_put_count(doc, entry, "peak_objects", row.peak_objects);
        document_put_count(doc, entry, "peak_bytes", row.peak_bytes);
        document_put(doc, object, ledger_name((enum ledger_kind)kind), entry);
    }
    return object;
}

static json_t *pool(struct document *doc)
{
    const struct slab_pool_state state = slab_pool_read();
    json_t *object = document_object(doc);
    document_put_count(doc, object, "cached_bytes", state.cached_bytes);
    document_put_count(doc, object, "mapped_bytes", state.mapped_bytes);
    document_put_count(doc, object, "live_bytes", state.live_bytes);
    document_put_count(doc, object, "limit_bytes", state.limit_bytes);
    return object;
}

static json_t *contexts(struct document *doc)
{
    const struct context_totals totals = context_totals_read();
    json_t *object = document_object(doc);
    document_put_count(doc, object, "objects", totals.objects);
    document_put_count(doc, object, "bytes", totals.bytes);
    document_put_count(doc, object, "hits", totals.hits);
    document_put_count(doc, object, "misses", totals.misses);
    return object;
}

bool api_debug_memory(struct request *request)
{
    struct document doc = {0};
    struct figures *figures = NULL;
    if (server.settings.plugins_directory != NULL) {
        figures = figures_take();
        doc.failed = figures == NULL;
    }
    json_t *root = document_object(&doc);
    document_put(&doc, root, "live", live(&doc, request));
    document_put(&doc, root, "pool", pool(&doc));
    document_put(&doc, root, "contexts", contexts(&doc));
    api_put_plugins(&doc, root, figures);
    figures_release(figures);
    return document_answer(&doc, request, 200, root);
}
