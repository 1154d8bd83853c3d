#include "memory/slab_region.h"

#include <sys/mman.h>

#include "memory/alloc.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISON 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POISON 1
#endif

#ifdef POISON
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

bool slab_class_of(size_t size, unsigned *ret_class)
{
    if (size > slab_class_bytes(SLAB_CLASSES - 1))
        return false;
    if (size <= slab_class_bytes(0)) {
        *ret_class = 0;
        return true;
    }
    /* 2^shift < size <= 2^(shift+1) */
    unsigned shift = 63u - (unsigned)__builtin_clzll(size - 1);
    unsigned odd = 2 * (shift - SLAB_SHIFT_MIN) + 1;
    *ret_class = size <= slab_class_bytes(odd) ? odd : odd + 1;
    return true;
}

/* As many slabs as make a region of 2 MiB, or of 3 MiB for odd classes: nothing is left over. */
static unsigned slots_per_region(unsigned class_index)
{
    if (slab_class_bytes(class_index) >= SLAB_OWN_MAPPING)
        return 1;
    return (unsigned)SLAB_HUGE_PAGE >> (SLAB_SHIFT_MIN + class_index / 2);
}

/* Not left to the kernel, which aligns by itself only since Linux 6.7. */
static char *map_aligned(size_t bytes)
{
    char *block = mem_map(bytes);
    if (!block || (uintptr_t)block % SLAB_HUGE_PAGE == 0)
        return block;
    mem_unmap(block, bytes);
    block = mem_map(bytes + SLAB_HUGE_PAGE);
    if (!block)
        return NULL;
    size_t before = -(uintptr_t)block % SLAB_HUGE_PAGE, after = SLAB_HUGE_PAGE - before;
    if (before > 0)
        mem_unmap(block, before);
    if (after > 0)
        mem_unmap(block + before + bytes, after);
    return block + before;
}

static char *map_slabs(size_t bytes, bool carved)
{
    bool huge = !carved && bytes >= SLAB_HUGE_PAGE;
    char *block = huge ? map_aligned(bytes) : mem_map(bytes);
    /* A hint, so the result does not matter. Never huge when carved, whatever the system's default:
       the first touch of one slab would make all its neighbours resident, which the cap does not
       count. */
    if (block && (huge || carved))
        madvise(block, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    return block;
}

struct region *region_create(unsigned class_index)
{
    unsigned n = slots_per_region(class_index);
    size_t bytes = n * slab_class_bytes(class_index);
    struct region *region = mem_zalloc(1, sizeof *region + n * sizeof *region->slots);
    if (!region)
        return NULL;
    region->base = map_slabs(bytes, n > 1);
    if (!region->base) {
        mem_free(region);
        return NULL;
    }
    region->bytes = bytes;
    region->class_index = class_index;
    region->n_slots = n;
    region->n_cold = n;
    for (unsigned i = 0; i < n; i++)
        region->slots[i] = (struct slot){.region = region, .state = SLOT_COLD};
    ASAN_POISON_MEMORY_REGION(region->base, bytes);
    return region;
}

void region_destroy(struct region *region)
{
    /* The addresses may be mapped again by others. */
    ASAN_UNPOISON_MEMORY_REGION(region->base, region->bytes);
    mem_unmap(region->base, region->bytes);
    mem_free(region);
}

char *slot_data(const struct slot *slot)
{
    const struct region *region = slot->region;
    size_t index = (size_t)(slot - region->slots);
    return region->base + index * slab_class_bytes(region->class_index);
}

void slot_discard(const struct slot *slot)
{
    madvise(slot_data(slot), slab_class_bytes(slot->region->class_index), MADV_DONTNEED);
}

void slab_forbid(const char *data, size_t size)
{
    ASAN_POISON_MEMORY_REGION(data, size);
}

void slab_allow(const char *data, size_t size)
{
    ASAN_UNPOISON_MEMORY_REGION(data, size);
}
