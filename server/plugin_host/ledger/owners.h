/*
 * Owners: what the ledger knows of each plugin. Owner 0 is the host itself and has no record.
 *
 * Ownership  Records live as long as the process. Threads: main thread, with the GIL.
 */
#ifndef ASTRO_PLUGIN_HOST_OWNERS_H
#define ASTRO_PLUGIN_HOST_OWNERS_H

#include <stdbool.h>

#include "plugin_host/ledger/finding.h"
#include "plugin_host/ledger/history.h"
#include "plugin_host/ledger/proof.h"

enum { OWNER_NAME = 64 };

struct owner {
    char name[OWNER_NAME];
    unsigned number;
    uint64_t calls;
    uint64_t next_sample; /* calls */
    uint64_t sampled;     /* calls at the last one */
    struct history history;
    struct watch watches[LEVELS];
    struct finding finding;
    struct proof proof;
    double garbage_bytes; /* that only the ledger's collections freed, in sum */
    uint64_t garbage_objects;
    /* Caches with a bound that are not full yet (caches.h): entries when growth was first seen. */
    uint64_t cache_calls, cache_entries;
    bool is_excused; /* some growth was not called a leak for them */
};

/* NULL: there is no such plugin. */
struct owner *owner_at(unsigned number);
unsigned owners_count(void); /* numbers are 1 ... count */
/* The number of a plugin's record; 0: too many, or no memory. */
unsigned owner_new(const char *name);
/* Calls and history begin anew; first_distance as for history_init(). */
void owner_reset(struct owner *owner, uint64_t first_distance);

#endif
