/*
 * Arrays: NumPy arrays over the blocks of a piece, without a copy; scalars; parameters.
 *
 * Inputs are read-only; their base is the capsule of their block (blocks.h), and nothing can make
 * them writable. Scalars, texts and booleans are copies; so are outputs of booleans. Outputs are writable. All functions return new references, NULL with an exception set.
 */
#ifndef ASTRO_PLUGIN_HOST_ARRAYS_H
#define ASTRO_PLUGIN_HOST_ARRAYS_H

#include "plugin_host/blocks.h"
#include "plugin_host/frame.h"

/* The blocks of a piece that arrays have been made over. Starts as zeroes but for the owner. */
struct lent {
    unsigned owner; /* in the ledger */
    struct block *blocks[PIECE_BLOCKS];
};

/* An input of the piece; None when it is absent. */
PyObject *arrays_input(struct lent *lent, const struct call_frame *call,
                       const struct frame_piece *piece, size_t index);
/* Where an output goes, or, when it is not wanted, an array like that; full of NaN (reals) or 0.
 * Booleans never go there: results.h copies them. */
PyObject *arrays_output(struct lent *lent, const struct call_frame *call,
                        const struct frame_piece *piece, size_t index);
/* The call is done with the piece: says of its blocks whether something else refers to them. */
void arrays_leave(struct lent *lent, struct frame_piece *piece);

/* The same input of all pieces behind each other, scalars repeated: one-dimensional, of its own memory. */
PyObject *arrays_joined_input(const struct call_frame *call, size_t index);
/* Whether all pieces have or lack the same inputs. */
bool arrays_can_join(const struct call_frame *call);
/* Room for `count` results. */
PyObject *arrays_joined_output(const struct call_frame *call, size_t index);

/* A parameter as the function gets it. */
PyObject *arrays_value(const struct call_frame *call, const struct frame_value *value);

/* A shape as NumPy wants it. */
int arrays_shape(const struct frame_piece *piece, Py_intptr_t ret_shape[PROTOCOL_MAX_RANK]);
/* The number of NumPy's type for a column, and for its cells in the region: there a boolean is an
 * int64_t, 0 or 1. */
int arrays_type(enum astro_type type);
int arrays_cell_type(enum astro_type type);

#endif
