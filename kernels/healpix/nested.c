/*
 * The group healpix: what is no more than shifts of nested pixel numbers. The compiler turns these
 * loops into vectors.
 */
#include <string.h>

#include "../registry/fields.h"
#include "group.h"
#include "healpix.h"

enum { MOST_ORDER = ASTRO__HEALPIX_MOST_ORDER };

/* Numbers of pixels of all orders: nuniq is below this. */
#define NUNIQ_LIMIT ((int64_t)16 << 2 * MOST_ORDER)

static int64_t number_at(const void *column, size_t row)
{
    int64_t value;

    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    return value;
}

static void put(void *column, size_t row, int64_t value)
{
    memcpy((char *)column + row * sizeof value, &value, sizeof value);
}

static int64_t pixels_of(int64_t order)
{
    return (int64_t)12 << 2 * order;
}

/* --- healpix_change_order --- */

struct orders {
    int64_t pixels; /* of the input's order */
    int up, down;   /* bits to shift; one of them is 0 */
};

static bool prepare_orders(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                           struct astro_error *err)
{
    int in = (int)values[0].integer, out = (int)values[1].integer;

    (void)ret_warnings;
    (void)err;
    *(struct orders *)context = (struct orders){
        .pixels = pixels_of(in),
        .up = out > in ? 2 * (out - in) : 0,
        .down = in > out ? 2 * (in - out) : 0,
    };
    return true;
}

static void run_change_order(const void *context, size_t n, const void *const in[],
                             void *const out[], struct astro_report *report)
{
    const struct orders *orders = context;

    if (!astro__healpix_passes("pixel", orders->pixels, n, in[0], report))
        return;
    for (size_t i = 0; i < n; i++)
        put(out[0], i, number_at(in[0], i) << orders->up >> orders->down);
}

/* --- nuniq --- */

static bool prepare_nothing(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                            struct astro_error *err)
{
    (void)values;
    (void)ret_warnings;
    (void)err;
    *(char *)context = 0;
    return true;
}

/* The first row that is no pixel, or n. */
static size_t first_bad(size_t n, const void *order, const void *pixel)
{
    for (size_t i = 0; i < n; i++) {
        int64_t k = number_at(order, i), p = number_at(pixel, i);
        if (k < 0 || k > MOST_ORDER || p < 0 || p >= pixels_of(k))
            return i;
    }
    return n;
}

static void run_to_nuniq(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    size_t bad = first_bad(n, in[0], in[1]);

    (void)context;
    if (bad < n) {
        int64_t order = number_at(in[0], bad), pixel = number_at(in[1], bad);
        bool which = order < 0 || order > MOST_ORDER;
        const char *field = which ? "order" : "pixel";
        report->failed_row = bad;
        astro_fail(&report->error, ASTRO_OUT_OF_RANGE, field, "%s = %lld is outside [0, %lld]",
                   field, (long long)(which ? order : pixel),
                   (long long)(which ? MOST_ORDER : pixels_of(order) - 1));
        return;
    }
    for (size_t i = 0; i < n; i++)
        put(out[0], i, ((int64_t)4 << 2 * number_at(in[0], i)) + number_at(in[1], i));
}

static void run_from_nuniq(const void *context, size_t n, const void *const in[], void *const out[],
                           struct astro_report *report)
{
    (void)context;
    for (size_t i = 0; i < n; i++) {
        int64_t nuniq = number_at(in[0], i);
        if (nuniq < 4 || nuniq >= NUNIQ_LIMIT) {
            report->failed_row = i;
            astro_fail(&report->error, ASTRO_OUT_OF_RANGE, "nuniq",
                       "nuniq = %lld is outside [4, %lld]", (long long)nuniq,
                       (long long)NUNIQ_LIMIT - 1);
            return;
        }
        int64_t order = (61 - __builtin_clzll((unsigned long long)nuniq)) / 2;
        put(out[0], i, order);
        put(out[1], i, nuniq - ((int64_t)4 << 2 * order));
    }
}

/* --- descriptions --- */

static const struct astro_parameter order_parameters[] = {
    {.name = "order_in",
     .type = ASTRO_INTEGER,
     .minimum = 0,
     .maximum = MOST_ORDER,
     .unit = "",
     .doc = "order of the input"},
    {.name = "order_out",
     .type = ASTRO_INTEGER,
     .minimum = 0,
     .maximum = MOST_ORDER,
     .unit = "",
     .doc = "order of the output"},
};

static const struct astro_field cells[] = {
    ASTRO__WHOLE("order", "order of the pixel, 0 to 29"),
    ASTRO__WHOLE("pixel", "number of the pixel in the nested numbering"),
};

static const struct astro_field unique[] = {
    ASTRO__WHOLE("nuniq", "4 x 4^order + pixel: order and pixel as one number"),
};

const struct astro_conversion astro__healpix_change_order = {
    .name = "healpix_change_order",
    .group = "healpix",
    .summary = "Nested HEALPix pixels of one order to those of another",
    .description =
        "To a coarser order: the pixel that holds it. To a finer one: the first of its parts, "
        "which "
        "are this and the next 4^(order_out - order_in) - 1. A pixel outside its order is refused.",
    .reference = "Gorski et al. (2005), ApJ 622, 759",
    .accuracy = "exact",
    ASTRO__INPUTS(astro__healpix_pixel),
    ASTRO__OUTPUTS(astro__healpix_pixel),
    ASTRO__PARAMETERS(order_parameters),
    .ns_per_point = 1.3,
    .prepare_ns = 30.0,
    .context_size = sizeof(struct orders),
    .prepare = prepare_orders,
    .run = run_change_order,
};

#define BOTH                                                                                       \
    .group = "healpix", .reference = "IVOA MOC 2.0, section 4.3.1 (Gorski et al. 2010, NUNIQ)",    \
    .accuracy = "exact", .prepare_ns = 30.0, .context_size = 1, .prepare = prepare_nothing

const struct astro_conversion astro__healpix_to_nuniq = {
    .name = "healpix_to_nuniq",
    .summary = "Order and nested HEALPix pixel as one number",
    .description =
        "4 x 4^order + pixel. An order outside [0, 29], or a pixel outside its order, is "
        "refused.",
    ASTRO__INPUTS(cells),
    ASTRO__OUTPUTS(unique),
    .ns_per_point = 1.7,
    .run = run_to_nuniq,
    BOTH,
};

const struct astro_conversion astro__nuniq_to_healpix = {
    .name = "nuniq_to_healpix",
    .summary = "The number of a HEALPix pixel of any order as order and nested pixel",
    .description = "The inverse of healpix_to_nuniq. A number outside [4, 2^62) is refused.",
    ASTRO__INPUTS(unique),
    ASTRO__OUTPUTS(cells),
    .ns_per_point = 2.2,
    .run = run_from_nuniq,
    BOTH,
};
