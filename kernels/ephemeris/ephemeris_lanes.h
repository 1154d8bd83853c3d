/*
 * The ephemeris for a register of dates. For _lanes.c files.
 *
 *     struct ephemeris_lanes when = ephemeris_at(day, part);
 *     ephemeris_orientation(&when, &x, &y, &s, &eo);            of TT
 *     ephemeris_position(&when, earth, velocity, sun_earth);    of TDB
 *     ephemeris_sun_velocity(&when, sun_velocity);
 *
 * Given      day, part: day whole (a J, at noon), |part| <= 0.5. Any value is legal; a lane that is
 *            not finite gives what is not finite.
 * Returned   as struct astro__ephemeris (ephemeris.h); NULL for what is not wanted
 * Cost       with all lanes in one segment of 8 days 10 ns a row for each half (AVX2), else about
 *            three times that; a lane outside 1900 to 2100 goes to ERFA, 35 us for each half
 * Rows       Lanes in one segment or in several: the same arithmetic, hence the same bits.
 */
#ifndef ASTRO_KERNELS_EPHEMERIS_LANES_H
#define ASTRO_KERNELS_EPHEMERIS_LANES_H

#include "../time/dates.h"
#include "ephemeris.h"
#include "ephemeris_table.h"

struct ephemeris_lanes {
    vd day, part;
    vd z;
    vm reached;                   /* by the table */
    bool all, same;               /* lanes are reached; lanes are in one segment */
    size_t segment[ASTRO__WIDTH]; /* 0 where it is not reached */
};

ASTRO__INLINE struct ephemeris_lanes ephemeris_at(vd day, vd part)
{
    struct ephemeris_lanes when = {.day = day, .part = part, .same = true};
    double segments[ASTRO__WIDTH];
    vd since = day - ASTRO__EPHEMERIS_FIRST;
    vd segment = date_floor(since * (1.0 / ASTRO__EPHEMERIS_DAYS));
    vm inside = (vm)(segment >= 0.0) & (vm)(segment < (double)ASTRO__EPHEMERIS_SEGMENTS);

    segment = v_keep(inside, segment);
    vd z = (((since - segment * ASTRO__EPHEMERIS_DAYS) - ASTRO__EPHEMERIS_MIDDLE) + part) *
           (1.0 / ASTRO__EPHEMERIS_HALF);
    when.reached = inside | ~date_finite(z);
    when.all = v_all(when.reached);
    when.z = v_keep(when.reached, z);
    v_store(segments, 0, segment);
    for (size_t i = 0; i < ASTRO__WIDTH; i++) {
        when.segment[i] = (size_t)segments[i];
        when.same = when.same && when.segment[i] == when.segment[0];
    }
    return when;
}

/* --- polynomials --- */

/* Coefficient k of each lane's row. */
ASTRO__INLINE vd ephemeris_coefficient(const bool same, const double *const rows[], size_t k)
{
    vd c = v_set(rows[0][k]);

    for (size_t i = 1; !same && i < ASTRO__WIDTH; i++)
        c[i] = rows[i][k]; /* unrolled: a constructor */
    return c;
}

/* Every second power of z, from `top` down. */
ASTRO__INLINE vd ephemeris_chain(const bool same, const double *const rows[], const size_t top,
                                 vd zz)
{
    vd sum = ephemeris_coefficient(same, rows, top);

    for (size_t k = top; k >= 2; k -= 2)
        sum = v_fma(sum, zz, ephemeris_coefficient(same, rows, k - 2));
    return sum;
}

/* Even and odd powers apart: half as long a wait. */
ASTRO__INLINE vd ephemeris_sum(const bool same, const double *const rows[], const size_t terms,
                               vd z)
{
    vd zz = z * z;
    vd last = ephemeris_chain(same, rows, terms - 1, zz);
    vd other = ephemeris_chain(same, rows, terms - 2, zz);

    return terms % 2 ? v_fma(other, z, last) : v_fma(last, z, other);
}

/* The sum, and its derivative by z. */
ASTRO__INLINE vd ephemeris_sum_and_slope(const bool same, const double *const rows[],
                                         const size_t terms, vd z, vd *ret_slope)
{
    vd sum = ephemeris_coefficient(same, rows, terms - 1);
    vd slope = sum;

    for (size_t k = terms - 1; k >= 1; k--) {
        sum = v_fma(sum, z, ephemeris_coefficient(same, rows, k - 1));
        if (k > 1)
            slope = v_fma(slope, z, sum);
    }
    *ret_slope = slope;
    return sum;
}

/* The polynomials of `member` in the segments of all lanes. */
#define EPHEMERIS_ROWS(rows, when, table, member)                                                  \
    do {                                                                                           \
        for (size_t lane = 0; lane < ASTRO__WIDTH; lane++)                                         \
            (rows)[lane] = (table)[(when)->segment[lane]] member;                                  \
    } while (0)

/* --- lanes that the table does not reach, one by one --- */

typedef void ephemeris_function(double jd1, double jd2, struct astro__ephemeris *ret);

/* columns: as many as there are, each of ASTRO__WIDTH lanes; `at` are their places in the struct. */
static __attribute__((noinline, unused)) void ephemeris_beyond(const struct ephemeris_lanes *when,
                                                               ephemeris_function *exact,
                                                               size_t columns, const size_t at[],
                                                               vd *const values[])
{
    double days[ASTRO__WIDTH], parts[ASTRO__WIDTH];
    int64_t reached[ASTRO__WIDTH];

    v_store(days, 0, when->day);
    v_store(parts, 0, when->part);
    memcpy(reached, &when->reached, sizeof reached);
    for (size_t i = 0; i < ASTRO__WIDTH; i++) {
        struct astro__ephemeris one = {0};
        if (reached[i])
            continue;
        exact(days[i], parts[i], &one);
        for (size_t k = 0; k < columns; k++)
            memcpy((char *)values[k] + i * sizeof(double), (const char *)&one + at[k],
                   sizeof(double));
    }
}

/* --- orientation --- */

ASTRO__INLINE void ephemeris_orientation_in(const bool same, const struct ephemeris_lanes *when,
                                            vd *ret_x, vd *ret_y, vd *ret_s, vd *ret_eo)
{
    const double *rows[ASTRO__WIDTH];

    if (ret_x) {
        EPHEMERIS_ROWS(rows, when, astro__orientation_table, .x);
        *ret_x = ephemeris_sum(same, rows, ASTRO__POLE_TERMS, when->z);
        EPHEMERIS_ROWS(rows, when, astro__orientation_table, .y);
        *ret_y = ephemeris_sum(same, rows, ASTRO__POLE_TERMS, when->z);
        EPHEMERIS_ROWS(rows, when, astro__orientation_table, .locator);
        *ret_s =
            v_fma(*ret_x * -0.5, *ret_y, ephemeris_sum(same, rows, ASTRO__LOCATOR_TERMS, when->z));
    }
    if (ret_eo) {
        EPHEMERIS_ROWS(rows, when, astro__orientation_table, .eo);
        *ret_eo = ephemeris_sum(same, rows, ASTRO__POLE_TERMS, when->z);
    }
}

/* The pole and s together, or neither; the equation of the origins or not. */
ASTRO__INLINE void ephemeris_orientation(const struct ephemeris_lanes *when, vd *ret_x, vd *ret_y,
                                         vd *ret_s, vd *ret_eo)
{
    static const size_t at[] = {
        offsetof(struct astro__ephemeris, eo), offsetof(struct astro__ephemeris, x),
        offsetof(struct astro__ephemeris, y), offsetof(struct astro__ephemeris, s)};

    if (__builtin_expect(when->same, 1))
        ephemeris_orientation_in(true, when, ret_x, ret_y, ret_s, ret_eo);
    else
        ephemeris_orientation_in(false, when, ret_x, ret_y, ret_s, ret_eo);
    if (__builtin_expect(!when->all, 0)) {
        vd *const values[] = {ret_eo, ret_x, ret_y, ret_s};
        size_t first = ret_eo ? 0 : 1;
        ephemeris_beyond(when, astro__ephemeris_orientation, (ret_x ? 4 : 1) - first, at + first,
                         values + first);
    }
}

/* --- position --- */

ASTRO__INLINE void ephemeris_position_in(const bool same, const struct ephemeris_lanes *when,
                                         vd earth[3], vd velocity[3], vd sun_earth[3])
{
    const double *rows[ASTRO__WIDTH];

    for (size_t k = 0; k < 3; k++) {
        vd slope;
        EPHEMERIS_ROWS(rows, when, astro__position_table, .earth[k]);
        if (velocity) {
            earth[k] = ephemeris_sum_and_slope(same, rows, ASTRO__EARTH_TERMS, when->z, &slope);
            velocity[k] = slope * (1.0 / ASTRO__EPHEMERIS_HALF);
        } else {
            earth[k] = ephemeris_sum(same, rows, ASTRO__EARTH_TERMS, when->z);
        }
        if (sun_earth) {
            EPHEMERIS_ROWS(rows, when, astro__position_table, .sun[k]);
            sun_earth[k] = earth[k] - ephemeris_sum(same, rows, ASTRO__SUN_TERMS, when->z);
        }
    }
}

/* The Earth always; its velocity or not; from the Sun or not. */
ASTRO__INLINE void ephemeris_position(const struct ephemeris_lanes *when, vd earth[3],
                                      vd velocity[3], vd sun_earth[3])
{
    if (__builtin_expect(when->same, 1))
        ephemeris_position_in(true, when, earth, velocity, sun_earth);
    else
        ephemeris_position_in(false, when, earth, velocity, sun_earth);
    if (__builtin_expect(!when->all, 0)) {
        vd *values[9];
        size_t at[9], n = 0;
        for (size_t k = 0; k < 3; k++) {
            values[n] = &earth[k];
            at[n++] = offsetof(struct astro__ephemeris, earth) + k * sizeof(double);
        }
        for (size_t k = 0; velocity && k < 3; k++) {
            values[n] = &velocity[k];
            at[n++] = offsetof(struct astro__ephemeris, velocity) + k * sizeof(double);
        }
        for (size_t k = 0; sun_earth && k < 3; k++) {
            values[n] = &sun_earth[k];
            at[n++] = offsetof(struct astro__ephemeris, sun_earth) + k * sizeof(double);
        }
        ephemeris_beyond(when, astro__ephemeris_position, n, at, values);
    }
}

/* The Sun's velocity. */
ASTRO__INLINE void ephemeris_sun_velocity(const struct ephemeris_lanes *when, vd velocity[3])
{
    const double *rows[ASTRO__WIDTH];

    for (size_t k = 0; k < 3; k++) {
        EPHEMERIS_ROWS(rows, when, astro__position_table, .sun[k]);
        if (__builtin_expect(when->same, 1))
            (void)ephemeris_sum_and_slope(true, rows, ASTRO__SUN_TERMS, when->z, &velocity[k]);
        else
            (void)ephemeris_sum_and_slope(false, rows, ASTRO__SUN_TERMS, when->z, &velocity[k]);
        velocity[k] = velocity[k] * (1.0 / ASTRO__EPHEMERIS_HALF);
    }
    if (__builtin_expect(!when->all, 0)) {
        vd *values[3];
        size_t at[3];
        for (size_t k = 0; k < 3; k++) {
            values[k] = &velocity[k];
            at[k] = offsetof(struct astro__ephemeris, sun_velocity) + k * sizeof(double);
        }
        ephemeris_beyond(when, astro__ephemeris_position, 3, at, values);
    }
}

/* --- equations of the equinoxes --- */

ASTRO__INLINE vd ephemeris_equinox(const struct ephemeris_lanes *when, const double *table,
                                   const size_t terms, double (*exact)(double, double))
{
    const double *rows[ASTRO__WIDTH];
    vd value;

    for (size_t i = 0; i < ASTRO__WIDTH; i++)
        rows[i] = table + when->segment[i] * terms;
    if (__builtin_expect(when->same, 1))
        value = ephemeris_sum(true, rows, terms, when->z);
    else
        value = ephemeris_sum(false, rows, terms, when->z);
    if (__builtin_expect(!when->all, 0)) {
        for (size_t i = 0; i < ASTRO__WIDTH; i++)
            value[i] = when->reached[i] ? value[i] : exact(when->day[i], when->part[i]);
    }
    return value;
}

/* eraGst00a less eraGst06a; the date is TT. */
ASTRO__INLINE vd ephemeris_equinox_2000(const struct ephemeris_lanes *when)
{
    return ephemeris_equinox(when, astro__equinox_2000_table[0], ASTRO__EQUINOX_2000_TERMS,
                             astro__equinox_2000);
}

/* eraEqeq94 of the date. */
ASTRO__INLINE vd ephemeris_equinox_1994(const struct ephemeris_lanes *when)
{
    return ephemeris_equinox(when, astro__equinox_1994_table[0], ASTRO__EQUINOX_1994_TERMS,
                             astro__equinox_1994);
}

#endif
