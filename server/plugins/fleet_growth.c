/*
 * Growth: which plugin a host had to be replaced for, again and again.
 *
 * A plugin that leaks much in each call is found by no trend: its hosts reach plugins.max_rss before
 * there are samples enough. So when hosts are replaced for their memory, the plugin that most of their
 * growth belongs to, by the tags on its blocks, is remembered; the second time in a row it is called
 * leaking, until a successor of that host has been found steady.
 */
#include <stdio.h>
#include <string.h>

#include "plugins/fleet_internal.h"
#include "process/server.h"

enum {
    IN_A_ROW = 2,    /* replacements for the same plugin */
    LEAST_CALLS = 8, /* in that host; fewer say nothing about a rate */
    LEAST_PART = 8   /* the growth must be this part of plugins.max_rss at least */
};

static uint64_t bytes_of(const struct ledger_line *line)
{
    return line->python_bytes + line->array_bytes + line->malloc_bytes;
}

static uint64_t growth_of(const struct host_plugin *plugin)
{
    uint64_t now = bytes_of(&plugin->ledger), before = bytes_of(&plugin->first);
    return plugin->ledger.said && now > before ? now - before : 0;
}

void growth_ledger(struct host_plugin *plugin)
{
    if (!plugin->first.said)
        plugin->first = plugin->ledger;
}

static const char *kind_of(const struct host_plugin *plugin)
{
    const struct ledger_line *now = &plugin->ledger, *first = &plugin->first;
    double python = (double)now->python_bytes - (double)first->python_bytes;
    double arrays = (double)now->array_bytes - (double)first->array_bytes;
    double other = (double)now->malloc_bytes - (double)first->malloc_bytes;
    if (arrays >= python && arrays >= other)
        return "array memory";
    return python >= other ? "python objects" : "malloc memory";
}

static void name_it(struct plugin_record *record, const struct fleet_process *process,
                    const struct host_plugin *plugin)
{
    uint64_t growth = growth_of(plugin), calls = plugin->ledger.calls - plugin->first.calls;
    record->leak = plugin->ledger;
    record->leak.verdict = VERDICT_LEAKING;
    record->leak.bytes_per_call = (double)growth / (double)calls;
    snprintf(record->leak.kind, sizeof record->leak.kind, "%s", kind_of(plugin));
    snprintf(
        record->leak.text, sizeof record->leak.text,
        "%s keeps %.0f bytes per call: its host grew by %.0f MiB in %llu calls and was replaced "
        "(plugins.max_rss), the %uth time in a row",
        record->name, record->leak.bytes_per_call, (double)growth / (1 << 20),
        (unsigned long long)calls, record->outgrown);
    record->leak_ns = process->started_ns;
    record->leak_index = process->host.index;
}

void growth_process_gone(const struct fleet_process *process)
{
    if (!process->retiring || process->retired_for != REASON_MEMORY)
        return;
    uint64_t all = 0;
    const struct host_plugin *most = NULL;
    for (size_t i = 0; i < process->n_plugins; i++) {
        const struct host_plugin *plugin = &process->plugins[i];
        all += growth_of(plugin);
        if (most == NULL || growth_of(plugin) > growth_of(most))
            most = plugin;
    }
    bool guilty = most != NULL && growth_of(most) > all / 2 &&
                  growth_of(most) >= server.settings.plugins_max_rss / LEAST_PART &&
                  most->ledger.calls >= most->first.calls + LEAST_CALLS;
    for (struct plugin_record *record = fleet.records; record != NULL; record = record->next) {
        if (!guilty || strcmp(record->name, most->name) != 0)
            record->outgrown = 0;
        else if (++record->outgrown >= IN_A_ROW && most->ledger.verdict != VERDICT_LEAKING)
            name_it(record, process, most);
    }
}
