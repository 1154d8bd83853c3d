/* The plain API's codec: what its two files share. */
#ifndef ASTRO_CODEC_PLAIN_H
#define ASTRO_CODEC_PLAIN_H

#include "codec/answer.h"
#include "codec/codec.h"
#include "codec/reader.h"

struct plain_span {
    unsigned input;
    struct reader_span span;
};

struct plain_state {
    struct reader reader;
    size_t left; /* bytes of text not looked at as numbers yet, for the prediction */
    bool members_read;
    unsigned n_spans, current; /* arrays found; the one being scanned */
    bool scanning;
    struct answer *answer;
    struct column_scan scan;
    void *columns[ASTRO_MAX_INPUTS];
    struct plain_span spans[ASTRO_MAX_INPUTS];
};

double plain_encode_cost(const struct call *call);
bool plain_encode_begin(struct call *call, size_t *ret_parts);
void plain_encode_part(struct call *call, size_t part);
bool plain_encode_end(struct call *call);

#endif
