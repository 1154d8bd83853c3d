/*
 * Galactic and supergalactic coordinates (de Vaucouleurs): the north pole at l = 47.37, b = 6.32
 * degrees, the origin at l = 137.37, b = 0. Galactic is whatever definition the caller's is: what
 * lies between the two frames is the same.
 */
#include <erfa.h>
#include <erfam.h>

#include "../fields.h"
#include "frames.h"

#define POLE_L 47.37 /* degrees */
#define POLE_B 6.32

void astro__supergalactic_matrix(double matrix[3][3])
{
    eraIr(matrix);
    eraRz(POLE_L * ERFA_DD2R, matrix);
    eraRy((90.0 - POLE_B) * ERFA_DD2R, matrix);
    eraRz(90.0 * ERFA_DD2R, matrix);
}

static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)ret_warnings;
    (void)err;
    *rotation =
        astro__rotation(ASTRO_LONGITUDE, ASTRO_LONGITUDE, (enum astro_unit)values[0].choice);
    astro__supergalactic_matrix(rotation->matrix);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    prepare_to(values, context, ret_warnings, err);
    astro__rotation_invert(context);
    return true;
}

static const struct astro_field supergalactic[] = {
    ASTRO__FIELD("sgl", ASTRO_LONGITUDE, "supergalactic longitude"),
    ASTRO__FIELD("sgb", ASTRO_LATITUDE, "supergalactic latitude"),
};

static const struct astro_parameter parameters[] = {ASTRO__UNIT};

#define BOTH                                                                                       \
    .group = "frames",                                                                             \
    .description = "A rotation of the sphere: the north pole at l 47.37, b 6.32 degrees, the "     \
                   "origin at l 137.37, b 0. " ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,             \
    .reference = "de Vaucouleurs et al. (1991), Third Reference Catalogue of Bright Galaxies",     \
    .accuracy = "1e-9 arcsec", ASTRO__PARAMETERS(parameters), ASTRO__ROTATES(100.0)

const struct astro_conversion astro__galactic_to_supergalactic = {
    .name = "galactic_to_supergalactic",
    .summary = "Galactic to supergalactic coordinates",
    ASTRO__INPUTS(astro__galactic_fields),
    ASTRO__OUTPUTS(supergalactic),
    .prepare = prepare_to,
    BOTH,
};

const struct astro_conversion astro__supergalactic_to_galactic = {
    .name = "supergalactic_to_galactic",
    .summary = "Supergalactic to galactic coordinates",
    ASTRO__INPUTS(supergalactic),
    ASTRO__OUTPUTS(astro__galactic_fields),
    .prepare = prepare_from,
    BOTH,
};
