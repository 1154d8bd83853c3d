/*
 * Values in one unit to values in another. Context: struct astro__unit_map; in[0], out[0].
 *
 * times_factor            value factor
 * times_factor_plus       value factor + offset
 * factor_over             factor / value; infinity for 0
 * factor_over_positive    the same, NaN for what is not positive
 *   Accuracy   one unit in the last place; times_factor half of one, where products are fused
 *
 * to_velocity             velocity of a frequency, energy, wavenumber or wavelength; NaN where the
 *                         convention gives none
 * from_velocity           back
 *   Accuracy   4e-16 of the speed of light or of the value; near rest that of the given value
 *
 * All: n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity is NaN.
 * What is beyond the range of doubles is infinity or 0. No allocation, any thread.
 */
#include "../simd/lanes.h"
#include "../simd/sweep.h"
#include "map.h"

astro__kernel ASTRO__LANES(times_factor);
astro__kernel ASTRO__LANES(times_factor_plus);
astro__kernel ASTRO__LANES(factor_over);
astro__kernel ASTRO__LANES(factor_over_positive);
astro__kernel ASTRO__LANES(to_velocity);
astro__kernel ASTRO__LANES(from_velocity);

static const struct sweep_shape one_to_one = {1, 1, 0};

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    (void)context;
    return sweep_finite(in[0]);
}

/* a factor; the low part only counts where it cannot overflow. */
ASTRO__INLINE vd scaled(struct astro__exact factor, vd a)
{
    vd product = a * factor.high;
    vd exact = v_fma(a, v_set(factor.high), a * factor.low);

    return v_select(sweep_finite(product), exact, product);
}

static inline void linear(const void *context, const vd *in, vd *out)
{
    const struct astro__unit_map *map = context;

    out[0] = scaled(map->factor, in[0]);
}

static inline void affine(const void *context, const vd *in, vd *out)
{
    const struct astro__unit_map *map = context;
    vd product = in[0] * map->factor.high;
    vd low = in[0] * map->factor.low + map->offset.low;
    vd sum = v_fma(in[0], v_set(map->factor.high), v_set(map->offset.high));

    out[0] = v_select(sweep_finite(product), sum + low, product);
}

static inline void reciprocal(const void *context, const vd *in, vd *out)
{
    const struct astro__unit_map *map = context;

    out[0] = map->factor.high / in[0];
}

static inline void positive_reciprocal(const void *context, const vd *in, vd *out)
{
    const struct astro__unit_map *map = context;
    vm positive = (vm)(in[0] > 0.0);
    vd value = v_select(positive, in[0], v_set(1.0));

    out[0] = v_select(positive, map->factor.high / value, v_set((double)NAN));
}

#define KERNEL(name, core)                                                                         \
    void ASTRO__LANES(name)(const void *context, size_t n, const void *const in[],                 \
                            void *const out[])                                                     \
    {                                                                                              \
        sweep(context, NULL, one_to_one, n, in, out, ordinary, core, core);                        \
    }

KERNEL(times_factor, linear)
KERNEL(times_factor_plus, affine)
KERNEL(factor_over, reciprocal)
KERNEL(factor_over_positive, positive_reciprocal)

/* --- Doppler --- */

/* Beyond this u is as good as infinite, and its square is not. */
#define FAR 1e150

static inline void velocity(const void *context, const vd *in, vd *out)
{
    const struct astro__unit_map *map = context;
    struct astro__exact q = map->factor;
    vd u = v_max(v_min(in[0] * q.high, v_set(FAR)), v_set(-FAR));
    vd value = v_select((vm)(v_abs(u) < FAR), in[0], u / q.high);
    vd shift = v_fma(value, v_set(q.high), v_set(-1.0)) + value * q.low; /* u - 1 */
    bool over = (map->doppler == ASTRO__RADIO) == map->inverse;

    if (map->doppler == ASTRO__RELATIVISTIC)
        shift = shift * (2.0 + shift) / v_fma(u, u, v_set(1.0));
    else if (over)
        shift = shift / u;
    shift = (map->inverse ? shift : -shift) + 0.0;
    out[0] = v_select((vm)(shift == shift), shift * map->speed, v_set((double)NAN));
}

static inline void spectral(const void *context, const vd *in, vd *out)
{
    const struct astro__unit_map *map = context;
    vd beta = in[0] / map->speed;
    bool over = (map->doppler == ASTRO__RADIO) == map->inverse;
    vd changed;

    beta = map->doppler == ASTRO__RADIO || (map->doppler == ASTRO__RELATIVISTIC && !map->inverse)
               ? -beta
               : beta;
    if (map->doppler == ASTRO__RELATIVISTIC) {
        vm slow = (vm)(v_abs(beta) < 1.0);
        beta = v_select(slow, beta, v_set(0.0));
        changed = v_select(slow, v_sqrt((1.0 + beta) / (1.0 - beta)), v_set((double)NAN));
    } else {
        changed = over ? 1.0 / (1.0 + beta) : 1.0 + beta;
    }
    out[0] = changed * map->factor.high;
}

KERNEL(to_velocity, velocity)
KERNEL(from_velocity, spectral)
