#include "ephemeris_probe.h"

#include "ephemeris/ephemeris_lanes.h"

#define QUOTED(x) #x
#define TEXT(x)   QUOTED(x)

static void all(size_t n, const double *day, const double *part, double *const out[PROBE_COLUMNS])
{
    for (size_t i = 0; i < n; i += ASTRO__WIDTH) {
        vd v[PROBE_COLUMNS];
        struct ephemeris_lanes when = ephemeris_at(v_load(day, i), v_load(part, i));
        ephemeris_orientation(&when, &v[PROBE_X], &v[PROBE_Y], &v[PROBE_S], &v[PROBE_EO]);
        ephemeris_position(&when, &v[PROBE_EARTH], &v[PROBE_VELOCITY], &v[PROBE_SUN_EARTH]);
        ephemeris_sun_velocity(&when, &v[PROBE_SUN_VELOCITY]);
        v[PROBE_2000] = ephemeris_equinox_2000(&when);
        v[PROBE_1994] = ephemeris_equinox_1994(&when);
        for (size_t k = 0; k < PROBE_COLUMNS; k++)
            v_store(out[k], i, v[k]);
    }
}

static void alone(size_t n, const double *day, const double *part, double *const out[PROBE_COLUMNS])
{
    for (size_t i = 0; i < n; i += ASTRO__WIDTH) {
        vd x, y, s, eo, earth[3];
        struct ephemeris_lanes when = ephemeris_at(v_load(day, i), v_load(part, i));
        ephemeris_orientation(&when, &x, &y, &s, NULL);
        ephemeris_orientation(&when, NULL, NULL, NULL, &eo);
        ephemeris_position(&when, earth, NULL, NULL);
        v_store(out[PROBE_X], i, x);
        v_store(out[PROBE_Y], i, y);
        v_store(out[PROBE_S], i, s);
        v_store(out[PROBE_EO], i, eo);
        for (size_t k = 0; k < 3; k++)
            v_store(out[PROBE_EARTH + k], i, earth[k]);
    }
}

extern const struct ephemeris_probe ASTRO__LANES(ephemeris_probe);
const struct ephemeris_probe ASTRO__LANES(ephemeris_probe) = {
    .name = TEXT(ASTRO__SUFFIX),
    .step = ASTRO__WIDTH,
    .all = all,
    .alone = alone,
};
