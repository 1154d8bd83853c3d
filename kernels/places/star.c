#include <math.h>
#include <string.h>

#include <erfa.h>
#include <erfam.h>

#include "place.h"

#define AT_REST 1e-9 /* km/s: eraStarpv has a branch on 0 that rounding may or may not take */

/* Bits of eraPmsafe's status: the velocity was not believed; the iteration did not settle. */
#define EXCESSIVE 6

enum { RA, DEC, MOTION, PARALLAX = MOTION + ASTRO__PARALLAX, VELOCITY = MOTION + ASTRO__VELOCITY };

/* What is missing, or a parallax that is no distance, is 0; infinity stays. */
static void mend_missing(size_t n, double *parallax, double *velocity)
{
    for (size_t i = 0; i < n; i++) {
        parallax[i] = parallax[i] > 0.0 || isinf(parallax[i]) ? parallax[i] : 0.0;
        velocity[i] = isnan(velocity[i]) ? 0.0 : velocity[i];
    }
}

static bool finite_row(const struct astro__star_rows *rows, size_t i)
{
    double sum = 0.0;

    for (size_t k = 0; k < ASTRO__COUNT(rows->column); k++)
        sum += rows->column[k][i] * 0.0;
    return sum == 0.0;
}

/* One star from its epoch to J2000.0; all six values are ERFA's. */
static bool carry(const struct astro__place *place, struct astro__star_rows *rows, size_t i)
{
    const struct astro__sky *sky = &place->in;
    double velocity = rows->column[VELOCITY][i];
    double dec =
        fmax(fmin(rows->column[DEC][i], sky->lat.quarter), -sky->lat.quarter) * sky->lat.to_radians;
    double ra = astro__circle_reduce(&sky->lon, rows->column[RA][i]) * sky->lon.to_radians;
    double pm_ra = rows->column[MOTION + ASTRO__PM_RA][i] * ERFA_DMAS2R / cos(dec);
    double pm_dec = rows->column[MOTION + ASTRO__PM_DEC][i] * ERFA_DMAS2R;
    double parallax = rows->column[PARALLAX][i] / 1000.0;
    int status =
        eraPmsafe(ra, dec, pm_ra, pm_dec, parallax, fabs(velocity) < AT_REST ? AT_REST : velocity,
                  place->epoch.jd1, place->epoch.jd2, ERFA_DJ00, 0.0, &ra, &dec, &pm_ra, &pm_dec,
                  &parallax, &velocity);

    rows->column[RA][i] = ra * sky->lon.from_radians;
    rows->column[DEC][i] = dec * sky->lat.from_radians;
    rows->column[MOTION + ASTRO__PM_RA][i] = pm_ra * cos(dec) / ERFA_DMAS2R;
    rows->column[MOTION + ASTRO__PM_DEC][i] = pm_dec / ERFA_DMAS2R;
    rows->column[PARALLAX][i] = parallax * 1000.0;
    rows->column[VELOCITY][i] = velocity;
    return status >= 0 && !(status & EXCESSIVE);
}

void astro__star_rows(const struct astro__place *place, size_t first, size_t n,
                      const void *const in[], struct astro__star_rows *ret,
                      struct astro_report *report)
{
    for (size_t k = 0; k < ASTRO__COUNT(ret->column); k++) {
        if (in[k])
            memcpy(ret->column[k], (const char *)in[k] + first * sizeof(double),
                   n * sizeof(double));
        else
            memset(ret->column[k], 0, n * sizeof(double));
    }
    mend_missing(n, ret->column[PARALLAX], ret->column[VELOCITY]);
    if (!place->carried)
        return;
    for (size_t i = 0; i < n; i++) {
        if (finite_row(ret, i) && !carry(place, ret, i))
            report->warnings[ASTRO_WARN_VELOCITY_EXCESSIVE]++;
    }
}
