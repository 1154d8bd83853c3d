#include "examples.h"

#include <stddef.h>
#include <string.h>

static const struct example examples[] = {
    {.name = "precess_fk5", .parameters = "equinox_in=B1900&equinox_out=J2024.5"},
    {.name = "precess_fk4", .parameters = "equinox_in=B1875&equinox_out=B1975.25"},
    {.name = "transform_frame", .parameters = "frame_in=fk4&frame_out=galactic&equinox_in=B1900"},
};

const struct example *example_of(const char *name)
{
    static const struct example nothing = {.parameters = ""};

    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        if (strcmp(examples[i].name, name) == 0)
            return &examples[i];
    }
    return &nothing;
}
