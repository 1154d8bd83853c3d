#include <math.h>
#include <string.h>

#include "../ephemeris/ephemeris.h"
#include "../rotation/timed.h"
#include "place.h"

#define ANY_DAY 2451545.0

/* Where the columns of an input begin that has a value per row. */
static const void *from_row(const void *column, size_t first)
{
    return column ? (const char *)column + first * sizeof(double) : NULL;
}

/* --- the time of each row --- */

/*
 * A row without a time gets a day that costs nothing, and a position that makes it NaN. Returns the
 * column of first coordinates, in `room` if one had to be changed.
 */
static const void *mend_times(double date[2][ASTRO__MOMENT_BLOCK], size_t n, const void *first,
                              double room[ASTRO__MOMENT_BLOCK])
{
    size_t odd = 0;

    for (size_t i = 0; i < n; i++)
        odd += isfinite(date[0][i] + date[1][i]) ? 0 : 1;
    if (odd == 0)
        return first;
    memmove(room, first, n * sizeof room[0]);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(date[0][i] + date[1][i])) {
            date[0][i] = ANY_DAY;
            date[1][i] = 0.0;
            room[i] = (double)NAN;
        }
    }
    return room;
}

/* The columns of time; false when a time has no place in the tables. */
static bool take_times(const struct astro__place *place, size_t first, size_t n,
                       const void *const times[], struct astro__moment_rows *rows,
                       double room[ASTRO__MOMENT_BLOCK], const void *columns[],
                       struct astro_report *report)
{
    double(*date)[ASTRO__MOMENT_BLOCK] = place->topocentric ? rows->tt : rows->tdb;

    if (!astro__moments_rows(&place->moments, first, n, times, rows, report))
        return false;
    if (!place->from_cirs)
        report->warnings[ASTRO_WARN_EXTRAPOLATED] +=
            astro__extrapolated(ASTRO__MODEL_POSITION, n, date[0], date[1]);
    columns[0] = mend_times(date, n, columns[0], room);
    columns[ASTRO__PLACE_TIME] = date[0];
    columns[ASTRO__PLACE_TIME + 1] = date[1];
    if (place->topocentric) {
        columns[ASTRO__PLACE_TIME + 2] = rows->ut1[0];
        columns[ASTRO__PLACE_TIME + 3] = rows->ut1[1];
        columns[ASTRO__PLACE_TIME + 4] = rows->xp;
        columns[ASTRO__PLACE_TIME + 5] = rows->yp;
    }
    return true;
}

/* --- blocks --- */

struct job {
    const struct astro__place *place;
    astro__place_kernel *kernel;
    bool moving;
    const void *const *in;    /* position, and motion if it is moving */
    const void *const *times; /* inputs */
    void *const *out;
    struct astro_report *report;
};

static bool run_block(const struct job *job, size_t first, size_t n)
{
    static const double zeros[ASTRO__MOMENT_BLOCK];
    const struct astro__placing placing = {.place = job->place, .moving = job->moving};
    const void *columns[ASTRO__PLACE_COLUMNS];
    void *const out[] = {(char *)job->out[0] + first * sizeof(double),
                         (char *)job->out[1] + first * sizeof(double)};
    struct astro__star_rows stars;
    struct astro__moment_rows rows;

    for (size_t k = 0; k < ASTRO__PLACE_COLUMNS; k++)
        columns[k] = zeros;
    columns[0] = from_row(job->in[0], first);
    columns[1] = from_row(job->in[1], first);
    if (job->moving) {
        astro__star_rows(job->place, first, n, job->in, &stars, job->report);
        for (size_t k = 0; k < ASTRO__COUNT(stars.column); k++)
            columns[k] = stars.column[k];
    }
    if (!job->place->moments.fixed &&
        !take_times(job->place, first, n, job->times, &rows, stars.column[0], columns, job->report))
        return false;
    job->kernel(&placing, n, columns, out);
    return true;
}

void astro__place_run(const struct astro__place *place, astro__place_kernel *kernel, bool stars,
                      size_t n, const void *const in[], void *const out[],
                      struct astro_report *report)
{
    struct job job = {.place = place,
                      .kernel = kernel,
                      .in = in,
                      .times = in + 2 + (stars ? ASTRO__STAR_INPUTS : 0),
                      .out = out,
                      .report = report};

    if (!astro__moments_check(&place->moments, job.times, report))
        return;
    for (size_t k = 0; stars && k < ASTRO__STAR_INPUTS; k++)
        job.moving = job.moving || in[ASTRO__PLACE_MOTION + k];
    /* the astrometric place is nothing but motion, were it none */
    if (place->moments.fixed && !job.moving && place->frame != ASTRO__ASTROMETRIC) {
        kernel(&(struct astro__placing){.place = place}, n, in, out);
        return;
    }
    for (size_t i = 0; i < n; i += ASTRO__MOMENT_BLOCK) {
        size_t rows = n - i < ASTRO__MOMENT_BLOCK ? n - i : ASTRO__MOMENT_BLOCK;
        if (!run_block(&job, i, rows)) {
            return;
        }
    }
}

/* --- costs --- */

#define NS_MOVING  10.0
#define NS_CARRIED 550.0 /* eraPmsafe */

double astro__place_cost(const struct astro__place_ns *ns, const struct astro_value *obstime,
                         const struct astro_value *epoch, size_t n, const void *const in[],
                         const size_t count[])
{
    size_t time = 2 + (epoch ? ASTRO__STAR_INPUTS : 0u);
    double total = obstime->present
                       ? (double)n * ns->once
                       : astro__timed_cost(n, in + time, count + time, ns->row, ns->beyond);
    bool moving = false;

    for (size_t k = 2; k < time; k++)
        moving = moving || in[k];
    if (!moving)
        return total;
    bool carried = epoch->epoch_kind != 'J' || epoch->number != 2000.0;
    return total + (double)n * (NS_MOVING + (carried ? NS_CARRIED : 0.0));
}
