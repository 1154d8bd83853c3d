/*
 * Places: every conversion against ERFA's own routine at random stars, times and sites, with one time
 * for all rows and with a time per row (where the rounding of eraEra00, 1e-8 arcsec, adds to ours).
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <erfa.h>
#include <erfam.h>

enum { SCENES = 24, STARS = 40, COLUMNS = 9 };
enum { RA, DEC, PM_RA, PM_DEC, PARALLAX, VELOCITY };

#define D2R ((double)(PI_LONG / 180))
#define R2D ((double)DEG)
/* --- a scene: one observer at one time --- */

struct scene {
    double lon, lat, height, pressure, temperature, humidity, wavelength, dut1, xp, yp;
    double utc[2], tt[2], tdb[2];
    char when[40], where[400];
};

static void set_time(struct scene *s, int year, int month, int day, int hour, int minute,
                     double second)
{
    double tai[2];

    snprintf(s->when, sizeof s->when, "%04d-%02d-%02dT%02d:%02d:%07.4f", year, month, day, hour,
             minute, second);
    assert_true(eraDtf2d("UTC", year, month, day, hour, minute, second, &s->utc[0], &s->utc[1]) >=
                0);
    assert_true(eraUtctai(s->utc[0], s->utc[1], &tai[0], &tai[1]) >= 0);
    eraTaitt(tai[0], tai[1], &s->tt[0], &s->tt[1]);
    eraTttdb(s->tt[0], s->tt[1], eraDtdb(s->tt[0], s->tt[1], 0, 0, 0, 0), &s->tdb[0], &s->tdb[1]);
}

static void set_where(struct scene *s)
{
    snprintf(s->where, sizeof s->where,
             "lon=%.17g&lat=%.17g&height=%.17g&pressure=%.17g&temperature=%.17g&"
             "relative_humidity=%.17g&obswl=%.17g&dut1=%.17g&xp=%.17g&yp=%.17g",
             s->lon, s->lat, s->height, s->pressure, s->temperature, s->humidity, s->wavelength,
             s->dut1, s->xp, s->yp);
}

static struct scene random_scene(bool air)
{
    struct scene s = {
        .lon = random_between(-180, 180),
        .lat = random_between(-90, 90),
        .height = random_between(0, 5000),
        .pressure = air ? random_between(300, 1100) : 0,
        .temperature = random_between(-30, 40),
        .humidity = random_unit(),
        .wavelength = random_unit() < 0.3 ? 1e4 : random_between(0.3, 20),
        .dut1 = random_between(-0.9, 0.9),
        .xp = random_between(-0.6, 0.6),
        .yp = random_between(-0.6, 0.6),
    };

    /* text has four digits of the second */
    set_time(&s, (int)random_between(1962, 2040), (int)random_between(1, 13),
             (int)random_between(1, 29), (int)random_between(0, 24), (int)random_between(0, 60),
             floor(random_between(0, 59.9) * 1e4) / 1e4);
    set_where(&s);
    return s;
}

/* --- stars --- */

static double stars[COLUMNS][STARS], results[2][STARS];

static void random_stars(void)
{
    for (size_t i = 0; i < STARS; i++) {
        stars[RA][i] = random_between(-360, 720);
        stars[DEC][i] = asin(random_between(-1, 1)) * R2D;
        stars[PM_RA][i] = random_between(-2000, 2000);
        stars[PM_DEC][i] = random_between(-2000, 2000);
        stars[PARALLAX][i] = random_between(0, 500);
        stars[VELOCITY][i] = random_between(-200, 200);
    }
}

enum columns { STILL, MOVING };
enum times { ONE_TIME, ROW_TIMES };

static bool is_observed(const char *name)
{
    return strstr(name, "altaz") || strstr(name, "hadec");
}

/* `name` at the scene; inputs are stars[]; results come in results[]. */
static void place(const char *name, const struct scene *s, enum columns columns, enum times times,
                  const char *more)
{
    static double jd[2][STARS];
    char parameters[800];
    double *out[] = {results[0], results[1]};
    const double *in[ASTRO_MAX_INPUTS] = {stars[0], stars[1]};

    snprintf(parameters, sizeof parameters, "%s%s%s%s%s%s", times == ONE_TIME ? "obstime=" : "",
             times == ONE_TIME ? s->when : "scale=utc", is_observed(name) ? "&" : "",
             is_observed(name) ? s->where : "", *more ? "&" : "", more);
    struct converter c = converter_open(name, parameters);
    size_t first_time = c.conversion->n_inputs - 3;
    for (size_t k = 2; columns == MOVING && k < first_time; k++)
        in[k] = stars[k];
    for (size_t i = 0; i < STARS; i++) {
        jd[0][i] = s->utc[0];
        jd[1][i] = s->utc[1];
    }
    if (times == ROW_TIMES) {
        in[first_time] = jd[0];
        in[first_time + 1] = jd[1];
    }
    convert(&c, STARS, in, out);
    converter_close(&c);
}

/* --- what ERFA says, in degrees --- */

typedef void oracle(const struct scene *s, const double star[6], double wanted[2]);

static void radians(const double star[6], double r[6])
{
    r[RA] = star[RA] * D2R;
    r[DEC] = star[DEC] * D2R;
    r[PM_RA] = star[PM_RA] * ERFA_DMAS2R / cos(r[DEC]);
    r[PM_DEC] = star[PM_DEC] * ERFA_DMAS2R;
    r[PARALLAX] = star[PARALLAX] / 1000;
    r[VELOCITY] = star[VELOCITY];
}

static void finish(double wanted[2])
{
    wanted[0] *= R2D, wanted[1] *= R2D;
}

static void to_astrometric(const struct scene *s, const double star[6], double wanted[2])
{
    double r[6];

    radians(star, r);
    eraASTROM astrom;
    double eo;
    eraApci13(s->tdb[0], s->tdb[1], &astrom, &eo);
    if (r[PM_RA] == 0 && r[PM_DEC] == 0 && r[PARALLAX] == 0 && r[VELOCITY] == 0) {
        wanted[0] = r[RA];
        wanted[1] = r[DEC];
    } else {
        double p[3];
        eraPmpx(r[0], r[1], r[2], r[3], r[4], r[5], astrom.pmt, astrom.eb, p);
        eraC2s(p, &wanted[0], &wanted[1]);
    }
    finish(wanted);
}

static void to_gcrs(const struct scene *s, const double star[6], double wanted[2])
{
    double r[6];
    eraASTROM astrom;

    radians(star, r);
    eraApcg13(s->tdb[0], s->tdb[1], &astrom);
    eraAtciq(r[0], r[1], r[2], r[3], r[4], r[5], &astrom, &wanted[0], &wanted[1]);
    finish(wanted);
}

static void to_cirs(const struct scene *s, const double star[6], double wanted[2])
{
    double r[6], eo;

    radians(star, r);
    eraAtci13(r[0], r[1], r[2], r[3], r[4], r[5], s->tdb[0], s->tdb[1], &wanted[0], &wanted[1],
              &eo);
    finish(wanted);
}

static void to_tete(const struct scene *s, const double star[6], double wanted[2])
{
    double r[6], eo;

    radians(star, r);
    eraAtci13(r[0], r[1], r[2], r[3], r[4], r[5], s->tdb[0], s->tdb[1], &wanted[0], &wanted[1],
              &eo);
    wanted[0] -= eo;
    finish(wanted);
}

static void observed(const struct scene *s, const double star[6], double altaz[2], double hadec[2])
{
    double r[6], rob, eo, zob;

    radians(star, r);
    assert_true(eraAtco13(r[0], r[1], r[2], r[3], r[4], r[5], s->utc[0], s->utc[1], s->dut1,
                          s->lon * D2R, s->lat * D2R, s->height, s->xp * ERFA_DAS2R,
                          s->yp * ERFA_DAS2R, s->pressure, s->temperature, s->humidity,
                          s->wavelength, &altaz[0], &zob, &hadec[0], &hadec[1], &rob, &eo) >= 0);
    altaz[1] = ERFA_DPI / 2 - zob;
    finish(altaz);
    finish(hadec);
}

static void to_altaz(const struct scene *s, const double star[6], double wanted[2])
{
    double hadec[2];

    observed(s, star, wanted, hadec);
}

static void to_hadec(const struct scene *s, const double star[6], double wanted[2])
{
    double altaz[2];

    observed(s, star, altaz, wanted);
}

static void from_gcrs(const struct scene *s, const double star[6], double wanted[2])
{
    eraASTROM astrom;

    eraApcg13(s->tdb[0], s->tdb[1], &astrom);
    eraAticq(star[RA] * D2R, star[DEC] * D2R, &astrom, &wanted[0], &wanted[1]);
    finish(wanted);
}

static void from_cirs(const struct scene *s, const double star[6], double wanted[2])
{
    double eo;

    eraAtic13(star[RA] * D2R, star[DEC] * D2R, s->tdb[0], s->tdb[1], &wanted[0], &wanted[1], &eo);
    finish(wanted);
}

static void from_tete(const struct scene *s, const double star[6], double wanted[2])
{
    eraASTROM astrom;
    double eo;

    eraApci13(s->tdb[0], s->tdb[1], &astrom, &eo);
    eraAticq(star[RA] * D2R + eo, star[DEC] * D2R, &astrom, &wanted[0], &wanted[1]);
    finish(wanted);
}

static void from_observed(const struct scene *s, const char *type, double first, double second,
                          double wanted[2])
{
    assert_true(eraAtoc13(type, first, second, s->utc[0], s->utc[1], s->dut1, s->lon * D2R,
                          s->lat * D2R, s->height, s->xp * ERFA_DAS2R, s->yp * ERFA_DAS2R,
                          s->pressure, s->temperature, s->humidity, s->wavelength, &wanted[0],
                          &wanted[1]) >= 0);
    finish(wanted);
}

static void from_altaz(const struct scene *s, const double star[6], double wanted[2])
{
    from_observed(s, "A", star[RA] * D2R, (90 - star[DEC]) * D2R, wanted);
}

static void from_hadec(const struct scene *s, const double star[6], double wanted[2])
{
    from_observed(s, "H", star[RA] * D2R, star[DEC] * D2R, wanted);
}

static void cirs_to_altaz(const struct scene *s, const double star[6], double wanted[2])
{
    double zob, hob, dob, rob;

    assert_true(eraAtio13(star[RA] * D2R, star[DEC] * D2R, s->utc[0], s->utc[1], s->dut1,
                          s->lon * D2R, s->lat * D2R, s->height, s->xp * ERFA_DAS2R,
                          s->yp * ERFA_DAS2R, s->pressure, s->temperature, s->humidity,
                          s->wavelength, &wanted[0], &zob, &hob, &dob, &rob) >= 0);
    wanted[1] = ERFA_DPI / 2 - zob;
    finish(wanted);
}

static void altaz_to_cirs(const struct scene *s, const double star[6], double wanted[2])
{
    assert_true(eraAtoi13("A", star[RA] * D2R, (90 - star[DEC]) * D2R, s->utc[0], s->utc[1],
                          s->dut1, s->lon * D2R, s->lat * D2R, s->height, s->xp * ERFA_DAS2R,
                          s->yp * ERFA_DAS2R, s->pressure, s->temperature, s->humidity,
                          s->wavelength, &wanted[0], &wanted[1]) >= 0);
    finish(wanted);
}

static const struct pair {
    const char *name;
    oracle *oracle;
    bool moves;
} pairs[] = {
    {"icrs_to_astrometric", to_astrometric, true},
    {"icrs_to_gcrs", to_gcrs, true},
    {"gcrs_to_icrs", from_gcrs, false},
    {"icrs_to_cirs", to_cirs, true},
    {"cirs_to_icrs", from_cirs, false},
    {"icrs_to_tete", to_tete, true},
    {"tete_to_icrs", from_tete, false},
    {"icrs_to_altaz", to_altaz, true},
    {"altaz_to_icrs", from_altaz, false},
    {"icrs_to_hadec", to_hadec, true},
    {"hadec_to_icrs", from_hadec, false},
    {"cirs_to_altaz", cirs_to_altaz, false},
    {"altaz_to_cirs", altaz_to_cirs, false},
};

static double apart(double lon1, double lat1, double lon2, double lat2)
{
    return (double)separation_degrees((long double)lon1, (long double)lat1, (long double)lon2,
                                      (long double)lat2) /
           ARCSEC;
}

/* The largest distance from ERFA, arcsec. Without columns of motion the star has none. */
static double from_erfa(const struct pair *pair, const struct scene *s, enum columns columns)
{
    double largest = 0;

    for (size_t i = 0; i < STARS; i++) {
        double star[6], wanted[2];
        for (size_t k = 0; k < 6; k++)
            star[k] = k < 2 || columns == MOVING ? stars[k][i] : 0;
        pair->oracle(s, star, wanted);
        double error = apart(results[0][i], results[1][i], wanted[0], wanted[1]);
        largest = fmax(largest, isnan(error) ? HUGE_VAL : error);
    }
    return largest;
}

static enum times times;

static void agree_here(void)
{
    random_seed(times == ONE_TIME ? 501 : 502);
    for (size_t p = 0; p < LENGTH(pairs); p++) {
        double largest[2] = {0, 0};
        for (size_t n = 0; n < SCENES; n++) {
            struct scene s = random_scene(n % 2);
            random_stars();
            for (enum columns columns = STILL; columns <= (pairs[p].moves ? MOVING : STILL);
                 columns++) {
                place(pairs[p].name, &s, columns, times, "");
                largest[columns] = fmax(largest[columns], from_erfa(&pairs[p], &s, columns));
            }
        }
        print_message("%-8s %-20s %s  %.1e arcsec, moving %.1e\n", target_name(), pairs[p].name,
                      times == ONE_TIME ? "one time" : "row times", largest[0], largest[1]);
        double allowed = times == ROW_TIMES && is_observed(pairs[p].name) ? 1.5e-8 : 1e-8;
        assert_true(largest[0] <= allowed && largest[1] <= allowed);
    }
}

static void one_time_agrees_with_erfa(void **state)
{
    (void)state;
    times = ONE_TIME;
    for_each_target(agree_here);
}

static void a_time_per_row_agrees_with_erfa(void **state)
{
    (void)state;
    times = ROW_TIMES;
    for_each_target(agree_here);
}

/* Dispatch is told that dates beyond the ephemeris are slow, and that epochs are not free. */
static void costs_hang_on_the_dates(void **state)
{
    double near[] = {60000, 60001}, far[] = {60000, 2e6}, one = 1;
    const void *in[ASTRO_MAX_INPUTS] = {&one, &one};
    size_t count[ASTRO_MAX_INPUTS] = {1, 1};

    (void)state;
    struct converter c = converter_open("icrs_to_cirs", "epoch=J2015.5");
    count[8] = 2;
    in[8] = near;
    double quick = c.conversion->cost(c.values, 1000, in, count);
    in[8] = far;
    double slow = c.conversion->cost(c.values, 1000, in, count);
    assert_true(quick < 1000 * 200 && slow > 1000 * 10000);
    in[8] = near;
    in[2] = &one;
    assert_true(c.conversion->cost(c.values, 1000, in, count) > 3 * quick);
    converter_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_time_agrees_with_erfa),
        cmocka_unit_test(a_time_per_row_agrees_with_erfa),
        cmocka_unit_test(costs_hang_on_the_dates),
    };
    return cmocka_run_group_tests_name("kernels.places", tests, harness_start, NULL);
}
