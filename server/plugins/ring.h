/*
 * Rings: one writer, one reader, in shared memory. The reader does not trust the writer: a distance
 * of more than the ring's size means that the other side is broken.
 */
#ifndef ASTRO_PLUGINS_RING_H
#define ASTRO_PLUGINS_RING_H

#include <stdbool.h>

#include "plugins/protocol.h"

enum ring_state { RING_EMPTY, RING_TAKEN, RING_BROKEN };

/* Writer. False: full. */
static inline bool ring_put(struct call_ring *ring, struct ring_entry entry)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (tail - head >= PROTOCOL_CALLS)
        return false;
    ring->entries[tail % PROTOCOL_CALLS] = entry;
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

/* Reader. *ret is set when TAKEN. */
static inline enum ring_state ring_take(struct call_ring *ring, struct ring_entry *ret)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    if (tail == head)
        return RING_EMPTY;
    if (tail - head > PROTOCOL_CALLS)
        return RING_BROKEN;
    *ret = ring->entries[head % PROTOCOL_CALLS];
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return RING_TAKEN;
}

static inline bool releases_put(struct release_ring *ring, uint64_t block)
{
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    if (tail - head >= PROTOCOL_RELEASES)
        return false;
    ring->blocks[tail % PROTOCOL_RELEASES] = block;
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}

static inline enum ring_state releases_take(struct release_ring *ring, uint64_t *ret)
{
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    if (tail == head)
        return RING_EMPTY;
    if (tail - head > PROTOCOL_RELEASES)
        return RING_BROKEN;
    *ret = ring->blocks[head % PROTOCOL_RELEASES];
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return RING_TAKEN;
}

#endif
