/*
 * The arithmetic of HEALPix, one register of pixels at a time. For _lanes.c files.
 *
 * A pixel is a struct cell: face and place within it, as doubles, which are exact for all whole
 * numbers that occur (below 2^35). Only pixel numbers themselves, below 2^62, are 64-bit integers.
 *
 * Rings  With X, Y the sums that a ring number is made of, ring j = (row + 2) nside - x - y - 1
 *        counts from the north pole, 1 to 4 nside - 1. Its "width" w is the number of pixels in a
 *        quarter of it: j in the polar caps, nside between them. Along it an eighth of the circle has
 *        w half pixels.
 */
#ifndef ASTRO_KERNELS_HEALPIX_PIXEL_LANES_H
#define ASTRO_KERNELS_HEALPIX_PIXEL_LANES_H

#include "../sky/sphere_lanes.h"
#include "healpix.h"

/* face = 4 row + column, row 0 to 2 from the north */
struct cell {
    vd row, column, x, y;
};

/* A place on a ring: what longitude, latitude and the ring number are made of. */
struct ring {
    vd j;       /* from the north pole */
    vd width;   /* pixels in a quarter */
    vd eighths; /* half pixels from longitude 0; in [0, 8 width) */
};

/* --- numbers --- */

/* a where the mask is set, else b. */
ASTRO__INLINE vu u_select(vm mask, vu a, vu b)
{
    return ((vu)mask & a) | (~(vu)mask & b);
}

/* A whole number in [0, 2^52) as bits. */
ASTRO__INLINE vu to_whole(vd a)
{
    return (vu)(a + 0x1p+52) ^ (vu)v_set(0x1p+52);
}

/* Below 2^52, exact. */
ASTRO__INLINE vd from_whole(vu a)
{
    return (vd)(a | (vu)v_set(0x1p+52)) - 0x1p+52;
}

/* Any below 2^63, rounded. */
ASTRO__INLINE vd from_any(vu a)
{
    return v_fma(from_whole(a >> 32), v_set(0x1p+32), from_whole(a & 0xFFFFFFFFu));
}

/* --- nested: the bits of x and y in turn --- */

ASTRO__INLINE vu spread_bits(vu a)
{
    a = (a | a << 16) & UINT64_C(0x0000FFFF0000FFFF);
    a = (a | a << 8) & UINT64_C(0x00FF00FF00FF00FF);
    a = (a | a << 4) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    a = (a | a << 2) & UINT64_C(0x3333333333333333);
    return (a | a << 1) & UINT64_C(0x5555555555555555);
}

ASTRO__INLINE vu gather_bits(vu a)
{
    a &= UINT64_C(0x5555555555555555);
    a = (a | a >> 1) & UINT64_C(0x3333333333333333);
    a = (a | a >> 2) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    a = (a | a >> 4) & UINT64_C(0x00FF00FF00FF00FF);
    a = (a | a >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    return (a | a >> 16) & UINT64_C(0x00000000FFFFFFFF);
}

ASTRO__INLINE vu nested_of(const struct astro__healpix *h, struct cell cell)
{
    vu face = to_whole(v_fma(cell.row, v_set(4.0), cell.column));

    return face << 2 * h->order | spread_bits(to_whole(cell.y)) << 1 |
           spread_bits(to_whole(cell.x));
}

ASTRO__INLINE struct cell cell_of_nested(const struct astro__healpix *h, vu pixel)
{
    vu face = pixel >> 2 * h->order;
    vu place = pixel & (((uint64_t)1 << 2 * h->order) - 1);

    return (struct cell){
        .row = from_whole(face >> 2),
        .column = from_whole(face & 3),
        .x = from_whole(gather_bits(place)),
        .y = from_whole(gather_bits(place >> 1)),
    };
}

/* --- rings --- */

/*
 * The ring through the point (x, y) of a face, whole numbers from (0, 0), the southern corner, to
 * (nside, nside). At a pole the width is 0, and so are the half pixels.
 */
ASTRO__INLINE struct ring ring_through(const struct astro__healpix *h, struct cell cell)
{
    struct ring ring;
    vd odd = v_select((vm)(cell.row == 1.0), v_set(0.0), v_set(1.0));

    ring.j = v_fma(cell.row + 2.0, v_set(h->side), -(cell.x + cell.y));
    ring.width = v_min(v_min(ring.j, v_set(h->side)), 4.0 * h->side - ring.j);
    vd eighths = v_fma(v_fma(cell.column, v_set(2.0), odd), ring.width, cell.x - cell.y);
    eighths = eighths + v_keep((vm)(eighths < 0.0), 8.0 * ring.width);
    eighths = eighths - v_keep((vm)(eighths >= 8.0 * ring.width), 8.0 * ring.width);
    vm pole = (vm)(ring.width == 0.0);
    ring.eighths = v_select(pole, v_fma(cell.column, v_set(2.0), odd), eighths);
    return ring;
}

/* That of a pixel's centre. */
ASTRO__INLINE struct ring ring_of(const struct astro__healpix *h, struct cell cell)
{
    struct ring ring;
    vd odd = v_select((vm)(cell.row == 1.0), v_set(0.0), v_set(1.0));

    ring.j = v_fma(cell.row + 2.0, v_set(h->side), -(cell.x + cell.y)) - 1.0;
    ring.width = v_min(v_min(ring.j, v_set(h->side)), 4.0 * h->side - ring.j);
    vd eighths = v_fma(v_fma(cell.column, v_set(2.0), odd), ring.width, cell.x - cell.y);
    ring.eighths = eighths + v_keep((vm)(eighths < 0.0), 8.0 * ring.width);
    return ring;
}

/* Whether pixels of the rings between the caps begin at longitude 0, not half a pixel east: 1 or 0. */
ASTRO__INLINE vd shift_of(const struct astro__healpix *h, vd j, vm between)
{
    vd steps = j - h->side;

    return v_keep(between, steps - 2.0 * v_floor(0.5 * steps));
}

ASTRO__INLINE vu pixel_of_ring(const struct astro__healpix *h, struct ring ring)
{
    vm north = (vm)(ring.j < h->side), south = (vm)(ring.j > 3.0 * h->side);
    vd shift = shift_of(h, ring.j, ~(north | south));
    vd along = 0.5 * (ring.eighths - 1.0 + shift); /* from 0 */

    /* Pixels before the ring: 2j(j-1); 2n(n-1) + 4n(j-n); 12n^2 - 2w(w+1). */
    vd a = v_select(north | south, 2.0 * ring.width, v_set(4.0 * h->side));
    vd b = v_select(north, ring.j - 1.0, v_select(south, ring.width + 1.0, ring.j - h->side));
    vu product = to_whole(a) * to_whole(b);
    uint64_t side = (uint64_t)h->nside, cap = 2 * side * (side - 1);
    vu zero = {0};
    vu before = u_select(south, (vu)((uint64_t)h->pixels - product),
                         product + u_select(north, zero, zero + cap));
    return before + to_whole(along);
}

/* The ring j of a cap, counted from its pole, that holds the pixel number `pixel` of it. */
ASTRO__INLINE vd cap_ring(vu pixel, vu *ret_within)
{
    vd j = v_floor(0.5 + v_sqrt(v_fma(v_set(0.5), from_any(pixel), v_set(0.25))));
    vu before = to_whole(2.0 * j) * to_whole(j - 1.0);

    /* The root may be one off where it is nearly whole: the integers decide. */
    vm high = (vm)((vm)before > (vm)pixel);
    j = j - v_keep(high, v_set(1.0));
    before = to_whole(2.0 * j) * to_whole(j - 1.0);
    vm low = (vm)((vm)(pixel - before) >= (vm)to_whole(4.0 * j));
    *ret_within = pixel - before - (to_whole(4.0 * j) & (vu)low);
    return j + v_keep(low, v_set(1.0));
}

/* The ring of a pixel between the caps, counted from 0 at the first of them. */
ASTRO__INLINE vd belt_ring(const struct astro__healpix *h, vu pixel, vu *ret_within)
{
    uint64_t length = 4 * (uint64_t)h->nside;
    vd ring = v_floor(from_any(pixel) / (4.0 * h->side));
    vu product = to_whole(ring) * length;
    vm high = (vm)((vm)product > (vm)pixel);

    ring = ring - v_keep(high, v_set(1.0));
    product = product - ((vu)high & length);
    vm low = (vm)((vm)(pixel - product) >= (int64_t)length);
    *ret_within = pixel - product - ((vu)low & length);
    return ring + v_keep(low, v_set(1.0));
}

ASTRO__INLINE struct ring ring_of_pixel(const struct astro__healpix *h, vu pixel)
{
    uint64_t side = (uint64_t)h->nside, cap = 2 * side * (side - 1);
    uint64_t last = (uint64_t)h->pixels - 1;
    vu mirrored = last - pixel, belt_within, cap_within;
    vm north = (vm)((vm)pixel < (int64_t)cap), south = (vm)((vm)mirrored < (int64_t)cap);
    struct ring ring;

    /* Lanes of the other kind compute on 0. */
    vd polar = cap_ring(u_select(north, pixel, mirrored & (vu)south), &cap_within);
    vd belt = belt_ring(h, (pixel - cap) & ~(vu)(north | south), &belt_within) + h->side;

    ring.j = v_select(north, polar, v_select(south, 4.0 * h->side - polar, belt));
    ring.width = v_select(north | south, polar, v_set(h->side));
    vd along = from_whole(u_select(north | south, cap_within, belt_within));
    along = v_select(south, v_fma(v_set(4.0), polar, -1.0 - along), along);
    ring.eighths = 2.0 * along + 1.0 - shift_of(h, ring.j, ~(north | south));
    return ring;
}

/* The cell of a pixel's centre on its ring. */
ASTRO__INLINE struct cell cell_of_ring(const struct astro__healpix *h, struct ring ring)
{
    vm north = (vm)(ring.j < h->side), south = (vm)(ring.j > 3.0 * h->side);
    struct cell cell;

    /* In a cap the quarter of the circle says which; between, the two diagonals do. */
    vd quarter = v_floor(ring.eighths / (2.0 * ring.width));
    vd diagonal = ring.j - h->side; /* 0 to 2 nside */
    vd up = v_floor((0.5 * (ring.eighths - diagonal - 1.0) + h->side) / h->side);
    vd down = v_floor((0.5 * (ring.eighths + diagonal - 1.0)) / h->side);
    vm same = (vm)(up == down);
    /* With c the column: up is c + 1, c, c and down is c, c, c + 1 in the rows 0, 1, 2. */
    vd row = v_select(same, v_set(1.0), v_keep((vm)(up < down), v_set(2.0)));
    vd column = v_min(up, down);
    column = v_select(same, up, column);
    column = column - v_keep((vm)(column > 3.0), v_set(4.0));
    cell.row = v_select(north, v_set(0.0), v_select(south, v_set(2.0), row));
    cell.column = v_select(north | south, quarter, column);

    vd odd = v_select((vm)(cell.row == 1.0), v_set(0.0), v_set(1.0));
    vd sum = v_fma(cell.row + 2.0, v_set(h->side), -ring.j) - 1.0; /* x + y */
    vd difference = v_fma(v_fma(cell.column, v_set(-2.0), -odd), ring.width, ring.eighths);
    difference = difference - v_keep((vm)(difference >= 2.0 * h->side), 8.0 * ring.width);
    cell.x = 0.5 * (sum + difference);
    cell.y = 0.5 * (sum - difference);
    return cell;
}

ASTRO__INLINE struct cell cell_of(const struct astro__healpix *h, const bool nested, vu pixel)
{
    return nested ? cell_of_nested(h, pixel) : cell_of_ring(h, ring_of_pixel(h, pixel));
}

ASTRO__INLINE vu pixel_of(const struct astro__healpix *h, const bool nested, struct cell cell)
{
    return nested ? nested_of(h, cell) : pixel_of_ring(h, ring_of(h, cell));
}

#endif
