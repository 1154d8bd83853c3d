/* Every allocation of a start and of a reload fails in turn: whatever comes of it is said, nothing is
 * left behind, and afterwards all is well again. */
#include "harness.h"

#ifdef __SANITIZE_ADDRESS__
enum { STRIDE = 7 };
#elif defined(__SANITIZE_THREAD__)
enum { STRIDE = 7 };
#else
enum { STRIDE = 2 };
#endif

static bool ready;
static void on_ready(void)
{
    ready = true;
}

static void fail_at(unsigned k)
{
    char number[16];
    snprintf(number, sizeof number, "%u", k);
    if (k > 0)
        setenv("ASTROLABE_FAULT_ALLOC", number, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

static int set_up_one(void **state)
{
    int result = set_up(state);
    server.settings.plugins_hosts = 1;
    plugin("kite.py", "conversion kite\nledger {\"verdict\": \"steady\"}\n");
    plugin("lark.py", "conversion lark\n");
    return result;
}

static bool is_well(void)
{
    return hosts_ready() == 1 && has_conversion("kite") && has_conversion("lark") &&
           fleet_is_ready();
}

/* The faults are over: what failed for want of memory comes with the next reload at the latest. */
static void recover(void)
{
    fail_at(0);
    await(fleet.next == NULL || fleet.settled);
    if (!is_well())
        fleet_reload("recover");
    await(is_well());
}

static void every_allocation_of_a_start_may_fail(void **state)
{
    uint64_t count = 0;
    for (unsigned k = 1; count == 0 || k <= count; k += STRIDE) {
        ready = false;
        fail_at(count == 0 ? 1000000 : k);
        if (fleet_start(on_ready)) {
            await(ready);
            if (count == 0)
                count = mem_faults_counted();
            recover();
        }
        fail_at(0);
        /* The next one begins where this one began. */
        if (k + STRIDE <= count) {
            assert_int_equal(tear_down(state), 0);
            assert_int_equal(set_up_one(state), 0);
        }
    }
    assert_true(count > 50);
    print_message("%u allocations\n", (unsigned)count);
}

static void every_allocation_of_a_reload_may_fail(void **state)
{
    (void)state;
    uint64_t count = 0;
    start();
    for (unsigned k = 1; count == 0 || k <= count; k += STRIDE) {
        uint64_t before = fleet.generation_number;
        struct request *request = new_request();
        fail_at(count == 0 ? 1000000 : k);
        fleet_load(request, "kite");
        await(is_answered(request));
        uint64_t counted = mem_faults_counted();
        fail_at(0);
        if (count == 0)
            count = counted;
        assert_true(request->error.code != ASTRO_OK || fleet.generation_number > before);
        assert_true(hosts_ready() >= 1);
        assert_true(has_conversion("kite")); /* the old one or the new one, never neither */
        free_request(request);
        if (!is_well())
            recover();
    }
    assert_true(count > 50);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_one, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_allocation_of_a_start_may_fail),
        TEST(every_allocation_of_a_reload_may_fail),
    };
    return cmocka_run_group_tests_name("fleet: torture", tests, NULL, NULL);
}
