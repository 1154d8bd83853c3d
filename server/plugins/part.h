/*
 * Part: what a call for a plugin conversion has beside what every call has.
 *
 * Life       IDLE (decoding) -> TURN (came in this turn of its loop) -> WAITING (in the queue) -> HOST
 *            (in a call of a host) -> ENDED (back on its loop); TURN is skipped by requests that come
 *            from the compute pool.
 * Owner      the call; lies in the request's arena. plugin_part_release() gives back what is foreign.
 * Memory     Arrays lie in the region of the host that was the likeliest when the head was read. Where
 *            another one serves the request, and for what lay in the arena, copies are made.
 * Threads    IDLE and ENDED: whoever has the request. In between: under plugins_lock().
 */
#ifndef ASTRO_PLUGINS_PART_H
#define ASTRO_PLUGINS_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "astrolabe/conversion.h"
#include "memory/slab.h"
#include "plugins/region.h"

struct call;
struct request;
struct plugin_conversion;

enum part_state { PART_IDLE, PART_TURN, PART_WAITING, PART_HOST, PART_ENDED };

struct plugin_part {
    struct request *request;                    /* borrowed: the owner */
    const struct plugin_conversion *conversion; /* held by the call's catalogue */
    struct region_memory *region;               /* a reference; NULL: no host was up */
    struct slab copies;                         /* inputs that did not lie in the host's region */
    const void *texts[ASTRO_MAX_INPUTS];        /* arrays of BYTES: their struct frame_text there */
    enum part_state state;
    bool alone; /* was in a joined call whose host died: not joined again */
    bool tried; /* has begun on a host that died: not begun again */
    bool from_loop;
    struct plugin_part *previous, *next; /* in the list of its state */
    uint64_t queued_ns;                  /* monotonic */
    char request_id[64];
};

/* In the request's arena, with the region its arrays should go to. NULL: request->error is set
 * (overloaded, plugin_error, ...). */
struct plugin_part *plugin_part_create(struct request *request,
                                       const struct plugin_conversion *conversion);
void plugin_part_release(struct plugin_part *part);
/* Where its arrays are to be taken from; NULL (also for NULL): the pool. */
struct slab_source *plugin_part_source(const struct plugin_part *part);

#endif
