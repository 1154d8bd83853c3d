/*
 * ICRS and ecliptic coordinates.
 *
 * Three definitions: the mean ecliptic and equinox of date (IAU 2006), the true equinox of date
 * with the ecliptic at the true obliquity (nutation IAU 2006/2000A), and the long-term ecliptic of
 * Vondrak, Capitaine and Wallace (2011). Mean and true are up to 17 arcsec apart.
 */
#include <erfa.h>

#include "../epoch.h"
#include "../fields.h"
#include "frames.h"

enum { MEAN, TRUE, LONG_TERM };

/* eraPnm06a with its nutation kept, so that the obliquity is that of the same instant. */
static void true_matrix(struct astro__date date, double matrix[3][3])
{
    double gamma, phi, psi, epsilon, dpsi, deps;

    eraPfw06(date.jd1, date.jd2, &gamma, &phi, &psi, &epsilon);
    eraNut06a(date.jd1, date.jd2, &dpsi, &deps);
    eraFw2m(gamma, phi, psi + dpsi, epsilon + deps, matrix);
    eraRx(eraObl06(date.jd1, date.jd2) + deps, matrix);
}

static void to_ecliptic(const struct astro_value *equinox, const struct astro_value *definition,
                        double matrix[3][3], uint32_t *ret_warnings)
{
    struct astro__date date = astro__epoch_date(equinox);

    if (definition->choice == LONG_TERM) {
        eraLtecm(astro__epoch_julian(equinox), matrix);
        return;
    }
    if (definition->choice == TRUE)
        true_matrix(date, matrix);
    else
        eraEcm06(date.jd1, date.jd2, matrix);
    *ret_warnings |= astro__iau2006_warnings(equinox);
}

static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;
    enum astro_unit unit = (enum astro_unit)values[0].choice;

    (void)err;
    rotation->in = astro__sky(ASTRO_HOURS, unit);
    rotation->out = astro__sky(ASTRO_LONGITUDE, unit);
    to_ecliptic(&values[1], &values[2], rotation->matrix, ret_warnings);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    struct astro__rotation *rotation = context;
    enum astro_unit unit = (enum astro_unit)values[0].choice;

    (void)err;
    rotation->in = astro__sky(ASTRO_LONGITUDE, unit);
    rotation->out = astro__sky(ASTRO_HOURS, unit);
    to_ecliptic(&values[1], &values[2], rotation->matrix, ret_warnings);
    eraTr(rotation->matrix, rotation->matrix);
    return true;
}

static const struct astro_field equatorial[] = {ASTRO__FIELD_RA, ASTRO__FIELD_DEC};

static const struct astro_field ecliptic[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "ecliptic longitude"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "ecliptic latitude"),
};

static const char *const definitions[] = {"mean", "true", "long_term", NULL};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox", "J2000.0", "equinox of the ecliptic (TT); J or B and a year"),
    {.name = "definition",
     .type = ASTRO_CHOICE,
     .default_text = "mean",
     .choices = definitions,
     .unit = "",
     .doc = "mean: IAU 2006; true: with nutation IAU 2006/2000A; long_term: Vondrak et al. 2011"},
};

#define DESCRIPTION                                                                                \
    "A rotation of the sphere, without light time or aberration (barycentric). mean and true "     \
    "differ by up to 17 arcsec; outside the years 1000 to 3000 both are extrapolated (a warning) " \
    "and long_term, good for 200 millennia, is the better choice. Any finite longitude is taken, " \
    "results are in [0, 360). A row with NaN or infinity gives NaN."

#define ACCURACY                                                                                   \
    "1e-9 arcsec against ERFA; mean and true: 2e-9 arcsec against astropy's "                      \
    "Barycentric...Ecliptic"

const struct astro_conversion astro__icrs_to_ecliptic = {
    .name = "icrs_to_ecliptic",
    .group = "frames",
    .summary = "ICRS to ecliptic coordinates at an equinox",
    .description = DESCRIPTION,
    .reference = "ERFA eraEcm06; true: eraPfw06 and eraNut06a, obliquity of date; eraLtecm",
    .accuracy = ACCURACY,
    .inputs = equatorial,
    .n_inputs = ASTRO__COUNT(equatorial),
    .outputs = ecliptic,
    .n_outputs = ASTRO__COUNT(ecliptic),
    .parameters = parameters,
    .n_parameters = ASTRO__COUNT(parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 35000.0 /* definition=true; mean 200 */,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_to,
    .run = astro__run_rotation,
};

const struct astro_conversion astro__ecliptic_to_icrs = {
    .name = "ecliptic_to_icrs",
    .group = "frames",
    .summary = "Ecliptic coordinates at an equinox to ICRS",
    .description = DESCRIPTION,
    .reference = "the inverse of icrs_to_ecliptic",
    .accuracy = ACCURACY,
    .inputs = ecliptic,
    .n_inputs = ASTRO__COUNT(ecliptic),
    .outputs = equatorial,
    .n_outputs = ASTRO__COUNT(equatorial),
    .parameters = parameters,
    .n_parameters = ASTRO__COUNT(parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 35000.0 /* definition=true; mean 200 */,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_from,
    .run = astro__run_rotation,
};
