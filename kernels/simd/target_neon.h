/*
 * NEON of AArch64: two lanes, with fused multiply-add.
 */
#include <arm_neon.h>

#define ASTRO__WIDTH     2
#define ASTRO__SUFFIX    neon
#define ASTRO__TARGET_ID ASTRO_TARGET_NEON
#define ASTRO__EACH(x)                                                                             \
    {                                                                                              \
        (x), (x)                                                                                   \
    }

typedef double vd __attribute__((vector_size(16)));
typedef int64_t vm __attribute__((vector_size(16)));

ASTRO__INLINE vd v_fma(vd a, vd b, vd c)
{
    return (vd)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

ASTRO__INLINE vd v_sqrt(vd a)
{
    return (vd)vsqrtq_f64((float64x2_t)a);
}

ASTRO__INLINE vd v_min(vd a, vd b)
{
    return (vd)vminq_f64((float64x2_t)a, (float64x2_t)b);
}

ASTRO__INLINE vd v_max(vd a, vd b)
{
    return (vd)vmaxq_f64((float64x2_t)a, (float64x2_t)b);
}

ASTRO__INLINE vd v_select(vm mask, vd a, vd b)
{
    return (vd)vbslq_f64((uint64x2_t)mask, (float64x2_t)a, (float64x2_t)b);
}

ASTRO__INLINE vd v_select_top(vm word, vd a, vd b)
{
    return v_select((vm)vshrq_n_s64((int64x2_t)word, 63), a, b);
}

ASTRO__INLINE bool v_all(vm mask)
{
    return (mask[0] & mask[1]) != 0;
}
