/* Compiled twice: with chunks, and with ASTRO_ARENA_MALLOC. */
#include "support.h"

#include <pthread.h>
#include <string.h>

#include "memory/arena.h"

#ifdef ASTRO_ARENA_MALLOC
enum { CHUNKS = 0 };
#else
enum { CHUNKS = 1 };
#endif

static struct arena_source source;

static int set_up(void **state)
{
    (void)state;
    arena_source_init(&source);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_source_release(&source);
    assert_int_equal(source.n_free, 0);
    assert_ledger(LEDGER_ARENAS, 0, 0);
    return 0;
}

static void an_unused_arena_costs_nothing(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, &source);
    assert_ledger(LEDGER_ARENAS, 0, 0);
    arena_release(&arena);
    assert_int_equal(source.n_free, 0);
}

/* Blocks of all sizes and alignments, each filled to its last byte, none touching another. */
static void blocks_are_aligned_and_apart(void **state)
{
    (void)state;
    enum { N = 600 };
    struct arena arena;
    arena_init(&arena, &source);
    unsigned char *blocks[N];
    size_t sizes[N];
    for (size_t i = 0; i < N; i++) {
        size_t alignment = (size_t)1 << i % 7;
        sizes[i] = i % 50 == 49 ? i * 30 : 1 + i * 7 % 300;
        blocks[i] = arena_alloc(&arena, sizes[i], alignment);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % alignment, 0);
        memset(blocks[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(blocks[i][j], i % 251);
    assert_ledger(LEDGER_ARENAS, 1, arena.bytes);
    arena_release(&arena);
}

/* For AddressSanitizer: sizes about that of a chunk, written to their last byte. */
static void blocks_may_fill_a_chunk(void **state)
{
    (void)state;
    for (size_t size = ARENA_CHUNK - 150; size < ARENA_CHUNK + 10; size++) {
        for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
            struct arena arena;
            arena_init(&arena, &source);
            char *block = arena_alloc(&arena, size, alignment);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % alignment, 0);
            memset(block, 1, size);
            arena_release(&arena);
        }
    }
}

static void impossible_sizes_are_refused(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, &source);
    volatile size_t largest = SIZE_MAX;
    assert_non_null(arena_alloc(&arena, 10, 1)); /* so that there is room to run past */
    for (size_t less = 0; less < 200; less++)
        for (size_t alignment = 1; alignment <= 64; alignment *= 2)
            assert_null(arena_alloc(&arena, largest - less, alignment));
    assert_null(arena_zalloc(&arena, largest, 8));
    assert_null(arena_copy(&arena, "x", largest));
    char *block = arena_alloc(&arena, 0, 8);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % 8, 0);
    arena_release(&arena);
}

static void align_by(size_t alignment)
{
    struct arena arena;
    arena_init(&arena, NULL);
    free(arena_alloc(&arena, 1, alignment));
}

static void align_by_0(void)
{
    align_by(0);
}

static void align_by_24(void)
{
    align_by(24);
}

static void align_by_128(void)
{
    align_by(128);
}

static void impossible_alignments_abort(void **state)
{
    (void)state;
    assert_aborts(align_by_0);
    assert_aborts(align_by_24);
    assert_aborts(align_by_128);
}

static void the_ledger_counts_chunks(void **state)
{
    (void)state;
    struct arena one, two;
    arena_init(&one, &source);
    arena_init(&two, &source);
    assert_non_null(arena_alloc(&one, 10, 8));
    assert_non_null(arena_alloc(&one, 10, 8));
    assert_non_null(arena_alloc(&two, 100000, 8));
    assert_ledger(LEDGER_ARENAS, 2, one.bytes + two.bytes);
    if (CHUNKS)
        assert_int_equal(one.bytes, ARENA_CHUNK);
    assert_in_range(two.bytes, 100000, 100100);
    arena_release(&one);
    assert_ledger(LEDGER_ARENAS, 1, two.bytes);
    arena_release(&two);
    arena_release(&two); /* as after arena_init */
    assert_ledger(LEDGER_ARENAS, 0, 0);
    assert_true(ledger_read(LEDGER_ARENAS).peak_objects >= 2);
}

static void texts_are_copied_and_printed(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, &source);
    assert_string_equal(arena_copy(&arena, "declination", 3), "dec");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
    char *zeroed = arena_zalloc(&arena, 33, 1);
    for (int i = 0; i < 33; i++)
        assert_int_equal(zeroed[i], 0);

    char *first = arena_printf(&arena, "%s[%d] = %g", "dec", 3, 91.2);
    char *empty = arena_printf(&arena, "%s", "");
    assert_string_equal(empty, "");
    /* Lengths up to, at and beyond the room of a chunk. */
    for (int length = 0; length < 20000; length += 97) {
        char *text = arena_printf(&arena, "%*s", length, "");
        assert_int_equal(strlen(text), length);
    }
    assert_string_equal(first, "dec[3] = 91.2");
    arena_release(&arena);
}

static void a_text_may_end_at_the_end_of_a_chunk(void **state)
{
    (void)state;
    struct arena arena;
    for (int left = 1; left < 40; left++) {
        arena_init(&arena, &source);
        assert_non_null(arena_alloc(&arena, 1, 1));
        if (CHUNKS)
            assert_non_null(arena_alloc(&arena, (size_t)(arena.end - arena.next - left), 1));
        assert_string_equal(arena_printf(&arena, "%s", "0123456789abcdef"), "0123456789abcdef");
        arena_release(&arena);
    }
}

static void chunks_are_reused_and_idle_ones_go(void **state)
{
    (void)state;
    if (!CHUNKS)
        skip();
    struct arena arenas[10];
    for (int i = 0; i < 10; i++) {
        arena_init(&arenas[i], &source);
        assert_non_null(arena_alloc(&arenas[i], 8, 8));
    }
    void *last = arenas[9].chunks;
    for (int i = 0; i < 10; i++)
        arena_release(&arenas[i]);
    assert_int_equal(source.n_free, 10);

    arena_source_decay(&source); /* all were in use since the call before: none is idle yet */
    assert_int_equal(source.n_free, 10);
    for (int i = 0; i < 3; i++)
        assert_non_null(arena_alloc(&arenas[i], 8, 8));
    assert_ptr_equal(arenas[0].chunks, last); /* the warmest first */
    for (int i = 0; i < 3; i++)
        arena_release(&arenas[i]);
    arena_source_decay(&source);
    assert_int_equal(source.n_free, 3);
    arena_source_decay(&source);
    assert_int_equal(source.n_free, 0);
}

static void a_source_keeps_no_more_than_its_maximum(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, &source);
    for (int i = 0; i < 2 * ARENA_KEEP; i++)
        assert_non_null(arena_alloc(&arena, 8000, 8));
    assert_non_null(arena_alloc(&arena, 50000, 8));
    arena_release(&arena);
    assert_int_equal(source.n_free, CHUNKS ? ARENA_KEEP : 0);
}

static void *allocate_elsewhere(void *arena)
{
    return arena_alloc(arena, 5000, 8);
}

static void a_detached_arena_leaves_the_source_alone(void **state)
{
    (void)state;
    struct arena arena, other;
    arena_init(&arena, &source);
    arena_init(&other, &source);
    assert_non_null(arena_alloc(&other, 8, 8));
    arena_release(&other);
    size_t before = source.n_free;

    arena_detach(&arena);
    pthread_t thread;
    void *block = NULL;
    assert_int_equal(pthread_create(&thread, NULL, allocate_elsewhere, &arena), 0);
    /* Meanwhile the loop goes on with its other requests. */
    assert_non_null(arena_alloc(&other, 8, 8));
    arena_release(&other);
    pthread_join(thread, &block);
    assert_non_null(block);
    assert_int_equal(source.n_free, before);
    arena_attach(&arena);
    arena_release(&arena);
    assert_int_equal(source.n_free, before + CHUNKS);
}

static void an_arena_needs_no_source(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, NULL);
    for (int i = 0; i < 100; i++)
        assert_non_null(arena_alloc(&arena, 1000, 16));
    arena_release(&arena);
}

static void release_detached(void)
{
    struct arena arena;
    arena_init(&arena, NULL);
    arena_detach(&arena);
    arena_release(&arena);
}

static void release_a_copy(void)
{
    struct arena arena;
    arena_init(&arena, &source);
    if (!arena_alloc(&arena, 8, 8))
        return;
    ledger_add(LEDGER_ARENAS, 1, arena.bytes); /* the ledger is not to find it first */
    struct arena copy = arena;
    arena_release(&arena);
    arena_release(&copy);
}

static void overrun(void)
{
    struct arena arena;
    arena_init(&arena, &source);
    char *volatile block = arena_alloc(&arena, 13, 1);
    block[13] = 1;
}

static void misuse_is_caught(void **state)
{
    (void)state;
    assert_aborts(release_detached);
    if (CHUNKS)
        assert_aborts(release_a_copy);
    else if (TEST_ASAN)
        assert_int_not_equal(status_of(overrun), 0);
}

int main(void)
{
#define with_source(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_source(an_unused_arena_costs_nothing),
        with_source(blocks_are_aligned_and_apart),
        with_source(blocks_may_fill_a_chunk),
        with_source(impossible_sizes_are_refused),
        with_source(impossible_alignments_abort),
        with_source(the_ledger_counts_chunks),
        with_source(texts_are_copied_and_printed),
        with_source(a_text_may_end_at_the_end_of_a_chunk),
        with_source(chunks_are_reused_and_idle_ones_go),
        with_source(a_source_keeps_no_more_than_its_maximum),
        with_source(a_detached_arena_leaves_the_source_alone),
        with_source(an_arena_needs_no_source),
        with_source(misuse_is_caught),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
