/*
 * Test variant: eight lanes as two AVX2 halves. It runs the code of the eight-lane target on
 * machines without AVX-512. Not part of the library.
 */
#include <immintrin.h>
#include <string.h>

#define ASTRO__WIDTH     8
#define ASTRO__SUFFIX    twin
#define ASTRO__TARGET_ID ASTRO_TARGET_AUTO
#define ASTRO__EACH(x)                                                                             \
    {                                                                                              \
        (x), (x), (x), (x), (x), (x), (x), (x)                                                     \
    }

typedef double vd __attribute__((vector_size(64)));
typedef int64_t vm __attribute__((vector_size(64)));

/* A register as its two halves. */
struct twin {
    __m256d half[2];
};

ASTRO__INLINE struct twin twin_split(vd a)
{
    struct twin t;
    memcpy(&t, &a, sizeof t);
    return t;
}

ASTRO__INLINE vd twin_join(struct twin t)
{
    vd a;
    memcpy(&a, &t, sizeof a);
    return a;
}

ASTRO__INLINE vd v_fma(vd a, vd b, vd c)
{
    struct twin x = twin_split(a), y = twin_split(b), z = twin_split(c);
    for (int i = 0; i < 2; i++)
        x.half[i] = _mm256_fmadd_pd(x.half[i], y.half[i], z.half[i]);
    return twin_join(x);
}

ASTRO__INLINE vd v_sqrt(vd a)
{
    struct twin x = twin_split(a);
    for (int i = 0; i < 2; i++)
        x.half[i] = _mm256_sqrt_pd(x.half[i]);
    return twin_join(x);
}

ASTRO__INLINE vd v_min(vd a, vd b)
{
    struct twin x = twin_split(a), y = twin_split(b);
    for (int i = 0; i < 2; i++)
        x.half[i] = _mm256_min_pd(x.half[i], y.half[i]);
    return twin_join(x);
}

ASTRO__INLINE vd v_max(vd a, vd b)
{
    struct twin x = twin_split(a), y = twin_split(b);
    for (int i = 0; i < 2; i++)
        x.half[i] = _mm256_max_pd(x.half[i], y.half[i]);
    return twin_join(x);
}

ASTRO__INLINE vd v_select(vm mask, vd a, vd b)
{
    struct twin m = twin_split((vd)mask), x = twin_split(a), y = twin_split(b);
    for (int i = 0; i < 2; i++)
        x.half[i] = _mm256_blendv_pd(y.half[i], x.half[i], m.half[i]);
    return twin_join(x);
}

ASTRO__INLINE vd v_select_top(vm word, vd a, vd b)
{
    return v_select(word, a, b);
}

ASTRO__INLINE bool v_all(vm mask)
{
    struct twin m = twin_split((vd)mask);
    return (_mm256_movemask_pd(m.half[0]) & _mm256_movemask_pd(m.half[1])) == 0xF;
}
