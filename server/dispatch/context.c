/*
 * A context, its key and its prepared data are one block of memory. The key is the canonical form
 * of the parameters as 64-bit words; two contexts are equal when conversion and all words are.
 */
#include "dispatch/context.h"

#include <string.h>
#include <uv.h>

#include "memory/alloc.h"
#include "memory/check.h"

enum {
    KEY_ON_STACK = 96, /* words; enough for every key without long texts */
    BUCKETS_FIRST = 64
};

struct context {
    _Atomic size_t references;
    const struct astro_conversion *conversion;
    uint32_t warnings;
    size_t bytes; /* of the whole block */
    void *data;
    uint64_t *key;
    size_t n_key; /* words */
    /* The cache's own, on its loop. */
    uint64_t hash;
    struct context *chain;         /* same bucket */
    struct context *newer, *older; /* by last use */
};

struct context_cache {
    uint64_t limit, bytes;
    uint64_t seed; /* so that nobody can choose texts that fall into one bucket */
    size_t count, n_buckets;
    struct context **buckets;
    struct context *newest, *oldest;
};

static struct {
    _Atomic uint64_t objects, bytes, hits, misses;
} totals;

static void total_add(_Atomic uint64_t *total, uint64_t n)
{
    atomic_fetch_add_explicit(total, n, memory_order_relaxed);
}

static void total_sub(_Atomic uint64_t *total, uint64_t n)
{
    atomic_fetch_sub_explicit(total, n, memory_order_relaxed);
}

struct context_totals context_totals_read(void)
{
    return (struct context_totals){
        .objects = atomic_load_explicit(&totals.objects, memory_order_relaxed),
        .bytes = atomic_load_explicit(&totals.bytes, memory_order_relaxed),
        .hits = atomic_load_explicit(&totals.hits, memory_order_relaxed),
        .misses = atomic_load_explicit(&totals.misses, memory_order_relaxed),
    };
}

/* --- keys --- */

/* Two words per parameter, and the bytes of texts behind them, rounded up to words. */
static size_t key_size(const struct astro_conversion *conversion, const struct astro_value *values)
{
    size_t words = 2 * conversion->n_parameters;
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        if (values[i].present && conversion->parameters[i].type == ASTRO_STRING)
            words += (values[i].text.length + 7) / 8;
    }
    return words;
}

static uint64_t number_bits(double number)
{
    number += 0.0; /* -0 is 0 */
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static uint64_t payload(enum astro_parameter_type type, const struct astro_value *value)
{
    switch (type) {
    case ASTRO_CHOICE:
    case ASTRO_BOOLEAN:
        return (uint64_t)(int64_t)value->choice;
    case ASTRO_INTEGER:
        return (uint64_t)value->integer;
    case ASTRO_NUMBER:
    case ASTRO_EPOCH:
        return number_bits(value->number);
    case ASTRO_STRING:
        return value->text.length;
    }
    return 0;
}

/*
 * The first word of a parameter says whether it is there and of which calendar an epoch is. Whether
 * it was given or defaulted counts too: a conversion may refuse a value that was given and
 * contradicts another one, and accept the same value as its default.
 */
static void key_write(const struct astro_conversion *conversion, const struct astro_value *values,
                      uint64_t *key)
{
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        const struct astro_value *value = &values[i];
        enum astro_parameter_type type = conversion->parameters[i].type;
        if (!value->present) {
            *key++ = 0;
            *key++ = 0;
            continue;
        }
        unsigned kind = type == ASTRO_EPOCH ? (unsigned char)value->epoch_kind : 0;
        *key++ = 1u | (value->given ? 2u : 0u) | kind << 8;
        *key++ = payload(type, value);
        if (type == ASTRO_STRING && value->text.length > 0) {
            size_t words = (value->text.length + 7) / 8;
            key[words - 1] = 0;
            memcpy(key, value->text.data, value->text.length);
            key += words;
        }
    }
}

static uint64_t key_hash(uint64_t seed, const struct astro_conversion *conversion,
                         const uint64_t *key, size_t n)
{
    uint64_t hash = seed ^ (uint64_t)(uintptr_t)conversion;
    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

/* --- one context --- */

/* Reference 1, not prepared; NULL when out of memory. */
static struct context *context_allocate(const struct astro_conversion *conversion, size_t n_key)
{
    size_t key_at = (sizeof(struct context) + 7) & ~(size_t)7;
    size_t key_bytes, head, bytes;
    if (!size_mul(n_key, sizeof(uint64_t), &key_bytes) || !size_add(key_at, key_bytes, &head) ||
        !size_add(head, ASTRO_CONTEXT_ALIGN - 1, &head))
        return NULL;
    head &= ~(size_t)(ASTRO_CONTEXT_ALIGN - 1);
    if (!size_add(head, conversion->context_size, &bytes))
        return NULL;
    struct context *context = mem_aligned(ASTRO_CONTEXT_ALIGN, bytes);
    if (context == NULL)
        return NULL;
    *context = (struct context){.conversion = conversion, .bytes = bytes, .n_key = n_key};
    atomic_init(&context->references, 1);
    context->key = (uint64_t *)(void *)((char *)context + key_at);
    context->data = (char *)context + head;
    return context;
}

struct context *context_make(const struct astro_conversion *conversion,
                             const struct astro_value *values, struct astro_error *err)
{
    struct context *context = context_allocate(conversion, key_size(conversion, values));
    if (context == NULL) {
        astro_fail(err, ASTRO_OVERLOADED, NULL, "out of memory; try again");
        return NULL;
    }
    if (!conversion->prepare(values, context->data, &context->warnings, err)) {
        mem_free(context);
        return NULL;
    }
    key_write(conversion, values, context->key);
    total_add(&totals.objects, 1);
    total_add(&totals.bytes, context->bytes);
    return context;
}

const void *context_data(const struct context *context)
{
    return context->data;
}

uint32_t context_warnings(const struct context *context)
{
    return context->warnings;
}

struct context *context_hold(struct context *context)
{
    atomic_fetch_add_explicit(&context->references, 1, memory_order_relaxed);
    return context;
}

void context_drop(struct context *context)
{
    if (context == NULL)
        return;
    size_t before = atomic_fetch_sub_explicit(&context->references, 1, memory_order_acq_rel);
    CHECK(before > 0, "a context was dropped more often than held");
    if (before > 1)
        return;
    if (context->conversion->release != NULL)
        context->conversion->release(context->data);
    total_sub(&totals.objects, 1);
    total_sub(&totals.bytes, context->bytes);
    mem_free(context);
}

/* --- the cache --- */

struct context_cache *context_cache_create(uint64_t limit_bytes)
{
    struct context_cache *cache = mem_zalloc(1, sizeof *cache);
    if (cache == NULL)
        return NULL;
    cache->buckets = mem_zalloc(BUCKETS_FIRST, sizeof(struct context *));
    if (cache->buckets == NULL) {
        mem_free(cache);
        return NULL;
    }
    cache->n_buckets = BUCKETS_FIRST;
    cache->limit = limit_bytes;
    cache->seed = (uv_hrtime() ^ (uint64_t)(uintptr_t)cache) * UINT64_C(0xff51afd7ed558ccd);
    return cache;
}

void context_cache_destroy(struct context_cache *cache)
{
    if (cache == NULL)
        return;
    context_cache_clear(cache);
    mem_free(cache->buckets);
    mem_free(cache);
}

static struct context **bucket_of(const struct context_cache *cache, uint64_t hash)
{
    return &cache->buckets[hash & (cache->n_buckets - 1)];
}

static void order_unlink(struct context_cache *cache, struct context *context)
{
    *(context->newer != NULL ? &context->newer->older : &cache->newest) = context->older;
    *(context->older != NULL ? &context->older->newer : &cache->oldest) = context->newer;
}

static void order_push(struct context_cache *cache, struct context *context)
{
    context->newer = NULL;
    context->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = context;
    cache->newest = context;
}

static void cache_remove(struct context_cache *cache, struct context *context)
{
    struct context **link = bucket_of(cache, context->hash);
    while (*link != context)
        link = &(*link)->chain;
    *link = context->chain;
    order_unlink(cache, context);
    cache->count--;
    cache->bytes -= context->bytes;
    context_drop(context);
}

/* Twice the buckets; when there is no memory for them the chains just get longer. */
static void cache_grow(struct context_cache *cache)
{
    struct context **buckets = mem_zalloc(cache->n_buckets * 2, sizeof(struct context *));
    if (buckets == NULL)
        return;
    mem_free(cache->buckets);
    cache->buckets = buckets;
    cache->n_buckets *= 2;
    for (struct context *context = cache->newest; context != NULL; context = context->older) {
        struct context **bucket = bucket_of(cache, context->hash);
        context->chain = *bucket;
        *bucket = context;
    }
}

static struct context *cache_look(const struct context_cache *cache,
                                  const struct astro_conversion *conversion, uint64_t hash,
                                  const uint64_t *key, size_t n_key)
{
    for (struct context *context = *bucket_of(cache, hash); context; context = context->chain) {
        if (context->hash == hash && context->conversion == conversion && context->n_key == n_key &&
            memcmp(context->key, key, n_key * sizeof *key) == 0)
            return context;
    }
    return NULL;
}

struct context *context_cache_find(struct context_cache *cache,
                                   const struct astro_conversion *conversion,
                                   const struct astro_value *values)
{
    uint64_t stack[KEY_ON_STACK], *key = stack;
    size_t n_key = key_size(conversion, values);
    struct context *found = NULL;
    if (n_key > KEY_ON_STACK)
        key = mem_alloc(n_key * sizeof *key); /* without memory: a miss like another */
    if (key != NULL) {
        key_write(conversion, values, key);
        uint64_t hash = key_hash(cache->seed, conversion, key, n_key);
        found = cache_look(cache, conversion, hash, key, n_key);
        if (key != stack)
            mem_free(key);
    }
    total_add(found != NULL ? &totals.hits : &totals.misses, 1);
    if (found == NULL)
        return NULL;
    order_unlink(cache, found);
    order_push(cache, found);
    return context_hold(found);
}

void context_cache_keep(struct context_cache *cache, struct context *context)
{
    if (context->bytes > cache->limit)
        return;
    uint64_t hash = key_hash(cache->seed, context->conversion, context->key, context->n_key);
    if (cache_look(cache, context->conversion, hash, context->key, context->n_key) != NULL)
        return;
    while (cache->bytes + context->bytes > cache->limit)
        cache_remove(cache, cache->oldest);
    if (cache->count >= cache->n_buckets)
        cache_grow(cache);
    context->hash = hash;
    struct context **bucket = bucket_of(cache, hash);
    context->chain = *bucket;
    *bucket = context_hold(context);
    order_push(cache, context);
    cache->count++;
    cache->bytes += context->bytes;
}

struct context *context_cache_make(struct context_cache *cache,
                                   const struct astro_conversion *conversion,
                                   const struct astro_value *values, struct astro_error *err)
{
    struct context *context = context_make(conversion, values, err);
    if (context != NULL)
        context_cache_keep(cache, context);
    return context;
}

void context_cache_clear(struct context_cache *cache)
{
    while (cache->oldest != NULL)
        cache_remove(cache, cache->oldest);
}
