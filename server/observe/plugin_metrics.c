#include "observe/plugin_metrics.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "plugins/fleet.h"

void plugin_metrics_queue(struct exposition *out, const struct figures *figures)
{
    if (figures != NULL)
        exposition_count(out, "", EXPOSITION_LABELS("queue", "plugins", NULL), figures->waiting);
}

/* --- by plugin --- */

/* One member of struct plugin_figures; all of them are 64 bits wide. */
struct member {
    const char *name, *type, *help;
    size_t offset;
};
#define OF_PLUGIN(member) offsetof(struct plugin_figures, member)

static const struct member plugin_members[] = {
    {"astrolabe_plugin_calls_total", "counter", "Calls of the plugin's functions.",
     OF_PLUGIN(calls)},
    {"astrolabe_plugin_crashes_total", "counter", "Ends of hosts while the plugin was at work.",
     OF_PLUGIN(crashes)},
    {"astrolabe_plugin_retained_objects", "gauge",
     "Arrays of ended requests that objects of the plugin still refer to.",
     OF_PLUGIN(retained_objects)},
    {"astrolabe_plugin_retained_bytes", "gauge", "Bytes of these arrays.",
     OF_PLUGIN(retained_bytes)},
    {"astrolabe_plugin_python_blocks", "gauge",
     "Blocks of Python's allocator, more than before the first call.", OF_PLUGIN(python_blocks)},
    {"astrolabe_plugin_garbage_objects", "gauge", "Objects that the collector could not free.",
     OF_PLUGIN(garbage_objects)},
};

static const struct member memory_kinds[] = {
    {"python", NULL, NULL, OF_PLUGIN(python_bytes)},
    {"array", NULL, NULL, OF_PLUGIN(array_bytes)},
    {"malloc", NULL, NULL, OF_PLUGIN(malloc_bytes)},
};

static uint64_t member_of(const void *object, size_t offset)
{
    uint64_t value;
    memcpy(&value, (const char *)object + offset, sizeof value);
    return value;
}

static void members(struct exposition *out, const struct figures *figures)
{
    for (size_t m = 0; m < sizeof plugin_members / sizeof plugin_members[0]; m++) {
        const struct member *member = &plugin_members[m];
        exposition_family(out, member->name, member->type, member->help);
        for (size_t i = 0; i < figures->n_plugins; i++) {
            const struct plugin_figures *plugin = &figures->plugins[i];
            exposition_count(out, "", EXPOSITION_LABELS("plugin", plugin->name, NULL),
                             member_of(plugin, member->offset));
        }
    }
}

static void verdicts(struct exposition *out, const struct figures *figures)
{
    exposition_family(out, "astrolabe_plugin_verdict", "gauge",
                      "What the leak ledger says of the plugin: 1 for the verdict that holds.");
    for (size_t i = 0; i < figures->n_plugins; i++)
        for (int verdict = 0; verdict < VERDICTS; verdict++)
            exposition_count(out, "",
                             EXPOSITION_LABELS("plugin", figures->plugins[i].name, "verdict",
                                               verdict_words[verdict], NULL),
                             (int)figures->plugins[i].verdict == verdict);
}

static void memory(struct exposition *out, const struct figures *figures)
{
    exposition_family(out, "astrolabe_plugin_memory_bytes", "gauge",
                      "Memory attributed to the plugin, by allocator.");
    for (size_t i = 0; i < figures->n_plugins; i++)
        for (size_t kind = 0; kind < sizeof memory_kinds / sizeof memory_kinds[0]; kind++)
            exposition_count(out, "",
                             EXPOSITION_LABELS("plugin", figures->plugins[i].name, "kind",
                                               memory_kinds[kind].name, NULL),
                             member_of(&figures->plugins[i], memory_kinds[kind].offset));
}

/* What can go below zero. */
static void signed_members(struct exposition *out, const struct figures *figures)
{
    exposition_family(out, "astrolabe_plugin_descriptors", "gauge",
                      "File descriptors, more than before the plugin's first call.");
    for (size_t i = 0; i < figures->n_plugins; i++)
        exposition_signed(out, EXPOSITION_LABELS("plugin", figures->plugins[i].name, NULL),
                          figures->plugins[i].descriptors);
    exposition_family(out, "astrolabe_plugin_threads", "gauge",
                      "Threads, more than before the plugin's first call.");
    for (size_t i = 0; i < figures->n_plugins; i++)
        exposition_signed(out, EXPOSITION_LABELS("plugin", figures->plugins[i].name, NULL),
                          figures->plugins[i].threads);
}

static void states(struct exposition *out, const struct figures *figures)
{
    exposition_family(out, "astrolabe_plugin_up", "gauge",
                      "1 when requests for the plugin's conversions can be served.");
    for (size_t i = 0; i < figures->n_plugins; i++)
        exposition_count(out, "", EXPOSITION_LABELS("plugin", figures->plugins[i].name, NULL),
                         fleet_plugin_is_ready(figures->plugins[i].name));
    exposition_family(out, "astrolabe_plugin_leak_bytes_per_call", "gauge",
                      "How fast the plugin's memory grows, by the leak ledger's trend.");
    for (size_t i = 0; i < figures->n_plugins; i++)
        exposition_real(out, EXPOSITION_LABELS("plugin", figures->plugins[i].name, NULL),
                        figures->plugins[i].bytes_per_call);
}

/* --- by host --- */

#define OF_HOST(member) offsetof(struct host_figures, member)
static const struct member host_members[] = {
    {"astrolabe_plugin_host_rss_bytes", "gauge",
     "Resident memory of the host; of both while one replaces another in its place.",
     OF_HOST(rss_bytes)},
    {"astrolabe_plugin_host_pss_bytes", "gauge",
     "The same with shared pages divided among who shares them.", OF_HOST(pss_bytes)},
    {"astrolabe_plugin_host_descriptors", "gauge", "Open file descriptors of the host.",
     OF_HOST(descriptors)},
    {"astrolabe_plugin_host_threads", "gauge", "Threads of the host.", OF_HOST(threads)},
};

static const struct member region_kinds[] = {
    {"size", NULL, NULL, OF_HOST(region_bytes)},
    {"live", NULL, NULL, OF_HOST(region_live_bytes)},
    {"warm", NULL, NULL, OF_HOST(region_warm_bytes)},
};

/* A host that drains and the one that comes for it have the same place, and a series must not come
 * twice: they are added up. False: this host is not the first of its place. */
static bool add_place(const struct figures *figures, size_t index, size_t offset, char place[24],
                      uint64_t *ret_sum)
{
    const unsigned here = figures->hosts[index].index;
    uint64_t sum = 0;
    for (size_t i = 0; i < figures->n_hosts; i++) {
        if (figures->hosts[i].index != here)
            continue;
        if (i < index)
            return false;
        sum += member_of(&figures->hosts[i], offset);
    }
    snprintf(place, 24, "%u", here);
    *ret_sum = sum;
    return true;
}

static void hosts(struct exposition *out, const struct figures *figures)
{
    char place[24];
    uint64_t sum;
    for (size_t m = 0; m < sizeof host_members / sizeof host_members[0]; m++) {
        const struct member *member = &host_members[m];
        exposition_family(out, member->name, member->type, member->help);
        for (size_t i = 0; i < figures->n_hosts; i++)
            if (add_place(figures, i, member->offset, place, &sum) && sum > 0) /* 0: not seen yet */
                exposition_count(out, "", EXPOSITION_LABELS("host", place, NULL), sum);
    }
    exposition_family(out, "astrolabe_plugin_host_region_bytes", "gauge",
                      "Memory shared with the host: its size, in use, and idle but not returned.");
    for (size_t i = 0; i < figures->n_hosts; i++)
        for (size_t kind = 0; kind < sizeof region_kinds / sizeof region_kinds[0]; kind++)
            if (add_place(figures, i, region_kinds[kind].offset, place, &sum))
                exposition_count(
                    out, "",
                    EXPOSITION_LABELS("host", place, "kind", region_kinds[kind].name, NULL), sum);
}

static void counts(struct exposition *out, const struct figures *figures)
{
    static const char *const words[] = {"starting", "ready", "draining"};
    exposition_family(out, "astrolabe_plugin_hosts", "gauge", "Plugin hosts by state.");
    for (size_t w = 0; w < sizeof words / sizeof words[0]; w++) {
        uint64_t n = 0;
        for (size_t i = 0; i < figures->n_hosts; i++)
            n += strcmp(figures->hosts[i].state, words[w]) == 0;
        exposition_count(out, "", EXPOSITION_LABELS("state", words[w], NULL), n);
    }
    exposition_family(out, "astrolabe_plugin_host_restarts_total", "counter",
                      "Plugin hosts that came to their end, by reason.");
    for (int reason = 0; reason < REASONS; reason++)
        exposition_count(out, "", EXPOSITION_LABELS("reason", reason_words[reason], NULL),
                         figures->restarts[reason]);
    exposition_family(out, "astrolabe_plugin_generation", "gauge",
                      "Which reading of the plugin directory serves, counted from the start.");
    exposition_count(out, "", EXPOSITION_NONE, figures->generation);
}

void plugin_metrics(struct exposition *out, const struct figures *figures)
{
    if (figures == NULL)
        return;
    states(out, figures);
    verdicts(out, figures);
    members(out, figures);
    memory(out, figures);
    signed_members(out, figures);
    counts(out, figures);
    hosts(out, figures);
}
