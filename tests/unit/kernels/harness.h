/*
 * What the tests of the kernels share: the targets, conversions by name, references.
 *
 * Every test runs once per target: those that this CPU has, and the eight-lane code as two AVX2
 * halves ("twin"), which proves the logic of AVX-512 where there is none.
 */
#ifndef ASTRO_TESTS_KERNELS_HARNESS_H
#define ASTRO_TESTS_KERNELS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "astrolabe/kernels.h"

enum { MOST_ROWS = 4096, MOST_TARGETS = 6 };

/* Group fixture: starts the library, and says aloud which targets cannot be tested here. */
int harness_start(void **state);

/* Calls `body` with each target in use; its name is target_name() meanwhile. */
void for_each_target(void (*body)(void));
size_t target_count(void);
void target_use(size_t index);
const char *target_name(void);

/* --- one conversion with its parameters --- */

struct converter {
    const struct astro_conversion *conversion;
    struct astro_value values[ASTRO_MAX_PARAMETERS];
    uint32_t warnings; /* bits set by prepare() */
    void *context;
};

/*
 * `parameters` as in a query string: "unit=rad&equinox=B1950", or "". Fails the test on an error.
 */
struct converter converter_open(const char *name, const char *parameters);
void converter_close(struct converter *converter);

/* Whether the parameters are accepted; otherwise *err says why not. */
bool converter_try(const char *name, const char *parameters, struct astro_error *err);

/* Runs on n rows; columns that are NULL are absent. */
void convert(const struct converter *converter, size_t n, const double *const in[],
             double *const out[]);

/* One row; ASTRO_MAX_OUTPUTS results at most. */
void convert_row(const struct converter *converter, const double *in, double *out);

/* Opens, converts one row, closes. */
void convert_once(const char *name, const char *parameters, const double *in, double *out);

/* --- numbers --- */

/* The same numbers on every machine and run. */
double random_unit(void); /* [0, 1) */
double random_between(double low, double high);
void random_seed(uint64_t seed);

bool same_bits(double a, double b);

/* Sine and cosine of degrees in 80 bits, reduced exactly. */
void sincos_degrees(long double degrees, long double *ret_sin, long double *ret_cos);

/* to - from in degrees, whole turns taken off, without what rounding the difference would lose. */
long double longitude_difference(long double from, long double to);

/* Angle between two directions given in degrees, in degrees, from 80-bit arithmetic. */
long double separation_degrees(long double lon1, long double lat1, long double lon2,
                               long double lat2);

/* Fails the test unless |got - wanted| <= tolerance; prints both, and the target. */
void assert_near(double got, long double wanted, double tolerance, const char *what);

#define ARCSEC    (1.0 / 3600.0) /* degrees */
#define DEG       57.29577951308232087679815481410517033L
#define PI_LONG   3.141592653589793238462643383279502884L
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

#endif
