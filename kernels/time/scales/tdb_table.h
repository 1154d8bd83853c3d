/*
 * TDB - TT at the centre of the Earth, as polynomials.
 *
 * Purpose    eraDtdb sums 787 terms, 9 us a date. The sum depends on nothing but the date and is
 *            smooth, so it is made once, when the library is built (tdb_table_make.c): from 1850 to
 *            2150, a polynomial of degree 7 for each 8 days, one cache line. Largest difference from
 *            eraDtdb 4e-12 s (test_tdb.c looks for it).
 * Form       Segment s holds for dates whose J is in [first + 8 s, first + 8 s + 7]. With
 *            z = (date - (first + 8 s + 3.5)) / 4, in [-1, 1],
 *                TDB - TT = sum of coefficient[k] z^k     days
 */
#ifndef ASTRO_KERNELS_TIME_SCALES_TDB_TABLE_H
#define ASTRO_KERNELS_TIME_SCALES_TDB_TABLE_H

#define ASTRO__TDB_FIRST  2396759.0 /* J of 1850-01-01 */
#define ASTRO__TDB_DAYS   8.0       /* of a segment */
#define ASTRO__TDB_HALF   4.0
#define ASTRO__TDB_MIDDLE 3.5 /* from its first J */

enum { ASTRO__TDB_SEGMENTS = 13697, ASTRO__TDB_TERMS = 8 };

extern const _Alignas(64) double astro__tdb_table[ASTRO__TDB_SEGMENTS][ASTRO__TDB_TERMS];

#endif
