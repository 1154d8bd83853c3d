/*
 * TDB - TT at the centre of the Earth, as polynomials.
 *
 * Purpose    eraDtdb sums 787 terms, 9 us a date. The sum depends on nothing but the date and is
 *            smooth, so it is made once, when the library is built (tdb_table_make.c): from 1800 to
 *            2200, a polynomial of degree 15 for each 32 days. Largest difference from eraDtdb
 *            1e-13 s (test_tdb.c looks for it).
 * Form       Segment s holds for dates whose J is in [first + 32 s, first + 32 s + 31]. With
 *            z = (date - (first + 32 s + 15.5)) / 16, in [-1, 1],
 *                TDB - TT = sum of coefficient[k] z^k     days
 */
#ifndef ASTRO_KERNELS_TIME_SCALES_TDB_TABLE_H
#define ASTRO_KERNELS_TIME_SCALES_TDB_TABLE_H

#define ASTRO__TDB_FIRST 2378497.0 /* J of 1800-01-01 */
#define ASTRO__TDB_DAYS  32.0      /* of a segment */
#define ASTRO__TDB_HALF  16.0

enum { ASTRO__TDB_SEGMENTS = 4566, ASTRO__TDB_TERMS = 16 };

extern const double astro__tdb_table[ASTRO__TDB_SEGMENTS][ASTRO__TDB_TERMS];

#endif
