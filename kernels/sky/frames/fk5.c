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

static void to_fk5(const struct astro_value *equinox, double matrix[3][3])
{
    double to_hipparcos[3][3], to_j2000[3][3], precession[3][3], spin[3];

    eraFk5hip(to_hipparcos, spin);
    eraTr(to_hipparcos, to_j2000);
    precession_from_j2000(equinox, precession);
    eraRxr(precession, to_j2000, matrix);
}

static void precess_iau2006(const struct astro_value *from, const struct astro_value *to,
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

static void equatorial_circles(const struct astro_value *unit, struct astro__rotation *rotation)
{
    rotation->in = astro__sky(ASTRO_HOURS, (enum astro_unit)unit->choice);
    rotation->out = rotation->in;
}

static bool prepare_to(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                       struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)err;
    equatorial_circles(&values[0], rotation);
    to_fk5(&values[1], rotation->matrix);
    *ret_warnings |= astro__iau2006_warnings(&values[1]);
    return true;
}

static bool prepare_from(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                         struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    if (!prepare_to(values, context, ret_warnings, err))
        return false;
    eraTr(rotation->matrix, rotation->matrix);
    return true;
}

static bool prepare_precession(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__rotation *rotation = context;

    (void)err;
    equatorial_circles(&values[0], rotation);
    if (values[3].choice == IAU1976) {
        precess_iau1976(&values[1], &values[2], rotation->matrix);
        return true;
    }
    precess_iau2006(&values[1], &values[2], rotation->matrix);
    *ret_warnings |= astro__iau2006_warnings(&values[1]) | astro__iau2006_warnings(&values[2]);
    return true;
}

static const struct astro_field equatorial[] = {ASTRO__FIELD_RA, ASTRO__FIELD_DEC};

static const struct astro_parameter fk5_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox", "J2000.0", "equinox of the FK5 side (TT); J or B and a year"),
};

static const char *const models[] = {"iau2006", "iau1976", NULL};

static const struct astro_parameter precession_parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox_in", NULL, "equinox of the input (TT); J or B and a year"),
    ASTRO__EQUINOX("equinox_out", NULL, "equinox of the output (TT); J or B and a year"),
    {.name = "model",
     .type = ASTRO_CHOICE,
     .default_text = "iau2006",
     .choices = models,
     .unit = "",
     .doc = "model of precession"},
};

#define DESCRIPTION                                                                                \
    "A rotation of the sphere; positions are taken as fixed, without proper motion. Outside the "  \
    "years 1000 to 3000 IAU 2006 precession is extrapolated (a warning). Any finite ra is taken, " \
    "results are in [0, 360). A row with NaN or infinity gives NaN."

const struct astro_conversion astro__icrs_to_fk5 = {
    .name = "icrs_to_fk5",
    .group = "frames",
    .summary = "ICRS to FK5 at an equinox",
    .description = DESCRIPTION,
    .reference = "ERFA eraFk5hip (transposed), then rp of eraBp06",
    .accuracy = "1e-9 arcsec against ERFA; 5e-9 arcsec against astropy",
    .inputs = equatorial,
    .n_inputs = ASTRO__COUNT(equatorial),
    .outputs = equatorial,
    .n_outputs = ASTRO__COUNT(equatorial),
    .parameters = fk5_parameters,
    .n_parameters = ASTRO__COUNT(fk5_parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 400.0,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_to,
    .run = astro__run_rotation,
};

const struct astro_conversion astro__fk5_to_icrs = {
    .name = "fk5_to_icrs",
    .group = "frames",
    .summary = "FK5 at an equinox to ICRS",
    .description = DESCRIPTION,
    .reference = "the inverse of icrs_to_fk5",
    .accuracy = "1e-9 arcsec against ERFA; 5e-9 arcsec against astropy",
    .inputs = equatorial,
    .n_inputs = ASTRO__COUNT(equatorial),
    .outputs = equatorial,
    .n_outputs = ASTRO__COUNT(equatorial),
    .parameters = fk5_parameters,
    .n_parameters = ASTRO__COUNT(fk5_parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 400.0,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_from,
    .run = astro__run_rotation,
};

const struct astro_conversion astro__precess_fk5 = {
    .name = "precess_fk5",
    .group = "frames",
    .summary = "FK5 at one equinox to FK5 at another",
    .description = DESCRIPTION,
    .reference = "ERFA eraBp06: rp(out) times the transpose of rp(in); iau1976: eraPrec76",
    .accuracy = "1e-9 arcsec against ERFA",
    .inputs = equatorial,
    .n_inputs = ASTRO__COUNT(equatorial),
    .outputs = equatorial,
    .n_outputs = ASTRO__COUNT(equatorial),
    .parameters = precession_parameters,
    .n_parameters = ASTRO__COUNT(precession_parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 500.0,
    .context_size = sizeof(struct astro__rotation),
    .prepare = prepare_precession,
    .run = astro__run_rotation,
};
