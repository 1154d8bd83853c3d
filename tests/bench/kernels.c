/*
 * bench_kernels: nanoseconds per point of every conversion on every target, beside ERFA's functions in
 * a plain C loop and SLEEF's 1.0-ulp functions in the same run. Medians; one core; nothing is
 * asserted.
 *
 *   bench_kernels [ROWS [WORD]]      rows per call, default 4096 (stays in the second-level cache);
 *                                    only conversions with WORD in their names
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "examples.h"
#include "kernels_columns.h"
#include "kernels_erfa.h"
#include "kernels_sleef.h"

enum { RUNS = 15 };

#define OBSTIME "2025-08-09T21:03:04.5"

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

    columns_of(job->conversion, from, to);
    job->conversion->run(job->context, rows, from, to, &report);
    if (report.error.code != ASTRO_OK) {
        fprintf(stderr, "%s: %s\n", job->conversion->name, report.error.text);
        exit(1);
    }
}

static void prepare_job(void *argument)
{
    struct job *job = argument;
    struct astro_error err = {0};
    uint32_t warnings = 0;

    if (!job->conversion->prepare(job->values, job->context, &warnings, &err)) {
        fprintf(stderr, "%s: %s\n", job->conversion->name, err.text);
        exit(1);
    }
}

static void release_job(struct job *job)
{
    if (job->conversion->release)
        job->conversion->release(job->context);
}

static void prepare_and_release(void *argument)
{
    prepare_job(argument);
    release_job(argument);
}

/* One parameter, as name=value. */
static void set_value(struct job *job, const char *name, size_t length, const char *text,
                      size_t text_length)
{
    const struct astro_conversion *c = job->conversion;
    struct astro_error err = {0};

    for (size_t i = 0; i < c->n_parameters; i++) {
        if (strlen(c->parameters[i].name) == length &&
            strncmp(c->parameters[i].name, name, length) == 0)
            (void)astro_parameter_from_text(&c->parameters[i], text, text_length, &job->values[i],
                                            &err);
    }
}

/* Defaults, and what the tests of all conversions give where there is none. */
static void set_values(struct job *job)
{
    const struct astro_conversion *c = job->conversion;
    struct astro_error err = {0};
    const char *text = example_of(c->name)->parameters;

    if (strcmp(c->name, "apply_space_motion") == 0)
        text = "epoch_in=J1991.25&epoch_out=J2016";
    memset(job->values, 0, sizeof job->values);
    if (columns_timed(c) && timing == ONE_TIME)
        set_value(job, "obstime", 7, OBSTIME, strlen(OBSTIME));
    while (*text) {
        size_t length = strcspn(text, "="), text_length = strcspn(text + length + 1, "&");
        set_value(job, text, length, text + length + 1, text_length);
        text += length + 1 + text_length;
        text += *text == '&';
    }
    if (!astro_parameters_complete(c, job->values, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
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

static void print_figure(double figure, int width, int decimals)
{
    if (figure > 0)
        printf(" %*.*f", width, decimals, figure);
    else
        printf(" %*s", width, "-");
}

static void print_line(struct job *job)
{
    const struct astro_conversion *c = job->conversion;
    size_t bytes = (c->context_size + ASTRO_CONTEXT_ALIGN - 1) / ASTRO_CONTEXT_ALIGN;

    columns_fill(c);
    set_values(job);
    job->context = aligned_alloc(ASTRO_CONTEXT_ALIGN, bytes * ASTRO_CONTEXT_ALIGN);
    prepare_job(job);
    double ours = median_ns(run_job, job, (double)rows);
    erfa_loop *peer = erfa_peer(c->name, timing != ONE_TIME);
    double erfa = peer ? median_ns(peer, NULL, (double)rows) : 0;
    double sleef = sleef_ns(c->name);
    release_job(job);
    double prepare = median_ns(prepare_and_release, job, 1);
    static const char *const timings[] = {"", ", a night", ", all times"};
    char label[64];
    snprintf(label, sizeof label, "%s%s", c->name, timings[timing]);
    printf("%-32s %8.2f", label, ours);
    print_figure(erfa, 8, 1);
    print_figure(erfa / ours, 7, 1);
    print_figure(sleef, 10, 2);
    printf(" %10.0f\n", prepare);
    free(job->context);
}

/* Every way to give the time, if the name has `word` in it. */
static void print_lines(struct job *job, const char *word)
{
    bool timed = columns_timed(job->conversion);

    if (!strstr(job->conversion->name, word))
        return;
    for (timing = ONE_TIME; timing <= (timed ? ALL_TIMES : ONE_TIME); timing++)
        print_line(job);
    timing = ONE_TIME;
}

int main(int argc, char **argv)
{
    size_t count = argc > 1 ? strtoul(argv[1], NULL, 10) : 4096;

    if (count == 0 || !astro_kernels_init(ASTRO_TARGET_AUTO) || !columns_open(count))
        return 1;
    for (int t = ASTRO_TARGET_SSE2; t < ASTRO_TARGET_COUNT; t++) {
        if (!astro_kernels_init((enum astro_target)t))
            continue;
        printf("\n%s, %zu rows, median ns per point\n%-32s %8s %8s %7s %10s %10s\n",
               astro_target_name((enum astro_target)t), rows, "conversion", "ours", "ERFA", "ratio",
               "SLEEF avx2", "prepare ns");
        for (size_t i = 0; i < astro_conversion_count(); i++)
            print_lines(&(struct job){.conversion = astro_conversion_at(i)},
                        argc > 2 ? argv[2] : "");
    }
    columns_close();
    return 0;
}
