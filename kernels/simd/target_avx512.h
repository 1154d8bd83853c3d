/*
 * AVX-512F: eight lanes. Nothing of the later extensions (DQ, VL) is used.
 */
#include <immintrin.h>

#define ASTRO__WIDTH     8
#define ASTRO__SUFFIX    avx512
#define ASTRO__TARGET_ID ASTRO_TARGET_AVX512
#define ASTRO__EACH(x)                                                                             \
    {                                                                                              \
        (x), (x), (x), (x), (x), (x), (x), (x)                                                     \
    }

typedef double vd __attribute__((vector_size(64)));
typedef int64_t vm __attribute__((vector_size(64)));

ASTRO__INLINE vd v_fma(vd a, vd b, vd c)
{
    return (vd)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

ASTRO__INLINE vd v_sqrt(vd a)
{
    return (vd)_mm512_sqrt_pd((__m512d)a);
}

ASTRO__INLINE vd v_min(vd a, vd b)
{
    return (vd)_mm512_min_pd((__m512d)a, (__m512d)b);
}

ASTRO__INLINE vd v_max(vd a, vd b)
{
    return (vd)_mm512_max_pd((__m512d)a, (__m512d)b);
}

ASTRO__INLINE vd v_select_top(vm word, vd a, vd b)
{
    __mmask8 top = _mm512_cmplt_epi64_mask((__m512i)word, _mm512_setzero_si512());
    return (vd)_mm512_mask_blend_pd(top, (__m512d)b, (__m512d)a);
}

ASTRO__INLINE vd v_select(vm mask, vd a, vd b)
{
    return v_select_top(mask, a, b);
}

ASTRO__INLINE bool v_all(vm mask)
{
    return _mm512_cmplt_epi64_mask((__m512i)mask, _mm512_setzero_si512()) == 0xFF;
}
