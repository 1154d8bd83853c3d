/* The buddy allocator against a map of pages: nobody is given what somebody has, and nothing gets lost. */
#include "support.h"

#include <string.h>

#include "plugins/buddy.h"

enum { TOP = 13, PAGES = 1 << TOP }; /* three levels of bits for order 0 */

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

static void bits_find_their_lowest(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 63, 64, 65, 4096, 4097, 300000};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k];
        uint64_t *words = calloc(bits_words(n) + 1, sizeof *words);
        struct bits bits;
        words[bits_words(n)] = 4711;
        assert_ptr_equal(bits_place(&bits, n, words), words + bits_words(n));
        assert_true(bits_empty(&bits));
        bits_set(&bits, n - 1);
        assert_int_equal(bits_first(&bits), n - 1);
        bits_set(&bits, n / 2);
        assert_int_equal(bits_first(&bits), n / 2);
        bits_set(&bits, 0);
        assert_int_equal(bits_first(&bits), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(bits_test(&bits, i), i == 0 || i == n / 2 || i == n - 1);
        bits_clear(&bits, 0);
        bits_clear(&bits, n / 2);
        assert_int_equal(bits_empty(&bits), n <= 2);
        bits_clear(&bits, n - 1);
        assert_true(bits_empty(&bits));
        assert_int_equal(words[bits_words(n)], 4711);
        free(words);
    }
}

static void assert_whole(const struct buddy *buddy)
{
    assert_int_equal(buddy->nonempty, (uint64_t)1 << buddy->top);
    assert_int_equal(buddy_order_at(buddy, ((size_t)1 << buddy->top) - 1), buddy->top);
}

static void the_lowest_is_given_first(void **state)
{
    (void)state;
    struct buddy buddy;
    assert_true(buddy_init(&buddy, TOP));
    size_t page = 99;
    for (size_t i = 0; i < PAGES; i++) {
        assert_true(buddy_take(&buddy, 0, &page));
        assert_int_equal(page, i);
    }
    assert_false(buddy_take(&buddy, 0, &page));
    assert_int_equal(page, PAGES - 1); /* untouched */
    buddy_give(&buddy, 700, 0);
    buddy_give(&buddy, 31, 0);
    assert_true(buddy_take(&buddy, 0, &page));
    assert_int_equal(page, 31);
    buddy_give(&buddy, 31, 0);
    for (size_t i = PAGES; i-- > 0;)
        if (i != 31 && i != 700)
            buddy_give(&buddy, i, 0);
    assert_whole(&buddy);
    buddy_release(&buddy);
    buddy_release(&buddy);
}

static void orders_have_ends(void **state)
{
    (void)state;
    struct buddy buddy;
    size_t page;
    assert_true(buddy_init(&buddy, 0));
    assert_false(buddy_take(&buddy, 1, &page));
    assert_true(buddy_take(&buddy, 0, &page));
    assert_int_equal(page, 0);
    assert_false(buddy_take(&buddy, 0, &page));
    buddy_give(&buddy, 0, 0);
    assert_whole(&buddy);
    buddy_release(&buddy);
    assert_false(buddy_init(&buddy, BUDDY_ORDERS));
    buddy_release(&buddy);
}

/* Who has each page: 0 is nobody. */
static uint8_t owners[PAGES];

static void mark(size_t page, unsigned order, uint8_t from, uint8_t to)
{
    for (size_t i = page; i < page + ((size_t)1 << order); i++) {
        assert_int_equal(owners[i], from);
        owners[i] = to;
    }
}

static bool is_free(size_t page, unsigned order)
{
    for (size_t i = page; i < page + ((size_t)1 << order); i++)
        if (owners[i])
            return false;
    return true;
}

static bool any_free(unsigned order)
{
    for (size_t page = 0; page < PAGES; page += (size_t)1 << order)
        if (is_free(page, order))
            return true;
    return false;
}

static void churn_ends_in_one_block(void **state)
{
    (void)state;
    enum { HELD = 200, ROUNDS = 60000 };
    static struct {
        size_t page;
        unsigned order;
        bool live;
    } held[HELD];
    struct buddy buddy;
    assert_true(buddy_init(&buddy, TOP));
    memset(owners, 0, sizeof owners);
    uint64_t seed = 2;
    for (int round = 0; round < ROUNDS; round++) {
        size_t i = next_random(&seed) % HELD;
        if (held[i].live) {
            mark(held[i].page, held[i].order, (uint8_t)(i + 1), 0);
            buddy_give(&buddy, held[i].page, held[i].order);
            held[i].live = false;
            continue;
        }
        unsigned order = (unsigned)(next_random(&seed) % 10);
        size_t page = next_random(&seed) % PAGES >> order << order;
        if (round % 3 == 0 && is_free(page, order)) {
            assert_in_range(buddy_order_at(&buddy, page), order, TOP);
            buddy_carve(&buddy, page, order);
        } else if (!buddy_take(&buddy, order, &page)) {
            if (round % 64 == 0)
                assert_false(any_free(order)); /* nothing was merged too late */
            continue;
        }
        assert_int_equal(page % ((size_t)1 << order), 0);
        mark(page, order, 0, (uint8_t)(i + 1));
        held[i].page = page;
        held[i].order = order;
        held[i].live = true;
    }
    for (size_t i = 0; i < HELD; i++)
        if (held[i].live)
            buddy_give(&buddy, held[i].page, held[i].order);
    assert_whole(&buddy);
    buddy_release(&buddy);
}

static void carve_what_is_not_free(void)
{
    struct buddy buddy;
    size_t page;
    if (buddy_init(&buddy, 4) && buddy_take(&buddy, 0, &page))
        buddy_carve(&buddy, 0, 0);
}

static void carve_too_much(void)
{
    struct buddy buddy;
    size_t page;
    if (buddy_init(&buddy, 4) && buddy_take(&buddy, 0, &page))
        buddy_carve(&buddy, 8, 4);
}

static void misuse_ends_the_process(void **state)
{
    (void)state;
    assert_aborts(carve_what_is_not_free);
    assert_aborts(carve_too_much);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_find_their_lowest),  cmocka_unit_test(the_lowest_is_given_first),
        cmocka_unit_test(orders_have_ends),        cmocka_unit_test(churn_ends_in_one_block),
        cmocka_unit_test(misuse_ends_the_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
