/*
 * What the tests of the group time share: dates, their differences, one row through a conversion.
 */
#ifndef ASTRO_TESTS_TIME_SUPPORT_H
#define ASTRO_TESTS_TIME_SUPPORT_H

#include "harness.h"

#define DAY 86400.0

/* A two-part date. */
struct date {
    double jd1, jd2;
};

/* Seconds from b to a; exact to 1e-20 of the difference. */
long double seconds_between(struct date a, struct date b);

/* Fails the test unless the dates agree within `tolerance` seconds and `got` is renormalised. */
void assert_date(struct date got, struct date wanted, double tolerance, const char *what);

/* A date between two, its parts split in one of many ways. */
struct date random_date(double low, double high);
struct date split_again(struct date date);

/* One date through a conversion of dates; `parameters` as of converter_open(). */
struct date date_through(const struct converter *converter, struct date date);
struct date date_once(const char *name, const char *parameters, struct date date);

/* Runs n rows and gives the report back, whatever it says. */
struct astro_report run_rows(const struct converter *converter, size_t n, const void *const in[],
                             void *const out[]);

/* prepare() that must fail: its error. */
struct astro_error prepare_error(const char *name, const char *parameters);

/* A conversion that is not registered, as converter_open(). */
struct converter open_conversion(const struct astro_conversion *conversion, const char *parameters);

/* The contents of a file below tests/golden; NUL behind them. To be freed. */
char *golden_text(const char *file, size_t *ret_length);

#endif
