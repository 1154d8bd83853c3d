/*
 * bench_kernels: nanoseconds per point of every kernel on every target, beside ERFA's functions in
 * a plain C loop and SLEEF's 1.0-ulp functions in the same run. Medians; one core; nothing is
 * asserted.
 *
 *   bench_kernels [ROWS]      rows per call, default 4096 (stays in the second-level cache)
 */
#include <erfa.h>
#include <erfam.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "astrolabe/kernels.h"
#include "kernels_sleef.h"

enum { RUNS = 15, COLUMNS = 4, RESULTS = 3 };

static size_t rows = 4096;
static double *in[COLUMNS], *out[RESULTS];

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Median over RUNS of the nanoseconds that `work` takes, divided by `units`. */
static double median_ns(void (*work)(void *), void *argument, double units)
{
    double times[RUNS];

    for (int run = -2; run < RUNS; run++) { /* two to warm up */
        size_t calls = 0;
        double start = seconds(), end;
        do {
            work(argument);
            calls++;
            end = seconds();
        } while (end - start < 2e-3);
        if (run >= 0)
            times[run] = (end - start) * 1e9 / ((double)calls * units);
    }
    qsort(times, RUNS, sizeof times[0], ascending);
    return times[RUNS / 2];
}

/* ---- ours ---- */

struct job {
    const struct astro_conversion *conversion;
    struct astro_value values[ASTRO_MAX_PARAMETERS];
    void *context;
};

static void run_job(void *argument)
{
    struct job *job = argument;
    struct astro_report report = {0};
    const void *from[ASTRO_MAX_INPUTS] = {NULL};
    void *to[ASTRO_MAX_OUTPUTS] = {NULL};

    for (size_t k = 0; k < job->conversion->n_inputs; k++)
        from[k] = job->conversion->inputs[k].optional ? NULL : in[k];
    for (size_t k = 0; k < job->conversion->n_outputs; k++)
        to[k] = out[k];
    job->conversion->run(job->context, rows, from, to, &report);
}

static void prepare_job(void *argument)
{
    struct job *job = argument;
    struct astro_error err = {0};
    uint32_t warnings = 0;

    if (!job->conversion->prepare(job->values, job->context, &warnings, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

/* Defaults; what is required is an equinox here. */
static void set_values(struct job *job)
{
    const struct astro_conversion *c = job->conversion;
    struct astro_error err = {0};

    memset(job->values, 0, sizeof job->values);
    for (size_t i = 0; i < c->n_parameters; i++) {
        if (c->parameters[i].type == ASTRO_EPOCH)
            astro_parameter_from_text(&c->parameters[i], "J2016.0", 7, &job->values[i], &err);
    }
    if (!astro_parameters_complete(c, job->values, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
}

/* ---- ERFA, one point at a time ---- */

static double matrix[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};

static void erfa_s2c(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < rows; i++) {
        double p[3];
        eraS2c(in[0][i] * ERFA_DD2R, in[1][i] * ERFA_DD2R, p);
        for (int k = 0; k < 3; k++)
            out[k][i] = p[k];
    }
}

static void erfa_p2s(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < rows; i++) {
        double p[3] = {in[0][i], in[1][i], in[2][i]}, theta, phi;
        eraP2s(p, &theta, &phi, &out[2][i]);
        out[0][i] = eraAnp(theta) * ERFA_DR2D;
        out[1][i] = phi * ERFA_DR2D;
    }
}

static void erfa_rotation(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < rows; i++) {
        double p[3], theta, phi;
        eraS2c(in[0][i] * ERFA_DD2R, in[1][i] * ERFA_DD2R, p);
        eraRxp(matrix, p, p);
        eraC2s(p, &theta, &phi);
        out[0][i] = eraAnp(theta) * ERFA_DR2D;
        out[1][i] = phi * ERFA_DR2D;
    }
}

static void erfa_seps(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < rows; i++)
        out[0][i] = eraSeps(in[0][i] * ERFA_DD2R, in[1][i] * ERFA_DD2R, in[2][i] * ERFA_DD2R,
                            in[3][i] * ERFA_DD2R) *
                    ERFA_DR2D;
}

static void erfa_pas(void *unused)
{
    (void)unused;
    for (size_t i = 0; i < rows; i++)
        out[0][i] = eraAnp(eraPas(in[0][i] * ERFA_DD2R, in[1][i] * ERFA_DD2R, in[2][i] * ERFA_DD2R,
                                  in[3][i] * ERFA_DD2R)) *
                    ERFA_DR2D;
}

static void (*peer_of(const char *name))(void *)
{
    if (strcmp(name, "radec_to_xyz") == 0)
        return erfa_s2c;
    if (strcmp(name, "xyz_to_radec") == 0)
        return erfa_p2s;
    if (strcmp(name, "separation") == 0)
        return erfa_seps;
    if (strcmp(name, "position_angle") == 0)
        return erfa_pas;
    return erfa_rotation;
}

/* ---- SLEEF ---- */

static void sleef_s2c(void *unused)
{
    (void)unused;
    sleef_to_xyz(rows, in[0], in[1], out[0], out[1], out[2]);
}

static void sleef_p2s(void *unused)
{
    (void)unused;
    sleef_to_sphere(rows, in[0], in[1], in[2], out[0], out[1], out[2]);
}

static double sleef_ns(const char *name)
{
    if (!sleef_usable())
        return 0;
    if (strcmp(name, "radec_to_xyz") == 0)
        return median_ns(sleef_s2c, NULL, (double)rows);
    if (strcmp(name, "xyz_to_radec") == 0)
        return median_ns(sleef_p2s, NULL, (double)rows);
    return 0;
}

/* ---- the table ---- */

static void fill(const struct astro_conversion *c)
{
    srand48(1);
    for (size_t k = 0; k < c->n_inputs && k < COLUMNS; k++) {
        double low = c->inputs[k].role == ASTRO_LATITUDE ? -90
                     : c->inputs[k].role == ASTRO_PLAIN  ? -1
                                                         : 0;
        double high = c->inputs[k].role == ASTRO_LATITUDE ? 90
                      : c->inputs[k].role == ASTRO_PLAIN  ? 1
                                                          : 360;
        for (size_t i = 0; i < rows; i++)
            in[k][i] = low + (high - low) * drand48();
    }
}

static void print_line(struct job *job)
{
    const char *name = job->conversion->name;

    fill(job->conversion);
    set_values(job);
    job->context = aligned_alloc(ASTRO_CONTEXT_ALIGN, 4096);
    prepare_job(job);
    double ours = median_ns(run_job, job, (double)rows);
    double erfa = median_ns(peer_of(name), NULL, (double)rows);
    double sleef = sleef_ns(name);
    double prepare = median_ns(prepare_job, job, 1);
    printf("%-18s %8.2f %8.1f %7.1f", name, ours, erfa, erfa / ours);
    if (sleef > 0)
        printf(" %10.2f", sleef);
    else
        printf(" %10s", "-");
    printf(" %10.0f\n", prepare);
    free(job->context);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        rows = strtoul(argv[1], NULL, 10);
    if (rows == 0 || !astro_kernels_init(ASTRO_TARGET_AUTO))
        return 1;
    for (size_t k = 0; k < COLUMNS; k++)
        in[k] = calloc(rows, sizeof(double));
    for (size_t k = 0; k < RESULTS; k++)
        out[k] = calloc(rows, sizeof(double));
    for (int t = ASTRO_TARGET_SSE2; t < ASTRO_TARGET_COUNT; t++) {
        if (!astro_kernels_init((enum astro_target)t))
            continue;
        printf("\n%s, %zu rows, median ns per point\n%-18s %8s %8s %7s %10s %10s\n",
               astro_target_name((enum astro_target)t), rows, "conversion", "ours", "ERFA", "ratio",
               "SLEEF avx2", "prepare ns");
        for (size_t i = 0; i < astro_conversion_count(); i++)
            print_line(&(struct job){.conversion = astro_conversion_at(i)});
    }
    for (size_t k = 0; k < COLUMNS; k++)
        free(in[k]);
    for (size_t k = 0; k < RESULTS; k++)
        free(out[k]);
    return 0;
}
