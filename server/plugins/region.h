/*
 * Region: the memory that one plugin host shares with astrolabed: a memfd, sealed in size, without a
 * name anywhere. The channel stands at its beginning; behind it blocks for arrays and frames.
 *
 * Blocks     powers of two from 4 KiB, aligned to 64 bytes at least, from a buddy allocator whose
 *            books stand outside of the region, where no host can reach them.
 * Memory     The region is address space; pages exist once they are written. Free blocks stay warm
 *            until region_decay() has found them idle twice: then holes are punched, and the memory
 *            is the kernel's again.
 * Life       Counted references: the host's record holds one, and so does every live block. A block
 *            that is released after the host has died still finds its region.
 * Threads    All calls from any thread; one mutex per region, no system call under it but for decay.
 * Ledger     Blocks that requests own are slabs to their owners, and counted as such.
 */
#ifndef ASTRO_PLUGINS_REGION_H
#define ASTRO_PLUGINS_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory/slab.h"
#include "plugins/protocol.h"

struct region_memory;

/* bytes: rounded up to a power of two, at least 1 MiB. The channel is zeroed but for its version,
 * sizes and loops. New reference; NULL: no memory, no descriptor, or the kernel refused. */
struct region_memory *region_memory_create(size_t bytes, uint32_t n_loops);
struct region_memory *region_memory_hold(struct region_memory *region);
void region_memory_drop(struct region_memory *region); /* NULL is fine */

int region_memory_descriptor(const struct region_memory *region); /* borrowed: to be inherited */
struct channel *region_memory_channel(const struct region_memory *region);
char *region_memory_base(const struct region_memory *region);
size_t region_memory_bytes(const struct region_memory *region);

/* Slabs of the region, for slab_take_from(): each holds a reference to it until it is released. */
struct slab_source *region_memory_source(struct region_memory *region);
/*
 * A second handle of the same block, for whoever the block has to outlive its first owner for (an
 * array that a plugin has kept): the block is free when both have been released. The second is not in
 * the ledger: it is released by slab_release_kept().
 */
struct slab region_memory_share(const struct slab *slab);
/* The region that a slab came from, borrowed; NULL: the process's pool. */
struct region_memory *region_memory_of(const struct slab *slab);
uint64_t region_memory_offset(const struct region_memory *region, const void *data);

/* Called about every 2 s, not on an event loop: punches what was free at the previous call too. */
void region_memory_decay(struct region_memory *region);

struct region_memory_state {
    uint64_t bytes;       /* of the region */
    uint64_t live_bytes;  /* in blocks */
    uint64_t live_blocks; /* blocks */
    uint64_t warm_bytes;  /* free, not punched since they were used */
};
struct region_memory_state region_memory_read(struct region_memory *region);

#endif
