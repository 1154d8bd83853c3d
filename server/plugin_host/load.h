/*
 * Load: the plugins of a directory and the conversions they define.
 *
 * A plugin that cannot be loaded is reported and left out; the others go on.
 */
#ifndef ASTRO_PLUGIN_HOST_LOAD_H
#define ASTRO_PLUGIN_HOST_LOAD_H

#include "plugin_host/host.h"

/* Who hears of it: the control socket, or --check. All arguments are borrowed. */
struct load_listener {
    void (*loading)(void *context, const char *plugin);
    /* descriptions: array of objects as in plugins/protocol.h. False: it cannot be told; the plugin
     * counts as failed, with `error`. */
    bool (*loaded)(void *context, const char *plugin, double seconds, json_t *descriptions,
                   char error[512]);
    void (*failed)(void *context, const char *plugin, const char *error, const char *traceback);
    void *context;
};

struct load_order {
    const char *directory, *shown; /* shown: the directory's name in texts */
    const json_t *skip;            /* names of plugins; NULL: none */
    const json_t *disabled;        /* names of conversions; NULL: none */
};

/* Fills host.plugins and host.conversions. False: the directory cannot be read; text in error. */
bool load_all(const struct load_order *order, const struct load_listener *listener,
              char error[512]);
/* A collection, and what is alive now is left out of later ones. */
void load_settle(void);
/* Plugins' teardown hooks. */
void load_teardown(void);
/* The plugin of this name; NULL. */
struct plugin *load_plugin_find(const char *name);

#endif
