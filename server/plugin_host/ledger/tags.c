/*
 * Tags and counts; the calls that replace malloc stand in replace.c.
 *
 * A block in memory:   [room for alignment] [struct tag, 16 bytes] [what the caller sees]
 * glibc's blocks are aligned to 16 bytes and so is what lies 16 bytes behind their beginning. A block
 * with a larger alignment A begins A bytes before what the caller sees.
 */
#include "plugin_host/ledger/tags.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_host/ledger/libc.h"

/* 48 bits that the word in front of a live block ends in; gone when it is free. */
#define TAG_MARK UINT64_C(0x00a57201abe50000)

/* `what`, from its low end: size, kind, the power of two that the block begins in front of (0: 16),
 * flags. Written as one word: what is written in parts is slow to read back as a whole. */
enum { SIZE_BITS = 48, KIND_AT = 48, ALIGNMENT_AT = 52, FLAGS_AT = 58, FOREIGN = 1 };

struct tag {
    uint64_t what;
    uint64_t mark; /* TAG_MARK + owner */
};
_Static_assert(sizeof(struct tag) == TAG_BYTES, "a tag keeps the alignment of what follows");

/* Sums of what came and what went; a difference is right however threads interleave. */
struct counts {
    _Atomic uint64_t made, gone; /* blocks */
    _Atomic uint64_t bytes;      /* live */
    uint64_t unused;
};
static struct {
    struct counts main[TAG_OWNERS][TAG_KINDS];   /* by the main thread alone */
    struct counts others[TAG_OWNERS][TAG_KINDS]; /* by all others */
} counted;

static _Atomic unsigned at_work;

/* Allocators must not call what allocates: thread-local storage of the program itself does not. */
static _Thread_local __attribute__((tls_model("initial-exec"))) bool is_main;

/* Blocks made before this by the dynamic linker are counted with the other threads. */
__attribute__((constructor(101))) static void know_main_thread(void)
{
    is_main = true;
}

unsigned tags_enter(unsigned owner)
{
    unsigned before = atomic_load_explicit(&at_work, memory_order_relaxed);
    atomic_store_explicit(&at_work, owner < TAG_OWNERS ? owner : 0, memory_order_relaxed);
    return before;
}

unsigned tags_owner(void)
{
    return atomic_load_explicit(&at_work, memory_order_relaxed);
}

static inline void add_alone(_Atomic uint64_t *sum, uint64_t value)
{
    uint64_t now = atomic_load_explicit(sum, memory_order_relaxed);
    atomic_store_explicit(sum, now + value, memory_order_relaxed);
}

static inline void count_in(unsigned owner, unsigned kind, uint64_t bytes)
{
    if (is_main) {
        struct counts *counts = &counted.main[owner][kind];
        add_alone(&counts->made, 1);
        add_alone(&counts->bytes, bytes);
    } else {
        struct counts *counts = &counted.others[owner][kind];
        atomic_fetch_add_explicit(&counts->made, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&counts->bytes, bytes, memory_order_relaxed);
    }
}

static inline void count_out(unsigned owner, unsigned kind, uint64_t bytes)
{
    if (is_main) {
        struct counts *counts = &counted.main[owner][kind];
        add_alone(&counts->gone, 1);
        add_alone(&counts->bytes, 0 - bytes);
    } else {
        struct counts *counts = &counted.others[owner][kind];
        atomic_fetch_add_explicit(&counts->gone, 1, memory_order_relaxed);
        atomic_fetch_sub_explicit(&counts->bytes, bytes, memory_order_relaxed);
    }
}

struct tag_totals tags_read(unsigned owner, enum tag_kind kind)
{
    struct tag_totals totals = {0};
    if (owner >= TAG_OWNERS)
        return totals;
    struct counts *both[2] = {&counted.main[owner][kind], &counted.others[owner][kind]};
    for (size_t i = 0; i < 2; i++) {
        uint64_t made = atomic_load_explicit(&both[i]->made, memory_order_relaxed);
        totals.allocations += made;
        totals.blocks += made - atomic_load_explicit(&both[i]->gone, memory_order_relaxed);
        totals.bytes += atomic_load_explicit(&both[i]->bytes, memory_order_relaxed);
    }
    return totals;
}

/* --- one tag --- */

static inline struct tag *tag_of(const void *block)
{
    return (struct tag *)((uintptr_t)block - TAG_BYTES);
}

static inline bool has_tag(const void *block)
{
    return (tag_of(block)->mark & ~UINT64_C(0xffff)) == TAG_MARK;
}

static inline uint64_t size_of(const struct tag *tag)
{
    return tag->what & ((UINT64_C(1) << SIZE_BITS) - 1);
}

static inline unsigned kind_of(const struct tag *tag)
{
    return (tag->what >> KIND_AT) & 15;
}

static inline unsigned alignment_of(const struct tag *tag)
{
    return (tag->what >> ALIGNMENT_AT) & 63;
}

static inline unsigned owner_of(const struct tag *tag)
{
    return (unsigned)(tag->mark & (TAG_OWNERS - 1));
}

/* Writes the tag in front of `block` and counts it. */
static inline void *write_tag(void *block, size_t size, enum tag_kind kind, unsigned alignment,
                              unsigned flags, unsigned owner)
{
    struct tag *tag = tag_of(block);
    tag->what = (uint64_t)size | (uint64_t)kind << KIND_AT | (uint64_t)alignment << ALIGNMENT_AT |
                (uint64_t)flags << FLAGS_AT;
    tag->mark = TAG_MARK | owner;
    count_in(owner, kind, size);
    return block;
}

/* Out of the counts; the memory is not a live block any more. */
static inline void clear_tag(struct tag *tag)
{
    count_out(owner_of(tag), kind_of(tag), size_of(tag));
    tag->mark = 0;
}

static inline void *begin_of(const struct tag *tag)
{
    uintptr_t block = (uintptr_t)tag + TAG_BYTES;
    unsigned alignment = alignment_of(tag);
    return (void *)(block - (alignment ? (uintptr_t)1 << alignment : TAG_BYTES));
}

/* False: no block can be that large (it would not fit the address space, let alone a tag). */
static inline bool size_fits(size_t size)
{
    if (size < (UINT64_C(1) << (SIZE_BITS - 1)))
        return true;
    errno = ENOMEM;
    return false;
}

/* --- blocks --- */

void *tagged_malloc(size_t size, enum tag_kind kind)
{
    if (!size_fits(size))
        return NULL;
    char *raw = LIBC_MALLOC(size + TAG_BYTES);
    return raw ? write_tag(raw + TAG_BYTES, size, kind, 0, 0, tags_owner()) : NULL;
}

void *tagged_calloc(size_t count, size_t size, enum tag_kind kind)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    if (!size_fits(bytes))
        return NULL;
    char *raw = LIBC_CALLOC(1, bytes + TAG_BYTES);
    return raw ? write_tag(raw + TAG_BYTES, bytes, kind, 0, 0, tags_owner()) : NULL;
}

void *tagged_aligned(size_t alignment, size_t size, enum tag_kind kind)
{
    if (alignment <= TAG_BYTES)
        return tagged_malloc(size, kind);
    if (!size_fits(size) || !size_fits(alignment))
        return NULL;
    char *raw = LIBC_MEMALIGN(alignment, size + alignment);
    if (!raw)
        return NULL;
    unsigned power = (unsigned)__builtin_ctzl(alignment);
    return write_tag(raw + alignment, size, kind, power, 0, tags_owner());
}

void tagged_free(void *block)
{
    if (!block)
        return;
    struct tag *tag = tag_of(block);
    if (!has_tag(block)) {
        /* Not one of ours, or freed before: glibc knows what to do with either. */
        LIBC_FREE(block);
        return;
    }
    clear_tag(tag);
    LIBC_FREE(begin_of(tag));
}

size_t tagged_size(const void *block)
{
    return block && has_tag(block) ? size_of(tag_of(block)) : 0;
}

/* The way for blocks that realloc cannot move with their alignment. */
static void *move(void *block, size_t size, enum tag_kind kind)
{
    void *moved = tagged_malloc(size, kind);
    if (!moved)
        return NULL;
    size_t before = tagged_size(block);
    memcpy(moved, block, before < size ? before : size);
    tagged_free(block);
    return moved;
}

void *tagged_realloc(void *block, size_t size, enum tag_kind kind)
{
    if (!block)
        return tagged_malloc(size, kind);
    if (!size_fits(size))
        return NULL;
    if (!has_tag(block))
        return LIBC_REALLOC(block, size);
    struct tag before = *tag_of(block);
    if (alignment_of(&before))
        return move(block, size, kind);
    char *raw = LIBC_REALLOC(begin_of(tag_of(block)), size + TAG_BYTES);
    if (!raw)
        return NULL;
    count_out(owner_of(&before), kind_of(&before), size_of(&before));
    unsigned owner = tags_owner();
    return write_tag(raw + TAG_BYTES, size, kind, 0, 0, owner ? owner : owner_of(&before));
}

/* --- tags in front of other allocators' blocks --- */

void *tag_put(void *raw, size_t size, enum tag_kind kind)
{
    return write_tag((char *)raw + TAG_BYTES, size, kind, 0, FOREIGN, tags_owner());
}

void *tag_take(void *block)
{
    struct tag *tag = tag_of(block);
    clear_tag(tag);
    return tag;
}

void *tag_resized(void *raw, size_t size)
{
    struct tag before = *(struct tag *)raw;
    count_out(owner_of(&before), kind_of(&before), size_of(&before));
    unsigned owner = tags_owner();
    return write_tag((char *)raw + TAG_BYTES, size, kind_of(&before), 0, FOREIGN,
                     owner ? owner : owner_of(&before));
}

bool tag_is_foreign(const void *block)
{
    return has_tag(block) && (tag_of(block)->what >> FLAGS_AT & FOREIGN);
}
