/*
 * Metrics: what the process counts, as one scrape in Prometheus' text format 0.0.4.
 *
 * Ownership  The text of a scrape is attached to the request that asked for it.
 * Threads    Any loop. Counters of all loops are read with relaxed loads: each value is exact, the
 * scrape as a whole is not one instant.
 */
#ifndef ASTRO_OBSERVE_METRICS_H
#define ASTRO_OBSERVE_METRICS_H

#include <stdbool.h>

#include "memory/ledger.h"
#include "request/request.h"

/* GET /metrics. False with `overloaded` set when memory runs out. */
bool metrics_answer(struct request *request);

/* A row of the ledger without what the request that asks for it owns itself: its object, its arena,
 * its slabs. So both /metrics and /v1/debug/memory say zero when nothing else is alive. */
struct ledger_row metrics_ledger_without(const struct request *request, enum ledger_kind kind);

#endif
