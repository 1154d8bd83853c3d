/*
 * erfa/erfa_vectors.jsonl: ERFA's own test values, for the functions that a conversion stands for.
 *
 * A matrix function is tested column by column: the conversion of a basis vector is that column.
 * Dates become Julian epochs, which is exact enough: 1e-12 years of precession are 2e-16 rad.
 */
#include "golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_NAME "erfa/erfa_vectors.jsonl"

/* ---- reading ---- */

json_t *golden_call(json_t *test, const char *function)
{
    json_t *calls = json_object_get(test, "calls"), *call;
    size_t i;

    json_array_foreach(calls, i, call)
    {
        const char *name = json_string_value(json_object_get(call, "function"));
        if (name && strcmp(name, function) == 0)
            return call;
    }
    return NULL;
}

/* The k-th input, or one component of it when it is a vector. */
double golden_input(const json_t *call, size_t k, size_t component)
{
    const json_t *value = json_array_get(json_array_get(json_object_get(call, "inputs"), k), 1);

    if (json_is_array(value))
        value = json_array_get(value, component);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* The expected value called `name`, and its tolerance; numbers may stand as text. */
double golden_expected(const json_t *call, const char *name, double *ret_tolerance)
{
    const json_t *list = json_object_get(call, "expect");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        if (strcmp(json_string_value(json_array_get(row, 0)), name) != 0)
            continue;
        *ret_tolerance = json_number_value(json_array_get(row, 2));
        const json_t *value = json_array_get(row, 1);
        return json_is_string(value) ? strtod(json_string_value(value), NULL)
                                     : json_number_value(value);
    }
    *ret_tolerance = (double)NAN;
    return (double)NAN;
}

/* ---- one comparison ---- */

static bool passed;

/*
 * The tolerances of the file are for ERFA's own order of operations; below 5e-15 they are less than
 * the rounding of the angles that stand in between.
 */
static void compare(const char *conversion, const char *function, const double *errors, size_t n,
                    double tolerance)
{
    char label[64];
    struct golden line = {.file = FILE_NAME,
                          .conversion = label,
                          .unit = "rad",
                          .tolerance = tolerance < 5e-15 ? 5e-15 : tolerance};

    snprintf(label, sizeof label, "%s, %s", conversion, function);
    for (size_t i = 0; i < n; i++)
        golden_add(&line, errors[i]);
    passed = golden_end(&line) && passed;
}

static double year_of(double jd1, double jd2)
{
    return 2000.0 + ((jd1 - 2451545.0) + jd2) / 365.25;
}

/* Two angles in, two angles out; the output as a separation on the sphere. */
static void angles(json_t *test, const char *function, const char *conversion,
                   const char *parameters, size_t first, const char *lon, const char *lat)
{
    json_t *call = golden_call(test, function);
    char with_unit[160];
    double tolerance, got[2];

    if (!call)
        return;
    double row[2] = {golden_input(call, first, 0), golden_input(call, first + 1, 0)};
    double wanted[2] = {golden_expected(call, lon, &tolerance),
                        golden_expected(call, lat, &tolerance)};
    snprintf(with_unit, sizeof with_unit, "unit=rad&%s", parameters);
    if (!*parameters)
        with_unit[strlen("unit=rad")] = '\0';
    convert_once(conversion, with_unit, row, got);
    double degrees[2] = {got[0] * (double)DEG, got[1] * (double)DEG};
    double error = golden_apart(degrees, wanted[0] * (double)DEG, wanted[1] * (double)DEG) * ARCSEC;
    error /= (double)DEG;
    compare(conversion, function, &error, 1, tolerance);
}

/* Expected elements name[i][j]; `transposed` when the conversion is the inverse of the matrix. */
static void matrix(json_t *test, const char *function, const char *name, const char *conversion,
                   const char *parameters, bool transposed)
{
    static const double basis[3][2] = {{0, 0}, {90, 0}, {0, 90}};
    json_t *call = golden_call(test, function);
    double errors[9], tolerance = 0, loosest = 0;
    size_t n = 0;

    if (!call)
        return;
    for (size_t j = 0; j < 3; j++) {
        double sphere[3], column[3];
        convert_once(conversion, parameters, basis[j], sphere);
        sphere[2] = (double)NAN; /* no distance */
        convert_once("radec_to_xyz", "", sphere, column);
        for (size_t i = 0; i < 3; i++) {
            char element[40];
            snprintf(element, sizeof element, "%s[%zu][%zu]", name, transposed ? j : i,
                     transposed ? i : j);
            double wanted = golden_expected(call, element, &tolerance);
            errors[n++] = column[i] - wanted;
            loosest = fmax(loosest, tolerance);
        }
    }
    compare(conversion, function, errors, n, loosest);
}

static void cartesian(json_t *test)
{
    json_t *s2c = golden_call(test, "eraS2c"), *s2p = golden_call(test, "eraS2p"),
           *p2s = golden_call(test, "eraP2s");
    double got[3], errors[3], tolerance;

    if (s2c && strcmp(json_string_value(json_object_get(test, "test")), "s2c") == 0) {
        double row[3] = {golden_input(s2c, 0, 0), golden_input(s2c, 1, 0), (double)NAN};
        convert_once("radec_to_xyz", "unit=rad", row, got);
        errors[0] = got[0] - golden_expected(s2c, "c[0]", &tolerance);
        errors[1] = got[1] - golden_expected(s2c, "c[1]", &tolerance);
        errors[2] = got[2] - golden_expected(s2c, "c[2]", &tolerance);
        compare("radec_to_xyz", "eraS2c", errors, 3, tolerance);
    }
    if (s2p) {
        double row[3] = {golden_input(s2p, 0, 0), golden_input(s2p, 1, 0), golden_input(s2p, 2, 0)};
        convert_once("radec_to_xyz", "unit=rad", row, got);
        errors[0] = got[0] - golden_expected(s2p, "p[0]", &tolerance);
        errors[1] = got[1] - golden_expected(s2p, "p[1]", &tolerance);
        errors[2] = got[2] - golden_expected(s2p, "p[2]", &tolerance);
        compare("radec_to_xyz", "eraS2p", errors, 3, tolerance);
    }
    if (p2s) {
        double row[3] = {golden_input(p2s, 0, 0), golden_input(p2s, 0, 1), golden_input(p2s, 0, 2)};
        convert_once("xyz_to_radec", "unit=rad", row, got);
        errors[0] =
            remainder(got[0] - golden_expected(p2s, "theta", &tolerance), 2 * (double)PI_LONG);
        errors[1] = got[1] - golden_expected(p2s, "phi", &tolerance);
        errors[2] = got[2] - golden_expected(p2s, "r", &tolerance);
        compare("xyz_to_radec", "eraP2s", errors, 3, 2e-14);
    }
}

static void separations(json_t *test)
{
    json_t *seps = golden_call(test, "eraSeps"), *pas = golden_call(test, "eraPas");
    double row[4], got, error, tolerance;

    if (seps) {
        for (size_t k = 0; k < 4; k++)
            row[k] = golden_input(seps, k, 0);
        /* ERFA's second point lies beyond the pole: the same direction within our limits */
        if (row[3] < -(double)PI_LONG / 2) {
            row[2] += (double)PI_LONG;
            row[3] = -(double)PI_LONG - row[3];
        }
        convert_once("separation", "unit=rad", row, &got);
        error = got - golden_expected(seps, "s", &tolerance);
        compare("separation", "eraSeps", &error, 1, tolerance);
    }
    if (pas) {
        for (size_t k = 0; k < 4; k++)
            row[k] = golden_input(pas, k, 0);
        convert_once("position_angle", "unit=rad", row, &got);
        error = remainder(got - golden_expected(pas, "theta", &tolerance), 2 * (double)PI_LONG);
        compare("position_angle", "eraPas", &error, 1, tolerance);
    }
}

/* Functions of a date (their first two inputs) are conversions at an equinox: "before J<year>
 * after". */
static const char *at_its_date(json_t *test, const char *function, const char *before,
                               const char *after)
{
    static char room[120];
    json_t *call = golden_call(test, function);

    room[0] = '\0';
    if (call)
        snprintf(room, sizeof room, "%sJ%.13f%s", before,
                 year_of(golden_input(call, 0, 0), golden_input(call, 1, 0)), after);
    return room;
}

static void rotations(json_t *test)
{
    angles(test, "eraIcrs2g", "icrs_to_galactic", "", 0, "dl", "db");
    angles(test, "eraG2icrs", "galactic_to_icrs", "", 0, "dr", "dd");
    angles(test, "eraEqec06", "icrs_to_ecliptic", at_its_date(test, "eraEqec06", "equinox=", ""), 2,
           "dl", "db");
    angles(test, "eraEceq06", "ecliptic_to_icrs", at_its_date(test, "eraEceq06", "equinox=", ""), 2,
           "dr", "dd");
    angles(test, "eraLteqec", "icrs_to_ecliptic", "equinox=J-1500&definition=long_term", 1, "dl",
           "db");
    angles(test, "eraLteceq", "ecliptic_to_icrs", "equinox=J2500&definition=long_term", 1, "dr",
           "dd");
    matrix(test, "eraEcm06", "rm", "icrs_to_ecliptic",
           at_its_date(test, "eraEcm06", "equinox=", ""), false);
    matrix(test, "eraLtecm", "rm", "icrs_to_ecliptic", "equinox=J-3000&definition=long_term",
           false);
    matrix(test, "eraFk5hip", "r5h", "icrs_to_fk5", "", true);
    matrix(test, "eraBp06", "rp", "precess_fk5",
           at_its_date(test, "eraBp06", "equinox_in=J2000&equinox_out=", ""), false);
    matrix(test, "eraPmat76", "rmatp", "precess_fk5",
           at_its_date(test, "eraPmat76", "equinox_in=J2000&equinox_out=", "&model=iau1976"),
           false);
}

/* FK4 at B1950.0; the third input is the epoch of observation. */
static void fk4(json_t *test)
{
    char parameters[64] = "";
    json_t *call = golden_call(test, "eraFk45z");

    if (call) {
        snprintf(parameters, sizeof parameters, "obstime=B%.15f", golden_input(call, 2, 0));
        angles(test, "eraFk45z", "fk4_to_fk5", parameters, 0, "r2000", "d2000");
    }
    call = golden_call(test, "eraFk54z");
    if (call) {
        snprintf(parameters, sizeof parameters, "obstime=B%.15f", golden_input(call, 2, 0));
        angles(test, "eraFk54z", "fk5_to_fk4", parameters, 0, "r1950", "d1950");
    }
}

bool golden_vectors(void (*body)(json_t *test))
{
    char path[1024], *line = NULL;
    size_t size = 0;
    bool whole = true;

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, FILE_NAME);
    FILE *stream = fopen(path, "r");
    if (!stream) {
        printf("%s: cannot be opened\n", path);
        return false;
    }
    while (whole && getline(&line, &size, stream) > 0) {
        json_t *test = json_loads(line, 0, NULL);
        whole = test != NULL;
        if (whole)
            body(test);
        json_decref(test);
    }
    free(line);
    fclose(stream);
    return whole;
}

static void sky(json_t *test)
{
    cartesian(test);
    separations(test);
    rotations(test);
    fk4(test);
}

bool golden_erfa(void)
{
    passed = true;
    return golden_vectors(sky) && passed;
}
