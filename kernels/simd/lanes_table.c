/*
 * The table of one target. Compiled once per target, like the kernels that it names.
 */
#include "lanes.h"
#include "vec.h"

#define X(name) astro__kernel ASTRO__LANES(name);
ASTRO__KERNELS(X)
#undef X
size_t ASTRO__LANES(first_beyond)(double limit, const void *column, size_t n);
size_t ASTRO__LANES(first_negative)(const void *column, size_t n);
size_t ASTRO__LANES(first_outside)(int64_t limit, const void *column, size_t n);

extern const struct astro__lanes ASTRO__LANES(lanes);
const struct astro__lanes ASTRO__LANES(lanes) = {
    .target = ASTRO__TARGET_ID,
    .width = ASTRO__WIDTH,
#define X(name) .name = ASTRO__LANES(name),
    ASTRO__KERNELS(X)
#undef X
        .first_beyond = ASTRO__LANES(first_beyond),
    .first_negative = ASTRO__LANES(first_negative),
    .first_outside = ASTRO__LANES(first_outside),
};
