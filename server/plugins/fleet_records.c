/*
 * What is known of each plugin beyond one host and one generation, and whether all of them can be served.
 */
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/breaker.h"
#include "plugins/fleet_internal.h"
#include "process/loop.h"
#include "process/server.h"

enum { RETRY_MOST_S = 60 };

struct plugin_record *record_find(const char *name)
{
    struct plugin_record *record = fleet.records;
    while (record != NULL && strcmp(record->name, name) != 0)
        record = record->next;
    return record;
}

struct plugin_record *record_of_conversion(const char *name)
{
    struct plugin_record *record = fleet.records;
    while (record != NULL && !name_set_has(&record->conversions, name))
        record = record->next;
    return record;
}

struct plugin_record *record_make(const char *name)
{
    struct plugin_record *record = record_find(name);
    if (record != NULL)
        return record;
    record = mem_zalloc(1, sizeof *record);
    if (record == NULL || !name_copy(record->name, name)) {
        mem_free(record);
        return NULL;
    }
    record->next = fleet.records;
    fleet.records = record;
    return record;
}

static void record_free(struct plugin_record *record)
{
    name_set_release(&record->conversions);
    mem_free(record);
}

void records_release(void)
{
    while (fleet.records != NULL) {
        struct plugin_record *record = fleet.records;
        fleet.records = record->next;
        record_free(record);
    }
}

/* --- after a change over --- */

/* What it has now, and what it had and is disabled: that must be found when it is loaded again. */
static bool follow_conversions(struct plugin_record *record, const struct generation *generation)
{
    struct name_set now = {.names = NULL};
    bool good = true;
    for (size_t i = 0; good && i < generation->n_offers; i++) {
        if (strcmp(generation->offers[i].plugin, record->name) == 0)
            good = name_set_add(&now, generation->offers[i].name);
    }
    for (size_t i = 0; good && i < record->conversions.n; i++) {
        if (name_set_has(&generation->disabled, record->conversions.names[i]))
            good = name_set_add(&now, record->conversions.names[i]);
    }
    name_set_release(&record->conversions);
    record->conversions = now;
    return good;
}

static bool follow_plugin(const struct generation *generation,
                          const struct generation_plugin *plugin)
{
    struct plugin_record *record = record_make(plugin->name);
    if (record == NULL)
        return false;
    record->keep = true;
    record->state = plugin->loaded ? RECORD_READY : RECORD_FAILED;
    snprintf(record->reason, sizeof record->reason, "%s", plugin->loaded ? "" : plugin->error);
    return follow_conversions(record, generation);
}

static bool follow(const struct generation *generation)
{
    bool good = true;
    for (struct plugin_record *record = fleet.records; record != NULL; record = record->next)
        record->keep = false;
    for (size_t i = 0; i < generation->n_plugins; i++)
        good = follow_plugin(generation, &generation->plugins[i]) && good;
    for (size_t i = 0; i < generation->unloaded.n; i++) {
        struct plugin_record *record = record_make(generation->unloaded.names[i]);
        if (record == NULL) {
            good = false;
            continue;
        }
        record->keep = true;
        record->state = RECORD_UNLOADED;
        snprintf(record->reason, sizeof record->reason, "unloaded by request");
    }
    struct plugin_record **at = &fleet.records;
    while (*at != NULL) {
        struct plugin_record *record = *at;
        if (record->keep) {
            at = &record->next;
            continue;
        }
        *at = record->next;
        record_free(record);
    }
    return good;
}

bool records_follow(const struct generation *generation)
{
    plugins_lock();
    bool good = follow(generation);
    plugins_unlock();
    if (!good)
        LOG_EVENT(LEVEL_WARN, "plugin_figures", LOG_S("reason", "out of memory: incomplete"));
    return good;
}

/* --- ledgers --- */

static bool is_worse(const struct ledger_line *line, const struct ledger_line *worst)
{
    if (line->verdict != worst->verdict)
        return line->verdict > worst->verdict;
    return line->bytes_per_call > worst->bytes_per_call;
}

static void add_line(struct ledger_line *sum, const struct ledger_line *line)
{
    if (line->said && is_worse(line, sum)) {
        sum->verdict = line->verdict;
        sum->bytes_per_call = line->bytes_per_call;
        memcpy(sum->kind, line->kind, sizeof sum->kind);
        memcpy(sum->text, line->text, sizeof sum->text);
    }
    sum->said = sum->said || line->said;
    sum->calls += line->calls;
    sum->python_blocks += line->python_blocks;
    sum->python_bytes += line->python_bytes;
    sum->array_bytes += line->array_bytes;
    sum->malloc_bytes += line->malloc_bytes;
    sum->garbage_objects += line->garbage_objects;
    sum->descriptors += line->descriptors;
    sum->threads += line->threads;
}

void record_ledger(const struct plugin_record *record, struct ledger_line *ret)
{
    *ret = (struct ledger_line){.verdict = VERDICT_WARMING};
    for (struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        const struct host_plugin *plugin = process_plugin(process, record->name, false);
        if (plugin != NULL)
            add_line(ret, &plugin->ledger);
    }
    if (record->leak.said && is_worse(&record->leak, ret)) {
        ret->verdict = record->leak.verdict;
        ret->bytes_per_call = record->leak.bytes_per_call;
        memcpy(ret->kind, record->leak.kind, sizeof ret->kind);
        memcpy(ret->text, record->leak.text, sizeof ret->text);
    }
    ret->calls += record->calls_past;
}

static void log_verdict(struct plugin_record *record, const struct ledger_line *line)
{
    if (line->verdict == record->verdict)
        return;
    enum verdict before = record->verdict;
    plugins_lock();
    record->verdict = line->verdict;
    plugins_unlock();
    if (line->verdict == VERDICT_LEAKING)
        LOG_EVENT(LEVEL_WARN, "plugin_leaking", LOG_S("plugin", record->name),
                  LOG_S("kind", line->kind), LOG_F("bytes_per_call", line->bytes_per_call),
                  LOG_S("text", line->text));
    else
        LOG_EVENT(LEVEL_INFO, line->verdict == VERDICT_STEADY ? "plugin_steady" : "plugin_warming",
                  LOG_S("plugin", record->name), LOG_S("before", verdict_words[before]));
}

/* A leak that a host has taken with it is over once its successor has been found steady. */
static void forget_leak(struct plugin_record *record, const struct fleet_process *process,
                        const struct ledger_line *line)
{
    if (!record->leak.said || !line->said || line->verdict != VERDICT_STEADY ||
        process->host.index != record->leak_index || process->started_ns <= record->leak_ns)
        return;
    plugins_lock();
    record->leak.said = false;
    plugins_unlock();
}

void records_ledger_changed(struct fleet_process *process)
{
    for (size_t i = 0; i < process->n_plugins; i++) {
        struct plugin_record *record = record_find(process->plugins[i].name);
        if (record == NULL)
            continue;
        struct ledger_line line;
        forget_leak(record, process, &process->plugins[i].ledger);
        record_ledger(record, &line);
        log_verdict(record, &line);
    }
}

void records_process_gone(struct fleet_process *process)
{
    plugins_lock();
    for (size_t i = 0; i < process->n_plugins; i++) {
        const struct ledger_line *line = &process->plugins[i].ledger;
        struct plugin_record *record = record_find(process->plugins[i].name);
        if (record == NULL || !line->said)
            continue;
        record->calls_past += line->calls;
        if (line->verdict == VERDICT_LEAKING) {
            record->leak = *line;
            record->leak_ns = process->started_ns;
            record->leak_index = process->host.index;
        }
    }
    growth_process_gone(process);
    plugins_unlock();
    for (size_t i = 0; i < process->n_plugins; i++) {
        struct plugin_record *record = record_find(process->plugins[i].name);
        struct ledger_line line;
        if (record == NULL)
            continue;
        plugins_lock();
        record_ledger(record, &line);
        plugins_unlock();
        log_verdict(record, &line);
    }
}

/* --- readiness --- */

/* Takes calls right now, or would if it had nothing else to do. Locked. */
static bool takes_calls(const struct fleet_process *process)
{
    return process->generation == fleet.current && process->host.state == HOST_READY &&
           !process->host.stuck;
}

static bool has_plugin(struct fleet_process *process, const char *name)
{
    const struct host_plugin *plugin = process_plugin(process, name, false);
    return plugin != NULL && !plugin->failed;
}

static bool has_server(const char *plugin)
{
    for (struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next) {
        if (takes_calls(process) && has_plugin(process, plugin))
            return true;
    }
    return false;
}

/* When no host has it and none will: its requests are refused instead of waiting for nobody. */
static void bar_or_not(const struct plugin_record *record, bool served)
{
    const struct generation_plugin *plugin =
        fleet.current != NULL ? generation_plugin(fleet.current, record->name, false) : NULL;
    if (!served && plugin != NULL && plugin->skipped)
        breaker_bar(record->name, plugin->error);
    else if (served)
        breaker_unbar(record->name);
}

static double seconds_until_host(uint64_t now_ns)
{
    const struct generation *generation = fleet.current != NULL ? fleet.current : fleet.next;
    double least = RETRY_MOST_S;
    for (size_t i = 0; generation != NULL && i < generation->n_places; i++) {
        const struct place *place = &generation->places[i];
        double wait = place->process == NULL && place->start_due_ns > now_ns
                          ? (double)(place->start_due_ns - now_ns) / 1e9
                          : 0;
        wait += fleet.start_s;
        least = wait < least ? wait : least;
    }
    return least;
}

void readiness_refresh(uint64_t now_ns)
{
    plugins_lock();
    bool any = false, all = fleet.current != NULL;
    for (const struct fleet_process *process = fleet.processes; process != NULL;
         process = process->next)
        any = any || takes_calls(process);
    for (const struct plugin_record *record = fleet.records; record != NULL;
         record = record->next) {
        if (record->state != RECORD_READY)
            continue;
        bool served = any && has_server(record->name);
        bar_or_not(record, served);
        all = all && served;
    }
    plugins_unlock();
    double wait = any ? 0 : seconds_until_host(now_ns);
    atomic_store(&fleet.retry_after, wait < 1 ? 1 : (unsigned)(wait + 0.999));
    atomic_store(&fleet.hosts_ready, any && all);
}

/* --- what other threads ask --- */

bool fleet_is_ready(void)
{
    if (fleet.phase == FLEET_OFF)
        return true;
    return fleet.phase == FLEET_RUNNING && atomic_load(&fleet.hosts_ready) &&
           !breaker_refuses_any(loop_clock_ns());
}

bool fleet_plugin_is_ready(const char *plugin)
{
    if (fleet.phase != FLEET_RUNNING || breaker_refuses(plugin, loop_clock_ns()))
        return false;
    plugins_lock();
    const struct plugin_record *record = record_find(plugin);
    bool ready = record != NULL && record->state == RECORD_READY && has_server(plugin);
    plugins_unlock();
    return ready;
}

unsigned fleet_retry_after(void)
{
    unsigned seconds = atomic_load(&fleet.retry_after);
    return seconds > 0 ? seconds : 1;
}
