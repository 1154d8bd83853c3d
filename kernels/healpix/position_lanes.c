/*
 * HEALPix: positions and pixels.
 *
 * healpix_pixel
 *   Given      context   struct astro__healpix
 *              in[0]     longitude, any finite value             deg or rad
 *              in[1]     latitude; beyond the pole is the pole   deg or rad
 *   Returned   out[0]    INT64: the pixel; -1 for a row with NaN or infinity
 *   Accuracy   exact for points farther than 4e-15 rad from a boundary; nearer, either pixel
 *
 * healpix_centre, healpix_corners
 *   Given      in[0]     INT64: pixel in [0, 12 nside^2)
 *   Returned   out       centre: longitude in [0, full circle), latitude; corners: the same for
 *                        north, east, south, west; at a pole the longitude is that of the middle of
 *                        the face
 *   Accuracy   1e-13 deg
 *
 * All: n = 0 is valid, any alignment, outputs overlap nothing. No allocation, any thread.
 * Source     Gorski et al. (2005), ApJ 622, 759, sections 4 and 5. Near the poles 1 - |z| is taken as
 *            2 sin^2(colatitude / 2), which loses nothing.
 */
#include "../simd/lanes.h"
#include "pixel_lanes.h"

astro__kernel ASTRO__LANES(healpix_pixel);
astro__kernel ASTRO__LANES(healpix_centre);
astro__kernel ASTRO__LANES(healpix_corners);

#define SQRT_6     2.449489742783178
#define TWO_THIRDS 0.6666666666666666

/* --- position to pixel --- */

/* Quarters of the circle, in [0, 4). */
ASTRO__INLINE vd quarters_of(const bool radians, const struct astro__circle *circle, vd longitude)
{
    vm count;
    vd low;
    vd r = v_reduce(radians, circle, v_abs(longitude), &count, &low);
    vd quarters = v_whole(count & 3) + (r + low) / circle->quarter;

    quarters = v_flip(quarters, v_sign(longitude));
    quarters = quarters + v_keep((vm)(quarters < 0.0), v_set(4.0));
    return v_keep((vm)(quarters < 4.0), quarters);
}

/* Between the caps: along the two diagonals the faces are bands. */
ASTRO__INLINE struct cell belt_cell(const struct astro__healpix *h, vd quarters, vd z)
{
    vd along = h->side * (0.5 + quarters), across = h->side * (0.75 * z);
    vd down = v_floor(along - across), up = v_floor(along + across);
    vd band_down = v_floor(down / h->side), band_up = v_floor(up / h->side);
    vm round = (vm)(band_down >= 4.0) & (vm)(band_up >= 4.0);
    struct cell cell;

    cell.x = up - band_up * h->side;
    cell.y = h->side - (down - band_down * h->side) - 1.0;
    band_down = band_down - v_keep(round, v_set(4.0));
    band_up = band_up - v_keep(round, v_set(4.0));
    vm same = (vm)(band_down == band_up);
    cell.row = v_select(same, v_set(1.0), v_keep((vm)(band_down > band_up), v_set(2.0)));
    cell.column = v_min(band_down, band_up);
    return cell;
}

/* In a cap; `sine` is that of half the distance from its pole. */
ASTRO__INLINE struct cell cap_cell(const struct astro__healpix *h, vd quarters, vd sine, vm north)
{
    vd column = v_floor(quarters);
    vd within = quarters - column;
    vd rings = h->side * (SQRT_6 * sine);
    vd most = v_set(h->side - 1.0);
    vd east = v_min(v_floor(within * rings), most);
    vd west = v_min(v_floor((1.0 - within) * rings), most);

    return (struct cell){
        .row = v_select(north, v_set(0.0), v_set(2.0)),
        .column = column,
        .x = v_select(north, most - west, east),
        .y = v_select(north, most - east, west),
    };
}

ASTRO__INLINE struct cell cell_at(const bool radians, const struct astro__healpix *h, vd lon,
                                  vd lat)
{
    const struct astro__circle *circle = &h->sky.lat;
    vd a = v_min(v_abs(lat), v_set(circle->quarter));
    vd z = v_sin_latitude(radians, circle, a);
    vd sine = v_sin_latitude(radians, circle, 0.5 * v_complement(radians, circle, a));
    vd quarters = quarters_of(radians, &h->sky.lon, lon);
    vm belt = (vm)(z <= TWO_THIRDS);
    struct cell low = belt_cell(h, quarters, v_flip(v_min(z, v_set(TWO_THIRDS)), v_sign(lat)));
    struct cell high = cap_cell(h, quarters, sine, (vm)(lat > 0.0));

    return (struct cell){
        .row = v_select(belt, low.row, high.row),
        .column = v_select(belt, low.column, high.column),
        .x = v_select(belt, low.x, high.x),
        .y = v_select(belt, low.y, high.y),
    };
}

ASTRO__INLINE vm ordinary(const void *context, const vd *in)
{
    const struct astro__healpix *h = context;

    return position_ordinary(&h->sky, in);
}

ASTRO__INLINE void nested_pixel(const bool radians, const void *context, const vd *in, vd *out)
{
    out[0] = (vd)nested_of(context, cell_at(radians, context, in[0], in[1]));
}

ASTRO__INLINE void ring_pixel(const bool radians, const void *context, const vd *in, vd *out)
{
    out[0] = (vd)pixel_of(context, false, cell_at(radians, context, in[0], in[1]));
}

SWEEP_CORES(nested_pixel)
SWEEP_CORES(ring_pixel)

void ASTRO__LANES(healpix_pixel)(const void *context, size_t n, const void *const in[],
                                 void *const out[])
{
    static const struct sweep_shape shape = {2, 1, 1u << 0 | SWEEP_WHOLE};
    const struct astro__healpix *h = context;

    if (h->nested)
        SWEEP_UNITS(h, &h->sky.lon, shape, n, in, out, ordinary, nested_pixel, nested_pixel);
    else
        SWEEP_UNITS(h, &h->sky.lon, shape, n, in, out, ordinary, ring_pixel, ring_pixel);
}

/* --- pixel to position --- */

ASTRO__INLINE vm always(const void *context, const vd *in)
{
    (void)context;
    (void)in;
    return ~(vm){0};
}

ASTRO__INLINE void position_of(const bool radians, const struct astro__healpix *h, struct ring ring,
                               vd *ret_lon, vd *ret_lat)
{
    const struct astro__circle *lon = &h->sky.lon, *lat = &h->sky.lat;
    vm belt = (vm)(ring.j >= h->side) & (vm)(ring.j <= 3.0 * h->side);
    vd sine = ring.width / (SQRT_6 * h->side); /* of half the distance from the pole */
    vd cap_z = 1.0 - 2.0 * (sine * sine);
    vd cap_rho = 2.0 * sine * v_sqrt((1.0 - sine) * (1.0 + sine));
    vd z = (2.0 * h->side - ring.j) * 2.0 / (3.0 * h->side);
    vd south = v_select((vm)(ring.j > 2.0 * h->side), -cap_z, cap_z);
    vd width = v_select((vm)(ring.width == 0.0), v_set(1.0), ring.width);

    *ret_lon = ring.eighths * (0.5 * lon->quarter) / width;
    *ret_lat = v_latitude(radians, lat, v_select(belt, z, south),
                          v_select(belt, v_sqrt((1.0 - z) * (1.0 + z)), cap_rho));
}

ASTRO__INLINE void nested_centre(const bool radians, const void *context, const vd *in, vd *out)
{
    position_of(radians, context, ring_of(context, cell_of_nested(context, (vu)in[0])), &out[0],
                &out[1]);
}

ASTRO__INLINE void ring_centre(const bool radians, const void *context, const vd *in, vd *out)
{
    position_of(radians, context, ring_of_pixel(context, (vu)in[0]), &out[0], &out[1]);
}

SWEEP_CORES(nested_centre)
SWEEP_CORES(ring_centre)

void ASTRO__LANES(healpix_centre)(const void *context, size_t n, const void *const in[],
                                  void *const out[])
{
    static const struct sweep_shape shape = {1, 2, 0};
    const struct astro__healpix *h = context;

    if (h->nested)
        SWEEP_UNITS(h, &h->sky.lon, shape, n, in, out, always, nested_centre, nested_centre);
    else
        SWEEP_UNITS(h, &h->sky.lon, shape, n, in, out, always, ring_centre, ring_centre);
}

ASTRO__INLINE void cornered(const bool radians, const bool nested, const void *context,
                            const vd *in, vd *out)
{
    static const double dx[4] = {1, 1, 0, 0}, dy[4] = {1, 0, 0, 1}; /* north, east, south, west */
    struct cell cell = cell_of(context, nested, (vu)in[0]);

    for (size_t k = 0; k < 4; k++) {
        struct cell corner = cell;
        corner.x = corner.x + dx[k];
        corner.y = corner.y + dy[k];
        position_of(radians, context, ring_through(context, corner), &out[2 * k], &out[2 * k + 1]);
    }
}

ASTRO__INLINE void nested_corners(const bool radians, const void *context, const vd *in, vd *out)
{
    cornered(radians, true, context, in, out);
}

ASTRO__INLINE void ring_corners(const bool radians, const void *context, const vd *in, vd *out)
{
    cornered(radians, false, context, in, out);
}

SWEEP_CORES(nested_corners)
SWEEP_CORES(ring_corners)

void ASTRO__LANES(healpix_corners)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    static const struct sweep_shape shape = {1, 8, 0};
    const struct astro__healpix *h = context;

    if (h->nested)
        SWEEP_UNITS(h, &h->sky.lon, shape, n, in, out, always, nested_corners, nested_corners);
    else
        SWEEP_UNITS(h, &h->sky.lon, shape, n, in, out, always, ring_corners, ring_corners);
}
