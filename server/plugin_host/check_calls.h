/*
 * Calls: a plugin's function called as astrolabed has it called, with frames and blocks in a region that
 * is this process's own.
 *
 * Blocks that the plugin keeps are not used again before it lets them go.
 */
#ifndef ASTRO_PLUGIN_HOST_CHECK_CALLS_H
#define ASTRO_PLUGIN_HOST_CHECK_CALLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/protocol.h"

/* The region. False: no memory. Once. */
bool calls_open(void);

struct calls_of {
    const json_t *description; /* borrowed */
    size_t rows;               /* of arrays; at least 1 */
    uint64_t made, failed;     /* pieces: requests */
    char error[448];           /* of the first that failed */
    char traceback[PROTOCOL_TRACEBACK];
};

enum calls_end { CALLS_DONE, CALLS_FULL /* the plugin keeps so much that there is no room left */ };

/* One call (of several pieces now and then, if it is elementwise), and what a host does after it. */
enum calls_end calls_make(struct calls_of *calls);

#endif
