/*
 * Every allocation of a load fails once, then from there on. Leaks are for the leak sanitizer to
 * see.
 */
#include "harness.h"

static void arm(const char *faults)
{
    if (faults)
        setenv("ASTROLABE_FAULT_ALLOC", faults, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

static const char *const flags[] = {"--listen=a:1", "--listen=b:2", "--auth-tokens=/t", NULL};
static const char *const variables[] = {"ASTROLABE_LISTEN=c:1,d:2", "ASTROLABE_DATA_EOP=/e", NULL};
static const char file[] = "{\"listen\": [\"e:1\", \"f:2\"], \"limits\": {\"memory\": \"2GiB\"},"
                           " \"data\": {\"leap_seconds\": \"/l\"}, \"loops\": 4}";

static uint64_t count_allocations(void)
{
    struct loaded loaded;
    arm("count");
    load(&loaded, flags, variables, file);
    uint64_t n = mem_faults_counted();
    arm(NULL);
    assert_loaded(&loaded);
    unload(&loaded);
    return n;
}

static void each_allocation_fails(void **state)
{
    (void)state;
    uint64_t n = count_allocations();
    assert_true(n > 10);
    for (uint64_t k = 1; k <= n; k++) {
        for (int onwards = 0; onwards < 2; onwards++) {
            const struct settings empty = {.loops = 0};
            struct loaded loaded;
            char faults[32];
            snprintf(faults, sizeof faults, "%llu%s", (unsigned long long)k, onwards ? "+" : "");
            arm(faults);
            load(&loaded, flags, variables, file);
            arm(NULL);
            assert_false(loaded.ok);
            assert_true(same_settings(&loaded.settings, &empty));
        }
    }
    assert_int_equal(count_allocations(), n);
}

/* The text of an error is an allocation too. */
static void no_memory_for_the_error(void **state)
{
    (void)state;
    static const char *const wrong[] = {"--nothing", "--loops=x", "--loops"};
    for (size_t i = 0; i < 3; i++) {
        struct loaded loaded;
        arm("1+");
        load_flags(&loaded, wrong[i], NULL);
        arm(NULL);
        assert_false(loaded.ok);
        assert_string_equal(loaded.error, "(memory)");
    }
}

const struct CMUnitTest torture_tests[] = {
    cmocka_unit_test(each_allocation_fails),
    cmocka_unit_test(no_memory_for_the_error),
};
const size_t torture_tests_count = sizeof torture_tests / sizeof torture_tests[0];
