/*
 * Places: the worked example of the SOFA cookbook, real stars, and ERFA's own test values; with one
 * time for all rows and with a time per row.
 */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <erfa.h>
#include <erfam.h>

#define TO_DEGREES ((double)DEG)

enum { STAR = 6, MOST = STAR + 3 };

/*
 * One position (and motion) through a conversion at a time, twice: `time` says obstime=..., `date` is
 * the same time in two parts. Input k is absent where it is NaN.
 */
static void twice(const char *name, const char *parameters, const char *time, const char *scale,
                  const double date[2], const double *in, size_t n, double got[2][2])
{
    char all[600];
    double row[MOST];

    for (size_t k = 0; k < MOST; k++)
        row[k] = k < n ? in[k] : (double)NAN;
    snprintf(all, sizeof all, "%s%s&scale=%s&obstime=%s", parameters, *parameters ? "" : "unit=deg",
             scale, time);
    convert_once(name, all, row, got[0]);
    row[n] = date[0];
    row[n + 1] = date[1];
    row[n + 2] = (double)NAN;
    snprintf(all, sizeof all, "%s%s&scale=%s", parameters, *parameters ? "" : "unit=deg", scale);
    convert_once(name, all, row, got[1]);
}

/* ---- frames/sofa_star.csv ---- */

/* [-]dd:mm:ss.f */
static double sexagesimal(const char *text)
{
    double part[3] = {0};
    bool minus = *text == '-';
    char *end = NULL;

    text += minus;
    for (size_t k = 0; k < 3; k++) {
        part[k] = strtod(text, &end);
        text = end + (*end == ':');
    }
    double value = part[0] + part[1] / 60 + part[2] / 3600;
    return minus ? -value : value;
}

#define COOKBOOK_TIME "2013-04-02T23:15:43.55"
#define COOKBOOK_AIR  "&pressure=952&temperature=18.5&relative_humidity=0.83&obswl=0.55"

static double cookbook_site[3]; /* longitude, latitude, degrees; height */
static double cookbook_date[2];

static const char *cookbook_where(const char *air)
{
    static char room[300];

    cookbook_site[0] = sexagesimal("-5:41:54.2");
    cookbook_site[1] = sexagesimal("-15:57:42.8");
    cookbook_site[2] = 625;
    snprintf(room, sizeof room,
             "lon=%.17g&lat=%.17g&height=625&dut1=0.1550675&xp=0.050995&yp=0.376723%s",
             cookbook_site[0], cookbook_site[1], air);
    return room;
}

/* The local rotation angle of the Earth, degrees: observed ra = this - ha. */
static double local_angle(void)
{
    eraASTROM astrom;

    (void)eraApio13(cookbook_date[0], cookbook_date[1], 0.1550675, cookbook_site[0] / TO_DEGREES,
                    cookbook_site[1] / TO_DEGREES, 625, 0.050995 * ERFA_DAS2R,
                    0.376723 * ERFA_DAS2R, 0, 0, 0, 0.55, &astrom);
    return astrom.eral * TO_DEGREES;
}

struct step {
    const char *step, *conversion, *air;
    double tolerance; /* arcsec */
};

static const struct step steps[] = {
    {"catalog_to_astrometric", "icrs_to_astrometric", NULL, 2e-6},
    {"catalog_to_cirs", "icrs_to_cirs", NULL, 2e-6},
    {"geocentric_apparent_equinox", "icrs_to_tete", NULL, 2e-6},
    {"cirs_to_astrometric", "cirs_to_icrs", NULL, 2e-6},
    {"icrs_to_observed", "icrs_to_hadec", COOKBOOK_AIR, 2e-6},
    {"cirs_to_topocentric_no_refraction", "icrs_to_hadec", "", 2e-5},
};

static bool cookbook_step(const struct step *step, const double star[STAR], const double cirs[2],
                          double ra, double dec)
{
    bool back = strcmp(step->conversion, "cirs_to_icrs") == 0;
    char label[64];
    struct golden line = {.file = "frames/sofa_star.csv",
                          .conversion = label,
                          .unit = "arcsec",
                          .tolerance = step->tolerance};
    double got[2][2];

    snprintf(label, sizeof label, "%s%s", step->conversion,
             step->air && !*step->air ? ", no air" : "");
    twice(step->conversion, step->air ? cookbook_where(step->air) : "", COOKBOOK_TIME, "utc",
          cookbook_date, back ? cirs : star, back ? 2 : STAR, got);
    for (size_t k = 0; k < 2; k++) {
        if (step->air)
            got[k][0] = local_angle() - got[k][0];
        golden_add(&line, golden_apart(got[k], ra, dec));
    }
    return golden_end(&line);
}

static bool cookbook(void)
{
    double star[STAR] = {0, 0, -354.45, 595.35, 164.99, 0}, cirs[2] = {0};
    struct golden_csv csv;
    bool passed = true;

    (void)eraDtf2d("UTC", 2013, 4, 2, 23, 15, 43.55, &cookbook_date[0], &cookbook_date[1]);
    golden_open(&csv, "frames/sofa_star.csv", "step,ra,dec");
    while (golden_next(&csv)) {
        double ra = 15 * sexagesimal(csv.cells[1]), dec = sexagesimal(csv.cells[2]);
        if (strcmp(csv.cells[0], "icrs_epoch_j2000") == 0) {
            star[0] = ra;
            star[1] = dec;
        }
        if (strcmp(csv.cells[0], "catalog_to_cirs") == 0) {
            cirs[0] = ra;
            cirs[1] = dec;
        }
        for (size_t i = 0; i < LENGTH(steps); i++) {
            if (strcmp(csv.cells[0], steps[i].step) == 0)
                passed = cookbook_step(&steps[i], star, cirs, ra, dec) && passed;
        }
    }
    golden_close(&csv);
    return passed;
}

/* ---- stars_reference.csv ---- */

#define REFERENCE_TIME "2024-03-20T04:05:06.789"
#define REFERENCE_SITE                                                                             \
    "lon=-70.7366833&lat=-30.240741&height=2722&dut1=-0.0092091&xp=-0.013322&yp=0.313341&"         \
    "pressure=731&temperature=12.8&relative_humidity=0.59&obswl=0.55&epoch=J1991.25"

static void star_place(struct golden lines[2], const char *conversion, const char *parameters,
                       const double row[STAR], double lon, double lat)
{
    double date[2], got[2][2];
    bool unknown = isnan(row[5]) || row[5] == 0;

    (void)eraDtf2d("UTC", 2024, 3, 20, 4, 5, 6.789, &date[0], &date[1]);
    twice(conversion, parameters, REFERENCE_TIME, "utc", date, row, STAR, got);
    for (size_t k = 0; k < 2; k++)
        golden_add(&lines[unknown], golden_apart(got[k], lon, lat));
}

static bool real_stars(void)
{
    const char *file = "stars_reference.csv";
    /* the reference has TT for TDB; and ERFA's result hangs on rounding without a radial velocity */
    struct golden cirs[2] = {{file, "icrs_to_cirs", "arcsec", 3e-8, 0, 0},
                             {file, "icrs_to_cirs, no rv", "arcsec", 2e-5, 0, 0}};
    struct golden altaz[2] = {{file, "icrs_to_altaz", "arcsec", 1e-8, 0, 0},
                              {file, "icrs_to_altaz, no rv", "arcsec", 2e-5, 0, 0}};
    struct golden_csv stars, references;
    bool passed = true;

    golden_open(&stars, "stars.csv",
                "hip,hd,hr,name,ra_deg,dec_deg,parallax_mas,pm_ra_cosdec_mas_yr,pm_dec_mas_yr,"
                "parallax_error_mas,rv_km_s,vmag,b_v,sp_type");
    golden_open(&references, file,
                "hip,gal_l,gal_b,ecl_lon,ecl_lat,fk5_ra,fk5_dec,ra_epoch,dec_epoch,cirs_ra,"
                "cirs_dec,az_obs,alt_obs");
    while (golden_next(&references)) {
        do /* both files are in the order of the Hipparcos numbers */
            passed = golden_next(&stars);
        while (passed && strcmp(stars.cells[0], references.cells[0]) != 0);
        if (!passed)
            break;
        double row[STAR] = {golden_number(&stars, 4), golden_number(&stars, 5),
                            golden_number(&stars, 7), golden_number(&stars, 8),
                            golden_number(&stars, 6), golden_number(&stars, 10)};
        star_place(cirs, "icrs_to_cirs", "epoch=J1991.25", row, golden_number(&references, 9),
                   golden_number(&references, 10));
        star_place(altaz, "icrs_to_altaz", REFERENCE_SITE, row, golden_number(&references, 11),
                   golden_number(&references, 12));
    }
    golden_close(&stars);
    golden_close(&references);
    for (size_t k = 0; k < 2; k++) {
        passed = golden_end(&cirs[k]) && passed;
        passed = golden_end(&altaz[k]) && passed;
    }
    return passed;
}

/* ---- erfa/erfa_vectors.jsonl ---- */

static bool vectors_passed;

/* The time and the site of a call, from input k on: two parts, then what eraApco13 takes. */
struct setting {
    double date[2];
    char time[40], parameters[500];
};

static struct setting setting_of(const json_t *call, size_t k, bool site)
{
    struct setting s = {.date = {golden_input(call, k, 0), golden_input(call, k + 1, 0)}};
    double v[12];

    snprintf(s.time, sizeof s.time, "JD%.9f", s.date[0] + s.date[1]);
    snprintf(s.parameters, sizeof s.parameters, "unit=rad");
    if (!site)
        return s;
    for (size_t i = 0; i < 10; i++)
        v[i] = golden_input(call, k + 2 + i, 0);
    snprintf(s.parameters, sizeof s.parameters,
             "unit=rad&dut1=%.17g&lon=%.17g&lat=%.17g&height=%.17g&xp=%.17g&yp=%.17g&"
             "pressure=%.17g&temperature=%.17g&relative_humidity=%.17g&obswl=%.17g",
             v[0], v[1] * TO_DEGREES, v[2] * TO_DEGREES, v[3], v[4] / ERFA_DAS2R, v[5] / ERFA_DAS2R,
             v[6], v[7], v[8], v[9]);
    return s;
}

static void compare(const json_t *call, const char *conversion, const struct setting *s,
                    const char *scale, const double *in, size_t n, const char *lon, const char *lat)
{
    const char *function = json_string_value(json_object_get(call, "function"));
    double got[2][2], tolerance;
    char label[64];

    snprintf(label, sizeof label, "%s, %s", conversion, function);
    double wanted[2] = {golden_expected(call, lon, &tolerance),
                        golden_expected(call, lat, &tolerance)};
    struct golden line = {.file = "erfa/erfa_vectors.jsonl",
                          .conversion = label,
                          .unit = "rad",
                          .tolerance = tolerance};
    if (strcmp(lat, "zob") == 0)
        wanted[1] = ERFA_DPI / 2 - wanted[1];
    twice(conversion, s->parameters, s->time, scale, s->date, in, n, got);
    for (size_t k = 0; k < 2; k++) {
        golden_add(&line, remainder(got[k][0] - wanted[0], ERFA_D2PI));
        golden_add(&line, got[k][1] - wanted[1]);
    }
    vectors_passed = golden_end(&line) && vectors_passed;
}

static void star_of(const json_t *call, double row[STAR])
{
    for (size_t k = 0; k < STAR; k++)
        row[k] = golden_input(call, k, 0);
    row[2] *= cos(row[1]) / ERFA_DMAS2R;
    row[3] /= ERFA_DMAS2R;
    row[4] *= 1000;
}

static void stars_out(json_t *test)
{
    json_t *atcc = golden_call(test, "eraAtcc13"), *atci = golden_call(test, "eraAtci13"),
           *atco = golden_call(test, "eraAtco13");
    double row[STAR];

    if (atcc && strcmp(json_string_value(json_object_get(test, "test")), "atcc13") == 0) {
        struct setting s = setting_of(atcc, 6, false);
        star_of(atcc, row);
        compare(atcc, "icrs_to_astrometric", &s, "tdb", row, STAR, "ra", "da");
    }
    if (atci && strcmp(json_string_value(json_object_get(test, "test")), "atci13") == 0) {
        struct setting s = setting_of(atci, 6, false);
        star_of(atci, row);
        compare(atci, "icrs_to_cirs", &s, "tdb", row, STAR, "ri", "di");
    }
    if (atco) {
        struct setting s = setting_of(atco, 6, true);
        star_of(atco, row);
        compare(atco, "icrs_to_altaz", &s, "utc", row, STAR, "aob", "zob");
        compare(atco, "icrs_to_hadec", &s, "utc", row, STAR, "hob", "dob");
    }
}

/* Observed places: the first input says which kind, and that of right ascensions has no conversion. */
static void observed_in(const json_t *call, const char *altaz, const char *hadec, const char *lon,
                        const char *lat)
{
    const json_t *kind = json_array_get(json_array_get(json_object_get(call, "inputs"), 0), 1);
    struct setting s = setting_of(call, 3, true);
    double row[2] = {golden_input(call, 1, 0), golden_input(call, 2, 0)};

    if (strcmp(json_string_value(kind), "A") == 0) {
        row[1] = ERFA_DPI / 2 - row[1];
        compare(call, altaz, &s, "utc", row, 2, lon, lat);
    }
    if (hadec && strcmp(json_string_value(kind), "H") == 0)
        compare(call, hadec, &s, "utc", row, 2, lon, lat);
}

static void places_in(json_t *test)
{
    json_t *call;
    size_t i;

    json_array_foreach(json_object_get(test, "calls"), i, call)
    {
        const char *function = json_string_value(json_object_get(call, "function"));
        if (strcmp(function, "eraAtoc13") == 0)
            observed_in(call, "altaz_to_icrs", "hadec_to_icrs", "rc", "dc");
        if (strcmp(function, "eraAtoi13") == 0)
            observed_in(call, "altaz_to_cirs", NULL, "ri", "di");
        double row[2] = {golden_input(call, 0, 0), golden_input(call, 1, 0)};
        if (strcmp(function, "eraAtic13") == 0) {
            struct setting s = setting_of(call, 2, false);
            compare(call, "cirs_to_icrs", &s, "tdb", row, 2, "rc", "dc");
        }
        if (strcmp(function, "eraAtio13") == 0) {
            struct setting s = setting_of(call, 2, true);
            compare(call, "cirs_to_altaz", &s, "utc", row, 2, "aob", "zob");
        }
    }
}

static void every(json_t *test)
{
    stars_out(test);
    places_in(test);
}

bool golden_places(void)
{
    bool passed = cookbook();

    vectors_passed = true;
    passed = real_stars() && passed;
    return golden_vectors(every) && vectors_passed && passed;
}
