/* Rings: order, fullness, counters that overflow, a writer that lies, and two processes at work. */
#include "support.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

#include "plugins/ring.h"

enum { MANY = 200000 };

static struct call_ring *new_ring(uint32_t start)
{
    struct call_ring *ring =
        mmap(NULL, sizeof *ring, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(ring, MAP_FAILED);
    atomic_store(&ring->head, start);
    atomic_store(&ring->tail, start);
    return ring;
}

/* Fills, empties, half-fills, from this count on. */
static void go_around(uint32_t start)
{
    struct call_ring *ring = new_ring(start);
    struct ring_entry entry = {11, 12};
    assert_int_equal(ring_take(ring, &entry), RING_EMPTY);
    assert_int_equal(entry.call, 11);
    uint64_t put = 0, taken = 0;
    for (int round = 0; round < 40; round++) {
        unsigned n = round % 3 == 0 ? PROTOCOL_CALLS : 1 + (unsigned)round % PROTOCOL_CALLS;
        for (unsigned i = 0; i < n; i++, put++)
            assert_true(ring_put(ring, (struct ring_entry){put, 2 * put}));
        assert_int_equal(ring_put(ring, entry), n < PROTOCOL_CALLS);
        unsigned more = n < PROTOCOL_CALLS;
        for (unsigned i = 0; i < n; i++, taken++) {
            assert_int_equal(ring_take(ring, &entry), RING_TAKEN);
            assert_int_equal(entry.call, taken);
            assert_int_equal(entry.frame, 2 * taken);
        }
        if (more)
            assert_int_equal(ring_take(ring, &entry), RING_TAKEN);
        assert_int_equal(ring_take(ring, &entry), RING_EMPTY);
    }
    munmap(ring, sizeof *ring);
}

static void entries_come_in_order(void **state)
{
    (void)state;
    go_around(0);
    go_around(5);
}

static void counters_overflow(void **state)
{
    (void)state;
    for (uint32_t before = 1; before < 40; before++)
        go_around(UINT32_MAX - before);
}

static void releases_overflow(void **state)
{
    (void)state;
    struct release_ring *ring = calloc(1, sizeof *ring);
    uint32_t start = UINT32_MAX - PROTOCOL_RELEASES / 2;
    atomic_store(&ring->head, start);
    atomic_store(&ring->tail, start);
    uint64_t block = 9;
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < PROTOCOL_RELEASES; i++)
            assert_true(releases_put(ring, 4096 * i));
        assert_false(releases_put(ring, 1));
        for (uint64_t i = 0; i < PROTOCOL_RELEASES; i++) {
            assert_int_equal(releases_take(ring, &block), RING_TAKEN);
            assert_int_equal(block, 4096 * i);
        }
        assert_int_equal(releases_take(ring, &block), RING_EMPTY);
    }
    free(ring);
}

/* Whatever stands in the counters of a broken peer, a reader ends with BROKEN or within one ring. */
static void lies_are_seen(void **state)
{
    (void)state;
    static const uint32_t lies[] = {PROTOCOL_CALLS + 1, 1000, UINT32_MAX, 0x80000000u};
    struct ring_entry entry = {7, 7};
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct call_ring *ring = new_ring(77);
        atomic_store(&ring->tail, 77 + lies[i]);
        assert_int_equal(ring_take(ring, &entry), RING_BROKEN);
        assert_int_equal(ring_take(ring, &entry), RING_BROKEN);
        assert_int_equal(entry.call, 7);
        assert_int_equal(atomic_load(&ring->head), 77);
        /* The writer's side of it: a head that ran ahead looks full, never empty. */
        atomic_store(&ring->tail, 77);
        atomic_store(&ring->head, 77 + lies[i]);
        if (lies[i] != UINT32_MAX)
            assert_false(ring_put(ring, entry));
        munmap(ring, sizeof *ring);
    }
    struct release_ring *releases = calloc(1, sizeof *releases);
    uint64_t block = 7;
    atomic_store(&releases->tail, PROTOCOL_RELEASES + 1);
    assert_int_equal(releases_take(releases, &block), RING_BROKEN);
    assert_int_equal(block, 7);
    atomic_store(&releases->head, 2);
    atomic_store(&releases->tail, 1);
    assert_int_equal(releases_take(releases, &block), RING_BROKEN);
    free(releases);
}

/* What is published behind the entry is there when the entry is: the frame of a call. */
struct shared {
    struct call_ring ring;
    uint64_t frames[2 * PROTOCOL_CALLS];
};

static void write_many(struct shared *shared)
{
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t frame = i % (2 * PROTOCOL_CALLS);
        shared->frames[frame] =
            ~i; /* its reader is done: it took more than a ring's length since */
        while (!ring_put(&shared->ring, (struct ring_entry){i, frame}))
            sched_yield();
    }
}

static bool read_many(struct shared *shared)
{
    for (uint64_t i = 0; i < MANY; i++) {
        struct ring_entry entry;
        enum ring_state found;
        while ((found = ring_take(&shared->ring, &entry)) == RING_EMPTY)
            sched_yield();
        if (found != RING_TAKEN || entry.call != i || shared->frames[entry.frame] != ~i)
            return false;
    }
    return true;
}

static struct shared *new_shared(void)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    atomic_store(&shared->ring.head, UINT32_MAX - MANY / 2);
    atomic_store(&shared->ring.tail, UINT32_MAX - MANY / 2);
    return shared;
}

static void two_processes(void **state)
{
    (void)state;
    struct shared *shared = new_shared();
    fflush(NULL);
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0) {
        write_many(shared);
        _exit(EXIT_SUCCESS);
    }
    assert_true(read_many(shared));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    munmap(shared, sizeof *shared);
}

static void *writer(void *shared)
{
    write_many(shared);
    return NULL;
}

static void two_threads(void **state)
{
    (void)state;
    struct shared *shared = new_shared();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, writer, shared), 0);
    assert_true(read_many(shared));
    pthread_join(thread, NULL);
    munmap(shared, sizeof *shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_in_order), cmocka_unit_test(counters_overflow),
        cmocka_unit_test(releases_overflow),     cmocka_unit_test(lies_are_seen),
        cmocka_unit_test(two_processes),         cmocka_unit_test(two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
