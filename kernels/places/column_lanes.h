/*
 * The columns of places: which rows are ordinary, from the input to a vector and from a vector to the
 * output. For _lanes.c files.
 */
#ifndef ASTRO_KERNELS_PLACES_COLUMN_LANES_H
#define ASTRO_KERNELS_PLACES_COLUMN_LANES_H

#include "moment_lanes.h"

static const struct sweep_shape still = {2, 2, 1}, moving = {6, 2, 1},
                                at_times = {ASTRO__PLACE_COLUMNS, 2, 1};

/* Whether the longitude can be reduced, and all columns are finite. */
ASTRO__INLINE vm finite_columns(const struct astro__placing *placing, const vd *in,
                                const size_t columns)
{
    vd sum = in[1] * 0.0;

    for (size_t k = 2; k < columns; k++)
        sum = v_fma(in[k], v_set(0.0), sum);
    return (vm)(v_abs(in[0]) <= placing->place->in.lon.limit) & (vm)(sum == 0.0);
}

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    return finite_columns(context, in, 2);
}

ASTRO__INLINE vm ordinary_moving(const void *context, const vd *in)
{
    return finite_columns(context, in, ASTRO__PLACE_TIME);
}

ASTRO__INLINE vm ordinary_times(const void *context, const vd *in)
{
    return finite_columns(context, in, ASTRO__PLACE_COLUMNS);
}

/* NaN is always the same NaN. */
ASTRO__INLINE void settle(vd *out)
{
    vm good = sweep_finite(out[0]) & sweep_finite(out[1]);

    out[0] = v_select(good, out[0], v_set((double)NAN));
    out[1] = v_select(good, out[1], v_set((double)NAN));
}

/* p: in axes of the place; turned as the observer stands where the atmosphere counts. */
ASTRO__INLINE void put_place(const bool radians, const struct astro__place *place, vd p[3], vd *out)
{
    if (place->refracts) {
        to_unit(p);
        refract(place, p);
        if (place->frame == ASTRO__HADEC)
            lean(place, p);
    }
    if (place->frame == ASTRO__ALTAZ)
        p[0] = -p[0]; /* north, east */
    if (place->frame == ASTRO__HADEC) {
        p[1] = -p[1];
        offsets_of(radians, &place->out, p, &out[0], &out[1]);
    } else {
        from_vector(radians, &place->out, p, &out[0], &out[1]);
    }
    settle(out);
}

ASTRO__INLINE void take_place(const bool radians, const struct astro__place *place, const vd *in,
                              vd p[3])
{
    to_vector(radians, &place->in, in[0], in[1], p);
    if (place->frame == ASTRO__ALTAZ)
        p[0] = -p[0];
    if (place->frame == ASTRO__HADEC)
        p[1] = -p[1];
    if (!place->refracts)
        return;
    if (place->frame == ASTRO__HADEC)
        stand(place, p);
    unrefract(place, p);
}

#endif
