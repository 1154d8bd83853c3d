#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 20000 };

static void names_are_those_of_the_debug_page(void **state)
{
    (void)state;
    assert_string_equal(ledger_name(LEDGER_REQUESTS), "requests");
    assert_string_equal(ledger_name(LEDGER_ARENAS), "arenas");
    assert_string_equal(ledger_name(LEDGER_SLABS), "slabs");
}

static void counts_and_keeps_peaks(void **state)
{
    (void)state;
    ledger_add(LEDGER_REQUESTS, 2, 100);
    ledger_add(LEDGER_REQUESTS, 0, 50); /* an object that grew */
    ledger_sub(LEDGER_REQUESTS, 1, 120);
    ledger_add(LEDGER_REQUESTS, 1, 10);
    struct ledger_row row = ledger_read(LEDGER_REQUESTS);
    assert_int_equal(row.objects, 2);
    assert_int_equal(row.bytes, 40);
    assert_int_equal(row.peak_objects, 2);
    assert_int_equal(row.peak_bytes, 150);
    ledger_sub(LEDGER_REQUESTS, 2, 40);
    assert_ledger(LEDGER_REQUESTS, 0, 0);
    assert_ledger(LEDGER_SLABS, 0, 0);
}

static void one_object_too_many(void)
{
    ledger_add(LEDGER_SLABS, 1, 10);
    ledger_sub(LEDGER_SLABS, 2, 10);
}

static void one_byte_too_many(void)
{
    ledger_add(LEDGER_SLABS, 1, 10);
    ledger_sub(LEDGER_SLABS, 1, 11);
}

static void never_falls_below_zero(void **state)
{
    (void)state;
    assert_aborts(one_object_too_many);
    assert_aborts(one_byte_too_many);
}

static atomic_bool stop;

static void *add_and_sub(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        ledger_add(LEDGER_ARENAS, 1, 1000);
        ledger_sub(LEDGER_ARENAS, 1, 1000);
    }
    return unused;
}

static void *read_all_the_time(void *unused)
{
    while (!atomic_load(&stop)) {
        struct ledger_row row = ledger_read(LEDGER_ARENAS);
        if (row.peak_objects < row.objects || row.peak_bytes < row.bytes || row.objects > THREADS)
            abort();
    }
    return unused;
}

static void is_exact_among_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS], reader;
    assert_int_equal(pthread_create(&reader, NULL, read_all_the_time, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_sub, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&stop, true);
    pthread_join(reader, NULL);
    struct ledger_row row = ledger_read(LEDGER_ARENAS);
    assert_int_equal(row.objects, 0);
    assert_int_equal(row.bytes, 0);
    assert_in_range(row.peak_objects, 1, THREADS);
    assert_in_range(row.peak_bytes, 1000, THREADS * 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_those_of_the_debug_page),
        cmocka_unit_test(counts_and_keeps_peaks),
        cmocka_unit_test(never_falls_below_zero),
        cmocka_unit_test(is_exact_among_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
