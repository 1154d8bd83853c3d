/*
 * Times for the tests of the Earth's rotation, and what ERFA makes of them. Test code only.
 */
#ifndef ASTRO_TESTS_KERNELS_ROTATION_TIMES_H
#define ASTRO_TESTS_KERNELS_ROTATION_TIMES_H

#include "harness.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>

enum { N = 400 };

#define DUT1      0.123
#define DUT1_TEXT "dut1=0.123"

/* A time: UTC as given, and what ERFA makes of it. */
struct moment {
    double utc[2], ut1[2], tt[2];
};

static struct moment moments[N];
static double jd1[N], jd2[N], mjd[N];

static inline struct moment moment_at(double day, double part)
{
    struct moment m = {.utc = {day, part}};
    double tai[2];

    assert_true(eraUtcut1(day, part, DUT1, &m.ut1[0], &m.ut1[1]) >= 0);
    assert_true(eraUtctai(day, part, &tai[0], &tai[1]) >= 0);
    eraTaitt(tai[0], tai[1], &m.tt[0], &m.tt[1]);
    return m;
}

static inline void fill_times(double first, double last)
{
    random_seed(61);
    for (size_t i = 0; i < N; i++) {
        jd1[i] = floor(random_between(first, last));
        jd2[i] = random_between(-0.5, 0.5);
        mjd[i] = (jd1[i] - 2400000.5) + jd2[i];
        moments[i] = moment_at(jd1[i], jd2[i]);
    }
}

/* The Earth rotation angle without ERFA's rounding of many turns, rad; whole days are whole turns. */
static inline long double rotation(const double ut1[2])
{
    long double days = (long double)(ut1[0] - ERFA_DJ00) + (long double)ut1[1];
    long double gained = 0.00273781191135448L * days;

    return (0.7790572732640L + (gained - floorl(gained)) + (long double)ut1[1]) * 2.0L * PI_LONG;
}

static inline long double mean_1982(const double ut1[2])
{
    long double t = ((long double)(ut1[0] - ERFA_DJ00) + (long double)ut1[1]) / 36525.0L;
    long double seconds =
        (24110.54841L - 43200.0L) + (8640184.812866L + (0.093104L - 6.2e-6L * t) * t) * t;

    return (fmodl(seconds, 86400.0L) / 86400.0L + (long double)ut1[1]) * 2.0L * PI_LONG;
}

#endif
