/*
 * What the air does to altitudes. All take in[0], an altitude in deg or rad that counts as the
 * zenith where it is beyond.
 *
 * refract_alt: to the altitude at which it is seen
 *   Given      context   struct astro__refraction
 *   Returned   out[0]    in [-quarter, quarter]; without pressure the altitude as it came
 *   Accuracy   3e-13 deg against its formula in exact arithmetic
 *   Source     ERFA eraAtioq: one step of Newton's method on the formula of eraRefco, the refraction
 *              below 3 degrees held at what it is there
 *
 * unrefract_alt: back, by the formula itself, as ERFA eraAtoiq
 *
 * airmass_kasten_young, airmass_pickering, airmass_secant
 *   Given      context   struct astro__airmass
 *   Returned   out[0]    air mass; NaN below the horizon
 *   Accuracy   1e-14 of the air mass
 *   Source     Kasten and Young (1989), Applied Optics 28, 4735; Pickering (2002), DIO 12, 3
 *
 * All: n = 0 is valid, any alignment, outputs overlap nothing; NaN and infinity give NaN. No
 * allocation, any thread.
 */
#include "../simd/lanes.h"
#include "../simd/power.h"
#include "../sky/sphere_lanes.h"
#include "group.h"

astro__kernel ASTRO__LANES(refract_alt);
astro__kernel ASTRO__LANES(unrefract_alt);
astro__kernel ASTRO__LANES(airmass_kasten_young);
astro__kernel ASTRO__LANES(airmass_pickering);
astro__kernel ASTRO__LANES(airmass_secant);

static const struct sweep_shape one_to_one = {1, 1, 0};

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    (void)context;
    return sweep_finite(in[0]);
}

ASTRO__INLINE vd within(const struct astro__circle *circle, vd altitude)
{
    return v_max(v_min(altitude, v_set(circle->quarter)), v_set(-circle->quarter));
}

/* --- refraction --- */

/* Sine of the altitude below which refraction grows no more, and the least distance from the
 * zenith, as ERFA has them. */
#define LEAST_SINE   0.05
#define LEAST_COSINE 1e-6

ASTRO__INLINE void refracted(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__refraction *air = context;
    vd sine, cosine;

    v_sincos_latitude(radians, &air->sky.lat, in[0], &sine, &cosine);
    vd z = v_max(sine, v_set(LEAST_SINE)), r = v_max(cosine, v_set(LEAST_COSINE));
    vd t = r / z;
    vd w = air->b * t * t;
    vd d = (air->a + w) * t / (1.0 + (air->a + 3.0 * w) / (z * z));
    vd c = 1.0 - 0.5 * (d * d);
    vd level = (c - d * z / r) * cosine;
    out[0] = v_latitude(radians, &air->sky.lat, v_fma(c, sine, d * r), v_abs(level));
}

ASTRO__INLINE void unrefracted(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__refraction *air = context;
    const struct astro__circle *circle = &air->sky.lat;
    vd sine, cosine;

    v_sincos_latitude(radians, circle, in[0], &sine, &cosine);
    vd t = cosine / v_max(sine, v_set(LEAST_SINE));
    vd refraction = v_fma(air->b * t, t, v_set(air->a)) * t;
    vd lowered = within(circle, in[0]) - refraction * circle->from_radians;
    out[0] = within(circle, lowered);
}

/* Without air altitudes stay as they are, to the last bit. */
static inline void unchanged(const void *context, const vd *in, vd *out)
{
    const struct astro__refraction *air = context;

    out[0] = within(&air->sky.lat, in[0]);
}

SWEEP_CORES(refracted)
SWEEP_CORES(unrefracted)

void ASTRO__LANES(refract_alt)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    const struct astro__refraction *air = context;

    if (!air->refracts)
        sweep(air, NULL, one_to_one, n, in, out, ordinary, unchanged, unchanged);
    else
        SWEEP_UNITS(air, &air->sky.lat, one_to_one, n, in, out, ordinary, refracted, refracted);
}

void ASTRO__LANES(unrefract_alt)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    const struct astro__refraction *air = context;

    if (!air->refracts)
        sweep(air, NULL, one_to_one, n, in, out, ordinary, unchanged, unchanged);
    else
        SWEEP_UNITS(air, &air->sky.lat, one_to_one, n, in, out, ordinary, unrefracted, unrefracted);
}

/* --- air mass --- */

ASTRO__INLINE vd above(vd altitude, vd mass)
{
    return v_select((vm)(altitude >= 0.0), mass, v_set((double)NAN));
}

/* An altitude in degrees that is not negative. */
ASTRO__INLINE vd degrees_of(const bool radians, vd altitude)
{
    altitude = v_abs(altitude);
    return radians ? altitude * 57.29577951308232 : altitude;
}

/* x^power for x > 0. */
ASTRO__INLINE vd power_of(vd x, double power)
{
    return v_power_of_magnitude(power * v_five_log10(x, 0.0), 1.0);
}

ASTRO__INLINE void kasten_young(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__airmass *air = context;
    vd sine = v_sin_latitude(radians, &air->sky.lat, v_abs(within(&air->sky.lat, in[0])));
    vd power = power_of(degrees_of(radians, in[0]) + 6.07995, -1.6364);

    out[0] = above(in[0], 1.0 / v_fma(v_set(0.50572), power, sine));
}

ASTRO__INLINE void pickering(const bool radians, const void *context, const vd *in, vd *out)
{
    vd h = degrees_of(radians, in[0]);
    vd power = power_of(v_max(h, v_set(0x1p-1000)), 1.1);
    vd raised = h + 244.0 / v_fma(v_set(47.0), power, v_set(165.0));
    vd x = v_min(raised, 180.0 - raised) * 0.017453292519943295; /* beyond the zenith at 89.96 */

    (void)context;
    out[0] = above(in[0], 1.0 / v_sin_quadrant(x));
}

ASTRO__INLINE void secant(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__airmass *air = context;

    out[0] = above(
        in[0], 1.0 / v_sin_latitude(radians, &air->sky.lat, v_abs(within(&air->sky.lat, in[0]))));
}

SWEEP_CORES(kasten_young)
SWEEP_CORES(pickering)
SWEEP_CORES(secant)

void ASTRO__LANES(airmass_kasten_young)(const void *context, size_t n, const void *const in[],
                                        void *const out[])
{
    const struct astro__airmass *air = context;

    SWEEP_UNITS(air, &air->sky.lat, one_to_one, n, in, out, ordinary, kasten_young, kasten_young);
}

void ASTRO__LANES(airmass_pickering)(const void *context, size_t n, const void *const in[],
                                     void *const out[])
{
    const struct astro__airmass *air = context;

    SWEEP_UNITS(air, &air->sky.lat, one_to_one, n, in, out, ordinary, pickering, pickering);
}

void ASTRO__LANES(airmass_secant)(const void *context, size_t n, const void *const in[],
                                  void *const out[])
{
    const struct astro__airmass *air = context;

    SWEEP_UNITS(air, &air->sky.lat, one_to_one, n, in, out, ordinary, secant, secant);
}
