/*
 * Server: what all loops share: read-only after start, but for a few atomics.
 */
#ifndef ASTRO_PROCESS_SERVER_H
#define ASTRO_PROCESS_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth/tokens.h"
#include "settings/settings.h"

struct loop;
struct pool;

struct server {
    struct settings settings;
    struct loop **loops; /* settings.loops of them */
    size_t n_loops;
    struct pool *pool;
    _Atomic bool draining; /* SIGTERM came: ready is false */
    _Atomic bool ready;
    uint64_t started_ns; /* monotonic */
    int64_t started_unix_s;
    _Atomic unsigned loops_ended;
    _Atomic unsigned connections; /* open, over all loops: for limits.connections */
};

extern struct server server; /* the process is the server; one of it */

/* Version of the project, and when and by what it was built: "0.1.0". */
extern const char *const server_version;

#endif
