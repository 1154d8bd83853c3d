/*
 * The Open Inference Protocol's codec: what its files share.
 *
 * Phases of decoding, each in slices:
 *   header    oip_request.c, oip_tensor.c: the JSON part; arrays are only measured
 *   layout    oip_binary.c: which tensor lies where; every size is checked before anything is taken
 *   tensors   oip_binary.c: JSON arrays scanned, other datatypes promoted, FP64 left where it lies
 */
#ifndef ASTRO_CODEC_OIP_H
#define ASTRO_CODEC_OIP_H

#include <string.h>

#include "codec/answer.h"
#include "codec/codec.h"
#include "codec/reader.h"

struct oip_text {
    const char *data; /* NULL: was not there */
    size_t length;
};

/* One entry of `inputs`. */
struct oip_tensor {
    int input; /* -1 until the name is known */
    bool has_name, has_shape, has_datatype, has_data, has_parameters;
    bool has_size; /* binary_data_size: the tensor is binary */
    bool data_null;
    enum datatype datatype;
    unsigned rank;
    size_t count; /* elements, by the shape */
    uint64_t binary_size;
    const char *bytes;       /* where a binary one lies; any alignment */
    void *column;            /* where its values go; NULL: they stay where they lie */
    struct reader_span span; /* of a JSON one */
    size_t shape[CALL_MAX_RANK];
};

/* Where in the header the cursor stands. */
enum oip_level { OIP_TOP, OIP_INPUTS, OIP_TENSOR, OIP_HEADER_READ };

struct oip_state {
    struct reader reader;
    enum oip_level level;
    bool laid_out, scanning;
    size_t header; /* bytes of JSON */
    size_t passed; /* bytes of the array that the last step passed over */
    size_t left; /* bytes of JSON and of tensors to promote not worked on yet, for the prediction */

    bool seen_id, seen_parameters, seen_inputs, seen_outputs, seen_model_name;
    struct oip_text id; /* as it stood in the request, with its quotes */
    bool binary_default;
    unsigned n_order; /* requested outputs, in the order of the answer; 0: all */
    uint8_t order[ASTRO_MAX_OUTPUTS];
    bool binary_said[ASTRO_MAX_OUTPUTS], binary[ASTRO_MAX_OUTPUTS];

    unsigned n_tensors, current;
    size_t done;      /* elements of the current tensor that are ready */
    const char *text; /* where the next element of a binary tensor of texts begins */
    struct answer *answer;
    const char *binary_data[ASTRO_MAX_OUTPUTS]; /* what leaves as binary tensors, by output */
    size_t binary_bytes[ASTRO_MAX_OUTPUTS];
    struct column_scan scan;
    struct oip_tensor
        tensors[]; /* one more than the conversion has inputs: the last must be a mistake */
};

/* Inline, so that the length of a literal is a constant: an inference request has many keys. */
static inline bool oip_is(struct reader_string key, const char *text)
{
    size_t length = strlen(text);
    return key.length == length && memcmp(key.data, text, length) == 0;
}

/* oip_keys.c */
/* False, and duplicate_key: the key stands there for the second time. */
bool oip_once(struct call *call, bool *seen, const char *key, const char *where);
bool oip_unknown_key(struct reader *reader, const struct reader_string *key, const char *where,
                     const char *known);
/* null, consumed: clients that write every optional member mean its absence. */
bool oip_absent(struct reader *reader);
bool oip_open_object(struct reader *reader, const char *field, const char *what);
bool oip_open_array(struct reader *reader, const char *what);
bool oip_read_flag(struct reader *reader, const char *name, bool *ret);
/* A whole number that is not negative; anything else is an error with this code. */
bool oip_read_whole(struct reader *reader, const char *name, enum astro_code code, uint64_t *ret);

/* oip_request.c */
struct oip_state *oip_begin(struct call *call); /* NULL: the error is set */
enum step oip_read_header(struct call *call, struct oip_state *state, size_t *budget);

/* oip_tensor.c */
bool oip_open_tensor(struct call *call, struct oip_state *state);
bool oip_read_tensor_member(struct call *call, struct oip_state *state,
                            const struct reader_string *key);
bool oip_close_tensor(struct call *call, struct oip_state *state);
/* "ra", or "inputs[2]" while its name is not known. */
const char *oip_label(const struct call *call, const struct oip_state *state,
                      const struct oip_tensor *tensor, char *room, size_t size);
enum { OIP_LABEL = 64 };

/* oip_binary.c */
bool oip_lay_out(struct call *call, struct oip_state *state);
enum step oip_read_tensors(struct call *call, struct oip_state *state, size_t *budget);

/* oip_response.c */
void oip_choose_outputs(struct call *call, struct oip_state *state);
bool oip_check_answer(struct call *call); /* too_large, before anything is computed */
double oip_encode_cost(const struct call *call);
bool oip_encode_begin(struct call *call, size_t *ret_parts);
void oip_encode_part(struct call *call, size_t part);
bool oip_encode_end(struct call *call);

/* A slice's rest; false: it is used up. */
static inline bool oip_spend(size_t *budget, size_t bytes)
{
    *budget = bytes < *budget ? *budget - bytes : 0;
    return *budget > 0;
}

#endif
