#include "memory/ledger.h"

#include <stdatomic.h>

#include "memory/check.h"

/* Two cache lines per row: the adjacent-line prefetcher would otherwise couple neighbouring kinds.
 */
enum { ROW_ALIGN = 128 };

struct row {
    _Alignas(ROW_ALIGN) _Atomic uint64_t objects;
    _Atomic uint64_t bytes;
    _Atomic uint64_t peak_objects;
    _Atomic uint64_t peak_bytes;
};

static struct row rows[LEDGER_KINDS];

static const char *const names[LEDGER_KINDS] = {
    [LEDGER_REQUESTS] = "requests",
    [LEDGER_ARENAS] = "arenas",
    [LEDGER_SLABS] = "slabs",
};

const char *ledger_name(enum ledger_kind kind)
{
    return names[kind];
}

/* Every value the counter takes is some caller's `now`, so the largest of them is the exact peak.
 */
static void raise_peak(_Atomic uint64_t *peak, uint64_t now)
{
    uint64_t seen = atomic_load_explicit(peak, memory_order_relaxed);
    while (now > seen && !atomic_compare_exchange_weak_explicit(
                             peak, &seen, now, memory_order_relaxed, memory_order_relaxed))
        ;
}

static void add(_Atomic uint64_t *counter, _Atomic uint64_t *peak, uint64_t n)
{
    /* Locked instructions are the whole price of the ledger: none for nothing. */
    if (n == 0)
        return;
    uint64_t before = atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
    raise_peak(peak, before + n);
}

static void sub(_Atomic uint64_t *counter, uint64_t n)
{
    if (n == 0)
        return;
    uint64_t before = atomic_fetch_sub_explicit(counter, n, memory_order_relaxed);
    CHECK(before >= n, "the ledger would fall below zero: something was released twice");
}

void ledger_add(enum ledger_kind kind, uint64_t objects, uint64_t bytes)
{
    struct row *row = &rows[kind];
    add(&row->objects, &row->peak_objects, objects);
    add(&row->bytes, &row->peak_bytes, bytes);
}

void ledger_sub(enum ledger_kind kind, uint64_t objects, uint64_t bytes)
{
    struct row *row = &rows[kind];
    sub(&row->objects, objects);
    sub(&row->bytes, bytes);
}

struct ledger_row ledger_read(enum ledger_kind kind)
{
    struct row *row = &rows[kind];
    struct ledger_row read = {
        .objects = atomic_load_explicit(&row->objects, memory_order_relaxed),
        .bytes = atomic_load_explicit(&row->bytes, memory_order_relaxed),
        .peak_objects = atomic_load_explicit(&row->peak_objects, memory_order_relaxed),
        .peak_bytes = atomic_load_explicit(&row->peak_bytes, memory_order_relaxed),
    };
    /* Another thread may stand between its addition and its peak: nobody shall read peak < live. */
    if (read.peak_objects < read.objects)
        read.peak_objects = read.objects;
    if (read.peak_bytes < read.bytes)
        read.peak_bytes = read.bytes;
    return read;
}
