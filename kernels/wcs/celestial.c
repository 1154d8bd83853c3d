/*
 * Columns through one header: the vector kernels, and wcslib for the projections that have none.
 * Blocks of rows on the stack; celx2s() and cels2x() allocate nothing.
 */
#include <math.h>
#include <string.h>

#include "../simd/lanes.h"
#include "wcs.h"

enum { BLOCK = 64 };

/* What wcslib wants beside the rows: its native coordinates and a verdict on each. */
struct native {
    double phi[BLOCK], theta[BLOCK];
    int verdict[BLOCK];
};

/*
 * The functions take a celprm that is not const because they would set it when it is not set; this
 * one is, and a test holds it in memory that cannot be written.
 */
static struct celprm *celestial(const struct astro__wcs *wcs)
{
    return (struct celprm *)(uintptr_t)&wcs->cel;
}

static double within(double value, double limit)
{
    return fmax(fmin(value, limit), -limit);
}

/* --- to the sky --- */

/* Degrees as wcslib gives them to the unit and range of the request. */
static void finish_position(const struct astro__sky *sky, double *lon, double *lat)
{
    double unit = sky->lon.radians ? 1.0 / ASTRO__WCS_RADIUS : 1.0;
    double turned = fmod(*lon, 360.0);

    turned = (turned < 0.0 ? turned + 360.0 : turned) * unit;
    *lon = turned < sky->lon.full ? turned + 0.0 : 0.0;
    *lat = within(*lat * unit, sky->lat.quarter);
}

/* In place: degrees in the plane become positions; a row that has none is NaN. */
static void block_to_world(const struct astro__wcs *wcs, size_t n, double *lon, double *lat)
{
    struct native native;
    double x[BLOCK], y[BLOCK];
    bool missing[BLOCK];

    for (size_t i = 0; i < n; i++) {
        missing[i] = isnan(lon[i]) || isnan(lat[i]);
        x[i] = missing[i] ? 0.0 : lon[i];
        y[i] = missing[i] ? 0.0 : lat[i];
    }
    (void)celx2s(celestial(wcs), (int)n, 0, 1, 1, x, y, native.phi, native.theta, lon, lat,
                 native.verdict);
    for (size_t i = 0; i < n; i++) {
        if (missing[i] || native.verdict[i] || !isfinite(lon[i]) || !isfinite(lat[i]))
            lon[i] = lat[i] = (double)NAN;
        else
            finish_position(&wcs->sky, &lon[i], &lat[i]);
    }
}

static const void *at(const void *column, size_t row)
{
    return (const char *)column + row * sizeof(double);
}

static void put(void *column, size_t row, const double *values, size_t n)
{
    memcpy((char *)column + row * sizeof(double), values, n * sizeof(double));
}

void astro__wcs_to_world(const struct astro__wcs *wcs, size_t n, const void *const in[],
                         void *const out[])
{
    double lon[BLOCK], lat[BLOCK];

    if (wcs->tangent) {
        astro__lanes->pixel_to_tangent_world(wcs, n, in, out);
        return;
    }
    for (size_t i = 0, rows; i < n; i += rows) {
        rows = n - i < BLOCK ? n - i : BLOCK;
        astro__lanes->pixel_to_plane(wcs, rows, (const void *[]){at(in[0], i), at(in[1], i)},
                                     (void *[]){lon, lat});
        block_to_world(wcs, rows, lon, lat);
        put(out[0], i, lon, rows);
        put(out[1], i, lat, rows);
    }
}

/* --- and back --- */

/* A row of the request in degrees; false when it is not finite. */
static bool begin_position(const struct astro__sky *sky, double *lon, double *lat)
{
    double unit = sky->lon.radians ? ASTRO__WCS_RADIUS : 1.0;

    if (!isfinite(*lon) || !isfinite(*lat))
        return false;
    *lon = astro__circle_reduce(&sky->lon, *lon) * unit;
    *lat = within(*lat * unit, 90.0);
    return true;
}

/* In place: positions become degrees in the plane; a row that has none is NaN. */
static void block_to_plane(const struct astro__wcs *wcs, size_t n, double *x, double *y)
{
    struct native native;
    double lon[BLOCK], lat[BLOCK];
    bool missing[BLOCK];

    for (size_t i = 0; i < n; i++) {
        lon[i] = x[i];
        lat[i] = y[i];
        missing[i] = !begin_position(&wcs->sky, &lon[i], &lat[i]);
        if (missing[i])
            lon[i] = lat[i] = 0.0;
    }
    (void)cels2x(celestial(wcs), (int)n, 0, 1, 1, lon, lat, native.phi, native.theta, x, y,
                 native.verdict);
    for (size_t i = 0; i < n; i++) {
        if (missing[i] || native.verdict[i] || !isfinite(x[i]) || !isfinite(y[i]))
            x[i] = y[i] = (double)NAN;
    }
}

void astro__wcs_to_pixel(const struct astro__wcs *wcs, size_t n, const void *const in[],
                         void *const out[])
{
    double x[BLOCK], y[BLOCK];

    if (wcs->tangent) {
        astro__lanes->tangent_world_to_pixel(wcs, n, in, out);
        return;
    }
    for (size_t i = 0, rows; i < n; i += rows) {
        rows = n - i < BLOCK ? n - i : BLOCK;
        memcpy(x, at(in[0], i), rows * sizeof x[0]);
        memcpy(y, at(in[1], i), rows * sizeof y[0]);
        block_to_plane(wcs, rows, x, y);
        astro__lanes->plane_to_pixel(
            wcs, rows, (const void *[]){x, y},
            (void *[]){(char *)out[0] + i * sizeof(double), (char *)out[1] + i * sizeof(double)});
    }
}
