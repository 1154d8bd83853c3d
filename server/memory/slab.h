/*
 * Slabs: array memory, owned by one request at a time; handing one on is a move.
 *
 * Blocks of size classes (two per power of two, from 16 KiB), 64-byte aligned, from one
 * process-wide pool. Small classes are carved from mapped regions, large ones are mappings of their
 * own with transparent huge pages advised. Released slabs stay warm for reuse; slab_pool_decay()
 * returns memory that has been idle to the kernel.
 *
 * Cap        live + cached bytes never exceed the limit: cached slabs make room first, then
 *            slab_take fails and the request is answered 503 before anything was allocated.
 * Threads    All calls from any thread.
 * Ledger     slabs.objects and slabs.bytes (bytes of the size class).
 * Misuse     A slab that is released twice, also through a stale copy of its handle, ends the
 *            process: going on would give one request's arrays to another.
 */
#ifndef ASTRO_MEMORY_SLAB_H
#define ASTRO_MEMORY_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where a slab comes from when it does not come from the pool: memory that is shared with a plugin
 * host. The slab is moved and released like any other, and counted in the ledger.
 */
struct slab;
struct slab_source {
    /* At least `size` bytes; sets every member of *ret. False: *ret untouched. */
    bool (*take)(struct slab_source *source, size_t size, struct slab *ret);
    void (*release)(struct slab_source *source, struct slab *slab);
};

struct slab {
    char *data;  /* NULL: empty */
    size_t size; /* usable bytes */
    unsigned class_index;
    unsigned region; /* these two are the pool's: they tell a stale copy of a handle */
    uint64_t stamp;
    struct slab_source *source; /* NULL: the pool */
};

#define SLAB_EMPTY ((struct slab){0})

struct slab_pool_state {
    uint64_t cached_bytes; /* idle and resident */
    uint64_t mapped_bytes; /* address space taken from the kernel */
    uint64_t live_bytes;
    uint64_t limit_bytes;
};

void slab_pool_init(uint64_t limit_bytes); /* once, before threads; again (tests): new limit */
/* At least `size` bytes, uninitialised. False (*ret untouched) over the cap or out of memory. */
bool slab_take(size_t size, struct slab *ret) __attribute__((warn_unused_result));
/* The same from `source`; NULL: from the pool. */
bool slab_take_from(struct slab_source *source, size_t size, struct slab *ret)
    __attribute__((warn_unused_result));
struct slab slab_move_take(struct slab *from); /* empties *from */
/* A handle that no request owns (plugins/region.h: region_memory_share), so that the ledger does not
 * know of it: back to its source. */
void slab_release_kept(struct slab *slab);
void slab_release(struct slab *slab); /* empties it; NULL and empty are fine */
/* Called about every 2 s: a slab goes back to the kernel at the second call after its release.
   Makes the system calls itself (a GiB of small pages: 100 to 200 ms): not on an event loop. */
void slab_pool_decay(void);
/* Everything cached goes back now (tests, end of the process). */
void slab_pool_drain(void);
struct slab_pool_state slab_pool_read(void);

#endif
