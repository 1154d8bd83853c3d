/*
 * Writes the source of astro__tdb_table (tdb_table.h). Runs when the library is built.
 *
 * Each polynomial goes through eraDtdb at the Chebyshev points of its segment: Chebyshev
 * coefficients first, then powers of z.
 */
#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tdb_table.h"

enum { N = ASTRO__TDB_TERMS };

#define PI 3.141592653589793

/* Days, at z of segment s. */
static double value(int s, double z)
{
    double middle = ASTRO__TDB_FIRST + ASTRO__TDB_DAYS * s + ASTRO__TDB_MIDDLE;

    return eraDtdb(middle, ASTRO__TDB_HALF * z, 0.0, 0.0, 0.0, 0.0) / ERFA_DAYSEC;
}

static void chebyshev(int s, double c[N])
{
    double values[N];

    for (int i = 0; i < N; i++)
        values[i] = value(s, cos(PI * (i + 0.5) / N));
    for (int k = 0; k < N; k++) {
        c[k] = 0.0;
        for (int i = 0; i < N; i++)
            c[k] += values[i] * cos(PI * k * (i + 0.5) / N);
        c[k] *= k ? 2.0 / N : 1.0 / N;
    }
}

/* Sum of c[k] T_k(z) as powers, by T_k+1 = 2 z T_k - T_k-1. */
static void powers(const double c[N], double p[N])
{
    double before[N] = {0}, last[N] = {0};

    for (int i = 0; i < N; i++)
        p[i] = 0.0;
    before[0] = 1.0;
    last[1] = 1.0;
    p[0] = c[0];
    for (int k = 1; k < N; k++) {
        double next[N];
        for (int i = 0; i < N; i++) {
            p[i] += c[k] * last[i];
            next[i] = (i ? 2.0 * last[i - 1] : 0.0) - before[i];
        }
        for (int i = 0; i < N; i++) {
            before[i] = last[i];
            last[i] = next[i];
        }
    }
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "w") : NULL;

    if (!file) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return EXIT_FAILURE;
    }
    fprintf(
        file,
        "#include \"time/scales/tdb_table.h\"\n\n"
        "const _Alignas(64) double astro__tdb_table[ASTRO__TDB_SEGMENTS][ASTRO__TDB_TERMS] = {\n");
    for (int s = 0; s < ASTRO__TDB_SEGMENTS; s++) {
        double c[N], p[N];
        chebyshev(s, c);
        powers(c, p);
        fprintf(file, "{");
        for (int k = 0; k < N; k++)
            fprintf(file, "%a%s", p[k], k % 4 == 3 ? ",\n" : ", ");
        fprintf(file, "},\n");
    }
    fprintf(file, "};\n");
    return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
