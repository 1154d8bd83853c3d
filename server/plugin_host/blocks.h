/*
 * Blocks: which blocks of the region are still referred to by Python objects.
 *
 * A block is entered when the first array over it is made: it then has one capsule, which is the base
 * of all its arrays. When the call ends and the capsule lives on, the block is `retained`; the death of
 * the capsule is told to astrolabed through the ring of releases, never before the call's completion
 * (kept here meanwhile, and while the ring is full).
 *
 * Ownership  Who enters a block owns one reference to its capsule and gives it up by blocks_leave().
 * Threads    Under the GIL; capsules may die on any Python thread. In a forked child nothing is told.
 */
#ifndef ASTRO_PLUGIN_HOST_BLOCKS_H
#define ASTRO_PLUGIN_HOST_BLOCKS_H

#include "plugin_host/host.h"

struct block;

/* request_id: terminated, copied. NULL: an exception is set. */
struct block *blocks_enter(uint64_t offset, uint64_t bytes, unsigned owner, const char *request_id,
                           bool output);
PyObject *blocks_capsule(struct block *block); /* borrowed */
/* The call is done with it. True: something else refers to it; it is retained from now on, and
 * its release waits for blocks_posted(). False: it is gone. */
bool blocks_leave(struct block *block);
/* The completions of all calls so far are in their rings: releases may be told. */
void blocks_posted(void);
/* Tells what could not be told yet. True: the ring is full, something is left. */
bool blocks_flush(void);

struct blocks_totals {
    uint64_t objects, bytes; /* retained now */
    uint64_t outputs;        /* objects of these that are results */
};
/* Retained blocks of one owner of the ledger. */
struct blocks_totals blocks_retained(unsigned owner);
/* Each of them, oldest first: for --check. */
void blocks_each(unsigned owner,
                 void (*see)(void *context, const char *request_id, uint64_t bytes, double age_s,
                             bool output),
                 void *context);

#endif
