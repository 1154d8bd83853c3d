/* Threads that take, write, check and release, while another lets the pool decay. For TSan above
 * all. */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "memory/slab.h"

enum { THREADS = 4, ROUNDS = 4000, HELD = 6, LIMIT = 12 << 20 };

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

/* Both ends and the middle: what another owner would overwrite. */
static uint64_t *place(const struct slab *slab, size_t which)
{
    size_t offset = which * (slab->size / 2 - 32);
    return (uint64_t *)(void *)(slab->data + offset / 8 * 8);
}

static void take_and_mark(struct held *held, uint64_t *seed)
{
    size_t size = (size_t)1 << (10 + next_random(seed) % 12);
    size += next_random(seed) % size;
    if (!slab_take(size, &held->slab)) {
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

static void *use_slabs(void *argument)
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

static void owners_never_meet(void **state)
{
    (void)state;
    slab_pool_init(LIMIT);
    pthread_t threads[THREADS];
    atomic_store(&running, THREADS);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_slabs, (void *)(i + 1)), 0);
    for (unsigned i = 0; atomic_load(&running) > 0; i++) {
        if (i % 16 == 0)
            slab_pool_drain();
        else
            slab_pool_decay();
        struct slab_pool_state pool = slab_pool_read();
        assert_true(pool.live_bytes + pool.cached_bytes <= LIMIT);
        sched_yield();
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    assert_true(atomic_load(&refused) > 0); /* else the cap was not at work */
    struct ledger_row row = ledger_read(LEDGER_SLABS);
    assert_int_equal(row.objects, 0);
    assert_int_equal(row.bytes, 0);
    assert_true(row.peak_bytes <= LIMIT);
    assert_in_range(row.peak_objects, 1, THREADS * HELD);
    slab_pool_drain();
    assert_int_equal(slab_pool_read().mapped_bytes, 0);
    assert_int_equal(slab_pool_read().cached_bytes, 0);
}

/* Half the slabs of a region, written so that giving them back takes its time. */
static void *use_half_a_region(void *barrier)
{
    enum { HALF = 64 };
    struct slab slabs[HALF] = {0};
    for (int i = 0; i < HALF; i++) {
        if (!slab_take(16384, &slabs[i]))
            abort();
        memset(slabs[i].data, 1, slabs[i].size);
    }
    pthread_barrier_wait(barrier);
    for (int i = 0; i < HALF; i++)
        slab_release(&slabs[i]);
    slab_pool_drain();
    return NULL;
}

/* Neither thread returns the whole region: the one that ends last has to see that it is empty. */
static void a_region_that_two_threads_empty_goes(void **state)
{
    (void)state;
    slab_pool_init(LIMIT);
    for (int round = 0; round < 300; round++) {
        pthread_barrier_t barrier;
        pthread_t threads[2];
        assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, use_half_a_region, &barrier), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        pthread_barrier_destroy(&barrier);
        assert_int_equal(slab_pool_read().mapped_bytes, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners_never_meet),
        cmocka_unit_test(a_region_that_two_threads_empty_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
