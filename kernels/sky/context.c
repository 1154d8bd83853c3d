#include "context.h"

struct astro__sky astro__sky(enum astro_role longitude, enum astro_unit unit)
{
    return (struct astro__sky){
        .lon = *astro__circle(longitude, unit),
        .lat = *astro__circle(ASTRO_LATITUDE, unit),
    };
}
