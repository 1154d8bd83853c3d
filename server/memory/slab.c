/*
 * The pool's policy: who gets which slab, what stays warm, what goes back.
 *
 * One mutex guards everything below. System calls are made without it: what is to go back to the
 * kernel is first taken off all lists into a batch of the calling thread (batch_close ...
 * batch_return), and a new region is mapped before it is entered.
 *
 * A slot is COLD -> LIVE -> WARM -> LIVE ... and WARM -> LEAVING -> COLD. A region whose slots are
 * all cold, or leaving in one batch, is retired from the table and unmapped.
 */
#include "memory/slab.h"

#include <pthread.h>

#include "memory/alloc.h"
#include "memory/check.h"
#include "memory/ledger.h"
#include "memory/slab_region.h"

enum { REGIONS_INITIAL = 64 };

struct slot_list {
    struct slot *first, *last;
};

static struct {
    pthread_mutex_t mutex;
    struct {
        struct slot_list warm; /* the one released last comes first */
        struct slot_list cold;
    } classes[SLAB_CLASSES];
    struct region **regions; /* by id; NULL: free place */
    unsigned n_places;
    uint64_t live_bytes, cached_bytes, mapped_bytes, limit_bytes;
    uint64_t clock;          /* counts takes and releases: a stamp that never comes twice */
    uint64_t previous_decay; /* the clock then */
} pool = {.mutex = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};

/* What one thread takes to the kernel. */
struct batch {
    struct slot *slots; /* linked by next */
    struct region *regions;
};

static void lock(void)
{
    pthread_mutex_lock(&pool.mutex);
}

static void unlock(void)
{
    pthread_mutex_unlock(&pool.mutex);
}

static void list_push(struct slot_list *list, struct slot *slot)
{
    slot->previous = NULL;
    slot->next = list->first;
    *(list->first ? &list->first->previous : &list->last) = slot;
    list->first = slot;
}

static void list_remove(struct slot_list *list, struct slot *slot)
{
    *(slot->previous ? &slot->previous->next : &list->first) = slot->next;
    *(slot->next ? &slot->next->previous : &list->last) = slot->previous;
}

static size_t slot_bytes(const struct slot *slot)
{
    return slab_class_bytes(slot->region->class_index);
}

/* --- giving back --- */

/* Locked. A warm slot leaves for the kernel. */
static void batch_add(struct batch *batch, struct slot *slot)
{
    list_remove(&pool.classes[slot->region->class_index].warm, slot);
    pool.cached_bytes -= slot_bytes(slot);
    slot->state = SLOT_LEAVING;
    slot->region->n_leaving++;
    slot->next = batch->slots;
    batch->slots = slot;
}

/* Locked. From here on the region is the caller's alone. */
static void retire(struct region *region, struct batch *batch)
{
    for (unsigned i = 0; i < region->n_slots; i++)
        if (region->slots[i].state == SLOT_COLD)
            list_remove(&pool.classes[region->class_index].cold, &region->slots[i]);
    pool.regions[region->id] = NULL;
    pool.mapped_bytes -= region->bytes;
    region->retired = true;
    region->next = batch->regions;
    batch->regions = region;
}

/* Locked; ends a series of batch_add(). Slots whose whole region can go need no call of their own.
 */
static void batch_close(struct batch *batch)
{
    struct slot *slot = batch->slots;
    batch->slots = NULL;
    while (slot) {
        struct slot *next = slot->next;
        struct region *region = slot->region;
        if (!region->retired && region->n_cold + region->n_leaving == region->n_slots)
            retire(region, batch);
        if (!region->retired) {
            slot->next = batch->slots;
            batch->slots = slot;
        }
        slot = next;
    }
    /* The next batch counts its own: slots of this one may not be unmapped while we are at them. */
    for (slot = batch->slots; slot; slot = slot->next)
        slot->region->n_leaving = 0;
}

static void destroy_regions(struct batch *batch)
{
    while (batch->regions) {
        struct region *region = batch->regions;
        batch->regions = region->next;
        region_destroy(region);
    }
}

/* Not locked; this is where the system calls are. */
static void batch_return(struct batch *batch)
{
    destroy_regions(batch);
    if (!batch->slots)
        return;
    for (struct slot *slot = batch->slots; slot; slot = slot->next)
        slot_discard(slot);
    lock();
    while (batch->slots) {
        struct slot *slot = batch->slots;
        struct region *region = slot->region;
        batch->slots = slot->next;
        slot->state = SLOT_COLD;
        list_push(&pool.classes[region->class_index].cold, slot);
        if (++region->n_cold == region->n_slots) /* true for its last slot only */
            retire(region, batch);
    }
    unlock();
    destroy_regions(batch);
}

/* Locked. The slot that has been warm for longest; there must be one. */
static struct slot *oldest_warm(void)
{
    struct slot *oldest = NULL;
    for (unsigned i = 0; i < SLAB_CLASSES; i++) {
        struct slot *slot = pool.classes[i].warm.last;
        if (slot && (!oldest || slot->stamp < oldest->stamp))
            oldest = slot;
    }
    CHECK(oldest, "cached bytes without a cached slab");
    return oldest;
}

/* Locked. Evicts until `bytes` more fit under the limit; false, and nothing evicted, if they
 * cannot. */
static bool make_room(size_t bytes, struct batch *batch)
{
    if (bytes > pool.limit_bytes || pool.live_bytes > pool.limit_bytes - bytes)
        return false;
    while (pool.cached_bytes > pool.limit_bytes - bytes - pool.live_bytes)
        batch_add(batch, oldest_warm());
    batch_close(batch);
    return true;
}

/* Locked. Everything warm with this stamp or an older one leaves. */
static void return_older(uint64_t stamp, struct batch *batch)
{
    for (unsigned i = 0; i < SLAB_CLASSES; i++) {
        struct slot *slot;
        while ((slot = pool.classes[i].warm.last) && slot->stamp <= stamp)
            batch_add(batch, slot);
    }
    batch_close(batch);
}

void slab_pool_decay(void)
{
    struct batch batch = {0};
    lock();
    return_older(pool.previous_decay, &batch);
    pool.previous_decay = pool.clock;
    unlock();
    batch_return(&batch);
}

void slab_pool_drain(void)
{
    struct batch batch = {0};
    lock();
    return_older(pool.clock, &batch);
    unlock();
    batch_return(&batch);
}

void slab_pool_init(uint64_t limit_bytes)
{
    struct batch batch = {0};
    lock();
    pool.limit_bytes = limit_bytes;
    while (pool.cached_bytes > 0 && pool.live_bytes + pool.cached_bytes > limit_bytes)
        batch_add(&batch, oldest_warm());
    batch_close(&batch);
    unlock();
    batch_return(&batch);
}

struct slab_pool_state slab_pool_read(void)
{
    lock();
    struct slab_pool_state state = {
        .cached_bytes = pool.cached_bytes,
        .mapped_bytes = pool.mapped_bytes,
        .live_bytes = pool.live_bytes,
        .limit_bytes = pool.limit_bytes,
    };
    unlock();
    return state;
}

/* --- taking --- */

/* Locked. The slot is on no list any more. */
static struct slab make_live(struct slot *slot)
{
    slot->state = SLOT_LIVE;
    slot->stamp = ++pool.clock;
    return (struct slab){
        .data = slot_data(slot),
        .size = slot_bytes(slot),
        .class_index = slot->region->class_index,
        .region = slot->region->id,
        .stamp = slot->stamp,
    };
}

/* Locked. */
static struct slot *pop_cold(unsigned class_index)
{
    struct slot *slot = pool.classes[class_index].cold.first;
    if (slot) {
        list_remove(&pool.classes[class_index].cold, slot);
        slot->region->n_cold--;
    }
    return slot;
}

/* Locked. A free place in the table, which grows if need be; false when out of memory. */
static bool find_place(unsigned *ret_id)
{
    for (unsigned i = 0; i < pool.n_places; i++) {
        if (!pool.regions[i]) {
            *ret_id = i;
            return true;
        }
    }
    unsigned n = pool.n_places ? 2 * pool.n_places : REGIONS_INITIAL;
    struct region **regions = mem_realloc(pool.regions, n * sizeof(struct region *));
    if (!regions)
        return false;
    for (unsigned i = pool.n_places; i < n; i++)
        regions[i] = NULL;
    *ret_id = pool.n_places;
    pool.regions = regions;
    pool.n_places = n;
    return true;
}

/* Not locked; the bytes are counted as live already. False when out of memory. */
static bool take_from_new_region(unsigned class_index, struct slab *ret)
{
    struct region *region = region_create(class_index);
    lock();
    if (!region || !find_place(&region->id)) {
        pool.live_bytes -= slab_class_bytes(class_index);
        unlock();
        if (region)
            region_destroy(region);
        return false;
    }
    pool.regions[region->id] = region;
    pool.mapped_bytes += region->bytes;
    for (unsigned i = region->n_slots; i-- > 0;)
        list_push(&pool.classes[class_index].cold, &region->slots[i]);
    *ret = make_live(pop_cold(class_index));
    unlock();
    return true;
}

/* Not warm: cold memory, for which there must be room. */
static bool take_cold(unsigned class_index, struct slab *ret)
{
    size_t bytes = slab_class_bytes(class_index);
    struct batch batch = {0};
    lock();
    bool fits = make_room(bytes, &batch);
    struct slot *slot = fits ? pop_cold(class_index) : NULL;
    if (fits)
        pool.live_bytes += bytes;
    if (slot)
        *ret = make_live(slot);
    unlock();
    batch_return(&batch);
    return slot || (fits && take_from_new_region(class_index, ret));
}

static bool take_warm(unsigned class_index, struct slab *ret)
{
    lock();
    struct slot_list *warm = &pool.classes[class_index].warm;
    struct slot *slot = warm->first;
    if (slot) {
        list_remove(warm, slot);
        pool.cached_bytes -= slot_bytes(slot);
        pool.live_bytes += slot_bytes(slot);
        *ret = make_live(slot);
    }
    unlock();
    return slot != NULL;
}

bool slab_take(size_t size, struct slab *ret)
{
    unsigned class_index;
    if (!slab_class_of(size, &class_index))
        return false;
    if (!take_warm(class_index, ret) && !take_cold(class_index, ret))
        return false;
    slab_allow(ret->data, ret->size);
    ledger_add(LEDGER_SLABS, 1, ret->size);
    return true;
}

bool slab_take_from(struct slab_source *source, size_t size, struct slab *ret)
{
    if (source == NULL)
        return slab_take(size, ret);
    if (!source->take(source, size, ret))
        return false;
    ledger_add(LEDGER_SLABS, 1, ret->size);
    return true;
}

void slab_release_kept(struct slab *slab)
{
    CHECK(slab->source, "only slabs of a source can be kept by others");
    slab->source->release(slab->source, slab);
    *slab = SLAB_EMPTY;
}

struct slab slab_move_take(struct slab *from)
{
    struct slab slab = *from;
    *from = SLAB_EMPTY;
    return slab;
}

/* Locked. The slot of a handle, after every doubt: a handle may be a stale copy of any age. */
static struct slot *live_slot(const struct slab *slab)
{
    CHECK(slab->region < pool.n_places && pool.regions[slab->region],
          "released twice, or not a slab of this pool");
    struct region *region = pool.regions[slab->region];
    size_t bytes = slab_class_bytes(region->class_index);
    CHECK(slab->class_index == region->class_index && slab->size == bytes,
          "released twice, or its handle was overwritten");
    size_t offset = (uintptr_t)slab->data - (uintptr_t)region->base;
    CHECK(offset < region->bytes && offset % bytes == 0,
          "released twice, or its handle was overwritten");
    struct slot *slot = &region->slots[offset / bytes];
    CHECK(slot->state == SLOT_LIVE && slot->stamp == slab->stamp,
          "released twice, or moved on and released by the old owner");
    return slot;
}

void slab_release(struct slab *slab)
{
    if (!slab || !slab->data)
        return;
    /* The ledger goes down before the slab is free and up after it was taken: never above the
     * truth. */
    ledger_sub(LEDGER_SLABS, 1, slab->size);
    if (slab->source != NULL) {
        slab->source->release(slab->source, slab);
        *slab = SLAB_EMPTY;
        return;
    }
    lock();
    struct slot *slot = live_slot(slab);
    slab_forbid(slab->data, slab->size);
    slot->state = SLOT_WARM;
    slot->stamp = ++pool.clock;
    list_push(&pool.classes[slab->class_index].warm, slot);
    pool.live_bytes -= slab->size;
    pool.cached_bytes += slab->size;
    unlock();
    *slab = SLAB_EMPTY;
}
