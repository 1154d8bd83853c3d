#include "support.h"

#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <uv.h>

static void sums_and_products_are_checked(void **state)
{
    (void)state;
    size_t value = 7;
    assert_false(size_add(SIZE_MAX, 1, &value));
    assert_false(size_mul(SIZE_MAX / 2, 3, &value));
    assert_int_equal(value, 7);
    assert_true(size_add(SIZE_MAX - 1, 1, &value));
    assert_true(value == SIZE_MAX);
    assert_true(size_mul(3, 5, &value));
    assert_int_equal(value, 15);
}

static void blocks_are_what_was_asked_for(void **state)
{
    (void)state;
    char *text = mem_strdup("dec[3] = 91.2");
    assert_string_equal(text, "dec[3] = 91.2");
    text = mem_realloc(text, 4000);
    assert_string_equal(text, "dec[3] = 91.2");
    mem_free(text);

    char *zeroed = mem_zalloc(10, 10);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
    mem_free(zeroed);
    volatile size_t half = SIZE_MAX / 2; /* not for the compiler to see through */
    assert_null(mem_zalloc(half, 3));
    assert_null(mem_zalloc(half, 1));
    assert_null(mem_alloc(half));
    assert_null(mem_aligned(64, 2 * half));
    assert_null(mem_map(half));

    void *aligned = mem_aligned(64, 100);
    assert_int_equal((uintptr_t)aligned % 64, 0);
    mem_free(aligned);

    char *mapping = mem_map(100000);
    assert_int_equal(mapping[99999], 0);
    mem_unmap(mapping, 100000);
    mem_free(NULL);
    mem_trim();
}

/* Six allocations, one by each way to get one; returns a bit for each that failed. */
static unsigned allocate_in_every_way(void)
{
    void *block[6] = {mem_alloc(10),        mem_zalloc(2, 5), mem_aligned(64, 10),
                      mem_strdup("sirius"), mem_map(4096),    mem_alloc(10)};
    unsigned failed = 0;
    for (unsigned i = 0; i < 6; i++) {
        failed |= (block[i] ? 0u : 1u) << i;
        if (i == 4 && block[i])
            mem_unmap(block[i], 4096);
        else
            mem_free(block[i]);
    }
    return failed;
}

static void the_kth_fails_alone_or_with_all_after_it(void **state)
{
    (void)state;
    for (unsigned k = 1; k <= 6; k++) {
        char text[16];
        snprintf(text, sizeof text, "%u", k);
        inject(text);
        assert_int_equal(allocate_in_every_way(), 1u << (k - 1));
        snprintf(text, sizeof text, "%u+", k);
        inject(text);
        assert_int_equal(allocate_in_every_way(), 63u & ~((1u << (k - 1)) - 1));
    }
    inject("count");
    assert_int_equal(allocate_in_every_way(), 0);
    assert_int_equal(mem_faults_counted(), 6);
    inject(NULL);
    assert_int_equal(allocate_in_every_way(), 0);
    assert_int_equal(mem_faults_counted(), 0);
}

static void nothing_fails_before_arming(void **state)
{
    (void)state;
    setenv("ASTROLABE_FAULT_ALLOC", "1+", 1);
    mem_init();
    assert_int_equal(allocate_in_every_way(), 0);
    assert_int_equal(mem_faults_counted(), 0);
    mem_faults_arm();
    assert_int_equal(allocate_in_every_way(), 63);
    inject(NULL);
}

static void a_failed_realloc_keeps_the_block(void **state)
{
    (void)state;
    char *block = mem_strdup("vega");
    inject("1");
    assert_null(mem_realloc(block, 1000));
    assert_string_equal(block, "vega");
    inject(NULL);
    mem_free(block);
}

static void start_with_nonsense(void)
{
    mem_init();
}

static void nonsense_does_not_start(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "0", "-1", "x", "1x", "1++", "+", " 1", "counts", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("ASTROLABE_FAULT_ALLOC", wrong[i], 1);
        int status = status_of(start_with_nonsense);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EXIT_FAILURE);
    }
    setenv("ASTROLABE_FAULT_ALLOC", "", 1); /* as good as none */
    mem_init();
    inject(NULL);
}

static void jansson_libuv_and_zlib_are_counted(void **state)
{
    (void)state;
    inject("1+");
    assert_null(json_object());
    assert_null(mem_zlib_alloc(NULL, 10, 10));
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), UV_ENOMEM);
    inject(NULL);
    json_t *object = json_object();
    assert_non_null(object);
    json_decref(object);
    void *block = mem_zlib_alloc(NULL, 10, 10);
    assert_non_null(block);
    mem_zlib_free(NULL, block);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_loop_close(&loop), 0);
}

enum { THREADS = 4, EACH = 1000 };
static atomic_int failed;

static void *allocate_many(void *unused)
{
    for (int i = 0; i < EACH; i++) {
        void *block = mem_alloc(16);
        if (!block)
            atomic_fetch_add(&failed, 1);
        mem_free(block);
    }
    return unused;
}

static void among_threads_exactly_one_fails(void **state)
{
    (void)state;
    inject("1777");
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, allocate_many, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&failed), 1);
    assert_int_equal(mem_faults_counted(), THREADS * EACH);
    inject(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products_are_checked),
        cmocka_unit_test(blocks_are_what_was_asked_for),
        cmocka_unit_test(the_kth_fails_alone_or_with_all_after_it),
        cmocka_unit_test(nothing_fails_before_arming),
        cmocka_unit_test(a_failed_realloc_keeps_the_block),
        cmocka_unit_test(nonsense_does_not_start),
        cmocka_unit_test(jansson_libuv_and_zlib_are_counted),
        cmocka_unit_test(among_threads_exactly_one_fails),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
