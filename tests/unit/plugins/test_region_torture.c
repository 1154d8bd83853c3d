/* Every allocation that a region makes fails in turn; and so do descriptors. */
#include "support.h"

#include <dirent.h>
#include <sys/resource.h>

#include "memory/slab.h"
#include "plugins/region.h"

static size_t open_descriptors(void)
{
    size_t n = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

/* True when nothing failed; in any case everything is released. */
static bool scenario(void)
{
    struct region_memory *region = region_memory_create(2 << 20, 1);
    if (!region)
        return false;
    struct slab slab;
    bool ok = slab_take_from(region_memory_source(region), 5000, &slab);
    if (ok)
        slab_release(&slab);
    region_memory_drop(region);
    return ok;
}

static void every_allocation_fails_once(void **state)
{
    (void)state;
    inject("count");
    assert_true(scenario());
    uint64_t n = mem_faults_counted();
    assert_in_range(n, 2, 10);
    size_t before = open_descriptors();
    for (uint64_t k = 1; k <= n; k++) {
        for (int on = 0; on < 2; on++) {
            char text[32];
            snprintf(text, sizeof text, "%llu%s", (unsigned long long)k, on ? "+" : "");
            inject(text);
            assert_false(scenario());
            assert_ledger(LEDGER_SLABS, 0, 0);
        }
    }
    inject(NULL);
    assert_true(scenario());
    assert_int_equal(open_descriptors(), before);
}

static void no_descriptor(void **state)
{
    (void)state;
    struct rlimit limit, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_false(scenario());
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_true(scenario());
}

/* Blocks come out of books that are there already: taking one never allocates. */
static void blocks_cost_no_allocation(void **state)
{
    (void)state;
    struct region_memory *region = region_memory_create(1 << 20, 1);
    assert_non_null(region);
    inject("1+");
    struct slab slab;
    assert_true(slab_take_from(region_memory_source(region), 5000, &slab));
    slab_release(&slab);
    region_memory_decay(region);
    region_memory_decay(region);
    assert_int_equal(mem_faults_counted(), 0);
    inject(NULL);
    region_memory_drop(region);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(no_descriptor),
        cmocka_unit_test(blocks_cost_no_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
