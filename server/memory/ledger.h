/*
 * The ledger: how many request-owned objects live, and their bytes, now and at the peak.
 *
 * Always on and exact; process-wide atomic counters. With no request alive every row is zero.
 */
#ifndef ASTRO_MEMORY_LEDGER_H
#define ASTRO_MEMORY_LEDGER_H

#include <stddef.h>
#include <stdint.h>

enum ledger_kind { LEDGER_REQUESTS, LEDGER_ARENAS, LEDGER_SLABS, LEDGER_KINDS };

struct ledger_row {
    uint64_t objects, bytes, peak_objects, peak_bytes;
};

const char *ledger_name(enum ledger_kind kind); /* "requests", "arenas", "slabs" */
void ledger_add(enum ledger_kind kind, uint64_t objects, uint64_t bytes);
/* Ends the process when a counter would fall below zero. */
void ledger_sub(enum ledger_kind kind, uint64_t objects, uint64_t bytes);
struct ledger_row ledger_read(enum ledger_kind kind);

#endif
