#include "place.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <string.h>

#include "../ephemeris/ephemeris.h"

#define LEAST_SINE 0.05 /* of the altitude, for refraction */

/* --- the observer --- */

static void set_circles(const struct astro__place_kind *kind, enum astro_unit unit,
                        struct astro__place *place)
{
    struct astro__sky here = astro__sky(ASTRO_HOURS, unit);
    struct astro__sky there =
        astro__sky(kind->frame == ASTRO__ALTAZ ? ASTRO_LONGITUDE : ASTRO_HOURS, unit);

    place->in = kind->back ? there : here;
    place->out = kind->back ? here : there;
}

/* Axes at the site: those of hour angle and declination; upright: south, east, up. */
static void set_local(const struct astro__site *site, struct astro__place *place)
{
    double s = place->sin_lat, c = place->cos_lat;
    double stand[3][3] = {{s, 0.0, -c}, {0.0, 1.0, 0.0}, {c, 0.0, s}};

    eraIr(place->local);
    eraRz(site->lon, place->local);
    if (place->upright)
        eraRxr(stand, place->local, place->local);
}

static void set_site(const struct astro__site *site, const struct astro__air *air,
                     struct astro__place *place)
{
    (void)eraGd2gc(ERFA_WGS84, site->lon, site->lat, site->height, place->site);
    for (size_t k = 0; k < 3; k++)
        place->site[k] /= ERFA_DAU;
    place->sin_lat = sin(site->lat);
    place->cos_lat = cos(site->lat);
    place->refracts = air->refracts;
    place->a = air->a;
    place->b = air->b;
    /* the most that unrefract() turns a direction by, in an air of no planet */
    double most = (fabs(air->a) + fabs(air->b) / (LEAST_SINE * LEAST_SINE)) / LEAST_SINE;
    place->wild = !(most < 0.75);
    place->upright = !place->from_cirs && (place->frame == ASTRO__ALTAZ || place->refracts);
    set_local(site, place);
}

/* --- one time for all rows --- */

static void set_sight(const eraASTROM *astrom, struct astro__sight *ret)
{
    ret->years = astrom->pmt;
    memcpy(ret->position, astrom->eb, sizeof ret->position);
    memcpy(ret->from_sun, astrom->eh, sizeof ret->from_sun);
    memcpy(ret->velocity, astrom->v, sizeof ret->velocity);
    ret->pull = ASTRO__SUN_RADIUS / astrom->em;
    ret->least = ASTRO__LEAST_DEFLECTION / fmax(astrom->em * astrom->em, 1.0);
    ret->slowness = astrom->bm1;
    ret->share = 1.0 / (1.0 + astrom->bm1);
}

/* CIRS to the ITRS at this time. */
static void earth_matrix(const struct astro__moment *moment, double matrix[3][3])
{
    double theta = eraEra00(moment->ut1[0], moment->ut1[1]);

    eraIr(matrix);
    eraRz(theta + eraSp00(moment->tt[0], moment->tt[1]), matrix);
    eraRy(-moment->xp, matrix);
    eraRx(-moment->yp, matrix);
}

/* From the centre of the Earth. */
static void look_from_centre(const double date[2], struct astro__ephemeris *ephemeris,
                             struct astro__place *place)
{
    double still[2][3] = {{0.0}}, moving[2][3];
    eraASTROM astrom;

    memcpy(moving[0], ephemeris->earth, sizeof moving[0]);
    memcpy(moving[1], ephemeris->velocity, sizeof moving[1]);
    eraApcs(date[0], date[1], still, moving, ephemeris->sun_earth, &astrom);
    set_sight(&astrom, &place->sight);
    eraIr(place->matrix);
    if (place->frame > ASTRO__GCRS)
        eraC2ixys(ephemeris->x, ephemeris->y, ephemeris->s, place->matrix);
    if (place->frame == ASTRO__TETE)
        eraRz(ephemeris->eo, place->matrix);
}

static void look_from_site(const struct astro__site *site, struct astro__ephemeris *ephemeris,
                           struct astro__place *place)
{
    const struct astro__moment *moment = &place->moments.one;
    double moving[2][3], earth[3][3];
    eraASTROM astrom;

    memcpy(moving[0], ephemeris->earth, sizeof moving[0]);
    memcpy(moving[1], ephemeris->velocity, sizeof moving[1]);
    eraApco(moment->tt[0], moment->tt[1], moving, ephemeris->sun_earth, ephemeris->x, ephemeris->y,
            ephemeris->s, eraEra00(moment->ut1[0], moment->ut1[1]), site->lon, site->lat,
            site->height, moment->xp, moment->yp, eraSp00(moment->tt[0], moment->tt[1]), 0.0, 0.0,
            &astrom);
    set_sight(&astrom, &place->sight);
    earth_matrix(moment, earth);
    eraRxr(earth, astrom.bpn, earth);
    eraRxr(place->local, earth, place->matrix);
}

static void look_from_cirs(const struct astro__site *site, struct astro__place *place)
{
    const struct astro__moment *moment = &place->moments.one;
    double earth[3][3];
    eraASTROM astrom;

    eraApio(eraSp00(moment->tt[0], moment->tt[1]), eraEra00(moment->ut1[0], moment->ut1[1]),
            site->lon, site->lat, site->height, moment->xp, moment->yp, 0.0, 0.0, &astrom);
    place->diurnal = astrom.diurab;
    earth_matrix(moment, earth);
    eraRxr(place->local, earth, place->matrix);
}

static void look(const struct astro__site *site, struct astro__place *place)
{
    const double *date = place->topocentric ? place->moments.one.tt : place->moments.one.tdb;
    struct astro__ephemeris ephemeris;

    if (place->from_cirs) {
        look_from_cirs(site, place);
        return;
    }
    astro__ephemeris_exact(date[0], date[1], &ephemeris);
    if (place->topocentric)
        look_from_site(site, &ephemeris, place);
    else
        look_from_centre(date, &ephemeris, place);
}

/* --- prepare --- */

static bool take_time(const struct astro__place_values *values, struct astro__place *place,
                      uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__moment_values moment = {.obstime = &values->time[0], .scale = &values->time[1]};
    unsigned needs = ASTRO__NEED_TDB;

    if (place->topocentric) {
        const struct astro_value *orientation = values->site + ASTRO__SITE_COUNT + ASTRO__AIR_COUNT;
        moment.dut1 = &orientation[0];
        moment.xp = &orientation[1];
        moment.yp = &orientation[2];
        moment.eop = &orientation[3];
        needs = ASTRO__NEED_UT1 | ASTRO__NEED_POLE;
    }
    return astro__moments_prepare(&moment, needs, NULL, &place->moments, ret_warnings, err);
}

static void take_epoch(const struct astro_value *epoch, struct astro__place *place)
{
    place->epoch = astro__epoch_date(epoch);
    place->carried = (place->epoch.jd1 - ERFA_DJ00) + place->epoch.jd2 != 0.0;
}

bool astro__place_prepare(const struct astro__place_kind *kind,
                          const struct astro__place_values *values, struct astro__place *ret,
                          uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__site site = {0};

    *ret = (struct astro__place){
        .frame = kind->frame,
        .from_cirs = kind->from_cirs,
        .topocentric = kind->frame == ASTRO__ALTAZ || kind->frame == ASTRO__HADEC,
    };
    set_circles(kind, (enum astro_unit)values->unit->choice, ret);
    if (values->epoch)
        take_epoch(values->epoch, ret);
    if (ret->topocentric) {
        struct astro__air air = astro__air(values->site + ASTRO__SITE_COUNT);
        site = astro__site(values->site);
        set_site(&site, &air, ret);
    }
    if (!take_time(values, ret, ret_warnings, err))
        return false;
    if (!ret->moments.fixed)
        return true;
    look(&site, ret);
    const double *date = ret->moments.one.tt;
    if (!ret->from_cirs && astro__extrapolated(ASTRO__MODEL_POSITION, 1, &date[0], &date[1]))
        *ret_warnings |= 1u << ASTRO_WARN_EXTRAPOLATED;
    return true;
}

void astro__place_release(void *place)
{
    astro__moments_release(&((struct astro__place *)place)->moments);
}
