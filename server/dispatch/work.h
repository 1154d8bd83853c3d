/*
 * Work: one call on its way through the stages; what pipeline.c, stages.c, run.c and compress.c share.
 *
 * Owner      The request: it lies in its arena, from pipeline_start() on. While request->state is WORK
 *            it belongs to the job at work (one serial part, or the parts of one parallel stage).
 * Stages     in order; a stage that fails sets request->error and nothing after it begins. RUN and
 *            ENCODE are the serial beginnings (memory is taken), RUNNING and ENCODING the parts,
 *            several at once.
 */
#ifndef ASTRO_DISPATCH_WORK_H
#define ASTRO_DISPATCH_WORK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dispatch/pool.h"
#include "request/call.h"
#include "request/request.h"

enum stage {
    STAGE_INFLATE,  /* serial, in slices: the body's gzip or deflate is undone */
    STAGE_DECODE,   /* serial, in slices */
    STAGE_BIND,     /* serial: scalars are checked, the context is found or made */
    STAGE_RUN,      /* serial: room for results, plan of the chunks */
    STAGE_RUNNING,  /* parallel: chunks of rows */
    STAGE_PLUGIN,   /* instead of these two: it is with the queue and the plugin hosts */
    STAGE_ENCODE,   /* serial: room for the answer */
    STAGE_ENCODING, /* parallel: the codec's parts */
    STAGE_COMPRESS, /* serial, in slices */
    STAGE_SAID      /* the response is there */
};

struct packer;

struct work {
    struct job job; /* first: the pool gives back the job, and this is its owner */
    struct request *request;
    struct call *call;
    enum stage stage;
    bool pooled;       /* the loop's cache and free lists are out of reach */
    bool keep_context; /* call->context was made on the pool: the loop's cache may want it */
    size_t slice;      /* bytes of the next serial slice; 0: not measured yet */
    size_t parts;      /* of the parallel stage: chunks of rows, then the codec's parts */
    size_t chunk_rows;
    double decode_ns;      /* as predicted at the beginning */
    double run_ns;         /* the same for all rows; known once they are decoded */
    size_t run_failed;     /* row of request->error while run() set it, SIZE_MAX (run.c's lock) */
    struct packer *packer; /* compress.c's own; NULL: not begun */
};

/* Nobody wants the rest. */
static inline bool work_cancelled(const struct work *work)
{
    return atomic_load_explicit(&work->job.cancelled, memory_order_relaxed);
}

/* Inputs whose values have a range: astro_check_column() looks at them before run(). */
static inline bool work_is_ranged(const struct astro_field *field)
{
    return field->type == ASTRO_FP64 &&
           (field->role == ASTRO_LATITUDE || field->role == ASTRO_DISTANCE);
}

/* Predicted ns of what is left, as far as it can be known at this stage. */
double work_cost(const struct work *work);

/*
 * Serial stages. They move work->stage on when they are complete; false: request->error is set.
 * `budget` is in bytes, decoded bytes for inflating.
 */
bool stage_inflate(struct work *work, size_t budget);
bool stage_decode(struct work *work, size_t budget);
bool stage_bind(struct work *work);
bool stage_encode_begin(struct work *work);
bool stage_encode_end(struct work *work);

/* run.c: room and plan (threads: how many may share it); one chunk; errors, warnings, and what is
 * not needed any more. */
bool run_begin(struct work *work, unsigned threads);
void run_part(struct work *work, size_t part);
bool run_end(struct work *work);
/* Columns with a range, all rows of them: for who runs them elsewhere. */
bool run_check_columns(struct call *call, struct astro_error *err);
/* Inputs are not needed any more; small ones go with the arena. */
void run_release_inputs(struct call *call);
/* Rows per chunk for `count` rows: see run.c. */
size_t run_chunk_rows(size_t count, double ns_per_row, unsigned threads);

/* compress.c: cannot fail; when memory is short the answer goes out as it is. */
bool compress_wanted(const struct request *request);
double compress_cost(uint64_t bytes);
void compress_slice(struct work *work, size_t budget);
void compress_release(struct work *work); /* in any state; a second time too */

#endif
