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

/* eraPnm06a with its nutation kept, so that the obliquity is that of the same instant. */
static void true_matrix(struct astro__date date, double matrix[3][3])
{
    double gamma, phi, psi, epsilon, dpsi, deps;

    eraPfw06(date.jd1, date.jd2, &gamma, &phi, &psi, &epsilon);
    eraNut06a(date.jd1, date.jd2, &dpsi, &deps);
    eraFw2m(gamma, phi, psi + dpsi, epsilon + deps, matrix);
    eraRx(eraObl06(date.jd1, date.jd2) + deps, matrix);
}

uint32_t astro__ecliptic_matrix(const struct astro_value *equinox, enum astro__ecliptic definition,
                                double matrix[3][3])
{
    struct astro__date date = astro__epoch_date(equinox);

    if (definition == ASTRO__ECLIPTIC_LONG_TERM) {
        eraLtecm(astro__epoch_julian(equinox), matrix);
        return 0;
    }
    if (definition == ASTRO__ECLIPTIC_TRUE)
        true_matrix(date, matrix);
    else
        eraEcm06(date.jd1, date.jd2, matrix);
    return astro__iau2006_warnings(equinox);
}

static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)err;
    *rotation = astro__rotation(ASTRO_HOURS, ASTRO_LONGITUDE, (enum astro_unit)values[0].choice);
    *ret_warnings |= astro__ecliptic_matrix(&values[1], (enum astro__ecliptic)values[2].choice,
                                            rotation->matrix);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    prepare_to(values, context, ret_warnings, err);
    astro__rotation_invert(context);
    return true;
}

static const struct astro_field ecliptic[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "ecliptic longitude"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "ecliptic latitude"),
};

static const char *const definitions[] = {"mean", "true", "long_term", NULL};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox", "J2000.0", "equinox of the ecliptic (TT); J or B and a year"),
    ASTRO__CHOICE("definition", "mean", definitions,
                  "mean: IAU 2006; true: with nutation IAU 2006/2000A; long_term: Vondrak et al. "
                  "2011"),
};

#define BOTH                                                                                       \
    .group = "frames",                                                                             \
    .description =                                                                                 \
        "A rotation of the sphere, without light time or aberration (barycentric). mean and true " \
        "differ by up to 17 arcsec; outside the years 1000 to 3000 both are extrapolated (a "      \
        "warning) and long_term, good for 200 millennia, is the better "                           \
        "choice. " ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,                                         \
    .reference = "ERFA eraEcm06; true: eraPfw06 and eraNut06a, obliquity of date; eraLtecm",       \
    .accuracy = "1e-9 arcsec against ERFA; mean and true: 2e-9 arcsec against astropy's "          \
                "Barycentric...Ecliptic",                                                          \
    ASTRO__PARAMETERS(parameters), ASTRO__ROTATES(35000.0 /* definition=true; mean 200 */)

const struct astro_conversion astro__icrs_to_ecliptic = {
    .name = "icrs_to_ecliptic",
    .summary = "ICRS to ecliptic coordinates at an equinox",
    ASTRO__INPUTS(astro__equatorial),
    ASTRO__OUTPUTS(ecliptic),
    .prepare = prepare_to,
    BOTH,
};

const struct astro_conversion astro__ecliptic_to_icrs = {
    .name = "ecliptic_to_icrs",
    .summary = "Ecliptic coordinates at an equinox to ICRS",
    ASTRO__INPUTS(ecliptic),
    ASTRO__OUTPUTS(astro__equatorial),
    .prepare = prepare_from,
    BOTH,
};
