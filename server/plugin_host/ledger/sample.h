/*
 * Sample: the levels of one plugin at a point that is equal to the points before: after a call, after
 * a collection.
 *
 * Threads    main thread, with the GIL and no exception set; runs finalizers of plugins' objects.
 */
#ifndef ASTRO_PLUGIN_HOST_SAMPLE_H
#define ASTRO_PLUGIN_HOST_SAMPLE_H

#include <stdbool.h>

#include "plugin_host/ledger/owners.h"

/* When a verdict is given; trend.h. Offline these adapt to the number of calls. */
struct sample_rules {
    double min_calls, early_calls;
    unsigned share; /* samples take at most one part in so many of the time; 0: what they need */
};
extern struct sample_rules sample_rules;

/* Notices who switches the collector off: called when who is at work changes. `owner` was at work. */
void sample_watch_collector(unsigned owner);

/* A collection, between calls; what nobody else would have collected is charged to whose doing that is. */
void sample_collect(struct owner *owner);

/* Collects, measures, judges. True: the verdict or its kind has changed. */
bool sample_take(struct owner *owner);

/* Current levels, without collecting and judging. */
void sample_levels(const struct owner *owner, double ret[LEVELS]);

#endif
