#include "memory/alloc.h"

#include <errno.h>
#include <jansson.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <uv.h>

#include "memory/check.h"

enum {
    /* Threads take turns in few malloc arenas: each further one is a heap that fragments on its
       own, and the hot path hardly calls malloc (chunks and slabs have free lists). */
    MALLOC_ARENAS = 2,
    /* Fixed, because glibc otherwise raises both whenever a large block is freed, up to 64 MiB
       kept. */
    MMAP_THRESHOLD = 256 * 1024,
    TRIM_THRESHOLD = 512 * 1024,
    TRIM_KEEP = 128 * 1024
};

#define SIZE_CEILING ((size_t)1 << 39) /* bytes of one allocation */

enum fault_mode { FAULTS_OFF, FAULTS_COUNT, FAULTS_ONE, FAULTS_FROM };

/* mode and at are written by mem_init() alone, before there are threads. */
static struct {
    enum fault_mode mode;
    uint64_t at;
    atomic_bool armed;
    _Atomic uint64_t counted;
} faults;

static bool fault_now(void)
{
    if (!atomic_load_explicit(&faults.armed, memory_order_relaxed))
        return false;
    uint64_t n = atomic_fetch_add_explicit(&faults.counted, 1, memory_order_relaxed) + 1;
    bool fail = (faults.mode == FAULTS_ONE && n == faults.at) ||
                (faults.mode == FAULTS_FROM && n >= faults.at);
    if (fail)
        errno = ENOMEM;
    return fail;
}

/* Also refuses what no machine has, as malloc would: sanitizers end the process instead. */
static inline bool refuse(size_t size)
{
    if (__builtin_expect(size > SIZE_CEILING, 0)) {
        errno = ENOMEM;
        return true;
    }
    return __builtin_expect(faults.mode != FAULTS_OFF, 0) && fault_now();
}

void *mem_alloc(size_t size)
{
    return refuse(size) ? NULL : malloc(size);
}

void *mem_zalloc(size_t count, size_t size)
{
    size_t bytes = SIZE_MAX;
    (void)size_mul(count, size, &bytes); /* refused when it overflows */
    return refuse(bytes) ? NULL : calloc(count, size);
}

void *mem_aligned(size_t alignment, size_t size)
{
    void *block;
    if (refuse(size) || posix_memalign(&block, alignment, size) != 0)
        return NULL;
    return block;
}

void *mem_realloc(void *block, size_t size)
{
    /* realloc(block, 0) would free the block and look like a failure that kept it. */
    return refuse(size) ? NULL : realloc(block, size > 0 ? size : 1);
}

char *mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = mem_alloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void mem_free(void *block)
{
    free(block);
}

void *mem_map(size_t size)
{
    if (refuse(size))
        return NULL;
    void *block = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? NULL : block;
}

void mem_unmap(void *block, size_t size)
{
    /* Unmapping the middle of a merged mapping needs one mapping more and can fail at the system's
       limit of them; then at least the pages go. */
    if (munmap(block, size) != 0)
        CHECK(madvise(block, size, MADV_DONTNEED) == 0, "not a mapping of ours");
}

void *mem_zlib_alloc(void *unused, unsigned count, unsigned size)
{
    (void)unused;
    size_t bytes;
    return size_mul(count, size, &bytes) ? mem_alloc(bytes) : NULL;
}

void mem_zlib_free(void *unused, void *block)
{
    (void)unused;
    mem_free(block);
}

void mem_trim(void)
{
    malloc_trim(TRIM_KEEP);
}

/* "K", "K+" or "count"; K from 1. */
static bool parse_faults(const char *text, enum fault_mode *ret_mode, uint64_t *ret_at)
{
    if (strcmp(text, "count") == 0) {
        *ret_mode = FAULTS_COUNT;
        *ret_at = 0;
        return true;
    }
    if (text[0] < '1' || text[0] > '9')
        return false;
    char *end;
    errno = 0;
    unsigned long long at = strtoull(text, &end, 10);
    bool from = *end == '+';
    if (errno != 0 || end[from ? 1 : 0] != '\0')
        return false;
    *ret_mode = from ? FAULTS_FROM : FAULTS_ONE;
    *ret_at = at;
    return true;
}

static void read_faults(void)
{
    faults.mode = FAULTS_OFF;
    atomic_store(&faults.armed, false);
    atomic_store(&faults.counted, 0);
    const char *text = getenv("ASTROLABE_FAULT_ALLOC");
    if (!text || text[0] == '\0')
        return;
    if (!parse_faults(text, &faults.mode, &faults.at)) {
        /* A torture run that fails nothing would pass: better not to start. */
        fprintf(stderr, "ASTROLABE_FAULT_ALLOC=%s: expected K, K+ or count\n", text);
        exit(EXIT_FAILURE);
    }
}

void mem_init(void)
{
    mallopt(M_ARENA_MAX, MALLOC_ARENAS);
    mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
    mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD);
    read_faults();
    json_set_alloc_funcs(mem_alloc, mem_free);
    /* libuv aborts when its table of watchers cannot grow, and grows nothing else that matters with
       realloc: injected faults there would only show that. */
    CHECK(uv_replace_allocator(mem_alloc, realloc, mem_zalloc, mem_free) == 0, "libuv refused");
}

void mem_faults_arm(void)
{
    atomic_store(&faults.counted, 0);
    atomic_store(&faults.armed, true);
}

uint64_t mem_faults_counted(void)
{
    return atomic_load(&faults.counted);
}

void check_failed(const char *function, const char *condition, const char *meaning)
{
    fprintf(stderr, "astrolabe: %s: %s (%s does not hold)\n", function, meaning, condition);
    abort();
}
