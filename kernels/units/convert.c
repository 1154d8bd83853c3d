/*
 * convert_units: what prepare() makes of two units, and the descriptor.
 */
#include <float.h>
#include <string.h>

#include "../registry/fields.h"
#include "../registry/groups.h"
#include "../registry/text.h"
#include "../simd/lanes.h"
#include "map.h"
#include "unit.h"

enum { UNIT_IN, UNIT_OUT, EQUIVALENCY, REST_VALUE, REST_UNIT };

/* In the order of the words of `equivalency`. */
enum equivalency { NO_EQUIVALENCY, SPECTRAL, PARALLAX, FIRST_DOPPLER };

#define LIGHT     299792458.0    /* m/s */
#define PLANCK    662607015.0    /* 1e-42 J s */
#define ASTR_UNIT 149597870700.0 /* m */

enum { PLANCK_TENS = -42 };

/* Factors beyond these would lose digits. */
#define LEAST_FACTOR 1e-290
#define MOST_FACTOR  1e290
enum { MOST_TENS = 300, QUOTE_ROOM = 100 };

/* The kernel of map_lanes.c. */
enum way { LINEAR, AFFINE, RECIPROCAL, POSITIVE_RECIPROCAL, TO_VELOCITY, FROM_VELOCITY };

struct context {
    enum way way;
    struct astro__unit_map map;
};

/* A factor with its powers of ten apart, so that those cancel. */
struct scaled {
    struct astro__exact number;
    int tens;
};

static const struct scaled unity = {{1.0, 0.0}, 0};

static struct scaled scale_of(const struct astro__unit *unit)
{
    return (struct scaled){unit->factor, unit->tens};
}

static struct scaled times(struct scaled a, struct scaled b)
{
    return (struct scaled){exact_times(a.number, b.number), a.tens + b.tens};
}

static struct scaled over(struct scaled a, struct scaled b)
{
    return (struct scaled){exact_over(a.number, b.number), a.tens - b.tens};
}

static struct scaled constant(double number, int tens)
{
    return (struct scaled){{number, 0.0}, tens};
}

/* As one number; false when it is beyond the range of doubles. */
static bool settle(struct scaled a, struct astro__exact *ret, struct astro_error *err)
{
    static const struct astro__exact ten = {10.0, 0.0};
    int tens = a.tens < 0 ? -a.tens : a.tens;

    if (tens <= MOST_TENS) {
        struct astro__exact power = exact_power(ten, tens);
        struct astro__exact factor =
            a.tens < 0 ? exact_over(a.number, power) : exact_times(a.number, power);
        if (fabs(factor.high) >= LEAST_FACTOR && fabs(factor.high) <= MOST_FACTOR) {
            *ret = factor;
            return true;
        }
    }
    return astro_fail(err, ASTRO_OUT_OF_RANGE, "unit_out",
                      "the factor between unit_in and unit_out is beyond 1e290 or below 1e-290");
}

/* --- dimensions that equivalencies know --- */

static bool has_powers(const struct astro__unit *unit, int metre, int kilogram, int second,
                       int radian)
{
    const int powers[ASTRO__BASES] = {metre, kilogram, second, 0, radian};

    return memcmp(unit->powers, powers, sizeof powers) == 0;
}

static bool is_velocity(const struct astro__unit *unit)
{
    return has_powers(unit, 1, 0, -1, 0);
}

/* frequency in Hz = scale value; or scale / value, where inverse */
struct spectral {
    struct scaled scale;
    bool inverse;
};

static bool spectral_of(const struct astro__unit *unit, struct spectral *ret)
{
    struct scaled scale = scale_of(unit);

    if (unit->affine)
        return false;
    if (has_powers(unit, 1, 0, 0, 0))
        *ret = (struct spectral){over(constant(LIGHT, 0), scale), true};
    else if (has_powers(unit, 0, 0, -1, 0))
        *ret = (struct spectral){scale, false};
    else if (has_powers(unit, 2, 1, -2, 0))
        *ret = (struct spectral){over(scale, constant(PLANCK, PLANCK_TENS)), false};
    else if (has_powers(unit, -1, 0, 0, 0))
        *ret = (struct spectral){times(constant(LIGHT, 0), scale), false};
    else
        return false;
    return true;
}

static bool is_parallax(const struct astro__unit *in, const struct astro__unit *out)
{
    return (has_powers(in, 0, 0, 0, 1) && has_powers(out, 1, 0, 0, 0)) ||
           (has_powers(in, 1, 0, 0, 0) && has_powers(out, 0, 0, 0, 1));
}

/* --- the five ways --- */

static bool linear(const struct astro__unit *in, const struct astro__unit *out,
                   struct context *context, struct astro_error *err)
{
    struct scaled to = scale_of(out);
    struct astro__exact shift = exact_minus(in->offset, out->offset);

    context->way = LINEAR;
    if (!settle(over(scale_of(in), to), &context->map.factor, err))
        return false;
    if (shift.high == 0.0)
        return true;
    context->way = AFFINE;
    return settle(over((struct scaled){shift, 0}, to), &context->map.offset, err);
}

static bool spectral(const struct spectral *in, const struct spectral *out, struct context *context,
                     struct astro_error *err)
{
    struct scaled factor = out->inverse ? over(out->scale, in->scale) : over(in->scale, out->scale);

    context->way = in->inverse == out->inverse ? LINEAR : RECIPROCAL;
    return settle(factor, &context->map.factor, err);
}

static bool parallax(const struct astro__unit *in, const struct astro__unit *out,
                     struct context *context, struct astro_error *err)
{
    context->way = POSITIVE_RECIPROCAL;
    return settle(over(constant(ASTR_UNIT, 0), times(scale_of(in), scale_of(out))),
                  &context->map.factor, err);
}

/* Between a velocity and what `wave` says; `rest` is the frequency at rest in Hz. */
static bool doppler(const struct spectral *wave, const struct astro__unit *velocity,
                    struct scaled rest, bool to_velocity, struct context *context,
                    struct astro_error *err)
{
    struct scaled relative = over(wave->scale, rest);
    struct astro__exact speed;

    context->map.inverse = wave->inverse;
    context->way = to_velocity ? TO_VELOCITY : FROM_VELOCITY;
    if (wave->inverse == to_velocity)
        relative = over(unity, relative);
    if (!settle(over(constant(LIGHT, 0), scale_of(velocity)), &speed, err))
        return false;
    context->map.speed = speed.high;
    return settle(relative, &context->map.factor, err);
}

/* --- prepare --- */

struct request {
    enum equivalency equivalency;
    struct astro__unit in, out;
    struct scaled rest; /* frequency at rest; Doppler only */
};

static bool parse(const char *field, const struct astro_value *value, struct astro__unit *ret,
                  struct astro_error *err)
{
    return astro__unit_parse(field, value->text.data, value->text.length, ret, err);
}

static bool read_rest(const struct astro_value *values, struct request *request,
                      struct astro_error *err)
{
    bool wanted = request->equivalency >= FIRST_DOPPLER;
    char room[ASTRO__UNIT_DIMENSION];
    struct astro__unit unit;
    struct spectral wave;

    for (int i = REST_VALUE; i <= REST_UNIT; i++) {
        const char *name = i == REST_VALUE ? "rest_value" : "rest_unit";
        if (values[i].present && !wanted)
            return astro_fail(err, ASTRO_CONFLICT, name,
                              "%s has no meaning without one of the Doppler equivalencies", name);
        if (!values[i].present && wanted)
            return astro_fail(err, ASTRO_MISSING_PARAMETER, name,
                              "%s is missing: a velocity is relative to a line at rest, whose "
                              "frequency, wavelength, energy or wavenumber it says",
                              name);
    }
    if (!wanted)
        return true;
    if (!parse("rest_unit", &values[REST_UNIT], &unit, err))
        return false;
    if (!spectral_of(&unit, &wave))
        return astro_fail(err, ASTRO_BAD_PARAMETER, "rest_unit",
                          "rest_unit is %s; it must be a frequency, a wavelength, an energy or a "
                          "wavenumber",
                          astro__unit_dimension(&unit, room));
    struct scaled value = constant(values[REST_VALUE].number, 0);
    request->rest = wave.inverse ? over(wave.scale, value) : times(wave.scale, value);
    return true;
}

static const char *hint(const struct request *request)
{
    struct spectral in, out;
    bool waves = spectral_of(&request->in, &in), into_waves = spectral_of(&request->out, &out);

    if (waves && into_waves)
        return "; equivalency=spectral does";
    if (is_parallax(&request->in, &request->out))
        return "; equivalency=parallax does";
    if ((waves && is_velocity(&request->out)) || (into_waves && is_velocity(&request->in)))
        return "; the equivalencies doppler_radio, doppler_optical and doppler_relativistic do";
    return "";
}

static bool fail_mismatch(const struct astro_value *values, const struct request *request,
                          struct astro_error *err)
{
    char in[QUOTE_ROOM], out[QUOTE_ROOM];
    char is[ASTRO__UNIT_DIMENSION], wanted[ASTRO__UNIT_DIMENSION];
    const struct astro_text *a = &values[UNIT_IN].text, *b = &values[UNIT_OUT].text;

    return astro_fail(err, ASTRO_BAD_PARAMETER, "unit_out",
                      "unit_in = %s is %s, unit_out = %s is %s: nothing leads from one to the "
                      "other%s",
                      astro__quote(a->data, a->length, in, sizeof in),
                      astro__unit_dimension(&request->in, is),
                      astro__quote(b->data, b->length, out, sizeof out),
                      astro__unit_dimension(&request->out, wanted), hint(request));
}

static bool choose(const struct astro_value *values, const struct request *request,
                   struct context *context, struct astro_error *err)
{
    const struct astro__unit *in = &request->in, *out = &request->out;
    struct spectral from, to;

    if (astro__unit_same_dimension(in, out))
        return linear(in, out, context, err);
    bool waves = spectral_of(in, &from), into_waves = spectral_of(out, &to);
    if (request->equivalency == SPECTRAL && waves && into_waves)
        return spectral(&from, &to, context, err);
    if (request->equivalency == PARALLAX && is_parallax(in, out))
        return parallax(in, out, context, err);
    if (request->equivalency >= FIRST_DOPPLER && waves && is_velocity(out))
        return doppler(&from, out, request->rest, true, context, err);
    if (request->equivalency >= FIRST_DOPPLER && into_waves && is_velocity(in))
        return doppler(&to, in, request->rest, false, context, err);
    return fail_mismatch(values, request, err);
}

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct request request = {.equivalency = (enum equivalency)values[EQUIVALENCY].choice};
    struct context made = {.way = LINEAR};

    (void)ret_warnings;
    if (request.equivalency >= FIRST_DOPPLER)
        made.map.doppler = (enum astro__doppler)((int)request.equivalency - FIRST_DOPPLER);
    if (!parse("unit_in", &values[UNIT_IN], &request.in, err) ||
        !parse("unit_out", &values[UNIT_OUT], &request.out, err) ||
        !read_rest(values, &request, err) || !choose(values, &request, &made, err))
        return false;
    *(struct context *)context = made;
    return true;
}

static void run(const void *context, size_t n, const void *const in[], void *const out[],
                struct astro_report *report)
{
    const struct context *made = context;

    (void)report;
    switch (made->way) {
    case LINEAR:
        astro__lanes->times_factor(&made->map, n, in, out);
        break;
    case AFFINE:
        astro__lanes->times_factor_plus(&made->map, n, in, out);
        break;
    case RECIPROCAL:
        astro__lanes->factor_over(&made->map, n, in, out);
        break;
    case POSITIVE_RECIPROCAL:
        astro__lanes->factor_over_positive(&made->map, n, in, out);
        break;
    case TO_VELOCITY:
        astro__lanes->to_velocity(&made->map, n, in, out);
        break;
    case FROM_VELOCITY:
        astro__lanes->from_velocity(&made->map, n, in, out);
    }
}

/* --- the descriptor --- */

static const char *const equivalencies[] = {
    "none", "spectral", "parallax", "doppler_radio", "doppler_optical", "doppler_relativistic",
    NULL};

static const struct astro_field given[] = {ASTRO__PLAIN("value", "", "numbers in unit_in")};
static const struct astro_field made[] = {ASTRO__PLAIN("value", "", "numbers in unit_out")};

#define UNIT_STRING(parameter_name, text)                                                          \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_STRING, .maximum = ASTRO__UNIT_LENGTH, .unit = "", \
        .doc = (text)                                                                              \
    }

static const struct astro_parameter parameters[] = {
    UNIT_STRING("unit_in", "of the numbers given: km/s, Jy, mas/yr, 10**3 m2.kg s-1"),
    UNIT_STRING("unit_out", "of the numbers wanted"),
    ASTRO__CHOICE("equivalency", "none", equivalencies,
                  "what leads from one dimension to another, if they differ"),
    {.name = "rest_value",
     .type = ASTRO_NUMBER,
     .optional = true,
     .default_doc = "required by the Doppler equivalencies, refused by the others",
     .minimum = DBL_MIN,
     .maximum = DBL_MAX,
     .unit = "rest_unit",
     .doc = "frequency, wavelength, energy or wavenumber of the line at rest"},
    {.name = "rest_unit",
     .type = ASTRO_STRING,
     .optional = true,
     .default_doc = "required by the Doppler equivalencies, refused by the others",
     .maximum = ASTRO__UNIT_LENGTH,
     .unit = "",
     .doc = "of rest_value"},
};

static const struct astro_conversion convert_units = {
    .name = "convert_units",
    .group = "units",
    .summary = "Numbers in one unit to numbers in another",
    .description =
        "Units as VOUnits and FITS write them: names with SI prefixes where usual (km, mas, GHz, "
        "Myr), powers (m2, m**2, m^-1, s-1), products by blank, dot or *, / for the next factor "
        "only, brackets, a power of ten at the beginning. Names: m s g rad sr Hz N J W Pa K eV erg "
        "Jy deg arcmin arcsec mas uas hourangle min h d day yr a century au AU pc lyr Angstrom "
        "micron bar atm mbar mmHg ft nmi US_survey_foot degC degF solMass solRad solLum earthMass "
        "earthRad jupiterMass jupiterRad; a year is 365.25 d. The radian is a dimension of its "
        "own, "
        "and sr is rad2. degC and degF stand alone. equivalency=spectral leads between wavelength, "
        "frequency, energy and wavenumber (in vacuum); parallax between angle and distance, NaN "
        "for "
        "what is not positive; the Doppler ones between those of spectral and a velocity, positive "
        "for what recedes, against a line at rest. " ASTRO__SAYS_NAN,
    .reference =
        "VOUnits 1.0, FITS 4.0; IAU 2012 Resolution B2, 2015 Resolutions B2 and B3; CODATA "
        "2018; FITS paper III for the Doppler conventions",
    .accuracy = "2 units in the last place; velocities 1e-15 of the speed of light",
    ASTRO__INPUTS(given),
    ASTRO__OUTPUTS(made),
    ASTRO__PARAMETERS(parameters),
    .ns_per_point = 0.5,
    .prepare_ns = 800.0,
    .context_size = sizeof(struct context),
    .prepare = prepare,
    .run = run,
};

static const struct astro_conversion *const conversions[] = {&convert_units};

const struct astro__group astro__group_units = {conversions, ASTRO__COUNT(conversions)};
