/*
 * Every heap allocation of astrolabed goes through here, jansson's, libuv's and zlib's included, so
 * that each one can be made to fail in turn (tests/torture) and none is hidden from that test.
 *
 * Threads    All calls from any thread.
 * Faults     Off unless ASTROLABE_FAULT_ALLOC is in the environment at start: "K" fails the K-th
 *            allocation after mem_faults_arm(), "K+" that one and all later ones, "count" only counts.
 *            When off, the price is one predictable branch.
 */
#ifndef ASTRO_MEMORY_ALLOC_H
#define ASTRO_MEMORY_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* New memory, owned by the caller; NULL when there is none. size 0 is an error of the caller. */
void *mem_alloc(size_t size) __attribute__((malloc, warn_unused_result));
/* Zeroed; the product is checked. */
void *mem_zalloc(size_t count, size_t size) __attribute__((malloc, warn_unused_result));
void *mem_aligned(size_t alignment, size_t size) __attribute__((malloc, warn_unused_result));
/* The old block stays valid and owned by the caller when this fails. */
void *mem_realloc(void *block, size_t size) __attribute__((warn_unused_result));
char *mem_strdup(const char *text) __attribute__((malloc, warn_unused_result));
void mem_free(void *block); /* NULL is fine */

/* Anonymous mapping / unmapping, counted as an allocation too (slabs). */
void *mem_map(size_t size) __attribute__((warn_unused_result)); /* NULL when refused */
void mem_unmap(void *block, size_t size);

/* For z_stream.zalloc and .zfree; zlib has no global hook. */
void *mem_zlib_alloc(void *unused, unsigned count, unsigned size);
void mem_zlib_free(void *unused, void *block);

/* Reads the environment, tunes malloc for a flat RSS, hands the allocator to jansson and libuv.
   Once, before any other call and any thread (tests: again, after a change of the environment). */
void mem_init(void);
/* Gives free malloc'd pages back to the kernel. Costs up to milliseconds: when idle. */
void mem_trim(void);
void mem_faults_arm(void);         /* start counting now (the server is listening) */
uint64_t mem_faults_counted(void); /* allocations since arming */

/* Sizes from outside: *ret = a + b / a * b; false on overflow, *ret untouched. */
static inline bool size_add(size_t a, size_t b, size_t *ret)
{
    size_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *ret = sum;
    return true;
}
static inline bool size_mul(size_t a, size_t b, size_t *ret)
{
    size_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *ret = product;
    return true;
}

#endif
