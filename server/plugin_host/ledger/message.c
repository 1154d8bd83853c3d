/*
 * The ledger as the message that astrolabed gets (plugins/protocol.h). It is bounded in size: when there
 * are more plugins than it has room for, they take turns.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_host/blocks.h"
#include "plugin_host/ledger/ledger.h"
#include "plugin_host/ledger/owners.h"
#include "plugin_host/ledger/process.h"
#include "plugin_host/ledger/sample.h"
#include "plugin_host/ledger/tags.h"

enum { PLUGINS_MOST = 200 }; /* about 1 KiB each, PROTOCOL_MESSAGE_MAX in all */

static double rounded(double value)
{
    return isfinite(value) ? round(value * 100) / 100 : 0;
}

static json_int_t whole(double value)
{
    return (json_int_t)value;
}

static json_t *plugin_message(const struct owner *owner)
{
    const struct finding *finding = &owner->finding;
    struct blocks_totals retained = blocks_retained(owner->number);
    struct tag_totals objects = tags_read(owner->number, TAG_OBJECT);
    struct tag_totals memory = tags_read(owner->number, TAG_MEMORY);
    struct tag_totals native = tags_read(owner->number, TAG_MALLOC);
    double levels[LEVELS];
    sample_levels(owner, levels);
    return json_pack(
        "{s:s, s:I, s:s, s:s, s:f, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "name",
        owner->name, "calls", (json_int_t)owner->calls, "verdict",
        verdict_names[owner->sampled ? finding->verdict : TREND_WARMING], "kind",
        finding->kind ? finding->kind : "", "bytes_per_call", rounded(finding->bytes_per_call),
        "text", finding->text, "retained_objects", (json_int_t)retained.objects, "retained_bytes",
        (json_int_t)retained.bytes, "python_blocks", (json_int_t)(objects.blocks + memory.blocks),
        "python_bytes", (json_int_t)(objects.bytes + memory.bytes), "array_bytes",
        whole(levels[LEVEL_ARRAYS]), "malloc_bytes", whole(levels[LEVEL_MALLOC]), "malloc_blocks",
        (json_int_t)native.blocks, "descriptors", whole(levels[LEVEL_DESCRIPTORS]), "threads",
        whole(levels[LEVEL_THREADS]), "garbage_objects", (json_int_t)owner->garbage_objects);
}

static bool add_plugins(json_t *list)
{
    static unsigned first; /* of those that did not fit */
    unsigned n = owners_count(), taken = n < PLUGINS_MOST ? n : PLUGINS_MOST;
    for (unsigned i = 0; i < taken; i++)
        if (json_array_append_new(list, plugin_message(owner_at(1 + (first + i) % n))) != 0)
            return false;
    if (taken < n)
        first = (first + taken) % n;
    return true;
}

static uint64_t all_calls(void)
{
    uint64_t calls = 0;
    for (unsigned number = 1; number <= owners_count(); number++)
        calls += owner_at(number)->calls;
    return calls;
}

static json_t *make_message(void)
{
    struct process_memory memory = process_memory();
    json_t *message = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I}", "type", "ledger", "rss", (json_int_t)memory.rss, "pss",
        (json_int_t)memory.pss, "threads", (json_int_t)process_threads(), "descriptors",
        (json_int_t)process_descriptors(), "calls", (json_int_t)all_calls());
    json_t *plugins = json_array();
    if (message && plugins && add_plugins(plugins) &&
        json_object_set(message, "plugins", plugins) == 0) {
        json_decref(plugins);
        return message;
    }
    json_decref(plugins);
    json_decref(message);
    return NULL;
}

json_t *ledger_message(void)
{
    unsigned before = tags_enter(0);
    json_t *message = make_message();
    tags_enter(before);
    return message;
}
