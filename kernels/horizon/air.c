/*
 * Refraction in altitude, and air mass.
 */
#include "../observed/site.h"
#include "../simd/lanes.h"
#include "group.h"

/* values: unit, then the air */
static bool prepare_refraction(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__air air = astro__air(values + 1);

    (void)ret_warnings;
    (void)err;
    *(struct astro__refraction *)context = (struct astro__refraction){
        .sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[0].choice),
        .refracts = air.refracts,
        .a = air.a,
        .b = air.b,
    };
    return true;
}

/* values: unit, model */
static bool prepare_airmass(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                            struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    *(struct astro__airmass *)context = (struct astro__airmass){
        .sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[0].choice),
        .model = (enum astro__airmass_model)values[1].choice,
    };
    return true;
}

static void run_refract(const void *context, size_t n, const void *const in[], void *const out[],
                        struct astro_report *report)
{
    (void)report;
    astro__lanes->refract_alt(context, n, in, out);
}

static void run_unrefract(const void *context, size_t n, const void *const in[], void *const out[],
                          struct astro_report *report)
{
    (void)report;
    astro__lanes->unrefract_alt(context, n, in, out);
}

static void run_airmass(const void *context, size_t n, const void *const in[], void *const out[],
                        struct astro_report *report)
{
    const struct astro__airmass *air = context;

    (void)report;
    switch (air->model) {
    case ASTRO__KASTEN_YOUNG:
        astro__lanes->airmass_kasten_young(context, n, in, out);
        break;
    case ASTRO__PICKERING:
        astro__lanes->airmass_pickering(context, n, in, out);
        break;
    case ASTRO__SECANT:
        astro__lanes->airmass_secant(context, n, in, out);
    }
}

static const struct astro_field altitude[] = {
    ASTRO__FIELD("alt", ASTRO_LATITUDE, "altitude above the horizon"),
};

static const struct astro_field mass[] = {
    ASTRO__PLAIN("airmass", "", "air mass, 1 at the zenith; NaN below the horizon"),
};

/* In the order of enum astro__airmass_model. */
static const char *const models[] = {"kasten_young_1989", "pickering_2002", "secant", NULL};

static const struct astro_parameter refraction_parameters[] = {ASTRO__UNIT, ASTRO__AIR_PARAMETERS};

static const struct astro_parameter airmass_parameters[] = {
    ASTRO__UNIT,
    ASTRO__CHOICE("model", "kasten_young_1989", models,
                  "formula; secant is that of a flat atmosphere"),
};

#define REFRACTION                                                                                 \
    .group = "horizon", ASTRO__INPUTS(altitude), ASTRO__OUTPUTS(altitude),                         \
    ASTRO__PARAMETERS(refraction_parameters), .accuracy = "3e-12 deg", .prepare_ns = 200.0,        \
    .context_size = sizeof(struct astro__refraction), .prepare = prepare_refraction

#define SAYS_AIR                                                                                   \
    "Without pressure altitudes stay as they are, and temperature, relative_humidity and obswl "   \
    "are idle. Below about 3 degrees refraction is held at what it is there. The two directions "  \
    "are inverse to each other within 0.06 arcsec above 10 degrees. "

const struct astro_conversion astro__refract_alt = {
    .name = "refract_alt",
    .summary = "Altitude without air to the altitude at which it is seen",
    .description = SAYS_AIR ASTRO__SAYS_NAN,
    .reference = "ERFA eraRefco, eraAtioq",
    .ns_per_point = 7.0,
    .run = run_refract,
    REFRACTION,
};

const struct astro_conversion astro__unrefract_alt = {
    .name = "unrefract_alt",
    .summary = "Altitude at which something is seen to that without air",
    .description = SAYS_AIR ASTRO__SAYS_NAN,
    .reference = "ERFA eraRefco, eraAtoiq",
    .ns_per_point = 2.3,
    .run = run_unrefract,
    REFRACTION,
};

const struct astro_conversion astro__airmass = {
    .name = "airmass",
    .group = "horizon",
    .summary = "Altitude to air mass",
    .description =
        "The mass of air that light crosses, in that at the zenith. kasten_young_1989: "
        "1 / (sin h + 0.50572 (h + 6.07995)^-1.6364) of the altitude without refraction; "
        "pickering_2002: 1 / sin(h + 244 / (165 + 47 h^1.1)) of the apparent altitude; secant: "
        "1 / sin h, infinity at the horizon; h in degrees. Below the horizon NaN. " ASTRO__SAYS_NAN,
    .reference = "Kasten and Young (1989), Applied Optics 28, 4735; Pickering (2002), DIO 12, 3",
    .accuracy = "1e-13 of the air mass",
    ASTRO__INPUTS(altitude),
    ASTRO__OUTPUTS(mass),
    ASTRO__PARAMETERS(airmass_parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 30.0,
    .context_size = sizeof(struct astro__airmass),
    .prepare = prepare_airmass,
    .run = run_airmass,
};
