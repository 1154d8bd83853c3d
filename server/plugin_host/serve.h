/*
 * Serve: the life of a host under astrolabed.
 */
#ifndef ASTRO_PLUGIN_HOST_SERVE_H
#define ASTRO_PLUGIN_HOST_SERVE_H

#include "plugin_host/limits.h"

/* Returns the exit status (HOST_EXIT_*). */
int serve(const struct limits *limits);

#endif
