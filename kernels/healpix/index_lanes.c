/*
 * HEALPix: pixels and pixels.
 *
 * healpix_reorder
 *   Given      context   struct astro__healpix; `nested` is the numbering of the input
 *              in[0]     INT64: pixel in [0, 12 nside^2)
 *   Returned   out[0]    INT64: the same pixel in the other numbering
 *
 * healpix_neighbours
 *   Given      in[0]     INT64: pixel in [0, 12 nside^2)
 *   Returned   out[0..7] INT64: its neighbours south-west, west, north-west, north, north-east, east,
 *                        south-east, south; -1 where there is none; east is greater longitude
 *
 * Both: exact; n = 0 is valid, any alignment, outputs overlap nothing. No allocation, any thread.
 * Source     the adjacency of the twelve faces: Gorski et al. (2005), figure 4
 */
#include "../simd/lanes.h"
#include "pixel_lanes.h"

astro__kernel ASTRO__LANES(healpix_reorder);
astro__kernel ASTRO__LANES(healpix_neighbours);

ASTRO__INLINE vm always(const void *context, const vd *in)
{
    (void)context;
    (void)in;
    return ~(vm){0};
}

static const struct sweep_shape one_to_one = {1, 1, SWEEP_WHOLE},
                                one_to_eight = {1, 8, SWEEP_WHOLE};

/* --- numberings --- */

static inline void to_ring(const void *context, const vd *in, vd *out)
{
    out[0] = (vd)pixel_of(context, false, cell_of(context, true, (vu)in[0]));
}

static inline void to_nested(const void *context, const vd *in, vd *out)
{
    out[0] = (vd)pixel_of(context, true, cell_of(context, false, (vu)in[0]));
}

void ASTRO__LANES(healpix_reorder)(const void *context, size_t n, const void *const in[],
                                   void *const out[])
{
    const struct astro__healpix *h = context;

    if (h->nested)
        sweep(h, NULL, one_to_one, n, in, out, always, to_ring, to_ring);
    else
        sweep(h, NULL, one_to_one, n, in, out, always, to_nested, to_nested);
}

/* --- neighbours --- */

/* south-west, west, north-west, north, north-east, east, south-east, south */
static const double step_x[8] = {-1, -1, 0, 1, 1, 1, 0, -1};
static const double step_y[8] = {0, 1, 1, 1, 0, -1, -1, -1};

/* One lane. */
struct place {
    int row, column;
    double x, y;
};

/* Beyond the edges of a northern face (row 0). False: there is no such pixel. */
static bool leave_north(double side, bool right, bool left, bool high, bool low, struct place *p)
{
    if ((right && low) || (left && high))
        return false;
    if (right && high) { /* the pole */
        p->column += 2;
        p->x = 2 * side - 1 - p->x;
        p->y = 2 * side - 1 - p->y;
    } else if (left && low) {
        p->row = 2;
        p->x += side;
        p->y += side;
    } else if (right) { /* the north-eastern edge is the next face's north-western one */
        p->column += 1;
        double x = p->x;
        p->x = p->y;
        p->y = 2 * side - 1 - x;
    } else if (high) {
        p->column += 3;
        double y = p->y;
        p->y = p->x;
        p->x = 2 * side - 1 - y;
    } else if (left) {
        p->row = 1;
        p->x += side;
    } else {
        p->row = 1;
        p->column += 1;
        p->y += side;
    }
    return true;
}

/* Of a face on the equator (row 1). */
static bool leave_equator(double side, bool right, bool left, bool high, bool low, struct place *p)
{
    if ((right && high) || (left && low))
        return false;
    if (right && low) {
        p->column += 1;
        p->x -= side;
        p->y += side;
    } else if (left && high) {
        p->column += 3;
        p->x += side;
        p->y -= side;
    } else if (right) {
        p->row = 0;
        p->x -= side;
    } else if (high) {
        p->row = 0;
        p->column += 3;
        p->y -= side;
    } else if (left) {
        p->row = 2;
        p->column += 3;
        p->x += side;
    } else {
        p->row = 2;
        p->y += side;
    }
    return true;
}

/* Of a southern face (row 2). */
static bool leave_south(double side, bool right, bool left, bool high, bool low, struct place *p)
{
    if ((right && low) || (left && high))
        return false;
    if (left && low) { /* the pole */
        p->column += 2;
        p->x = -1 - p->x;
        p->y = -1 - p->y;
    } else if (right && high) {
        p->row = 0;
        p->x -= side;
        p->y -= side;
    } else if (left) { /* the south-western edge is the previous face's south-eastern one */
        p->column += 3;
        double x = p->x;
        p->x = p->y;
        p->y = -1 - x;
    } else if (low) {
        p->column += 1;
        double y = p->y;
        p->y = p->x;
        p->x = -1 - y;
    } else if (right) {
        p->row = 1;
        p->column += 1;
        p->x -= side;
    } else {
        p->row = 1;
        p->y -= side;
    }
    return true;
}

/* Brings a place one step outside its face to the face that it is on. */
static bool settle(double side, struct place *p)
{
    bool right = p->x >= side, left = p->x < 0, high = p->y >= side, low = p->y < 0;
    bool there = true;

    if (!right && !left && !high && !low)
        return true;
    if (p->row == 0)
        there = leave_north(side, right, left, high, low, p);
    else if (p->row == 1)
        there = leave_equator(side, right, left, high, low, p);
    else
        there = leave_south(side, right, left, high, low, p);
    p->column %= 4;
    return there;
}

/* The neighbour in one direction, lane by lane. Lanes without one keep a cell, and their mask is set.
 */
static struct cell settled(const struct astro__healpix *h, struct cell cell, vm *ret_none)
{
    double row[ASTRO__WIDTH], column[ASTRO__WIDTH], x[ASTRO__WIDTH], y[ASTRO__WIDTH];
    int64_t none[ASTRO__WIDTH];

    v_store(row, 0, cell.row);
    v_store(column, 0, cell.column);
    v_store(x, 0, cell.x);
    v_store(y, 0, cell.y);
    for (size_t i = 0; i < ASTRO__WIDTH; i++) {
        struct place place = {(int)row[i], (int)column[i], x[i], y[i]};
        none[i] = settle(h->side, &place) ? 0 : -1;
        row[i] = place.row;
        column[i] = place.column;
        x[i] = none[i] ? 0 : place.x;
        y[i] = none[i] ? 0 : place.y;
    }
    *ret_none = (vm)v_load(none, 0);
    return (struct cell){v_load(row, 0), v_load(column, 0), v_load(x, 0), v_load(y, 0)};
}

ASTRO__INLINE void surrounded(const bool nested, const struct astro__healpix *h, const vd *in,
                              vd *out)
{
    struct cell cell = cell_of(h, nested, (vu)in[0]);
    vm inside = (vm)(v_min(cell.x, cell.y) > 0.0) & (vm)(v_max(cell.x, cell.y) < h->side - 1.0);
    bool all_inside = v_all(inside);

    for (size_t k = 0; k < 8; k++) {
        struct cell next = cell;
        vm none = {0};
        next.x = next.x + step_x[k];
        next.y = next.y + step_y[k];
        if (!all_inside)
            next = settled(h, next, &none);
        out[k] = (vd)(pixel_of(h, nested, next) | (vu)none);
    }
}

static inline void nested_neighbours(const void *context, const vd *in, vd *out)
{
    surrounded(true, context, in, out);
}

static inline void ring_neighbours(const void *context, const vd *in, vd *out)
{
    surrounded(false, context, in, out);
}

void ASTRO__LANES(healpix_neighbours)(const void *context, size_t n, const void *const in[],
                                      void *const out[])
{
    const struct astro__healpix *h = context;

    if (h->nested)
        sweep(h, NULL, one_to_eight, n, in, out, always, nested_neighbours, nested_neighbours);
    else
        sweep(h, NULL, one_to_eight, n, in, out, always, ring_neighbours, ring_neighbours);
}
