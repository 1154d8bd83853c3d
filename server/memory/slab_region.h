/*
 * Inside the slab pool: size classes, and the mappings that slabs are cut from. No lock, no policy.
 *
 * A region is one mapping with slabs of one class: many below SLAB_OWN_MAPPING, else one. What is
 * known about a slab stands outside of it (struct slot), so that idle memory is never touched.
 */
#ifndef ASTRO_MEMORY_SLAB_REGION_H
#define ASTRO_MEMORY_SLAB_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SLAB_SHIFT_MIN = 14, /* 16 KiB */
    SLAB_SHIFT_MAX = 35, /* 32 GiB, and the class of 48 GiB behind it */
    SLAB_CLASSES = 2 * (SLAB_SHIFT_MAX - SLAB_SHIFT_MIN + 1),
    SLAB_OWN_MAPPING = 1 << 20, /* classes from here on have a mapping per slab */
    SLAB_HUGE_PAGE = 2 << 20
};

_Static_assert(sizeof(size_t) == 8, "the largest classes need 64 bits");

/* Even classes are powers of two, odd ones half as much again. */
static inline size_t slab_class_bytes(unsigned class_index)
{
    size_t power = (size_t)1 << (SLAB_SHIFT_MIN + class_index / 2);
    return class_index % 2 ? power + power / 2 : power;
}

/* The smallest class that holds `size`; false when there is none. */
bool slab_class_of(size_t size, unsigned *ret_class);

enum slot_state {
    SLOT_COLD,   /* no memory behind it; on its class's cold list */
    SLOT_LIVE,   /* somebody's; on no list */
    SLOT_WARM,   /* idle, with memory; on its class's warm list */
    SLOT_LEAVING /* its memory is on the way to the kernel; in one thread's batch */
};

struct region;

struct slot {
    struct slot *previous, *next; /* in the list of its state */
    struct region *region;
    uint64_t stamp; /* LIVE: of the handle that may release it; WARM: when it was released */
    enum slot_state state;
};

struct region {
    char *base;
    size_t bytes;
    struct region *next; /* in a batch */
    unsigned class_index, n_slots;
    unsigned n_cold, n_leaving; /* slots in that state; LEAVING: in the batch that is being made */
    unsigned id;                /* index in the pool's table */
    bool retired;               /* no longer in the table */
    struct slot slots[];
};

/* A region of cold slots; NULL when out of memory. */
struct region *region_create(unsigned class_index) __attribute__((warn_unused_result));
void region_destroy(struct region *region); /* no slot may be live or warm */

char *slot_data(const struct slot *slot);
void slot_discard(const struct slot *slot); /* gives its pages back, keeps its addresses */
/* For AddressSanitizer: from now on use of the memory is an error / is fine. */
void slab_forbid(const char *data, size_t size);
void slab_allow(const char *data, size_t size);

#endif
