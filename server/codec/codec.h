/*
 * Codec: between the bytes of a message and the columns of a call. Knows arrays, not sockets.
 *
 * Two of them: plain (section 4.1 of the design) and oip (Open Inference Protocol with binary tensors).
 * Every function may run on the loop or on a pool thread; for one call they never run at the same time,
 * except encode_part for different parts. Errors go into request->error.
 */
#ifndef ASTRO_CODEC_CODEC_H
#define ASTRO_CODEC_CODEC_H

#include <stdbool.h>
#include <stddef.h>

#include "request/call.h"
#include "request/request.h"

enum step { STEP_FAILED, STEP_MORE, STEP_DONE };

struct codec {
    const char *name;
    /*
     * One slice of decoding, of about `budget` bytes of text (SIZE_MAX: to the end). DONE: values,
     * inputs and outputs of the call are filled in, parameters completed, shapes bound.
     * The body is not needed afterwards unless an input's data lies in it: the codec releases
     * body.slab as soon as nothing points there.
     */
    enum step (*decode)(struct call *call, size_t budget);
    /* Predicted cost in ns of decoding what is left, and of encoding `count` rows. */
    double (*decode_cost)(const struct call *call);
    double (*encode_cost)(const struct call *call);
    /*
     * After run(): takes the memory for the answer and says in how many parts it is written
     * (0 is fine). Allocation happens here, not in the parts.
     */
    bool (*encode_begin)(struct call *call, size_t *ret_parts);
    void (*encode_part)(struct call *call, size_t part);
    /* Puts the pieces together: response_begin, response_piece, ... (head not yet written). */
    bool (*encode_end)(struct call *call);
    bool one_element_broadcasts;
};

extern const struct codec codec_plain;
extern const struct codec codec_oip;

#endif
