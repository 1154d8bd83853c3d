/*
 * Orders: reload, load, unload. They wait until no generation is on its way; then one generation carries
 * out all that have come, and answers them when it serves.
 */
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "plugins/fleet_internal.h"
#include "process/loop.h"
#include "request/request.h"

static void answer(struct order *order_take)
{
    if (order_take->request != NULL)
        loop_finish_later(order_take->request);
    mem_free(order_take);
}

static void refuse(struct request *request, int code, const char *text)
{
    if (request == NULL)
        return;
    astro_fail(&request->error, (enum astro_code)code, NULL, "%s", text);
    loop_finish_later(request);
}

/* --- coming in, from any thread --- */

bool fleet_order(enum order_kind kind, struct request *request, const char *name, const char *why)
{
    struct order *order = mem_zalloc(1, sizeof *order);
    if (order == NULL) {
        refuse(request, ASTRO_OVERLOADED, "the memory limit is reached; try again");
        return false;
    }
    order->kind = kind;
    order->request = request;
    snprintf(order->name, sizeof order->name, "%s", name);
    snprintf(order->why, sizeof order->why, "%s", why);
    /* A name that does not fit is nobody's, and must not be found by its beginning. */
    if (strlen(name) >= sizeof order->name)
        order->name[0] = '\0';
    pthread_mutex_lock(&fleet.orders_lock);
    bool accepted = fleet.accepting;
    if (accepted) {
        order->next = fleet.orders;
        fleet.orders = order;
        uv_async_send(&fleet.wake);
    }
    pthread_mutex_unlock(&fleet.orders_lock);
    if (accepted)
        return true;
    if (fleet.phase == FLEET_OFF)
        refuse(request, ASTRO_UNKNOWN_CONVERSION,
               "there are no plugins: plugins.directory is not set");
    else
        refuse(request, ASTRO_DRAINING, "the server shuts down");
    mem_free(order);
    return false;
}

void fleet_reload(const char *why)
{
    if (fleet.phase == FLEET_RUNNING && !fleet_order(ORDER_RELOAD, NULL, "", why))
        LOG_EVENT(LEVEL_ERROR, "plugin_reload_failed", LOG_S("why", why),
                  LOG_S("reason", "out of memory"));
}

void fleet_load(struct request *request, const char *name)
{
    fleet_order(ORDER_LOAD, request, name, "load");
}

void fleet_unload(struct request *request, const char *name)
{
    fleet_order(ORDER_UNLOAD, request, name, "unload");
}

bool orders_waiting(void)
{
    pthread_mutex_lock(&fleet.orders_lock);
    bool waiting = fleet.orders != NULL;
    pthread_mutex_unlock(&fleet.orders_lock);
    return waiting;
}

/* --- carried out --- */

/* Does it need a generation? Else it has been answered. */
static bool is_work(struct order *order_take)
{
    if (order_take->kind != ORDER_UNLOAD)
        return true;
    const struct generation *current = fleet.current;
    const struct plugin_record *record = record_of_conversion(order_take->name);
    bool is_conversion = record != NULL;
    if (record == NULL)
        record = record_find(order_take->name);
    if (record == NULL) {
        if (order_take->request != NULL)
            astro_fail(&order_take->request->error, ASTRO_UNKNOWN_CONVERSION, NULL,
                       "there is no conversion and no plugin called %s", order_take->name);
        answer(order_take);
        return false;
    }
    if (current != NULL &&
        name_set_has(is_conversion ? &current->disabled : &current->unloaded, order_take->name)) {
        answer(order_take);
        return false;
    }
    return true;
}

struct order *orders_next(void)
{
    pthread_mutex_lock(&fleet.orders_lock);
    struct order *newest = fleet.orders, *oldest = NULL;
    fleet.orders = NULL;
    pthread_mutex_unlock(&fleet.orders_lock);
    /* An `unload` may be answered at once only when no earlier order changes what it finds. */
    bool alone = newest != NULL && newest->next == NULL;
    while (newest != NULL) {
        struct order *order = newest;
        newest = order->next;
        order->next = NULL;
        if (alone && !is_work(order))
            continue;
        order->next = oldest;
        oldest = order;
    }
    return oldest;
}

static bool unload(const struct order *order, struct generation *generation)
{
    const struct plugin_record *record = record_of_conversion(order->name);
    if (record == NULL) {
        record = record_find(order->name);
        return record == NULL || (name_set_add(&generation->unloaded, record->name) &&
                                  name_set_add_all(&generation->disabled, &record->conversions));
    }
    if (!name_set_add(&generation->disabled, order->name))
        return false;
    for (size_t i = 0; i < record->conversions.n; i++) {
        if (!name_set_has(&generation->disabled, record->conversions.names[i]))
            return true;
    }
    return name_set_add(&generation->unloaded, record->name); /* nothing of it is left */
}

static void load(const struct order *order, struct generation *generation)
{
    const struct plugin_record *record = record_of_conversion(order->name);
    name_set_remove(&generation->disabled, order->name);
    if (record == NULL) {
        record = record_find(order->name);
        for (size_t i = 0; record != NULL && i < record->conversions.n; i++)
            name_set_remove(&generation->disabled, record->conversions.names[i]);
    }
    name_set_remove(&generation->unloaded, record != NULL ? record->name : order->name);
}

bool orders_apply(const struct order *orders, struct generation *generation, bool *ret_reads)
{
    bool reads = orders == NULL;
    for (const struct order *order = orders; order != NULL; order = order->next) {
        if (order->kind == ORDER_UNLOAD && !unload(order, generation))
            return false;
        if (order->kind == ORDER_LOAD)
            load(order, generation);
        reads = reads || order->kind != ORDER_UNLOAD;
    }
    *ret_reads = reads;
    return true;
}

/* --- answered --- */

static bool serves(const struct generation *generation, const char *name)
{
    for (size_t i = 0; i < generation->n_offers; i++) {
        if (strcmp(generation->offers[i].name, name) == 0 ||
            strcmp(generation->offers[i].plugin, name) == 0)
            return true;
    }
    return false;
}

/* The plugin that `name` is, or that has the conversion of this name. */
static const struct generation_plugin *plugin_behind(const struct generation *generation,
                                                     const char *name)
{
    const struct plugin_record *record = record_of_conversion(name);
    const char *plugin = record != NULL ? record->name : name;
    for (size_t i = 0; i < generation->n_plugins; i++) {
        if (strcmp(generation->plugins[i].name, plugin) == 0)
            return &generation->plugins[i];
    }
    return NULL;
}

static void judge_load(const struct order *order, const struct generation *generation)
{
    struct astro_error *err = &order->request->error;
    const char *name = order->name;
    const struct generation_plugin *plugin = plugin_behind(generation, name);
    if (plugin != NULL && plugin->failed && !plugin->loaded)
        astro_fail(err, ASTRO_INVALID_REQUEST, NULL, "the plugin %s cannot be loaded: %s",
                   plugin->name, plugin->error);
    else if (generation->gave_up_text[0] != '\0')
        astro_fail(err, ASTRO_INVALID_REQUEST, NULL, "nothing was loaded%s%s: %s",
                   generation->gave_up_plugin[0] != '\0' ? ", because of the plugin " : "",
                   generation->gave_up_plugin, generation->gave_up_text);
    else if (!serves(generation, name) && !(plugin != NULL && plugin->loaded) &&
             !name_set_has(&generation->disabled, name) &&
             !name_set_has(&generation->unloaded, name))
        astro_fail(err, ASTRO_UNKNOWN_CONVERSION, NULL,
                   "there is no conversion and no plugin called %s", name);
}

static void judge_unload(const struct order *order, const struct generation *generation)
{
    struct astro_error *err = &order->request->error;
    if (generation->gave_up_text[0] != '\0')
        astro_fail(err, ASTRO_INTERNAL, NULL, "nothing was unloaded: %s", generation->gave_up_text);
    else if (record_of_conversion(order->name) == NULL && record_find(order->name) == NULL)
        astro_fail(err, ASTRO_UNKNOWN_CONVERSION, NULL,
                   "there is no conversion and no plugin called %s", order->name);
}

void orders_answer(struct order *orders_take, const struct generation *generation)
{
    while (orders_take != NULL) {
        struct order *order = orders_take;
        orders_take = order->next;
        if (order->request != NULL && order->kind == ORDER_LOAD)
            judge_load(order, generation);
        if (order->request != NULL && order->kind == ORDER_UNLOAD)
            judge_unload(order, generation);
        answer(order);
    }
}

void orders_refuse(struct order *orders_take, int code, const char *text)
{
    while (orders_take != NULL) {
        struct order *order = orders_take;
        orders_take = order->next;
        refuse(order->request, code, text);
        mem_free(order);
    }
}
