/* The shared region: blocks, handles, references, and memory that goes back to the kernel. */
#include "support.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "memory/slab.h"
#include "plugins/region.h"

enum { PAGE = 4096, MIB = 1 << 20, BLOCK = 512 }; /* BLOCK: of st_blocks */

static struct region_memory *region;

static int create(void **state)
{
    (void)state;
    region = region_memory_create(8 * MIB, 2);
    return region ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    region_memory_drop(region);
    assert_ledger(LEDGER_SLABS, 0, 0);
    return 0;
}

static struct slab take(size_t size)
{
    struct slab slab = SLAB_EMPTY;
    assert_true(slab_take_from(region_memory_source(region), size, &slab));
    assert_in_range(slab.size, size, region_memory_bytes(region));
    assert_int_equal((uintptr_t)slab.data % 64, 0);
    assert_ptr_equal(region_memory_of(&slab), region);
    uint64_t offset = region_memory_offset(region, slab.data);
    assert_in_range(offset, PROTOCOL_CHANNEL_BYTES, region_memory_bytes(region) - slab.size);
    return slab;
}

static uint64_t resident(void)
{
    struct stat about;
    assert_int_equal(fstat(region_memory_descriptor(region), &about), 0);
    return (uint64_t)about.st_blocks * BLOCK;
}

static void assert_state(uint64_t blocks, uint64_t live, uint64_t warm)
{
    struct region_memory_state state = region_memory_read(region);
    assert_int_equal(state.bytes, 8 * MIB);
    assert_int_equal(state.live_blocks, blocks);
    assert_int_equal(state.live_bytes, live);
    assert_int_equal(state.warm_bytes, warm);
}

static void sizes_and_channels(void **state)
{
    (void)state;
    static const struct {
        size_t asked, made;
    } sizes[] = {{0, MIB}, {1, MIB}, {MIB, MIB}, {MIB + 1, 2 * MIB}, {5 * MIB, 8 * MIB}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct region_memory *other = region_memory_create(sizes[i].asked, 3);
        assert_non_null(other);
        assert_int_equal(region_memory_bytes(other), sizes[i].made);
        struct channel *channel = region_memory_channel(other);
        assert_ptr_equal(channel, region_memory_base(other));
        assert_int_equal(channel->version, PROTOCOL_VERSION);
        assert_int_equal(channel->n_loops, 3);
        assert_int_equal(channel->region_bytes, sizes[i].made);
        assert_int_equal(channel->calls.tail, 0);
        region_memory_drop(other);
    }
    assert_null(region_memory_create(MIB, PROTOCOL_MAX_LOOPS + 1));
    assert_null(region_memory_create(SIZE_MAX, 1));
    assert_null(region_memory_create((size_t)1 << 60, 1));
    region_memory_drop(NULL);
}

static void the_descriptor_is_sealed_in_size(void **state)
{
    (void)state;
    int descriptor = region_memory_descriptor(region);
    assert_int_equal(fcntl(descriptor, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    assert_int_equal(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
    assert_int_equal(ftruncate(descriptor, MIB), -1);
    assert_int_equal(ftruncate(descriptor, 16 * MIB), -1);
    assert_int_equal(fcntl(descriptor, F_ADD_SEALS, F_SEAL_WRITE), -1);
}

static void both_sides_see_the_same(void **state)
{
    (void)state;
    char *other = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED,
                       region_memory_descriptor(region), 0);
    assert_ptr_not_equal(other, MAP_FAILED);
    struct slab slab = take(100);
    strcpy(slab.data, "declination");
    uint64_t offset = region_memory_offset(region, slab.data);
    assert_string_equal(other + offset, "declination");
    other[offset] = 'D';
    assert_int_equal(slab.data[0], 'D');
    assert_int_equal(((struct channel *)(void *)other)->n_loops, 2);
    slab_release(&slab);
    munmap(other, 8 * MIB);
}

static void blocks_are_powers_of_two(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, PAGE, PAGE + 1, 3 * PAGE, 65536, 65537, MIB - 1, 4 * MIB};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct slab slab = take(sizes[i]);
        size_t expected = PAGE;
        while (expected < sizes[i])
            expected *= 2;
        assert_int_equal(slab.size, expected);
        assert_ledger(LEDGER_SLABS, 1, expected);
        memset(slab.data, 1, slab.size);
        slab_release(&slab);
        assert_null(slab.data);
    }
}

static void refused(size_t size)
{
    struct slab slab = {.data = (char *)region, .size = 17};
    assert_false(slab_take_from(region_memory_source(region), size, &slab));
    assert_ptr_equal(slab.data, region);
    assert_int_equal(slab.size, 17);
}

static void a_full_region_refuses(void **state)
{
    (void)state;
    enum { N = (8 * MIB - PROTOCOL_CHANNEL_BYTES) / PAGE };
    static struct slab held[N];
    refused(4 * MIB + 1); /* the channel has the other half */
    refused(SIZE_MAX);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < N; i++) {
            held[i] = take(PAGE);
            memset(held[i].data, (int)i % 251, PAGE);
        }
        refused(1);
        assert_state(N, (uint64_t)N * PAGE, 0);
        for (size_t i = 0; i < N; i++) {
            size_t k = round == 0 ? i : N - 1 - i;
            assert_int_equal((unsigned char)held[k].data[PAGE - 1], k % 251);
            slab_release(&held[k]);
            assert_int_equal(region_memory_read(region).live_blocks, N - 1 - i);
        }
        struct slab all = take(4 * MIB); /* everything came together again */
        slab_release(&all);
    }
}

/* After churn the region is what it was: one block of each order. */
static void churn_leaves_nothing_behind(void **state)
{
    (void)state;
    enum { HELD = 64 };
    static struct slab held[HELD];
    uint64_t seed = 5;
    for (int round = 0; round < 20000; round++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        struct slab *slab = &held[(seed >> 33) % HELD];
        if (slab->data)
            slab_release(slab);
        else if (slab_take_from(region_memory_source(region), seed >> 40 & 0x3ffff, slab))
            slab->data[slab->size - 1] = 1;
        if (round % 1000 == 0)
            region_memory_decay(region);
    }
    for (size_t i = 0; i < HELD; i++)
        slab_release(&held[i]);
    assert_state(0, 0, region_memory_read(region).warm_bytes);
    struct slab orders[7];
    for (size_t i = 0; i < 7; i++)
        orders[i] = take((size_t)4 * MIB >> i);
    refused(1);
    for (size_t i = 0; i < 7; i++)
        slab_release(&orders[i]);
}

static void what_was_used_last_is_used_again(void **state)
{
    (void)state;
    struct slab first = take(PAGE), second = take(PAGE);
    char *place = first.data;
    slab_release(&first);
    first = take(PAGE);
    assert_ptr_equal(first.data, place);
    slab_release(&first);
    slab_release(&second);
    uint64_t before = resident();
    for (int i = 0; i < 1000; i++) {
        struct slab slab = take(16 * PAGE);
        memset(slab.data, 1, slab.size);
        slab_release(&slab);
    }
    assert_in_range(resident(), before, before + 18 * PAGE);
}

static void idle_memory_goes_back(void **state)
{
    (void)state;
    uint64_t nothing = resident();
    struct slab slab = take(2 * MIB), other = take(MIB);
    memset(slab.data, 1, slab.size);
    memset(other.data, 2, other.size);
    assert_int_equal(resident(), nothing + 3 * MIB);
    assert_state(2, 3 * MIB, 0);
    slab_release(&slab);
    assert_state(1, MIB, 2 * MIB);
    region_memory_decay(region);
    assert_int_equal(resident(), nothing + 3 * MIB); /* seen once */
    region_memory_decay(region);
    assert_int_equal(resident(), nothing + MIB);
    assert_state(1, MIB, 0);
    for (size_t i = 0; i < MIB; i++)
        assert_int_equal(other.data[i], 2);
    slab = take(2 * MIB);
    assert_int_equal(slab.data[MIB], 0); /* new pages */
    slab_release(&slab);
    slab_release(&other);
    for (int i = 0; i < 3; i++)
        region_memory_decay(region);
    assert_int_equal(resident(), nothing);
    assert_state(0, 0, 0);
    struct channel *channel = region_memory_channel(region);
    assert_int_equal(channel->version, PROTOCOL_VERSION);
}

/* A block that comes back between two calls is not idle; its free neighbours are. */
static void used_memory_stays(void **state)
{
    (void)state;
    uint64_t nothing = resident();
    struct slab large = take(4 * MIB);
    memset(large.data, 1, large.size);
    slab_release(&large);
    for (int i = 0; i < 6; i++) {
        struct slab small = take(5 * PAGE);
        memset(small.data, 2, small.size);
        slab_release(&small);
        region_memory_decay(region);
    }
    assert_int_equal(resident(), nothing + 8 * PAGE);
    assert_state(0, 0, 8 * PAGE);
}

/* Free memory of two ages makes one free block; only the older half goes. */
static void younger_neighbours_stay(void **state)
{
    (void)state;
    uint64_t nothing = resident();
    struct slab first = take(64 * PAGE), older = take(64 * PAGE), younger = take(64 * PAGE);
    assert_int_equal(region_memory_offset(region, older.data), 128 * PAGE);
    assert_ptr_equal(younger.data, older.data + older.size);
    memset(older.data, 1, older.size);
    memset(younger.data, 1, younger.size);
    slab_release(&older);
    region_memory_decay(region);
    slab_release(&younger);
    region_memory_decay(region);
    assert_int_equal(resident(), nothing + 64 * PAGE);
    slab_release(&first);
}

/* Every second page is live: what lies between is punched, page by page, in many batches. */
static void holes_between_live_pages(void **state)
{
    (void)state;
    enum { N = 1000 };
    static struct slab held[N];
    uint64_t nothing = resident();
    for (size_t i = 0; i < N; i++) {
        held[i] = take(PAGE);
        memset(held[i].data, (int)(i % 200) + 1, PAGE);
    }
    for (size_t i = 0; i < N; i += 2)
        slab_release(&held[i]);
    region_memory_decay(region);
    region_memory_decay(region);
    assert_int_equal(resident(), nothing + N / 2 * PAGE);
    for (size_t i = 1; i < N; i += 2) {
        assert_int_equal((unsigned char)held[i].data[PAGE / 2], i % 200 + 1);
        slab_release(&held[i]);
    }
    struct slab slab = take(4 * MIB);
    slab_release(&slab);
}

static void blocks_hold_their_region(void **state)
{
    (void)state;
    struct region_memory *other = region_memory_create(MIB, 1);
    int descriptor = region_memory_descriptor(other);
    struct slab slab, second;
    assert_true(slab_take_from(region_memory_source(other), 3 * PAGE, &slab));
    assert_true(slab_take_from(region_memory_source(other), 3 * PAGE, &second));
    assert_ptr_equal(region_memory_hold(other), other);
    region_memory_drop(other);
    region_memory_drop(other); /* the record's: only blocks are left */
    memset(slab.data, 1, slab.size);
    struct slab moved = slab_move_take(&slab);
    slab_release(&slab);
    slab_release(&moved);
    assert_int_not_equal(fcntl(descriptor, F_GETFD), -1);
    second.data[0] = 1;
    slab_release(&second);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
}

/* For what a plugin keeps: the request's handle goes, the block stays. */
static void a_shared_block_lives_for_both(void **state)
{
    (void)state;
    struct slab slab = take(3 * PAGE), other = region_memory_share(&slab);
    assert_ptr_equal(other.data, slab.data);
    assert_ledger(LEDGER_SLABS, 1, 4 * PAGE); /* the request's alone */
    memset(slab.data, 7, slab.size);
    slab_release(&slab);
    assert_ledger(LEDGER_SLABS, 0, 0);
    assert_state(1, 4 * PAGE, 0);
    for (int i = 0; i < 3; i++)
        region_memory_decay(region);
    struct slab next = take(3 * PAGE);
    assert_ptr_not_equal(next.data, other.data);
    for (size_t i = 0; i < other.size; i++)
        assert_int_equal(other.data[i], 7);
    slab_release_kept(&other);
    assert_null(other.data);
    assert_state(1, 4 * PAGE, 4 * PAGE);
    slab_release(&next);
    /* In the other order, and with the region's own reference gone before. */
    struct region_memory *gone = region_memory_create(MIB, 1);
    int descriptor = region_memory_descriptor(gone);
    assert_true(slab_take_from(region_memory_source(gone), 100, &slab));
    other = region_memory_share(&slab);
    struct slab third = region_memory_share(&other);
    region_memory_drop(gone);
    slab_release_kept(&other);
    slab_release_kept(&third);
    assert_int_not_equal(fcntl(descriptor, F_GETFD), -1);
    slab_release(&slab);
    assert_int_equal(fcntl(descriptor, F_GETFD), -1);
}

static void slabs_of_the_pool_have_no_region(void **state)
{
    (void)state;
    struct slab slab;
    assert_true(slab_take_from(NULL, 100, &slab));
    assert_null(region_memory_of(&slab));
    slab_release(&slab);
}

/* --- misuse --- */

static void release_twice(void)
{
    struct slab slab = take(PAGE), copy = slab;
    slab_release(&slab);
    slab_release(&copy);
}

static void release_a_stale_copy(void)
{
    struct slab slab = take(PAGE), copy = slab;
    slab_release(&slab);
    slab = take(PAGE);
    slab_release(&copy);
}

static void share_a_stale_copy(void)
{
    struct slab slab = take(PAGE), copy = slab;
    slab_release(&slab);
    (void)region_memory_share(&copy);
}

static void release_more_often_than_shared(void)
{
    struct slab slab = take(PAGE), other = region_memory_share(&slab), copy = other;
    slab_release(&slab);
    slab_release_kept(&other);
    slab_release_kept(&copy);
}

static void release_half(void)
{
    struct slab slab = take(2 * PAGE);
    slab.class_index--;
    slab.size /= 2;
    slab_release(&slab);
}

static void release_the_inside(void)
{
    struct slab slab = take(2 * PAGE);
    slab.data += PAGE;
    slab.region++;
    slab_release(&slab);
}

static void release_the_channel(void)
{
    struct slab slab = take(PAGE);
    slab.data = region_memory_base(region);
    slab.region = 0;
    slab_release(&slab);
}

static void drop_too_often(void)
{
    struct slab slab = take(PAGE);
    slab.data[0] = 1;
    region_memory_drop(region);
    region_memory_drop(region);
}

static void ask_for_an_offset_elsewhere(void)
{
    int here = 0;
    (void)region_memory_offset(region, &here);
}

static void misuse_ends_the_process(void **state)
{
    (void)state;
    assert_aborts(release_twice);
    assert_aborts(release_a_stale_copy);
    assert_aborts(share_a_stale_copy);
    assert_aborts(release_more_often_than_shared);
    assert_aborts(release_half);
    assert_aborts(release_the_inside);
    assert_aborts(release_the_channel);
    assert_aborts(drop_too_often);
    assert_aborts(ask_for_an_offset_elsewhere);
}

static void read_a_free_block(void)
{
    struct slab slab = take(PAGE);
    volatile char *data = slab.data;
    slab_release(&slab);
    (void)data[0];
}

static void free_blocks_are_poisoned(void **state)
{
    (void)state;
    if (TEST_ASAN)
        assert_int_not_equal(status_of(read_a_free_block), 0);
    else
        assert_int_equal(status_of(read_a_free_block), 0);
}

#define REGION_TEST(test) cmocka_unit_test_setup_teardown(test, create, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REGION_TEST(sizes_and_channels),
        REGION_TEST(the_descriptor_is_sealed_in_size),
        REGION_TEST(both_sides_see_the_same),
        REGION_TEST(blocks_are_powers_of_two),
        REGION_TEST(a_full_region_refuses),
        REGION_TEST(churn_leaves_nothing_behind),
        REGION_TEST(what_was_used_last_is_used_again),
        REGION_TEST(idle_memory_goes_back),
        REGION_TEST(used_memory_stays),
        REGION_TEST(younger_neighbours_stay),
        REGION_TEST(holes_between_live_pages),
        REGION_TEST(blocks_hold_their_region),
        REGION_TEST(a_shared_block_lives_for_both),
        REGION_TEST(slabs_of_the_pool_have_no_region),
        REGION_TEST(misuse_ends_the_process),
        REGION_TEST(free_blocks_are_poisoned),
    };
    slab_pool_init((uint64_t)1 << 30);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
