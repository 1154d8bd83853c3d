/*
 * Every allocation of a scenario fails in turn, once and from then on: the scenario must notice,
 * release what it has, and leave nothing behind. The leak sanitizer watches in its build.
 */
#include "support.h"

#include <string.h>

#include "memory/arena.h"
#include "memory/slab.h"

/* True when nothing failed; in any case everything is released. */
typedef bool scenario_fn(void);

static bool fill_arena(struct arena *arena)
{
    static const char text[] = "right ascension and declination";
    for (int i = 0; i < 20; i++)
        if (!arena_alloc(arena, 1000, (size_t)1 << i % 7))
            return false;
    char *copy = arena_copy(arena, text, sizeof text - 1);
    return copy && strcmp(copy, text) == 0 && arena_zalloc(arena, 20000, 64) &&
           arena_printf(arena, "%9000d", 7);
}

static bool arenas(void)
{
    struct arena_source source;
    arena_source_init(&source);
    bool ok = true;
    for (int i = 0; i < 2; i++) {
        struct arena arena;
        arena_init(&arena, &source);
        ok = fill_arena(&arena) && ok;
        arena_release(&arena);
    }
    struct arena detached;
    arena_init(&detached, &source);
    arena_detach(&detached);
    ok = fill_arena(&detached) && ok;
    arena_attach(&detached);
    arena_release(&detached);
    arena_source_release(&source);
    return ok;
}

/* More mappings than the pool's table has places at first, so that it grows. */
static bool slabs(void)
{
    enum { N = 70 };
    static struct slab held[N];
    bool ok = true;
    for (size_t i = 0; i < N; i++) {
        held[i] = SLAB_EMPTY;
        size_t size = i % 10 == 0 ? (size_t)16384 << i / 10 : (size_t)1 << 20;
        if (i == 5)
            size *= 3; /* a huge one */
        if (slab_take(size, &held[i]))
            held[i].data[held[i].size - 1] = 1;
        else
            ok = false;
    }
    for (size_t i = 0; i < N; i++)
        slab_release(&held[i]);
    slab_pool_drain();
    return ok;
}

/* The parts that bring a failing allocation back into this test's words. */
static scenario_fn *tortured;
static bool expected;

static void run_scenario(void)
{
    bool ok = tortured();
    struct slab_pool_state pool = slab_pool_read();
    bool clean = ledger_read(LEDGER_ARENAS).objects == 0 && ledger_read(LEDGER_ARENAS).bytes == 0 &&
                 ledger_read(LEDGER_SLABS).objects == 0 && ledger_read(LEDGER_SLABS).bytes == 0 &&
                 pool.live_bytes == 0 && pool.cached_bytes == 0 && pool.mapped_bytes == 0;
    if (ok != expected || !clean)
        _exit(EXIT_FAILURE);
}

/* In a child each: what an earlier run has allocated for good, the next one is to allocate again.
 */
static void torture(scenario_fn *scenario)
{
    tortured = scenario;
    expected = true;
    inject("count");
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        uint64_t n = tortured() ? mem_faults_counted() : 0;
        _exit(write(pipes[1], &n, sizeof n) == sizeof n ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    uint64_t n = 0;
    assert_int_equal(read(pipes[0], &n, sizeof n), sizeof n);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(pipes[0]);
    close(pipes[1]);
    assert_in_range(n, 5, 2000);

    expected = false;
    for (uint64_t k = 1; k <= n; k++) {
        for (int on = 0; on < 2; on++) {
            char text[32];
            snprintf(text, sizeof text, "%llu%s", (unsigned long long)k, on ? "+" : "");
            inject(text);
            assert_int_equal(status_of(run_scenario), 0);
        }
    }
    inject(NULL);
    expected = true;
    assert_int_equal(status_of(run_scenario), 0);
    assert_true(scenario()); /* here, where leaks are looked for at the end */
}

static void every_allocation_of_an_arena(void **state)
{
    (void)state;
    torture(arenas);
}

static void every_allocation_of_the_pool(void **state)
{
    (void)state;
    torture(slabs);
}

/* In this process: a leak on a failure path is found when it ends. */
static void failures_leak_nothing(void **state)
{
    (void)state;
    for (unsigned k = 1; k <= 100; k++) {
        char text[16];
        snprintf(text, sizeof text, "%u", k);
        inject(text);
        bool ignored = arenas();
        (void)ignored;
        ignored = slabs();
        inject(NULL);
        assert_ledger(LEDGER_ARENAS, 0, 0);
        assert_ledger(LEDGER_SLABS, 0, 0);
        assert_int_equal(slab_pool_read().mapped_bytes, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_of_an_arena),
        cmocka_unit_test(every_allocation_of_the_pool),
        cmocka_unit_test(failures_leak_nothing),
    };
    slab_pool_init((uint64_t)1 << 30);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
