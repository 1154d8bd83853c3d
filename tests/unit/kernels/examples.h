/*
 * What the tests that visit every conversion must know of one: parameters that it cannot do
 * without, and where it departs from the rules of all.
 */
#ifndef ASTRO_TESTS_KERNELS_EXAMPLES_H
#define ASTRO_TESTS_KERNELS_EXAMPLES_H

#include <stdbool.h>

struct example {
    const char *name;
    const char *parameters; /* as in a query string, without unit */
    bool partial;           /* a row of finite values may give NaN */
    unsigned missing;       /* bit k: NaN in input k means missing, and the row is converted */
    unsigned absent;        /* bit k: input k is not given */
};

/* Never NULL: most conversions need nothing. */
const struct example *example_of(const char *name);

#endif
