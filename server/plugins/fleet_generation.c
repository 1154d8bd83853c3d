/*
 * A generation: one reading of the directory, from its copy over the start of its hosts to the change
 * over, or until it is given up.
 */
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/breaker.h"
#include "plugins/fleet_internal.h"
#include "process/loop.h"
#include "process/server.h"

enum { TRACEBACK_LINES = 200 };

/* --- its beginning --- */

static void copy(struct fleet_job *job)
{
    struct generation *generation =
        (struct generation *)(void *)((char *)job - offsetof(struct generation, copying));
    if (generation->number == 1)
        snapshots_sweep();
    generation->snapshot = snapshot_take(server.settings.plugins_directory, generation->copy_error);
}

static void copy_done(struct fleet_job *job)
{
    struct generation *generation =
        (struct generation *)(void *)((char *)job - offsetof(struct generation, copying));
    generation->copies = false;
    generation->copied = true;
}

/* What was unloaded stays unloaded. Without new files the copy of the present one serves, and what could
 * not be loaded from it is not tried again. */
static bool inherit(struct generation *generation, const struct order *orders)
{
    const struct generation *current = fleet.current;
    bool reads = true;
    if (current != NULL && (!name_set_add_all(&generation->disabled, &current->disabled) ||
                            !name_set_add_all(&generation->unloaded, &current->unloaded)))
        return false;
    if (!orders_apply(orders, generation, &reads))
        return false;
    if (reads || current == NULL)
        return true;
    generation->snapshot = snapshot_hold(current->snapshot);
    generation->copied = generation->same_files = true;
    return name_set_add_all(&generation->skip, &current->skip);
}

struct generation *generation_begin(struct order *orders_take, const char *why)
{
    struct generation *generation = mem_zalloc(1, sizeof *generation);
    size_t n = server.settings.plugins_hosts > 0 ? server.settings.plugins_hosts : 1;
    if (generation != NULL)
        generation->places = mem_zalloc(n, sizeof *generation->places);
    if (generation == NULL || generation->places == NULL || !inherit(generation, orders_take)) {
        LOG_EVENT(LEVEL_ERROR, "plugin_reload_failed", LOG_S("reason", "out of memory"));
        generation_free(generation);
        orders_refuse(orders_take, ASTRO_OVERLOADED, "there is no memory to load plugins");
        return NULL;
    }
    generation->number = ++fleet.last_number;
    generation->n_places = n;
    for (size_t i = 0; i < n; i++)
        generation->places[i].index = (unsigned)i;
    snprintf(generation->why, sizeof generation->why, "%s", why);
    generation->copying = (struct fleet_job){.run = copy, .done = copy_done};
    generation->orders = orders_take;
    generation->next = fleet.generations;
    fleet.generations = generation;
    fleet.next = generation;
    fleet_poke();
    return generation;
}

/* --- what its hosts have loaded --- */

struct generation_plugin *generation_plugin(struct generation *generation, const char *name,
                                            bool make)
{
    for (size_t i = 0; i < generation->n_plugins; i++) {
        if (strcmp(generation->plugins[i].name, name) == 0)
            return &generation->plugins[i];
    }
    if (!make || generation->n_plugins == FLEET_PLUGINS)
        return NULL;
    if (generation->n_plugins == generation->plugins_room) {
        size_t room = generation->plugins_room == 0 ? 8 : generation->plugins_room * 2;
        void *plugins = mem_realloc(generation->plugins, room * sizeof *generation->plugins);
        if (plugins == NULL)
            return NULL;
        generation->plugins = plugins;
        generation->plugins_room = room;
    }
    struct generation_plugin *plugin = &generation->plugins[generation->n_plugins];
    memset(plugin, 0, sizeof *plugin);
    if (!name_copy(plugin->name, name))
        return NULL;
    generation->n_plugins++;
    return plugin;
}

static struct offer *find_offer(struct generation *generation, const char *name)
{
    for (size_t i = 0; i < generation->n_offers; i++) {
        if (strcmp(generation->offers[i].name, name) == 0)
            return &generation->offers[i];
    }
    return NULL;
}

static struct offer *make_offer(struct generation *generation)
{
    if (generation->n_offers == FLEET_CONVERSIONS)
        return NULL;
    if (generation->n_offers == generation->offers_room) {
        size_t room = generation->offers_room == 0 ? 16 : generation->offers_room * 2;
        void *offers = mem_realloc(generation->offers, room * sizeof *generation->offers);
        if (offers == NULL)
            return NULL;
        generation->offers = offers;
        generation->offers_room = room;
    }
    return &generation->offers[generation->n_offers++];
}

bool generation_offer(struct generation *generation, struct plugin_conversion *description_take,
                      const char *plugin, bool *ret_conflict, struct astro_error *err)
{
    const char *name = description_take->conversion.name;
    struct offer *offer = find_offer(generation, name);
    if (offer != NULL) {
        *ret_conflict =
            offer->digest != description_take->digest || strcmp(offer->plugin, plugin) != 0;
        if (*ret_conflict)
            astro_fail(err, ASTRO_CONFLICT, NULL,
                       "the conversion %s of the plugin %s is another one in another host", name,
                       plugin);
        plugin_conversion_release(description_take);
        return !*ret_conflict;
    }
    /* What appears only now is in no catalogue; the next reload will find it. */
    if (generation->state == GENERATION_SERVING) {
        plugin_conversion_release(description_take);
        return true;
    }
    offer = make_offer(generation);
    if (offer == NULL) {
        plugin_conversion_release(description_take);
        return astro_fail(err, ASTRO_TOO_LARGE, NULL, "there are more than %d conversions",
                          (int)FLEET_CONVERSIONS);
    }
    *offer = (struct offer){.digest = description_take->digest, .description = description_take};
    snprintf(offer->name, sizeof offer->name, "%s", name);
    snprintf(offer->plugin, sizeof offer->plugin, "%s", plugin);
    return true;
}

void generation_withdraw(struct generation *generation, size_t n)
{
    while (generation->n_offers > n)
        plugin_conversion_release(generation->offers[--generation->n_offers].description);
}

static void log_traceback(const char *plugin, const char *traceback)
{
    for (unsigned i = 0; i < TRACEBACK_LINES && *traceback != '\0'; i++) {
        size_t length = strcspn(traceback, "\n");
        LOG_EVENT(LEVEL_ERROR, "plugin_traceback", LOG_S("plugin", plugin),
                  LOG_B("text", traceback, length));
        traceback += length + (traceback[length] == '\n');
    }
}

/* Every host says it; it is told once. */
void generation_plugin_failed(struct generation *generation, const char *name, const char *error,
                              const char *traceback)
{
    struct generation_plugin *plugin = generation_plugin(generation, name, true);
    if (plugin == NULL || plugin->failed)
        return;
    plugin->failed = true;
    snprintf(plugin->error, sizeof plugin->error, "%s", error);
    LOG_EVENT(LEVEL_ERROR, "plugin_failed", LOG_S("plugin", name), LOG_S("reason", error),
              LOG_I("generation", generation->number));
    log_traceback(name, traceback);
}

void generation_skip(struct generation *generation, const char *name, const char *error)
{
    name_set_add(&generation->skip, name);
    generation_plugin_failed(generation, name, error, "");
    struct generation_plugin *plugin = generation_plugin(generation, name, false);
    if (plugin != NULL)
        plugin->skipped = true;
}

/* --- its places --- */

static void start_process(struct generation *generation, struct place *place,
                          struct fleet_process **ret)
{
    char text[FLEET_TEXT];
    *ret = process_start(generation, place, text);
    if (*ret == NULL)
        place_failed(generation, place, text);
}

static void succeed(struct place *place, uint64_t now_ns)
{
    struct fleet_process *old = place->process;
    place->process = place->successor;
    place->successor = NULL;
    place->replace = false;
    if (fleet.replaced == old) {
        fleet.replaced = NULL;
        fleet.replace_due_ns = now_ns + (uint64_t)(fleet_random() * 0.5 * (double)FLEET_SECOND);
    }
    process_retire(old, REASON_MEMORY);
}

static void place_announce(struct place *place, struct fleet_process *process)
{
    place->failures = 0;
    process_announce(process);
}

static void place_pulse(struct generation *generation, struct place *place, uint64_t now_ns)
{
    if (now_ns >= place->start_due_ns && place->process == NULL)
        start_process(generation, place, &place->process);
    if (generation->state != GENERATION_SERVING || place->process == NULL)
        return;
    if (now_ns >= place->start_due_ns && place->replace && place->successor == NULL)
        start_process(generation, place, &place->successor);
    if (place->process->loaded && !place->process->announced)
        place_announce(place, place->process);
    if (place->successor != NULL && place->successor->loaded) {
        place_announce(place, place->successor);
        succeed(place, now_ns);
    }
}

/* --- the change over --- */

static void set_current(struct generation *generation)
{
    plugins_lock();
    fleet.current = generation;
    plugins_unlock();
}

static bool is_loaded(const struct place *place)
{
    return place->process != NULL && place->process->loaded;
}

static bool is_served(const struct generation *generation, const char *conversion)
{
    for (size_t i = 0; i < generation->n_places; i++) {
        const struct place *place = &generation->places[i];
        if (is_loaded(place) && process_conversion(place->process, conversion) != NULL)
            return true;
    }
    return false;
}

/* Of what a host has loaded that is alive. NULL: *err says why. */
static struct catalogue *make_catalogue(struct generation *generation, struct astro_error *err)
{
    size_t n = 0;
    struct plugin_conversion **list = mem_zalloc(generation->n_offers + 1, sizeof *list);
    for (size_t i = 0; list != NULL && i < generation->n_offers; i++) {
        struct offer *offer = &generation->offers[i];
        if (is_served(generation, offer->name))
            list[n++] = offer->description;
        else
            plugin_conversion_release(offer->description);
        offer->description = NULL;
    }
    if (list == NULL)
        astro_fail(err, ASTRO_OVERLOADED, NULL, "out of memory");
    struct catalogue *catalogue = list != NULL ? catalogue_create(list, n, err) : NULL;
    mem_free(list);
    return catalogue;
}

static void settle(void)
{
    if (fleet.settled)
        return;
    fleet.settled = true;
    readiness_refresh(loop_clock_ns());
    if (fleet.ready != NULL)
        fleet.ready();
}

static void change_over(struct generation *generation, uint64_t now_ns)
{
    struct astro_error err = {.code = ASTRO_OK};
    struct generation *old = fleet.current;
    struct catalogue *catalogue = make_catalogue(generation, &err);
    if (catalogue == NULL) {
        generation_give_up(generation, "", err.text);
        return;
    }
    generation->state = GENERATION_SERVING;
    fleet.next = NULL;
    if (!generation->same_files)
        breaker_reset();
    for (size_t i = 0; i < generation->n_places; i++)
        place_pulse(generation, &generation->places[i], now_ns);
    set_current(generation); /* its hosts take calls by now: readiness does not flicker */
    catalogue_publish(catalogue);
    records_follow(generation);
    if (old != NULL)
        generation_end(old);
    plugins_lock();
    queue_conversions_changed();
    fleet.generation_number = generation->number;
    plugins_unlock();
    LOG_EVENT(LEVEL_INFO, old != NULL ? "plugins_reloaded" : "plugins_ready",
              LOG_S("why", generation->why), LOG_I("generation", generation->number),
              LOG_I("plugins", generation->n_plugins));
    struct order *orders = generation->orders;
    generation->orders = NULL;
    orders_answer(orders, generation);
    readiness_refresh(now_ns);
    settle();
}

void generation_give_up(struct generation *generation, const char *name, const char *text)
{
    snprintf(generation->gave_up_plugin, sizeof generation->gave_up_plugin, "%s", name);
    snprintf(generation->gave_up_text, sizeof generation->gave_up_text, "%s", text);
    LOG_EVENT(LEVEL_ERROR, "plugin_reload_failed", LOG_S("why", generation->why),
              LOG_S("plugin", name), LOG_S("reason", text),
              LOG_I("generation", generation->number));
    plugins_lock();
    struct plugin_record *record = record_find(name);
    if (record != NULL)
        snprintf(record->reason, sizeof record->reason, "reload failed: %.480s", text);
    plugins_unlock();
    struct order *orders = generation->orders;
    generation->orders = NULL;
    orders_answer(orders, generation);
    if (fleet.next == generation)
        fleet.next = NULL;
    generation_end(generation);
    settle();
}

/* A plugin that serves and does not load any more: the old generation goes on. */
static bool has_lost_a_plugin(struct generation *generation)
{
    for (const struct plugin_record *record = fleet.records; record != NULL;
         record = record->next) {
        const struct generation_plugin *plugin =
            record->state == RECORD_READY ? generation_plugin(generation, record->name, false)
                                          : NULL;
        if (plugin != NULL && plugin->failed) {
            generation_give_up(generation, plugin->name, plugin->error);
            return true;
        }
    }
    return false;
}

static void check_start(struct generation *generation, uint64_t now_ns)
{
    size_t loaded = 0, settled = 0;
    const char *failure = "no host could be started";
    if (fleet.current != NULL && has_lost_a_plugin(generation))
        return;
    for (size_t i = 0; i < generation->n_places; i++) {
        const struct place *place = &generation->places[i];
        bool failed = place->failures >= FLEET_FAILURES;
        loaded += is_loaded(place);
        settled += is_loaded(place) || failed;
        if (failed)
            failure = place->failure;
    }
    if (settled < generation->n_places)
        return;
    if (loaded > 0)
        change_over(generation, now_ns);
    else if (fleet.current != NULL)
        generation_give_up(generation, "", failure);
    else
        settle(); /* the first one goes on trying: there is nothing else to serve */
}

/* --- its course --- */

static void begin_start(struct generation *generation)
{
    if (generation->snapshot == NULL) {
        generation_give_up(generation, "", generation->copy_error);
        return;
    }
    if (!generation->same_files) {
        watch_base(&fleet.watch, generation->snapshot->fingerprint);
        if (generation->snapshot->warning[0] != '\0')
            LOG_EVENT(LEVEL_WARN, "plugin_copy", LOG_S("reason", generation->snapshot->warning));
    }
    generation->state = GENERATION_STARTING;
}

void generation_pulse(struct generation *generation, uint64_t now_ns)
{
    if (generation->state == GENERATION_COPYING) {
        if (generation->copied)
            begin_start(generation);
        else if (!generation->copies) {
            generation->copies = true;
            fleet_job_submit(&generation->copying);
        }
    }
    if (generation->state != GENERATION_STARTING && generation->state != GENERATION_SERVING)
        return;
    for (size_t i = 0; i < generation->n_places; i++)
        place_pulse(generation, &generation->places[i], now_ns);
    if (generation->state == GENERATION_STARTING)
        check_start(generation, now_ns);
}

/* --- its end --- */

static void retire(struct fleet_process **process_take)
{
    if (*process_take != NULL)
        process_retire(*process_take, REASON_RELOAD);
    *process_take = NULL;
}

void generation_end(struct generation *generation)
{
    generation->state = GENERATION_ENDING;
    for (size_t i = 0; i < generation->n_places; i++) {
        retire(&generation->places[i].process);
        retire(&generation->places[i].successor);
    }
    if (fleet.current == generation)
        set_current(NULL);
    if (fleet.next == generation)
        fleet.next = NULL;
    fleet_poke();
}

/* Removing thousands of files is nothing for an event loop. */
struct removal {
    struct fleet_job job;
    struct snapshot *snapshot;
};

static void remove_files(struct fleet_job *job)
{
    snapshot_destroy(((struct removal *)(void *)job)->snapshot);
}

static void removed(struct fleet_job *job)
{
    mem_free(job);
}

static void drop_snapshot(struct snapshot *snapshot)
{
    if (!snapshot_drop(snapshot))
        return;
    struct removal *removal = fleet.phase != FLEET_ENDED ? mem_zalloc(1, sizeof *removal) : NULL;
    if (removal == NULL) {
        snapshot_destroy(snapshot);
        return;
    }
    removal->snapshot = snapshot;
    removal->job = (struct fleet_job){.run = remove_files, .done = removed};
    fleet_job_submit(&removal->job);
}

void generation_free(struct generation *generation)
{
    if (generation == NULL)
        return;
    generation_withdraw(generation, 0);
    drop_snapshot(generation->snapshot);
    name_set_release(&generation->skip);
    name_set_release(&generation->disabled);
    name_set_release(&generation->unloaded);
    mem_free(generation->offers);
    mem_free(generation->plugins);
    mem_free(generation->places);
    mem_free(generation);
}

void generations_sweep(void)
{
    struct generation **at = &fleet.generations;
    while (*at != NULL) {
        struct generation *generation = *at;
        if (generation->state != GENERATION_ENDING || generation->n_processes > 0 ||
            generation->copies) {
            at = &generation->next;
            continue;
        }
        *at = generation->next;
        generation_free(generation);
    }
}
