/*
 * Tags: sixteen bytes in front of every block say how large it is, what made it and who was at work.
 *
 * Kinds      What the allocator was asked for that made (or last resized) the block.
 * Owners     The number that tags_enter() was given last, for all threads of the process: a plugin's
 *            own threads work for whoever is at work. A block that the host itself resizes stays its
 *            owner's; otherwise a resized block belongs to who resized it.
 * Counts     Live blocks and bytes (as asked for, without the tag) per owner and kind, exact at every
 *            moment. The main thread counts without locked instructions, other threads with them.
 * malloc     With LEDGER_MALLOC 1 this file defines malloc and its family for the whole program, over
 *            glibc's own (__libc_malloc ...). Then every block of the process has a tag and any of
 *            these calls may free any block. With 0 (sanitizers, valgrind) only blocks from
 *            tagged_*() have one.
 * Threads    All calls from any thread, and in a forked child.
 */
#ifndef ASTRO_PLUGIN_HOST_TAGS_H
#define ASTRO_PLUGIN_HOST_TAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef LEDGER_MALLOC
#define LEDGER_MALLOC 1
#endif

enum tag_kind {
    TAG_MALLOC, /* malloc and its family */
    TAG_OBJECT, /* Python's OBJ domain: objects */
    TAG_MEMORY, /* Python's MEM and RAW domains: buffers, tables of lists, PyMem_Malloc */
    TAG_ARRAY,  /* NumPy's data */
    TAG_KINDS
};
enum { TAG_OWNERS = 1024, TAG_BYTES = 16 };

/* Who is at work from now on; returns who was. */
unsigned tags_enter(unsigned owner);
unsigned tags_owner(void);

struct tag_totals {
    uint64_t blocks, bytes; /* live now */
    uint64_t allocations;   /* ever, resizes included */
};
struct tag_totals tags_read(unsigned owner, enum tag_kind kind);

/*
 * Like malloc and its family, with a kind. NULL with errno ENOMEM: no memory, or a size (or product)
 * that cannot be. Size 0 is a block of its own. The old block of a failed resize stays valid; a
 * block of whatever kind may be resized and then is of `kind`.
 */
void *tagged_malloc(size_t size, enum tag_kind kind) __attribute__((warn_unused_result));
void *tagged_calloc(size_t count, size_t size, enum tag_kind kind)
    __attribute__((warn_unused_result));
void *tagged_realloc(void *block, size_t size, enum tag_kind kind)
    __attribute__((warn_unused_result));
void *tagged_aligned(size_t alignment, size_t size, enum tag_kind kind)
    __attribute__((warn_unused_result));
void tagged_free(void *block); /* NULL is fine */
/* As asked for. */
size_t tagged_size(const void *block);

/*
 * For memory that another allocator hands out (pymalloc): tag_put() writes and counts a tag at the
 * beginning of `raw`, which has TAG_BYTES + size bytes, and returns what lies behind it; tag_take()
 * takes it out of the counts and returns `raw`. tag_is_foreign(): the block came from tag_put().
 */
void *tag_put(void *raw, size_t size, enum tag_kind kind);
void *tag_take(void *block);
/* After the other allocator has resized `raw` to TAG_BYTES + size; the tag has come along. */
void *tag_resized(void *raw, size_t size);
bool tag_is_foreign(const void *block);

#endif
