/*
 * Arena: everything small that a request owns. Nothing in it is freed singly.
 *
 * Ownership  The arena belongs to one request. Its chunks come from the free list of the loop's
 *            arena_source and go back there, all at once, in arena_release().
 * Threads    An arena and its source belong to one loop. While a request is at work on the pool the
 *            loop does not touch its arena, and one job at a time may allocate from it: chunks then come
 *            from the heap, not from the free list (arena_detach), and go back through arena_release()
 *            on the loop.
 * Ledger     arenas.objects counts arenas with at least one chunk; arenas.bytes their chunks' bytes.
 * Sanitizers With ASTRO_ARENA_MALLOC every arena_alloc is an allocation of its own, same interface.
 */
#ifndef ASTRO_MEMORY_ARENA_H
#define ASTRO_MEMORY_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ARENA_CHUNK =
        8 * 1024 + 192, /* bytes of an ordinary chunk; not a power of two, so that the chunks of
                                     many requests do not fall on the same cache lines */
    ARENA_KEEP = 256    /* chunks that one source keeps for reuse at the most */
};

struct arena_chunk;

struct arena_source {
    struct arena_chunk *free;
    size_t n_free;
    size_t low_water; /* fewest free chunks since the last arena_source_decay(): these are idle */
};

struct arena {
    struct arena_source *source; /* borrowed; NULL: straight from the heap */
    struct arena_chunk *chunks;
    char *next, *end;
    size_t bytes;
    bool detached;
};

void arena_source_init(struct arena_source *source);
/* Gives the chunks back that were not needed since the last call; called about once a second. */
void arena_source_decay(struct arena_source *source);
void arena_source_release(struct arena_source *source);

/* Cannot fail, takes no chunk yet. */
static inline void arena_init(struct arena *arena, struct arena_source *source_borrow)
{
    *arena = (struct arena){.source = source_borrow};
}
/* Uninitialised memory, valid until arena_release; NULL when out of memory. The alignment is any
   power of two up to 64. */
static inline void *arena_alloc(struct arena *arena, size_t size, size_t alignment)
    __attribute__((warn_unused_result));
void *arena_zalloc(struct arena *arena, size_t size, size_t alignment)
    __attribute__((warn_unused_result));
/* Terminated copy. */
char *arena_copy(struct arena *arena, const char *data, size_t length)
    __attribute__((warn_unused_result));
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0), warn_unused_result));
void arena_detach(struct arena *arena);  /* a pool thread will allocate next */
void arena_attach(struct arena *arena);  /* back on its loop */
void arena_release(struct arena *arena); /* on its loop; afterwards as after arena_init */

/* The part of arena_alloc that needs a chunk; checks the alignment. */
void *arena_alloc_slow(struct arena *arena, size_t size, size_t alignment)
    __attribute__((warn_unused_result));

static inline void *arena_alloc(struct arena *arena, size_t size, size_t alignment)
{
    uintptr_t next = (uintptr_t)arena->next;
    size_t room = (uintptr_t)arena->end - next;
    size_t padding = -next & (alignment - 1);
    /* Without a sum that could overflow; size 0 becomes the largest one and so the slow path's. */
    if (padding < room && size - 1 < room - padding) {
        char *block = arena->next + padding;
        arena->next = block + size;
        return block;
    }
    return arena_alloc_slow(arena, size, alignment);
}

#endif
