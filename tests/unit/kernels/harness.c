#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simd/lanes.h"

#ifdef ASTRO__HAVE_TWIN
extern const struct astro__lanes astro__lanes_twin;
#endif

static struct {
    const char *name;
    enum astro_target target;
} targets[MOST_TARGETS];
static size_t n_targets;
static const char *current = "none";
static uint64_t seed = 1;

/* --- targets --- */

int harness_start(void **state)
{
    (void)state;
    if (!astro_kernels_init(ASTRO_TARGET_AUTO))
        return -1;
    n_targets = 0;
    for (int t = ASTRO_TARGET_SSE2; t < ASTRO_TARGET_COUNT; t++) {
        const char *name = astro_target_name((enum astro_target)t);
        if (!astro_target_usable((enum astro_target)t)) {
            print_message("SKIPPED TARGET %s: not built in, or this CPU lacks it\n", name);
            continue;
        }
#ifdef HARNESS_WIDEST_ALONE
        if ((enum astro_target)t != astro_kernels_target())
            continue;
#endif
        targets[n_targets].name = name;
        targets[n_targets++].target = (enum astro_target)t;
    }
#ifdef ASTRO__HAVE_TWIN
    if (astro_target_usable(ASTRO_TARGET_AVX2)) {
        targets[n_targets].name = "twin (8 lanes as 2 x AVX2)";
        targets[n_targets++].target = ASTRO_TARGET_AUTO;
    }
#endif
    return 0;
}

size_t target_count(void)
{
    return n_targets;
}

void target_use(size_t index)
{
    current = targets[index].name;
#ifdef ASTRO__HAVE_TWIN
    if (targets[index].target == ASTRO_TARGET_AUTO) {
        astro__lanes = &astro__lanes_twin;
        return;
    }
#endif
    assert_true(astro_kernels_init(targets[index].target));
    assert_int_equal(astro_kernels_target(), targets[index].target);
}

void for_each_target(void (*body)(void))
{
    assert_true(n_targets > 0);
    for (size_t i = 0; i < n_targets; i++) {
        target_use(i);
        body();
    }
    assert_true(astro_kernels_init(ASTRO_TARGET_AUTO));
}

const char *target_name(void)
{
    return current;
}

/* --- conversions --- */

static bool set_parameter(struct converter *converter, const char *name, size_t length,
                          const char *text, size_t text_length, struct astro_error *err)
{
    const struct astro_conversion *c = converter->conversion;

    for (size_t i = 0; i < c->n_parameters; i++) {
        if (strlen(c->parameters[i].name) == length &&
            strncmp(c->parameters[i].name, name, length) == 0)
            return astro_parameter_from_text(&c->parameters[i], text, text_length,
                                             &converter->values[i], err);
    }
    fail_msg("%s has no parameter %.*s", c->name, (int)length, name);
    return false;
}

/* On failure *err is set and there is nothing to close. */
static bool open_with(const char *name, const char *parameters, struct converter *ret_converter,
                      struct astro_error *err)
{
    struct converter converter = {0};

    converter.conversion = astro_conversion_find(name, strlen(name), NULL);
    if (!converter.conversion)
        fail_msg("no conversion %s", name);
    while (*parameters) {
        size_t length = strcspn(parameters, "=");
        const char *text = parameters + length + 1;
        size_t text_length = strcspn(text, "&");
        if (!set_parameter(&converter, parameters, length, text, text_length, err))
            return false;
        parameters = text + text_length + (text[text_length] == '&');
    }
    if (!astro_parameters_complete(converter.conversion, converter.values, err))
        return false;
    size_t size = converter.conversion->context_size;
    size = (size + ASTRO_CONTEXT_ALIGN - 1) / ASTRO_CONTEXT_ALIGN * ASTRO_CONTEXT_ALIGN;
    converter.context = aligned_alloc(ASTRO_CONTEXT_ALIGN, size);
    assert_non_null(converter.context);
    if (!converter.conversion->prepare(converter.values, converter.context, &converter.warnings,
                                       err)) {
        free(converter.context);
        return false;
    }
    *ret_converter = converter;
    return true;
}

struct converter converter_open(const char *name, const char *parameters)
{
    struct converter converter = {0};
    struct astro_error err = {0};

    if (!open_with(name, parameters, &converter, &err))
        fail_msg("%s", err.text);
    return converter;
}

bool converter_try(const char *name, const char *parameters, struct astro_error *err)
{
    struct converter converter;

    if (!open_with(name, parameters, &converter, err)) {
        assert_int_not_equal(err->code, ASTRO_OK);
        return false;
    }
    converter_close(&converter);
    return true;
}

void converter_close(struct converter *converter)
{
    if (converter->conversion->release)
        converter->conversion->release(converter->context);
    free(converter->context);
    converter->context = NULL;
}

void convert(const struct converter *converter, size_t n, const double *const in[],
             double *const out[])
{
    struct astro_report report = {0};
    const void *from[ASTRO_MAX_INPUTS] = {NULL};
    void *to[ASTRO_MAX_OUTPUTS] = {NULL};

    for (size_t k = 0; k < converter->conversion->n_inputs; k++)
        from[k] = in[k];
    for (size_t k = 0; k < converter->conversion->n_outputs; k++)
        to[k] = out[k];
    converter->conversion->run(converter->context, n, from, to, &report);
    assert_int_equal(report.error.code, ASTRO_OK);
}

void convert_row(const struct converter *converter, const double *in, double *out)
{
    const double *from[ASTRO_MAX_INPUTS] = {NULL};
    double *to[ASTRO_MAX_OUTPUTS] = {NULL};

    for (size_t k = 0; k < converter->conversion->n_inputs; k++)
        from[k] = converter->conversion->inputs[k].optional && isnan(in[k]) ? NULL : &in[k];
    for (size_t k = 0; k < converter->conversion->n_outputs; k++)
        to[k] = &out[k];
    convert(converter, 1, from, to);
}

void convert_once(const char *name, const char *parameters, const double *in, double *out)
{
    struct converter converter = converter_open(name, parameters);

    convert_row(&converter, in, out);
    converter_close(&converter);
}

/* --- numbers --- */

void random_seed(uint64_t value)
{
    seed = value;
}

double random_unit(void)
{
    /* SplitMix64 */
    uint64_t z = (seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

double random_between(double low, double high)
{
    return low + (high - low) * random_unit();
}

bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

void sincos_degrees(long double degrees, long double *ret_sin, long double *ret_cos)
{
    long double rest = fmodl(degrees, 360.0L);
    long double quarters = nearbyintl(rest / 90.0L);
    long double r = (rest - quarters * 90.0L) / DEG;
    long double s = sinl(r), c = cosl(r);

    switch (((int)quarters % 4 + 4) % 4) {
    case 0:
        *ret_sin = s, *ret_cos = c;
        break;
    case 1:
        *ret_sin = c, *ret_cos = -s;
        break;
    case 2:
        *ret_sin = -s, *ret_cos = -c;
        break;
    default:
        *ret_sin = -c, *ret_cos = s;
    }
}

long double longitude_difference(long double from, long double to)
{
    long double difference = to - from;
    long double other = difference - to;
    long double lost = (to - (difference - other)) - (from + other);

    return remainderl(difference, 360) + lost;
}

long double separation_degrees(long double lon1, long double lat1, long double lon2,
                               long double lat2)
{
    long double sh, ch, sd, cd, sm, cm, s1, c1, s2, c2;

    sincos_degrees(longitude_difference(lon1, lon2) / 2, &sh, &ch);
    sincos_degrees((lat2 - lat1) / 2, &sd, &cd);
    sincos_degrees((lat2 + lat1) / 2, &sm, &cm);
    sincos_degrees(lat1, &s1, &c1);
    sincos_degrees(lat2, &s2, &c2);
    return 2 * DEG * atan2l(sqrtl(sd * sd + c1 * c2 * sh * sh), sqrtl(sm * sm + c1 * c2 * ch * ch));
}

void assert_near(double got, long double wanted, double tolerance, const char *what)
{
    if (fabsl((long double)got - wanted) <= (long double)tolerance)
        return;
    fail_msg("%s on %s: got %.17g, wanted %.20Lg, differs by %.3Lg, allowed %.3g", what,
             target_name(), got, wanted, (long double)got - wanted, tolerance);
}
