#include "plugins/buddy.h"

#include "memory/alloc.h"
#include "memory/check.h"

bool buddy_init(struct buddy *buddy, unsigned top)
{
    *buddy = (struct buddy){.top = top};
    if (top >= BUDDY_ORDERS)
        return false;
    size_t n = 0;
    for (unsigned order = 0; order <= top; order++)
        n += bits_words((size_t)1 << (top - order));
    uint64_t *words = mem_zalloc(n, sizeof *words);
    if (!words)
        return false;
    buddy->books = words;
    for (unsigned order = 0; order <= top; order++)
        words = bits_place(&buddy->free[order], (size_t)1 << (top - order), words);
    buddy_give(buddy, 0, top);
    return true;
}

void buddy_release(struct buddy *buddy)
{
    mem_free(buddy->books);
    buddy->books = NULL;
}

static void enter(struct buddy *buddy, size_t page, unsigned order)
{
    bits_set(&buddy->free[order], page >> order);
    buddy->nonempty |= (uint64_t)1 << order;
}

static void leave(struct buddy *buddy, size_t page, unsigned order)
{
    bits_clear(&buddy->free[order], page >> order);
    if (bits_empty(&buddy->free[order]))
        buddy->nonempty &= ~((uint64_t)1 << order);
}

/* The free block that `page` lies in is of order `from`: out of it one of order `to`, that has
 * `page`, is nobody's; what is left over stays free. */
static void split(struct buddy *buddy, size_t page, unsigned from, unsigned to)
{
    leave(buddy, page, from);
    while (from-- > to)
        enter(buddy, page ^ (size_t)1 << from, from);
}

bool buddy_take(struct buddy *buddy, unsigned order, size_t *ret_page)
{
    if (order > buddy->top || buddy->nonempty >> order == 0)
        return false;
    unsigned from = order + (unsigned)__builtin_ctzll(buddy->nonempty >> order);
    size_t page = bits_first(&buddy->free[from]) << from;
    split(buddy, page, from, order);
    *ret_page = page;
    return true;
}

void buddy_give(struct buddy *buddy, size_t page, unsigned order)
{
    while (order < buddy->top && bits_test(&buddy->free[order], page >> order ^ 1)) {
        leave(buddy, page ^ (size_t)1 << order, order);
        page &= ~((size_t)1 << order);
        order++;
    }
    enter(buddy, page, order);
}

unsigned buddy_order_at(const struct buddy *buddy, size_t page)
{
    unsigned order = 0;
    while (!bits_test(&buddy->free[order], page >> order)) {
        order++;
        CHECK(order <= buddy->top, "the page is not free");
    }
    return order;
}

void buddy_carve(struct buddy *buddy, size_t page, unsigned order)
{
    unsigned from = buddy_order_at(buddy, page);
    CHECK(from >= order && page % ((size_t)1 << order) == 0, "not a free block");
    split(buddy, page, from, order);
}
