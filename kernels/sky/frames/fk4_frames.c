/*
 * The conversions from and to FK4.
 */
#include <erfa.h>

#include "../epoch.h"
#include "../fields.h"
#include "../obstime.h"
#include "fk4.h"
#include "frames.h"

/* What a conversion between FK4 and another frame is told. */
struct sides {
    const struct astro_value *unit, *fk4, *obstime;
};

/* obstime, or the FK4 equinox. Adds the warnings of both. */
static bool read_times(const struct sides *sides, double *ret_equinox, double *ret_obstime,
                       uint32_t *ret_warnings, struct astro_error *err)
{
    double equinox = astro__epoch_besselian(sides->fk4), obstime = equinox;

    if (sides->obstime->present && !astro__obstime_besselian(sides->obstime, &obstime, err))
        return false;
    *ret_equinox = equinox;
    *ret_obstime = obstime;
    *ret_warnings |= astro__newcomb_warnings(equinox);
    return true;
}

/* `onward` takes FK5 J2000.0 to the frame of the output. */
static bool leave(const struct sides *sides, double onward[3][3], void *context,
                  uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__fk4_from chain = {0};
    double equinox, obstime;

    if (!read_times(sides, &equinox, &obstime, ret_warnings, err))
        return false;
    chain.in = chain.out = astro__sky(ASTRO_HOURS, (enum astro_unit)sides->unit->choice);
    astro__fk4_leave(&chain, true, equinox, obstime, onward);
    *(struct astro__fk4_from *)context = chain;
    return true;
}

/* `inward` takes the frame of the input to FK5 J2000.0. */
static bool arrive(const struct sides *sides, double inward[3][3], void *context,
                   uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__fk4_to chain = {0};
    double equinox, obstime;

    if (!read_times(sides, &equinox, &obstime, ret_warnings, err))
        return false;
    chain.in = chain.out = astro__sky(ASTRO_HOURS, (enum astro_unit)sides->unit->choice);
    astro__fk4_arrive(&chain, true, equinox, obstime, inward);
    *(struct astro__fk4_to *)context = chain;
    return true;
}

static const struct astro_value j2000 = {.epoch_kind = 'J', .number = 2000.0};

/* values: unit, equinox_in (FK4), equinox_out (FK5), obstime */
static bool prepare_fk4_to_fk5(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    const struct sides sides = {&values[0], &values[1], &values[3]};
    double onward[3][3];

    astro__fk5_precession(&j2000, &values[2], onward);
    *ret_warnings |= astro__iau2006_warnings(&values[2]);
    return leave(&sides, onward, context, ret_warnings, err);
}

/* values: unit, equinox_in (FK5), equinox_out (FK4), obstime */
static bool prepare_fk5_to_fk4(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    const struct sides sides = {&values[0], &values[2], &values[3]};
    double inward[3][3];

    astro__fk5_precession(&values[1], &j2000, inward);
    *ret_warnings |= astro__iau2006_warnings(&values[1]);
    return arrive(&sides, inward, context, ret_warnings, err);
}

/* values: unit, equinox (FK4), obstime */
static bool prepare_fk4_to_icrs(const struct astro_value *values, void *context,
                                uint32_t *ret_warnings, struct astro_error *err)
{
    const struct sides sides = {&values[0], &values[1], &values[2]};
    double matrix[3][3];

    astro__fk5_matrix(&j2000, matrix);
    eraTr(matrix, matrix);
    return leave(&sides, matrix, context, ret_warnings, err);
}

static bool prepare_icrs_to_fk4(const struct astro_value *values, void *context,
                                uint32_t *ret_warnings, struct astro_error *err)
{
    const struct sides sides = {&values[0], &values[1], &values[2]};
    double matrix[3][3];

    astro__fk5_matrix(&j2000, matrix);
    return arrive(&sides, matrix, context, ret_warnings, err);
}

/* values: unit, the equinox on either side */
static void within(const struct astro_value *unit, bool e_terms_in, const struct astro_value *from,
                   bool e_terms_out, const struct astro_value *to, void *context)
{
    struct astro__fk4_from chain = {0};

    chain.in = chain.out = astro__sky(ASTRO_HOURS, (enum astro_unit)unit->choice);
    astro__fk4_within(&chain, e_terms_in, astro__epoch_besselian(from), e_terms_out,
                      astro__epoch_besselian(to));
    *(struct astro__fk4_from *)context = chain;
}

static bool prepare_terms_off(const struct astro_value *values, void *context,
                              uint32_t *ret_warnings, struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    within(&values[0], true, &values[1], false, &values[1], context);
    return true;
}

static bool prepare_terms_on(const struct astro_value *values, void *context,
                             uint32_t *ret_warnings, struct astro_error *err)
{
    (void)ret_warnings;
    (void)err;
    within(&values[0], false, &values[1], true, &values[1], context);
    return true;
}

static bool prepare_precession(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    (void)err;
    within(&values[0], true, &values[1], true, &values[2], context);
    *ret_warnings |= astro__newcomb_warnings(astro__epoch_besselian(&values[1])) |
                     astro__newcomb_warnings(astro__epoch_besselian(&values[2]));
    return true;
}

#define FK4_DOC "equinox of the FK4 side; B and a year (or J: converted)"
#define FK5_DOC "equinox of the FK5 side (TT); J or B and a year"

static const struct astro_parameter to_fk5[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox_in", "B1950.0", FK4_DOC),
    ASTRO__EQUINOX("equinox_out", "J2000.0", FK5_DOC),
    ASTRO__OBSTIME_OPTIONAL("equinox_in"),
};

static const struct astro_parameter from_fk5[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox_in", "J2000.0", FK5_DOC),
    ASTRO__EQUINOX("equinox_out", "B1950.0", FK4_DOC),
    ASTRO__OBSTIME_OPTIONAL("equinox_out"),
};

static const struct astro_parameter with_icrs[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox", "B1950.0", FK4_DOC),
    ASTRO__OBSTIME_OPTIONAL("equinox"),
};

static const struct astro_parameter one_equinox[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox", "B1950.0", "equinox of both; B and a year (or J: converted)"),
};

static const struct astro_parameter two_equinoxes[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX("equinox_in", NULL, "equinox of the input; B and a year (or J: converted)"),
    ASTRO__EQUINOX("equinox_out", NULL, "equinox of the output; B and a year (or J: converted)"),
};

#define EVERY .group = "frames", ASTRO__INPUTS(astro__equatorial), ASTRO__OUTPUTS(astro__equatorial)

#define FROM                                                                                       \
    EVERY, .context_size = sizeof(struct astro__fk4_from), .run = astro__run_fk4_from,             \
           .ns_per_point = 14.0

#define TO                                                                                         \
    EVERY, .context_size = sizeof(struct astro__fk4_to), .run = astro__run_fk4_to,                 \
           .ns_per_point = 19.0

#define INERTIAL                                                                                   \
    "The position is taken as fixed in an inertial frame; since FK4 turns slowly and keeps the "   \
    "elliptic terms of aberration, it then moves in FK4, and obstime says when it is observed "    \
    "there. Another FK4 equinox than B1950.0 is reached by Newcomb's precession (Kinoshita 1975) " \
    "with the elliptic terms taken off before and put on after it; outside the years 1800 to "     \
    "2100 that is extrapolated (a warning). There and back differ by up to 3e-5 arcsec, as in "    \
    "ERFA. astropy's definition of the frame is up to 0.0062 arcsec away. " ASTRO__SAYS_LONGITUDES \
        ASTRO__SAYS_NAN

#define BOTH_FK5                                                                                   \
    .description = INERTIAL, .prepare_ns = 480.0,                                                  \
    .accuracy = "1e-9 arcsec against ERFA; other equinoxes 1e-8 arcsec"

#define BOTH_ICRS                                                                                  \
    .description = INERTIAL, .prepare_ns = 330.0,                                                  \
    .reference = "ERFA eraFk45z, eraFk54z, eraFk5hip, through FK5 J2000.0",                        \
    .accuracy = "2e-9 arcsec against ERFA", ASTRO__PARAMETERS(with_icrs)

const struct astro_conversion astro__fk4_to_fk5 = {
    .name = "fk4_to_fk5",
    .summary = "FK4 at an equinox to FK5 at an equinox",
    .reference = "ERFA eraFk45z, then rp of eraBp06; Seidelmann (1992), 3.591",
    .prepare = prepare_fk4_to_fk5,
    ASTRO__PARAMETERS(to_fk5),
    BOTH_FK5,
    FROM,
};

const struct astro_conversion astro__fk5_to_fk4 = {
    .name = "fk5_to_fk4",
    .summary = "FK5 at an equinox to FK4 at an equinox",
    .reference = "rp of ERFA eraBp06 transposed, then eraFk54z; Seidelmann (1992), 3.592",
    .prepare = prepare_fk5_to_fk4,
    ASTRO__PARAMETERS(from_fk5),
    BOTH_FK5,
    TO,
};

const struct astro_conversion astro__icrs_to_fk4 = {
    .name = "icrs_to_fk4",
    .summary = "ICRS to FK4 at an equinox",
    .prepare = prepare_icrs_to_fk4,
    BOTH_ICRS,
    TO,
};

const struct astro_conversion astro__fk4_to_icrs = {
    .name = "fk4_to_icrs",
    .summary = "FK4 at an equinox to ICRS",
    .prepare = prepare_fk4_to_icrs,
    BOTH_ICRS,
    FROM,
};

#define BOTH_TERMS                                                                                 \
    .description =                                                                                 \
        "The elliptic terms of annual aberration, up to 0.34 arcsec, which FK4 leaves in its "     \
        "positions: the way to positions without them and its exact "                              \
        "inverse. " ASTRO__SAYS_LONGITUDES ASTRO__SAYS_NAN,                                        \
    .reference = "Explanatory Supplement (1961), 2D; at B1950.0 the vector of ERFA eraFk45z",      \
    .accuracy = "1e-9 arcsec; Starlink AST 1e-5 arcsec", .prepare_ns = 120.0,                      \
    ASTRO__PARAMETERS(one_equinox)

const struct astro_conversion astro__fk4_to_fk4_no_e = {
    .name = "fk4_to_fk4_no_e",
    .summary = "FK4 to FK4 without the elliptic terms of aberration",
    .prepare = prepare_terms_off,
    BOTH_TERMS,
    FROM,
};

const struct astro_conversion astro__fk4_no_e_to_fk4 = {
    .name = "fk4_no_e_to_fk4",
    .summary = "FK4 without the elliptic terms of aberration to FK4",
    .prepare = prepare_terms_on,
    BOTH_TERMS,
    FROM,
};

const struct astro_conversion astro__precess_fk4 = {
    .name = "precess_fk4",
    .summary = "FK4 at one equinox to FK4 at another",
    .description =
        "Elliptic terms of aberration off, Newcomb's precession, elliptic terms on. Outside the "
        "years 1800 to 2100 it is extrapolated (a warning). " ASTRO__SAYS_LONGITUDES
            ASTRO__SAYS_NAN,
    .reference = "Kinoshita (1975), SAO Special Report 364; Explanatory Supplement (1961), 2D",
    .accuracy = "1e-8 arcsec; astropy, with older polynomials, 1e-3 arcsec",
    .prepare_ns = 190.0,
    .prepare = prepare_precession,
    ASTRO__PARAMETERS(two_equinoxes),
    FROM,
};
