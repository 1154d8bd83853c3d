#include "trig_probe.h"

#include "simd/trig.h"

#define QUOTED(x) #x
#define TEXT(x)   QUOTED(x)

static void sincos_octant(size_t n, const double *x, double *s, double *c)
{
    for (size_t i = 0; i < n; i += ASTRO__WIDTH) {
        vd sine, cosine;
        v_sincos_octant(v_load(x, i), &sine, &cosine);
        v_store(s, i, sine);
        v_store(c, i, cosine);
    }
}

static void sin_quadrant(size_t n, const double *x, double *s)
{
    for (size_t i = 0; i < n; i += ASTRO__WIDTH)
        v_store(s, i, v_sin_quadrant(v_load(x, i)));
}

static void arc(size_t n, const double *y, const double *x, double *radians)
{
    const struct astro__circle *circle = astro__circle(ASTRO_LONGITUDE, ASTRO_RAD);

    for (size_t i = 0; i < n; i += ASTRO__WIDTH) {
        vd eighths;
        vd rest = v_arc(v_load(y, i), v_load(x, i), &eighths);
        v_store(radians, i, v_angle(true, circle, eighths, rest));
    }
}

extern const struct trig_probe ASTRO__LANES(trig_probe);
const struct trig_probe ASTRO__LANES(trig_probe) = {
    .name = TEXT(ASTRO__SUFFIX),
    .step = ASTRO__WIDTH,
    .sincos_octant = sincos_octant,
    .sin_quadrant = sin_quadrant,
    .arc = arc,
};
