/* Tags and counts; and, where malloc is ours, that the whole program has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin_host/ledger/tags.h"

/* Sizes that the compiler cannot reason about. */
static volatile size_t huge = SIZE_MAX, half = SIZE_MAX / 2;

static void assert_live(unsigned owner, enum tag_kind kind, uint64_t blocks, uint64_t bytes)
{
    struct tag_totals totals = tags_read(owner, kind);
    assert_int_equal(totals.blocks, blocks);
    assert_int_equal(totals.bytes, bytes);
}

static void blocks_belong_to_who_is_at_work(void **state)
{
    (void)state;
    assert_int_equal(tags_enter(5), 0);
    char *first = tagged_malloc(100, TAG_ARRAY);
    assert_int_equal(tags_enter(6), 5);
    char *second = tagged_calloc(10, 7, TAG_OBJECT);
    tags_enter(0);
    assert_live(5, TAG_ARRAY, 1, 100);
    assert_live(6, TAG_OBJECT, 1, 70);
    assert_live(5, TAG_OBJECT, 0, 0);
    for (int i = 0; i < 70; i++)
        assert_int_equal(second[i], 0);
    assert_int_equal(tagged_size(first), 100);
    tagged_free(first);
    tagged_free(second);
    tagged_free(NULL);
    assert_live(5, TAG_ARRAY, 0, 0);
    assert_live(6, TAG_OBJECT, 0, 0);
    assert_int_equal(tags_read(5, TAG_ARRAY).allocations, 1);
}

static void owners_that_are_none_are_the_host(void **state)
{
    (void)state;
    tags_enter(TAG_OWNERS);
    assert_int_equal(tags_owner(), 0);
    tags_enter(TAG_OWNERS - 1);
    void *block = tagged_malloc(3, TAG_ARRAY);
    tags_enter(0);
    assert_live(TAG_OWNERS - 1, TAG_ARRAY, 1, 3);
    tagged_free(block);
    assert_int_equal(tags_read(TAG_OWNERS, TAG_ARRAY).blocks, 0);
}

static void resized_blocks_keep_their_bytes(void **state)
{
    (void)state;
    tags_enter(7);
    char *block = NULL;
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        block = tagged_realloc(block, size, TAG_MEMORY);
        assert_non_null(block);
        assert_live(7, TAG_MEMORY, 1, size);
        if (size > 1)
            assert_int_equal(block[(size - 1) / 3 - 1], 'x');
        memset(block, 'x', size);
    }
    block = tagged_realloc(block, 5, TAG_MEMORY);
    assert_memory_equal(block, "xxxxx", 5);
    assert_live(7, TAG_MEMORY, 1, 5);
    block =
        tagged_realloc(block, 0, TAG_MEMORY); /* a block of its own, as PyMem_RawRealloc wants */
    assert_non_null(block);
    assert_live(7, TAG_MEMORY, 1, 0);
    tags_enter(0);
    tagged_free(block);
    assert_live(7, TAG_MEMORY, 0, 0);
}

static void resized_blocks_belong_to_who_resized_them(void **state)
{
    (void)state;
    tags_enter(8);
    void *block = tagged_malloc(10, TAG_MALLOC);
    tags_enter(9);
    block = tagged_realloc(block, 20, TAG_ARRAY);
    assert_live(8, TAG_MALLOC, 0, 0);
    assert_live(9, TAG_ARRAY, 1, 20);
    tags_enter(0);
    block = tagged_realloc(block, 30, TAG_ARRAY); /* the host does it for its owner */
    assert_live(9, TAG_ARRAY, 1, 30);
    tagged_free(block);
    assert_live(9, TAG_ARRAY, 0, 0);
}

static void aligned_blocks(void **state)
{
    (void)state;
    tags_enter(10);
    for (size_t alignment = 1; alignment <= 1 << 20; alignment *= 2) {
        char *block = tagged_aligned(alignment, 1000, TAG_ARRAY);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % (alignment < 16 ? 16 : alignment), 0);
        memset(block, 'y', 1000);
        assert_live(10, TAG_ARRAY, 1, 1000);
        block = tagged_realloc(block, 2000, TAG_ARRAY);
        assert_int_equal((uintptr_t)block % 16, 0);
        assert_int_equal(block[999], 'y');
        tagged_free(block);
        block = tagged_aligned(alignment, 1, TAG_ARRAY);
        tagged_free(block);
        assert_live(10, TAG_ARRAY, 0, 0);
    }
    tags_enter(0);
}

static void sizes_that_cannot_be(void **state)
{
    (void)state;
    tags_enter(11);
    void *block = tagged_malloc(10, TAG_ARRAY);
    struct {
        void *got;
        int error;
    } tried[8];
    size_t n = 0;
#define TRY(call) (errno = 0, tried[n].got = (call), tried[n++].error = errno)
    TRY(tagged_malloc(huge, TAG_ARRAY));
    TRY(tagged_malloc(half, TAG_ARRAY));
    TRY(tagged_malloc((size_t)1 << 47, TAG_ARRAY));
    TRY(tagged_calloc(half, 3, TAG_ARRAY));
    TRY(tagged_calloc(1, huge, TAG_ARRAY));
    TRY(tagged_realloc(block, huge - 5, TAG_ARRAY));
    TRY(tagged_aligned(64, huge - 64, TAG_ARRAY));
    TRY(tagged_aligned(half + 1, 64, TAG_ARRAY));
#undef TRY
    tags_enter(0);
    for (size_t i = 0; i < n; i++) {
        assert_null(tried[i].got);
        assert_int_equal(tried[i].error, ENOMEM);
    }
    assert_live(11, TAG_ARRAY, 1, 10);
    tagged_free(block);
}

static void tags_in_memory_of_others(void **state)
{
    (void)state;
    static _Alignas(16) char memory[2][TAG_BYTES + 112];
    tags_enter(12);
    char *block = tag_put(memory[0], 50, TAG_OBJECT);
    assert_ptr_equal(block, memory[0] + TAG_BYTES);
    assert_true(tag_is_foreign(block));
    assert_int_equal(tagged_size(block), 50);
    assert_live(12, TAG_OBJECT, 1, 50);
    memcpy(memory[1], memory[0], sizeof memory[0]); /* somebody has moved it */
    block = tag_resized(memory[1], 80);
    assert_live(12, TAG_OBJECT, 1, 80);
    assert_ptr_equal(tag_take(block), memory[1]);
    assert_live(12, TAG_OBJECT, 0, 0);
    void *own = tagged_malloc(10, TAG_OBJECT);
    assert_false(tag_is_foreign(own));
    tagged_free(own);
    tags_enter(0);
}

/* --- threads and forks --- */

enum { THREADS = 4, ROUNDS = 20000, PLACES = 64 };
static _Atomic(void *) places[PLACES];

/* Blocks are freed by other threads than those that made them. */
static void *churn(void *argument)
{
    uint64_t random = (uint64_t)(uintptr_t)argument + 88172645463325252u;
    for (int i = 0; i < ROUNDS; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        size_t size = random % 700;
        void *block = tagged_malloc(size, TAG_ARRAY);
        if (random % 3 == 0)
            block = tagged_realloc(block, 2 * size, TAG_ARRAY);
        tagged_free(atomic_exchange(&places[random / 1000 % PLACES], block));
    }
    return NULL;
}

static void counts_are_exact_with_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    tags_enter(13);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, churn, (void *)i), 0);
    churn((void *)99);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < PLACES; i++)
        tagged_free(atomic_exchange(&places[i], NULL));
    tags_enter(0);
    assert_live(13, TAG_ARRAY, 0, 0);
}

static int exit_status_of(void (*act)(void))
{
    fflush(NULL);
    pid_t pid = fork();
    assert_int_not_equal(pid, -1);
    if (pid == 0) {
        act();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void *inherited;

static void work_in_child(void)
{
    tagged_free(inherited);
    void *block = tagged_malloc(1000, TAG_ARRAY);
    if (tags_read(14, TAG_ARRAY).blocks != 1 || tags_read(14, TAG_ARRAY).bytes != 1000)
        _exit(1);
    tagged_free(block);
#ifndef __SANITIZE_THREAD__ /* it ends children that start threads */
    pthread_t thread;
    if (pthread_create(&thread, NULL, churn, NULL) != 0 || pthread_join(thread, NULL) != 0)
        _exit(2);
#endif
}

static void *fork_here(void *unused)
{
    (void)unused;
    return (void *)(intptr_t)exit_status_of(work_in_child);
}

static void children_count_for_themselves(void **state)
{
    (void)state;
    tags_enter(14);
    inherited = tagged_malloc(77, TAG_ARRAY);
    assert_int_equal(exit_status_of(work_in_child), 0);
    pthread_t thread;
    void *status;
    assert_int_equal(pthread_create(&thread, NULL, fork_here, NULL), 0);
    pthread_join(thread, &status);
    assert_null(status);
    assert_live(14, TAG_ARRAY, 1, 77);
    tagged_free(inherited);
    tags_enter(0);
}

/* --- malloc itself --- */

#if LEDGER_MALLOC
static void the_family(void **state)
{
    (void)state;
    tags_enter(20);
    void *blocks[10] = {
        malloc(10), calloc(3, 5), realloc(NULL, 20), memalign(64, 30), aligned_alloc(32, 64),
        valloc(50), pvalloc(60),  malloc(0),         memalign(48, 70)};
    int failed = posix_memalign(&blocks[9], 128, 80);
    tags_enter(0);
    assert_int_equal(failed, 0);
    static const size_t sizes[10] = {10, 15, 20, 30, 64, 50, 4096, 0, 70, 80};
    static const size_t alignments[10] = {16, 16, 16, 64, 32, 4096, 4096, 16, 64, 128};
    uint64_t sum = 0;
    for (size_t i = 0; i < 10; i++) {
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % alignments[i], 0);
        assert_int_equal(malloc_usable_size(blocks[i]), sizes[i]);
        sum += sizes[i];
    }
    assert_live(20, TAG_MALLOC, 10, sum);
    assert_int_equal(malloc_usable_size(NULL), 0);
    for (size_t i = 0; i < 10; i++)
        free(blocks[i]);
    assert_live(20, TAG_MALLOC, 0, 0);
}

static void odd_arguments(void **state)
{
    (void)state;
    void *untouched = &state;
    assert_int_equal(posix_memalign(&untouched, 3, 10), EINVAL);
    assert_int_equal(posix_memalign(&untouched, 4, 10), EINVAL);
    assert_int_equal(posix_memalign(&untouched, 0, 10), EINVAL);
    assert_int_equal(posix_memalign(&untouched, 64, huge), ENOMEM);
    assert_ptr_equal(untouched, &state);
    errno = 0;
    assert_null(malloc(huge));
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(calloc(half, 4));
    assert_int_equal(errno, ENOMEM);
    errno = 0;
    assert_null(pvalloc(huge));
    assert_int_equal(errno, ENOMEM);
    assert_null(valloc(huge));
    assert_null(memalign(huge, 5));
    assert_null(reallocarray(NULL, half, 3));
    free(NULL);
    void *block = malloc(5);
    assert_null(realloc(block, 0)); /* freed, as glibc does */
    errno = 77;
    free(malloc(3));
    assert_int_equal(errno, 77);
}

/* Libraries, the C library's own parts included, use what this program defines. */
static void the_whole_program_has_it(void **state)
{
    (void)state;
    uint64_t before = tags_read(21, TAG_MALLOC).allocations;
    tags_enter(21);
    char *copy = strdup("sirius"), *text = NULL, *line = NULL;
    int length = asprintf(&text, "%s is %d", copy, 1);
    FILE *file = fopen("/proc/self/maps", "r");
    size_t room = 0;
    ssize_t got = file ? getline(&line, &room, file) : -1;
    tags_enter(0);
    assert_int_equal(length, 11);
    assert_true(got > 0);
    assert_true(tags_read(21, TAG_MALLOC).allocations >= before + 4);
    fclose(file);
    free(line);
    free(text);
    free(copy);
    assert_live(21, TAG_MALLOC, 0, 0);
}

static void kinds_may_free_each_other(void **state)
{
    (void)state;
    tags_enter(22);
    void *block = malloc(10);
    block = tagged_realloc(block, 20, TAG_ARRAY);
    assert_live(22, TAG_MALLOC, 0, 0);
    assert_live(22, TAG_ARRAY, 1, 20);
    free(block);
    assert_live(22, TAG_ARRAY, 0, 0);
    tagged_free(malloc(10));
    tags_enter(0);
}

static void free_twice(void)
{
    if (!freopen("/dev/null", "w", stderr) || signal(SIGSEGV, SIG_DFL) == SIG_ERR ||
        signal(SIGBUS, SIG_DFL) == SIG_ERR) /* cmocka's */
        _exit(1);
    char *volatile block = malloc(100);
    free(block);
    free(block);
}

static void a_block_freed_twice_ends_the_process(void **state)
{
    (void)state;
    int status = exit_status_of(free_twice);
    assert_true(WIFSIGNALED(status));
    /* glibc writes a random key where the tag was, and judges what it finds there. */
    int number = WTERMSIG(status);
    assert_true(number == SIGABRT || number == SIGSEGV || number == SIGBUS);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_belong_to_who_is_at_work),
        cmocka_unit_test(owners_that_are_none_are_the_host),
        cmocka_unit_test(resized_blocks_keep_their_bytes),
        cmocka_unit_test(resized_blocks_belong_to_who_resized_them),
        cmocka_unit_test(aligned_blocks),
        cmocka_unit_test(sizes_that_cannot_be),
        cmocka_unit_test(tags_in_memory_of_others),
        cmocka_unit_test(counts_are_exact_with_threads),
        cmocka_unit_test(children_count_for_themselves),
#if LEDGER_MALLOC
        cmocka_unit_test(the_family),
        cmocka_unit_test(odd_arguments),
        cmocka_unit_test(the_whole_program_has_it),
        cmocka_unit_test(kinds_may_free_each_other),
        cmocka_unit_test(a_block_freed_twice_ends_the_process),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
