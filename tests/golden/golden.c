/*
 * tests/golden: every conversion against values that others computed. Prints a line per comparison, on
 * every target that this CPU has, and one table of all of them; exits with 1 when a line is over its
 * tolerance.
 *
 *   golden [--table]     the table alone, and lines that fail
 */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool table_only;

void golden_add(struct golden *line, double error)
{
    line->rows++;
    if (isnan(error))
        error = HUGE_VAL;
    if (fabs(error) > line->largest)
        line->largest = fabs(error);
}

bool golden_end(const struct golden *line)
{
    bool passed = line->rows > 0 && line->largest <= line->tolerance;

    golden_note(line);
    if (!table_only || !passed)
        printf("%-32s %-34s %6zu  %9.2e  %8.1e  %-6s %s\n", line->file, line->conversion,
               line->rows, line->largest, line->tolerance, line->unit, passed ? "ok" : "FAILED");
    return passed;
}

/* ---- CSV ---- */

static bool split(struct golden_csv *csv)
{
    char *at = csv->line;

    csv->line[strcspn(csv->line, "\r\n")] = '\0';
    for (csv->n_cells = 0; csv->n_cells < GOLDEN_CELLS; at++) {
        csv->cells[csv->n_cells++] = at;
        at += strcspn(at, ",");
        if (*at == '\0')
            return true;
        *at = '\0';
    }
    return false;
}

bool golden_next(struct golden_csv *csv)
{
    do {
        if (!fgets(csv->line, sizeof csv->line, csv->stream))
            return false;
    } while (csv->line[0] == '#');
    return split(csv);
}

void golden_open(struct golden_csv *csv, const char *file, const char *columns)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, file);
    csv->stream = fopen(path, "r");
    if (!csv->stream) {
        fprintf(stderr, "%s: cannot be opened\n", path);
        exit(1);
    }
    do {
        if (!fgets(csv->line, sizeof csv->line, csv->stream))
            csv->line[0] = '\0';
    } while (csv->line[0] == '#');
    csv->line[strcspn(csv->line, "\r\n")] = '\0';
    if (strcmp(csv->line, columns) != 0) {
        fprintf(stderr, "%s: the columns are not %s\n", path, columns);
        exit(1);
    }
}

double golden_number(const struct golden_csv *csv, size_t cell)
{
    char *end;
    double value = cell < csv->n_cells ? strtod(csv->cells[cell], &end) : (double)NAN;

    return cell < csv->n_cells && end != csv->cells[cell] && *end == '\0' ? value : (double)NAN;
}

void golden_close(struct golden_csv *csv)
{
    fclose(csv->stream);
}

double golden_apart(const double got[2], double lon, double lat)
{
    return (double)separation_degrees((long double)got[0], (long double)got[1], (long double)lon,
                                      (long double)lat) /
           ARCSEC;
}

int main(int argc, char **argv)
{
    bool (*const files[])(void) = {
        golden_xyz,       golden_icrs_fk5, golden_fk4,     golden_stars,  golden_separation,
        golden_angles,    golden_geodesy,  golden_healpix, golden_motion, golden_places,
        golden_erfa_more, golden_erfa,     golden_time,    golden_eop,    golden_wcs,
        golden_rotation,  golden_units,    golden_horizon};
    bool passed = true;

    table_only = argc == 2 && strcmp(argv[1], "--table") == 0;
    if (harness_start(NULL) != 0)
        return 1;
    for (size_t t = 0; t < target_count(); t++) {
        target_use(t);
        if (!table_only)
            printf("target %s\n%-32s %-34s %6s  %9s  %8s\n", target_name(), "file", "conversion",
                   "rows", "largest", "allowed");
        for (size_t i = 0; i < LENGTH(files); i++)
            passed = files[i]() && passed;
        if (!table_only)
            puts("");
    }
    golden_table();
    printf("\n%s\n", passed ? "all lines are within their tolerance" : "SOME LINES FAILED");
    return passed ? 0 : 1;
}
