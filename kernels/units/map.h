/*
 * What convert_units does with a value: the context of the vector kernels.
 */
#ifndef ASTRO_KERNELS_UNITS_MAP_H
#define ASTRO_KERNELS_UNITS_MAP_H

#include "exact.h"

enum astro__doppler { ASTRO__RADIO, ASTRO__OPTICAL, ASTRO__RELATIVISTIC };

struct astro__unit_map {
    struct astro__exact factor, offset;
    /*
     * Doppler: with u = value factor, the frequency over that at rest, or that at rest over the
     * frequency where `inverse` (wavelengths), the velocity is `speed` (that of light in the unit
     * of velocities) times a function of u, and back.
     */
    enum astro__doppler doppler;
    bool inverse;
    double speed;
};

#endif
