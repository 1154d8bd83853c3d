/*
 * The loop of all kernels: registers of rows through one straight-line function.
 *
 * Purpose    A kernel is a function of one register ("core") that may assume ordinary rows: finite,
 *            and longitudes small enough for the vector reduction. The sweep checks that with one
 *            test per register. A register with an odd row, and the tail of the column, take the
 *            careful path: rows are copied to a padded register and mended one by one, pass the
 *            same core, and rows that were not finite become NaN.
 * Promise    The bits of a row depend on nothing but the row: not on its neighbours, its place or
 *            the ends of the loop, since both paths do the same arithmetic in every lane.
 * INT64      A column of whole numbers travels as bits. Those in use are below 2^62, which are finite
 *            as doubles, so that the careful path leaves them alone.
 * Aliasing   Outputs overlap neither inputs nor each other; no pointer need be aligned.
 * Memory     Nothing but the stack.
 */
#ifndef ASTRO_KERNELS_SIMD_SWEEP_H
#define ASTRO_KERNELS_SIMD_SWEEP_H

#include <float.h>
#include <math.h>

#include "trig.h"

/* A bit beside those of the longitudes: outputs are INT64, and a row that is not finite is -1. */
#define SWEEP_WHOLE (1u << 31)

enum { SWEEP_MOST_INPUTS = 12, SWEEP_MOST_OUTPUTS = 8 };

/* One register: in[] and out[] have as many entries as the sweep has columns. */
typedef void sweep_core(const void *context, const vd *in, vd *out);
typedef vm sweep_test(const void *context, const vd *in);

/* What the columns of a kernel are. Always a constant expression, so that the loops unroll. */
struct sweep_shape {
    size_t inputs, outputs;
    unsigned longitudes; /* bit k: input k is a longitude, and huge values are reduced */
};

ASTRO__INLINE vm sweep_finite(vd a)
{
    return (vm)(v_abs(a) <= DBL_MAX);
}

/*
 * Up to ASTRO__WIDTH rows from row `first`, whatever they hold. `circle` is that of the
 * longitudes, NULL when there are none.
 */
static __attribute__((unused)) void sweep_careful(const void *context,
                                                  const struct astro__circle *circle,
                                                  struct sweep_shape shape, size_t first,
                                                  size_t rows, const void *const in[],
                                                  void *const out[], sweep_core *core)
{
    static const int64_t missing = -1;
    static const double nan = (double)NAN;
    double column[SWEEP_MOST_INPUTS][ASTRO__WIDTH] = {{0}};
    bool finite[ASTRO__WIDTH] = {false};
    vd given[SWEEP_MOST_INPUTS], result[SWEEP_MOST_OUTPUTS];

    for (size_t i = 0; i < rows; i++)
        finite[i] = true;
    for (size_t k = 0; k < shape.inputs; k++) {
        memcpy(column[k], (const char *)in[k] + first * sizeof(double), rows * sizeof(double));
        for (size_t i = 0; i < rows; i++) {
            double value = column[k][i];
            if (!isfinite(value)) {
                finite[i] = false;
                column[k][i] = 0.0;
            } else if ((shape.longitudes >> k & 1u) && fabs(value) > circle->limit) {
                column[k][i] = astro__circle_reduce(circle, value);
            }
        }
        given[k] = v_load(column[k], 0);
    }
    core(context, given, result);
    for (size_t k = 0; k < shape.outputs; k++) {
        double values[ASTRO__WIDTH];
        v_store(values, 0, result[k]);
        for (size_t i = 0; i < rows; i++) {
            if (!finite[i])
                memcpy(&values[i], shape.longitudes & SWEEP_WHOLE ? (const void *)&missing : &nan,
                       sizeof nan);
        }
        memcpy((char *)out[k] + first * sizeof(double), values, rows * sizeof(double));
    }
}

/*
 * All rows. `ordinary` tells the lanes that `core` may take as they are; `careful` is the core of
 * the others (the same one, or one that scales, but equal on ordinary lanes).
 */
ASTRO__INLINE void sweep(const void *context, const struct astro__circle *circle,
                         const struct sweep_shape shape, size_t n, const void *const in[],
                         void *const out[], sweep_test *ordinary, sweep_core *core,
                         sweep_core *careful)
{
    vd given[SWEEP_MOST_INPUTS], result[SWEEP_MOST_OUTPUTS];
    size_t i = 0;

    for (; n - i >= ASTRO__WIDTH; i += ASTRO__WIDTH) {
        for (size_t k = 0; k < shape.inputs; k++)
            given[k] = v_load(in[k], i);
        if (__builtin_expect(!v_all(ordinary(context, given)), 0)) {
            sweep_careful(context, circle, shape, i, ASTRO__WIDTH, in, out, careful);
            continue;
        }
        core(context, given, result);
        for (size_t k = 0; k < shape.outputs; k++)
            v_store(out[k], i, result[k]);
    }
    if (i < n)
        sweep_careful(context, circle, shape, i, n - i, in, out, careful);
}

/*
 * Most kernels have one function for all units, core(radians, context, in, out), whose first
 * argument must be a constant. SWEEP_CORES makes the two functions of it that sweep() takes,
 * SWEEP_UNITS sweeps with the one for `circle`.
 */
#define SWEEP_CORES(core)                                                                          \
    static inline void core##_degrees(const void *context, const vd *in, vd *out)                  \
    {                                                                                              \
        core(false, context, in, out);                                                             \
    }                                                                                              \
    static inline void core##_radians(const void *context, const vd *in, vd *out)                  \
    {                                                                                              \
        core(true, context, in, out);                                                              \
    }

#define SWEEP_UNITS(context, circle, shape, n, in, out, ordinary, core, careful)                   \
    do {                                                                                           \
        if ((circle)->radians)                                                                     \
            sweep(context, circle, shape, n, in, out, ordinary, core##_radians,                    \
                  careful##_radians);                                                              \
        else                                                                                       \
            sweep(context, circle, shape, n, in, out, ordinary, core##_degrees,                    \
                  careful##_degrees);                                                              \
    } while (0)

#endif
