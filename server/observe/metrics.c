#include "observe/metrics.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrolabe/eop_data.h"
#include "astrolabe/kernels.h"
#include "astrolabe/time_data.h"
#include "catalogue/catalogue.h"
#include "dispatch/context.h"
#include "dispatch/pool.h"
#include "memory/alloc.h"
#include "memory/slab.h"
#include "observe/exposition.h"
#include "observe/plugin_metrics.h"
#include "observe/process_figures.h"
#include "observe/stats.h"
#include "process/loop.h"
#include "process/server.h"

static uint64_t less(uint64_t whole, uint64_t part)
{
    return whole > part ? whole - part : 0;
}

struct ledger_row metrics_ledger_without(const struct request *request, enum ledger_kind kind)
{
    struct ledger_row row = ledger_read(kind);
    uint64_t objects = 0, bytes = 0;
    if (kind == LEDGER_REQUESTS) {
        objects = 1;
        bytes = sizeof *request;
    } else if (kind == LEDGER_ARENAS && request->arena.bytes > 0) {
        objects = 1;
        bytes = request->arena.bytes;
    } else if (kind == LEDGER_SLABS && request->body.slab.data != NULL) {
        objects = 1;
        bytes = request->body.slab.size;
    }
    row.objects = less(row.objects, objects);
    row.bytes = less(row.bytes, bytes);
    return row;
}

/* Sum over all loops of one counter of struct stats. */
static uint64_t sum(size_t offset)
{
    uint64_t total = 0;
    for (size_t i = 0; i < server.n_loops; i++) {
        const struct stats *stats = server.loops[i] != NULL ? server.loops[i]->stats : NULL;
        if (stats == NULL)
            continue;
        const void *counter = (const char *)stats + offset;
        total += stats_get(counter);
    }
    return total;
}

static uint64_t greatest(size_t offset)
{
    uint64_t most = 0;
    for (size_t i = 0; i < server.n_loops; i++) {
        const struct stats *stats = server.loops[i] != NULL ? server.loops[i]->stats : NULL;
        if (stats == NULL)
            continue;
        const void *counter = (const char *)stats + offset;
        const uint64_t value = stats_get(counter);
        most = value > most ? value : most;
    }
    return most;
}

/* The same for one counter in a conversion's row. */
static uint64_t sum_row(size_t index, size_t offset)
{
    uint64_t total = 0;
    for (size_t i = 0; i < server.n_loops; i++) {
        const struct stats *stats = server.loops[i] != NULL ? server.loops[i]->stats : NULL;
        if (stats == NULL || index >= stats->n)
            continue;
        const void *counter = (const char *)&stats->conversions[index] + offset;
        total += stats_get(counter);
    }
    return total;
}

static uint64_t row_requests(size_t index, int code)
{
    return sum_row(index, offsetof(struct stats_conversion, requests) +
                              (size_t)code * sizeof(stats_counter));
}

/* Whether a slot has a name and requests. */
static bool row_is_used(size_t index)
{
    if (catalogue_slot_name(index) == NULL)
        return false;
    for (int code = 0; code < ASTRO_CODE_COUNT; code++)
        if (row_requests(index, code) > 0)
            return true;
    return false;
}

static void requests(struct exposition *out)
{
    exposition_family(out, "astrolabe_requests_total", "counter",
                      "Answered requests by conversion (none: other paths) and outcome, ok or the "
                      "word of X-Error-Code.");
    for (size_t i = 0; i < catalogue_slots(); i++) {
        const char *name = catalogue_slot_name(i);
        for (int code = 0; name != NULL && code < ASTRO_CODE_COUNT; code++) {
            const uint64_t n = row_requests(i, code);
            if (n > 0)
                exposition_count(out, "",
                                 EXPOSITION_LABELS("conversion", name, "code",
                                                   astro_code_word((enum astro_code)code), NULL),
                                 n);
        }
    }
}

static void durations(struct exposition *out)
{
    exposition_family(out, "astrolabe_request_duration_seconds", "histogram",
                      "From the first byte of a request to its complete answer, seconds.");
    for (size_t i = 0; i < catalogue_slots(); i++) {
        if (!row_is_used(i))
            continue;
        const char *name = catalogue_slot_name(i);
        uint64_t cumulative = 0;
        for (size_t b = 0; b < STATS_BUCKETS; b++) {
            char bound[32] = "+Inf";
            if (b < STATS_BUCKETS - 1)
                snprintf(bound, sizeof bound, "%g", stats_bounds[b]);
            cumulative +=
                sum_row(i, offsetof(struct stats_conversion, bucket) + b * sizeof(stats_counter));
            exposition_count(out, "_bucket",
                             EXPOSITION_LABELS("conversion", name, "le", bound, NULL), cumulative);
        }
        const struct exposition_labels *labels = EXPOSITION_LABELS("conversion", name, NULL);
        exposition_nanoseconds(out, "_sum", labels,
                               sum_row(i, offsetof(struct stats_conversion, latency_ns)));
        exposition_count(out, "_count", labels, cumulative);
    }
}

static void per_conversion(struct exposition *out, const char *name, size_t offset,
                           const char *help)
{
    exposition_family(out, name, "counter", help);
    for (size_t i = 0; i < catalogue_slots(); i++) {
        const char *conversion = catalogue_slot_name(i);
        const uint64_t n = conversion != NULL ? sum_row(i, offset) : 0;
        if (n > 0)
            exposition_count(out, "", EXPOSITION_LABELS("conversion", conversion, NULL), n);
    }
}

static void single(struct exposition *out, const char *name, const char *type, const char *help,
                   uint64_t value)
{
    exposition_family(out, name, type, help);
    exposition_count(out, "", EXPOSITION_NONE, value);
}

static void single_ns(struct exposition *out, const char *name, const char *type, const char *help,
                      uint64_t ns)
{
    exposition_family(out, name, type, help);
    exposition_nanoseconds(out, "", EXPOSITION_NONE, ns);
}

static void traffic(struct exposition *out)
{
    per_conversion(out, "astrolabe_points_total", offsetof(struct stats_conversion, points),
                   "Points converted.");
    per_conversion(out, "astrolabe_request_bytes_total",
                   offsetof(struct stats_conversion, bytes_in), "Bytes of request bodies.");
    per_conversion(out, "astrolabe_response_bytes_total",
                   offsetof(struct stats_conversion, bytes_out), "Bytes of answers.");
    /* Closed before opened, ended before begun: neither difference is ever below zero. */
    const uint64_t closed = sum(offsetof(struct stats, connections_closed));
    const uint64_t opened = sum(offsetof(struct stats, connections_opened));
    const uint64_t ended = sum(offsetof(struct stats, requests_ended));
    const uint64_t begun = sum(offsetof(struct stats, requests_begun));
    single(out, "astrolabe_connections", "gauge", "Open connections.", less(opened, closed));
    single(out, "astrolabe_connections_accepted_total", "counter", "Connections accepted.", opened);
    single(out, "astrolabe_connections_refused_total", "counter",
           "Connections closed at once because there were too many.",
           sum(offsetof(struct stats, connections_refused)));
    single(out, "astrolabe_requests_in_flight", "gauge",
           "Requests begun and not yet answered, without the one that asks.",
           less(begun, ended + 1));
    single(out, "astrolabe_network_receive_bytes_total", "counter", "Bytes read from sockets.",
           sum(offsetof(struct stats, bytes_read)));
    single(out, "astrolabe_network_transmit_bytes_total", "counter", "Bytes written to sockets.",
           sum(offsetof(struct stats, bytes_written)));
}

static void work(struct exposition *out, const struct figures *figures)
{
    exposition_family(out, "astrolabe_queue_depth", "gauge", "Jobs that wait, by queue.");
    exposition_count(out, "", EXPOSITION_LABELS("queue", "compute", NULL),
                     server.pool != NULL ? pool_queued(server.pool) : 0);
    plugin_metrics_queue(out, figures);
    single_ns(out, "astrolabe_compute_backlog_seconds", "gauge",
              "Predicted seconds of submitted work, over all compute threads.",
              server.pool != NULL ? pool_backlog_ns(server.pool) : 0);
    single(out, "astrolabe_compute_threads", "gauge", "Compute threads.",
           server.pool != NULL ? pool_threads(server.pool) : 0);
    single(out, "astrolabe_loops", "gauge", "Event loops.", server.n_loops);
    single_ns(out, "astrolabe_loop_lag_seconds", "gauge",
              "How late the latest of the event loops was at its last tick.",
              greatest(offsetof(struct stats, lag_ns)));
    single_ns(out, "astrolabe_loop_lag_max_seconds", "gauge",
              "How late an event loop has been at the worst since start.",
              greatest(offsetof(struct stats, lag_max_ns)));
    single(out, "astrolabe_draining", "gauge", "1 while the process is shutting down.",
           atomic_load_explicit(&server.draining, memory_order_relaxed));
}

static void ledger(struct exposition *out, const struct request *request, const char *name,
                   size_t offset, const char *help)
{
    exposition_family(out, name, "gauge", help);
    for (int kind = 0; kind < LEDGER_KINDS; kind++) {
        const struct ledger_row row = metrics_ledger_without(request, (enum ledger_kind)kind);
        uint64_t value;
        memcpy(&value, (const char *)&row + offset, sizeof value);
        exposition_count(
            out, "", EXPOSITION_LABELS("kind", ledger_name((enum ledger_kind)kind), NULL), value);
    }
}

static void memory(struct exposition *out, const struct request *request)
{
    ledger(out, request, "astrolabe_memory_live_objects", offsetof(struct ledger_row, objects),
           "Objects owned by requests, without the one that asks.");
    ledger(out, request, "astrolabe_memory_live_bytes", offsetof(struct ledger_row, bytes),
           "Bytes owned by requests, without the one that asks.");
    ledger(out, request, "astrolabe_memory_peak_objects", offsetof(struct ledger_row, peak_objects),
           "Most objects ever owned by requests at once.");
    ledger(out, request, "astrolabe_memory_peak_bytes", offsetof(struct ledger_row, peak_bytes),
           "Most bytes ever owned by requests at once.");
    const struct slab_pool_state pool = slab_pool_read();
    single(out, "astrolabe_memory_pool_cached_bytes", "gauge", "Idle slab memory kept for reuse.",
           pool.cached_bytes);
    single(out, "astrolabe_memory_pool_mapped_bytes", "gauge",
           "Address space of the slab pool taken from the kernel.", pool.mapped_bytes);
    single(out, "astrolabe_memory_pool_limit_bytes", "gauge", "limits.memory.", pool.limit_bytes);
    const struct context_totals contexts = context_totals_read();
    single(out, "astrolabe_contexts", "gauge", "Prepared contexts kept.", contexts.objects);
    single(out, "astrolabe_context_bytes", "gauge", "Bytes of prepared contexts.", contexts.bytes);
    single(out, "astrolabe_context_hits_total", "counter", "Requests that found their context.",
           contexts.hits);
    single(out, "astrolabe_context_misses_total", "counter",
           "Requests whose context had to be made.", contexts.misses);
}

static void process(struct exposition *out)
{
    exposition_family(out, "astrolabe_build_info", "gauge", "Version and vector instructions.");
    exposition_count(out, "",
                     EXPOSITION_LABELS("version", server_version, "simd",
                                       astro_target_name(astro_kernels_target()), NULL),
                     1);
    struct astro_time_data leap_seconds;
    astro_time_data_get(&leap_seconds);
    exposition_family(out, "astrolabe_leap_seconds_expiry_seconds", "gauge",
                      "When the leap-second list expires, Unix time.");
    exposition_signed(out, EXPOSITION_NONE, leap_seconds.expires);
    struct astro_eop_summary eop;
    astro_eop_get_summary(&eop);
    exposition_family(out, "astrolabe_eop_last_mjd", "gauge",
                      "The last day of the table of Earth orientation, MJD; 0: there is none.");
    exposition_signed(out, EXPOSITION_NONE, eop.last_mjd);
    exposition_family(out, "astrolabe_eop_last_measured_mjd", "gauge",
                      "Its last day that was measured, not predicted, MJD; 0: there is none.");
    exposition_signed(out, EXPOSITION_NONE, eop.last_measured);
    struct process_figures figures;
    process_figures_read(&figures);
    single_ns(out, "process_cpu_seconds_total", "counter", "User and system CPU time, seconds.",
              figures.cpu_us * 1000);
    if (figures.has_memory) {
        single(out, "process_resident_memory_bytes", "gauge", "Resident memory.",
               figures.resident_bytes);
        single(out, "process_virtual_memory_bytes", "gauge", "Virtual memory.",
               figures.virtual_bytes);
    }
    if (figures.has_open_fds)
        single(out, "process_open_fds", "gauge", "Open file descriptors.", figures.open_fds);
    if (figures.has_max_fds)
        single(out, "process_max_fds", "gauge", "Most file descriptors that may be open.",
               figures.max_fds);
    exposition_family(out, "process_start_time_seconds", "gauge",
                      "Start of the process, Unix time.");
    exposition_signed(out, EXPOSITION_NONE, server.started_unix_s);
}

bool metrics_answer(struct request *request)
{
    struct exposition out = {0};
    struct figures *figures = NULL;
    if (server.settings.plugins_directory != NULL) {
        figures = figures_take();
        out.failed = figures == NULL;
    }
    requests(&out);
    durations(&out);
    traffic(&out);
    work(&out, figures);
    memory(&out, request);
    plugin_metrics(&out, figures);
    process(&out);
    figures_release(figures);
    /* request_attach() releases the text when it cannot keep it. */
    if (out.failed)
        mem_free(out.data);
    if (out.failed || !request_attach(request, out.data, mem_free))
        return astro_fail(&request->error, ASTRO_OVERLOADED, NULL,
                          "there is not enough memory for the metrics; try again later");
    response_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", out.data, out.length);
    return true;
}
