/*
 * What the motion of an observer about the barycentre of the solar system, or the Sun, makes of a
 * direction.
 *
 * All: in[0] longitude, any finite value, in[1] latitude; n = 0 is valid, any alignment, outputs
 * overlap nothing; a row with NaN or infinity is NaN. No allocation, any thread.
 *
 * along_direction        out[0] = offset + vector . direction; context struct astro__along
 * date_along_direction   out[0..1] = date + the same, in days
 *
 * The others have a time per row (context struct astro__observer): in[2..3] TDB, in[4..5] UT1 (J and
 * part), in[6..7] the pole, rad. Dates outside 1900 to 2100 go to ERFA, 80 us a row.
 *
 * light_time             out[0]: by how much light reaches the barycentre, or the Sun, later than the
 *                        observer, s; 2e-10 s against ERFA
 * light_date             out[0..1]: the date TDB plus that
 * velocity_correction    out[0]: what is to be added to a measured radial velocity, km/s; 1e-8 km/s
 *
 * Source     ERFA eraEpv00, eraPvtob, eraC2i06a; Wright and Eastman 2014 (PASP 126, 838): the Doppler
 *            shift by motion and by the potentials of the Sun and the Earth
 */
#include "../rotation/columns_lanes.h"
#include "../rotation/turning_lanes.h"
#include "../simd/lanes.h"
#include "../sky/sphere_lanes.h"
#include "barycentric.h"

astro__kernel ASTRO__LANES(along_direction);
astro__kernel ASTRO__LANES(date_along_direction);
astro__kernel ASTRO__LANES(light_time);
astro__kernel ASTRO__LANES(light_date);
astro__kernel ASTRO__LANES(velocity_correction);

/* --- one time for all --- */

ASTRO__INLINE vd along(const bool radians, const struct astro__along *given, const vd *in)
{
    vd direction[3];

    to_vector(radians, &given->sky, in[0], in[1], direction);
    return dot_constant(given->vector, direction) + given->offset;
}

ASTRO__INLINE void along_core(const bool radians, const void *context, const vd *in, vd *out)
{
    out[0] = along(radians, context, in);
}

ASTRO__INLINE void date_core_of(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__along *given = context;

    date_settle(v_set(given->date[0]), along(radians, given, in) + given->date[1], out);
}

/* --- a time per row --- */

struct observer_lanes {
    vd earth[3], velocity[3]; /* of the Earth's centre, barycentric: au, au/d */
    vd sun_earth[3];          /* heliocentric, au */
    vd site[3], spin[3];      /* of the site, geocentric in the GCRS: au, au/d */
};

ASTRO__INLINE void observer_at(const struct astro__observer *observer,
                               const struct ephemeris_lanes *when, const vd *in,
                               struct observer_lanes *ret)
{
    struct turning_lanes turning;

    turning_at(when, in + 2 + ASTRO__OBSERVER_UT1, in + 2 + ASTRO__OBSERVER_POLE, &turning);
    for (size_t k = 0; k < 3; k++)
        ret->site[k] = v_set(observer->site[k]);
    unpole_vector(&turning.pole, ret->site);
    turn_axes(&turning.turn, -1.0, &ret->site[0], &ret->site[1]);
    ret->spin[0] = ret->site[1] * -ASTRO__EARTH_SPIN;
    ret->spin[1] = ret->site[0] * ASTRO__EARTH_SPIN;
    ret->spin[2] = v_set(0.0);
    tilt_vector(&turning.tilt, -1.0, ret->site);
    tilt_vector(&turning.tilt, -1.0, ret->spin);
}

ASTRO__INLINE struct ephemeris_lanes when_of(const vd *in)
{
    return ephemeris_at(in[2 + ASTRO__OBSERVER_TDB], in[2 + ASTRO__OBSERVER_TDB + 1]);
}

/* s */
ASTRO__INLINE vd light_of(const bool radians, const struct astro__observer *observer, const vd *in)
{
    struct ephemeris_lanes when = when_of(in);
    struct observer_lanes lanes;
    vd direction[3];

    observer_at(observer, &when, in, &lanes);
    if (observer->rest == ASTRO__BARYCENTRE)
        ephemeris_position(&when, lanes.earth, NULL, NULL);
    else {
        vd earth[3];
        ephemeris_position(&when, earth, NULL, lanes.earth);
    }
    for (size_t k = 0; k < 3; k++)
        lanes.earth[k] = lanes.earth[k] + lanes.site[k];
    to_vector(radians, &observer->sky, in[0], in[1], direction);
    return dot(lanes.earth, direction) * ASTRO__AU_SECONDS;
}

ASTRO__INLINE void light_core(const bool radians, const void *context, const vd *in, vd *out)
{
    out[0] = light_of(radians, context, in);
}

ASTRO__INLINE void light_date_core(const bool radians, const void *context, const vd *in, vd *out)
{
    vd days = light_of(radians, context, in) * (1.0 / ASTRO__SECONDS_OF_DAY);

    date_settle(in[2 + ASTRO__OBSERVER_TDB], in[2 + ASTRO__OBSERVER_TDB + 1] + days, out);
}

/* From au/d to the speed of light; from 1 / au to the redshift of the Sun. */
#define BETA(velocity) ((velocity) * (ASTRO__AU_SECONDS / ASTRO__SECONDS_OF_DAY))
#define SUN_REDSHIFT   (ASTRO__GM_SUN / (ASTRO__LIGHT_SPEED * ASTRO__LIGHT_SPEED) / ASTRO__AU_METRES)

ASTRO__INLINE void velocity_core(const bool radians, const void *context, const vd *in, vd *out)
{
    const struct astro__observer *observer = context;
    struct ephemeris_lanes when = when_of(in);
    struct observer_lanes lanes;
    vd direction[3], beta[3];
    const double c = ASTRO__LIGHT_SPEED / 1e3;

    observer_at(observer, &when, in, &lanes);
    ephemeris_position(&when, lanes.earth, lanes.velocity, lanes.sun_earth);
    to_vector(radians, &observer->sky, in[0], in[1], direction);
    for (size_t k = 0; k < 3; k++)
        beta[k] = lanes.velocity[k] + lanes.spin[k];
    if (observer->rest == ASTRO__SUN) {
        vd sun[3];
        ephemeris_sun_velocity(&when, sun);
        for (size_t k = 0; k < 3; k++)
            beta[k] = beta[k] - sun[k];
        out[0] = BETA(dot(beta, direction)) * c;
        return;
    }
    for (size_t k = 0; k < 3; k++) {
        beta[k] = BETA(beta[k]);
        lanes.sun_earth[k] = lanes.sun_earth[k] + lanes.site[k];
    }
    vd slow = v_sqrt(v_max(1.0 - dot(beta, beta), v_set(0x1p-20)));
    vd redshift =
        SUN_REDSHIFT / v_sqrt(dot(lanes.sun_earth, lanes.sun_earth)) + observer->earth_redshift;
    out[0] = ((1.0 + dot(beta, direction)) / (slow * (1.0 - redshift)) - 1.0) * c;
}

/* --- the loops --- */

/* One loop for degrees and hours, one for radians: they differ in the first two columns. */
#define KERNEL(name, struct_name, core, n_inputs, n_outputs)                                       \
    static inline void name##_degrees(const void *context, const vd *in, vd *out)                  \
    {                                                                                              \
        core(false, context, in, out);                                                             \
    }                                                                                              \
    static inline void name##_radians(const void *context, const vd *in, vd *out)                  \
    {                                                                                              \
        core(true, context, in, out);                                                              \
    }                                                                                              \
    void ASTRO__LANES(name)(const void *context, size_t n, const void *const in[],                 \
                            void *const out[])                                                     \
    {                                                                                              \
        const struct struct_name *given = context;                                                 \
        const struct columns_shape shape = {.inputs = (n_inputs),                                  \
                                            .outputs = (n_outputs),                                \
                                            .longitude = &given->sky.lon,                          \
                                            .dates = 2};                                           \
        if (given->sky.lon.radians)                                                                \
            columns(context, shape, n, in, out, name##_radians);                                   \
        else                                                                                       \
            columns(context, shape, n, in, out, name##_degrees);                                   \
    }

KERNEL(along_direction, astro__along, along_core, 2, 1)
KERNEL(date_along_direction, astro__along, date_core_of, 2, 2)
KERNEL(light_time, astro__observer, light_core, 2 + ASTRO__OBSERVER_COLUMNS, 1)
KERNEL(light_date, astro__observer, light_date_core, 2 + ASTRO__OBSERVER_COLUMNS, 2)
KERNEL(velocity_correction, astro__observer, velocity_core, 2 + ASTRO__OBSERVER_COLUMNS, 1)
