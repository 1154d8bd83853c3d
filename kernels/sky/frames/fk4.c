/*
 * The astronomy of FK4: E-terms, Newcomb's precession, and the steps from and to FK5 J2000.0.
 *
 * B1950.0 and J2000.0 are joined as in eraFk45z and eraFk54z (Aoki et al. 1983 with the constants
 * of Seidelmann 1992): a position that is fixed in an inertial frame moves in FK4, so the epoch of
 * observation matters. Another equinox of FK4 is reached by taking the E-terms off, precessing by
 * Newcomb, and putting them on again. astropy joins the two differently, by up to 0.0062 arcsec.
 */
#include "fk4.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <string.h>

#include "../../simd/lanes.h"

#define NEWCOMB_FIRST_YEAR 1800.0
#define NEWCOMB_LAST_YEAR  2100.0

/* Radians per year in an arcsecond per century. */
#define PER_CENTURY (ERFA_DAS2R / 100.0)

/* Centuries of the E-terms in a hundred Besselian years. */
#define TROPICAL 1.00002135903

/* Seidelmann (1992), 3.591-2. */
const double astro__e_terms_b1950[3] = {-1.62557e-6, -0.31919e-6, -0.13843e-6};
const double astro__e_terms_rate[3] = {1.245e-3, -1.580e-3, -0.659e-3};

/* Seidelmann (1992), 3.591-4: positions of FK4 to positions of FK5, and to motions there. */
static const double to_position[3][3] = {
    {+0.9999256782, -0.0111820611, -0.0048579477},
    {+0.0111820610, +0.9999374784, -0.0000271765},
    {+0.0048579479, -0.0000271474, +0.9999881997},
};
static const double to_motion[3][3] = {
    {-0.000551, -0.238565, +0.435739},
    {+0.238514, -0.002667, -0.008541},
    {-0.435623, +0.012254, +0.002117},
};

/* Seidelmann (1992), 3.592-1: positions of FK5 to positions of FK4, and to motions there. */
static const double from_position[3][3] = {
    {+0.9999256795, +0.0111814828, +0.0048590039},
    {-0.0111814828, +0.9999374849, -0.0000271771},
    {-0.0048590040, -0.0000271557, +0.9999881946},
};
static const double from_motion[3][3] = {
    {-0.000551, +0.238509, -0.435614},
    {-0.238560, -0.002667, +0.012254},
    {+0.435730, -0.008541, +0.002117},
};

static void product(const double a[3][3], double b[3][3], double result[3][3])
{
    double copy[3][3];

    memcpy(copy, a, sizeof copy);
    eraRxr(copy, b, result);
}

void astro__e_terms(double equinox, double terms[3])
{
    if (equinox == 1950.0) {
        memcpy(terms, astro__e_terms_b1950, sizeof astro__e_terms_b1950);
        return;
    }
    double t = (equinox - 1950.0) * (TROPICAL / 100.0);
    double eccentricity = 0.01673011 - (0.00004193 + 0.000000126 * t) * t;
    double obliquity = (84404.836 - (46.8495 + (0.00319 + 0.00181 * t) * t) * t) * ERFA_DAS2R;
    double perihelion = (1015489.951 + (6190.67 + (1.65 + 0.012 * t) * t) * t) * ERFA_DAS2R;
    double k = 20.49552 * eccentricity * ERFA_DAS2R;

    terms[0] = k * sin(perihelion);
    terms[1] = -k * cos(perihelion) * cos(obliquity);
    terms[2] = -k * cos(perihelion) * sin(obliquity);
}

void astro__newcomb(double from, double to, double matrix[3][3])
{
    double T = (from - 1850.0) / 100.0, t = (to - from) / 100.0;
    double rate = 2303.5548 + (1.39720 + 0.000059 * T) * T;
    double zeta = (rate + (0.30242 - 0.000269 * T + 0.017996 * t) * t) * t;
    double z = (rate + (1.09478 + 0.000387 * T + 0.018324 * t) * t) * t;
    double theta =
        (2005.1125 + (-0.85294 - 0.000365 * T) * T + (-0.42647 - 0.000365 * T - 0.041802 * t) * t) *
        t;

    eraIr(matrix);
    eraRz(-zeta * ERFA_DAS2R, matrix);
    eraRy(theta * ERFA_DAS2R, matrix);
    eraRz(-z * ERFA_DAS2R, matrix);
}

uint32_t astro__newcomb_warnings(double equinox)
{
    return equinox < NEWCOMB_FIRST_YEAR || equinox > NEWCOMB_LAST_YEAR
               ? 1u << ASTRO_WARN_EXTRAPOLATED
               : 0u;
}

/* Years from J2000.0 to the epoch, as eraFk45z counts them. */
static double since_j2000(double besselian)
{
    double jd1, jd2;

    eraEpb2jd(besselian, &jd1, &jd2);
    return eraEpj(jd1, jd2) - 2000.0;
}

void astro__fk4_leave(struct astro__fk4_from *chain, bool e_terms, double equinox, double obstime,
                      double onward[3][3])
{
    double then[3], matrix[3][3], years = since_j2000(obstime);

    for (int i = 0; i < 3; i++) {
        then[i] =
            astro__e_terms_b1950[i] + (obstime - 1950.0) * PER_CENTURY * astro__e_terms_rate[i];
        for (int j = 0; j < 3; j++)
            matrix[i][j] = to_position[i][j] + years * PER_CENTURY * to_motion[i][j];
    }
    eraRxr(onward, matrix, matrix);
    if (e_terms && equinox == 1950.0) {
        chain->has_off = true;
        memcpy(chain->off, then, sizeof then);
        memcpy(chain->first, matrix, sizeof matrix);
        return;
    }
    chain->has_off = e_terms;
    if (e_terms)
        astro__e_terms(equinox, chain->off);
    astro__newcomb(equinox, 1950.0, chain->first);
    chain->has_on = chain->has_last = true;
    memcpy(chain->on, astro__e_terms_b1950, sizeof chain->on);
    memcpy(chain->off_again, then, sizeof then);
    memcpy(chain->last, matrix, sizeof matrix);
}

void astro__fk4_arrive(struct astro__fk4_to *chain, bool e_terms, double equinox, double obstime,
                       double inward[3][3])
{
    product(from_position, inward, chain->position);
    product(from_motion, inward, chain->motion);
    chain->motion_scale = (obstime - 1950.0) * PER_CENTURY;
    if (e_terms && equinox == 1950.0)
        return;
    chain->has_last = true;
    memcpy(chain->off, astro__e_terms_b1950, sizeof chain->off);
    astro__newcomb(1950.0, equinox, chain->last);
    chain->has_on = e_terms;
    if (e_terms)
        astro__e_terms(equinox, chain->on_again);
}

void astro__fk4_within(struct astro__fk4_from *chain, bool e_terms_in, double from,
                       bool e_terms_out, double to)
{
    chain->has_off = e_terms_in;
    if (e_terms_in)
        astro__e_terms(from, chain->off);
    astro__newcomb(from, to, chain->first);
    chain->has_on = e_terms_out;
    if (e_terms_out)
        astro__e_terms(to, chain->on);
}

void astro__run_fk4_from(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    (void)report;
    astro__lanes->fk4_from(context, n, in, out);
}

void astro__run_fk4_to(const void *context, size_t n, const void *const in[], void *const out[],
                       struct astro_report *report)
{
    (void)report;
    astro__lanes->fk4_to(context, n, in, out);
}
