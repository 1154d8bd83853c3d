/*
 * From and to FK4: E-terms of aberration off and on, matrices between.
 *
 *   Given      context   struct astro__fk4_from or astro__fk4_to, which names the steps
 *              in[0]     longitude, any finite value             deg, h or rad
 *              in[1]     latitude; beyond the pole is the pole   deg or rad
 *   Returned   out[0]    longitude in [0, full circle); 0 at the poles
 *              out[1]    latitude
 *   Accuracy   1e-9 arcsec against eraFk45z and eraFk54z with the same constants
 *   Edges      n = 0 is valid, any alignment, outputs overlap nothing; a row with NaN or infinity
 *              is NaN throughout. No allocation, any thread.
 *   Source     E-terms A off a unit vector r: r - A + (r.A) r. On: the exact inverse of its
 *              direction. With c = r'.A the vector sought is along s r' + A, where
 *              s = sqrt(1 + A.A - c^2); the square root is 1 + (A.A - c^2) / 2 within 1e-26.
 */
#include "../../simd/lanes.h"
#include "../../simd/sweep.h"
#include "../sphere_lanes.h"
#include "fk4.h"

astro__kernel ASTRO__LANES(fk4_from);
astro__kernel ASTRO__LANES(fk4_to);

/* E-terms off a vector of any length near 1; the result is not a unit vector. */
ASTRO__INLINE void terms_off(const double a[3], vd p[3])
{
    vd length = v_sqrt(dot(p, p));
    vd factor = 1.0 + dot_constant(a, p) / length;

    for (size_t k = 0; k < 3; k++)
        p[k] = v_fma(p[k], factor, -(length * a[k]));
}

/* E-terms on; the result is not a unit vector. */
ASTRO__INLINE void terms_on(const double a[3], vd p[3])
{
    double square = a[0] * a[0] + a[1] * a[1] + a[2] * a[2];
    vd length = v_sqrt(dot(p, p));
    vd along = dot_constant(a, p);
    vd factor = 1.0 + 0.5 * (square - along * along);

    for (size_t k = 0; k < 3; k++)
        p[k] = v_fma(p[k], factor, length * a[k]);
}

/* --- from FK4 --- */

ASTRO__INLINE vm ordinary_from(const void *context, const vd *in)
{
    const struct astro__fk4_from *chain = context;

    return position_ordinary(&chain->in, in);
}

ASTRO__INLINE void left(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__fk4_from *chain = context;
    vd p[3];

    to_vector(radians, &chain->in, in[0], in[1], p);
    if (chain->has_off)
        terms_off(chain->off, p);
    matrix_times(chain->first, p, p);
    if (chain->has_on)
        terms_on(chain->on, p);
    if (chain->has_last) {
        terms_off(chain->off_again, p);
        matrix_times(chain->last, p, p);
    }
    from_vector(radians, &chain->out, p, &out[0], &out[1]);
}

SWEEP_CORES(left)

static const struct sweep_shape position = {2, 2, 1};

void ASTRO__LANES(fk4_from)(const void *context, size_t n, const void *const in[],
                            void *const out[])
{
    const struct astro__fk4_from *chain = context;

    SWEEP_UNITS(chain, &chain->in.lon, position, n, in, out, ordinary_from, left, left);
}

/* --- to FK4 --- */

ASTRO__INLINE vm ordinary_to(const void *context, const vd *in)
{
    const struct astro__fk4_to *chain = context;

    return position_ordinary(&chain->in, in);
}

/* Seidelmann (1992), 3.592-3, in one iteration, as eraFk524; then the motion, as eraFk54z. */
ASTRO__INLINE void b1950_with_terms(const struct astro__fk4_to *chain, const vd unit[3], vd p[3])
{
    vd q[3], rate[3];

    matrix_times(chain->position, unit, q);
    matrix_times(chain->motion, unit, rate);
    vd length = v_sqrt(dot(q, q));
    vd factor = 1.0 - dot_constant(astro__e_terms_b1950, q);
    for (size_t k = 0; k < 3; k++)
        p[k] = v_fma(q[k], factor, length * astro__e_terms_b1950[k]);
    length = v_sqrt(dot(p, p));
    for (size_t k = 0; k < 3; k++)
        p[k] = v_fma(q[k], factor, length * astro__e_terms_b1950[k]);

    vd along = dot_constant(astro__e_terms_rate, q);
    for (size_t k = 0; k < 3; k++)
        rate[k] = rate[k] + v_fma(length, v_set(astro__e_terms_rate[k]), -(along * p[k]));
    vd radial = dot(rate, p) / dot(p, p);
    for (size_t k = 0; k < 3; k++)
        p[k] = v_fma(v_set(chain->motion_scale), v_fma(-radial, p[k], rate[k]), p[k]);
}

ASTRO__INLINE void arrived(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__fk4_to *chain = context;
    vd unit[3], p[3];

    to_vector(radians, &chain->in, in[0], in[1], unit);
    b1950_with_terms(chain, unit, p);
    if (chain->has_last) {
        terms_off(chain->off, p);
        matrix_times(chain->last, p, p);
    }
    if (chain->has_on)
        terms_on(chain->on_again, p);
    from_vector(radians, &chain->out, p, &out[0], &out[1]);
}

SWEEP_CORES(arrived)

void ASTRO__LANES(fk4_to)(const void *context, size_t n, const void *const in[], void *const out[])
{
    const struct astro__fk4_to *chain = context;

    SWEEP_UNITS(chain, &chain->in.lon, position, n, in, out, ordinary_to, arrived, arrived);
}
