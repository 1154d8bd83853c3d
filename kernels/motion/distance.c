/*
 * Parallax, distance and distance modulus.
 */
#include "../registry/fields.h"
#include "../simd/lanes.h"
#include "group.h"

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    (void)values;
    (void)ret_warnings;
    (void)err;
    *(char *)context = 0;
    return true;
}

#define RUN(kernel)                                                                                \
    static void run_##kernel(const void *context, size_t n, const void *const in[],                \
                             void *const out[], struct astro_report *report)                       \
    {                                                                                              \
        (void)report;                                                                              \
        astro__lanes->kernel(context, n, in, out);                                                 \
    }

RUN(thousand_over)
RUN(distance_to_modulus)
RUN(modulus_to_distance)

static const struct astro_field parallax[] = {ASTRO__PLAIN("parallax", "mas", "parallax")};

static const struct astro_field distance[] = {
    {.name = "distance",
     .type = ASTRO_FP64,
     .role = ASTRO_DISTANCE,
     .unit = "pc",
     .doc = "distance; not negative"},
};

static const struct astro_field modulus[] = {
    ASTRO__PLAIN("modulus", "mag", "distance modulus m - M, without extinction"),
};

#define ALL .group = "motion", .prepare_ns = 30.0, .context_size = 1, .prepare = prepare

const struct astro_conversion astro__parallax_to_distance = {
    .name = "parallax_to_distance",
    .summary = "Parallax to distance",
    .description = "1000 / parallax: no estimate of what noise does to it. A parallax that is not "
                   "positive gives NaN, and so does infinity.",
    .reference = "definition of the parsec, IAU 2015 Resolution B2",
    .accuracy = "2 units in the last place",
    ASTRO__INPUTS(parallax),
    ASTRO__OUTPUTS(distance),
    .ns_per_point = 0.4,
    .run = run_thousand_over,
    ALL,
};

const struct astro_conversion astro__distance_to_parallax = {
    .name = "distance_to_parallax",
    .summary = "Distance to parallax",
    .description =
        "1000 / distance. A distance of 0 gives NaN, and so does infinity; a negative one "
        "is refused.",
    .reference = "definition of the parsec, IAU 2015 Resolution B2",
    .accuracy = "2 units in the last place",
    ASTRO__INPUTS(distance),
    ASTRO__OUTPUTS(parallax),
    .ns_per_point = 0.4,
    .run = run_thousand_over,
    ALL,
};

const struct astro_conversion astro__distance_to_modulus = {
    .name = "distance_to_modulus",
    .summary = "Distance to distance modulus",
    .description = "5 log10(distance) - 5. A distance of 0 gives NaN, and so does infinity; a "
                   "negative one is refused.",
    .reference = "definition",
    .accuracy = "1e-14 mag up to 64 mag, one unit in the last place beyond",
    ASTRO__INPUTS(distance),
    ASTRO__OUTPUTS(modulus),
    .ns_per_point = 3.2,
    .run = run_distance_to_modulus,
    ALL,
};

const struct astro_conversion astro__modulus_to_distance = {
    .name = "modulus_to_distance",
    .summary = "Distance modulus to distance",
    .description = "10^(modulus/5 + 1). What is beyond the range of doubles is 0 or "
                   "infinity. " ASTRO__SAYS_NAN,
    .reference = "definition",
    .accuracy = "2 units in the last place",
    ASTRO__INPUTS(modulus),
    ASTRO__OUTPUTS(distance),
    .ns_per_point = 2.3,
    .run = run_modulus_to_distance,
    ALL,
};
