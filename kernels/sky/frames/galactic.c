/*
 * ICRS and galactic coordinates.
 *
 * Two definitions are in use, up to 0.025 arcsec apart. hipparcos: the matrix of the Hipparcos
 * Catalogue (ESA SP-1200, volume 1, section 1.5.3), as in eraIcrs2g. fk5: the pole and origin of
 * the IAU (1958) carried to FK5 J2000, reached through the FK5 frame; what astropy uses.
 */
#include <erfa.h>
#include <erfam.h>

#include "../fields.h"
#include "frames.h"

/* eraIcrs2g has this matrix inside and offers no way to it; a test compares the two. */
static const double hipparcos[3][3] = {
    {-0.054875560416215368492398900454, -0.873437090234885048760383168409,
     -0.483835015548713226831774175116},
    {+0.494109427875583673525222371358, -0.444829629960011178146614061616,
     +0.746982244497218890527388004556},
    {-0.867666149019004701181616534570, -0.198076373431201528180486091412,
     +0.455983776175066922272100478348},
};

/* Degrees, FK5 J2000: the north galactic pole, and the position angle of the origin there. */
#define POLE_RA     192.8594812065348
#define POLE_DEC    27.12825118085622
#define POLE_ORIGIN 122.9319185680026

static void fk5_matrix(double matrix[3][3])
{
    double to_hipparcos[3][3], to_fk5[3][3], spin[3];

    eraFk5hip(to_hipparcos, spin);
    eraTr(to_hipparcos, to_fk5);
    eraIr(matrix);
    eraRz(POLE_RA * ERFA_DD2R, matrix);
    eraRy((90.0 - POLE_DEC) * ERFA_DD2R, matrix);
    eraRz((180.0 - POLE_ORIGIN) * ERFA_DD2R, matrix);
    eraRxr(matrix, to_fk5, matrix);
}

void astro__galactic_matrix(enum astro__galactic definition, double matrix[3][3])
{
    if (definition == ASTRO__GALACTIC_FK5) {
        fk5_matrix(matrix);
        return;
    }
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            matrix[i][j] = hipparcos[i][j];
    }
}

static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;
    enum astro_unit unit = (enum astro_unit)values[0].choice;

    (void)ret_warnings;
    (void)err;
    *rotation = astro__rotation(ASTRO_HOURS, ASTRO_LONGITUDE, unit);
    astro__galactic_matrix((enum astro__galactic)values[1].choice, rotation->matrix);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    prepare_to(values, context, ret_warnings, err);
    astro__rotation_invert(context);
    return true;
}

const struct astro_field astro__galactic_fields[2] = {
    ASTRO__FIELD("l", ASTRO_LONGITUDE, "galactic longitude"),
    ASTRO__FIELD("b", ASTRO_LATITUDE, "galactic latitude"),
};

const char *const astro__galactic_definitions[] = {"hipparcos", "fk5", NULL};

static const struct astro_parameter parameters[] = {ASTRO__UNIT_HOURS, ASTRO__GALACTIC_DEFINITION};

#define BOTH                                                                                       \
    .group = "frames",                                                                             \
    .description = "A rotation of the sphere. The two definitions differ by up to 0.025 "          \
                   "arcsec. " ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,                              \
    .reference = "ERFA eraIcrs2g, eraG2icrs; ESA SP-1200, volume 1, section 1.5.3",                \
    .accuracy = "1e-9 arcsec against ERFA; definition=fk5: 5e-9 arcsec against astropy",           \
    ASTRO__PARAMETERS(parameters), ASTRO__ROTATES(100.0)

const struct astro_conversion astro__icrs_to_galactic = {
    .name = "icrs_to_galactic",
    .summary = "ICRS to galactic coordinates",
    ASTRO__INPUTS(astro__equatorial),
    ASTRO__OUTPUTS(astro__galactic_fields),
    .prepare = prepare_to,
    BOTH,
};

const struct astro_conversion astro__galactic_to_icrs = {
    .name = "galactic_to_icrs",
    .summary = "Galactic coordinates to ICRS",
    ASTRO__INPUTS(astro__galactic_fields),
    ASTRO__OUTPUTS(astro__equatorial),
    .prepare = prepare_from,
    BOTH,
};
