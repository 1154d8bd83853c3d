/* The statistics extension: the counters of all loops, summed when somebody asks. */
#include "api/handlers.h"
#include "observe/stats.h"
#include "process/loop.h"
#include "process/server.h"

struct duration {
    const char *name;
    uint64_t count, ns;
};

enum { SUCCESS, FAIL, QUEUE, INPUT, INFER, OUTPUT, HIT, MISS, DURATIONS };

static void duration_add(struct duration *sum, const struct stats_duration *part)
{
    sum->count += stats_get(&part->count);
    sum->ns += stats_get(&part->ns);
}

static void sum_loops(size_t slot, struct duration sums[DURATIONS], uint64_t *ret_last_ms)
{
    for (size_t i = 0; i < server.n_loops; i++) {
        const struct stats *stats = server.loops[i] != NULL ? server.loops[i]->stats : NULL;
        if (stats == NULL || slot >= stats->n)
            continue;
        const struct stats_conversion *row = &stats->conversions[slot];
        duration_add(&sums[SUCCESS], &row->success);
        duration_add(&sums[FAIL], &row->fail);
        duration_add(&sums[QUEUE], &row->queue);
        duration_add(&sums[INPUT], &row->compute_input);
        duration_add(&sums[INFER], &row->compute_infer);
        duration_add(&sums[OUTPUT], &row->compute_output);
        duration_add(&sums[HIT], &row->cache_hit);
        duration_add(&sums[MISS], &row->cache_miss);
        const uint64_t last = stats_get(&row->last_inference_ms);
        if (last > *ret_last_ms)
            *ret_last_ms = last;
    }
}

static void put_duration(struct document *doc, json_t *object, const struct duration *duration)
{
    json_t *pair = document_object(doc);
    document_put_count(doc, pair, "count", duration->count);
    document_put_count(doc, pair, "ns", duration->ns);
    document_put(doc, object, duration->name, pair);
}

/* Shapes have no batch dimension, and requests that were joined on their way to a plugin are counted
 * one by one: the one batch size is 1. */
static json_t *batches(struct document *doc, const struct duration sums[DURATIONS])
{
    json_t *list = document_array(doc);
    if (sums[SUCCESS].count == 0)
        return list;
    json_t *batch = document_object(doc);
    document_put_count(doc, batch, "batch_size", 1);
    for (size_t i = INPUT; i <= OUTPUT; i++)
        put_duration(doc, batch, &sums[i]);
    document_push(doc, list, batch);
    return list;
}

static json_t *one_model(struct document *doc, const struct astro_conversion *conversion,
                         size_t slot)
{
    struct duration sums[DURATIONS] = {
        [SUCCESS] = {.name = "success"},     [FAIL] = {.name = "fail"},
        [QUEUE] = {.name = "queue"},         [INPUT] = {.name = "compute_input"},
        [INFER] = {.name = "compute_infer"}, [OUTPUT] = {.name = "compute_output"},
        [HIT] = {.name = "cache_hit"},       [MISS] = {.name = "cache_miss"},
    };
    uint64_t last_ms = 0;
    sum_loops(slot, sums, &last_ms);
    json_t *object = document_pair(doc, "name", conversion->name);
    document_put_text(doc, object, "version", "1");
    document_put_count(doc, object, "last_inference", last_ms);
    document_put_count(doc, object, "inference_count", sums[SUCCESS].count);
    document_put_count(doc, object, "execution_count", sums[SUCCESS].count);
    json_t *inference = document_object(doc);
    for (size_t i = 0; i < DURATIONS; i++)
        put_duration(doc, inference, &sums[i]);
    document_put(doc, object, "inference_stats", inference);
    document_put(doc, object, "response_stats", document_object(doc));
    document_put(doc, object, "batch_stats", batches(doc, sums));
    document_put(doc, object, "memory_usage", document_array(doc));
    return object;
}

bool api_oip_stats(struct request *request)
{
    struct document doc = {0};
    json_t *list = document_array(&doc);
    for (size_t i = 0; i < api_count(request); i++)
        document_push(
            &doc, list,
            one_model(&doc, api_at(request, i), catalogue_slot(request->loop->catalogue, i)));
    json_t *root = document_object(&doc);
    document_put(&doc, root, "model_stats", list);
    return document_answer(&doc, request, 200, root);
}

bool api_oip_model_stats(struct request *request)
{
    size_t slot;
    const struct astro_conversion *conversion = api_named(request, 2, &slot);
    if (conversion == NULL)
        return false;
    struct document doc = {0};
    json_t *list = document_array(&doc);
    document_push(&doc, list, one_model(&doc, conversion, slot));
    json_t *root = document_object(&doc);
    document_put(&doc, root, "model_stats", list);
    return document_answer(&doc, request, 200, root);
}
