/*
 * malloc and its family for the whole program (glibc manual, "Replacing malloc"): the dynamic linker
 * prefers the program's definitions to the C library's, in every library. Contracts are those of
 * malloc(3), aligned_alloc(3) and malloc_usable_size(3).
 */
#include "plugin_host/ledger/tags.h"

#if LEDGER_MALLOC

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

/* Seen by libraries even if the program is built with hidden symbols. */
#define PUBLIC __attribute__((visibility("default"), used))

PUBLIC void *malloc(size_t size)
{
    return tagged_malloc(size, TAG_MALLOC);
}

PUBLIC void *calloc(size_t count, size_t size)
{
    return tagged_calloc(count, size, TAG_MALLOC);
}

/* Size 0 frees, as glibc's does. */
PUBLIC void *realloc(void *block, size_t size)
{
    if (block && size == 0) {
        tagged_free(block);
        return NULL;
    }
    return tagged_realloc(block, size, TAG_MALLOC);
}

PUBLIC void free(void *block)
{
    tagged_free(block);
}

static size_t next_power(size_t alignment)
{
    size_t power = TAG_BYTES;
    while (power < alignment && power <= SIZE_MAX / 4)
        power *= 2;
    return power;
}

/* glibc's memalign takes any alignment and rounds it up. */
PUBLIC void *memalign(size_t alignment, size_t size)
{
    if (alignment > SIZE_MAX / 2 + 1) {
        errno = EINVAL;
        return NULL;
    }
    return tagged_aligned(next_power(alignment), size, TAG_MALLOC);
}

PUBLIC void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

PUBLIC int posix_memalign(void **ret, size_t alignment, size_t size)
{
    if (alignment == 0 || alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0)
        return EINVAL;
    int before = errno;
    void *block = tagged_aligned(alignment, size, TAG_MALLOC);
    errno = before;
    if (!block)
        return ENOMEM;
    *ret = block;
    return 0;
}

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

PUBLIC void *valloc(size_t size)
{
    return tagged_aligned(page_bytes(), size, TAG_MALLOC);
}

PUBLIC void *pvalloc(size_t size)
{
    size_t page = page_bytes(), rounded;
    if (__builtin_add_overflow(size, page - 1, &rounded)) {
        errno = ENOMEM;
        return NULL;
    }
    return tagged_aligned(page, rounded / page * page, TAG_MALLOC);
}

PUBLIC size_t malloc_usable_size(void *block)
{
    return tagged_size(block);
}

#endif
