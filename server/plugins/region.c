/*
 * Who has which pages is the buddy's (plugins/buddy.h). Here: the memory, the handles, the references, and
 * which free pages may still have something in them.
 *
 * A page is warm from the release of a block that it lay in until it is given out again or punched,
 * and recent until the next decay has seen it. What decay punches it takes out of the buddy before, as
 * if it were a block of its own: nobody can be given it while the kernel works, without the mutex.
 */
#include "plugins/region.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "memory/check.h"
#include "memory/slab_region.h"
#include "plugins/buddy.h"

enum {
    PAGE = 4096,
    BYTES_MIN = 1024 * 1024,
    /* Punching takes a tenth of a microsecond per KiB: about as long as a request that finds nothing
     * else may wait. */
    BATCH_BYTES = 16 * 1024 * 1024,
    BATCH_BLOCKS = 64
};

struct region_memory {
    struct slab_source source; /* first: slabs know their region by it */
    atomic_uint references;
    int descriptor;
    char *base;
    size_t bytes;
    /* --- under the mutex --- */
    pthread_mutex_t mutex;
    pthread_cond_t returned; /* what decay had taken is back */
    unsigned n_leaving, n_waiting;
    struct buddy buddy;
    uint64_t clock; /* counts blocks given out: a stamp that never comes twice */
    uint64_t live_bytes, live_blocks, warm_pages;
    uint64_t *stamps;        /* by first page of a live block */
    uint64_t *warm, *recent; /* a bit per page */
    uint8_t *orders; /* by first page: 1 + order of the live block that begins there, or 0 */
    uint8_t *shares; /* by first page: handles beside the first */
};

/* Pages of one decay's batch: blocks of the buddy. */
struct batch {
    size_t n, bytes;
    struct {
        size_t page;
        unsigned order;
    } blocks[BATCH_BLOCKS];
};

/* The words of warm and recent that hold the bits of a block: part of one, or whole ones. */
struct span {
    size_t first, end;
    uint64_t mask;
};

static struct span span_of(size_t page, unsigned order)
{
    if (order >= 6)
        return (struct span){page / 64, (page + ((size_t)1 << order)) / 64, UINT64_MAX};
    uint64_t ones = ((uint64_t)1 << (1u << order)) - 1;
    return (struct span){page / 64, page / 64 + 1, ones << page % 64};
}

static void lock(struct region_memory *region)
{
    pthread_mutex_lock(&region->mutex);
}

static void unlock(struct region_memory *region)
{
    pthread_mutex_unlock(&region->mutex);
}

/* Locked. What is in the block's pages matters to somebody again, or is gone. */
static void cool(struct region_memory *region, size_t page, unsigned order)
{
    struct span span = span_of(page, order);
    for (size_t i = span.first; i < span.end; i++) {
        region->warm_pages -= (uint64_t)__builtin_popcountll(region->warm[i] & span.mask);
        region->warm[i] &= ~span.mask;
        region->recent[i] &= ~span.mask;
    }
}

/* Locked. None of its pages is warm. */
static void warm_up(struct region_memory *region, size_t page, unsigned order)
{
    struct span span = span_of(page, order);
    for (size_t i = span.first; i < span.end; i++) {
        region->warm[i] |= span.mask;
        region->recent[i] |= span.mask;
    }
    region->warm_pages += (uint64_t)1 << order;
}

/* --- slabs --- */

static bool order_of(size_t size, unsigned *ret_order)
{
    if (size > (size_t)PAGE << (BUDDY_ORDERS - 1))
        return false;
    *ret_order = size <= PAGE ? 0 : 64u - (unsigned)__builtin_clzll((size - 1) / PAGE);
    return true;
}

static struct region_memory *region_of(struct slab_source *source)
{
    return (struct region_memory *)(void *)source;
}

/* Locked. Instead of being refused for what decay has, one waits for it: milliseconds, and rarely. */
static bool find_pages(struct region_memory *region, unsigned order, size_t *ret_page)
{
    while (!buddy_take(&region->buddy, order, ret_page)) {
        if (region->n_leaving == 0)
            return false;
        region->n_waiting++;
        pthread_cond_wait(&region->returned, &region->mutex);
        region->n_waiting--;
    }
    return true;
}

static bool take_slab(struct slab_source *source, size_t size, struct slab *ret)
{
    struct region_memory *region = region_of(source);
    unsigned order;
    size_t page;
    if (!order_of(size, &order))
        return false;
    lock(region);
    if (!find_pages(region, order, &page)) {
        unlock(region);
        return false;
    }
    cool(region, page, order);
    region->orders[page] = (uint8_t)(order + 1);
    uint64_t stamp = region->stamps[page] = ++region->clock;
    region->live_bytes += (uint64_t)PAGE << order;
    region->live_blocks++;
    unlock(region);
    region_memory_hold(region);
    *ret = (struct slab){
        .data = region->base + page * PAGE,
        .size = (size_t)PAGE << order,
        .class_index = order,
        .region = (unsigned)page,
        .stamp = stamp,
        .source = source,
    };
    slab_allow(ret->data, ret->size);
    return true;
}

/* Locked. The first page of a handle's block, after every doubt: it may be a stale copy of any age. */
static size_t live_page(const struct region_memory *region, const struct slab *slab)
{
    size_t offset = (uintptr_t)slab->data - (uintptr_t)region->base, page = offset / PAGE;
    CHECK(offset < region->bytes && offset % PAGE == 0 && slab->region == (unsigned)page,
          "not a slab of this region, or its handle was overwritten");
    CHECK(slab->class_index < BUDDY_ORDERS && slab->size == (size_t)PAGE << slab->class_index,
          "the slab's handle was overwritten");
    CHECK(region->orders[page] == slab->class_index + 1 && region->stamps[page] == slab->stamp,
          "released twice, or moved on and released by the old owner");
    return page;
}

static void release_slab(struct slab_source *source, struct slab *slab)
{
    struct region_memory *region = region_of(source);
    lock(region);
    size_t page = live_page(region, slab);
    if (region->shares[page] > 0) {
        region->shares[page]--;
        unlock(region);
        region_memory_drop(region); /* the handle's */
        return;
    }
    slab_forbid(slab->data, slab->size);
    region->orders[page] = 0;
    region->live_bytes -= slab->size;
    region->live_blocks--;
    warm_up(region, page, slab->class_index);
    buddy_give(&region->buddy, page, slab->class_index);
    unlock(region);
    region_memory_drop(region); /* the block's */
}

struct slab region_memory_share(const struct slab *slab)
{
    struct region_memory *region = region_of(slab->source);
    lock(region);
    size_t page = live_page(region, slab);
    CHECK(region->shares[page] < UINT8_MAX, "shared with more than there are");
    region->shares[page]++;
    unlock(region);
    region_memory_hold(region);
    return *slab;
}

/* --- decay --- */

/* Locked. Free through two calls: all pages of a block, or any. */
static bool is_old(const struct region_memory *region, size_t page, unsigned order)
{
    struct span span = span_of(page, order);
    for (size_t i = span.first; i < span.end; i++)
        if ((region->warm[i] & ~region->recent[i] & span.mask) != span.mask)
            return false;
    return true;
}

/* Locked. The first old page from *page on. */
static bool find_old(const struct region_memory *region, size_t *page)
{
    size_t n_words = region->bytes / PAGE / 64;
    for (size_t i = *page / 64; i < n_words; i++) {
        uint64_t old = region->warm[i] & ~region->recent[i];
        if (i == *page / 64)
            old &= UINT64_MAX << *page % 64;
        if (old != 0) {
            *page = 64 * i + (size_t)__builtin_ctzll(old);
            return true;
        }
    }
    return false;
}

/* Locked. Takes blocks with nothing but old pages out of the buddy, from *cursor on. */
static void fill_batch(struct region_memory *region, size_t *cursor, struct batch *batch)
{
    batch->n = 0;
    batch->bytes = 0;
    while (batch->n < BATCH_BLOCKS && batch->bytes < BATCH_BYTES && find_old(region, cursor)) {
        size_t page = *cursor;
        unsigned most = buddy_order_at(&region->buddy, page), order = 0;
        while (order < most && page % ((size_t)2 << order) == 0 &&
               (size_t)PAGE << order < BATCH_BYTES && is_old(region, page, order + 1))
            order++;
        buddy_carve(&region->buddy, page, order);
        cool(region, page, order);
        batch->blocks[batch->n].page = page;
        batch->blocks[batch->n++].order = order;
        batch->bytes += (size_t)PAGE << order;
        *cursor = page + ((size_t)1 << order);
    }
    region->n_leaving += (unsigned)batch->n;
}

/* Not locked. Neighbours go in one call. What the kernel refuses stays as it is until it has been used
 * again: nothing depends on it but the figures. */
static void punch_batch(const struct region_memory *region, const struct batch *batch)
{
    for (size_t i = 0; i < batch->n;) {
        size_t begin = batch->blocks[i].page, end = begin;
        while (i < batch->n && batch->blocks[i].page == end)
            end += (size_t)1 << batch->blocks[i++].order;
        (void)madvise(region->base + begin * PAGE, (end - begin) * PAGE, MADV_REMOVE);
    }
}

/* Locked. */
static void return_batch(struct region_memory *region, const struct batch *batch)
{
    for (size_t i = 0; i < batch->n; i++)
        buddy_give(&region->buddy, batch->blocks[i].page, batch->blocks[i].order);
    region->n_leaving -= (unsigned)batch->n;
    pthread_cond_broadcast(&region->returned);
}

void region_memory_decay(struct region_memory *region)
{
    size_t cursor = 0;
    lock(region);
    /* Who waits for memory comes first: the rest is for the next call. */
    while (region->n_waiting == 0 && region->warm_pages > 0) {
        struct batch batch;
        fill_batch(region, &cursor, &batch);
        if (batch.n == 0)
            break;
        unlock(region);
        punch_batch(region, &batch);
        lock(region);
        return_batch(region, &batch);
    }
    if (region->warm_pages > 0)
        for (size_t i = 0; i < region->bytes / PAGE / 64; i++)
            region->recent[i] = 0;
    unlock(region);
}

/* --- life --- */

static size_t books_bytes(size_t n_pages)
{
    return (n_pages + 2 * (n_pages / 64) + n_pages / 4) * sizeof(uint64_t);
}

/* Mapped, not from the heap: megabytes of which little is ever touched, and which would leave holes
 * there with every host that is replaced. */
static bool make_books(struct region_memory *region)
{
    size_t n_pages = region->bytes / PAGE, n_words = n_pages / 64;
    if (!buddy_init(&region->buddy, (unsigned)__builtin_ctzll(n_pages)))
        return false;
    region->stamps = mem_map(books_bytes(n_pages));
    if (!region->stamps)
        return false;
    region->warm = region->stamps + n_pages;
    region->recent = region->warm + n_words;
    region->orders = (uint8_t *)(region->recent + n_words);
    region->shares = region->orders + n_pages;
    return true;
}

/* A memfd of constant size: neither side can pull a page from under the other. */
static bool make_memory(struct region_memory *region)
{
    region->descriptor = memfd_create("astrolabe-plugins", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (region->descriptor < 0 || ftruncate(region->descriptor, (off_t)region->bytes) != 0 ||
        fcntl(region->descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
        return false;
    void *base =
        mmap(NULL, region->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, region->descriptor, 0);
    if (base == MAP_FAILED)
        return false;
    region->base = base;
    return true;
}

/* Half-built ones too. */
static void destroy(struct region_memory *region)
{
    if (region->base) {
        slab_allow(region->base, region->bytes); /* the addresses may be mapped again by others */
        munmap(region->base, region->bytes);
    }
    if (region->descriptor >= 0)
        close(region->descriptor);
    if (region->stamps)
        mem_unmap(region->stamps, books_bytes(region->bytes / PAGE));
    buddy_release(&region->buddy);
    pthread_cond_destroy(&region->returned);
    pthread_mutex_destroy(&region->mutex);
    mem_free(region);
}

/* The channel has the first pages for good. */
static void open_channel(struct region_memory *region, uint32_t n_loops)
{
    unsigned order;
    size_t page;
    CHECK(order_of(PROTOCOL_CHANNEL_BYTES, &order) && buddy_take(&region->buddy, order, &page) &&
              page == 0,
          "a new region has room for its channel at its beginning");
    slab_forbid(region->base + PROTOCOL_CHANNEL_BYTES, region->bytes - PROTOCOL_CHANNEL_BYTES);
    struct channel *channel = region_memory_channel(region);
    channel->version = PROTOCOL_VERSION;
    channel->n_loops = n_loops;
    channel->region_bytes = region->bytes;
}

struct region_memory *region_memory_create(size_t bytes, uint32_t n_loops)
{
    if (n_loops > PROTOCOL_MAX_LOOPS || bytes > (size_t)PAGE << (BUDDY_ORDERS - 1))
        return NULL;
    struct region_memory *region = mem_zalloc(1, sizeof *region);
    if (!region)
        return NULL;
    region->source = (struct slab_source){.take = take_slab, .release = release_slab};
    atomic_init(&region->references, 1);
    region->descriptor = -1;
    region->bytes = BYTES_MIN;
    while (region->bytes < bytes)
        region->bytes *= 2;
    pthread_mutex_init(&region->mutex, NULL);
    pthread_cond_init(&region->returned, NULL);
    if (!make_books(region) || !make_memory(region)) {
        destroy(region);
        return NULL;
    }
    open_channel(region, n_loops);
    return region;
}

struct region_memory *region_memory_hold(struct region_memory *region)
{
    CHECK(atomic_fetch_add_explicit(&region->references, 1, memory_order_relaxed) > 0,
          "held after its end");
    return region;
}

void region_memory_drop(struct region_memory *region)
{
    if (!region)
        return;
    unsigned before = atomic_fetch_sub_explicit(&region->references, 1, memory_order_acq_rel);
    CHECK(before > 0, "dropped more often than held");
    if (before == 1) {
        CHECK(region->live_blocks == 0, "a block without a reference");
        destroy(region);
    }
}

/* --- looking --- */

int region_memory_descriptor(const struct region_memory *region)
{
    return region->descriptor;
}

struct channel *region_memory_channel(const struct region_memory *region)
{
    return (struct channel *)(void *)region->base;
}

char *region_memory_base(const struct region_memory *region)
{
    return region->base;
}

size_t region_memory_bytes(const struct region_memory *region)
{
    return region->bytes;
}

struct slab_source *region_memory_source(struct region_memory *region)
{
    return &region->source;
}

struct region_memory *region_memory_of(const struct slab *slab)
{
    return slab->source && slab->source->take == take_slab ? region_of(slab->source) : NULL;
}

uint64_t region_memory_offset(const struct region_memory *region, const void *data)
{
    uint64_t offset = (uintptr_t)data - (uintptr_t)region->base;
    CHECK(offset < region->bytes, "not in this region");
    return offset;
}

struct region_memory_state region_memory_read(struct region_memory *region)
{
    lock(region);
    struct region_memory_state state = {
        .bytes = region->bytes,
        .live_bytes = region->live_bytes,
        .live_blocks = region->live_blocks,
        .warm_bytes = region->warm_pages * PAGE,
    };
    unlock(region);
    return state;
}
