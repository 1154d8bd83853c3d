/*
 * Blocks: which blocks of the region are still referred to by Python objects.
 *
 * A block is entered when the first array over it is made and leaves when its last capsule has died.
 * While its call is at work that is the ordinary end; afterwards it is `retained`, and its death is
 * told to astrolabed through the ring of releases (kept here while that is full).
 */
#ifndef ASTRO_PLUGIN_HOST_BLOCKS_H
#define ASTRO_PLUGIN_HOST_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct blocks_totals {
    uint64_t objects, bytes; /* retained now */
};
/* Retained blocks of one owner of the ledger. */
struct blocks_totals blocks_retained(unsigned owner);
/* Each of them, oldest first: for --check. */
void blocks_each(unsigned owner,
                 void (*see)(void *context, const char *request_id, uint64_t bytes, double age_s,
                             bool output),
                 void *context);

#endif
