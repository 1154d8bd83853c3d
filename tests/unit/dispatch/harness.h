/*
 * A loop, a pool, a fake conversion and a fake codec, so that a request can be taken through the
 * pipeline without a socket and stopped wherever a test wants to.
 *
 * The conversion   y = scale * lat + dist [+ extra], z = dist; `lat` and `dist` have ranges. A row
 * with dist == UNLUCKY fails in run(), one with dist == ODD is warned about. The codec "decodes"
 * columns that the plan points to, and "encodes" them as raw doubles.
 */
#ifndef TEST_DISPATCH_HARNESS_H
#define TEST_DISPATCH_HARNESS_H

#include "support.h"

#include "codec/codec.h"
#include "gate.h"
#include "process/loop.h"
#include "request/call.h"
#include "request/request.h"

enum { LAT, DIST, EXTRA, FAKE_INPUTS };
enum { OUT_Y, OUT_Z, FAKE_OUTPUTS };

#define UNLUCKY 13.0
#define ODD     7.0

enum moment { AT_DECODE, AT_PREPARE, AT_RUN, AT_ENCODE_BEGIN, AT_ENCODE, AT_ENCODE_END, MOMENTS };

/* What the fakes do, and what was done to them. Reset by set_up(). */
struct fake {
    struct gate *gate; /* whoever comes to `at` stops here */
    enum moment at;
    bool fail; /* whoever comes to `at` fails */
    _Atomic int seen[MOMENTS];
    _Atomic size_t rows;    /* that run() was called for */
    _Atomic size_t longest; /* call of run(), rows */
};
extern struct fake fake;
extern struct astro_conversion fake_conversion; /* costs may be changed; set_up() restores them */
extern struct codec fake_codec;

/* One request's columns and costs; the default is cheap and inline. */
struct plan {
    size_t rows;
    const double *column[FAKE_INPUTS]; /* NULL: absent */
    bool single[FAKE_INPUTS];          /* one value for all rows */
    double scale;
    size_t text_bytes; /* that decoding takes */
    double decode_ns, encode_ns;
    size_t encode_parts;
    bool without[FAKE_OUTPUTS];
    size_t decoded; /* the fake's own */
};

struct harness {
    struct loop *loop;
    unsigned threads;
};

int set_up(void **state);    /* a pool of 2 threads, budget 100 us */
int tear_down(void **state); /* fails when anything is left in the ledger or among the contexts */
void use_threads(unsigned threads);

/* State READY, with its call; body empty. NULL when out of memory. */
struct request *new_request(void **state, struct plan *plan);
/* pipeline_start(), and what the loop does afterwards. Returns whether it ran inline. */
bool serve(void **state, struct request *request);
/* Until the pool has given back one request: in state ANSWER then. */
struct request *await_finished(void **state);
void assert_answer(const struct request *request, const struct plan *plan);
/* The body of the answer in one piece; the caller frees it. */
char *answer_bytes(const struct request *request, size_t *ret_length);

#endif
