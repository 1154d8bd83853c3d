/*
 * A call: one conversion applied to one request's columns, from decoded arguments to encoded answer.
 *
 * Life       decode (serial, in slices) -> bind (shapes, ranges of scalars, context) -> run (chunks of rows,
 *            on all cores) -> encode (parts, on all cores) -> compress (serial, if asked) -> finish (loop)
 *            Small calls go through all stages on the loop; dear ones move to the pool at a stage's
 *            boundary and stay there (dispatch/pipeline.h).
 * Owner      the request; lies in its arena. Slabs are owned here and released in call_release().
 */
#ifndef ASTRO_REQUEST_CALL_H
#define ASTRO_REQUEST_CALL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/conversion.h"
#include "astrolabe/kernels.h"
#include "memory/slab.h"

struct request;
struct catalogue;
struct context;
struct codec;
struct work;
struct plugin_part;

enum { CALL_MAX_RANK = 32 };

/* Datatypes of the Open Inference Protocol. */
enum datatype {
    DATATYPE_BOOL,
    DATATYPE_UINT8,
    DATATYPE_UINT16,
    DATATYPE_UINT32,
    DATATYPE_UINT64,
    DATATYPE_INT8,
    DATATYPE_INT16,
    DATATYPE_INT32,
    DATATYPE_INT64,
    DATATYPE_FP16,
    DATATYPE_FP32,
    DATATYPE_FP64,
    DATATYPE_BYTES,
    DATATYPE_COUNT
};
const char *datatype_name(enum datatype datatype);
bool datatype_find(const char *name, size_t length, enum datatype *ret);
size_t datatype_size(enum datatype datatype); /* bytes of one element; 0 for BYTES */

size_t call_type_size(enum astro_type type); /* bytes of one value in a column */

struct call_input {
    bool present;
    bool broadcast; /* one element that stands for all rows */
    enum astro_origin origin;
    unsigned rank;    /* 0: a scalar */
    size_t count;     /* elements */
    const void *data; /* count values of the input's type, where they lie; texts borrow the body */
    double one;       /* home of a scalar */
    int64_t one_integer;
    struct astro_text one_text;
    size_t shape[CALL_MAX_RANK]; /* only the first `rank` are set */
};

struct call_output {
    bool wanted;
    bool binary;    /* OIP: as a binary tensor */
    unsigned place; /* OIP: position in the answer */
    void *data;     /* count values, in call->results */
};

struct call {
    struct request *request;                   /* borrowed: the owner */
    const struct astro_conversion *conversion; /* constant, or of `catalogue` */
    struct catalogue *catalogue;               /* counted reference; NULL: it is built in */
    size_t conversion_index;
    const struct codec *codec;
    enum astro_unit unit;
    unsigned n_wanted;

    /* Bound: what the answer looks like. */
    unsigned rank;
    size_t count;            /* rows */
    bool scalar;             /* plain API: numbers, not arrays */
    struct context *context; /* counted reference, or NULL: own_context */
    void *own_context;       /* in the arena: cheap contexts are not cached; set once prepared */
    uint32_t context_warnings;

    struct slab columns; /* decoded inputs (JSON, promoted types) */
    struct slab results; /* outputs; empty: in the arena */
    struct slab text;    /* encoded numbers; empty: in the arena */
    struct slab packed;  /* texts as binary tensors; empty: none */

    struct plugin_part *plugin; /* plugins/part.h, in the arena; NULL: a built-in conversion */

    /* What run() told, added up over chunks. The failure with the smallest row is the one reported:
     * row * ASTRO_MAX_INPUTS + input, UINT64_MAX while there is none. */
    _Atomic uint64_t failed;
    _Atomic uint64_t warnings[ASTRO_WARNING_COUNT];

    void *codec_state; /* the codec's own, in the arena */

    /* For statistics, monotonic ns: decode begins, run begins, encode begins, encode ends. */
    uint64_t t_decode, t_run, t_encode, t_end;
    uint64_t queue_ns; /* waited for a compute thread */

    struct work *work; /* the pipeline's own (dispatch/work.h), in the arena */

    /* Cleared as far as the conversion uses them: most have few of each. */
    struct call_output outputs[ASTRO_MAX_OUTPUTS];
    struct astro_value values[ASTRO_MAX_PARAMETERS];
    size_t shape[CALL_MAX_RANK];
    /* Last: memory is taken for conversion->n_inputs of them only. */
    struct call_input inputs[ASTRO_MAX_INPUTS];
};

/* In the request's arena; NULL when out of memory. */
struct call *call_create(struct request *request, const struct astro_conversion *conversion,
                         size_t index, const struct codec *codec);
void call_release(struct call *call); /* slabs and the context; NULL is fine */

/* The last step of decoding, for both codecs: defaults of the parameters, the unit, shapes. Errors
 * go to the request's. */
bool call_complete(struct call *call);
/* Shapes and broadcasting: sets rank, shape, count, scalar from the inputs. missing_input,
 * shape_mismatch. one_element_broadcasts: OIP, where a tensor of one element is a scalar. */
bool call_bind_shapes(struct call *call, bool one_element_broadcasts, struct astro_error *err);
/* The index of a row in the answer's shape, as text: "3", "1,2", "" for a scalar. */
void call_row_text(const struct call_input *input, size_t row, char *out, size_t size);
/* Name -> index among inputs / outputs / parameters; -1. */
int call_input_find(const struct astro_conversion *conversion, const char *name, size_t length);
int call_output_find(const struct astro_conversion *conversion, const char *name, size_t length);
int call_parameter_find(const struct astro_conversion *conversion, const char *name, size_t length);
/* unknown_name with the nearest known one, or all that are known; always false. */
bool call_fail_unknown(const struct astro_conversion *conversion, const char *name, size_t length,
                       struct astro_error *err);
/* The same for inputs and outputs alone. */
bool call_fail_unknown_input(const struct astro_conversion *conversion, const char *name,
                             size_t length, struct astro_error *err);
bool call_fail_unknown_output(const struct astro_conversion *conversion, const char *name,
                              size_t length, struct astro_error *err);
/* How much of a text from the wire fits into `most` bytes without cutting a character. */
size_t call_cut(const char *text, size_t length, size_t most);
/* overloaded: an arena or the slabs are exhausted; always false. */
bool call_fail_memory(struct astro_error *err);
/* Names the argument concerned in an error that does not name one yet; always false. */
bool call_blame(struct astro_error *err, const char *field);
/* Query-string parameters of both APIs (percent-decoded); duplicates and unknown names fail. */
bool call_read_query(struct call *call, struct astro_error *err);

#endif
