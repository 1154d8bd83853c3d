/*
 * Proof: does a plugin's own call leave something behind, or only what another one took?
 *
 * Python and NumPy keep what was freed on lists of their own. A plugin that leaks takes objects from such
 * a list, and one that does not puts new ones there, under its own name: beside a leak, the clean
 * one seems to grow. In the same way a reference to None, or a file, that one plugin left in a cycle is
 * given up when the collector runs in another one's call. So where several plugins run, a leak of
 * such things is proven before it is named: some calls of the plugin are watched on their own, with
 * collections and these lists in the same state before and after, and the whole process is compared.
 *
 * It costs two collections per watched call, of at most some hundred, within a share of time (ledger.c).
 * Threads    main thread, with the GIL.
 */
#ifndef ASTRO_PLUGIN_HOST_PROOF_H
#define ASTRO_PLUGIN_HOST_PROOF_H

#include <stdbool.h>
#include <stdint.h>

#include "plugin_host/ledger/history.h"

struct owner;

/* What is known of one plugin; zero: nothing. */
struct proof {
    enum { PROOF_NONE, PROOF_WAITING, PROOF_GIVEN } state;
    uint64_t calls;          /* watched */
    double expected[LEVELS]; /* per call, as the ledger has seen it; 0: not in question */
    double found[LEVELS];    /* what the watched calls left behind */
    bool confirmed[LEVELS];
    uint64_t again; /* calls of the plugin from which on a refuted leak is looked at again */
};

/* Replaces in `watches` what is not proven by what is known: waiting is warming, refuted is steady. */
void proof_consider(struct owner *owner, struct watch watches[LEVELS]);

/* Whether calls of this plugin are watched. */
bool proof_watches(unsigned number);
/* Before and after a watched call. */
void proof_call_begins(struct owner *owner);
void proof_call_ended(struct owner *owner, unsigned calls);

#endif
