#include "context.h"

#include <erfa.h>

struct astro__sky astro__sky(enum astro_role longitude, enum astro_unit unit)
{
    return (struct astro__sky){
        .lon = *astro__circle(longitude, unit),
        .lat = *astro__circle(ASTRO_LATITUDE, unit),
    };
}

struct astro__rotation astro__rotation(enum astro_role in, enum astro_role out,
                                       enum astro_unit unit)
{
    return (struct astro__rotation){.in = astro__sky(in, unit), .out = astro__sky(out, unit)};
}

void astro__rotation_invert(struct astro__rotation *rotation)
{
    struct astro__sky in = rotation->in;

    rotation->in = rotation->out;
    rotation->out = in;
    eraTr(rotation->matrix, rotation->matrix);
}
