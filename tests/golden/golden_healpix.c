/* The files about HEALPix: pixel numbers in both numberings, centres, the twelve base cells. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const orderings[] = {"ring", "nested"};

static int64_t whole(const struct golden_csv *csv, size_t cell)
{
    return cell < csv->n_cells && *csv->cells[cell] ? strtoll(csv->cells[cell], NULL, 10) : -1;
}

static void once(const char *name, const char *parameters, const void *in, const void *in2,
                 void *out, void *out2)
{
    struct converter c = converter_open(name, parameters);
    struct astro_report report = {0};
    int64_t unused[8];
    void *results[8] = {out, out2 ? out2 : unused};

    c.conversion->run(c.context, 1, (const void *[]){in, in2}, results, &report);
    converter_close(&c);
}

/* ---- ang2pix.csv ---- */

/* Whether moving the point by 4e-15 rad in some direction leads to the pixel wanted. */
static bool is_adjacent(const char *parameters, double lon, double lat, int64_t wanted)
{
    const double step = 4e-15 * (double)DEG;

    for (int i = -2; i <= 2; i++) {
        for (int j = -2; j <= 2; j++) {
            double a = lon + i * step / fmax(cos(lat / (double)DEG), 1e-6);
            double b = fmin(fmax(lat + j * step, -90), 90);
            int64_t got;
            once("lonlat_to_healpix", parameters, &a, &b, &got, NULL);
            if (got == wanted)
                return true;
        }
    }
    return false;
}

static bool ang2pix(void)
{
    const char *file = "healpix/ang2pix.csv";
    struct golden exact = {.file = file, .conversion = "lonlat_to_healpix", .unit = "wrong"};
    struct golden edge = {.file = file, .conversion = "lonlat_to_healpix, edges", .unit = "wrong"};
    struct golden_csv csv;

    golden_open(&csv, file, "order,lon_deg,lat_deg,ipix_ring,ipix_nested,on_boundary");
    while (golden_next(&csv)) {
        double lon = golden_number(&csv, 1), lat = golden_number(&csv, 2);
        for (size_t k = 0; k < 2; k++) {
            char parameters[60];
            int64_t got, wanted = whole(&csv, 3 + k);
            snprintf(parameters, sizeof parameters, "order=%s&ordering=%s", csv.cells[0],
                     orderings[k]);
            once("lonlat_to_healpix", parameters, &lon, &lat, &got, NULL);
            if (csv.cells[5][0] == '1')
                golden_add(&edge,
                           got == wanted || is_adjacent(parameters, lon, lat, wanted) ? 0 : 1);
            else
                golden_add(&exact, got == wanted ? 0 : 1);
        }
    }
    golden_close(&csv);
    bool passed = golden_end(&exact);
    return golden_end(&edge) && passed;
}

/* ---- pix2ang.csv ---- */

static bool pix2ang(void)
{
    const char *file = "healpix/pix2ang.csv";
    struct golden centre = {
        .file = file, .conversion = "healpix_to_lonlat", .unit = "deg", .tolerance = 1e-13};
    struct golden to_ring = {.file = file, .conversion = "nested_to_ring", .unit = "wrong"};
    struct golden to_nested = {.file = file, .conversion = "ring_to_nested", .unit = "wrong"};
    struct golden_csv csv;

    golden_open(&csv, file, "order,ipix_ring,ipix_nested,lon_deg,lat_deg");
    while (golden_next(&csv)) {
        int64_t numbers[2] = {whole(&csv, 1), whole(&csv, 2)}, got;
        char parameters[60];
        for (size_t k = 0; k < 2; k++) {
            double lon, lat;
            snprintf(parameters, sizeof parameters, "order=%s&ordering=%s", csv.cells[0],
                     orderings[k]);
            once("healpix_to_lonlat", parameters, &numbers[k], NULL, &lon, &lat);
            golden_add(&centre, remainder(lon - golden_number(&csv, 3), 360));
            golden_add(&centre, lat - golden_number(&csv, 4));
            centre.rows--;
        }
        snprintf(parameters, sizeof parameters, "order=%s", csv.cells[0]);
        once("nested_to_ring", parameters, &numbers[1], NULL, &got, NULL);
        golden_add(&to_ring, got == numbers[0] ? 0 : 1);
        once("ring_to_nested", parameters, &numbers[0], NULL, &got, NULL);
        golden_add(&to_nested, got == numbers[1] ? 0 : 1);
    }
    golden_close(&csv);
    bool passed = golden_end(&centre);
    passed = golden_end(&to_ring) && passed;
    return golden_end(&to_nested) && passed;
}

/* ---- the base cells ---- */

/* The corner columns of the file are, whatever their names say, south, east, north, west. */
static bool vertices(void)
{
    const char *file = "healpix/base_cell_vertices.csv";
    static const size_t corner_of_column[4] = {2, 1, 0, 3}; /* among n, e, s, w */
    struct golden line = {
        .file = file, .conversion = "healpix_corners", .unit = "deg", .tolerance = 1e-12};
    struct golden_csv csv;

    golden_open(&csv, file, "center_lon,center_lat,hpx0,slon,slat,wlon,wlat,elon,elat,nlon,nlat");
    while (golden_next(&csv)) {
        int64_t pixel = whole(&csv, 2);
        double corners[8];
        double *out[8];
        for (size_t k = 0; k < 8; k++)
            out[k] = &corners[k];
        struct converter c = converter_open("healpix_corners", "order=0&ordering=nested");
        convert(&c, 1, (const double *[]){(const double *)(const void *)&pixel}, out);
        converter_close(&c);
        for (size_t k = 0; k < 4; k++) {
            size_t corner = corner_of_column[k];
            double apart = (double)separation_degrees(corners[2 * corner], corners[2 * corner + 1],
                                                      golden_number(&csv, 3 + 2 * k),
                                                      golden_number(&csv, 4 + 2 * k));
            golden_add(&line, apart);
        }
        line.rows -= 3;
    }
    golden_close(&csv);
    return golden_end(&line);
}

static bool neighbours(void)
{
    const char *file = "healpix/base_cell_neighbours.csv";
    /* the file's S, SE, E, SW, NE, W, NW, N among sw, w, nw, n, ne, e, se, s */
    static const size_t output_of_column[8] = {7, 6, 5, 0, 4, 1, 2, 3};
    struct golden line = {.file = file, .conversion = "healpix_neighbours", .unit = "wrong"};
    struct golden_csv csv;

    golden_open(&csv, file, "nest,S,SE,E,SW,NE,W,NW,N");
    while (golden_next(&csv)) {
        int64_t pixel = whole(&csv, 0), found[8];
        double *out[8];
        for (size_t k = 0; k < 8; k++)
            out[k] = (double *)(void *)&found[k];
        struct converter c = converter_open("healpix_neighbours", "order=0&ordering=nested");
        convert(&c, 1, (const double *[]){(const double *)(const void *)&pixel}, out);
        converter_close(&c);
        for (size_t k = 0; k < 8; k++)
            golden_add(&line, found[output_of_column[k]] == whole(&csv, 1 + k) ? 0 : 1);
        line.rows -= 7;
    }
    golden_close(&csv);
    return golden_end(&line);
}

bool golden_healpix(void)
{
    bool passed = ang2pix();

    passed = pix2ang() && passed;
    passed = vertices() && passed;
    return neighbours() && passed;
}
