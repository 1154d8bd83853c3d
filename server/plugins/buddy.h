/*
 * Buddy: who may have which pages. Blocks are powers of two of pages, aligned to their own size; a
 * free block and its free neighbour of the same parent become one at once.
 *
 * Only numbers: it does not know the memory, what lies in it, or who owns it. The smallest free
 * block that is large enough is given, the lowest of those: what is used often stays together.
 * Cost       A few words per order passed; no search.
 * Ownership  One block of books, freed by buddy_release().
 * Threads    None of its own: the owner locks.
 */
#ifndef ASTRO_PLUGINS_BUDDY_H
#define ASTRO_PLUGINS_BUDDY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/bits.h"

enum { BUDDY_ORDERS = 36 };

struct buddy {
    unsigned top;      /* 2^top pages in all */
    uint64_t nonempty; /* bit `order`: there are free blocks of that order */
    struct bits free[BUDDY_ORDERS];
    uint64_t *books;
};

/* All pages are one free block. False: no memory. */
bool buddy_init(struct buddy *buddy, unsigned top);
void buddy_release(struct buddy *buddy);

/* A block of 2^order pages: its first page. False: there is none. */
bool buddy_take(struct buddy *buddy, unsigned order, size_t *ret_page);
/* The block is free again. */
void buddy_give(struct buddy *buddy, size_t page, unsigned order);

/* The order of the free block that this free page lies in. */
unsigned buddy_order_at(const struct buddy *buddy, size_t page);
/* Takes exactly this block, all of whose pages must be free, out of the free one that it lies in. */
void buddy_carve(struct buddy *buddy, size_t page, unsigned order);

#endif
