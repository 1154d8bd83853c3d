/*
 * Vectors: the little that the kernels need beyond the compiler's own vector arithmetic.
 *
 * Purpose    One source per kernel, compiled once per target. A target is one small header that
 *            says how wide a register is and names the instructions that the vector extensions of
 *            GCC and Clang do not reach: v_fma, v_sqrt, v_min, v_max, v_select, v_all.
 * Types      vd: ASTRO__WIDTH doubles. vm: as many 64-bit integers; a mask has all bits or none.
 *            vu: the same without sign, for shifts and multiplications.
 * Rounding   Everything is compiled with -ffp-contract=off: a product is fused with a sum exactly
 *            where v_fma says so. Hence a row's bits do not depend on how the compiler arranges the
 *            loop, and AVX2, AVX-512 and NEON give the same bits.
 * NaN        v_min and v_max are for numbers: what they do with NaN differs between targets. The
 *            kernels never compute on NaN (sweep.h).
 */
#ifndef ASTRO_KERNELS_SIMD_VEC_H
#define ASTRO_KERNELS_SIMD_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ASTRO__INLINE static inline __attribute__((always_inline, unused))

#if defined(ASTRO__FOR_AVX512)
#include "target_avx512.h"
#elif defined(ASTRO__FOR_AVX2)
#include "target_avx2.h"
#elif defined(ASTRO__FOR_SSE2)
#include "target_sse2.h"
#elif defined(ASTRO__FOR_NEON)
#include "target_neon.h"
#elif defined(ASTRO__FOR_TWIN)
#include "target_twin.h"
#else
#error "compile once per target, with ASTRO__FOR_... defined"
#endif

typedef uint64_t vu __attribute__((vector_size(8 * ASTRO__WIDTH)));

/* name(ASTRO__SUFFIX): astro__name_avx2 and so on. */
#define ASTRO__PASTE(name, suffix)  astro__##name##_##suffix
#define ASTRO__EXPAND(name, suffix) ASTRO__PASTE(name, suffix)
#define ASTRO__LANES(name)          ASTRO__EXPAND(name, ASTRO__SUFFIX)

#define V_TOP_BIT INT64_MIN

/* Pointers into a request's memory may have any alignment: memcpy becomes an unaligned move. */
ASTRO__INLINE vd v_load(const void *column, size_t row)
{
    vd a;
    memcpy(&a, (const char *)column + row * sizeof(double), sizeof a);
    return a;
}

ASTRO__INLINE void v_store(void *column, size_t row, vd a)
{
    memcpy((char *)column + row * sizeof(double), &a, sizeof a);
}

ASTRO__INLINE vd v_set(double value)
{
    return (vd)ASTRO__EACH(value);
}

ASTRO__INLINE vd v_abs(vd a)
{
    return (vd)((vm)a & INT64_MAX);
}

/* The sign bits of a; -0 has one. */
ASTRO__INLINE vm v_sign(vd a)
{
    return (vm)a & V_TOP_BIT;
}

/* Turns the sign of a where the top bit of `sign` is set; the other bits of `sign` must be 0. */
ASTRO__INLINE vd v_flip(vd a, vm sign)
{
    return (vd)((vm)a ^ sign);
}

/* a where the mask is set, else +0. */
ASTRO__INLINE vd v_keep(vm mask, vd a)
{
    return (vd)(mask & (vm)a);
}

#endif
