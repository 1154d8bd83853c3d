/*
 * Pieces of UTC for a register of dates.
 *
 * Neighbouring rows are mostly close in time: as long as all lanes lie in the piece of the register
 * before, its constants are used for all. Otherwise each lane looks its own up. Both ways give the
 * same numbers.
 */
#ifndef ASTRO_KERNELS_TIME_LEAP_PIECE_LANES_H
#define ASTRO_KERNELS_TIME_LEAP_PIECE_LANES_H

#include "../dates.h"
#include "utc.h"

/* The piece found last; begins as the piece before UTC, in which no lane ever is. */
struct piece_hint {
    const struct astro__utc_piece *piece;
};

/* Constants of the piece of each lane. What a kernel does not use costs nothing. */
struct piece_lanes {
    vd first, dat, stretch, shrink, seconds, drift, extra;
};

ASTRO__INLINE struct piece_lanes piece_of_all(const struct astro__utc_piece *p)
{
    return (struct piece_lanes){v_set(p->first),  v_set(p->dat),     v_set(p->stretch),
                                v_set(p->shrink), v_set(p->seconds), v_set(p->drift),
                                v_set(p->extra)};
}

ASTRO__INLINE struct piece_lanes piece_of_each(const struct astro__utc_piece *const *pieces)
{
    double columns[7][ASTRO__WIDTH];

    for (size_t i = 0; i < ASTRO__WIDTH; i++) {
        const struct astro__utc_piece *p = pieces[i];
        columns[0][i] = p->first;
        columns[1][i] = p->dat;
        columns[2][i] = p->stretch;
        columns[3][i] = p->shrink;
        columns[4][i] = p->seconds;
        columns[5][i] = p->drift;
        columns[6][i] = p->extra;
    }
    return (struct piece_lanes){v_load(columns[0], 0), v_load(columns[1], 0), v_load(columns[2], 0),
                                v_load(columns[3], 0), v_load(columns[4], 0), v_load(columns[5], 0),
                                v_load(columns[6], 0)};
}

/* For civil days of UTC. */
ASTRO__INLINE struct piece_lanes piece_on(const struct astro__utc *utc, struct piece_hint *hint,
                                          vd day)
{
    const struct astro__utc_piece *pieces[ASTRO__WIDTH], *p = hint->piece;
    double days[ASTRO__WIDTH];

    if (__builtin_expect(v_all((vm)(day >= p[0].first) & (vm)(day < p[1].first)), 1))
        return piece_of_all(p);
    v_store(days, 0, day);
    for (size_t i = 0; i < ASTRO__WIDTH; i++)
        pieces[i] = &utc->pieces[astro__utc_find(utc, days[i])];
    hint->piece = pieces[ASTRO__WIDTH - 1];
    return piece_of_each(pieces);
}

/*
 * Days that have passed since the beginning of a piece, on a scale that is `offset` days ahead of
 * TAI; `day` and `part` are a date on that scale.
 */
ASTRO__INLINE vd piece_elapsed(vd first, vd dat, double offset, vd day, vd part)
{
    return (day - first) + ((part + 0.5) - (dat + offset));
}

static inline double piece_elapsed_row(const struct astro__utc_piece *p, double offset, double day,
                                       double part)
{
    return (day - p->first) + ((part + 0.5) - (p->dat + offset));
}

/* The piece of a date on such a scale. */
static __attribute__((unused)) const struct astro__utc_piece *
piece_from_scale(const struct astro__utc *utc, double offset, double day, double part)
{
    size_t at = astro__utc_find(utc, part >= 0.5 ? day + 1.0 : day);

    while (at > 0 && piece_elapsed_row(&utc->pieces[at], offset, day, part) < 0.0)
        at--;
    while (piece_elapsed_row(&utc->pieces[at + 1], offset, day, part) >= 0.0)
        at++;
    return &utc->pieces[at];
}

/* For dates on a scale that is `offset` days ahead of TAI. */
ASTRO__INLINE struct piece_lanes piece_at(const struct astro__utc *utc, struct piece_hint *hint,
                                          double offset, const vd *date)
{
    const struct astro__utc_piece *pieces[ASTRO__WIDTH], *p = hint->piece;
    double days[ASTRO__WIDTH], parts[ASTRO__WIDTH];
    vd here = piece_elapsed(v_set(p[0].first), v_set(p[0].dat), offset, date[0], date[1]);
    vd next = piece_elapsed(v_set(p[1].first), v_set(p[1].dat), offset, date[0], date[1]);

    if (__builtin_expect(v_all((vm)(here >= 0.0) & (vm)(next < 0.0)), 1))
        return piece_of_all(p);
    v_store(days, 0, date[0]);
    v_store(parts, 0, date[1]);
    for (size_t i = 0; i < ASTRO__WIDTH; i++)
        pieces[i] = piece_from_scale(utc, offset, days[i], parts[i]);
    hint->piece = pieces[ASTRO__WIDTH - 1];
    return piece_of_each(pieces);
}

#endif
