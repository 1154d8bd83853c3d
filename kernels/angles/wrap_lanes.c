/*
 * Angles brought into a range of one turn.
 *
 *   Given      context   struct astro__wrap
 *              in[0]     angle, any finite value   deg, h or rad
 *   Returned   out[0]    the same direction in [base, base + one turn), never -0; what is there
 *                        already stays as it is
 *   Accuracy   exact in degrees and hours where the result is a double, rounded once elsewhere; half
 *              a unit in the last place of a turn in radians
 *   Edges      n = 0 is valid, any alignment, the output overlaps nothing; NaN and infinity give
 *              NaN. No allocation, any thread.
 */
#include "../simd/lanes.h"
#include "../simd/sweep.h"
#include "angles.h"

astro__kernel ASTRO__LANES(wrap_angle);

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    const struct astro__wrap *wrap = context;

    return (vm)(v_abs(in[0]) <= wrap->circle.limit);
}

ASTRO__INLINE void wrapped(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__wrap *wrap = context;
    const struct astro__circle *circle = &wrap->circle;
    vm count;
    vd low;
    vd r = v_reduce(radians, circle, v_abs(in[0]), &count, &low);
    vd quarters = v_whole(count & 3);
    vd rest = v_fma(quarters, v_set(circle->quarter), r); /* of |angle|, within a turn */

    if (radians)
        rest = rest + v_fma(quarters, v_set(circle->quarter_low), low);
    rest = v_flip(rest, v_sign(in[0]));

    /* Turns to add: the least that lead to the base or beyond. */
    vd turns = -v_floor((rest - wrap->base) / circle->full);
    vd moved = v_fma(turns, v_set(circle->full), rest);
    if (radians)
        moved = v_fma(turns, v_set(4.0 * circle->quarter_low), moved);
    moved = v_select((vm)(moved < wrap->base), v_set(wrap->base), moved);
    moved = v_select((vm)(moved >= wrap->limit), v_set(wrap->base), moved);
    vm there = (vm)(in[0] >= wrap->base) & (vm)(in[0] < wrap->limit);
    out[0] = v_select(there, in[0], moved) + 0.0;
}

SWEEP_CORES(wrapped)

void ASTRO__LANES(wrap_angle)(const void *context, size_t n, const void *const in[],
                              void *const out[])
{
    static const struct sweep_shape shape = {1, 1, 1};
    const struct astro__wrap *wrap = context;

    SWEEP_UNITS(wrap, &wrap->circle, shape, n, in, out, ordinary, wrapped, wrapped);
}
