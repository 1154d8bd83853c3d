/* Classes, the cap, reuse, handles. What the kernel sees of it: test_slab_resident.c. */
#include "support.h"

#include <string.h>

#include "memory/slab.h"
#include "memory/slab_region.h"

enum { KIB = 1024, MIB = 1024 * 1024 };

static int set_up(void **state)
{
    (void)state;
    slab_pool_init((uint64_t)1 << 30);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    slab_pool_drain();
    struct slab_pool_state pool = slab_pool_read();
    assert_int_equal(pool.live_bytes, 0);
    assert_int_equal(pool.cached_bytes, 0);
    assert_int_equal(pool.mapped_bytes, 0);
    assert_ledger(LEDGER_SLABS, 0, 0);
    return 0;
}

static struct slab take(size_t size)
{
    struct slab slab = SLAB_EMPTY;
    assert_true(slab_take(size, &slab));
    assert_true(slab.size >= size);
    return slab;
}

static void assert_pool(uint64_t live, uint64_t cached)
{
    struct slab_pool_state pool = slab_pool_read();
    assert_int_equal(pool.live_bytes, live);
    assert_int_equal(pool.cached_bytes, cached);
    assert_true(pool.mapped_bytes >= live + cached);
    assert_int_equal(ledger_read(LEDGER_SLABS).bytes, live);
}

static void classes_are_two_per_power_of_two(void **state)
{
    (void)state;
    assert_int_equal(slab_class_bytes(0), 16 * KIB);
    assert_int_equal(slab_class_bytes(1), 24 * KIB);
    assert_int_equal(slab_class_bytes(2), 32 * KIB);
    assert_true(slab_class_bytes(SLAB_CLASSES - 1) >= (size_t)4 << 30);
    unsigned found;
    assert_true(slab_class_of(0, &found));
    assert_int_equal(found, 0);
    for (unsigned i = 0; i < SLAB_CLASSES; i++) {
        size_t bytes = slab_class_bytes(i);
        assert_true(slab_class_of(bytes, &found));
        assert_int_equal(found, i);
        if (i > 0) {
            assert_true(slab_class_bytes(i - 1) < bytes);
            assert_true(slab_class_of(slab_class_bytes(i - 1) + 1, &found));
            assert_int_equal(found, i);
        }
    }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    slab_pool_init(UINT64_MAX);
    struct slab untouched = {.size = 7};
    size_t largest = slab_class_bytes(SLAB_CLASSES - 1);
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2, (size_t)1 << 63, largest + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_false(slab_take(sizes[i], &untouched));
    assert_int_equal(untouched.size, 7);
    assert_pool(0, 0);
}

static void slabs_are_aligned_and_apart(void **state)
{
    (void)state;
    enum { N = 90 };
    struct slab slabs[N];
    for (size_t i = 0; i < N; i++) {
        slabs[i] = take((i % 30 + 1) * 37777);
        assert_int_equal((uintptr_t)slabs[i].data % 64, 0);
        if (slabs[i].size >= 2 * MIB)
            assert_int_equal((uintptr_t)slabs[i].data % (2 * MIB), 0);
        memset(slabs[i].data, (int)i, slabs[i].size);
    }
    struct slab large = take(5 * MIB);
    assert_int_equal(large.size, 6 * MIB);
    assert_int_equal((uintptr_t)large.data % (2 * MIB), 0);
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < slabs[i].size; j += 509)
            assert_int_equal(slabs[i].data[j], i);
        assert_int_equal(slabs[i].data[slabs[i].size - 1], i);
        slab_release(&slabs[i]);
        assert_null(slabs[i].data);
    }
    slab_release(&large);
}

static void the_one_released_last_comes_first(void **state)
{
    (void)state;
    for (size_t size = 16 * KIB; size <= 4 * MIB; size *= 4) {
        struct slab a = take(size), b = take(size);
        char *data_a = a.data, *data_b = b.data;
        slab_release(&a);
        slab_release(&b);
        a = take(size);
        b = take(size);
        assert_ptr_equal(a.data, data_b);
        assert_ptr_equal(b.data, data_a);
        slab_release(&a);
        slab_release(&b);
    }
}

static void the_cap_holds(void **state)
{
    (void)state;
    slab_pool_init(256 * KIB);
    struct slab slabs[4], refused = {.size = 7};
    for (int i = 0; i < 4; i++)
        slabs[i] = take(64 * KIB);
    assert_pool(256 * KIB, 0);
    assert_false(slab_take(1, &refused));
    assert_false(slab_take(512 * KIB, &refused));
    assert_int_equal(refused.size, 7);

    /* Refused without pushing out what is cached: that would not have helped. */
    slab_release(&slabs[0]);
    assert_pool(192 * KIB, 64 * KIB);
    assert_false(slab_take(128 * KIB, &refused));
    assert_pool(192 * KIB, 64 * KIB);
    slabs[0] = take(64 * KIB); /* a cached one is always there to be had */
    for (int i = 0; i < 4; i++)
        slab_release(&slabs[i]);
    assert_pool(0, 256 * KIB);
}

static void cached_slabs_make_room_oldest_first(void **state)
{
    (void)state;
    slab_pool_init(256 * KIB);
    struct slab old = take(64 * KIB), new = take(32 * KIB);
    slab_release(&old);
    slab_release(&new);
    assert_pool(0, 96 * KIB);
    struct slab large = take(192 * KIB);
    assert_pool(192 * KIB, 32 * KIB);
    struct slab other = take(48 * KIB);
    assert_pool(240 * KIB, 0);
    slab_release(&large);
    slab_release(&other);

    large = take(256 * KIB);
    assert_pool(256 * KIB, 0);
    slab_release(&large);
    slab_pool_init(128 * KIB); /* a lower limit at once */
    assert_pool(0, 0);
}

static void decay_spares_what_was_used_lately(void **state)
{
    (void)state;
    struct slab a = take(64 * KIB), b = take(3 * MIB), c = take(64 * KIB);
    slab_release(&a);
    slab_release(&b);
    slab_pool_decay();
    assert_pool(64 * KIB, 64 * KIB + 3 * MIB);
    b = take(3 * MIB);
    slab_release(&b);
    slab_pool_decay();
    assert_pool(64 * KIB, 3 * MIB);
    slab_pool_decay();
    assert_pool(64 * KIB, 0);
    assert_int_equal(slab_pool_read().mapped_bytes, 2 * MIB); /* the region of c */
    slab_release(&c);
    slab_pool_decay();
    slab_pool_decay();
    assert_int_equal(slab_pool_read().mapped_bytes, 0);
}

static void a_region_goes_with_its_last_slab(void **state)
{
    (void)state;
    enum { N = 300 }; /* some regions' worth */
    struct slab slabs[N];
    for (int i = 0; i < N; i++)
        slabs[i] = take(24 * KIB);
    uint64_t mapped = slab_pool_read().mapped_bytes;
    assert_int_equal(mapped, 3 * 3 * MIB);
    for (int i = 0; i < N; i += 2)
        slab_release(&slabs[i]);
    slab_pool_drain();
    assert_int_equal(slab_pool_read().mapped_bytes, mapped);
    assert_pool(N / 2 * 24 * KIB, 0);
    for (int i = 0; i < N; i += 2)
        slabs[i] = take(24 * KIB); /* from the cold places: no new region */
    assert_int_equal(slab_pool_read().mapped_bytes, mapped);
    for (int i = 0; i < 128; i++)
        slab_release(&slabs[i]);
    slab_pool_drain();
    for (int i = 128; i < N; i++)
        slab_release(&slabs[i]);
    slab_pool_drain();
    assert_int_equal(slab_pool_read().mapped_bytes, 0);
}

static void a_move_empties_the_giver(void **state)
{
    (void)state;
    struct slab giver = take(100000);
    char *data = giver.data;
    struct slab taker = slab_move_take(&giver);
    assert_null(giver.data);
    assert_ptr_equal(taker.data, data);
    slab_release(&giver);
    slab_release(NULL);
    assert_ledger(LEDGER_SLABS, 1, taker.size);
    slab_release(&taker);
}

/* --- misuse; the second slab keeps the ledger from finding it first --- */

static struct slab misused, another;

static void release_twice(void)
{
    struct slab copy = misused;
    slab_release(&misused);
    slab_release(&copy);
}

static void release_after_reuse(void)
{
    struct slab copy = misused;
    slab_release(&misused);
    if (slab_take(copy.size, &misused) && misused.data == copy.data)
        slab_release(&copy);
}

static void release_after_unmapping(void)
{
    struct slab copy = misused;
    slab_release(&misused);
    slab_release(&another);
    slab_pool_drain();
    ledger_add(LEDGER_SLABS, 1, copy.size);
    slab_release(&copy);
}

static void release_with_moved_data(void)
{
    misused.data += 64;
    slab_release(&misused);
}

static void release_with_wrong_size(void)
{
    misused.size -= 1;
    slab_release(&misused);
}

static void release_garbage(void)
{
    memset(&misused, 0x5a, sizeof misused);
    misused.size = 1;
    misused.source = NULL; /* a wild pointer ends the process by itself */
    slab_release(&misused);
}

static void write_after_release(void)
{
    char *volatile data = misused.data;
    slab_release(&misused);
    data[100] = 1;
}

static void misuse_is_caught(void **state)
{
    (void)state;
    for (size_t size = 16 * KIB; size <= 4 * MIB; size *= 16) {
        misused = take(size);
        another = take(size);
        assert_aborts(release_twice);
        assert_aborts(release_after_reuse);
        assert_aborts(release_after_unmapping);
        assert_aborts(release_with_moved_data);
        assert_aborts(release_with_wrong_size);
        assert_aborts(release_garbage);
        if (TEST_ASAN)
            assert_int_not_equal(status_of(write_after_release), 0);
        slab_release(&misused);
        slab_release(&another);
    }
}

int main(void)
{
#define with_pool(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_pool(classes_are_two_per_power_of_two),
        with_pool(impossible_sizes_are_refused),
        with_pool(slabs_are_aligned_and_apart),
        with_pool(the_one_released_last_comes_first),
        with_pool(the_cap_holds),
        with_pool(cached_slabs_make_room_oldest_first),
        with_pool(decay_spares_what_was_used_lately),
        with_pool(a_region_goes_with_its_last_slab),
        with_pool(a_move_empties_the_giver),
        with_pool(misuse_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
