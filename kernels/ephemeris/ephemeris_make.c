/*
 * Writes one of the tables of ephemeris_table.h, as they lie in memory. Runs when the library is
 * built; ephemeris_table.S.in makes an object of the files.
 *
 *     ephemeris_make orientation|position|equinox_2000|equinox_1994 FILE
 *
 * ERFA is asked at the Chebyshev points of each segment, more of them than a polynomial has terms:
 * Chebyshev coefficients first, of which the leading ones are kept, then powers of z.
 */
#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ephemeris_table.h"

enum { NODES = 16, MOST_VALUES = 9 };

#define PI 3.141592653589793238462643383279502884L

/* One table: what is sampled, and how many terms of each are kept, one after the other. */
struct table {
    const char *name;
    void (*sample)(double day, double part, double value[MOST_VALUES]);
    size_t nodes, values, size; /* size in bytes of a segment */
    size_t slopes;              /* so many of the first values are fitted by their slopes, per day,
                                   which follow all values */
    size_t terms[MOST_VALUES];
};

static void orientation(double day, double part, double value[MOST_VALUES])
{
    double matrix[3][3], x, y;

    eraPnm06a(day, part, matrix);
    eraBpn2xy(matrix, &x, &y);
    double s = eraS06(day, part, x, y);
    value[0] = x;
    value[1] = y;
    value[2] = eraEors(matrix, s);
    value[3] = s + x * y / 2.0;
}

/*
 * eraEpv00 forms the years since 2000 in one double, good to 1e-14 yr, 1e-13 au of the way: too
 * rough to be differentiated. Its velocity is smooth, so that is fitted and integrated.
 */
static void position(double day, double part, double value[MOST_VALUES])
{
    double heliocentric[2][3], barycentric[2][3];

    (void)eraEpv00(day, part, heliocentric, barycentric);
    for (size_t k = 0; k < 3; k++) {
        value[k] = barycentric[0][k];
        value[3 + k] = barycentric[0][k] - heliocentric[0][k];
        value[6 + k] = barycentric[1][k];
    }
}

static void equinox_2000(double day, double part, double value[MOST_VALUES])
{
    value[0] = eraAnpm(eraGst00a(day, part, day, part) - eraGst06a(day, part, day, part));
}

static void equinox_1994(double day, double part, double value[MOST_VALUES])
{
    value[0] = eraEqeq94(day, part);
}

static const struct table tables[] = {
    {"orientation",
     orientation,
     NODES,
     4,
     sizeof(struct astro__orientation_segment),
     0,
     {ASTRO__POLE_TERMS, ASTRO__POLE_TERMS, ASTRO__POLE_TERMS, ASTRO__LOCATOR_TERMS}},
    {"position",
     position,
     NODES,
     6,
     sizeof(struct astro__position_segment),
     3,
     {ASTRO__EARTH_TERMS, ASTRO__EARTH_TERMS, ASTRO__EARTH_TERMS, ASTRO__SUN_TERMS,
      ASTRO__SUN_TERMS, ASTRO__SUN_TERMS}},
    {"equinox_2000",
     equinox_2000,
     ASTRO__EQUINOX_2000_TERMS + 2,
     1,
     ASTRO__EQUINOX_2000_TERMS * sizeof(double),
     0,
     {ASTRO__EQUINOX_2000_TERMS}},
    {"equinox_1994",
     equinox_1994,
     ASTRO__EQUINOX_1994_TERMS,
     1,
     ASTRO__EQUINOX_1994_TERMS * sizeof(double),
     0,
     {ASTRO__EQUINOX_1994_TERMS}},
};

/* --- polynomials --- */

/* T_k at the i-th of n Chebyshev points. A run has one n. */
static long double cosine(size_t n, size_t k, size_t i)
{
    static long double of[NODES][NODES];
    static bool filled;

    for (size_t a = 0; !filled && a < n; a++) {
        for (size_t b = 0; b < n; b++)
            of[a][b] = cosl(PI * (long double)a * ((long double)b + 0.5L) / (long double)n);
    }
    filled = true;
    return of[k][i];
}

/* Sum of c[k] T_k(z) as powers, by T_k+1 = 2 z T_k - T_k-1. */
static void powers(size_t terms, const long double c[NODES], long double sum[NODES])
{
    long double before[NODES] = {0}, last[NODES] = {0};

    memset(sum, 0, NODES * sizeof sum[0]);
    before[0] = 1.0L;
    last[1] = 1.0L;
    sum[0] = c[0];
    for (size_t k = 1; k < terms; k++) {
        long double next[NODES];
        for (size_t i = 0; i < NODES; i++) {
            sum[i] += c[k] * last[i];
            next[i] = (i ? 2.0L * last[i - 1] : 0.0L) - before[i];
        }
        memcpy(before, last, sizeof before);
        memcpy(last, next, sizeof last);
    }
}

static void fit(const struct table *table, size_t v, size_t terms, double at[NODES][MOST_VALUES],
                long double sum[NODES])
{
    size_t n = table->nodes;
    long double c[NODES];

    for (size_t k = 0; k < n; k++) {
        c[k] = 0.0L;
        for (size_t i = 0; i < n; i++)
            c[k] += (long double)at[i][v] * cosine(n, k, i);
        c[k] *= (k ? 2.0L : 1.0L) / (long double)n;
    }
    powers(terms, c, sum);
}

/* From the slope, with the constant that fits the values best. */
static void fit_slope(const struct table *table, size_t v, double at[NODES][MOST_VALUES],
                      long double sum[NODES])
{
    size_t terms = table->terms[v];
    long double slope[NODES], constant = 0.0L;

    fit(table, table->values + v, terms - 1, at, slope);
    for (size_t k = 1; k < terms; k++)
        sum[k] = (long double)ASTRO__EPHEMERIS_HALF * slope[k - 1] / (long double)k;
    for (size_t i = 0; i < table->nodes; i++) {
        long double z = cosine(table->nodes, 1, i), value = 0.0L;
        for (size_t k = terms - 1; k >= 1; k--)
            value = (value + sum[k]) * z;
        constant += (long double)at[i][v] - value;
    }
    sum[0] = constant / (long double)table->nodes;
}

/* --- the file --- */

static bool write_segment(const struct table *table, int segment, FILE *file)
{
    double first = ASTRO__EPHEMERIS_FIRST + ASTRO__EPHEMERIS_DAYS * segment;
    double at[NODES][MOST_VALUES];
    size_t written = 0;

    for (size_t i = 0; i < table->nodes; i++)
        table->sample(first,
                      ASTRO__EPHEMERIS_MIDDLE +
                          ASTRO__EPHEMERIS_HALF * (double)cosine(table->nodes, 1, i),
                      at[i]);
    for (size_t v = 0; v < table->values; v++) {
        long double sum[NODES];
        double p[NODES];
        if (v < table->slopes)
            fit_slope(table, v, at, sum);
        else
            fit(table, v, table->terms[v], at, sum);
        for (size_t k = 0; k < table->terms[v]; k++)
            p[k] = (double)sum[k];
        written += fwrite(p, sizeof p[0], table->terms[v], file);
    }
    return written * sizeof(double) == table->size;
}

static bool write_table(const struct table *table, const char *path)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL;

    for (int s = 0; good && s < ASTRO__EPHEMERIS_SEGMENTS; s++)
        good = write_segment(table, s, file);
    if (file && fclose(file) != 0)
        good = false;
    return good;
}

int main(int argc, char **argv)
{
    for (size_t t = 0; argc == 3 && t < sizeof tables / sizeof tables[0]; t++) {
        if (strcmp(argv[1], tables[t].name) != 0)
            continue;
        if (write_table(&tables[t], argv[2]))
            return EXIT_SUCCESS;
        perror(argv[2]);
        return EXIT_FAILURE;
    }
    fprintf(stderr, "usage: %s orientation|position|equinox_2000|equinox_1994 FILE\n", argv[0]);
    return EXIT_FAILURE;
}
