/*
 * SSE2: two lanes, and what every x86-64 has. No fused multiply-add, so its results may differ
 * from those of the other targets in the last place.
 */
#include <emmintrin.h>

#define ASTRO__WIDTH     2
#define ASTRO__SUFFIX    sse2
#define ASTRO__TARGET_ID ASTRO_TARGET_SSE2
#define ASTRO__EACH(x)                                                                             \
    {                                                                                              \
        (x), (x)                                                                                   \
    }

typedef double vd __attribute__((vector_size(16)));
typedef int64_t vm __attribute__((vector_size(16)));

ASTRO__INLINE vd v_fma(vd a, vd b, vd c)
{
    return a * b + c;
}

ASTRO__INLINE vd v_sqrt(vd a)
{
    return (vd)_mm_sqrt_pd((__m128d)a);
}

ASTRO__INLINE vd v_min(vd a, vd b)
{
    return (vd)_mm_min_pd((__m128d)a, (__m128d)b);
}

ASTRO__INLINE vd v_max(vd a, vd b)
{
    return (vd)_mm_max_pd((__m128d)a, (__m128d)b);
}

ASTRO__INLINE vd v_select(vm mask, vd a, vd b)
{
    return (vd)((mask & (vm)a) | (~mask & (vm)b));
}

ASTRO__INLINE vd v_select_top(vm word, vd a, vd b)
{
    __m128i top = _mm_shuffle_epi32(_mm_srai_epi32((__m128i)word, 31), _MM_SHUFFLE(3, 3, 1, 1));
    return v_select((vm)top, a, b);
}

ASTRO__INLINE bool v_all(vm mask)
{
    return _mm_movemask_pd((__m128d)mask) == 0x3;
}
