/*
 * Fleet: the plugin hosts, started, watched, replaced, reloaded, ended. Lives on loop 0.
 *
 * Generation What one reading of plugins.directory gave: a private copy of the directory (so that a
 *            host that is replaced loads what its siblings have loaded, whatever has happened to the
 *            files since), `plugins.hosts` hosts, a set of conversions. A reload makes a new one beside the
 *            old one; when all of its hosts are ready, the catalogue changes over and the old one
 *            drains. When a plugin that is serving fails to load in it, it is given up as a whole,
 *            and the old one goes on.
 * Start      astrolabed is ready when the first generation is. A plugin that cannot be loaded is
 *            reported and missing; the others serve.
 * Death      Seen through the pidfd. Reason words, for the log and the metrics: crash, exit, deadline,
 *            memory, reload, killed, start. The successor starts at once; when hosts die young, after a
 *            back-off that doubles from 100 ms to 30 s, with jitter.
 * Breaker    A plugin at work in FLEET_CRASHES deaths within FLEET_CRASH_WINDOW_S is switched off for a
 *            while (doubling from 10 s to 10 min, one trial call then): its requests get 503 with
 *            Retry-After and its name; the log and /v1/debug/memory name it. A plugin at whose import the
 *            host dies is skipped from then on, until the next reload.
 * Memory     A host above plugins.max_rss is replaced: the successor is ready before the old one drains.
 *            Not more than one at a time, and not within a minimum life, with jitter. The kernel's own
 *            limit stands above it.
 * Threads    Loop 0, but for what says otherwise. State that others read is under plugins_lock().
 */
#ifndef ASTRO_PLUGINS_FLEET_H
#define ASTRO_PLUGINS_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;
struct request;
struct astro_error;

enum { FLEET_CRASHES = 5, FLEET_CRASH_WINDOW_S = 60 };

/* With plugins.directory set: starts the first generation. ready(): called on loop 0, once, when
 * it is ready or has failed for good. False: cannot be started at all (text logged). */
bool fleet_start(void (*ready)(void));
/* Reads the directory again. Does nothing without plugins. */
void fleet_reload(const char *why);
/* Shutdown: hosts drain; after the grace they are killed. fleet_ended() turns true on loop 0. */
void fleet_drain(void);
void fleet_kill_all(void);
bool fleet_ended(void);
/* After the loops have ended: frees everything, removes the copies. */
void fleet_release(void);

/* The host works too long on its call. Locked by the caller. */
void fleet_kill(struct host *host, const char *reason);

/*
 * POST load / unload, for the name of a conversion or of a plugin. The request is in state WORK; its
 * answer is given by request->later (request/request.h) on its own loop. Any loop.
 */
void fleet_load(struct request *request, const char *name);
void fleet_unload(struct request *request, const char *name);
/* POST /v1/debug/plugins/{name}/trace {"action", "frames"}: the same way. */
void fleet_trace(struct request *request, const char *name, bool start, int frames);

/* False: requests for this plugin are refused at present; *err is set, *ret_retry_after in seconds. */
bool fleet_admits(const char *plugin, struct astro_error *err, unsigned *ret_retry_after);
/* One more answer from the plugin's code, good or raised: a trial call has gone well. */
void fleet_call_ended(const char *plugin);
/* Every plugin that was loaded at the start or by the last good reload can be served right now. */
bool fleet_is_ready(void);
bool fleet_plugin_is_ready(const char *plugin);
/* Figures of all of this: plugins/figures.h. */

/* How many seconds until a host may be up again: for Retry-After. At least 1. */
unsigned fleet_retry_after(void);

#endif
