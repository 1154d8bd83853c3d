/*
 * light_travel_time, jd_to_bjd_tdb, radial_velocity_correction.
 *
 * A time for all rows is a vector, made with ERFA itself: the rows are scalar products.
 */
#include <erfa.h>
#include <erfam.h>
#include <math.h>

#include "../ephemeris/ephemeris.h"
#include "../rotation/timed.h"
#include "../simd/lanes.h"
#include "../sky/fields.h"
#include "barycentric.h"

enum { RA, DEC, TIME, INPUTS = TIME + ASTRO__MOMENT_INPUTS, MOST_OUTPUTS = 2 };

enum purpose { LIGHT_TIME, LIGHT_DATE, VELOCITY };

struct direction {
    struct astro__moments moments;
    enum purpose purpose;
    struct astro__observer observer;
    struct astro__along along; /* with a fixed time */
};

/* --- an observer at one time --- */

struct place {
    double earth[3], velocity[3]; /* of the site: au, au/d; from the barycentre or the Sun */
    double sun;                   /* the distance of the Sun, au */
};

/* The site in the GCRS, m and m/s. */
static void site_at(const struct astro__site *site, const struct astro__moment *one,
                    double pv[2][3])
{
    struct astro__ephemeris ephemeris;
    double to_intermediate[3][3];
    double sp = eraSp00(one->tt[0], one->tt[1]), era = eraEra00(one->ut1[0], one->ut1[1]);

    eraPvtob(site->lon, site->lat, site->height, one->xp, one->yp, sp, era, pv);
    astro__ephemeris_orientation(one->tt[0], one->tt[1], &ephemeris);
    eraC2ixys(ephemeris.x, ephemeris.y, ephemeris.s, to_intermediate);
    eraTrxpv(to_intermediate, pv, pv);
}

static void place_at(const struct astro__site *site, const struct astro__moment *one,
                     enum astro__rest rest, struct place *ret)
{
    struct astro__ephemeris ephemeris;
    double pv[2][3], sun[3];

    astro__ephemeris_position(one->tdb[0], one->tdb[1], &ephemeris);
    site_at(site, one, pv);
    for (size_t k = 0; k < 3; k++) {
        double here = pv[0][k] / ASTRO__AU_METRES;
        double spin = pv[1][k] * (ASTRO__SECONDS_OF_DAY / ASTRO__AU_METRES);
        sun[k] = ephemeris.sun_earth[k] + here;
        ret->earth[k] = rest == ASTRO__SUN ? sun[k] : ephemeris.earth[k] + here;
        ret->velocity[k] = ephemeris.velocity[k] + spin;
        if (rest == ASTRO__SUN)
            ret->velocity[k] -= ephemeris.sun_velocity[k];
    }
    ret->sun = eraPm(sun);
}

/* --- preparing --- */

static void set_light(const struct place *place, double unit, struct astro__along *along)
{
    for (size_t k = 0; k < 3; k++)
        along->vector[k] = place->earth[k] * (ASTRO__AU_SECONDS / unit);
}

static void set_velocity(const struct direction *direction, const struct place *place,
                         struct astro__along *along)
{
    const double c = ASTRO__LIGHT_SPEED / 1e3;
    double beta[3], factor = 1.0;

    for (size_t k = 0; k < 3; k++)
        beta[k] = place->velocity[k] * (ASTRO__AU_SECONDS / ASTRO__SECONDS_OF_DAY);
    if (direction->observer.rest == ASTRO__BARYCENTRE) {
        double redshift = ASTRO__GM_SUN / (ASTRO__LIGHT_SPEED * ASTRO__LIGHT_SPEED) /
                              (place->sun * ASTRO__AU_METRES) +
                          direction->observer.earth_redshift;
        factor = 1.0 / (sqrt(fmax(1.0 - eraPdp(beta, beta), 0x1p-20)) * (1.0 - redshift));
    }
    for (size_t k = 0; k < 3; k++)
        along->vector[k] = c * factor * beta[k];
    along->offset = c * (factor - 1.0);
}

static void fix(struct direction *direction, const struct astro__site *site, uint32_t *ret_warnings)
{
    const struct astro__moment *one = &direction->moments.one;
    struct place place;

    place_at(site, one, direction->observer.rest, &place);
    direction->along.sky = direction->observer.sky;
    if (direction->purpose == VELOCITY)
        set_velocity(direction, &place, &direction->along);
    else
        set_light(&place, direction->purpose == LIGHT_DATE ? ASTRO__SECONDS_OF_DAY : 1.0,
                  &direction->along);
    direction->along.date[0] = one->tdb[0];
    direction->along.date[1] = one->tdb[1];
    *ret_warnings |= astro__date_warnings(ASTRO__MODEL_POSITION, one->tdb);
}

/* values: unit obstime scale lon lat height dut1 xp yp eop, kind where it has one. */
static bool prepare(const struct astro_value *values, enum purpose purpose, enum astro__rest rest,
                    void *context, uint32_t *ret_warnings, struct astro_error *err)
{
    struct direction made = {.purpose = purpose};
    struct astro__moment_values time = {.obstime = &values[1],
                                        .scale = &values[2],
                                        .dut1 = &values[6],
                                        .xp = &values[7],
                                        .yp = &values[8],
                                        .eop = &values[9]};
    struct astro__site site = astro__site(&values[3]);
    struct astro__station station = astro__site_station(&site);
    double xyz[3];

    if (eraGd2gc(ERFA_WGS84, site.lon, site.lat, site.height, xyz) != 0)
        return astro_fail(err, ASTRO_OUT_OF_RANGE, "lat", "lat and height are no place on Earth");
    if (!astro__moments_prepare(&time, ASTRO__NEED_TDB | ASTRO__NEED_UT1 | ASTRO__NEED_POLE,
                                purpose == LIGHT_DATE ? &station : NULL, &made.moments,
                                ret_warnings, err))
        return false;
    made.observer.sky = astro__sky(ASTRO_HOURS, (enum astro_unit)values[0].choice);
    made.observer.rest = rest;
    for (size_t k = 0; k < 3; k++)
        made.observer.site[k] = xyz[k] / ASTRO__AU_METRES;
    made.observer.earth_redshift =
        ASTRO__GM_EARTH / (ASTRO__LIGHT_SPEED * ASTRO__LIGHT_SPEED) / eraPm(xyz);
    if (made.moments.fixed)
        fix(&made, &site, ret_warnings);
    *(struct direction *)context = made;
    return true;
}

enum { KIND = 10 };

static bool prepare_light_time(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    return prepare(values, LIGHT_TIME, (enum astro__rest)values[KIND].choice, context, ret_warnings,
                   err);
}

static bool prepare_light_date(const struct astro_value *values, void *context,
                               uint32_t *ret_warnings, struct astro_error *err)
{
    return prepare(values, LIGHT_DATE, ASTRO__BARYCENTRE, context, ret_warnings, err);
}

static bool prepare_velocity(const struct astro_value *values, void *context,
                             uint32_t *ret_warnings, struct astro_error *err)
{
    return prepare(values, VELOCITY, (enum astro__rest)values[KIND].choice, context, ret_warnings,
                   err);
}

static void release(void *context)
{
    struct direction *direction = context;

    astro__moments_release(&direction->moments);
}

/* --- running --- */

static astro__kernel *kernel_of(enum purpose purpose)
{
    switch (purpose) {
    case LIGHT_TIME:
        return astro__lanes->light_time;
    case LIGHT_DATE:
        return astro__lanes->light_date;
    case VELOCITY:
        break;
    }
    return astro__lanes->velocity_correction;
}

static bool run_block(const struct direction *direction, size_t first, size_t n,
                      const void *const in[], void *const out[], struct astro_report *report)
{
    struct astro__moment_rows times;
    const void *columns[2 + ASTRO__OBSERVER_COLUMNS] = {
        astro__from_row(in[RA], first),
        astro__from_row(in[DEC], first),
        times.tdb[0],
        times.tdb[1],
        times.ut1[0],
        times.ut1[1],
        times.xp,
        times.yp,
    };
    void *results[MOST_OUTPUTS];

    for (size_t k = 0; k < (direction->purpose == LIGHT_DATE ? 2u : 1u); k++)
        results[k] = (char *)out[k] + first * sizeof(double);
    if (!astro__moments_rows(&direction->moments, first, n, in + TIME, &times, report))
        return false;
    report->warnings[ASTRO_WARN_EXTRAPOLATED] +=
        astro__extrapolated(ASTRO__MODEL_POSITION, n, times.tdb[0], times.tdb[1]);
    kernel_of(direction->purpose)(&direction->observer, n, columns, results);
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct direction *direction = context;

    if (!astro__moments_check(&direction->moments, in + TIME, report))
        return;
    if (direction->moments.fixed) {
        astro__kernel *kernel = direction->purpose == LIGHT_DATE
                                    ? astro__lanes->date_along_direction
                                    : astro__lanes->along_direction;
        kernel(&direction->along, n, in, out);
        return;
    }
    for (size_t first = 0; first < n; first += ASTRO__MOMENT_BLOCK) {
        size_t rows = n - first < ASTRO__MOMENT_BLOCK ? n - first : ASTRO__MOMENT_BLOCK;
        if (!run_block(direction, first, rows, in, out, report))
            return;
    }
}

static double cost_of(const struct astro_value *values, size_t n, const void *const in[],
                      const size_t count[])
{
    return values[1].present ? (double)n * 4.0
                             : astro__timed_cost(n, in + TIME, count + TIME, 75.0, 80e3);
}

/* --- descriptions --- */

static const struct astro_field position_and_time[INPUTS] = {
    ASTRO__FIELD_RA,
    ASTRO__FIELD_DEC,
    ASTRO__MOMENT_FIELDS,
};

static const struct astro_field light_out[] = {
    ASTRO__PLAIN("light_travel_time", "s",
                 "to be added to the time of observation; positive where the observer is nearer "
                 "to the source"),
};

static const struct astro_field date_out[] = {
    ASTRO__PLAIN("jd1", "d", "BJD (TDB), whole part"),
    ASTRO__PLAIN("jd2", "d", "BJD (TDB), rest, within [-0.5, 0.5]"),
};

static const struct astro_field velocity_out[] = {
    ASTRO__PLAIN("rv_correction", "km/s", "to be added to the measured radial velocity"),
};

static const char *const kinds[] = {"barycentric", "heliocentric", NULL};

#define PARAMETERS                                                                                 \
    ASTRO__CHOICE("unit", "deg", astro__units_with_hours,                                          \
                  "of ra and dec; hourangle: ra in hours, dec in degrees"),                        \
        ASTRO__MOMENT_PARAMETERS, ASTRO__SITE_PARAMETERS, ASTRO__EOP_PARAMETERS

static const struct astro_parameter date_parameters[] = {PARAMETERS};

static const struct astro_parameter kind_parameters[] = {
    PARAMETERS,
    ASTRO__CHOICE("kind", "barycentric", kinds, "where the correction leads to"),
};

#define SAYS_EPHEMERIS                                                                             \
    "The direction is that of the catalogue (ICRS), without aberration. The Earth moves as "       \
    "eraEpv00 has it, which is extrapolated outside 1900 to 2100 (a warning, and a time per row "  \
    "then takes a thousand times as long). " ASTRO__SAYS_NAN

#define ALL                                                                                        \
    .group = "barycentric", ASTRO__INPUTS(position_and_time),                                      \
    .context_size = sizeof(struct direction), .ns_per_point = 75.0, .prepare_ns = 110e3,           \
    .release = release, .run = run, .cost = cost_of

const struct astro_conversion astro__light_travel_time = {
    .name = "light_travel_time",
    .summary = "Light travel time from the observer to the barycentre or the Sun",
    .description =
        "What is to be added to a time of observation to have the time of arrival at the "
        "barycentre of the solar system, or at the centre of the Sun. Without the Shapiro delay "
        "and the curvature of the wave front. " SAYS_EPHEMERIS,
    .reference = "ERFA eraEpv00, eraPvtob, eraC2i06a: s.r/c",
    .accuracy = "1e-8 s against ERFA; a JPL ephemeris differs by 4e-6 s",
    .prepare = prepare_light_time,
    ASTRO__OUTPUTS(light_out),
    ASTRO__PARAMETERS(kind_parameters),
    ALL,
};

const struct astro_conversion astro__jd_to_bjd_tdb = {
    .name = "jd_to_bjd_tdb",
    .summary = "Time of observation to barycentric Julian Date (TDB)",
    .description = "TDB at the site plus the light travel time to the barycentre of the solar "
                   "system, for a source without parallax. " SAYS_EPHEMERIS,
    .reference = "ERFA eraDtdb, eraEpv00, eraPvtob, eraC2i06a",
    .accuracy = "1e-8 s against ERFA; a JPL ephemeris differs by 4e-6 s",
    .prepare = prepare_light_date,
    ASTRO__OUTPUTS(date_out),
    ASTRO__PARAMETERS(date_parameters),
    ALL,
};

const struct astro_conversion astro__radial_velocity_correction = {
    .name = "radial_velocity_correction",
    .summary = "Radial velocity correction to the barycentre or the Sun",
    .description =
        "What is to be added to a measured radial velocity. Barycentric: Doppler shift of the "
        "observer's motion, and the potentials of the Sun and the Earth: with it "
        "z_true = (1 + z) (1 + v/c) - 1. Heliocentric: the observer's velocity relative to the "
        "Sun along the direction, no more. " SAYS_EPHEMERIS,
    .reference = "ERFA eraEpv00, eraPvtob, eraC2i06a; Wright and Eastman 2014",
    .accuracy = "0.1 mm/s; astropy 5 mm/s",
    .prepare = prepare_velocity,
    ASTRO__OUTPUTS(velocity_out),
    ASTRO__PARAMETERS(kind_parameters),
    ALL,
};
