/*
 * AVX2 with FMA: four lanes.
 */
#include <immintrin.h>

#define ASTRO__WIDTH     4
#define ASTRO__SUFFIX    avx2
#define ASTRO__TARGET_ID ASTRO_TARGET_AVX2
#define ASTRO__EACH(x)                                                                             \
    {                                                                                              \
        (x), (x), (x), (x)                                                                         \
    }

typedef double vd __attribute__((vector_size(32)));
typedef int64_t vm __attribute__((vector_size(32)));

ASTRO__INLINE vd v_fma(vd a, vd b, vd c)
{
    return (vd)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

ASTRO__INLINE vd v_sqrt(vd a)
{
    return (vd)_mm256_sqrt_pd((__m256d)a);
}

ASTRO__INLINE vd v_min(vd a, vd b)
{
    return (vd)_mm256_min_pd((__m256d)a, (__m256d)b);
}

ASTRO__INLINE vd v_max(vd a, vd b)
{
    return (vd)_mm256_max_pd((__m256d)a, (__m256d)b);
}

ASTRO__INLINE vd v_select(vm mask, vd a, vd b)
{
    return (vd)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)mask);
}

ASTRO__INLINE vd v_select_top(vm word, vd a, vd b)
{
    return v_select(word, a, b); /* the instruction looks at the top bit only */
}

ASTRO__INLINE bool v_all(vm mask)
{
    return _mm256_movemask_pd((__m256d)mask) == 0xF;
}
