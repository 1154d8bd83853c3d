/*
 * simd/trig.h against 80-bit arithmetic, and beside SLEEF's 1.0-ulp functions on the same
 * arguments. Prints the largest errors in units in the last place of the result.
 */
#include "harness.h"

#include <math.h>
#include <sleef.h>
#include <string.h>

#include "trig_probe.h"

enum { N = 1 << 16, ROUNDS = 16 };

extern const struct trig_probe astro__trig_probe_sse2, astro__trig_probe_avx2,
    astro__trig_probe_avx512, astro__trig_probe_twin, astro__trig_probe_neon;

static const struct {
    enum astro_target needs;
    const struct trig_probe *probe;
} probes[] = {
#ifdef ASTRO__HAVE_SSE2
    {ASTRO_TARGET_SSE2, &astro__trig_probe_sse2},
#endif
#ifdef ASTRO__HAVE_AVX2
    {ASTRO_TARGET_AVX2, &astro__trig_probe_avx2},
#endif
#ifdef ASTRO__HAVE_TWIN
    {ASTRO_TARGET_AVX2, &astro__trig_probe_twin},
#endif
#ifdef ASTRO__HAVE_AVX512
    {ASTRO_TARGET_AVX512, &astro__trig_probe_avx512},
#endif
#ifdef ASTRO__HAVE_NEON
    {ASTRO_TARGET_NEON, &astro__trig_probe_neon},
#endif
};

static double x[N], y[N], first[N], second[N];

/* |got - wanted| in units in the last place of wanted. */
static double ulps(double got, long double wanted)
{
    int exponent;

    frexp((double)wanted, &exponent);
    return (double)fabsl(((long double)got - wanted) / ldexpl(1.0L, exponent - 53));
}

static void raise_to(double *worst, double value)
{
    if (!(value <= *worst))
        *worst = value;
}

/* Most arguments spread evenly, the others down to 1e-300. */
static void fill(double *values, double limit)
{
    for (size_t i = 0; i < N; i++) {
        values[i] = random_between(-limit, limit);
        if (i % 8 == 0)
            values[i] *= pow(10.0, -random_between(0, 300));
    }
    values[0] = 0.0;
    values[1] = limit;
    values[2] = -limit;
}

/* Without fused operations (SSE2) one rounding more counts in each step. */
static double allowed_for(const struct trig_probe *probe, double fused, double plain)
{
    return strcmp(probe->name, "sse2") == 0 ? plain : fused;
}

static void report(const char *what, const struct trig_probe *probe, double ours, double sleef,
                   double allowed)
{
    print_message("%-14s %-7s largest error %.3f ulp (SLEEF u10 %.3f)\n", what, probe->name, ours,
                  sleef);
    if (!(ours <= allowed))
        fail_msg("%s on %s: %.3f ulp, allowed %.3f", what, probe->name, ours, allowed);
}

static void octant(const struct trig_probe *probe)
{
    double s = 0, c = 0, sleef_s = 0, sleef_c = 0;

    for (int round = 0; round < ROUNDS; round++) {
        fill(x, 0.78539816339744831);
        probe->sincos_octant(N, x, first, second);
        for (size_t i = 0; i < N; i++) {
            long double sine = sinl((long double)x[i]), cosine = cosl((long double)x[i]);
            raise_to(&s, ulps(first[i], sine));
            raise_to(&c, ulps(second[i], cosine));
            raise_to(&sleef_s, ulps(Sleef_sin_u10(x[i]), sine));
            raise_to(&sleef_c, ulps(Sleef_cos_u10(x[i]), cosine));
        }
    }
    report("sine", probe, s, sleef_s, allowed_for(probe, 0.75, 0.75));
    report("cosine", probe, c, sleef_c, allowed_for(probe, 0.9, 1.15));
}

static void quadrant(const struct trig_probe *probe)
{
    double s = 0, sleef = 0;

    for (int round = 0; round < ROUNDS; round++) {
        fill(x, 1.5707963267948966);
        probe->sin_quadrant(N, x, first);
        for (size_t i = 0; i < N; i++) {
            long double sine = sinl((long double)x[i]);
            raise_to(&s, ulps(first[i], sine));
            raise_to(&sleef, ulps(Sleef_sin_u10(x[i]), sine));
        }
    }
    report("sine, quadrant", probe, s, sleef, allowed_for(probe, 2.1, 2.3));
}

static void arcs(const struct trig_probe *probe)
{
    double a = 0, sleef = 0;

    for (int round = 0; round < ROUNDS; round++) {
        fill(x, 1.0);
        fill(y, 1.0);
        for (size_t i = 0; i < N; i++) {
            x[i] = fabs(x[i]);
            y[i] = fabs(y[i]);
        }
        probe->arc(N, y, x, first);
        for (size_t i = 1; i < N; i++) {
            long double angle = atan2l((long double)y[i], (long double)x[i]);
            if (angle < 0x1p-1000L)
                continue; /* the last place of a subnormal says nothing */
            raise_to(&a, ulps(first[i], angle));
            raise_to(&sleef, ulps(Sleef_atan2_u10(y[i], x[i]), angle));
        }
        assert_true(same_bits(first[0], 0.0)); /* of (0, 0) */
    }
    report("arc tangent", probe, a, sleef, allowed_for(probe, 2.4, 2.5));
}

static void for_each_probe(void (*body)(const struct trig_probe *))
{
    for (size_t i = 0; i < LENGTH(probes); i++) {
        random_seed(51);
        if (astro_target_usable(probes[i].needs))
            body(probes[i].probe);
        else
            print_message("SKIPPED %s: this CPU lacks it\n", probes[i].probe->name);
    }
}

static void test_octant(void **state)
{
    (void)state;
    for_each_probe(octant);
}

static void test_quadrant(void **state)
{
    (void)state;
    for_each_probe(quadrant);
}

static void test_arcs(void **state)
{
    (void)state;
    for_each_probe(arcs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octant),
        cmocka_unit_test(test_quadrant),
        cmocka_unit_test(test_arcs),
    };
    return cmocka_run_group_tests_name("kernels.trig", tests, harness_start, NULL);
}
