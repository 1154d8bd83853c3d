/*
 * Conversions whose answers are easily told by eye.
 */
#include <string.h>

#include "harness.h"

enum { FACTOR, MODE, LABEL, FLAG, EPOCH };

struct context {
    double factor;
};

static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    (void)err;
    ((struct context *)context)->factor = values[FACTOR].number;
    if (values[MODE].choice == 1)
        *ret_warnings |= 1u << ASTRO_WARN_EOP_ZERO;
    return true;
}

static double at(const void *column, size_t i)
{
    double value = 0;
    if (column != NULL)
        memcpy(&value, (const char *)column + i * sizeof value, sizeof value);
    return value;
}

static void run_sums(const void *context, size_t n, const void *const in[], void *const out[],
                     struct astro_report *report)
{
    double factor = ((const struct context *)context)->factor;
    for (size_t i = 0; i < n; i++) {
        double sum = factor * (at(in[0], i) + at(in[1], i)) + at(in[2], i);
        double difference = factor * (at(in[0], i) - at(in[1], i)) + at(in[2], i);
        memcpy((char *)out[0] + i * sizeof sum, &sum, sizeof sum);
        memcpy((char *)out[1] + i * sizeof sum, &difference, sizeof sum);
        report->warnings[ASTRO_WARN_EXTRAPOLATED] += sum > 1e6 && sum < 1e7;
    }
}

static bool prepare_nothing(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                            struct astro_error *err)
{
    (void)values, (void)context, (void)ret_warnings, (void)err;
    return true;
}

static void run_pixels(const void *context, size_t n, const void *const in[], void *const out[],
                       struct astro_report *report)
{
    (void)context, (void)report;
    for (size_t i = 0; i < n; i++) {
        int64_t pixel;
        memcpy(&pixel, (const char *)in[0] + i * sizeof pixel, sizeof pixel);
        double half = (double)pixel / 2;
        pixel = (int64_t)((uint64_t)pixel + 1);
        memcpy((char *)out[0] + i * sizeof pixel, &pixel, sizeof pixel);
        memcpy((char *)out[1] + i * sizeof half, &half, sizeof half);
    }
}

static void run_flags(const void *context, size_t n, const void *const in[], void *const out[],
                      struct astro_report *report)
{
    (void)context, (void)report;
    for (size_t i = 0; i < n; i++) {
        int64_t flag;
        memcpy(&flag, (const char *)in[0] + i * sizeof flag, sizeof flag);
        double count = (double)flag; /* a cell is 0 or 1, and nothing else */
        flag = !flag;
        memcpy((char *)out[0] + i * sizeof flag, &flag, sizeof flag);
        memcpy((char *)out[1] + i * sizeof count, &count, sizeof count);
    }
}

static const char *const modes[] = {"quiet", "loud", NULL};

static const struct astro_field sums_inputs[] = {
    {.name = "a", .unit = "", .doc = ""},
    {.name = "b", .unit = "", .doc = ""},
    {.name = "c", .optional = true, .default_doc = "0", .unit = "", .doc = ""},
};
static const struct astro_field sums_outputs[] = {
    {.name = "sum", .unit = "", .doc = ""},
    {.name = "difference", .unit = "", .doc = ""},
};
static const struct astro_parameter sums_parameters[] = {
    [FACTOR] = {.name = "factor",
                .type = ASTRO_NUMBER,
                .default_text = "1",
                .minimum = -1e300,
                .maximum = 1e300,
                .unit = "",
                .doc = ""},
    [MODE] = {.name = "mode",
              .type = ASTRO_CHOICE,
              .default_text = "quiet",
              .choices = modes,
              .unit = "",
              .doc = ""},
    [LABEL] = {.name = "label",
               .type = ASTRO_STRING,
               .optional = true,
               .default_doc = "none",
               .maximum = 100,
               .unit = "",
               .doc = ""},
    [FLAG] =
        {.name = "flag", .type = ASTRO_BOOLEAN, .default_text = "false", .unit = "", .doc = ""},
    [EPOCH] = {.name = "epoch",
               .type = ASTRO_EPOCH,
               .optional = true,
               .default_doc = "none",
               .minimum = 1000,
               .maximum = 3000,
               .unit = "",
               .doc = ""},
};

const struct astro_conversion fake_sums = {
    .name = "sums",
    .group = "core",
    .summary = "",
    .description = "",
    .reference = "",
    .accuracy = "",
    .inputs = sums_inputs,
    .n_inputs = 3,
    .outputs = sums_outputs,
    .n_outputs = 2,
    .parameters = sums_parameters,
    .n_parameters = 5,
    .ns_per_point = 1,
    .context_size = sizeof(struct context),
    .prepare = prepare,
    .run = run_sums,
};

static const struct astro_field pixels_inputs[] = {
    {.name = "p", .type = ASTRO_INT64, .unit = "", .doc = ""},
    {.name = "q", .type = ASTRO_INT64, .optional = true, .default_doc = "0", .unit = "", .doc = ""},
};
static const struct astro_field pixels_outputs[] = {
    {.name = "next", .type = ASTRO_INT64, .unit = "", .doc = ""},
    {.name = "half", .unit = "", .doc = ""},
};

const struct astro_conversion fake_pixels = {
    .name = "pixels",
    .group = "core",
    .summary = "",
    .description = "",
    .reference = "",
    .accuracy = "",
    .inputs = pixels_inputs,
    .n_inputs = 2,
    .outputs = pixels_outputs,
    .n_outputs = 2,
    .ns_per_point = 1,
    .context_size = 1,
    .prepare = prepare_nothing,
    .run = run_pixels,
};

static const struct astro_field flags_inputs[] = {
    {.name = "p", .type = ASTRO_BOOL, .unit = "", .doc = ""},
    {.name = "q", .type = ASTRO_BOOL, .optional = true, .unit = "", .doc = ""},
};
static const struct astro_field flags_outputs[] = {
    {.name = "not", .type = ASTRO_BOOL, .unit = "", .doc = ""},
    {.name = "count", .unit = "", .doc = ""},
};

const struct astro_conversion fake_flags = {
    .name = "flags",
    .group = "core",
    .summary = "",
    .description = "",
    .reference = "",
    .accuracy = "",
    .inputs = flags_inputs,
    .n_inputs = 2,
    .outputs = flags_outputs,
    .n_outputs = 2,
    .ns_per_point = 1,
    .context_size = 1,
    .prepare = prepare_nothing,
    .run = run_flags,
};
