/* What the kernel sees of the pool: pages that are there, and pages that went back. */
#include "support.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "memory/slab.h"

enum { KIB = 1024, MIB = 1024 * 1024, PAGE = 4096 };

static size_t resident_bytes(const char *data, size_t size)
{
    static unsigned char pages[16 * MIB / PAGE];
    assert_true(size <= sizeof pages * PAGE);
    assert_int_equal(mincore((void *)(uintptr_t)data, size, pages), 0);
    size_t n = 0;
    for (size_t i = 0; i < size / PAGE; i++)
        n += pages[i] & 1;
    return n * PAGE;
}

static bool is_mapped(const char *data)
{
    unsigned char page;
    return mincore((void *)(uintptr_t)data, PAGE, &page) == 0;
}

static struct slab take_written(size_t size)
{
    struct slab slab = SLAB_EMPTY;
    assert_true(slab_take(size, &slab));
    memset(slab.data, 0x5a, slab.size);
    assert_int_equal(resident_bytes(slab.data, slab.size), slab.size);
    return slab;
}

static void decay_returns_a_carved_slab_and_spares_its_neighbours(void **state)
{
    (void)state;
    struct slab slab = take_written(64 * KIB), neighbour = take_written(64 * KIB);
    char *data = slab.data;
    slab_release(&slab);
    slab_pool_decay();
    assert_int_equal(resident_bytes(data, 64 * KIB), 64 * KIB);
    slab_pool_decay();
    assert_int_equal(resident_bytes(data, 64 * KIB), 0);
    for (size_t i = 0; i < neighbour.size; i++)
        assert_int_equal(neighbour.data[i], 0x5a);
    slab_release(&neighbour);
    slab_pool_drain();
    assert_false(is_mapped(data));
}

static void decay_unmaps_a_large_slab(void **state)
{
    (void)state;
    struct slab slab = take_written(6 * MIB);
    char *data = slab.data;
    slab_release(&slab);
    slab_pool_decay();
    assert_int_equal(resident_bytes(data, 6 * MIB), 6 * MIB);
    slab_pool_decay();
    assert_false(is_mapped(data));
}

static void a_carved_slab_does_not_make_its_neighbours_resident(void **state)
{
    (void)state;
    struct slab slab = take_written(16 * KIB), neighbour = SLAB_EMPTY;
    assert_true(slab_take(16 * KIB, &neighbour));
    assert_int_equal(resident_bytes(neighbour.data, neighbour.size), 0);
    slab_release(&slab);
    slab_release(&neighbour);
    slab_pool_drain();
}

static long page_faults(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_minflt;
}

static void a_warm_slab_faults_no_pages(void **state)
{
    (void)state;
    struct slab slab = take_written(12 * MIB);
    slab_release(&slab);
    long before = page_faults();
    for (int i = 0; i < 5; i++) {
        assert_true(slab_take(12 * MIB, &slab));
        for (size_t j = 0; j < slab.size; j += PAGE)
            slab.data[j] = 1;
        slab_release(&slab);
    }
    if (!TEST_ASAN && !TEST_TSAN) /* which fault on their own account */
        assert_true(page_faults() - before < 5);
    slab_pool_drain();
}

static long status_kib(const char *key)
{
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    char line[256];
    long kib = -1;
    while (kib < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtol(line + strlen(key) + 1, NULL, 10);
    fclose(file);
    assert_true(kib >= 0);
    return kib;
}

/* BASELINES F: after a burst RSS is where it was. */
static void a_burst_leaves_nothing_behind(void **state)
{
    (void)state;
    enum { N = 500 };
    static struct slab slabs[N];
    long before = 0;
    for (int burst = 0; burst < 4; burst++) {
        for (size_t i = 0; i < N; i++)
            slabs[i] = take_written((i % 32 + 1) * 10000);
        for (size_t i = 0; i < N; i++)
            slab_release(&slabs[i * 7 % N]);
        slab_pool_decay();
        slab_pool_decay();
        assert_int_equal(slab_pool_read().mapped_bytes, 0);
        mem_trim();
        if (burst == 0) /* the first also pays for what a process touches but once */
            before = status_kib("VmRSS");
    }
    if (!TEST_ASAN && !TEST_TSAN) /* whose shadow grows */
        assert_true(status_kib("VmRSS") < before + 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decay_returns_a_carved_slab_and_spares_its_neighbours),
        cmocka_unit_test(decay_unmaps_a_large_slab),
        cmocka_unit_test(a_carved_slab_does_not_make_its_neighbours_resident),
        cmocka_unit_test(a_warm_slab_faults_no_pages),
        cmocka_unit_test(a_burst_leaves_nothing_behind),
    };
    mem_init();
    slab_pool_init((uint64_t)1 << 30);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
