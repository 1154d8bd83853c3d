/*
 * Chunks in a list, the newest room in arena->next .. arena->end. An allocation that no ordinary
 * chunk can hold gets a chunk of its own, of exactly its size, which is freed and never kept; with
 * ASTRO_ARENA_MALLOC every allocation is one of those, and nothing else differs.
 */
#include "memory/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "memory/check.h"
#include "memory/ledger.h"

#ifndef ASTRO_ARENA_MALLOC
#define ASTRO_ARENA_MALLOC 0
#endif

enum chunk_magic { CHUNK_LIVE = 0x41c4a11e, CHUNK_FREE = 0x41c4f4ee, CHUNK_GONE = 0x41c4dead };

struct arena_chunk {
    struct arena_chunk *next;
    size_t bytes; /* of the whole chunk */
    uint32_t magic;
    bool ordinary;
};

enum {
    MALLOC_ALIGN = 16, /* what mem_alloc() gives */
    ALIGN_MAX = 64,
    CHUNK_HEAD = 32, /* keeps MALLOC_ALIGN behind the header */
    CHUNK_ROOM = ARENA_CHUNK - CHUNK_HEAD
};

_Static_assert(sizeof(struct arena_chunk) <= CHUNK_HEAD, "the header has outgrown its place");

/* --- the source: ordinary chunks kept for reuse --- */

void arena_source_init(struct arena_source *source)
{
    *source = (struct arena_source){0};
}

static void chunk_free(struct arena_chunk *chunk)
{
    chunk->magic =
        CHUNK_GONE; /* a stale pointer into the heap is then at least not taken for live */
    mem_free(chunk);
}

static struct arena_chunk *source_pop(struct arena_source *source)
{
    struct arena_chunk *chunk = source->free;
    CHECK(chunk->magic == CHUNK_FREE, "a free chunk was written to");
    source->free = chunk->next;
    source->n_free--;
    if (source->n_free < source->low_water)
        source->low_water = source->n_free;
    return chunk;
}

static void source_push(struct arena_source *source, struct arena_chunk *chunk)
{
    chunk->magic = CHUNK_FREE;
    chunk->next = source->free;
    source->free = chunk;
    source->n_free++;
}

/* Frees all but the `keep` chunks used last. */
static void source_shrink(struct arena_source *source, size_t keep)
{
    struct arena_chunk **link = &source->free;
    for (size_t i = 0; i < keep; i++)
        link = &(*link)->next;
    struct arena_chunk *chunk = *link;
    *link = NULL;
    source->n_free = keep;
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        CHECK(chunk->magic == CHUNK_FREE, "a free chunk was written to");
        chunk_free(chunk);
        chunk = next;
    }
}

void arena_source_decay(struct arena_source *source)
{
    source_shrink(source, source->n_free - source->low_water);
    source->low_water = source->n_free;
}

void arena_source_release(struct arena_source *source)
{
    source_shrink(source, 0);
    source->low_water = 0;
}

/* --- the arena --- */

static void add_chunk(struct arena *arena, struct arena_chunk *chunk, size_t bytes, bool ordinary)
{
    bool first = arena->chunks == NULL;
    *chunk = (struct arena_chunk){
        .next = arena->chunks, .bytes = bytes, .magic = CHUNK_LIVE, .ordinary = ordinary};
    arena->chunks = chunk;
    arena->bytes += bytes;
    ledger_add(LEDGER_ARENAS, first ? 1 : 0, bytes);
}

static void *alloc_own_chunk(struct arena *arena, size_t size, size_t alignment)
{
    /* Nothing behind the last byte, so that AddressSanitizer sees the first one too many. */
    size_t head = alignment > CHUNK_HEAD ? alignment : CHUNK_HEAD;
    size_t bytes;
    if (!size_add(head, size, &bytes))
        return NULL;
    struct arena_chunk *chunk =
        mem_aligned(alignment > MALLOC_ALIGN ? alignment : MALLOC_ALIGN, bytes);
    if (!chunk)
        return NULL;
    add_chunk(arena, chunk, bytes, false);
    return (char *)chunk + head;
}

static void *alloc_new_chunk(struct arena *arena, size_t size, size_t alignment)
{
    struct arena_source *source = arena->source;
    bool reuse =
        !arena->detached && source && source->free; /* detached: not even to be looked at */
    struct arena_chunk *chunk = reuse ? source_pop(source) : mem_alloc(ARENA_CHUNK);
    if (!chunk)
        return NULL;
    add_chunk(arena, chunk, ARENA_CHUNK, true);

    char *room = (char *)chunk + CHUNK_HEAD;
    char *block = room + (-(uintptr_t)room & (alignment - 1));
    char *next = block + size, *end = (char *)chunk + ARENA_CHUNK;
    /* A large piece must not cost the arena the better room of the chunk before. */
    if (end - next > arena->end - arena->next) {
        arena->next = next;
        arena->end = end;
    }
    return block;
}

void *arena_alloc_slow(struct arena *arena, size_t size, size_t alignment)
{
    CHECK(alignment > 0 && alignment <= ALIGN_MAX && (alignment & (alignment - 1)) == 0,
          "an alignment is a power of two up to 64");
    if (size == 0)
        return arena_alloc(arena, 1, alignment);
    if (ASTRO_ARENA_MALLOC || size > CHUNK_ROOM - (alignment - 1))
        return alloc_own_chunk(arena, size, alignment);
    return alloc_new_chunk(arena, size, alignment);
}

void *arena_zalloc(struct arena *arena, size_t size, size_t alignment)
{
    void *block = arena_alloc(arena, size, alignment);
    return block ? memset(block, 0, size) : NULL;
}

char *arena_copy(struct arena *arena, const char *data, size_t length)
{
    size_t size;
    if (!size_add(length, 1, &size))
        return NULL;
    char *copy = arena_alloc(arena, size, 1);
    if (!copy)
        return NULL;
    if (length > 0) /* data may be NULL then */
        memcpy(copy, data, length);
    copy[length] = '\0';
    return copy;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    /* Most texts fit into the room there is: format once, in place. */
    size_t room = (size_t)(arena->end - arena->next);
    va_list again;
    va_copy(again, arguments);
    char *text = arena->next;
    int length = vsnprintf(text, room, format, again);
    va_end(again);
    if (length < 0)
        return NULL;
    if ((size_t)length < room) {
        arena->next += length + 1;
        return text;
    }
    size_t size = (size_t)length + 1;
    text = arena_alloc(arena, size, 1);
    if (text)
        vsnprintf(text, size, format, arguments);
    return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return text;
}

void arena_detach(struct arena *arena)
{
    CHECK(!arena->detached, "detached twice");
    arena->detached = true;
}

void arena_attach(struct arena *arena)
{
    CHECK(arena->detached, "attached without having been detached");
    arena->detached = false;
}

void arena_release(struct arena *arena)
{
    CHECK(!arena->detached, "a job may still use this arena");
    struct arena_source *source = arena->source;
    struct arena_chunk *chunk = arena->chunks;
    if (!chunk)
        return;
    while (chunk) {
        struct arena_chunk *next = chunk->next;
        CHECK(chunk->magic == CHUNK_LIVE, "a chunk was released twice or overwritten");
        if (chunk->ordinary && source && source->n_free < ARENA_KEEP)
            source_push(source, chunk);
        else
            chunk_free(chunk);
        chunk = next;
    }
    ledger_sub(LEDGER_ARENAS, 1, arena->bytes);
    arena_init(arena, source);
}
