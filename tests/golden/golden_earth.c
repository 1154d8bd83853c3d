/* geodesy/gigs_5201_geocentric.csv: the GIGS test series 5201 of the IOGP, both ways. */
#include "golden.h"

#include <math.h>
#include <string.h>

bool golden_geodesy(void)
{
    const char *file = "geodesy/gigs_5201_geocentric.csv";
    struct golden xyz = {
        .file = file, .conversion = "geodetic_to_geocentric", .unit = "m", .tolerance = 0.01};
    struct golden angles = {
        .file = file, .conversion = "geocentric_to_geodetic", .unit = "deg", .tolerance = 3e-7};
    struct golden height = {.file = file,
                            .conversion = "geocentric_to_geodetic, height",
                            .unit = "m",
                            .tolerance = 0.01};
    struct golden_csv csv;

    golden_open(&csv, file, "direction,lon_deg,lat_deg,height_m,x_m,y_m,z_m,tolerance_m");
    while (golden_next(&csv)) {
        double geodetic[3], geocentric[3], got[3];
        for (size_t k = 0; k < 3; k++) {
            geodetic[k] = golden_number(&csv, 1 + k);
            geocentric[k] = golden_number(&csv, 4 + k);
        }
        if (strcmp(csv.cells[0], "geodetic_to_geocentric") == 0) {
            convert_once("geodetic_to_geocentric", "", geodetic, got);
            for (size_t k = 0; k < 3; k++)
                golden_add(&xyz, got[k] - geocentric[k]);
            xyz.rows -= 2; /* one row, three components */
            continue;
        }
        convert_once("geocentric_to_geodetic", "", geocentric, got);
        golden_add(&angles, golden_apart(got, geodetic[0], geodetic[1]) * ARCSEC);
        golden_add(&height, got[2] - geodetic[2]);
    }
    golden_close(&csv);
    bool passed = golden_end(&xyz);
    passed = golden_end(&angles) && passed;
    return golden_end(&height) && passed;
}
