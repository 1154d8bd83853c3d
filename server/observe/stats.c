#include "observe/stats.h"

#include "catalogue/catalogue.h"
#include "memory/alloc.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/call.h"
#include "request/request.h"

/* Three per decade, and more where most answers fall; 21 of them and +Inf. */
#define BOUNDS(X)                                                                                  \
    X(50)                                                                                          \
    X(100)                                                                                         \
    X(150)                                                                                         \
    X(200)                                                                                         \
    X(300)                                                                                         \
    X(500)                                                                                         \
    X(1000)                                                                                        \
    X(2000)                                                                                        \
    X(3000)                                                                                        \
    X(5000)                                                                                        \
    X(10000)                                                                                       \
    X(20000)                                                                                       \
    X(30000)                                                                                       \
    X(50000)                                                                                       \
    X(100000)                                                                                      \
    X(200000)                                                                                      \
    X(500000)                                                                                      \
    X(1000000)                                                                                     \
    X(2000000)                                                                                     \
    X(5000000)                                                                                     \
    X(10000000)

#define SECONDS(us) (us) / 1e6,
const double stats_bounds[STATS_BUCKETS - 1] = {BOUNDS(SECONDS)};

#define NANOSECONDS(us) UINT64_C(us) * 1000,
static const uint64_t bounds_ns[STATS_BUCKETS - 1] = {BOUNDS(NANOSECONDS)};

struct stats *stats_create(void)
{
    struct stats *stats = mem_zalloc(1, sizeof *stats);
    if (stats == NULL)
        return NULL;
    stats->n = catalogue_slots();
    stats->conversions = mem_zalloc(stats->n, sizeof *stats->conversions);
    if (stats->conversions == NULL) {
        mem_free(stats);
        return NULL;
    }
    return stats;
}

void stats_destroy(struct stats *stats)
{
    if (stats == NULL)
        return;
    mem_free(stats->conversions);
    mem_free(stats);
}

/* From the short end: most answers end in the first few buckets. */
size_t stats_bucket(uint64_t ns)
{
    size_t i = 0;
    while (i < STATS_BUCKETS - 1 && ns > bounds_ns[i])
        i++;
    return i;
}

static void add_duration(struct stats_duration *duration, uint64_t ns)
{
    stats_add(&duration->count, 1);
    stats_add(&duration->ns, ns);
}

static uint64_t span(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

/* Unix time in ms of a monotonic instant, without asking a second clock. */
static uint64_t unix_ms(uint64_t ns)
{
    return (uint64_t)server.started_unix_s * 1000 + span(server.started_ns, ns) / 1000000;
}

static void record_call(struct stats_conversion *row, const struct call *call, uint64_t ended_ns)
{
    stats_add(&row->points, call->count);
    add_duration(&row->queue, call->queue_ns);
    add_duration(&row->compute_input, span(call->t_decode, call->t_run));
    add_duration(&row->compute_infer, span(call->t_run, call->t_encode));
    add_duration(&row->compute_output, span(call->t_encode, call->t_end));
    atomic_store_explicit(&row->last_inference_ms, unix_ms(ended_ns), memory_order_relaxed);
}

void stats_record_at(struct stats *stats, const struct request *request, uint64_t ended_ns)
{
    const struct call *call = request->call;
    size_t index = call != NULL ? call->conversion_index : stats->n - 1;
    if (index >= stats->n)
        return;
    struct stats_conversion *row = &stats->conversions[index];
    enum astro_code code = request->response.code;
    if (code == ASTRO_OK && request->error.code != ASTRO_OK)
        code = request->error.code; /* given up before it was answered */
    uint64_t latency = span(request->began_ns, ended_ns);
    stats_add(&row->requests[code], 1);
    stats_add(&row->bytes_in, request->body.received);
    stats_add(&row->bytes_out, request->response.length);
    stats_add(&row->bucket[stats_bucket(latency)], 1);
    stats_add(&row->latency_ns, latency);
    add_duration(code == ASTRO_OK ? &row->success : &row->fail, latency);
    if (call != NULL && code == ASTRO_OK)
        record_call(row, call, ended_ns);
}

void stats_record(struct stats *stats, const struct request *request)
{
    const struct call *call = request->call;
    bool timed = call != NULL && call->t_end != 0;
    stats_record_at(stats, request, timed ? call->t_end : loop_clock_ns());
}
