#include "ut1.h"

#include <erfa.h>
#include <erfam.h>
#include <float.h>
#include <math.h>

#include "../../registry/decimal.h"
#include "../../simd/lanes.h"
#include "../step.h"

#define UTC_BEGINS  (ASTRO__UTC_FIRST_DAY - 0.5)
#define NOON_TO_MJD 2400000.5

/* |a| <= 1/2 and small b: their sum, with the whole day in it carried over to the first part. */
static void settle(double day, double part, double *ret1, double *ret2)
{
    double whole = (double)(part > 0.5) - (double)(part < -0.5);

    *ret1 = day + whole;
    *ret2 = part - whole;
}

static bool is_date(double jd1)
{
    return fabs(jd1) <= DBL_MAX;
}

/* The civil day of a date, by its noon; what has passed of it. */
static double civil_noon(double jd1, double jd2)
{
    return jd2 >= 0.5 ? jd1 + 1.0 : jd1;
}

static double civil_part(double jd2)
{
    return jd2 >= 0.5 ? jd2 - 0.5 : jd2 + 0.5;
}

static const struct astro__utc_piece *piece_on(const struct astro__utc *utc, double noon)
{
    return &utc->pieces[astro__utc_find(utc, noon)];
}

/* --- what a table has for a row --- */

static bool fail_table(const struct astro__turning *how, const char *field, size_t row, double jd1,
                       double jd2, struct astro_report *report)
{
    report->failed_row = row;
    return astro__eop_fail(how->eop, field, (jd1 - NOON_TO_MJD) + jd2, how->policy, &report->error);
}

static void count(const struct astro__orientation *found, struct astro_report *report)
{
    report->warnings[ASTRO_WARN_EOP_PREDICTED] += found->status == ASTRO__EOP_PREDICTED;
    report->warnings[ASTRO_WARN_EOP_ZERO] += found->status == ASTRO__EOP_NONE;
}

static void put_pole(const struct astro__turned *ret, size_t row, double xp, double yp)
{
    if (!ret->xp)
        return;
    ret->xp[row] = xp;
    ret->yp[row] = yp;
}

/* --- from UTC --- */

/* UTC as it would be counted in days of 86400 s, and dut1 for all rows on top. */
static void unstretch(const struct astro__turning *how, double dut1, size_t n,
                      const double *const utc[2], double *const ret[2])
{
    struct astro__step step = {.utc = how->utc, .offset = dut1 / ASTRO__DAY_SECONDS};
    const void *const in[] = {utc[0], utc[1]};
    void *const out[] = {ret[0], ret[1]};

    astro__lanes->utc_to_ut1(&step, n, in, out);
}

static void pole_of_all(const struct astro__turning *how, size_t n, const double *jd1,
                        const struct astro__turned *ret)
{
    for (size_t i = 0; ret->xp && i < n; i++) {
        bool good = is_date(jd1[i]);
        put_pole(ret, i, good ? how->xp : (double)NAN, good ? how->yp : (double)NAN);
    }
}

bool astro__ut1_from_utc(const struct astro__turning *how, const char *field, size_t n,
                         const double *const utc[2], const struct astro__turned *ret,
                         struct astro_report *report)
{
    struct astro__orientation found;

    if (ret->date[0])
        unstretch(how, how->eop ? 0.0 : how->dut1, n, utc, ret->date);
    if (!how->eop) {
        pole_of_all(how, n, utc[0], ret);
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (!is_date(utc[0][i])) {
            put_pole(ret, i, (double)NAN, (double)NAN);
            continue;
        }
        if (!astro__eop_at(how->eop, how->utc, utc[0][i], utc[1][i], how->policy, &found))
            return fail_table(how, field, i, utc[0][i], utc[1][i], report);
        count(&found, report);
        put_pole(ret, i, found.xp * ERFA_DAS2R, found.yp * ERFA_DAS2R);
        if (ret->date[0])
            settle(ret->date[0][i], ret->date[1][i] + found.dut1 / ASTRO__DAY_SECONDS,
                   &ret->date[0][i], &ret->date[1][i]);
    }
    return true;
}

/* --- to UTC, with dut1 given: eraUt1utc --- */

/* The leap second at the end of the day before `noon`, that day, or one of the two after: eraUt1utc
 * looks at these. NULL: none. */
static const struct astro__utc_piece *leap_near(const struct astro__utc *utc, double noon)
{
    const struct astro__utc_piece *piece = piece_on(utc, noon - 1.0);

    if (fabs(piece->extra) < 0.5)
        piece++; /* behind the last one: its first day is infinite */
    return piece->first <= noon + 2.0 && fabs(piece->extra) >= 0.5 ? piece : NULL;
}

static double adjusted(const struct astro__utc *utc, double dut1, double jd1, double jd2)
{
    const struct astro__utc_piece *leap = leap_near(utc, civil_noon(jd1, jd2));

    if (!leap)
        return dut1;
    double step = leap->extra;
    if (step * dut1 >= 0.0)
        dut1 -= step;
    double passed = (jd1 - leap->first) + (jd2 + 0.5 - dut1 / ASTRO__DAY_SECONDS);
    if (passed <= 0.0)
        return dut1;
    double share = passed * ASTRO__DAY_SECONDS / (ASTRO__DAY_SECONDS + step);
    return dut1 + step * fmin(share, 1.0);
}

static void from_given(const struct astro__turning *how, size_t n, const double *const ut1[2],
                       const struct astro__turned *ret)
{
    for (size_t i = 0; i < n; i++) {
        double jd1 = ut1[0][i], jd2 = ut1[1][i];
        if (is_date(jd1))
            settle(jd1, jd2 - adjusted(how->utc, how->dut1, jd1, jd2) / ASTRO__DAY_SECONDS, &jd1,
                   &jd2);
        ret->date[0][i] = jd1;
        ret->date[1][i] = jd2;
    }
    pole_of_all(how, n, ut1[0], ret);
}

/* --- to UTC, by the table --- */

/* One step: UT1-TAI at the UTC that was found so far gives TAI, and TAI gives a better UTC. */
static void improve(const struct astro__turning *how, size_t n, const double *const ut1[2],
                    double *const utc[2])
{
    double tai[2][ASTRO__TURN_BLOCK];
    struct astro__step step = {.utc = how->utc};
    const void *const in[] = {tai[0], tai[1]};
    void *const out[] = {utc[0], utc[1]};

    for (size_t i = 0; i < n; i++) {
        double less = 0.0;
        if (is_date(utc[0][i]))
            less = astro__eop_ut1_less_tai(how->eop, how->utc, utc[0][i], utc[1][i]);
        settle(ut1[0][i], ut1[1][i] - less / ASTRO__DAY_SECONDS, &tai[0][i], &tai[1][i]);
    }
    astro__lanes->date_to_utc(&step, n, in, out);
}

/* With UT1-UTC = 0: the civil day of UT1, whose fractions are shrunk if it has a leap second. */
static void without_table(const struct astro__utc *utc, double jd1, double jd2, double *ret1,
                          double *ret2)
{
    double shrink = piece_on(utc, civil_noon(jd1, jd2))->shrink;

    settle(jd1, jd2 - civil_part(jd2) * shrink, ret1, ret2);
}

static bool from_table(const struct astro__turning *how, const char *field, size_t n,
                       const double *const ut1[2], const struct astro__turned *ret,
                       struct astro_report *report)
{
    struct astro__orientation found;

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < n; i++)
            ret->date[k][i] = ut1[k][i];
    improve(how, n, ut1, ret->date); /* to 1e-7 s */
    improve(how, n, ut1, ret->date); /* to 1e-14 s */
    for (size_t i = 0; i < n; i++) {
        double jd1 = ret->date[0][i], jd2 = ret->date[1][i];
        if (!is_date(jd1)) {
            put_pole(ret, i, (double)NAN, (double)NAN);
            continue;
        }
        if (!astro__eop_at(how->eop, how->utc, jd1, jd2, how->policy, &found))
            return fail_table(how, field, i, jd1, jd2, report);
        count(&found, report);
        put_pole(ret, i, found.xp * ERFA_DAS2R, found.yp * ERFA_DAS2R);
        if (found.status == ASTRO__EOP_NONE)
            without_table(how->utc, ut1[0][i], ut1[1][i], &ret->date[0][i], &ret->date[1][i]);
    }
    return true;
}

/* --- to UTC --- */

static bool pass_begin(const char *field, size_t n, const double *const ut1[2],
                       const struct astro__turned *ret, struct astro_report *report)
{
    char date[ASTRO__DECIMAL_ROOM];

    for (size_t i = 0; i < n; i++) {
        if (!(ret->date[0][i] < ASTRO__UTC_FIRST_DAY) ||
            !((ret->date[0][i] - ASTRO__UTC_FIRST_DAY) + (ret->date[1][i] + 0.5) < 0.0))
            continue;
        report->failed_row = i;
        return astro_fail(&report->error, ASTRO_OUT_OF_RANGE, field,
                          "%s: JD %s (UT1) is before 1960-01-01, when UTC begins (JD 2436934.5)",
                          field, astro__decimal_text(ut1[0][i] + ut1[1][i], date));
    }
    return true;
}

bool astro__ut1_to_utc(const struct astro__turning *how, const char *field, size_t n,
                       const double *const ut1[2], const struct astro__turned *ret,
                       struct astro_report *report)
{
    if (!how->eop)
        from_given(how, n, ut1, ret);
    else if (!from_table(how, field, n, ut1, ret, report))
        return false;
    return pass_begin(field, n, ut1, ret, report);
}

/* --- parameters --- */

bool astro__turning_begin(const struct astro_value *dut1, const struct astro_value *eop,
                          const struct astro__utc *utc, struct astro__turning *ret,
                          struct astro_error *err)
{
    bool given = dut1 && dut1->present;

    if (given && eop && eop->given)
        return astro_fail(err, ASTRO_CONFLICT, "eop",
                          "eop has no meaning beside dut1: with dut1 no table is looked at");
    *ret = (struct astro__turning){.utc = utc};
    if (given)
        ret->dut1 = dut1->number;
    else
        ret->eop = astro__eop_hold();
    ret->policy = eop ? (enum astro__eop_policy)eop->choice : ASTRO__EOP_PREDICT;
    return true;
}

void astro__turning_end(struct astro__turning *how)
{
    astro__eop_drop(how->eop);
    how->eop = NULL;
}
