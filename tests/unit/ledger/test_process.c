#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "plugin_host/ledger/process.h"

static void descriptors_are_counted(void **state)
{
    (void)state;
    int64_t before = process_descriptors();
    assert_true(before >= 1);
    int fds[5];
    for (int i = 0; i < 5; i++)
        fds[i] = open("/dev/null", O_RDONLY);
    assert_int_equal(process_descriptors(), before + 5);
    for (int i = 0; i < 5; i++)
        close(fds[i]);
    assert_int_equal(process_descriptors(), before);
    assert_true(process_descriptors_limit() > before);
}

static void *wait_for_it(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

static void threads_are_counted(void **state)
{
    (void)state;
    static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int64_t before = 0;
    pthread_t threads[4];
    pthread_mutex_lock(&gate);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, wait_for_it, &gate), 0);
        if (i == 0) /* a sanitizer begins one of its own beside the first */
            before = process_threads();
    }
    assert_int_equal(process_threads(), before + 3);
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void memory_is_read(void **state)
{
    (void)state;
    struct process_memory memory = process_memory();
    assert_true(memory.rss > 100000);
    assert_true(memory.pss > 0 && memory.pss <= memory.rss);
    assert_true(process_now() > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_are_counted),
        cmocka_unit_test(threads_are_counted),
        cmocka_unit_test(memory_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
