/*
 * Frame: a call as it stands in a host's region, and what the host has made of it.
 *
 * Everything that a host writes is read once, bounded, and checked; offsets and lengths are
 * astrolabed's own.
 */
#ifndef ASTRO_PLUGINS_FRAME_H
#define ASTRO_PLUGINS_FRAME_H

#include <stdbool.h>

#include "plugins/host.h"

/*
 * Writes call->frame for call->pieces, taking memory for results, copies and the frame itself from
 * the host's region. False: no room there (pieces keep what they have got; it is released with them or
 * by frame_undo()).
 */
bool frame_build(struct host *host, struct plugin_call *call);
/* Gives back what frame_build() took for a request: it will be built again, for another host. */
void frame_undo(struct request *request);

/* Blocks of piece `i` that the host says it still refers to: bits over PIECE_BLOCKS. */
unsigned frame_retained(const struct plugin_call *call, unsigned i);
/* The slab behind a block of a piece; empty: there is none. */
const struct slab *frame_slab(const struct request *request, unsigned block);

/* Bytes of arrays in it. */
uint64_t frame_block_bytes(const struct request *request, unsigned block);

/* What became of piece `i`: its outputs are complete, or its request->error (and traceback) is set. On
 * the request's loop, its arena attached. */
void frame_read(const struct plugin_call *call, unsigned i);

#endif
