/*
 * Figures: counted, made room for, copied: nothing is allocated under plugins_lock().
 */
#include "plugins/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/alloc.h"
#include "plugins/breaker.h"
#include "plugins/fleet_internal.h"
#include "plugins/region.h"
#include "process/loop.h"
#include "process/server.h"

const char *const verdict_words[VERDICTS] = {
    [VERDICT_WARMING] = "warming", [VERDICT_STEADY] = "steady", [VERDICT_LEAKING] = "leaking"};

const char *const reason_words[REASONS] = {
    [REASON_CRASH] = "crash",   [REASON_EXIT] = "exit",     [REASON_DEADLINE] = "deadline",
    [REASON_MEMORY] = "memory", [REASON_RELOAD] = "reload", [REASON_KILLED] = "killed",
    [REASON_START] = "start"};

/* One allocation for each kind of thing; plugins point into the last two. */
struct room {
    struct figures figures; /* first: what the caller sees */
    size_t plugins, hosts, conversions, retained;
    size_t retained_each; /* entries for one plugin */
    char (*conversion)[FIGURES_NAME];
    struct retained_figures *entries;
    struct region_memory **regions; /* held, so that they can be read without the lock */
};

/* --- how much --- */

static void count(struct room *room)
{
    uint64_t retained = 0;
    for (const struct plugin_record *record = fleet.records; record != NULL;
         record = record->next) {
        room->plugins++;
        room->conversions += record->conversions.n;
    }
    for (const struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        room->hosts++;
        retained += process->host.retained_objects;
    }
    room->retained_each = retained < FIGURES_RETAINED ? (size_t)retained : (size_t)FIGURES_RETAINED;
    room->retained = room->plugins * room->retained_each;
}

static bool make_room(struct room *room)
{
    room->figures.plugins = mem_zalloc(room->plugins + 1, sizeof *room->figures.plugins);
    room->figures.hosts = mem_zalloc(room->hosts + 1, sizeof *room->figures.hosts);
    room->conversion = mem_zalloc(room->conversions + 1, sizeof *room->conversion);
    room->entries = mem_zalloc(room->retained + 1, sizeof *room->entries);
    room->regions = mem_zalloc(room->hosts + 1, sizeof *room->regions);
    return room->figures.plugins != NULL && room->figures.hosts != NULL &&
           room->conversion != NULL && room->entries != NULL && room->regions != NULL;
}

/* --- plugins; locked --- */

static void fill_state(struct plugin_figures *plugin, const struct plugin_record *record,
                       uint64_t now_ns)
{
    static const char *const words[] = {
        [RECORD_READY] = "ready", [RECORD_FAILED] = "failed", [RECORD_UNLOADED] = "unloaded"};
    const char *word = words[record->state];
    snprintf(plugin->reason, sizeof plugin->reason, "%s", record->reason);
    if (record->state == RECORD_READY && breaker_refuses(record->name, now_ns)) {
        struct astro_error err = {.code = ASTRO_OK};
        breaker_explain(record->name, now_ns, &err);
        snprintf(plugin->reason, sizeof plugin->reason, "%s", err.text);
        word = "switched_off";
    }
    snprintf(plugin->state, sizeof plugin->state, "%s", word);
}

static void fill_plugin(struct plugin_figures *plugin, const struct plugin_record *record,
                        uint64_t now_ns)
{
    struct ledger_line line;
    record_ledger(record, &line);
    memcpy(plugin->name, record->name, sizeof plugin->name);
    fill_state(plugin, record, now_ns);
    plugin->verdict = line.verdict;
    memcpy(plugin->kind, line.kind, sizeof plugin->kind);
    memcpy(plugin->text, line.text, sizeof plugin->text);
    plugin->bytes_per_call = line.bytes_per_call;
    plugin->calls = line.calls;
    plugin->crashes = record->crashes;
    plugin->python_blocks = line.python_blocks;
    plugin->python_bytes = line.python_bytes;
    plugin->array_bytes = line.array_bytes;
    plugin->malloc_bytes = line.malloc_bytes;
    plugin->garbage_objects = line.garbage_objects;
    plugin->descriptors = line.descriptors;
    plugin->threads = line.threads;
}

/* What has appeared since it was counted is left out. */
static void fill_plugins(struct room *room, uint64_t now_ns)
{
    struct figures *figures = &room->figures;
    size_t used = 0;
    for (const struct plugin_record *record = fleet.records;
         record != NULL && figures->n_plugins < room->plugins; record = record->next) {
        struct plugin_figures *plugin = &figures->plugins[figures->n_plugins++];
        fill_plugin(plugin, record, now_ns);
        plugin->conversions = room->conversion + used;
        for (size_t i = 0; i < record->conversions.n && used < room->conversions; i++)
            memcpy(room->conversion[used++], record->conversions.names[i], FIGURES_NAME);
        plugin->n_conversions = (size_t)(room->conversion + used - plugin->conversions);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct plugin_figures *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* --- what plugins keep; locked --- */

static struct plugin_figures *find_plugin(struct figures *figures, const char *name,
                                          struct plugin_figures *last)
{
    if (last != NULL && strcmp(last->name, name) == 0)
        return last;
    struct plugin_figures key;
    snprintf(key.name, sizeof key.name, "%s", name);
    return bsearch(&key, figures->plugins, figures->n_plugins, sizeof key, by_name);
}

/* The oldest stay, in order. */
static void keep_oldest(struct plugin_figures *plugin, size_t most, const struct retained *block,
                        unsigned host, uint64_t now_ns)
{
    double age_s = now_ns > block->since_ns ? (double)(now_ns - block->since_ns) / 1e9 : 0;
    size_t at = plugin->n_retained;
    if (at == most && (most == 0 || plugin->retained[most - 1].age_s >= age_s))
        return;
    at = at == most ? most - 1 : at;
    for (; at > 0 && plugin->retained[at - 1].age_s < age_s; at--)
        plugin->retained[at] = plugin->retained[at - 1];
    struct retained_figures *entry = &plugin->retained[at];
    *entry = (struct retained_figures){
        .bytes = block->bytes, .age_s = age_s, .output = block->output, .host = host};
    snprintf(entry->request_id, sizeof entry->request_id, "%s", block->request_id);
    plugin->n_retained += plugin->n_retained < most;
}

static void fill_retained(struct room *room, uint64_t now_ns)
{
    struct plugin_figures *plugin = NULL;
    for (const struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        for (const struct retained *block = process->host.retained; block != NULL;
             block = block->next) {
            plugin = find_plugin(&room->figures, block->plugin, plugin);
            if (plugin == NULL)
                continue;
            plugin->retained_objects++;
            plugin->retained_bytes += block->bytes;
            keep_oldest(plugin, room->retained_each, block, process->host.index, now_ns);
        }
    }
}

/* --- hosts; locked --- */

static void fill_host(struct host_figures *host, const struct fleet_process *process,
                      uint64_t now_ns)
{
    *host = (struct host_figures){
        .index = process->host.index,
        .pid = (int)process->host.pid,
        .generation = process->generation->number,
        .rss_bytes = process->rss,
        .pss_bytes = process->pss,
        .threads = process->threads,
        .descriptors = process->descriptors,
        .calls = process->host.served,
        .restarts = fleet.place_restarts[process->host.index],
        .age_s = (double)(now_ns - process->started_ns) / 1e9,
        .busy_s = (double)process->host.busy_ns / 1e9,
    };
    snprintf(host->state, sizeof host->state, "%s", host_state_word(process->host.state));
}

static void fill_hosts(struct room *room, uint64_t now_ns)
{
    struct figures *figures = &room->figures;
    for (const struct fleet_process *process = fleet.processes;
         process != NULL && figures->n_hosts < room->hosts; process = process->next) {
        room->regions[figures->n_hosts] = region_memory_hold(process->host.region);
        fill_host(&figures->hosts[figures->n_hosts++], process, now_ns);
    }
}

static void fill(struct room *room, uint64_t now_ns)
{
    struct figures *figures = &room->figures;
    fill_plugins(room, now_ns);
    if (figures->n_plugins > 1)
        qsort(figures->plugins, figures->n_plugins, sizeof *figures->plugins, by_name);
    for (size_t i = 0; i < figures->n_plugins; i++)
        figures->plugins[i].retained = room->entries + i * room->retained_each;
    fill_retained(room, now_ns);
    fill_hosts(room, now_ns);
    memcpy(figures->restarts, fleet.restarts, sizeof figures->restarts);
    figures->generation = fleet.generation_number;
}

/* --- after the lock --- */

static void read_regions(struct room *room)
{
    for (size_t i = 0; i < room->figures.n_hosts; i++) {
        struct host_figures *host = &room->figures.hosts[i];
        struct region_memory_state state = region_memory_read(room->regions[i]);
        host->region_bytes = state.bytes;
        host->region_live_bytes = state.live_bytes;
        host->region_warm_bytes = state.warm_bytes;
        region_memory_drop(room->regions[i]);
    }
}

static int by_place(const void *a, const void *b)
{
    const struct host_figures *x = a, *y = b;
    if (x->generation != y->generation)
        return x->generation < y->generation ? -1 : 1;
    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return x->pid < y->pid ? -1 : x->pid > y->pid;
}

struct figures *figures_take(void)
{
    struct room *room = mem_zalloc(1, sizeof *room);
    if (room == NULL)
        return NULL;
    room->figures.configured = server.settings.plugins_directory != NULL;
    if (!room->figures.configured)
        return &room->figures;
    uint64_t now_ns = loop_clock_ns();
    plugins_lock();
    count(room);
    plugins_unlock();
    if (!make_room(room)) {
        figures_release(&room->figures);
        return NULL;
    }
    plugins_lock();
    fill(room, now_ns);
    plugins_unlock();
    read_regions(room);
    if (room->figures.n_hosts > 1)
        qsort(room->figures.hosts, room->figures.n_hosts, sizeof *room->figures.hosts, by_place);
    room->figures.waiting = queue_waiting();
    return &room->figures;
}

void figures_release(struct figures *figures)
{
    struct room *room = (struct room *)(void *)figures;
    if (room == NULL)
        return;
    mem_free(room->figures.plugins);
    mem_free(room->figures.hosts);
    mem_free(room->conversion);
    mem_free(room->entries);
    mem_free(room->regions);
    mem_free(room);
}
