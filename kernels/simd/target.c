/*
 * Start-up of the library, and the choice of the target.
 */
#include <erfa.h>

#include "../registry/groups.h"
#include "../time/leap/utc.h"
#include "lanes.h"

#ifdef ASTRO__HAVE_SSE2
extern const struct astro__lanes astro__lanes_sse2;
#endif
#ifdef ASTRO__HAVE_AVX2
extern const struct astro__lanes astro__lanes_avx2;
#endif
#ifdef ASTRO__HAVE_AVX512
extern const struct astro__lanes astro__lanes_avx512;
#endif
#ifdef ASTRO__HAVE_NEON
extern const struct astro__lanes astro__lanes_neon;
#endif

static const struct astro__lanes *const built_in[ASTRO_TARGET_COUNT] = {
#ifdef ASTRO__HAVE_SSE2
    [ASTRO_TARGET_SSE2] = &astro__lanes_sse2,
#endif
#ifdef ASTRO__HAVE_AVX2
    [ASTRO_TARGET_AVX2] = &astro__lanes_avx2,
#endif
#ifdef ASTRO__HAVE_AVX512
    [ASTRO_TARGET_AVX512] = &astro__lanes_avx512,
#endif
#ifdef ASTRO__HAVE_NEON
    [ASTRO_TARGET_NEON] = &astro__lanes_neon,
#endif
};

const struct astro__lanes *astro__lanes;

const char *astro_target_name(enum astro_target target)
{
    static const char *const names[ASTRO_TARGET_COUNT] = {
        [ASTRO_TARGET_AUTO] = "auto", [ASTRO_TARGET_SSE2] = "sse2",
        [ASTRO_TARGET_AVX2] = "avx2", [ASTRO_TARGET_AVX512] = "avx512",
        [ASTRO_TARGET_NEON] = "neon",
    };
    return names[target];
}

/* Whether this CPU, under this operating system, runs the instructions of the target. */
static bool cpu_has(enum astro_target target)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    switch (target) {
    case ASTRO_TARGET_SSE2:
        return true;
    case ASTRO_TARGET_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case ASTRO_TARGET_AVX512:
        return __builtin_cpu_supports("avx512f");
    default:
        return false;
    }
#else
    return target == ASTRO_TARGET_NEON;
#endif
}

bool astro_target_usable(enum astro_target target)
{
    if (target == ASTRO_TARGET_AUTO)
        return true;
    return built_in[target] && cpu_has(target);
}

static enum astro_target widest_usable(void)
{
    static const enum astro_target by_width[] = {ASTRO_TARGET_AVX512, ASTRO_TARGET_AVX2,
                                                 ASTRO_TARGET_NEON};

    for (size_t i = 0; i < sizeof by_width / sizeof by_width[0]; i++) {
        if (astro_target_usable(by_width[i]))
            return by_width[i];
    }
    return ASTRO_TARGET_SSE2;
}

/* eraDat() fills a static table on its first call; that must not happen in two threads. */
static void warm_erfa(void)
{
    double tai_minus_utc;

    (void)eraDat(2000, 1, 1, 0.0, &tai_minus_utc);
}

bool astro_kernels_init(enum astro_target target)
{
    if (target == ASTRO_TARGET_AUTO)
        target = widest_usable();
    if (!astro_target_usable(target))
        return false;
    warm_erfa();
    astro__utc_init();
    astro__registry_init();
    astro__lanes = built_in[target];
    return true;
}

enum astro_target astro_kernels_target(void)
{
    return astro__lanes->target;
}

size_t astro_check_column(enum astro_role role, double limit, const void *column, size_t n)
{
    switch (role) {
    case ASTRO_LATITUDE:
        return astro__lanes->first_beyond(limit, column, n);
    case ASTRO_DISTANCE:
        return astro__lanes->first_negative(column, n);
    default:
        return n;
    }
}
