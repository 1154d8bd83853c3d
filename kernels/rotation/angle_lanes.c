/*
 * earth_angle: the angle of the Earth's rotation, or sidereal time, of a date.
 *
 *   Given      context   struct astro__earth_angle_of
 *              in[0..1]  UT1: J and part
 *              in[2..3]  TT; for the rotation angle and for 1982 and 1994 any date
 *   Returned   out[0]    in [0, full), never -0
 *   Accuracy   1e-12 deg; with the equation of the equinoxes from the table (1900 to 2100) 5e-12 deg
 *              (IAU 2000), 5e-11 deg (IAU 1982)
 *   Edges      n = 0 is valid, any alignment; a row with NaN or infinity is NaN. A date that the
 *              table does not reach goes to ERFA, 40 us. No allocation, any thread.
 *   Source     ERFA eraEra00, eraGmst06, eraGmst00, eraGmst82, eraGst06a, eraGst00a, eraGst94
 */
#include "angle_lanes.h"
#include "../ephemeris/ephemeris_lanes.h"
#include "../simd/lanes.h"
#include "columns_lanes.h"
#include "rotation.h"

astro__kernel ASTRO__LANES(earth_angle);

/* The equation of the origins, less what the model of 2000 adds to it; or the equation of the
 * equinoxes of 1994. */
ASTRO__INLINE vd equinox(const struct astro__earth_angle_of *of,
                         const enum astro__earth_angle angle, const vd *in)
{
    vd eo;

    if (of->exact)
        return v_set(of->equinox);
    if (angle == ASTRO__APPARENT_1994) {
        struct ephemeris_lanes when = ephemeris_at(in[0], in[1]);
        return ephemeris_equinox_1994(&when);
    }
    struct ephemeris_lanes when = ephemeris_at(in[2], in[3]);
    ephemeris_orientation(&when, NULL, NULL, NULL, &eo);
    return angle == ASTRO__APPARENT_2000 ? eo - ephemeris_equinox_2000(&when) : eo;
}

ASTRO__INLINE void angle_core(const enum astro__earth_angle angle, const void *context,
                              const vd *in, vd *out)
{
    const struct astro__earth_angle_of *of = context;
    bool old = angle == ASTRO__MEAN_1982 || angle == ASTRO__APPARENT_1994;
    vd turns = old ? mean_turns_1982(in[0], in[1]) : rotation_turns(in[0], in[1]);

    if (angle == ASTRO__MEAN_2006)
        turns = turns + precession_turns_2006(centuries_of(in[2], in[3]));
    if (angle == ASTRO__MEAN_2000)
        turns = turns + precession_turns_2000(centuries_of(in[2], in[3]));
    if (angle == ASTRO__APPARENT_1994)
        turns = v_fma(equinox(of, angle, in), v_set(RADIANS_TO_TURNS), turns);
    if (angle == ASTRO__APPARENT_2006 || angle == ASTRO__APPARENT_2000)
        turns = v_fma(equinox(of, angle, in), v_set(-RADIANS_TO_TURNS), turns);
    turns = turns_settled(turns + of->lon);
    turns = turns + v_keep((vm)(turns < 0.0), v_set(1.0));
    vd value = turns * of->full;
    out[0] = v_keep((vm)(value < of->full) & (vm)(value > 0.0), value);
}

#define CORE(name, angle)                                                                          \
    static inline void name(const void *context, const vd *in, vd *out)                            \
    {                                                                                              \
        angle_core(angle, context, in, out);                                                       \
    }

CORE(rotation_angle, ASTRO__ROTATION_ANGLE)
CORE(mean_2006, ASTRO__MEAN_2006)
CORE(mean_2000, ASTRO__MEAN_2000)
CORE(mean_1982, ASTRO__MEAN_1982)
CORE(apparent_2006, ASTRO__APPARENT_2006)
CORE(apparent_2000, ASTRO__APPARENT_2000)
CORE(apparent_1994, ASTRO__APPARENT_1994)

static const struct columns_shape shape = {.inputs = ASTRO__ANGLE_COLUMNS, .outputs = 1};

void ASTRO__LANES(earth_angle)(const void *context, size_t n, const void *const in[],
                               void *const out[])
{
    const struct astro__earth_angle_of *of = context;

    switch (of->angle) {
    case ASTRO__ROTATION_ANGLE:
        columns(context, shape, n, in, out, rotation_angle);
        break;
    case ASTRO__MEAN_2006:
        columns(context, shape, n, in, out, mean_2006);
        break;
    case ASTRO__MEAN_2000:
        columns(context, shape, n, in, out, mean_2000);
        break;
    case ASTRO__MEAN_1982:
        columns(context, shape, n, in, out, mean_1982);
        break;
    case ASTRO__APPARENT_2006:
        columns(context, shape, n, in, out, apparent_2006);
        break;
    case ASTRO__APPARENT_2000:
        columns(context, shape, n, in, out, apparent_2000);
        break;
    case ASTRO__APPARENT_1994:
        columns(context, shape, n, in, out, apparent_1994);
        break;
    }
}
