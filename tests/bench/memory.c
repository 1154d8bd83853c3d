/*
 * What memory costs a request: nanoseconds per arena cycle and per slab, alone and with threads in
 * competition for the pool and the ledger.
 *
 *     bench_memory [THREADS]
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "memory/alloc.h"
#include "memory/arena.h"
#include "memory/slab.h"

enum { ROUNDS = 5, MAX_THREADS = 64 };

struct scenario {
    const char *name;
    void (*run)(size_t times, size_t size);
    size_t times, size;
    bool threads; /* measure it with threads too */
};

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void must(bool ok)
{
    if (!ok) {
        fprintf(stderr, "out of memory\n");
        exit(EXIT_FAILURE);
    }
}

/* The compiler may not see that the memory is of no use to us. */
static void use(void *block)
{
    __asm__ volatile("" : : "r"(block) : "memory");
}

static void arena_cycles(size_t times, size_t size)
{
    struct arena_source source;
    arena_source_init(&source);
    for (size_t i = 0; i < times; i++) {
        struct arena arena;
        arena_init(&arena, &source);
        for (int j = 0; j < 3; j++) {
            void *block = arena_alloc(&arena, size, 8);
            must(block);
            use(block);
        }
        arena_release(&arena);
    }
    arena_source_release(&source);
}

static void arena_allocs(size_t times, size_t size)
{
    struct arena_source source;
    arena_source_init(&source);
    struct arena arena;
    arena_init(&arena, &source);
    for (size_t i = 0; i < times; i++) {
        void *block = arena_alloc(&arena, size, 8);
        must(block);
        use(block);
        if (i % 1024 == 1023)
            arena_release(&arena);
    }
    arena_release(&arena);
    arena_source_release(&source);
}

static void malloc_frees(size_t times, size_t size)
{
    for (size_t i = 0; i < times; i++) {
        void *block = mem_alloc(size);
        must(block);
        use(block);
        mem_free(block);
    }
}

static void slab_cycles(size_t times, size_t size)
{
    for (size_t i = 0; i < times; i++) {
        struct slab slab;
        must(slab_take(size, &slab));
        use(slab.data);
        slab_release(&slab);
    }
}

static void slabs_written(size_t times, size_t size)
{
    for (size_t i = 0; i < times; i++) {
        struct slab slab;
        must(slab_take(size, &slab));
        memset(slab.data, 1, size);
        use(slab.data);
        slab_release(&slab);
    }
}

static void slabs_written_fresh(size_t times, size_t size)
{
    for (size_t i = 0; i < times; i++) {
        slabs_written(1, size);
        slab_pool_drain();
    }
}

static const struct scenario scenarios[] = {
    {"arena: init, 3 x 64 bytes, release", arena_cycles, 2000000, 64, true},
    {"arena: one of many 64 bytes", arena_allocs, 20000000, 64, false},
    {"malloc and free of 64 bytes, to compare", malloc_frees, 20000000, 64, false},
    {"slab: take and release 16 KiB", slab_cycles, 2000000, 16 << 10, true},
    {"slab: take and release 24 MiB", slab_cycles, 2000000, 24 << 20, true},
    {"slab: 24 MiB, warm, written", slabs_written, 20, 24 << 20, false},
    {"slab: 24 MiB, fresh, written", slabs_written_fresh, 20, 24 << 20, false},
    {"slab: 768 KiB, warm, written", slabs_written, 500, 768 << 10, false},
    {"slab: 768 KiB, fresh, written", slabs_written_fresh, 500, 768 << 10, false},
};

static void *run_once(void *argument)
{
    const struct scenario *scenario = argument;
    scenario->run(scenario->times, scenario->size);
    return NULL;
}

/* The best of some rounds, in nanoseconds of wall time per cycle of one thread. */
static double measure(const struct scenario *scenario, int n_threads)
{
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[MAX_THREADS];
        struct scenario copy = *scenario;
        double start = now_ns();
        for (int i = 0; i < n_threads; i++)
            must(pthread_create(&threads[i], NULL, run_once, &copy) == 0);
        for (int i = 0; i < n_threads; i++)
            pthread_join(threads[i], NULL);
        double ns = (now_ns() - start) / (double)scenario->times;
        if (round == 0 || ns < best)
            best = ns;
    }
    return best;
}

int main(int argc, char **argv)
{
    int n_threads = argc > 1 ? atoi(argv[1]) : 2;
    if (n_threads < 1 || n_threads > MAX_THREADS) {
        fprintf(stderr, "usage: bench_memory [THREADS, 1 to %d]\n", MAX_THREADS);
        return EXIT_FAILURE;
    }
    mem_init();
    slab_pool_init((uint64_t)1 << 30);
    printf("%-44s %12s %4d threads\n", "ns per cycle", "1 thread", n_threads);
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++) {
        const struct scenario *scenario = &scenarios[i];
        printf("%-44s %12.1f", scenario->name, measure(scenario, 1));
        if (scenario->threads)
            printf(" %12.1f", measure(scenario, n_threads));
        printf("\n");
    }
    return EXIT_SUCCESS;
}
