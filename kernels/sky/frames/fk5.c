/*
 * ICRS, FK5 and precession from one equinox of FK5 to another.
 *
 * ICRS to FK5 J2000 is the transpose of the orientation that eraFk5hip gives; an equinox other than
 * J2000.0 adds the precession of IAU 2006 without frame bias (rp of eraBp06), which is a choice:
 * Starlink AST has older models, 0.03 arcsec away. Proper motions play no part: positions are
 * fixed.
 */
#include <erfa.h>

#include "../epoch.h"
#include "../fields.h"
#include "frames.h"

enum { IAU2006, IAU1976 };

/* Mean place of J2000.0 to mean place of the epoch, IAU 2006. */
static void precession_from_j2000(const struct astro_value *epoch, double matrix[3][3])
{
    struct astro__date date = astro__epoch_date(epoch);
    double bias[3][3], both[3][3];

    eraBp06(date.jd1, date.jd2, bias, matrix, both);
}

void astro__fk5_matrix(const struct astro_value *equinox, double matrix[3][3])
{
    double to_hipparcos[3][3], to_j2000[3][3], precession[3][3], spin[3];

    eraFk5hip(to_hipparcos, spin);
    eraTr(to_hipparcos, to_j2000);
    precession_from_j2000(equinox, precession);
    eraRxr(precession, to_j2000, matrix);
}

void astro__fk5_precession(const struct astro_value *from, const struct astro_value *to,
                           double matrix[3][3])
{
    double first[3][3], second[3][3];

    precession_from_j2000(from, first);
    precession_from_j2000(to, second);
    eraTr(first, first);
    eraRxr(second, first, matrix);
}

static void precess_iau1976(const struct astro_value *from, const struct astro_value *to,
                            double matrix[3][3])
{
    struct astro__date start = astro__epoch_date(from);
    struct astro__date end = astro__epoch_date(to);
    double zeta, z, theta;

    eraPrec76(start.jd1, start.jd2, end.jd1, end.jd2, &zeta, &z, &theta);
    eraIr(matrix);
    eraRz(-zeta, matrix);
    eraRy(theta, matrix);
    eraRz(-z, matrix);
}

static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)err;
    *rotation = astro__rotation(ASTRO_HOURS, ASTRO_HOURS, (enum astro_unit)values[0].choice);
    astro__fk5_matrix(&values[1], rotation->matrix);
    *ret_warnings |= astro__iau2006_warnings(&values[1]);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    prepare_to(values, context, ret_warnings, err);
    astro__rotation_invert(context);
    return true;
}

static bool prepare_precession(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)err;
    *rotation = astro__rotation(ASTRO_HOURS, ASTRO_HOURS, (enum astro_unit)values[0].choice);
    if (values[3].choice == IAU1976) {
        precess_iau1976(&values[1], &values[2], rotation->matrix);
        return true;
    }
    astro__fk5_precession(&values[1], &values[2], rotation->matrix);
    *ret_warnings |= astro__iau2006_warnings(&values[1]) | astro__iau2006_warnings(&values[2]);
    return true;
}

static const struct astro_parameter fk5_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox", "J2000.0", "equinox of the FK5 side (TT); J or B and a year"),
};

static const char *const models[] = {"iau2006", "iau1976", NULL};

static const struct astro_parameter precession_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox_in", NULL, "equinox of the input (TT); J or B and a year"),
    ASTRO__EQUINOX("equinox_out", NULL, "equinox of the output (TT); J or B and a year"),
    ASTRO__CHOICE("model", "iau2006", models, "model of precession"),
};

#define ALL                                                                                        \
    .group = "frames",                                                                             \
    .description =                                                                                 \
        "A rotation of the sphere; positions are taken as fixed, without proper motion. Outside "  \
        "the years 1000 to 3000 IAU 2006 precession is extrapolated (a "                           \
        "warning). " ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,                                       \
    ASTRO__INPUTS(astro__equatorial), ASTRO__OUTPUTS(astro__equatorial), ASTRO__ROTATES(500.0)

#define BOTH                                                                                       \
    ALL, ASTRO__PARAMETERS(fk5_parameters),                                                        \
        .reference = "ERFA eraFk5hip (transposed), then rp of eraBp06",                            \
        .accuracy = "1e-9 arcsec against ERFA; 5e-9 arcsec against astropy"

const struct astro_conversion astro__icrs_to_fk5 = {
    .name = "icrs_to_fk5",
    .summary = "ICRS to FK5 at an equinox",
    .prepare = prepare_to,
    BOTH,
};

const struct astro_conversion astro__fk5_to_icrs = {
    .name = "fk5_to_icrs",
    .summary = "FK5 at an equinox to ICRS",
    .prepare = prepare_from,
    BOTH,
};

const struct astro_conversion astro__precess_fk5 = {
    .name = "precess_fk5",
    .summary = "FK5 at one equinox to FK5 at another",
    .reference = "ERFA eraBp06: rp(out) times the transpose of rp(in); iau1976: eraPrec76",
    .accuracy = "1e-9 arcsec against ERFA",
    .prepare = prepare_precession,
    ASTRO__PARAMETERS(precession_parameters),
    ALL,
};
