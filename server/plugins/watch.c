#include "plugins/watch.h"

#include <string.h>

/* FNV-1a over the bytes of one value. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

/* Sums do not depend on the order in which a directory gives its entries. */
static bool add_entry(void *context, const struct tree_entry *entry)
{
    uint64_t *sum = context;
    uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), entry->path, strlen(entry->path) + 1);
    if (S_ISREG(entry->status->st_mode)) {
        hash = mix(hash, &entry->status->st_size, sizeof entry->status->st_size);
        hash = mix(hash, &entry->status->st_mtim.tv_sec, sizeof entry->status->st_mtim.tv_sec);
        hash = mix(hash, &entry->status->st_mtim.tv_nsec, sizeof entry->status->st_mtim.tv_nsec);
        hash = mix(hash, &entry->status->st_ino, sizeof entry->status->st_ino);
    }
    *sum += hash;
    return true;
}

bool watch_fingerprint(const char *directory, uint64_t *ret, char why[TREE_WHY])
{
    uint64_t sum = 0;
    if (tree_walk(directory, add_entry, &sum, why) != TREE_DONE)
        return false;
    *ret = sum;
    return true;
}

void watch_base(struct watch *watch, uint64_t fingerprint)
{
    *watch = (struct watch){.base = fingerprint};
}

bool watch_look(struct watch *watch, uint64_t fingerprint)
{
    bool at_rest = watch->has_last && watch->last == fingerprint;
    watch->last = fingerprint;
    watch->has_last = true;
    if (fingerprint == watch->base || !at_rest)
        return false;
    watch->base = fingerprint;
    return true;
}
