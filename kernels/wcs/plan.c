/*
 * Makes the steps of wcs.h of a header. wcslib checks the projection, its parameters and the
 * position of the native pole, and forms the matrix of whatever the header gives.
 */
#include <math.h>
#include <string.h>

#include <wcslib/wcs.h>

#include "../registry/text.h"
#include "wcs.h"

enum { PAIR = 2, MOST_ON_LONGITUDE = 4, MOST_ON_LATITUDE = 29, QUOTE_ROOM = 40 };

/* The end of Newton's iteration, in pixels; it is quadratic, so the last step leaves far less. */
#define LAST_STEP 1e-9

/* Of a matrix whose rows are all but parallel nothing can be said. */
#define SINGULAR 1e-13

/* --- one axis after the other, in the order of the header --- */

/* Degrees in the unit of an axis; 0: not known. */
static double degrees_in(const char *cunit)
{
    static const struct {
        const char *word;
        double degrees;
    } units[] = {
        {"", 1.0},
        {"deg", 1.0},
        {"degree", 1.0},
        {"degrees", 1.0},
        {"arcmin", 1.0 / 60.0},
        {"arcsec", 1.0 / 3600.0},
        {"mas", 1.0 / 3600e3},
        {"uas", 1.0 / 3600e6},
        {"rad", ASTRO__WCS_RADIUS},
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (astro__same_word(cunit, strlen(cunit), units[i].word))
            return units[i].degrees;
    }
    return 0.0;
}

/* -1 when the header's axis i is not the one or the other. */
static int place_of(const struct astro__wcs_header *h, int i)
{
    if (i != h->lon && i != h->lat)
        return -1;
    return i > (i == h->lon ? h->lat : h->lon);
}

static void fill_matrix(struct wcsprm *wcs, const struct astro__wcs_header *h, int i, double unit)
{
    const struct astro__wcs_axis *axis = &h->axis[i];
    int row = place_of(h, i);

    for (int j = 0; j < ASTRO__WCS_AXES; j++) {
        int column = place_of(h, j);
        wcs->altlin |= axis->pc[j].given ? 1 : 0;
        wcs->altlin |= axis->cd[j].given ? 2 : 0;
        if (column < 0)
            continue;
        if (axis->pc[j].given)
            wcs->pc[PAIR * row + column] = axis->pc[j].value;
        wcs->cd[PAIR * row + column] = axis->cd[j].value * unit;
    }
    if (axis->cdelt.given)
        wcs->cdelt[row] = axis->cdelt.value;
    wcs->cdelt[row] *= unit;
    wcs->crota[row] = axis->crota.value;
    wcs->altlin |= axis->crota.given ? 4 : 0;
}

static bool fill_axis(struct wcsprm *wcs, const struct astro__wcs_header *h, int i,
                      struct astro_error *err)
{
    const struct astro__wcs_axis *axis = &h->axis[i];
    int row = place_of(h, i);
    double unit = degrees_in(axis->cunit);
    char quoted[QUOTE_ROOM];

    if (unit == 0.0)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: CUNIT%d = %s is not one of deg, arcmin, arcsec, mas, uas, rad",
                          h->parameter, i + 1,
                          astro__quote(axis->cunit, strlen(axis->cunit), quoted, sizeof quoted));
    double value = axis->crval.value * unit;
    if (i == h->lat && fabs(value) > 90.0)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: CRVAL%d, a latitude, is outside [-90, 90] deg", h->parameter, i + 1);
    fill_matrix(wcs, h, i, unit);
    wcs->crpix[row] = axis->crpix.value;
    wcs->crval[row] = i == h->lon ? fmod(value, 360.0) : value;
    memcpy(wcs->ctype[row], axis->ctype, 8); /* without -SIP, which is not wcslib's business here */
    wcs->ctype[row][8] = '\0';
    if (memcmp(h->projection, "TPV", 3) == 0)
        memcpy(wcs->ctype[row] + 5, "TAN", 3); /* nor is the polynomial */
    return true;
}

static bool fill_parameters(struct wcsprm *wcs, const struct astro__wcs_header *h, int i,
                            struct astro_error *err)
{
    int most = i == h->lon ? MOST_ON_LONGITUDE : MOST_ON_LATITUDE;

    if (memcmp(h->projection, "TPV", 3) == 0)
        return true;
    for (int m = 0; m < ASTRO__WCS_PV; m++) {
        if (!h->axis[i].pv[m].given)
            continue;
        if (m > most)
            return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                              "%s: PV%d_%d has no meaning with CTYPE%d = '%s': parameters of a "
                              "polynomial need the projection TPV",
                              h->parameter, i + 1, m, i + 1, h->axis[i].ctype);
        wcs->pv[wcs->npv++] =
            (struct pvcard){.i = place_of(h, i) + 1, .m = m, .value = h->axis[i].pv[m].value};
    }
    return true;
}

static bool fill(struct wcsprm *wcs, const struct astro__wcs_header *h, struct astro_error *err)
{
    if (h->lonpole.given)
        wcs->lonpole = h->lonpole.value;
    if (h->latpole.given)
        wcs->latpole = h->latpole.value;
    if (!fill_axis(wcs, h, h->lon, err) || !fill_axis(wcs, h, h->lat, err))
        return false;
    if ((wcs->altlin & 3) == 3)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s has both PCi_j and CDi_j, which FITS forbids: leave the one out that "
                          "is not meant",
                          h->parameter);
    return fill_parameters(wcs, h, h->lon, err) && fill_parameters(wcs, h, h->lat, err);
}

/* --- what is kept of wcslib's struct --- */

static bool fail_singular(const struct astro__wcs_header *h, struct astro_error *err)
{
    return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                      "%s: the matrix from pixels to degrees (CDi_j, or PCi_j and CDELTi) is "
                      "singular",
                      h->parameter);
}

static bool take_matrix(struct astro__wcs *to, const struct wcsprm *wcs,
                        const struct astro__wcs_header *h, struct astro_error *err)
{
    double(*m)[2] = to->matrix;

    for (int k = 0; k < PAIR; k++) {
        int row = k == 0 ? wcs->lng : wcs->lat;
        for (int j = 0; j < PAIR; j++)
            m[k][j] = wcs->lin.cdelt[row] * wcs->lin.pc[PAIR * row + j];
    }
    double det = m[0][0] * m[1][1] - m[0][1] * m[1][0];
    double size = fabs(m[0][0] * m[1][1]) + fabs(m[0][1] * m[1][0]);
    if (!(fabs(det) > SINGULAR * size) || !isfinite(1.0 / det))
        return fail_singular(h, err);
    to->inverse[0][0] = m[1][1] / det;
    to->inverse[0][1] = -m[0][1] / det;
    to->inverse[1][0] = -m[1][0] / det;
    to->inverse[1][1] = m[0][0] / det;
    return true;
}

/*
 * A direction given by its place (x, y) in the tangent plane is, in the native sphere, along
 * (-y, x, radius); the native pole is at (euler[0], 90 - euler[1]), euler[2] is LONPOLE.
 */
static void make_frame(struct astro__wcs *to)
{
    const double *euler = to->cel.euler;
    double sin_lon, cos_lon, sin_pole, cos_pole, sin_dec, cos_dec;

    astro__sincos_degrees(euler[0], &sin_lon, &cos_lon);
    if (to->cel.theta0 == 90.0) /* the native pole is the reference point itself */
        astro__sincos_degrees(to->cel.ref[1], &sin_dec, &cos_dec);
    else
        astro__sincos_degrees(euler[1], &cos_dec, &sin_dec);
    astro__sincos_degrees(euler[2], &sin_pole, &cos_pole);
    /* The native axes in a frame turned so that the pole has longitude 0. */
    const double native[3][3] = {
        {-sin_dec * cos_pole, -sin_dec * sin_pole, cos_dec},
        {sin_pole, -cos_pole, 0.0},
        {cos_dec * cos_pole, cos_dec * sin_pole, sin_dec},
    };
    for (int k = 0; k < 3; k++) {
        double x = native[0][k] * cos_lon - native[1][k] * sin_lon;
        double y = native[0][k] * sin_lon + native[1][k] * cos_lon;
        int column = k == 0 ? 1 : k == 1 ? 0 : 2;
        double sign = k == 0 ? -1.0 : 1.0;
        to->frame[0][column] = sign * x;
        to->frame[1][column] = sign * y;
        to->frame[2][column] = sign * native[2][k];
    }
}

static bool take(struct astro__wcs *to, const struct wcsprm *wcs, const struct astro__wcs_header *h,
                 int64_t origin, struct astro_error *err)
{
    for (int k = 0; k < PAIR; k++)
        to->reference[k] = wcs->crpix[k] - (double)(1 - origin);
    to->cel = wcs->cel;
    to->cel.err = NULL;
    to->cel.prj.err = NULL;
    to->tangent =
        strcmp(to->cel.prj.code, "TAN") == 0 && to->cel.prj.x0 == 0.0 && to->cel.prj.y0 == 0.0;
    if (to->tangent)
        make_frame(to);
    return take_matrix(to, wcs, h, err);
}

static bool set_up(struct astro__wcs *to, struct wcsprm *wcs, const struct astro__wcs_header *h,
                   int64_t origin, struct astro_error *err)
{
    if (!fill(wcs, h, err))
        return false;
    int status = wcsset(wcs);
    if (status == WCSERR_MEMORY)
        return astro_fail(err, ASTRO_OVERLOADED, NULL, "out of memory; try again");
    if (status == WCSERR_SINGULAR_MTX)
        return fail_singular(h, err);
    if (status != WCSERR_SUCCESS)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter, "%s: wcslib: %s (projection %s)",
                          h->parameter, wcs_errmsg[status], h->projection);
    if (wcs->lng < 0 || wcs->lat < 0)
        return astro_fail(err, ASTRO_BAD_HEADER, h->parameter,
                          "%s: wcslib finds no celestial axes in it", h->parameter);
    return take(to, wcs, h, origin, err);
}

/* --- distortions --- */

static void take_sip(struct astro__wcs *to, const struct astro__wcs_header *h)
{
    struct astro__surface *surface = &to->surface;

    to->distortion = ASTRO__DISTORTED_PIXELS;
    surface->order = (int)fmax(fmax(h->sip[0].order.value, h->sip[1].order.value), 1.0);
    surface->tolerance = LAST_STEP;
    for (int k = 0; k < PAIR; k++) {
        for (int p = 0; p <= surface->order; p++) {
            for (int q = 0; p + q <= surface->order; q++)
                surface->term[k][p][q] = h->sip[k].term[p][q].value;
        }
    }
    surface->term[0][1][0] += 1.0;
    surface->term[1][0][1] += 1.0;
}

/* The m-th coefficient of TPV, of own^p other^q or, when p is negative, of a power of r. */
static void tpv_powers(int m, int *ret_p, int *ret_q)
{
    static const int first[] = {0, 1, 4, 7, 12, 17, 24, 31}; /* of each degree */
    int degree = 7;

    while (first[degree] > m)
        degree--;
    *ret_q = m - first[degree];
    *ret_p = degree - *ret_q;
}

static void take_tpv(struct astro__wcs *to, const struct astro__wcs_header *h)
{
    struct astro__surface *surface = &to->surface;
    double scale = sqrt(fabs(to->matrix[0][0] * to->matrix[1][1] -
                             to->matrix[0][1] * to->matrix[1][0])); /* degrees in a pixel */

    to->distortion = ASTRO__DISTORTED_PLANE;
    surface->order = 1;
    surface->tolerance = LAST_STEP * scale;
    for (int k = 0; k < PAIR; k++) {
        const struct astro__wcs_number *pv = h->axis[k == 0 ? h->lon : h->lat].pv;
        for (int m = 0; m < ASTRO__WCS_PV; m++) {
            int p, q;
            double value = m == 1 && !pv[m].given ? 1.0 : pv[m].value;
            tpv_powers(m, &p, &q);
            if (p < 0) {
                surface->radial[k][(p + q) / 2] = value;
                surface->has_radial = surface->has_radial || value != 0.0;
            } else {
                surface->term[k][k == 0 ? p : q][k == 0 ? q : p] = value;
                if (value != 0.0 && p + q > surface->order)
                    surface->order = p + q;
            }
        }
    }
}

/* --- all of it --- */

/*
 * The arrays of a wcsprm. Ours, on the stack: wcsinit() would allocate them one by one, and forget those it has
 * when there is no memory for the next.
 */
struct arrays {
    double crpix[PAIR], pc[PAIR * PAIR], cdelt[PAIR], crval[PAIR], cd[PAIR * PAIR], crota[PAIR];
    double crder[PAIR], csyer[PAIR], czphs[PAIR], cperi[PAIR];
    char cunit[PAIR][72], ctype[PAIR][72], cname[PAIR][72];
    int colax[PAIR];
    struct pvcard pv[PAIR * ASTRO__WCS_PV];
};

static bool begin(struct wcsprm *wcs, struct arrays *arrays)
{
    *wcs = (struct wcsprm){
        .flag = -1,
        .crpix = arrays->crpix,
        .pc = arrays->pc,
        .cdelt = arrays->cdelt,
        .crval = arrays->crval,
        .cd = arrays->cd,
        .crota = arrays->crota,
        .crder = arrays->crder,
        .csyer = arrays->csyer,
        .czphs = arrays->czphs,
        .cperi = arrays->cperi,
        .cunit = arrays->cunit,
        .ctype = arrays->ctype,
        .cname = arrays->cname,
        .colax = arrays->colax,
        .pv = arrays->pv,
    };
    return wcsinit(0, PAIR, wcs, PAIR * ASTRO__WCS_PV, 0, 0) == WCSERR_SUCCESS;
}

bool astro__wcs_make(struct astro__wcs *wcs, const struct astro__wcs_header *header,
                     enum astro_unit unit, int64_t origin, struct astro_error *err)
{
    struct arrays arrays;
    struct wcsprm whole;

    memset(wcs, 0, sizeof *wcs);
    wcs->sky = astro__sky(ASTRO_LONGITUDE, unit);
    if (!begin(&whole, &arrays))
        return astro_fail(err, ASTRO_INTERNAL, NULL, "wcslib does not begin");
    bool made = set_up(wcs, &whole, header, origin, err);
    wcsfree(&whole);
    if (made && header->has_sip)
        take_sip(wcs, header);
    if (made && memcmp(header->projection, "TPV", 3) == 0)
        take_tpv(wcs, header);
    return made;
}
