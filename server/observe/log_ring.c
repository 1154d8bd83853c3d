#include "observe/log_ring.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

/* A line takes whole cells; the first one's length, once it is not 0, says that the line is there.
 */
enum { CELL = 256, CELLS = 4096, BYTES = CELL * CELLS };

static struct {
    _Alignas(64) _Atomic uint64_t head; /* cells reserved since the start */
    _Alignas(64) _Atomic uint64_t tail; /* cells taken; written by the taker alone */
    _Alignas(64) _Atomic uint32_t length[CELLS];
    char bytes[BYTES];
} ring;

static uint64_t cells_of(size_t length)
{
    return (length + CELL - 1) / CELL;
}

bool log_ring_put(const char *line, size_t length)
{
    uint64_t cells = cells_of(length);
    uint64_t head = atomic_load_explicit(&ring.head, memory_order_relaxed);
    do {
        /* Acquire: the taker's last use of a cell comes before our first. A tail read late may be
           beyond a stale head; the exchange then fails and the round is repeated. */
        uint64_t tail = atomic_load_explicit(&ring.tail, memory_order_acquire);
        if (head >= tail && head + cells - tail > CELLS)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&ring.head, &head, head + cells,
                                                    memory_order_relaxed, memory_order_relaxed));
    size_t at = (head % CELLS) * CELL;
    size_t before_end = length < BYTES - at ? length : BYTES - at;
    memcpy(ring.bytes + at, line, before_end);
    memcpy(ring.bytes, line + before_end, length - before_end);
    atomic_store_explicit(&ring.length[head % CELLS], (uint32_t)length, memory_order_release);
    return true;
}

bool log_ring_ready(void)
{
    uint64_t tail = atomic_load_explicit(&ring.tail, memory_order_relaxed);
    return atomic_load_explicit(&ring.length[tail % CELLS], memory_order_acquire) != 0;
}

size_t log_ring_take(char *ret, size_t capacity)
{
    uint64_t tail = atomic_load_explicit(&ring.tail, memory_order_relaxed);
    _Atomic uint32_t *first = &ring.length[tail % CELLS];
    size_t length = atomic_load_explicit(first, memory_order_acquire);
    if (length == 0 || length > capacity)
        return 0;
    size_t at = (tail % CELLS) * CELL;
    size_t before_end = length < BYTES - at ? length : BYTES - at;
    memcpy(ret, ring.bytes + at, before_end);
    memcpy(ret + before_end, ring.bytes, length - before_end);
    atomic_store_explicit(first, 0, memory_order_relaxed);
    atomic_store_explicit(&ring.tail, tail + cells_of(length), memory_order_release);
    return length;
}
