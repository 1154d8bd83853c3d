/*
 * Breaker: a plugin whose hosts keep dying under it is switched off for a while.
 *
 *   CLOSED  served. FLEET_CRASHES deaths within FLEET_CRASH_WINDOW_S: OPEN
 *   OPEN    refused, for 10 s at first, doubling to 10 min; then the next call is let in: TRIAL
 *   TRIAL   one call is on its way. It ends: CLOSED. Another crash: OPEN, twice as long. Neither within
 *           a minute (its client has left): the next call is the trial
 *   BARRED  refused until the next reload: it cannot be loaded any more
 *
 * Threads    Any; a lock of its own, under which nothing else is taken. While all are CLOSED admitting
 *            a call costs one load.
 */
#ifndef ASTRO_PLUGINS_BREAKER_H
#define ASTRO_PLUGINS_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct astro_error;

/* Seconds that it is switched off for by this crash; 0: it stays on. */
double breaker_crashed(const char *plugin, uint64_t now_ns);
bool breaker_admits(const char *plugin, uint64_t now_ns, struct astro_error *err,
                    unsigned *ret_retry_after);
/* True: that was the trial, and the plugin is back. */
bool breaker_call_ended(const char *plugin, uint64_t now_ns);
void breaker_bar(const char *plugin, const char *why);
void breaker_unbar(const char *plugin);
/* Everything is CLOSED and forgotten: new versions are loaded. */
void breaker_reset(void);

/* Would a call be refused? Never takes the trial. breaker_explain() says why. */
bool breaker_refuses(const char *plugin, uint64_t now_ns);
void breaker_explain(const char *plugin, uint64_t now_ns, struct astro_error *err);
bool breaker_refuses_any(uint64_t now_ns);

#endif
