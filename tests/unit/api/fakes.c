#include "fakes.h"

#include <stdio.h>
#include <string.h>

#include "astrolabe/error.h"
#include "memory/alloc.h"

struct fake_fleet fake_fleet;

const char *const verdict_words[VERDICTS] = {"warming", "steady", "leaking"};
const char *const reason_words[REASONS] = {"crash",  "exit",   "deadline", "memory",
                                           "reload", "killed", "start"};

/* --- figures.h --- */

static void *copy(const void *data, size_t n, size_t size)
{
    void *block = mem_zalloc(n + 1, size);
    if (block != NULL && n > 0)
        memcpy(block, data, n * size);
    return block;
}

/* The caller's own, deep enough for a sanitizer to see who forgets it. */
struct figures *figures_take(void)
{
    const struct figures *known = fake_fleet.known;
    if (known == NULL)
        return NULL;
    struct figures *figures = copy(known, 1, sizeof *known);
    figures->plugins = copy(known->plugins, known->n_plugins, sizeof *known->plugins);
    figures->hosts = copy(known->hosts, known->n_hosts, sizeof *known->hosts);
    for (size_t i = 0; i < figures->n_plugins; i++) {
        struct plugin_figures *plugin = &figures->plugins[i];
        plugin->retained = copy(plugin->retained, plugin->n_retained, sizeof *plugin->retained);
        plugin->conversions =
            copy(plugin->conversions, plugin->n_conversions, sizeof *plugin->conversions);
    }
    return figures;
}

void figures_release(struct figures *figures)
{
    if (figures == NULL)
        return;
    for (size_t i = 0; i < figures->n_plugins; i++) {
        mem_free(figures->plugins[i].retained);
        mem_free(figures->plugins[i].conversions);
    }
    mem_free(figures->plugins);
    mem_free(figures->hosts);
    mem_free(figures);
}

/* --- fleet.h --- */

static void keep(enum order order, struct request *request, const char *name)
{
    fake_fleet.order = order;
    fake_fleet.request = request;
    snprintf(fake_fleet.name, sizeof fake_fleet.name, "%s", name);
}

void fleet_load(struct request *request, const char *name)
{
    keep(ORDER_LOAD, request, name);
}

void fleet_unload(struct request *request, const char *name)
{
    keep(ORDER_UNLOAD, request, name);
}

void fleet_trace(struct request *request, const char *name, bool start, int frames)
{
    keep(ORDER_TRACE, request, name);
    fake_fleet.start = start;
    fake_fleet.frames = frames;
}

bool fleet_is_ready(void)
{
    return !fake_fleet.not_ready;
}

bool fleet_plugin_is_ready(const char *plugin)
{
    return fake_fleet.down == NULL || strcmp(fake_fleet.down, plugin) != 0;
}

bool fleet_admits(const char *plugin, struct astro_error *err, unsigned *ret_retry_after)
{
    (void)plugin, (void)err, (void)ret_retry_after;
    return true;
}

/* The rest is nothing to the API; it stands here so that no other fleet is linked. */
bool fleet_start(void (*ready)(void))
{
    (void)ready;
    return true;
}

void fleet_reload(const char *why)
{
    (void)why;
}

void fleet_drain(void)
{
}

void fleet_kill_all(void)
{
}

bool fleet_ended(void)
{
    return true;
}

void fleet_release(void)
{
}

void fleet_kill(struct host *host, const char *reason)
{
    (void)host, (void)reason;
}

void fleet_call_ended(const char *plugin)
{
    (void)plugin;
}

unsigned fleet_retry_after(void)
{
    return 1;
}
