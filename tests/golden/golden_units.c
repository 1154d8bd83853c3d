/*
 * Factors of units, and what ERFA's own test values say of the horizon.
 */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two units in the last place, at their largest. */
#define TWO_UNITS 4.44e-16

static double converted(const struct golden_csv *csv, double value)
{
    char parameters[160];
    double got;

    snprintf(parameters, sizeof parameters, "unit_in=%s&unit_out=%s", csv->cells[0], csv->cells[1]);
    convert_once("convert_units", parameters, &value, &got);
    return got;
}

static void compare(struct golden *line, double got, long double wanted)
{
    golden_add(line, (double)(((long double)got - wanted) / wanted));
}

bool golden_units(void)
{
    struct golden factors = {.file = "units/factors.csv",
                             .conversion = "convert_units",
                             .unit = "rel.",
                             .tolerance = TWO_UNITS};
    struct golden offsets = factors;
    struct golden_csv csv;

    offsets.conversion = "convert_units, with offsets";
    golden_open(&csv, "units/factors.csv", "from,to,factor,source");
    while (golden_next(&csv)) {
        long double factor = strtold(csv.cells[2], NULL), offset;
        if (sscanf(csv.cells[3], "offset %Lf", &offset) == 1) {
            compare(&offsets, converted(&csv, 0), offset);
            compare(&offsets, converted(&csv, 1000), offset + 1000 * factor);
            continue;
        }
        compare(&factors, converted(&csv, 1), factor);
        compare(&factors, converted(&csv, 0.7), factor * (long double)0.7);
    }
    golden_close(&csv);
    bool passed = golden_end(&factors);
    return golden_end(&offsets) && passed;
}

/* ---- erfa/erfa_vectors.jsonl ---- */

static bool vectors_passed;

static void horizon(json_t *test, const char *function, const char *conversion,
                    const char *const names[], size_t n)
{
    json_t *call = golden_call(test, function);
    char label[64], parameters[80];
    double tolerance, got[2];
    struct golden line = {.file = "erfa/erfa_vectors.jsonl", .conversion = label, .unit = "rad"};

    if (!call)
        return;
    double row[2] = {golden_input(call, 0, 0), golden_input(call, 1, 0)};
    snprintf(label, sizeof label, "%s, %s", conversion, function);
    snprintf(parameters, sizeof parameters, "unit=rad&lat=%.17g",
             golden_input(call, 2, 0) * (double)DEG);
    convert_once(conversion, parameters, row, got);
    for (size_t k = 0; k < n; k++) {
        golden_add(&line, got[k] - golden_expected(call, names[k], &tolerance));
        line.tolerance = fmax(line.tolerance, tolerance);
    }
    vectors_passed = golden_end(&line) && vectors_passed;
}

static void every(json_t *test)
{
    horizon(test, "eraHd2ae", "hadec_to_altaz", (const char *const[]){"a", "e"}, 2);
    horizon(test, "eraAe2hd", "altaz_to_hadec", (const char *const[]){"h", "d"}, 2);
    horizon(test, "eraHd2pa", "parallactic_angle", (const char *const[]){"q"}, 1);
}

bool golden_horizon(void)
{
    vectors_passed = true;
    return golden_vectors(every) && vectors_passed;
}
