/*
 * What a host says, message by message. Whatever makes no sense ends the host.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/fleet_internal.h"

static void broken(struct fleet_process *process, const char *text)
{
    process_kill(process, "protocol", text);
}

/* --- loading --- */

static void on_loading(struct fleet_process *process, const json_t *message)
{
    if (!control_name(message, "plugin", process->loading))
        broken(process, "`loading` without the name of a plugin");
}

/* Locked. NULL: too many plugins, or no memory. */
static struct host_plugin *note_plugin(struct fleet_process *process, const char *name, bool failed)
{
    plugins_lock();
    struct host_plugin *plugin = process_plugin(process, name, true);
    if (plugin != NULL)
        plugin->failed = failed;
    plugins_unlock();
    return plugin;
}

static bool add_conversion(struct fleet_process *process,
                           const struct plugin_conversion *conversion, uint32_t number)
{
    struct host *host = &process->host;
    if (host->n_conversions == process->conversions_room) {
        size_t room = process->conversions_room == 0 ? 16 : process->conversions_room * 2;
        void *conversions = mem_realloc(host->conversions, room * sizeof *host->conversions);
        if (conversions == NULL)
            return false;
        host->conversions = conversions;
        process->conversions_room = room;
    }
    struct host_conversion *entry = &host->conversions[host->n_conversions];
    memset(entry, 0, sizeof *entry);
    snprintf(entry->name, sizeof entry->name, "%s", conversion->conversion.name);
    entry->digest = conversion->digest;
    entry->number = number;
    host->n_conversions++;
    return true;
}

static bool is_taken(const struct fleet_process *process, uint32_t number)
{
    for (size_t i = 0; i < process->host.n_conversions; i++) {
        if (process->host.conversions[i].number == number)
            return true;
    }
    return false;
}

/* One description. False: *err says what is wrong with it; *ret_conflict: with the whole host. */
static bool take_description(struct fleet_process *process, const char *plugin, const json_t *json,
                             bool *ret_conflict, struct astro_error *err)
{
    uint32_t number;
    struct plugin_conversion *conversion = plugin_conversion_read(json, plugin, &number, err);
    if (conversion == NULL)
        return false;
    const char *name = conversion->conversion.name;
    bool good = false;
    if (astro_conversion_find(name, strlen(name), NULL) != NULL)
        astro_fail(err, ASTRO_CONFLICT, NULL, "the conversion %s is built in", name);
    else if (process_conversion(process, name) != NULL)
        astro_fail(err, ASTRO_CONFLICT, NULL, "there are two conversions called %s", name);
    else if (is_taken(process, number))
        astro_fail(err, ASTRO_CONFLICT, NULL, "two conversions have the number %u", number);
    else if (process->host.n_conversions == FLEET_CONVERSIONS)
        astro_fail(err, ASTRO_TOO_LARGE, NULL, "there are more than %d conversions",
                   (int)FLEET_CONVERSIONS);
    else
        good = add_conversion(process, conversion, number) ||
               astro_fail(err, ASTRO_OVERLOADED, NULL, "out of memory");
    if (!good) {
        plugin_conversion_release(conversion);
        return false;
    }
    return generation_offer(process->generation, conversion, plugin, ret_conflict, err);
}

/* A plugin of which one conversion cannot be is failed as a whole: half a plugin surprises more. */
static void on_loaded(struct fleet_process *process, const json_t *message)
{
    char name[NAME_ROOM];
    const json_t *list = json_object_get(message, "conversions");
    if (!control_name(message, "plugin", name) || !json_is_array(list)) {
        broken(process, "`loaded` without a plugin and its conversions");
        return;
    }
    process->loading[0] = '\0';
    struct astro_error err = {.code = ASTRO_OK};
    bool conflict = false, good = note_plugin(process, name, false) != NULL ||
                                  astro_fail(&err, ASTRO_TOO_LARGE, NULL,
                                             "there are more than %d plugins", (int)FLEET_PLUGINS);
    size_t before = process->host.n_conversions, offers = process->generation->n_offers;
    for (size_t i = 0; good && i < json_array_size(list); i++)
        good = take_description(process, name, json_array_get(list, i), &conflict, &err);
    if (conflict) {
        process_kill(process, "start", err.text);
        return;
    }
    if (!good) {
        process->host.n_conversions = before;
        generation_withdraw(process->generation, offers);
        note_plugin(process, name, true);
        generation_plugin_failed(process->generation, name, err.text, "");
        return;
    }
    struct generation_plugin *plugin = generation_plugin(process->generation, name, true);
    if (plugin == NULL || plugin->loaded)
        return;
    plugin->loaded = true;
    LOG_EVENT(LEVEL_INFO, "plugin_loaded", LOG_S("plugin", name),
              LOG_I("conversions", process->host.n_conversions - before),
              LOG_I("generation", process->generation->number),
              LOG_F("seconds", control_real(message, "seconds")));
}

static void on_failed(struct fleet_process *process, const json_t *message)
{
    char name[NAME_ROOM], error[FLEET_TEXT];
    static char traceback[64 * 1024]; /* loop 0's */
    if (!control_name(message, "plugin", name)) {
        broken(process, "`failed` without the name of a plugin");
        return;
    }
    process->loading[0] = '\0';
    control_text(message, "error", error, sizeof error);
    control_text(message, "traceback", traceback, sizeof traceback);
    note_plugin(process, name, true);
    generation_plugin_failed(process->generation, name,
                             error[0] != '\0' ? error : "it could not be loaded", traceback);
}

static int by_name(const void *a, const void *b)
{
    const struct host_conversion *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static void on_ready(struct fleet_process *process, const json_t *message)
{
    (void)message;
    if (process->host.n_conversions > 0)
        qsort(process->host.conversions, process->host.n_conversions,
              sizeof *process->host.conversions, by_name);
    process->loading[0] = '\0';
    process->loaded = true;
    process->messages = 0; /* from now on it has little to say */
}

/* --- later --- */

static enum verdict read_verdict(const json_t *message)
{
    char word[16];
    control_text(message, "verdict", word, sizeof word);
    for (int i = 0; i < VERDICTS; i++) {
        if (strcmp(word, verdict_words[i]) == 0)
            return (enum verdict)i;
    }
    return VERDICT_WARMING;
}

static void read_line(const json_t *entry, struct ledger_line *line)
{
    line->said = true;
    line->verdict = read_verdict(entry);
    control_text(entry, "kind", line->kind, sizeof line->kind);
    control_text(entry, "text", line->text, sizeof line->text);
    line->bytes_per_call = control_real(entry, "bytes_per_call");
    line->calls = control_count(entry, "calls");
    line->python_blocks = control_count(entry, "python_blocks");
    line->python_bytes = control_count(entry, "python_bytes");
    line->array_bytes = control_count(entry, "array_bytes");
    line->malloc_bytes = control_count(entry, "malloc_bytes");
    line->garbage_objects = control_count(entry, "garbage_objects");
    line->descriptors = control_difference(entry, "descriptors");
    line->threads = control_difference(entry, "threads");
}

/* Plugins that it has not loaded are nobody's. */
static void on_ledger(struct fleet_process *process, const json_t *message)
{
    const json_t *list = json_object_get(message, "plugins");
    size_t n = json_array_size(list);
    plugins_lock();
    process->pss = control_count(message, "pss");
    process->threads = control_count(message, "threads");
    process->descriptors = control_count(message, "descriptors");
    for (size_t i = 0; i < n && i < FLEET_PLUGINS; i++) {
        char name[NAME_ROOM];
        const json_t *entry = json_array_get(list, i);
        struct host_plugin *plugin =
            control_name(entry, "name", name) ? process_plugin(process, name, false) : NULL;
        if (plugin == NULL)
            continue;
        read_line(entry, &plugin->ledger);
        growth_ledger(plugin);
    }
    plugins_unlock();
    records_ledger_changed(process);
}

void process_message(struct fleet_process *process, const json_t *message)
{
    enum control_type type = control_type(message);
    bool early = type == CONTROL_LOADING || type == CONTROL_LOADED || type == CONTROL_FAILED ||
                 type == CONTROL_READY;
    if (early == process->loaded && type != CONTROL_TYPES) {
        broken(process, early ? "it loads plugins after it was ready"
                              : "it speaks of calls before it was ready");
        return;
    }
    switch (type) {
    case CONTROL_LOADING:
        on_loading(process, message);
        break;
    case CONTROL_LOADED:
        on_loaded(process, message);
        break;
    case CONTROL_FAILED:
        on_failed(process, message);
        break;
    case CONTROL_READY:
        on_ready(process, message);
        break;
    case CONTROL_LEDGER:
        on_ledger(process, message);
        break;
    case CONTROL_TRACED:
        traces_reply(process, message);
        break;
    case CONTROL_DRAINED:
        break; /* its exit follows */
    case CONTROL_TYPES:
        broken(process, "a message of an unknown type");
        break;
    }
}
