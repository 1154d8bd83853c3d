/* Threads that take, mark, check and release blocks of one region while another lets it decay: nobody's
 * pages are given to others, and no hole is punched into them. The record's reference goes first. For
 * TSan above all. */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "memory/slab.h"
#include "plugins/region.h"

enum { THREADS = 4, ROUNDS = 6000, HELD = 6, BYTES = 8 << 20 };

static struct region_memory *region;
static atomic_int running;
static atomic_int refused;

struct held {
    struct slab slab;
    uint64_t mark;
};

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 33;
}

/* Both ends and the middle. */
static uint64_t *place(const struct slab *slab, size_t which)
{
    size_t offset = which * (slab->size / 2 - 32);
    return (uint64_t *)(void *)(slab->data + offset / 8 * 8);
}

static void take_and_mark(struct held *held, uint64_t *seed)
{
    size_t size = (size_t)1 << (10 + next_random(seed) % 11);
    size += next_random(seed) % size;
    if (!slab_take_from(region_memory_source(region), size, &held->slab)) {
        atomic_fetch_add(&refused, 1);
        return;
    }
    held->mark = next_random(seed);
    for (size_t i = 0; i < 3; i++)
        *place(&held->slab, i) = held->mark;
}

static void check_and_release(struct held *held)
{
    if (!held->slab.data)
        return;
    for (size_t i = 0; i < 3; i++)
        if (*place(&held->slab, i) != held->mark)
            abort();
    slab_release(&held->slab);
}

static void *use_blocks(void *argument)
{
    uint64_t seed = (uint64_t)(uintptr_t)argument;
    struct held held[HELD] = {0};
    for (int i = 0; i < ROUNDS; i++) {
        struct held *one = &held[next_random(&seed) % HELD];
        if (one->slab.data)
            check_and_release(one);
        else
            take_and_mark(one, &seed);
    }
    for (int i = 0; i < HELD; i++)
        check_and_release(&held[i]);
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static void *let_decay(void *argument)
{
    (void)argument;
    while (atomic_load(&running) > 0)
        region_memory_decay(region);
    return NULL;
}

static void owners_never_meet(void **state)
{
    (void)state;
    region = region_memory_create(BYTES, 1);
    assert_non_null(region);
    pthread_t threads[THREADS], decay[2];
    atomic_store(&running, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_blocks, (void *)(i + 1)), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&decay[i], NULL, let_decay, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 2; i++)
        pthread_join(decay[i], NULL);
    struct region_memory_state end = region_memory_read(region);
    assert_int_equal(end.live_blocks, 0);
    assert_int_equal(end.live_bytes, 0);
    assert_in_range(atomic_load(&refused), 0, THREADS * ROUNDS / 2);
    struct slab half;
    assert_true(slab_take_from(region_memory_source(region), BYTES / 2, &half));
    slab_release(&half);
    for (int i = 0; i < 3; i++)
        region_memory_decay(region);
    assert_int_equal(region_memory_read(region).warm_bytes, 0);
    region_memory_drop(region);
    assert_ledger(LEDGER_SLABS, 0, 0);
}

/* What fits when everything is free fits while it is being punched, too: who asks waits. */
static void *take_half(void *argument)
{
    (void)argument;
    for (int i = 0; i < 300; i++) {
        struct slab half;
        if (!slab_take_from(region_memory_source(region), BYTES / 2, &half))
            abort();
        memset(half.data, i, 64);
        slab_release(&half);
    }
    atomic_store(&running, 0);
    return NULL;
}

static void punching_refuses_nobody(void **state)
{
    (void)state;
    region = region_memory_create(BYTES, 1);
    assert_non_null(region);
    atomic_store(&running, 1);
    pthread_t user, decay;
    assert_int_equal(pthread_create(&user, NULL, take_half, NULL), 0);
    assert_int_equal(pthread_create(&decay, NULL, let_decay, NULL), 0);
    pthread_join(user, NULL);
    pthread_join(decay, NULL);
    region_memory_drop(region);
}

static void *release_last(void *argument)
{
    slab_release(argument);
    return NULL;
}

/* The last references go at the same time, in any order. */
static void the_last_one_out(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct slab slabs[2];
        pthread_t threads[2];
        region = region_memory_create(1 << 20, 1);
        assert_non_null(region);
        for (int i = 0; i < 2; i++)
            assert_true(slab_take_from(region_memory_source(region), 5000, &slabs[i]));
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, release_last, &slabs[i]), 0);
        region_memory_drop(region);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
    }
    assert_ledger(LEDGER_SLABS, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners_never_meet),
        cmocka_unit_test(punching_refuses_nobody),
        cmocka_unit_test(the_last_one_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
