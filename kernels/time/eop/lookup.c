/*
 * Looking up: the two days around a time, and the straight line between them.
 */
#include <math.h>
#include <stdio.h>

#include "../../registry/decimal.h"
#include "eop.h"

#define MJD_TO_NOON 2400001.0 /* J of the civil day with this Modified Julian Date */
#define NO_STEP     0.02      /* s: UT1-UTC changes by less in a day, but for steps of UTC */

const char *const astro__eop_policy_words[] = {"predict", "strict", "zero", NULL};

/* Where a date lies: index of its civil day from the first of the table, and the fraction. */
struct spot {
    double day; /* of the first of the table: 0; whole */
    double fraction;
};

static struct spot spot_of(const struct astro_eop_data *data, double jd1, double jd2)
{
    bool next = jd2 >= 0.5;
    double noon = next ? jd1 + 1.0 : jd1;

    return (struct spot){
        .day = noon - ((double)data->first_mjd + MJD_TO_NOON),
        .fraction = next ? jd2 - 0.5 : jd2 + 0.5,
    };
}

/* TAI-UTC at the beginning of a civil day, s, and by how much it jumps at its end. */
static const struct astro__utc_piece *piece_on(const struct astro__utc *utc, double noon)
{
    return &utc->pieces[astro__utc_find(utc, noon)];
}

/* By how much UT1-UTC grows over day `at`, the step at its end aside. */
static double growth(const struct astro_eop_data *data, const struct astro__utc *utc, size_t at)
{
    double grows = data->days[at + 1].dut1 - data->days[at].dut1;

    if (fabs(grows) < NO_STEP)
        return grows;
    grows -= piece_on(utc, (double)data->first_mjd + (double)at + MJD_TO_NOON)->extra;
    return grows - rint(grows); /* where the two tables disagree about a leap second */
}

static double between(double a, double b, double fraction)
{
    return a + fraction * (b - a);
}

static bool allowed(enum astro_eop_kind kind, enum astro__eop_policy policy)
{
    return kind == ASTRO_EOP_MEASURED ||
           (kind == ASTRO_EOP_PREDICTED && policy != ASTRO__EOP_STRICT);
}

static enum astro__eop_status status_of(enum astro_eop_kind kind)
{
    return kind == ASTRO_EOP_MEASURED ? ASTRO__EOP_MEASURED : ASTRO__EOP_PREDICTED;
}

static void take_day(const struct astro_eop_day *day, struct astro__orientation *ret)
{
    *ret = (struct astro__orientation){.dut1 = day->dut1,
                                       .xp = day->xp,
                                       .yp = day->yp,
                                       .dx = day->dx,
                                       .dy = day->dy,
                                       .status = status_of(day->kind)};
}

static bool take_between(const struct astro_eop_data *data, const struct astro__utc *utc,
                         const struct spot *spot, enum astro__eop_policy policy,
                         struct astro__orientation *ret)
{
    size_t at = (size_t)spot->day;
    const struct astro_eop_day *a = &data->days[at], *b = a + 1;

    if (!allowed(a->kind, policy))
        return false;
    if (spot->fraction == 0.0) {
        take_day(a, ret);
        return true;
    }
    if (at + 1 >= data->count || !allowed(b->kind, policy))
        return false;
    *ret = (struct astro__orientation){
        .dut1 = a->dut1 + spot->fraction * growth(data, utc, at),
        .xp = between(a->xp, b->xp, spot->fraction),
        .yp = between(a->yp, b->yp, spot->fraction),
        .dx = between(a->dx, b->dx, spot->fraction),
        .dy = between(a->dy, b->dy, spot->fraction),
        .status = status_of(a->kind < b->kind ? a->kind : b->kind),
    };
    return true;
}

bool astro__eop_at(const struct astro__eop *eop, const struct astro__utc *utc, double jd1,
                   double jd2, enum astro__eop_policy policy, struct astro__orientation *ret)
{
    const struct astro_eop_data *data = astro__eop_data(eop);
    struct spot spot = spot_of(data, jd1, jd2);

    if (spot.day >= 0.0 && spot.day < (double)data->count &&
        take_between(data, utc, &spot, policy, ret))
        return true;
    if (policy != ASTRO__EOP_ZERO)
        return false;
    *ret = (struct astro__orientation){.status = ASTRO__EOP_NONE};
    return true;
}

/* --- for UT1 to UTC --- */

/* The nearest day with a value: the first and the last have one. */
static size_t nearest_day(const struct astro_eop_data *data, double day)
{
    size_t at = 0;

    if (day > 0.0)
        at = day < (double)data->count ? (size_t)day : data->count - 1;
    while (data->days[at].kind == ASTRO_EOP_ABSENT)
        at--;
    return at;
}

static double less_tai(const struct astro_eop_data *data, const struct astro__utc *utc, size_t at)
{
    double noon = (double)data->first_mjd + (double)at + MJD_TO_NOON;
    const struct astro__utc_piece *piece = piece_on(utc, noon);

    return data->days[at].dut1 - (piece->seconds + (noon - piece->first) * piece->drift);
}

double astro__eop_ut1_less_tai(const struct astro__eop *eop, const struct astro__utc *utc,
                               double jd1, double jd2)
{
    const struct astro_eop_data *data = astro__eop_data(eop);
    struct astro__orientation found;
    struct spot spot = spot_of(data, jd1, jd2);

    if (data->count == 0)
        return 0.0;
    size_t at = nearest_day(data, spot.day);
    double ret = less_tai(data, utc, at);
    if ((double)at == spot.day && take_between(data, utc, &spot, ASTRO__EOP_PREDICT, &found))
        ret += found.dut1 - data->days[at].dut1;
    return ret;
}

/* --- no row --- */

static const char *covered(const struct astro__eop *eop, char *room, size_t size)
{
    struct astro_eop_summary has;

    astro_eop_data_summarize(astro__eop_data(eop), &has);
    if (has.count == 0)
        return "the server has no table (data.eop)";
    if (has.last_measured == 0)
        snprintf(room, size, "the table of data.eop covers MJD %d to %d, all of it predicted",
                 has.first_mjd, has.last_mjd);
    else
        snprintf(room, size, "the table of data.eop covers MJD %d to %d, measured up to %d",
                 has.first_mjd, has.last_mjd, has.last_measured);
    return room;
}

bool astro__eop_fail(const struct astro__eop *eop, const char *field, double mjd,
                     enum astro__eop_policy policy, struct astro_error *err)
{
    char room[128], day[ASTRO__DECIMAL_ROOM];

    return astro_fail(
        err, ASTRO_EOP_UNAVAILABLE, field,
        "%s: no %sEarth orientation for MJD %s (UTC): %s. To go on: dut1=... (with xp and yp) "
        "where the conversion takes it, eop=zero to do without (up to 13 arcsec), %sor a newer "
        "file in the setting data.eop",
        field, policy == ASTRO__EOP_STRICT ? "measured " : "", astro__decimal_text(mjd, day),
        covered(eop, room, sizeof room),
        policy == ASTRO__EOP_STRICT ? "eop=predict to take predictions, " : "");
}
