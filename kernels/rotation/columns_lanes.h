/*
 * The loop of kernels with a time per row: registers of rows through one straight-line function. For
 * _lanes.c files.
 *
 * Rows       Where a column is NaN or infinite the core gets an ordinary row, and the row becomes
 *            NaN afterwards. A longitude beyond what vectors reduce is reduced first, alone. Full
 *            registers and the last rows take the same path, so a row's bits depend on nothing but
 *            the row.
 */
#ifndef ASTRO_KERNELS_ROTATION_COLUMNS_LANES_H
#define ASTRO_KERNELS_ROTATION_COLUMNS_LANES_H

#include "../simd/trig.h"
#include "../time/dates.h"

enum { COLUMNS_MOST_INPUTS = 10, COLUMNS_MOST_OUTPUTS = 3 };

struct columns_shape {
    size_t inputs, outputs;
    const struct astro__circle *longitude; /* of in[0]; NULL: in[0] is none */
    size_t dates; /* from here on columns that are ordinary as days and 0 */
};

typedef void columns_core(const void *context, const vd *in, vd *out);

static __attribute__((noinline, unused)) vd reduced(const struct astro__circle *circle,
                                                    vd longitude)
{
    for (size_t i = 0; i < ASTRO__WIDTH; i++)
        longitude[i] = fabs(longitude[i]) > circle->limit
                           ? astro__circle_reduce(circle, longitude[i])
                           : longitude[i];
    return longitude;
}

ASTRO__INLINE void columns_register(const void *context, const struct columns_shape shape, vd *in,
                                    vd *out, columns_core *core)
{
    vm good = date_finite(in[0]);

    for (size_t k = 1; k < shape.inputs; k++)
        good &= date_finite(in[k]);
    if (__builtin_expect(!v_all(good), 0)) {
        for (size_t k = 0; k < shape.inputs; k++) {
            bool day = k >= shape.dates && (k - shape.dates) % 2 == 0;
            in[k] = v_select(good, in[k], v_set(day ? DATES_ORDINARY : 0.0));
        }
    }
    if (shape.longitude &&
        __builtin_expect(!v_all((vm)(v_abs(in[0]) <= shape.longitude->limit)), 0))
        in[0] = reduced(shape.longitude, in[0]);
    core(context, in, out);
    for (size_t k = 0; k < shape.outputs; k++)
        out[k] = v_select(good, out[k], v_set((double)NAN));
}

ASTRO__INLINE void columns(const void *context, const struct columns_shape shape, size_t n,
                           const void *const in[], void *const out[], columns_core *core)
{
    vd given[COLUMNS_MOST_INPUTS], result[COLUMNS_MOST_OUTPUTS];
    size_t i = 0;

    for (; n - i >= ASTRO__WIDTH; i += ASTRO__WIDTH) {
        for (size_t k = 0; k < shape.inputs; k++)
            given[k] = v_load(in[k], i);
        columns_register(context, shape, given, result, core);
        for (size_t k = 0; k < shape.outputs; k++)
            v_store(out[k], i, result[k]);
    }
    if (i < n) {
        double room[ASTRO__WIDTH];
        for (size_t k = 0; k < shape.inputs; k++) {
            for (size_t lane = 0; lane < ASTRO__WIDTH; lane++)
                room[lane] = (double)NAN;
            memcpy(room, (const char *)in[k] + i * sizeof(double), (n - i) * sizeof(double));
            given[k] = v_load(room, 0);
        }
        columns_register(context, shape, given, result, core);
        for (size_t k = 0; k < shape.outputs; k++) {
            v_store(room, 0, result[k]);
            memcpy((char *)out[k] + i * sizeof(double), room, (n - i) * sizeof(double));
        }
    }
}

#endif
