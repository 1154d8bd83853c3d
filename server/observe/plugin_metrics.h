/*
 * Plugin metrics: the rows of /metrics that tell of plugins and their hosts. Nothing is written for
 * NULL, which stands for "no plugins are configured".
 */
#ifndef ASTRO_OBSERVE_PLUGIN_METRICS_H
#define ASTRO_OBSERVE_PLUGIN_METRICS_H

#include "observe/exposition.h"
#include "plugins/figures.h"

/* A sample of the family astrolabe_queue_depth, which has begun. */
void plugin_metrics_queue(struct exposition *out, const struct figures *figures);
/* Families of their own. */
void plugin_metrics(struct exposition *out, const struct figures *figures);

#endif
