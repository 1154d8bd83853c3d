#include "utc.h"

#include <math.h>
#include <string.h>

#define MJD_TO_NOON 2400001.0 /* J of the civil day with this Modified Julian Date */

/* From a whole day on, TAI-UTC = offset + (MJD - origin) rate. */
struct line {
    double mjd;
    double offset; /* s */
    double origin; /* MJD */
    double rate;   /* s per day */
};

/* UTC of 1960 to 1971 (IERS, tai-utc.dat; as eraDat has it). */
static const struct line drifting[ASTRO__UTC_DRIFTS] = {
    {36934, 1.4178180, 37300, 0.0012960}, {37300, 1.4228180, 37300, 0.0012960},
    {37512, 1.3728180, 37300, 0.0012960}, {37665, 1.8458580, 37665, 0.0011232},
    {38334, 1.9458580, 37665, 0.0011232}, {38395, 3.2401300, 38761, 0.0012960},
    {38486, 3.3401300, 38761, 0.0012960}, {38639, 3.4401300, 38761, 0.0012960},
    {38761, 3.5401300, 38761, 0.0012960}, {38820, 3.6401300, 38761, 0.0012960},
    {38942, 3.7401300, 38761, 0.0012960}, {39004, 3.8401300, 38761, 0.0012960},
    {39126, 4.3131700, 39126, 0.0025920}, {39887, 4.2131700, 39126, 0.0025920},
};

/* A smaller jump is the rounding of a line, not a step of UTC: the steps were 0.05 s and more. */
#define LEAST_STEP 1e-6

static double value_at(const struct line *line, double mjd)
{
    return line->offset + (mjd - line->origin) * line->rate;
}

/* `step`: the seconds by which TAI-UTC jumps at the end of the piece, which is one day then. */
static void add_piece(struct astro__utc *utc, const struct line *line, double mjd, double step)
{
    struct astro__utc_piece *piece = &utc->pieces[utc->count++];
    double stretch = step / ASTRO__DAY_SECONDS + line->rate / ASTRO__DAY_SECONDS +
                     (step / ASTRO__DAY_SECONDS) * (line->rate / ASTRO__DAY_SECONDS);
    double seconds = value_at(line, mjd);

    *piece = (struct astro__utc_piece){
        .first = mjd + MJD_TO_NOON,
        .dat = seconds / ASTRO__DAY_SECONDS,
        .stretch = stretch,
        .shrink = stretch / (1.0 + stretch),
        .seconds = seconds,
        .drift = line->rate,
        .extra = step,
        .extra_ns = (int64_t)llround(step * 1e9),
    };
}

/* The days of `line` up to the next one, the last day apart if it ends with a step. */
static void add_line(struct astro__utc *utc, const struct line *line, const struct line *next)
{
    double step = next ? value_at(next, next->mjd) - value_at(line, next->mjd) : 0.0;

    if (fabs(step) < LEAST_STEP) {
        add_piece(utc, line, line->mjd, 0.0);
        return;
    }
    if (next->mjd - 1.0 > line->mjd)
        add_piece(utc, line, line->mjd, 0.0);
    add_piece(utc, line, next->mjd - 1.0, step);
}

static struct line leap_line(const struct astro_time_step *step)
{
    return (struct line){.mjd = step->mjd, .offset = step->tai_minus_utc};
}

static void add_before_utc(struct astro__utc *utc)
{
    struct line still = {.mjd = drifting[0].mjd, .offset = value_at(&drifting[0], drifting[0].mjd)};

    add_piece(utc, &still, still.mjd, 0.0);
}

static void fill_buckets(struct astro__utc *utc)
{
    size_t at = 1;

    for (size_t b = 0; b < ASTRO__UTC_BUCKETS; b++) {
        double day = ASTRO__UTC_FIRST_DAY + (double)(b * ASTRO__UTC_BUCKET_DAYS);
        while (day >= utc->pieces[at + 1].first)
            at++;
        utc->buckets[b] = (uint16_t)at;
    }
}

void astro__utc_make(const struct astro_time_data *data, struct astro__utc *ret)
{
    memset(ret, 0, sizeof *ret);
    add_before_utc(ret);
    struct line first_leap = leap_line(&data->steps[0]);
    for (size_t i = 0; i < ASTRO__UTC_DRIFTS; i++)
        add_line(ret, &drifting[i], i + 1 < ASTRO__UTC_DRIFTS ? &drifting[i + 1] : &first_leap);
    for (size_t i = 0; i < data->count; i++) {
        struct line line = leap_line(&data->steps[i]), next;
        if (i + 1 < data->count)
            next = leap_line(&data->steps[i + 1]);
        add_line(ret, &line, i + 1 < data->count ? &next : NULL);
    }
    ret->pieces[ret->count].first = HUGE_VAL;
    fill_buckets(ret);
    ret->expires = 2440587.5 + (double)data->expires / ASTRO__DAY_SECONDS;
    ret->data = *data;
}
