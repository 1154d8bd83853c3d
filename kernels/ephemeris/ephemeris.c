#include "ephemeris.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <string.h>

#define SERIES_DAYS 36525000.0 /* 100 000 years */

struct date {
    double day, part;
};

static struct date within_series(double jd1, double jd2)
{
    double since = (jd1 - ERFA_DJ00) + jd2;

    if (fabs(since) > SERIES_DAYS)
        return (struct date){ERFA_DJ00, copysign(SERIES_DAYS, since)};
    return (struct date){jd1, jd2};
}

void astro__ephemeris_orientation(double jd1, double jd2, struct astro__ephemeris *ret)
{
    struct date date = within_series(jd1, jd2);
    double matrix[3][3];

    eraPnm06a(date.day, date.part, matrix);
    eraBpn2xy(matrix, &ret->x, &ret->y);
    ret->s = eraS06(date.day, date.part, ret->x, ret->y);
    ret->eo = eraEors(matrix, ret->s);
}

void astro__ephemeris_position(double jd1, double jd2, struct astro__ephemeris *ret)
{
    struct date date = within_series(jd1, jd2);
    double heliocentric[2][3], barycentric[2][3];

    (void)eraEpv00(date.day, date.part, heliocentric, barycentric);
    memcpy(ret->earth, barycentric[0], sizeof ret->earth);
    memcpy(ret->velocity, barycentric[1], sizeof ret->velocity);
    memcpy(ret->sun_earth, heliocentric[0], sizeof ret->sun_earth);
    for (size_t k = 0; k < 3; k++)
        ret->sun_velocity[k] = barycentric[1][k] - heliocentric[1][k];
}

void astro__ephemeris_exact(double jd1, double jd2, struct astro__ephemeris *ret)
{
    astro__ephemeris_orientation(jd1, jd2, ret);
    astro__ephemeris_position(jd1, jd2, ret);
}

double astro__equinox_2000(double jd1, double jd2)
{
    struct date date = within_series(jd1, jd2);
    double gst00a = eraGst00a(date.day, date.part, date.day, date.part);
    double gst06a = eraGst06a(date.day, date.part, date.day, date.part);

    return eraAnpm(gst00a - gst06a);
}

double astro__equinox_1994(double jd1, double jd2)
{
    struct date date = within_series(jd1, jd2);

    return eraEqeq94(date.day, date.part);
}

/* --- the warning --- */

/* Julian years from 2000: 1000 on either side, 100 on either side. */
static const double days_from_j2000[] = {
    [ASTRO__MODEL_PRECESSION] = 365250.0,
    [ASTRO__MODEL_POSITION] = 36525.0,
};

uint64_t astro__extrapolated(enum astro__model model, size_t n, const void *jd1, const void *jd2)
{
    const char *days = jd1, *parts = jd2;
    uint64_t count = 0;

    for (size_t i = 0; i < n; i++) {
        double day, part;
        memcpy(&day, days + i * sizeof day, sizeof day);
        memcpy(&part, parts + i * sizeof part, sizeof part);
        count += fabs((day - ERFA_DJ00) + part) > days_from_j2000[model];
    }
    return count;
}
