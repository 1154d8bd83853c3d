/*
 * Frame inputs: the arrays of a request as a host sees them.
 *
 * Numbers stay where they were decoded when that is the host's region, at an address that NumPy takes;
 * all others are copied there, together, into the part's `copies`. Texts always are: their column
 * points into astrolabed's own memory, and the host gets struct frame_text and the bytes behind it.
 */
#ifndef ASTRO_PLUGINS_FRAME_INPUTS_H
#define ASTRO_PLUGINS_FRAME_INPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "plugins/protocol.h"
#include "plugins/region.h"

struct call;
struct call_input;
struct request;

/* Places of a piece's blocks. */
enum frame_block_kind { BLOCK_BODY, BLOCK_COLUMNS, BLOCK_COPIES, BLOCK_RESULTS };

bool frame_is_array(const struct call_input *input); /* else absent, or one value for all rows */
bool frame_has_array(const struct call *call);
/* Whether the memory at `data` belongs to this slab of a region. */
bool frame_lies_in(const struct slab *slab, const struct region_memory *region, const void *data);

/* Whatever does not lie in the region yet is copied to it. False: no room. */
bool frame_copy_inputs(struct request *request, struct region_memory *region);
/* The same for the region that is the likeliest one, if there are texts: done ahead by the thread that
 * has the request, because frame_build() runs under plugins_lock(). No room is no failure yet. */
void frame_copy_texts_ahead(struct request *request);

/* Bytes of texts that stand in the frame: those that are one value for all rows. */
size_t frame_scalar_texts(const struct call *call);
/* Input i after frame_copy_inputs(). A text is put to frame + *text, which moves behind it. */
void frame_write_input(const struct request *request, const struct region_memory *region, size_t i,
                       char *frame, uint32_t *text, struct frame_input *out);

/* What of the inputs lies in a slab: bytes, and how far the last one reaches. */
uint64_t frame_inputs_bytes(const struct request *request, const struct slab *slab);
uint64_t frame_inputs_extent(const struct request *request, const struct slab *slab);

#endif
