/*
 * sidereal_time, earth_rotation_angle: angles of a time alone.
 *
 * Mean sidereal time of 2006 and 2000 hangs on UT1 and TT, that of 1982 on UT1 alone, as ERFA has
 * it. With scale=ut1 the TT of a row takes dut1, or the table's UT1-UTC, on its way back to UTC.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "../ephemeris/ephemeris.h"
#include "../simd/lanes.h"
#include "rotation.h"
#include "timed.h"

enum { APPARENT, MEAN };
enum { IAU2006, IAU2000, IAU1982 };

static const char *const kinds[] = {"apparent", "mean", NULL};
static const char *const models[] = {"iau2006", "iau2000", "iau1982", NULL};

struct angle_of_time {
    struct astro__moments moments;
    struct astro__earth_angle_of of;
    bool has_tt;
    double fixed; /* in the unit of the request, where the time is one for all */
};

/* --- preparing --- */

static double exact_equinox(enum astro__earth_angle angle, const struct astro__moment *one)
{
    struct astro__ephemeris ephemeris = {.eo = 0.0};

    if (angle == ASTRO__APPARENT_1994)
        return astro__equinox_1994(one->ut1[0], one->ut1[1]);
    if (angle == ASTRO__APPARENT_2006 || angle == ASTRO__APPARENT_2000)
        astro__ephemeris_orientation(one->tt[0], one->tt[1], &ephemeris);
    if (angle == ASTRO__APPARENT_2000)
        return ephemeris.eo - astro__equinox_2000(one->tt[0], one->tt[1]);
    return ephemeris.eo;
}

/* TT where it plays a part. */
static void set_columns(const struct angle_of_time *at, const double *ut1, const double *ut1_part,
                        const double *tt, const double *tt_part,
                        const void *ret[ASTRO__ANGLE_COLUMNS])
{
    ret[ASTRO__TURN_UT1] = ut1;
    ret[ASTRO__TURN_UT1 + 1] = ut1_part;
    ret[ASTRO__TURN_TT] = at->has_tt ? tt : ut1;
    ret[ASTRO__TURN_TT + 1] = at->has_tt ? tt_part : ut1_part;
}

static double angle_at(const struct angle_of_time *at)
{
    const struct astro__moment *one = &at->moments.one;
    struct astro__earth_angle_of of = at->of;
    const void *in[ASTRO__ANGLE_COLUMNS];
    double value = 0.0;
    void *const out[] = {&value};

    of.exact = true;
    of.equinox = exact_equinox(of.angle, one);
    set_columns(at, &one->ut1[0], &one->ut1[1], &one->tt[0], &one->tt[1], in);
    astro__lanes->earth_angle(&of, 1, in, out);
    return value;
}

/* The model's years end with the precession of 2006 and 2000; the older one is extrapolated as well. */
static bool prepare_angle(const struct astro_value *unit, const struct astro_value *lon,
                          const struct astro__moment_values *time, enum astro__earth_angle angle,
                          struct angle_of_time *at, uint32_t *ret_warnings, struct astro_error *err)
{
    bool has_tt = angle != ASTRO__ROTATION_ANGLE && angle != ASTRO__MEAN_1982 &&
                  angle != ASTRO__APPARENT_1994;
    unsigned needs = ASTRO__NEED_UT1 | (has_tt ? 0u : (unsigned)ASTRO__NO_TT);
    struct angle_of_time made = {
        .of = {.angle = angle,
               .lon = remainder(lon->number, 360.0) / 360.0,
               .full = astro__circle(ASTRO_HOURS, (enum astro_unit)unit->choice)->full},
        .has_tt = has_tt,
    };

    if (!astro__moments_prepare(time, needs, NULL, &made.moments, ret_warnings, err))
        return false;
    *at = made;
    if (!made.moments.fixed)
        return true;
    at->fixed = angle_at(at);
    if (angle != ASTRO__ROTATION_ANGLE)
        *ret_warnings |= astro__date_warnings(ASTRO__MODEL_PRECESSION, made.moments.one.ut1);
    return true;
}

/* values: unit obstime scale lon kind model dut1 eop */
static bool prepare_sidereal(const struct astro_value *values, void *context,
                             uint32_t *ret_warnings, struct astro_error *err)
{
    static const enum astro__earth_angle angles[2][3] = {
        [APPARENT] = {ASTRO__APPARENT_2006, ASTRO__APPARENT_2000, ASTRO__APPARENT_1994},
        [MEAN] = {ASTRO__MEAN_2006, ASTRO__MEAN_2000, ASTRO__MEAN_1982},
    };
    struct astro__moment_values time = {
        .obstime = &values[1], .scale = &values[2], .dut1 = &values[6], .eop = &values[7]};

    return prepare_angle(&values[0], &values[3], &time, angles[values[4].choice][values[5].choice],
                         context, ret_warnings, err);
}

/* values: unit obstime scale lon dut1 eop */
static bool prepare_rotation(const struct astro_value *values, void *context,
                             uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__moment_values time = {
        .obstime = &values[1], .scale = &values[2], .dut1 = &values[4], .eop = &values[5]};

    return prepare_angle(&values[0], &values[3], &time, ASTRO__ROTATION_ANGLE, context,
                         ret_warnings, err);
}

static void release(void *context)
{
    struct angle_of_time *at = context;

    astro__moments_release(&at->moments);
}

/* --- running --- */

static void fill(double value, size_t n, void *column)
{
    for (size_t i = 0; i < n; i++)
        memcpy((char *)column + i * sizeof value, &value, sizeof value);
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct angle_of_time *at = context;

    if (!astro__moments_check(&at->moments, in, report))
        return;
    if (at->moments.fixed) {
        fill(at->fixed, n, out[0]);
        return;
    }
    for (size_t first = 0; first < n; first += ASTRO__MOMENT_BLOCK) {
        size_t rows = n - first < ASTRO__MOMENT_BLOCK ? n - first : ASTRO__MOMENT_BLOCK;
        struct astro__moment_rows times;
        const void *columns[ASTRO__ANGLE_COLUMNS];
        void *const results[] = {(char *)out[0] + first * sizeof(double)};
        if (!astro__moments_rows(&at->moments, first, rows, in, &times, report))
            return;
        if (at->of.angle != ASTRO__ROTATION_ANGLE)
            report->warnings[ASTRO_WARN_EXTRAPOLATED] +=
                astro__extrapolated(ASTRO__MODEL_PRECESSION, rows, times.ut1[0], times.ut1[1]);
        set_columns(at, times.ut1[0], times.ut1[1], times.tt[0], times.tt[1], columns);
        astro__lanes->earth_angle(&at->of, rows, columns, results);
    }
}

/* values: as prepare_sidereal; only apparent time goes by a table. */
static double sidereal_cost(const struct astro_value *values, size_t n, const void *const in[],
                            const size_t count[])
{
    if (values[1].present)
        return (double)n * 1.2;
    if (values[4].choice == MEAN)
        return (double)n * 18.0;
    return astro__timed_cost(n, in, count, 28.0, values[5].choice == IAU2000 ? 120e3 : 40e3);
}

static double rotation_cost(const struct astro_value *values, size_t n, const void *const in[],
                            const size_t count[])
{
    (void)in;
    (void)count;
    return (double)n * (values[1].present ? 1.2 : 9.0);
}

/* --- descriptions --- */

static const struct astro_field time_in[] = {ASTRO__MOMENT_FIELDS};

static const struct astro_field sidereal_out[] = {
    ASTRO__FIELD("sidereal_time", ASTRO_HOURS,
                 "sidereal time at the meridian lon; hours under hourangle"),
};

static const struct astro_field rotation_out[] = {
    ASTRO__FIELD("era", ASTRO_HOURS, "Earth rotation angle, plus lon; hours under hourangle"),
};

#define UNIT ASTRO__CHOICE("unit", "deg", astro__units_with_hours, "of the angle; hourangle: hours")
#define MERIDIAN                                                                                   \
    ASTRO__NUMBER("lon", "0", -DBL_MAX, DBL_MAX, "deg", "longitude of the meridian, east")

static const struct astro_parameter sidereal_parameters[] = {
    UNIT,
    ASTRO__MOMENT_PARAMETERS,
    MERIDIAN,
    ASTRO__CHOICE("kind", "apparent", kinds,
                  "apparent: of the true equinox; mean: of the mean one"),
    ASTRO__CHOICE("model", "iau2006", models,
                  "iau2006 (IAU 2006/2000A), iau2000 (IAU 2000A), iau1982 (IAU 1982, with the "
                  "equation of the equinoxes of 1994)"),
    ASTRO__UT1_PARAMETERS,
};

static const struct astro_parameter rotation_parameters[] = {
    UNIT,
    ASTRO__MOMENT_PARAMETERS,
    MERIDIAN,
    ASTRO__UT1_PARAMETERS,
};

#define ALL                                                                                        \
    .group = "rotation", ASTRO__INPUTS(time_in), .context_size = sizeof(struct angle_of_time),     \
    .release = release, .run = run

const struct astro_conversion astro__sidereal_time = {
    .name = "sidereal_time",
    .summary = "Sidereal time, apparent or mean",
    .description =
        "Local sidereal time of the meridian lon, that of Greenwich by default, in [0, 360). "
        "Neither polar motion nor the TIO locator plays a part. With scale=ut1 the angle follows "
        "from the date itself, and dut1 or the table only serves TT. Outside the years 1000 to "
        "3000 the model is extrapolated (a warning); apparent time outside 1900 to 2100 takes a "
        "thousand times as long. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraGst06a, eraGmst06; eraGst00a, eraGmst00; eraGst94, eraGmst82",
    .accuracy =
        "1e-12 deg, of which ERFA rounds away more; apparent with a time per row: iau2000 1e-11, "
        "iau1982 5e-11 deg",
    ASTRO__OUTPUTS(sidereal_out),
    ASTRO__PARAMETERS(sidereal_parameters),
    .ns_per_point = 28.0,
    .prepare_ns = 42e3,
    .prepare = prepare_sidereal,
    .cost = sidereal_cost,
    ALL,
};

const struct astro_conversion astro__earth_rotation_angle = {
    .name = "earth_rotation_angle",
    .summary = "Earth rotation angle",
    .description =
        "The angle between the origins of longitude on the Earth (lon: another meridian) and of "
        "right ascension in the sky (CIO), in [0, 360). With scale=ut1 no Earth orientation is "
        "looked at. " ASTRO__SAYS_NAN,
    .reference = "ERFA eraEra00",
    .accuracy = "2e-13 deg; ERFA's own rounding is up to 3e-12 deg",
    ASTRO__OUTPUTS(rotation_out),
    ASTRO__PARAMETERS(rotation_parameters),
    .ns_per_point = 9.0,
    .prepare_ns = 2000.0,
    .prepare = prepare_rotation,
    .cost = rotation_cost,
    ALL,
};
