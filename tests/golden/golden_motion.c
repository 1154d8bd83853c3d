/*
 * Stars on the move, and what ERFA's own test values say of the tangent plane and the ellipsoids.
 */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- stars_reference.csv: eraPmsafe from J1991.25 to J2026 ---- */

static bool find_star(struct golden_csv *stars, const char *hip)
{
    /* both files are in the order of the Hipparcos numbers */
    while (golden_next(stars)) {
        if (strcmp(stars->cells[0], hip) == 0)
            return true;
    }
    return false;
}

bool golden_motion(void)
{
    const char *file = "stars_reference.csv";
    struct golden known = {
        .file = file, .conversion = "apply_space_motion", .unit = "arcsec", .tolerance = 1e-8};
    /* ERFA's result hangs on rounding where there is no radial velocity */
    struct golden unknown = {.file = file,
                             .conversion = "apply_space_motion, no rv",
                             .unit = "arcsec",
                             .tolerance = 2e-5};
    struct converter c = converter_open("apply_space_motion", "epoch_in=J1991.25&epoch_out=J2026");
    struct golden_csv stars, references;
    bool passed = true;

    golden_open(&stars, "stars.csv",
                "hip,hd,hr,name,ra_deg,dec_deg,parallax_mas,pm_ra_cosdec_mas_yr,pm_dec_mas_yr,"
                "parallax_error_mas,rv_km_s,vmag,b_v,sp_type");
    golden_open(&references, file,
                "hip,gal_l,gal_b,ecl_lon,ecl_lat,fk5_ra,fk5_dec,ra_epoch,dec_epoch,cirs_ra,"
                "cirs_dec,az_obs,alt_obs");
    while (passed && golden_next(&references)) {
        passed = find_star(&stars, references.cells[0]);
        double velocity = golden_number(&stars, 10), got[6];
        double row[8] = {golden_number(&stars, 4),
                         golden_number(&stars, 5),
                         golden_number(&stars, 7),
                         golden_number(&stars, 8),
                         golden_number(&stars, 6),
                         velocity,
                         (double)NAN,
                         (double)NAN};
        convert_row(&c, row, got);
        golden_add(isnan(velocity) || velocity == 0 ? &unknown : &known,
                   golden_apart(got, golden_number(&references, 7), golden_number(&references, 8)));
    }
    golden_close(&stars);
    golden_close(&references);
    converter_close(&c);
    passed = golden_end(&known) && passed;
    return golden_end(&unknown) && passed;
}

/* ---- erfa/erfa_vectors.jsonl ---- */

static bool vectors_passed;

static void check(const char *function, const char *conversion, const char *unit,
                  const double *errors, size_t n, double tolerance)
{
    char label[64];
    struct golden line = {.file = "erfa/erfa_vectors.jsonl",
                          .conversion = label,
                          .unit = unit,
                          .tolerance = tolerance};

    snprintf(label, sizeof label, "%s, %s", conversion, function);
    for (size_t i = 0; i < n; i++)
        golden_add(&line, errors[i]);
    vectors_passed = golden_end(&line) && vectors_passed;
}

/* Two angles in, two out, and the tangent point; degrees of the latter from radians. */
static void tangent(json_t *test, const char *function, const char *conversion, const char *first,
                    const char *second)
{
    json_t *call = golden_call(test, function);
    char parameters[100];
    double tolerance, got[2], errors[2];

    if (!call)
        return;
    double row[2] = {golden_input(call, 0, 0), golden_input(call, 1, 0)};
    snprintf(parameters, sizeof parameters, "unit=rad&ra0=%.17g&dec0=%.17g",
             golden_input(call, 2, 0) * (double)DEG, golden_input(call, 3, 0) * (double)DEG);
    convert_once(conversion, parameters, row, got);
    errors[0] = got[0] - golden_expected(call, first, &tolerance);
    errors[1] = got[1] - golden_expected(call, second, &tolerance);
    check(function, conversion, "rad", errors, 2, 1e-13);
}

/* One call for each ellipsoid, and some that ERFA refuses. */
static void ellipsoid(const json_t *call)
{
    static const char *const names[] = {"wgs84", "grs80", "wgs72"};
    const char *function = json_string_value(json_object_get(call, "function"));
    double tolerance, got[3], errors[3], number = golden_input(call, 0, 0);
    char parameters[60];

    if (!function || !(number >= 1 && number <= 3))
        return;
    snprintf(parameters, sizeof parameters, "unit=rad&ellipsoid=%s", names[(int)number - 1]);
    if (strcmp(function, "eraGd2gc") == 0) {
        double row[3] = {golden_input(call, 1, 0), golden_input(call, 2, 0),
                         golden_input(call, 3, 0)};
        convert_once("geodetic_to_geocentric", parameters, row, got);
        errors[0] = got[0] - golden_expected(call, "xyz[0]", &tolerance);
        errors[1] = got[1] - golden_expected(call, "xyz[1]", &tolerance);
        errors[2] = got[2] - golden_expected(call, "xyz[2]", &tolerance);
        check(function, "geodetic_to_geocentric", "m", errors, 3, tolerance);
    } else if (strcmp(function, "eraGc2gd") == 0) {
        double row[3] = {golden_input(call, 1, 0), golden_input(call, 1, 1),
                         golden_input(call, 1, 2)};
        convert_once("geocentric_to_geodetic", parameters, row, got);
        errors[0] = got[0] - golden_expected(call, "e", &tolerance);
        errors[1] = got[1] - golden_expected(call, "p", &tolerance);
        check(function, "geocentric_to_geodetic", "rad", errors, 2, tolerance);
        errors[2] = got[2] - golden_expected(call, "h", &tolerance);
        check(function, "geocentric_to_geodetic", "m", &errors[2], 1, tolerance);
    }
}

static void ellipsoids(json_t *test)
{
    json_t *call;
    size_t i;

    json_array_foreach(json_object_get(test, "calls"), i, call)
    {
        ellipsoid(call);
    }
}

/* eraPmsafe and eraStarpm, whose motion in right ascension is without the cosine. */
static void space_motion(json_t *test, const char *function)
{
    json_t *call = golden_call(test, function);
    const double mas = 180 * 3600000 / (double)PI_LONG;
    double in[10], tolerance, got[6], errors[6];
    char parameters[120];

    if (!call)
        return;
    for (size_t k = 0; k < 10; k++)
        in[k] = golden_input(call, k, 0);
    snprintf(parameters, sizeof parameters, "unit=rad&epoch_in=J%.15f&epoch_out=J%.15f",
             2000 + (in[6] - 2451545 + in[7]) / 365.25, 2000 + (in[8] - 2451545 + in[9]) / 365.25);
    double row[8] = {in[0],       in[1],        in[2] * cos(in[1]) * mas,
                     in[3] * mas, in[4] * 1000, in[5],
                     (double)NAN, (double)NAN};
    convert_once("apply_space_motion", parameters, row, got);
    errors[0] = got[0] - golden_expected(call, "ra2", &tolerance);
    errors[1] = got[1] - golden_expected(call, "dec2", &tolerance);
    check(function, "apply_space_motion", "rad", errors, 2, 1e-12);
    errors[0] = got[2] / mas / cos(got[1]) - golden_expected(call, "pmr2", &tolerance);
    errors[1] = got[3] / mas - golden_expected(call, "pmd2", &tolerance);
    check(function, "apply_space_motion", "rad/yr", errors, 2, 1e-17);
    errors[0] = got[4] / 1000 - golden_expected(call, "px2", &tolerance);
    check(function, "apply_space_motion", "arcsec", errors, 1, tolerance);
    errors[0] = got[5] - golden_expected(call, "rv2", &tolerance);
    check(function, "apply_space_motion", "km/s", errors, 1, tolerance);
}

static void every(json_t *test)
{
    tangent(test, "eraTpxes", "radec_to_tangent", "xi", "eta");
    tangent(test, "eraTpsts", "tangent_to_radec", "ra", "dec");
    ellipsoids(test);
    space_motion(test, "eraPmsafe");
    space_motion(test, "eraStarpm");
}

bool golden_erfa_more(void)
{
    vectors_passed = true;
    return golden_vectors(every) && vectors_passed;
}
