/*
 * The golden table: one line per conversion and file, with the largest error and what is allowed.
 *
 * Ownership  Rows are counted in the caller's struct golden; nothing is allocated for good.
 */
#ifndef ASTRO_TESTS_GOLDEN_H
#define ASTRO_TESTS_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "harness.h"

struct golden {
    const char *file;
    const char *conversion; /* its name, and behind a comma what the line is about */
    const char *unit;       /* of the errors: "", "deg", "arcsec" */
    double tolerance;
    size_t rows;
    double largest;
};

/* Adds one comparison. NaN counts as infinitely wrong. */
void golden_add(struct golden *line, double error);

/* Prints the line and notes it for the table; false when it has no rows or its largest error is too large. */
bool golden_end(const struct golden *line);

/* The table: what every line adds to it, and the whole of it. */
void golden_note(const struct golden *line);
void golden_table(void);

/* Reads the next line of numbers and words of a CSV file, skipping lines that begin with '#'. */
enum { GOLDEN_CELLS = 16, GOLDEN_LINE = 512 };

struct golden_csv {
    void *stream;
    char line[GOLDEN_LINE];
    const char *cells[GOLDEN_CELLS];
    size_t n_cells;
};

/* `columns` is the header line that the file must have. Fails the program when it has not. */
void golden_open(struct golden_csv *csv, const char *file, const char *columns);
bool golden_next(struct golden_csv *csv);
double golden_number(const struct golden_csv *csv, size_t cell);
void golden_close(struct golden_csv *csv);

/* The files: each returns whether all its lines passed. */
bool golden_xyz(void);
bool golden_icrs_fk5(void);
bool golden_fk4(void);
bool golden_stars(void);
bool golden_separation(void);
bool golden_angles(void);
bool golden_geodesy(void);
bool golden_healpix(void);
bool golden_motion(void);
bool golden_places(void);
bool golden_erfa(void);
bool golden_erfa_more(void);
bool golden_time(void);
bool golden_eop(void);
bool golden_wcs(void);
bool golden_rotation(void);
bool golden_units(void);
bool golden_horizon(void);

/* erfa/erfa_vectors.jsonl, a test a line: false when it cannot be read. */
bool golden_vectors(void (*body)(json_t *test));
/* The call of a function, or NULL; its k-th input, or one component of that when it is a vector. */
json_t *golden_call(json_t *test, const char *function);
double golden_input(const json_t *call, size_t k, size_t component);
/* The expected value called `name`, and its tolerance; numbers may stand as text. */
double golden_expected(const json_t *call, const char *name, double *ret_tolerance);

/* Angle between two positions in degrees, in arcseconds. */
double golden_apart(const double got[2], double lon, double lat);

#endif
