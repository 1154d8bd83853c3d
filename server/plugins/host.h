/*
 * Host: one plugin host process, as astrolabed sees it. What the queue needs stands here; how a
 * process is started, watched and replaced is the fleet's (plugins/fleet.h).
 *
 * States     STARTING -> READY -> DRAINING -> DEAD; any state but DEAD may go to DEAD at once
 *            STARTING  the process exists, plugins are being loaded; takes no calls
 *            READY     takes calls
 *            DRAINING  finishes what it has; takes no new calls (replaced, reloaded, shut down)
 *            DEAD      the process is gone; its calls have been answered; the record is freed when the
 *                      last of its blocks has been released
 * Calls      At most HOST_DEPTH at once: one at work, one waiting in the ring, so that the host never
 *            idles between two. astrolabed keeps its own record of each (struct plugin_call); what the
 *            host writes is checked against it.
 * Threads    Everything below the line is guarded by plugins_lock() (plugins/queue.h).
 */
#ifndef ASTRO_PLUGINS_HOST_H
#define ASTRO_PLUGINS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plugins/protocol.h"
#include "plugins/region.h"

struct loop;
struct request;
struct generation;    /* the fleet's own */
struct fleet_process; /* the fleet's own */

enum { HOST_DEPTH = 2, HOST_EARLY = PROTOCOL_RELEASES };

enum host_state { HOST_STARTING, HOST_READY, HOST_DRAINING, HOST_DEAD };
const char *host_state_word(enum host_state state); /* "starting", "ready", "draining", "dead" */

/* One call on its way through a host: one request, or several that were joined. */
struct plugin_call {
    uint64_t id;   /* never used twice in a process; the loop's index in its top 8 bits */
    uint32_t loop; /* all pieces belong to it */
    uint32_t n_pieces;
    struct request *pieces[PROTOCOL_MAX_PIECES]; /* lent to the host; state WORK */
    struct slab frame;
    uint32_t pieces_offset; /* of the frame's pieces, as we have written it */
    bool completed;         /* its completion stands in the ring of a host that has died */
    struct host_conversion *conversion; /* of the host's table */
    uint64_t begun_ns; /* when it became the first of its host's calls: its time runs from then */
    uint64_t kill_ns;  /* monotonic: when the host is killed for it */
};

/* An array block that outlived its call, because an object in the host refers to it. */
struct retained {
    struct retained *next;
    struct slab slab;
    uint64_t offset; /* of the slab in its region: its identity in the ring of releases */
    uint64_t bytes;  /* as asked for */
    uint64_t since_ns;
    bool output;
    char plugin[64];
    char request_id[64];
};

/* What a host calls a conversion; sorted by name. */
struct host_conversion {
    char name[64];
    uint64_t digest; /* a request is served by a host that has its name and its digest */
    uint32_t number;
    double mean_ns; /* of its calls, exponentially weighted; under plugins_lock(); 0: none yet */
};

struct host {
    uint32_t index; /* place among the hosts of its generation: the label in the metrics */
    pid_t pid;
    int wake; /* eventfd */
    struct region_memory *region;
    struct fleet_process *process;       /* borrowed: the fleet's side of this host */
    struct generation *generation;       /* borrowed */
    struct host_conversion *conversions; /* set before READY, constant afterwards but for mean_ns */
    size_t n_conversions;
    struct host *next; /* in the queue's list of hosts that may take calls */
    /* --- under plugins_lock() --- */
    enum host_state state;
    bool stuck;                           /* being killed: no more calls, its death follows */
    struct plugin_call calls[HOST_DEPTH]; /* in the order of submission: the first is at work */
    unsigned n_calls;
    struct retained *retained;
    uint64_t early[HOST_EARLY]; /* blocks released before their call's completion was read */
    unsigned n_early;
    uint64_t retained_objects, retained_bytes;
    uint64_t served, busy_ns; /* calls; time in Python */
};

#endif
