/*
 * apply_space_motion: a star at one epoch to the same star at another. A library call per row.
 *
 * eraStarpv, inside eraPmsafe, has a branch on a radial velocity that is exactly 0 after rounding:
 * the result then differs by v^2/2c, up to 2 mas for a fast star without parallax. Hence 1e-9 km/s
 * where it is 0 or missing, so that it does not hang on rounding.
 */
#include <math.h>
#include <string.h>

#include <erfa.h>
#include <erfam.h>

#include "../sky/epoch.h"
#include "../sky/fields.h"
#include "group.h"

enum {
    RA,
    DEC,
    PM_RA,
    PM_DEC,
    PARALLAX,
    VELOCITY,
    INPUTS_OF_STAR,
    YEAR_IN = INPUTS_OF_STAR,
    YEAR_OUT,
    INPUTS
};

#define AT_REST 1e-9 /* km/s */

/* Bits of eraPmsafe's status: the velocity was not believed; the iteration did not settle. */
#define EXCESSIVE 6

struct space_motion {
    struct astro__sky sky;
    bool has_in, has_out;
    struct astro__date in, out; /* of the parameters */
};

/* values: unit, epoch_in, epoch_out */
static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct space_motion *motion = context;

    (void)ret_warnings;
    (void)err;
    *motion = (struct space_motion){
        .sky = astro__sky(ASTRO_HOURS, (enum astro_unit)values[0].choice),
        .has_in = values[1].present,
        .has_out = values[2].present,
    };
    if (motion->has_in)
        motion->in = astro__epoch_date(&values[1]);
    if (motion->has_out)
        motion->out = astro__epoch_date(&values[2]);
    return true;
}

/* Each side has its epoch in exactly one way. Inputs are known here for the first time. */
static bool check_side(bool has_epoch, const void *years, const char *epoch, const char *input,
                       struct astro_report *report)
{
    if (has_epoch && years)
        return astro_fail(&report->error, ASTRO_CONFLICT, epoch,
                          "%s and %s say the same thing: give one of them", epoch, input);
    if (!has_epoch && !years)
        return astro_fail(&report->error, ASTRO_MISSING_PARAMETER, epoch,
                          "%s is missing: give %s for all rows, or the input %s for each", epoch,
                          epoch, input);
    return true;
}

/* --- one row --- */

static double number_at(const void *column, size_t row)
{
    double value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

static void put(void *const out[], size_t column, size_t row, double value)
{
    memcpy((char *)out[column] + row * sizeof value, &value, sizeof value);
}

/* What ERFA is given, and what it gives: radians, radians a year, arcsec, km/s. */
struct star {
    double ra, dec, pm_ra, pm_dec, parallax, velocity;
};

static struct astro__date date_of(const struct astro__date *fixed, const void *years, size_t row)
{
    struct astro__date date = *fixed;

    if (years)
        eraEpj2jd(number_at(years, row), &date.jd1, &date.jd2);
    return date;
}

/* Reads a row; false when it is to be NaN. Missing parallaxes and velocities stay NaN. */
static bool read_row(const void *const in[], size_t row, double given[INPUTS])
{
    for (size_t k = 0; k < INPUTS; k++) {
        bool may_miss = k == PARALLAX || k == VELOCITY;
        given[k] = in[k] ? number_at(in[k], row) : may_miss ? (double)NAN : 0.0;
        if (isinf(given[k]) || (isnan(given[k]) && !may_miss))
            return false;
    }
    return true;
}

static struct star star_of(const struct astro__sky *sky, const double given[INPUTS])
{
    double dec = fmax(fmin(given[DEC], sky->lat.quarter), -sky->lat.quarter);
    struct star star = {
        .ra = astro__circle_reduce(&sky->lon, given[RA]) * sky->lon.to_radians,
        .dec = dec * sky->lat.to_radians,
        .pm_dec = given[PM_DEC] * ERFA_DMAS2R,
        .parallax = given[PARALLAX] > 0.0 ? given[PARALLAX] / 1000.0 : 0.0,
        .velocity =
            isnan(given[VELOCITY]) || fabs(given[VELOCITY]) < AT_REST ? AT_REST : given[VELOCITY],
    };

    star.pm_ra = given[PM_RA] * ERFA_DMAS2R / cos(star.dec);
    return star;
}

static void put_row(const struct astro__sky *sky, const double given[INPUTS],
                    const struct star *star, void *const out[], size_t row)
{
    double ra = star->ra * sky->lon.from_radians;

    put(out, RA, row, ra < sky->lon.full ? ra : 0.0);
    put(out, DEC, row, star->dec * sky->lat.from_radians);
    put(out, PM_RA, row, star->pm_ra * cos(star->dec) / ERFA_DMAS2R);
    put(out, PM_DEC, row, star->pm_dec / ERFA_DMAS2R);
    put(out, PARALLAX, row, given[PARALLAX] > 0.0 ? star->parallax * 1000.0 : given[PARALLAX]);
    put(out, VELOCITY, row, isnan(given[VELOCITY]) ? (double)NAN : star->velocity);
}

static void put_nan(void *const out[], size_t row)
{
    for (size_t k = 0; k < INPUTS_OF_STAR; k++)
        put(out, k, row, (double)NAN);
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct space_motion *motion = context;

    if (!check_side(motion->has_in, in[YEAR_IN], "epoch_in", "jyear_in", report) ||
        !check_side(motion->has_out, in[YEAR_OUT], "epoch_out", "jyear_out", report))
        return;
    for (size_t i = 0; i < n; i++) {
        double given[INPUTS];
        struct star then;
        if (!read_row(in, i, given)) {
            put_nan(out, i);
            continue;
        }
        struct star now = star_of(&motion->sky, given);
        struct astro__date from = date_of(&motion->in, in[YEAR_IN], i);
        struct astro__date to = date_of(&motion->out, in[YEAR_OUT], i);
        int status = eraPmsafe(now.ra, now.dec, now.pm_ra, now.pm_dec, now.parallax, now.velocity,
                               from.jd1, from.jd2, to.jd1, to.jd2, &then.ra, &then.dec, &then.pm_ra,
                               &then.pm_dec, &then.parallax, &then.velocity);
        if (status < 0 || status & EXCESSIVE)
            report->warnings[ASTRO_WARN_VELOCITY_EXCESSIVE]++;
        put_row(&motion->sky, given, &then, out, i);
    }
}

/* --- description --- */

#define STAR(optional_kind_parallax, optional_kind_velocity)                                       \
    ASTRO__FIELD_RA, ASTRO__FIELD_DEC,                                                             \
        ASTRO__PLAIN("pm_ra_cosdec", "mas/yr",                                                     \
                     "proper motion in right ascension, times cos(dec)"),                          \
        ASTRO__PLAIN("pm_dec", "mas/yr", "proper motion in declination"), optional_kind_parallax,  \
        optional_kind_velocity

static const struct astro_field star_in[] = {
    STAR(ASTRO__PLAIN_OPTIONAL("parallax", "mas", "0",
                               "parallax; NaN is missing, and not positive counts as 0"),
         ASTRO__PLAIN_OPTIONAL("radial_velocity", "km/s", "0",
                               "radial velocity, positive away; NaN is missing")),
    ASTRO__PLAIN_OPTIONAL("jyear_in", "yr", "epoch_in",
                          "epoch of the input, Julian years (TDB), per row"),
    ASTRO__PLAIN_OPTIONAL("jyear_out", "yr", "epoch_out",
                          "epoch of the output, Julian years (TDB), per row"),
};

static const struct astro_field star_out[] = {
    STAR(ASTRO__PLAIN("parallax", "mas", "parallax; as it came where that was not positive"),
         ASTRO__PLAIN("radial_velocity", "km/s", "radial velocity; NaN where it was missing")),
};

static const struct astro_parameter parameters[] = {
    ASTRO__UNIT_HOURS,
    ASTRO__EQUINOX_OPTIONAL("epoch_in", "jyear_in", "epoch of the input (TDB); J or B and a year"),
    ASTRO__EQUINOX_OPTIONAL("epoch_out", "jyear_out",
                            "epoch of the output (TDB); J or B and a year"),
};

const struct astro_conversion astro__apply_space_motion = {
    .name = "apply_space_motion",
    .group = "motion",
    .summary = "A star at one epoch to the same star at another",
    .description =
        "Uniform motion in space, light time included. Each epoch is given once: epoch_in or the "
        "input jyear_in, epoch_out or jyear_out. Without a positive parallax the star is put so "
        "far "
        "away that it stays slow, and the parallax comes back as it came; a missing radial "
        "velocity "
        "counts as 0 and comes back as NaN. A space velocity that ERFA does not believe (over half "
        "the speed of light) is taken as 0, with the warning "
        "velocity_excessive. " ASTRO__SAYS_LONGITUDES
        "A row with infinity, or with NaN elsewhere than in parallax and radial_velocity, gives "
        "NaN.",
    .reference = "ERFA eraPmsafe, with 1e-9 km/s for a radial velocity of 0",
    .accuracy = "1e-9 arcsec and 2e-9 mas/yr against ERFA; astropy 1e-8 arcsec",
    ASTRO__INPUTS(star_in),
    ASTRO__OUTPUTS(star_out),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 500.0,
    .prepare_ns = 50.0,
    .context_size = sizeof(struct space_motion),
    .prepare = prepare,
    .run = run,
};
