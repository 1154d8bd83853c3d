/*
 * Spherical to Cartesian and back.
 *
 * radec_to_xyz
 *   Given      context   struct astro__sky
 *              in[0]     ra, any finite value           deg, h or rad
 *              in[1]     dec; beyond the pole is the pole   deg or rad
 *              in[2]     distance, or NULL for 1
 *   Returned   out[0..2] x, y, z in the unit of distance
 *   Accuracy   7e-16 x distance per component; exact at multiples of 90 deg and 6 h. In radians the
 *              pole is the nearest double, 6e-17 rad short of it: its cosine is not 0.
 *   Source     ERFA eraS2c, eraS2p
 *
 * xyz_to_radec
 *   Given      in[0..2]  x, y, z
 *   Returned   out[0]    ra in [0, full circle); 0 at the poles
 *              out[1]    dec
 *              out[2]    distance in the unit of x, y, z
 *   Accuracy   ra, dec 1e-13 deg; distance 3 units in the last place, over all finite doubles whose
 *              distance is one
 *   Source     ERFA eraP2s
 *
 * Both: n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is NaN
 * throughout. No allocation, any thread.
 */
#include "../../simd/lanes.h"
#include "../../simd/sweep.h"
#include "../context.h"

astro__kernel ASTRO__LANES(radec_to_xyz);
astro__kernel ASTRO__LANES(xyz_to_radec);

/* --- radec_to_xyz --- */

ASTRO__INLINE vm radec_ordinary(const void *context, const vd *in)
{
    const struct astro__sky *sky = context;

    return (vm)(v_abs(in[0]) <= sky->lon.limit) & sweep_finite(in[1]);
}

ASTRO__INLINE vm radec_distance_ordinary(const void *context, const vd *in)
{
    return radec_ordinary(context, in) & sweep_finite(in[2]);
}

ASTRO__INLINE void unit_vector(const bool radians, const struct astro__sky *sky, const vd *in,
                               vd *out)
{
    vd sin_ra, cos_ra, sin_dec, cos_dec;

    v_sincos_longitude(radians, &sky->lon, in[0], &sin_ra, &cos_ra);
    v_sincos_latitude(radians, &sky->lat, in[1], &sin_dec, &cos_dec);
    out[0] = cos_dec * cos_ra;
    out[1] = cos_dec * sin_ra;
    out[2] = sin_dec;
}

ASTRO__INLINE void scale(vd distance, vd *out)
{
    for (size_t k = 0; k < 3; k++)
        out[k] *= distance;
}

static inline void to_xyz(const void *context, const vd *in, vd *out)
{
    unit_vector(false, context, in, out);
}

static inline void to_xyz_radians(const void *context, const vd *in, vd *out)
{
    unit_vector(true, context, in, out);
}

static inline void to_xyz_distance(const void *context, const vd *in, vd *out)
{
    unit_vector(false, context, in, out);
    scale(in[2], out);
}

static inline void to_xyz_distance_radians(const void *context, const vd *in, vd *out)
{
    unit_vector(true, context, in, out);
    scale(in[2], out);
}

void ASTRO__LANES(radec_to_xyz)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    static const struct sweep_shape unit = {2, 3, 1}, far = {3, 3, 1};
    const struct astro__sky *sky = context;

    if (in[2] && sky->lon.radians)
        sweep(sky, &sky->lon, far, n, in, out, radec_distance_ordinary, to_xyz_distance_radians,
              to_xyz_distance_radians);
    else if (in[2])
        sweep(sky, &sky->lon, far, n, in, out, radec_distance_ordinary, to_xyz_distance,
              to_xyz_distance);
    else if (sky->lon.radians)
        sweep(sky, &sky->lon, unit, n, in, out, radec_ordinary, to_xyz_radians, to_xyz_radians);
    else
        sweep(sky, &sky->lon, unit, n, in, out, radec_ordinary, to_xyz, to_xyz);
}

/* --- xyz_to_radec --- */

/*
 * Between these the squares neither overflow nor vanish beside each other. The test is on the sum
 * of the magnitudes: unlike a maximum it carries NaN and infinity on.
 */
#define SQUARE_LOW  0x1p-400
#define SQUARE_HIGH 0x1p+500

ASTRO__INLINE vm xyz_ordinary(const void *context, const vd *in)
{
    vd sum = v_abs(in[0]) + v_abs(in[1]) + v_abs(in[2]);

    (void)context;
    return (vm)(sum >= SQUARE_LOW) & (vm)(sum <= SQUARE_HIGH);
}

/* The three numbers are scaled by `down` for the squares; the distance by `up` in the end. */
ASTRO__INLINE void to_sphere(const bool radians, const struct astro__sky *sky, const vd *in,
                             vd halve, vd down, vd up, vd *out)
{
    vd x = in[0] * down, y = in[1] * down, z = in[2] * down;
    vd square = v_fma(x, x, y * y);

    /* The direction in the plane is taken from the unscaled numbers: they may be far smaller than
     * z. */
    out[0] = v_longitude(radians, &sky->lon, in[1] * halve, in[0] * halve);
    out[1] = v_latitude(radians, &sky->lat, z, v_sqrt(square));
    out[2] = v_sqrt(v_fma(z, z, square)) * up;
}

/*
 * For rows outside [SQUARE_LOW, SQUARE_HIGH]: a power of two that brings the largest magnitude near
 * 1; 1 for all others, so that they get the bits of the plain core. Where x and y come near the
 * largest double, they are divided by 8 for the sums that the arc tangent makes.
 */
ASTRO__INLINE void scaled_sphere(const bool radians, const struct astro__sky *sky, const vd *in,
                                 vd *out)
{
    vm ordinary = xyz_ordinary(sky, in);
    vd largest = v_max(v_max(v_abs(in[0]), v_abs(in[1])), v_abs(in[2]));
    vd bounded = v_max(v_min(largest, v_set(0x1p+960)), v_set(0x1p-960));
    vm exponent = (vm)bounded & (vm)v_set((double)INFINITY);
    vd up = v_select(ordinary, v_set(1.0), (vd)exponent);
    vd down = v_select(ordinary, v_set(1.0), (vd)((vm)v_set(0x1p+1023) - exponent));
    vd halve = v_select((vm)(largest > 0x1p+1000), v_set(0.125), v_set(1.0));

    to_sphere(radians, sky, in, halve, down, up, out);
}

static inline void to_radec(const void *context, const vd *in, vd *out)
{
    to_sphere(false, context, in, v_set(1.0), v_set(1.0), v_set(1.0), out);
}

static inline void to_radec_radians(const void *context, const vd *in, vd *out)
{
    to_sphere(true, context, in, v_set(1.0), v_set(1.0), v_set(1.0), out);
}

static inline void to_radec_scaled(const void *context, const vd *in, vd *out)
{
    scaled_sphere(false, context, in, out);
}

static inline void to_radec_scaled_radians(const void *context, const vd *in, vd *out)
{
    scaled_sphere(true, context, in, out);
}

void ASTRO__LANES(xyz_to_radec)(const void *context, size_t n, const void *const in[],
                                void *const out[])
{
    static const struct sweep_shape shape = {3, 3, 0};
    const struct astro__sky *sky = context;

    if (sky->lon.radians)
        sweep(sky, NULL, shape, n, in, out, xyz_ordinary, to_radec_radians,
              to_radec_scaled_radians);
    else
        sweep(sky, NULL, shape, n, in, out, xyz_ordinary, to_radec, to_radec_scaled);
}
