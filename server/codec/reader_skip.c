/*
 * Passing over a value nobody asked for, fully checked. Duplicate keys are found by sorting the
 * hashes of an object's keys when it closes: no clever choice of keys makes that quadratic.
 */
#include <string.h>

#include "codec/reader_internal.h"
#include "memory/alloc.h"

enum {
    KEYS_INLINE = 64,        /* without an allocation */
    KEYS_LIMIT = 64 * 1024,  /* of all objects open at a time; bounds the memory to 1 MiB */
    LEVEL_WORDS = 2048 / 64, /* the reader's bound on nesting */
};

struct seen_key {
    uint64_t hash;
    const char *text; /* behind its quote; NULL: an object begins here */
};

struct skip {
    struct reader *reader;
    unsigned levels;                 /* opened by this call */
    uint64_t is_object[LEVEL_WORDS]; /* one bit a level */
    struct seen_key *keys;
    size_t count, room;
    struct seen_key few[KEYS_INLINE];
};

/* The bytes of a key with its escapes undone, one by one. */
struct key_bytes {
    const char *next;
    char bytes[4];
    size_t n, taken;
};

static int next_byte(struct key_bytes *key)
{
    if (key->taken == key->n) {
        if (*key->next == '"')
            return -1;
        key->n = text_decode_one(&key->next, key->bytes);
        key->taken = 0;
    }
    return (unsigned char)key->bytes[key->taken++];
}

static uint64_t hash_key(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    struct key_bytes key = {.next = text};
    for (int byte; (byte = next_byte(&key)) >= 0;)
        hash = (hash ^ (uint64_t)byte) * 0x100000001b3u;
    return hash;
}

static int compare_keys(const struct seen_key *a, const struct seen_key *b)
{
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    struct key_bytes left = {.next = a->text}, right = {.next = b->text};
    int l, r;
    do {
        l = next_byte(&left);
        r = next_byte(&right);
    } while (l == r && l >= 0);
    return l - r;
}

static void sift_down(struct seen_key *keys, size_t root, size_t n)
{
    const struct seen_key moved = keys[root];
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && compare_keys(&keys[child], &keys[child + 1]) < 0)
            child++;
        if (compare_keys(&moved, &keys[child]) >= 0)
            break;
        keys[root] = keys[child];
    }
    keys[root] = moved;
}

/* Heap sort: in place, and n log n whatever the input (qsort promises neither). */
static void sort_keys(struct seen_key *keys, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift_down(keys, i, n);
    for (size_t i = n; i-- > 1;) {
        const struct seen_key last = keys[i];
        keys[i] = keys[0];
        keys[0] = last;
        sift_down(keys, 0, i);
    }
}

static bool add_key(struct skip *skip, const char *text)
{
    struct astro_error *err = skip->reader->err;
    if (skip->count == KEYS_LIMIT)
        return astro_fail(err, ASTRO_TOO_LARGE, NULL, "an object with more than %d keys",
                          KEYS_LIMIT);
    if (skip->count == skip->room) {
        const bool grown = skip->keys != skip->few;
        struct seen_key *keys =
            mem_realloc(grown ? skip->keys : NULL, 2 * skip->room * sizeof *keys);
        if (!keys)
            return astro_fail(err, ASTRO_OVERLOADED, NULL, "out of memory");
        if (!grown)
            memcpy(keys, skip->few, sizeof skip->few);
        skip->keys = keys;
        skip->room *= 2;
    }
    skip->keys[skip->count++] = (struct seen_key){text ? hash_key(text) : 0, text};
    return true;
}

static bool duplicate_key(struct skip *skip, const char *a, const char *b)
{
    struct reader *reader = skip->reader;
    const char *later = a > b ? a : b;
    struct text_marks marks;
    const char *end = text_check(reader, later, &marks);
    return astro_fail(reader->err, ASTRO_DUPLICATE_KEY, NULL, "duplicate key \"%.*s\" at byte %zu",
                      (int)(end - later < 200 ? end - later : 200), later,
                      (size_t)(later - reader->begin));
}

/* Looks for duplicates among the keys of the object that closes, and forgets them. */
static bool close_object(struct skip *skip)
{
    size_t begin = skip->count;
    while (skip->keys[begin - 1].text)
        begin--;
    struct seen_key *keys = skip->keys + begin;
    const size_t n = skip->count - begin;
    skip->count = begin - 1;
    sort_keys(keys, n);
    for (size_t i = 1; i < n; i++)
        if (compare_keys(&keys[i - 1], &keys[i]) == 0)
            return duplicate_key(skip, keys[i - 1].text, keys[i].text);
    return true;
}

static bool open_container(struct skip *skip, bool object)
{
    const unsigned level = skip->levels;
    if (!(object ? reader_object_begin(skip->reader) : reader_array_begin(skip->reader)))
        return false;
    const uint64_t bit = (uint64_t)1 << (level % 64);
    skip->is_object[level / 64] &= ~bit;
    skip->is_object[level / 64] |= object ? bit : 0;
    skip->levels++;
    return !object || add_key(skip, NULL);
}

static bool at_object(const struct skip *skip)
{
    const unsigned level = skip->levels - 1;
    return skip->is_object[level / 64] >> (level % 64) & 1;
}

static bool skip_scalar(struct reader *reader, enum reader_type type)
{
    double real;
    bool boolean;
    struct text_marks marks;
    switch (type) {
    case READER_STRING: {
        const char *end = text_check(reader, reader->next + 1, &marks);
        if (end)
            reader->next = end + 1;
        return end;
    }
    case READER_NUMBER:
        return reader_number(reader, &real);
    case READER_NONFINITE:
        return reader_nonfinite(reader, &real);
    case READER_TRUE:
    case READER_FALSE:
        /* Fills `boolean` in and returns success: what the value is matters to nobody. */
        return reader_boolean(reader, &boolean);
    case READER_NULL:
        return reader_null(reader);
    default:
        return false;
    }
}

/* Behind a value: to the next value of the innermost container, or out of all that have ended. */
static bool skip_to_value(struct skip *skip, bool *ret_done)
{
    struct reader *reader = skip->reader;
    struct reader_member member;
    *ret_done = false;
    while (skip->levels > 0) {
        const bool object = at_object(skip);
        if (object ? reader_member_next(reader, &member) : reader_array_next(reader))
            return !object || add_key(skip, member.key);
        if (reader_failed(reader) || (object && !close_object(skip)))
            return false;
        skip->levels--;
    }
    *ret_done = true;
    return true;
}

static bool skip_value(struct skip *skip)
{
    for (bool done = false; !done;) {
        const enum reader_type type = reader_peek(skip->reader);
        const bool container = type == READER_OBJECT || type == READER_ARRAY;
        if (!(container ? open_container(skip, type == READER_OBJECT)
                        : skip_scalar(skip->reader, type)))
            return false;
        if (!skip_to_value(skip, &done))
            return false;
    }
    return true;
}

bool reader_value_skip(struct reader *reader)
{
    struct skip skip; /* not cleared: its larger parts are written before they are read */
    skip.reader = reader;
    skip.levels = 0;
    skip.keys = skip.few;
    skip.count = 0;
    skip.room = KEYS_INLINE;
    const bool success = skip_value(&skip);
    if (skip.keys != skip.few)
        mem_free(skip.keys);
    return success;
}
