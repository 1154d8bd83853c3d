/* The files about images: pixels and positions of 22 headers, computed with Starlink AST. */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_ROOM = 8192 };

/* "header=" and the text of wcs/<name>. */
static const char *header_of(const char *name)
{
    static char text[HEADER_ROOM], loaded[80];
    char path[1024];

    if (strcmp(loaded, name) == 0)
        return text;
    snprintf(path, sizeof path, "%s/wcs/%s", GOLDEN_DIR, name);
    FILE *stream = fopen(path, "r");
    if (!stream) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        exit(1);
    }
    size_t used = (size_t)snprintf(text, sizeof text, "header=");
    used += fread(text + used, 1, sizeof text - used - 1, stream);
    text[used] = '\0';
    fclose(stream);
    snprintf(loaded, sizeof loaded, "%s", name);
    return text;
}

/* Where one of them is nowhere, both must be. */
static void add_apart(struct golden *line, const double got[2], double lon, double lat)
{
    if (isnan(lon))
        golden_add(line, isnan(got[0]) && isnan(got[1]) ? 0 : HUGE_VAL);
    else
        golden_add(line, golden_apart(got, lon, lat));
}

bool golden_wcs(void)
{
    const char *file = "wcs/pix_world.csv";
    struct golden to_world = {
        .file = file, .conversion = "pixel_to_world", .unit = "arcsec", .tolerance = 1e-9};
    struct golden to_pixel = {
        .file = file, .conversion = "world_to_pixel", .unit = "pixel", .tolerance = 1e-8};
    struct golden round = {
        .file = file, .conversion = "pixel_to_pixel", .unit = "pixel", .tolerance = 2e-8};
    struct golden_csv csv;

    golden_open(&csv, file, "header,x_pix,y_pix,lon_deg,lat_deg");
    while (golden_next(&csv)) {
        static char both[2 * HEADER_ROOM + 64];
        const char *header = header_of(csv.cells[0]);
        double pixel[2] = {golden_number(&csv, 1), golden_number(&csv, 2)}, got[2];
        double world[2] = {golden_number(&csv, 3), golden_number(&csv, 4)};
        convert_once("pixel_to_world", header, pixel, got);
        add_apart(&to_world, got, world[0], world[1]);
        if (isnan(world[0]))
            continue;
        convert_once("world_to_pixel", header, world, got);
        golden_add(&to_pixel, fmax(fabs(got[0] - pixel[0]), fabs(got[1] - pixel[1])));
        snprintf(both, sizeof both, "header_in=%s&header_out=%s", header + strlen("header="),
                 header + strlen("header="));
        convert_once("pixel_to_pixel", both, pixel, got);
        golden_add(&round, fmax(fabs(got[0] - pixel[0]), fabs(got[1] - pixel[1])));
    }
    golden_close(&csv);
    bool passed = golden_end(&to_world);
    passed = golden_end(&to_pixel) && passed;
    return golden_end(&round) && passed;
}
