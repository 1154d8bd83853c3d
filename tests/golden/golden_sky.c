/* The CSV files about the sky: core, frames, separations, the star catalogue. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- core/radec_to_xyz_{deg,rad}.csv, both ways ---- */

/* Radians lose digits when many of them become degrees: whole turns are taken off before. */
static long double in_degrees(double angle, long double units)
{
    if (units == 1)
        return (long double)angle;
    return atan2l(sinl((long double)angle), cosl((long double)angle)) * units;
}

static bool xyz_file(const char *file, const char *columns, const char *parameters,
                     long double units)
{
    struct golden there = {
        .file = file, .conversion = "radec_to_xyz", .unit = "", .tolerance = 7e-16};
    struct golden back = {
        .file = file, .conversion = "xyz_to_radec", .unit = "deg", .tolerance = 3e-14};
    struct converter to_xyz = converter_open("radec_to_xyz", parameters);
    struct converter to_radec = converter_open("xyz_to_radec", parameters);
    struct golden_csv csv;

    golden_open(&csv, file, columns);
    while (golden_next(&csv)) {
        double row[3] = {golden_number(&csv, 0), golden_number(&csv, 1), (double)NAN};
        double wanted[3], got[3], sphere[3];
        convert_row(&to_xyz, row, got);
        for (size_t k = 0; k < 3; k++) {
            wanted[k] = golden_number(&csv, k + 2);
            golden_add(&there, got[k] - wanted[k]);
        }
        there.rows -= 2; /* one row, three components */
        convert_row(&to_radec, wanted, sphere);
        golden_add(&back, (double)separation_degrees(
                              units * (long double)sphere[0], units * (long double)sphere[1],
                              in_degrees(row[0], units), units * (long double)row[1]));
    }
    golden_close(&csv);
    converter_close(&to_xyz);
    converter_close(&to_radec);
    bool passed = golden_end(&there);
    return golden_end(&back) && passed;
}

bool golden_xyz(void)
{
    bool passed = xyz_file("core/radec_to_xyz_deg.csv", "ra_deg,dec_deg,x,y,z", "unit=deg", 1);

    return xyz_file("core/radec_to_xyz_rad.csv", "ra_rad,dec_rad,x,y,z", "unit=rad", DEG) && passed;
}

/* ---- frames/icrs_fk5.csv: Starlink AST, an older precession ---- */

bool golden_icrs_fk5(void)
{
    const char *file = "frames/icrs_fk5.csv";
    struct golden to = {
        .file = file, .conversion = "icrs_to_fk5", .unit = "arcsec", .tolerance = 0.03};
    struct golden from = {
        .file = file, .conversion = "fk5_to_icrs", .unit = "arcsec", .tolerance = 0.03};
    struct golden_csv csv;

    golden_open(&csv, file, "equinox_fk5,obstime,ra_in,dec_in,ra_fk5,dec_fk5,ra_icrs,dec_icrs");
    while (golden_next(&csv)) {
        char parameters[64];
        double row[2] = {golden_number(&csv, 2), golden_number(&csv, 3)}, got[2];
        snprintf(parameters, sizeof parameters, "equinox=%s", csv.cells[0]);
        convert_once("icrs_to_fk5", parameters, row, got);
        golden_add(&to, golden_apart(got, golden_number(&csv, 4), golden_number(&csv, 5)));
        convert_once("fk5_to_icrs", parameters, row, got);
        golden_add(&from, golden_apart(got, golden_number(&csv, 6), golden_number(&csv, 7)));
    }
    golden_close(&csv);
    bool passed = golden_end(&to);
    return golden_end(&from) && passed;
}

/* ---- frames/fk4_*.csv: Starlink AST ---- */

static void one_fk4(struct golden *line, const char *parameters, const double row[2], double lon,
                    double lat)
{
    double got[2];

    convert_once(line->conversion, parameters, row, got);
    golden_add(line, golden_apart(got, lon, lat));
}

/* The E-terms at B1950.0; the file's time of observation plays no part. */
static bool fk4_terms(void)
{
    const char *file = "frames/fk4_no_e_fk4.csv";
    struct golden off = {
        .file = file, .conversion = "fk4_to_fk4_no_e", .unit = "arcsec", .tolerance = 1e-5};
    struct golden on = {
        .file = file, .conversion = "fk4_no_e_to_fk4", .unit = "arcsec", .tolerance = 1e-5};
    struct golden_csv csv;

    golden_open(&csv, file, "obstime,ra_in,dec_in,ra_fk4ne,dec_fk4ne,ra_fk4,dec_fk4");
    while (golden_next(&csv)) {
        double row[2] = {golden_number(&csv, 1), golden_number(&csv, 2)};
        one_fk4(&off, "", row, golden_number(&csv, 3), golden_number(&csv, 4));
        one_fk4(&on, "", row, golden_number(&csv, 5), golden_number(&csv, 6));
    }
    golden_close(&csv);
    bool passed = golden_end(&off);
    return golden_end(&on) && passed;
}

bool golden_fk4(void)
{
    const char *file = "frames/fk4_no_e_fk5.csv";
    struct golden to = {
        .file = file, .conversion = "transform_frame", .unit = "arcsec", .tolerance = 0.03};
    struct golden from = to;
    struct golden_csv csv;

    golden_open(&csv, file,
                "equinox_fk4,equinox_fk5,obstime,ra_in,dec_in,ra_fk5,dec_fk5,ra_fk4,dec_fk4");
    while (golden_next(&csv)) {
        char parameters[160];
        double row[2] = {golden_number(&csv, 3), golden_number(&csv, 4)};
        snprintf(parameters, sizeof parameters,
                 "frame_in=fk4_no_e&frame_out=fk5&equinox_in=%s&equinox_out=%s&obstime=%s",
                 csv.cells[0], csv.cells[1], csv.cells[2]);
        one_fk4(&to, parameters, row, golden_number(&csv, 5), golden_number(&csv, 6));
        snprintf(parameters, sizeof parameters,
                 "frame_in=fk5&frame_out=fk4_no_e&equinox_in=%s&equinox_out=%s&obstime=%s",
                 csv.cells[1], csv.cells[0], csv.cells[2]);
        one_fk4(&from, parameters, row, golden_number(&csv, 7), golden_number(&csv, 8));
    }
    golden_close(&csv);
    bool passed = golden_end(&to);
    passed = golden_end(&from) && passed;
    return fk4_terms() && passed;
}

/* ---- stars_reference.csv: ERFA's rotations of every tenth star of stars.csv ---- */

static bool find_star(struct golden_csv *stars, const char *hip, double row[2])
{
    /* both files are in the order of the Hipparcos numbers */
    while (golden_next(stars)) {
        if (strcmp(stars->cells[0], hip) != 0)
            continue;
        row[0] = golden_number(stars, 4);
        row[1] = golden_number(stars, 5);
        return true;
    }
    return false;
}

bool golden_stars(void)
{
    static const char *const names[] = {"icrs_to_galactic", "icrs_to_ecliptic", "icrs_to_fk5"};
    static const char *const backwards[] = {"galactic_to_icrs", "ecliptic_to_icrs", "fk5_to_icrs"};
    struct golden lines[3], back[3];
    struct converter converters[3], inverse[3];
    struct golden_csv stars, references;
    bool passed = true;

    for (size_t k = 0; k < 3; k++) {
        lines[k] = (struct golden){.file = "stars_reference.csv",
                                   .conversion = names[k],
                                   .unit = "arcsec",
                                   .tolerance = 1e-9};
        back[k] = lines[k];
        back[k].conversion = backwards[k];
        converters[k] = converter_open(names[k], "");
        inverse[k] = converter_open(backwards[k], "");
    }
    golden_open(&stars, "stars.csv",
                "hip,hd,hr,name,ra_deg,dec_deg,parallax_mas,pm_ra_cosdec_mas_yr,pm_dec_mas_yr,"
                "parallax_error_mas,rv_km_s,vmag,b_v,sp_type");
    golden_open(&references, "stars_reference.csv",
                "hip,gal_l,gal_b,ecl_lon,ecl_lat,fk5_ra,fk5_dec,ra_epoch,dec_epoch,cirs_ra,"
                "cirs_dec,az_obs,alt_obs");
    while (golden_next(&references)) {
        double row[2];
        if (!find_star(&stars, references.cells[0], row)) {
            printf("HIP %s is not in stars.csv\n", references.cells[0]);
            passed = false;
            break;
        }
        for (size_t k = 0; k < 3; k++) {
            double wanted[2] = {golden_number(&references, 1 + 2 * k),
                                golden_number(&references, 2 + 2 * k)};
            double got[2];
            convert_row(&converters[k], row, got);
            golden_add(&lines[k], golden_apart(got, wanted[0], wanted[1]));
            convert_row(&inverse[k], wanted, got);
            golden_add(&back[k], golden_apart(got, row[0], row[1]));
        }
    }
    golden_close(&stars);
    golden_close(&references);
    for (size_t k = 0; k < 3; k++) {
        passed = golden_end(&lines[k]) && passed;
        passed = golden_end(&back[k]) && passed;
        converter_close(&converters[k]);
        converter_close(&inverse[k]);
    }
    return passed;
}

/* ---- angles/separation.csv ---- */

bool golden_separation(void)
{
    const char *file = "angles/separation.csv";
    struct golden exact = {
        .file = file, .conversion = "separation", .unit = "deg", .tolerance = 1e-13};
    struct golden tiny = {
        .file = file, .conversion = "separation, relative", .unit = "", .tolerance = 1e-9};
    struct golden astropy = {
        .file = file, .conversion = "separation (astropy)", .unit = "deg", .tolerance = 2e-10};
    struct converter c = converter_open("separation", "");
    struct golden_csv csv;

    golden_open(&csv, file, "lon1_deg,lat1_deg,lon2_deg,lat2_deg,separation_deg,source");
    while (golden_next(&csv)) {
        double row[4], got;
        double wanted = golden_number(&csv, 4);
        for (size_t k = 0; k < 4; k++)
            row[k] = golden_number(&csv, k);
        convert_row(&c, row, &got);
        if (strncmp(csv.cells[5], "astropy", 7) == 0) {
            golden_add(&astropy, got - wanted);
            continue;
        }
        golden_add(&exact, got - wanted);
        if (wanted < 1e-3)
            golden_add(&tiny, (got - wanted) / wanted);
    }
    golden_close(&csv);
    converter_close(&c);
    bool passed = golden_end(&exact);
    passed = golden_end(&tiny) && passed;
    return golden_end(&astropy) && passed;
}
