/*
 * Contexts: what prepare() made, kept in a bounded LRU per loop, keyed by conversion and parameters.
 *
 * Ownership  Immutable after creation, counted references (atomic: jobs on the pool hold them too);
 *            freed with the last one. The cache holds one reference of its own.
 * Threads    A cache belongs to its loop; hold and drop from any thread.
 */
#ifndef ASTRO_DISPATCH_CONTEXT_H
#define ASTRO_DISPATCH_CONTEXT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "astrolabe/conversion.h"

struct context;
struct context_cache;

const void *context_data(const struct context *context); /* for run() */
uint32_t context_warnings(const struct context *context);
struct context *context_hold(struct context *context); /* new reference */
void context_drop(struct context *context);            /* NULL is fine */

/* Makes one by prepare(), outside any cache; from any thread; new reference; NULL with *err set. */
struct context *context_make(const struct astro_conversion *conversion,
                             const struct astro_value *values, struct astro_error *err);

struct context_cache *context_cache_create(uint64_t limit_bytes); /* caller owns; NULL */
void context_cache_destroy(struct context_cache *cache);
/* New reference, or NULL when it is not there. */
struct context *context_cache_find(struct context_cache *cache,
                                   const struct astro_conversion *conversion,
                                   const struct astro_value *values);
/* Makes one by prepare() and keeps it; new reference; NULL with *err set. */
struct context *context_cache_make(struct context_cache *cache,
                                   const struct astro_conversion *conversion,
                                   const struct astro_value *values, struct astro_error *err);
/* Keeps one from context_make(), with a reference of the cache's own. Does nothing when it is
 * bigger than the limit, when an equal one is there already, or when memory is short. */
void context_cache_keep(struct context_cache *cache, struct context *context);
void context_cache_clear(struct context_cache *cache); /* after a reload of data */

struct context_totals {
    uint64_t objects, bytes; /* alive, in a cache or held by a call */
    uint64_t hits, misses;   /* of context_cache_find() */
};
/* Over the whole process; from any thread. */
struct context_totals context_totals_read(void);

#endif
