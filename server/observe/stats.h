/*
 * Stats: counters of one loop, written by that loop alone, summed when somebody reads them.
 *
 * Single writer, so plain relaxed loads and stores suffice; no read-modify-write on the hot path.
 */
#ifndef ASTRO_OBSERVE_STATS_H
#define ASTRO_OBSERVE_STATS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/error.h"

typedef _Atomic uint64_t stats_counter;

static inline void stats_add(stats_counter *counter, uint64_t n)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + n,
                          memory_order_relaxed);
}
static inline uint64_t stats_get(const stats_counter *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

struct request;

/* Upper bounds of the latency histogram's buckets, seconds; the last bucket is +Inf. */
enum { STATS_BUCKETS = 22 };
extern const double stats_bounds[STATS_BUCKETS - 1];

/* Count and total ns of one duration of the OIP statistics extension. `compute_*` are the stages of
 * a call as they passed, waits for a thread included; `queue` is those waits alone. Nothing counts
 * into cache_*: that extension means a cache of responses. */
struct stats_duration {
    stats_counter count, ns;
};

/* One row per slot of the catalogue; the last is for requests that are no conversion. */
struct stats_conversion {
    stats_counter requests[ASTRO_CODE_COUNT]; /* by outcome; [ASTRO_OK]: success */
    stats_counter points;
    stats_counter bytes_in, bytes_out;
    stats_counter bucket[STATS_BUCKETS];
    stats_counter latency_ns;
    struct stats_duration success, fail, queue, compute_input, compute_infer, compute_output,
        cache_hit, cache_miss;
    stats_counter last_inference_ms; /* Unix time */
};

struct stats {
    struct stats_conversion *conversions; /* catalogue_slots() of them; most are never touched */
    size_t n;
    stats_counter connections_opened, connections_closed, connections_refused;
    stats_counter requests_begun, requests_ended; /* in flight: the difference */
    stats_counter bytes_read, bytes_written;
    stats_counter lag_ns, lag_max_ns; /* of the last measurement, and the worst since start */
};

struct stats *stats_create(void); /* caller owns; NULL */
void stats_destroy(struct stats *stats);
size_t stats_bucket(uint64_t ns); /* index of the bucket of a latency */

/*
 * Adds the outcome of one request whose answer is complete, or that was given up, to its
 * conversion's row. Call it once per request, on its loop, before request_destroy(). It ended when
 * its call did; for other requests the clock is read.
 */
void stats_record(struct stats *stats, const struct request *request);
/* The same with the end given, for writers that finish many answers at one reading of the clock. */
void stats_record_at(struct stats *stats, const struct request *request, uint64_t ended_ns);

#endif
