#include "axes.h"

#include <math.h>
#include <string.h>

#include "../registry/text.h"

enum { QUOTE_ROOM = 40, TYPE_LENGTH = 8, CODE_AT = 5 };

enum kind { NOT_CELESTIAL, IS_LONGITUDE, IS_LATITUDE };

/* Those of wcslib; NCP and GLS are older names of SIN and SFL, TPV is TAN with a polynomial. */
static const char codes[][4] = {
    "AZP", "SZP", "TAN", "STG", "SIN", "ARC", "ZPN", "ZEA", "AIR", "CYP", "CEA",
    "CAR", "MER", "COP", "COE", "COD", "COO", "SFL", "PAR", "MOL", "AIT", "BON",
    "PCO", "TSC", "CSC", "QSC", "HPX", "XPH", "NCP", "GLS", "TPV",
};

/* RA--, DEC-, xLON, xLAT, xyLN, xyLT. */
static enum kind kind_of(const char *ctype)
{
    if (strnlen(ctype, TYPE_LENGTH) < TYPE_LENGTH || ctype[4] != '-')
        return NOT_CELESTIAL;
    if (memcmp(ctype, "RA--", 4) == 0 || memcmp(ctype + 1, "LON", 3) == 0 ||
        memcmp(ctype + 2, "LN", 2) == 0)
        return IS_LONGITUDE;
    if (memcmp(ctype, "DEC-", 4) == 0 || memcmp(ctype + 1, "LAT", 3) == 0 ||
        memcmp(ctype + 2, "LT", 2) == 0)
        return IS_LATITUDE;
    return NOT_CELESTIAL;
}

static bool fail_type(const struct astro__wcs_header *h, int axis, const char *why,
                      struct astro_error *err)
{
    char quoted[QUOTE_ROOM];
    const char *ctype = h->axis[axis].ctype;

    return astro_fail(err, ASTRO_BAD_HEADER, h->parameter, "%s: CTYPE%d = %s %s", h->parameter,
                      axis + 1, astro__quote(ctype, strlen(ctype), quoted, sizeof quoted), why);
}

static bool find_pair(struct astro__wcs_header *h, struct astro_error *err)
{
    h->lon = h->lat = -1;
    for (int i = 0; i < ASTRO__WCS_AXES; i++) {
        enum kind kind = kind_of(h->axis[i].ctype);
        if (strcmp(h->axis[i].ctype, "CUBEFACE") == 0)
            return fail_type(h, i, "is not read: lay the faces out in the plane", err);
        if (kind == NOT_CELESTIAL)
            continue;
        int *slot = kind == IS_LONGITUDE ? &h->lon : &h->lat;
        if (*slot >= 0)
            return fail_type(
                h, i, kind == IS_LONGITUDE ? "is a second longitude" : "is a second latitude", err);
        *slot = i;
    }
    if (h->lon >= 0 && h->lat >= 0)
        return true;
    if (h->lon >= 0 || h->lat >= 0)
        return fail_type(h, h->lon >= 0 ? h->lon : h->lat, "has no partner among the axes", err);
    return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                      "%s has no celestial axes: CTYPE1 and CTYPE2 must say what they are, as "
                      "'RA---TAN' and 'DEC--TAN'",
                      h->parameter);
}

/* Whether the two types are of one system: RA with DEC, GLON with GLAT, HPLN with HPLT. */
static bool are_partners(const char *lon, const char *lat)
{
    if (memcmp(lon, "RA--", 4) == 0 || memcmp(lat, "DEC-", 4) == 0)
        return memcmp(lon, "RA--", 4) == 0 && memcmp(lat, "DEC-", 4) == 0;
    if (memcmp(lon + 1, "LON", 3) == 0)
        return lon[0] == lat[0] && memcmp(lat + 1, "LAT", 3) == 0;
    return memcmp(lon, lat, 2) == 0 && memcmp(lat + 2, "LT", 2) == 0;
}

static bool check_code(struct astro__wcs_header *h, int axis, struct astro_error *err)
{
    const char *ctype = h->axis[axis].ctype;
    const char *tail = ctype + TYPE_LENGTH;
    bool known = false;

    for (size_t i = 0; i < sizeof codes / sizeof codes[0] && !known; i++)
        known = memcmp(ctype + CODE_AT, codes[i], 3) == 0;
    if (memcmp(ctype + CODE_AT, "TAB", 3) == 0)
        return fail_type(h, axis, "is a table, which the header alone does not hold", err);
    if (!known)
        return fail_type(h, axis, "has a projection that is not known here", err);
    if (strcmp(tail, "-SIP") == 0)
        h->has_sip = true;
    else if (*tail)
        return fail_type(h, axis, "has a distortion that is not known here; -SIP is", err);
    return true;
}

bool astro__wcs_axes_find(struct astro__wcs_header *h, struct astro_error *err)
{
    if (!find_pair(h, err) || !check_code(h, h->lon, err) || !check_code(h, h->lat, err))
        return false;
    const char *lon = h->axis[h->lon].ctype, *lat = h->axis[h->lat].ctype;
    if (!are_partners(lon, lat) || strcmp(lon + TYPE_LENGTH, lat + TYPE_LENGTH) != 0 ||
        memcmp(lon + CODE_AT, lat + CODE_AT, 3) != 0)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: CTYPE%d = '%.12s' and CTYPE%d = '%.12s' do not belong together",
                          h->parameter, h->lon + 1, lon, h->lat + 1, lat);
    memcpy(h->projection, lon + CODE_AT, 3);
    return true;
}

/* --- SIP --- */

static bool has_terms(const struct astro__sip_header *sip)
{
    for (int p = 0; p <= ASTRO__SIP_MOST_ORDER; p++) {
        for (int q = 0; q <= ASTRO__SIP_MOST_ORDER; q++) {
            if (sip->term[p][q].given)
                return true;
        }
    }
    return false;
}

static bool check_terms(const struct astro__wcs_header *h, int k, struct astro_error *err)
{
    const struct astro__sip_header *sip = &h->sip[k];
    char letter = (char)('A' + k);

    if (!sip->order.given)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: %c_ORDER is missing: SIP needs A_ORDER and B_ORDER", h->parameter,
                          letter);
    if (!(sip->order.value >= 0 && sip->order.value <= ASTRO__SIP_MOST_ORDER) ||
        sip->order.value != floor(sip->order.value))
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: %c_ORDER must be a whole number from 0 to %d", h->parameter, letter,
                          ASTRO__SIP_MOST_ORDER);
    for (int p = 0; p <= ASTRO__SIP_MOST_ORDER; p++) {
        for (int q = 0; q <= ASTRO__SIP_MOST_ORDER; q++) {
            if (p + q > (int)sip->order.value && sip->term[p][q].value != 0.0)
                return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                                  "%s: %c_%d_%d is beyond %c_ORDER = %d", h->parameter, letter, p,
                                  q, letter, (int)sip->order.value);
        }
    }
    return true;
}

bool astro__wcs_sip_check(struct astro__wcs_header *h, struct astro_error *err)
{
    for (int k = 0; k < 2; k++)
        h->has_sip = h->has_sip || h->sip[k].order.given || has_terms(&h->sip[k]);
    if (!h->has_sip)
        return true;
    if (h->lon > 1 || h->lat > 1)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: SIP is for axes 1 and 2, but the celestial axes are %d and %d",
                          h->parameter, h->lon + 1, h->lat + 1);
    if (memcmp(h->projection, "TPV", 3) == 0)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s has both SIP and TPV: leave one of them out", h->parameter);
    return check_terms(h, 0, err) && check_terms(h, 1, err);
}
