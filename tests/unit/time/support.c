#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long double seconds_between(struct date a, struct date b)
{
    return (((long double)a.jd1 - (long double)b.jd1) + ((long double)a.jd2 - (long double)b.jd2)) *
           86400;
}

void assert_date(struct date got, struct date wanted, double tolerance, const char *what)
{
    long double error = seconds_between(got, wanted);

    if (!(fabsl(error) <= (long double)tolerance))
        fail_msg("%s on %s: got %.17g + %.17g, wanted %.17g + %.17g, differs by %.3Lg s, allowed "
                 "%.3g",
                 what, target_name(), got.jd1, got.jd2, wanted.jd1, wanted.jd2, error, tolerance);
    if (got.jd1 != rint(got.jd1) || !(fabs(got.jd2) <= 0.5))
        fail_msg("%s on %s: %.17g + %.17g is not renormalised", what, target_name(), got.jd1,
                 got.jd2);
}

struct date split_again(struct date date)
{
    switch ((int)random_between(0, 3)) {
    case 0:
        return date;
    case 1:
        return (struct date){date.jd2, date.jd1};
    default:
        return (struct date){date.jd1 - 0.5, date.jd2 + 0.5};
    }
}

struct date random_date(double low, double high)
{
    struct date date = {rint(random_between(low, high)), random_between(-0.5, 0.5)};

    return date;
}

struct date date_through(const struct converter *converter, struct date date)
{
    struct date got;

    convert_row(converter, &date.jd1, &got.jd1);
    return got;
}

struct date date_once(const char *name, const char *parameters, struct date date)
{
    struct converter converter = converter_open(name, parameters);
    struct date got = date_through(&converter, date);

    converter_close(&converter);
    return got;
}

struct astro_report run_rows(const struct converter *converter, size_t n, const void *const in[],
                             void *const out[])
{
    struct astro_report report;

    memset(&report, 0, sizeof report);
    converter->conversion->run(converter->context, n, in, out, &report);
    return report;
}

/* Values of all parameters, given and defaulted; whether prepare() takes them. */
static bool prepare(struct converter *converter, const char *parameters, struct astro_error *err)
{
    const struct astro_conversion *c = converter->conversion;

    for (size_t i = 0; i < c->n_parameters; i++) {
        const char *name = c->parameters[i].name;
        for (const char *at = parameters; *at;) {
            size_t length = strcspn(at, "="), text = strcspn(at + length + 1, "&");
            const char *value = at + length + 1;
            if (strlen(name) == length && strncmp(at, name, length) == 0 &&
                !astro_parameter_from_text(&c->parameters[i], value, text, &converter->values[i],
                                           err))
                return false;
            at = value + text + (value[text] == '&');
        }
    }
    if (!astro_parameters_complete(c, converter->values, err))
        return false;
    size_t size = (c->context_size + ASTRO_CONTEXT_ALIGN - 1) / ASTRO_CONTEXT_ALIGN;
    converter->context = aligned_alloc(ASTRO_CONTEXT_ALIGN, size * ASTRO_CONTEXT_ALIGN);
    assert_non_null(converter->context);
    return c->prepare(converter->values, converter->context, &converter->warnings, err);
}

struct astro_error prepare_error(const char *name, const char *parameters)
{
    struct converter converter = {.conversion = astro_conversion_find(name, strlen(name), NULL)};
    struct astro_error err = {0};

    assert_non_null(converter.conversion);
    if (prepare(&converter, parameters, &err))
        fail_msg("%s took %s", name, parameters);
    free(converter.context);
    return err;
}

struct converter open_conversion(const struct astro_conversion *conversion, const char *parameters)
{
    struct converter converter = {.conversion = conversion};
    struct astro_error err = {0};

    if (!prepare(&converter, parameters, &err))
        fail_msg("%s: %s", conversion->name, err.text);
    return converter;
}

char *golden_text(const char *file, size_t *ret_length)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, file);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    char *text = malloc(1 << 20);
    assert_non_null(text);
    *ret_length = fread(text, 1, (1 << 20) - 1, stream);
    text[*ret_length] = '\0';
    fclose(stream);
    return text;
}
