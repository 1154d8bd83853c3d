/*
 * rotate_motion: proper motions from one frame to another, turned against it.
 *
 *   Given      context   struct astro__rotation
 *              in[0..1]  longitude, any finite value; latitude, beyond the pole is the pole
 *              in[2..3]  proper motions along them, that in longitude with the cosine of the
 *                        latitude; any unit
 *   Returned   out[0..3] the same in the other frame; at a pole the directions are those of
 *                        longitude 0
 *   Accuracy   positions 1e-9 arcsec; motions 1e-14 / cos(latitude) of the motion
 *   Source     the tangent vector turns with the position
 *
 * thousand_over: 1000 / in[0]; what is not positive gives NaN
 *   Accuracy   correctly rounded
 *
 * distance_to_modulus: 5 log10(in[0]) - 5; what is not positive gives NaN
 *   Accuracy   1e-14 mag up to a modulus of 64 mag, one unit in the last place beyond
 *
 * modulus_to_distance: 10^(in[0] / 5 + 1)
 *   Accuracy   2 units in the last place
 *
 * All: n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is NaN
 * throughout. No allocation, any thread.
 */
#include "../simd/lanes.h"
#include "../simd/power.h"
#include "../sky/sphere_lanes.h"

astro__kernel ASTRO__LANES(rotate_motion);
astro__kernel ASTRO__LANES(thousand_over);
astro__kernel ASTRO__LANES(distance_to_modulus);
astro__kernel ASTRO__LANES(modulus_to_distance);

/* --- rotate_motion --- */

/* Beyond this, sums of products could overflow: such rows are brought down, and up again. */
#define LARGE 0x1p+1000

ASTRO__INLINE vm motion_small(const vd *in)
{
    return (vm)(v_abs(in[2]) <= LARGE) & (vm)(v_abs(in[3]) <= LARGE);
}

ASTRO__INLINE vm motion_ordinary(const void *context, const vd *in)
{
    const struct astro__rotation *rotation = context;

    return position_ordinary(&rotation->in, in) & motion_small(in);
}

ASTRO__INLINE void turned(const bool radians, const struct astro__rotation *rotation, const vd *in,
                          vd along, vd across, vd *out)
{
    vd sin_a, cos_a, sin_b, cos_b;

    v_sincos_longitude(radians, &rotation->in.lon, in[0], &sin_a, &cos_a);
    v_sincos_latitude(radians, &rotation->in.lat, in[1], &sin_b, &cos_b);
    vd p[3] = {cos_b * cos_a, cos_b * sin_a, sin_b};
    vd inward = across * sin_b;
    vd v[3] = {-v_fma(along, sin_a, inward * cos_a), v_fma(along, cos_a, -(inward * sin_a)),
               across * cos_b};

    matrix_times(rotation->matrix, p, p);
    matrix_times(rotation->matrix, v, v);
    vd rho = v_sqrt(v_fma(p[0], p[0], p[1] * p[1]));
    vm pole = (vm)(rho == 0.0);
    vd by = v_select(pole, v_set(1.0), rho);
    vd c = v_select(pole, v_set(1.0), p[0] / by), s = p[1] / by;
    from_vector(radians, &rotation->out, p, &out[0], &out[1]);
    out[2] = v_fma(c, v[1], -(s * v[0]));
    out[3] = v_fma(rho, v[2], -(p[2] * v_fma(c, v[0], s * v[1])));
}

ASTRO__INLINE void motion(const bool radians, const void *context, const vd *in, vd *out)
{
    turned(radians, context, in, in[2], in[3], out);
}

ASTRO__INLINE void huge_motion(const bool radians, const void *context, const vd *in, vd *out)
{
    vm small = motion_small(in);
    vd down = v_select(small, v_set(1.0), v_set(0x1p-60));
    vd up = v_select(small, v_set(1.0), v_set(0x1p+60));

    turned(radians, context, in, in[2] * down, in[3] * down, out);
    out[2] *= up;
    out[3] *= up;
}

SWEEP_CORES(motion)
SWEEP_CORES(huge_motion)

void ASTRO__LANES(rotate_motion)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    static const struct sweep_shape shape = {4, 4, 1};
    const struct astro__rotation *rotation = context;

    SWEEP_UNITS(rotation, &rotation->in.lon, shape, n, in, out, motion_ordinary, motion,
                huge_motion);
}

/* --- distances --- */

static const struct sweep_shape one_to_one = {1, 1, 0};

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    (void)context;
    return sweep_finite(in[0]);
}

static inline void inverted(const void *context, const vd *in, vd *out)
{
    vm positive = (vm)(in[0] > 0.0);

    (void)context;
    out[0] = v_select(positive, 1000.0 / v_select(positive, in[0], v_set(1.0)), v_set((double)NAN));
}

void ASTRO__LANES(thousand_over)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    sweep(context, NULL, one_to_one, n, in, out, ordinary, inverted, inverted);
}

static inline void modulus(const void *context, const vd *in, vd *out)
{
    vm positive = (vm)(in[0] > 0.0);

    (void)context;
    out[0] = v_select(positive, v_five_log10(v_select(positive, in[0], v_set(1.0)), -5.0),
                      v_set((double)NAN));
}

void ASTRO__LANES(distance_to_modulus)(const void *context, size_t n, const void *const in[],
                                       void *const out[])
{
    sweep(context, NULL, one_to_one, n, in, out, ordinary, modulus, modulus);
}

static inline void distance(const void *context, const vd *in, vd *out)
{
    (void)context;
    out[0] = v_power_of_magnitude(in[0], 10.0);
}

void ASTRO__LANES(modulus_to_distance)(const void *context, size_t n, const void *const in[],
                                       void *const out[])
{
    sweep(context, NULL, one_to_one, n, in, out, ordinary, distance, distance);
}
