/*
 * Frame: what a call is made of, checked once before anything in it is used.
 */
#ifndef ASTRO_PLUGIN_HOST_FRAME_H
#define ASTRO_PLUGIN_HOST_FRAME_H

#include "plugin_host/host.h"

/* A frame that makes sense: numbers exist, places are within the region and the frame. Borrowed from the
 * region. */
struct call_frame {
    struct frame *frame;
    struct conversion *conversion;
    struct frame_piece *pieces;
    const struct frame_value *values;
    size_t n_pieces, n_values;
    size_t rows; /* of all pieces */
};

/* False: it makes no sense; text in error, *ret untouched. */
bool frame_open(struct ring_entry entry, struct call_frame *ret, char error[256]);

/* Text within a frame; checked by frame_open(). */
static inline const char *frame_text(const struct frame *frame, uint32_t offset)
{
    return (const char *)frame + offset;
}
static inline struct frame_piece *frame_pieces(struct frame *frame)
{
    return (struct frame_piece *)(void *)((char *)frame + frame->pieces_offset);
}

#endif
