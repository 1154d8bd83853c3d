/*
 * The group healpix: parameters, checks and the conversions with vector kernels.
 */
#include "healpix.h"

#include <string.h>

#include "../registry/fields.h"
#include "../registry/groups.h"
#include "../simd/lanes.h"
#include "group.h"

#define MOST_SIDE (1 << ASTRO__HEALPIX_MOST_ORDER)

/* --- parameters --- */

/* nside or order, exactly one of them. */
static bool read_side(const struct astro_value *nside, const struct astro_value *order,
                      struct astro__healpix *h, struct astro_error *err)
{
    if (nside->present && order->present)
        return astro_fail(err, ASTRO_CONFLICT, "order",
                          "nside and order say the same thing: give one of them");
    if (!nside->present && !order->present)
        return astro_fail(err, ASTRO_MISSING_PARAMETER, "nside",
                          "nside is missing: give nside, or order = log2(nside)");
    h->nside = order->present ? (int64_t)1 << order->integer : nside->integer;
    h->side = (double)h->nside;
    h->pixels = 12 * h->nside * h->nside;
    h->order = -1;
    for (int k = 0; k <= ASTRO__HEALPIX_MOST_ORDER; k++) {
        if (h->nside == (int64_t)1 << k)
            h->order = k;
    }
    return true;
}

static bool need_order(const struct astro__healpix *h, struct astro_error *err)
{
    return h->order >= 0 ||
           astro_fail(err, ASTRO_BAD_PARAMETER, "nside",
                      "nside = %lld is no power of 2, which the nested numbering needs",
                      (long long)h->nside);
}

enum { NESTED, RING };

/* values: unit, nside, order, ordering */
static bool prepare_angles(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                           struct astro_error *err)
{
    struct astro__healpix h = {
        .sky = astro__sky(ASTRO_LONGITUDE, (enum astro_unit)values[0].choice),
        .nested = values[3].choice == NESTED,
    };

    (void)ret_warnings;
    if (!read_side(&values[1], &values[2], &h, err) || (h.nested && !need_order(&h, err)))
        return false;
    *(struct astro__healpix *)context = h;
    return true;
}

/* values: nside, order, ordering */
static bool prepare_pixels(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                           struct astro_error *err)
{
    struct astro__healpix h = {.nested = values[2].choice == NESTED};

    (void)ret_warnings;
    if (!read_side(&values[0], &values[1], &h, err) || (h.nested && !need_order(&h, err)))
        return false;
    *(struct astro__healpix *)context = h;
    return true;
}

/* values: nside, order */
static bool prepare_from_nested(const struct astro_value *values, void *context,
                                uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__healpix h = {.nested = true};

    (void)ret_warnings;
    if (!read_side(&values[0], &values[1], &h, err) || !need_order(&h, err))
        return false;
    *(struct astro__healpix *)context = h;
    return true;
}

static bool prepare_from_ring(const struct astro_value *values, void *context,
                              uint32_t *ret_warnings, struct astro_error *err)
{
    struct astro__healpix *h = context;

    if (!prepare_from_nested(values, context, ret_warnings, err))
        return false;
    h->nested = false;
    return true;
}

/* --- run --- */

bool astro__healpix_passes(const char *field, int64_t limit, size_t n, const void *column,
                           struct astro_report *report)
{
    size_t row = astro__lanes->first_outside(limit, column, n);
    int64_t value;

    if (row == n)
        return true;
    memcpy(&value, (const char *)column + row * sizeof value, sizeof value);
    report->failed_row = row;
    return astro_fail(&report->error, ASTRO_OUT_OF_RANGE, field, "%s = %lld is outside [0, %lld]",
                      field, (long long)value, (long long)limit - 1);
}

static void run_pixel(const void *context, size_t n, const void *const in[], void *const out[],
                      struct astro_report *report)
{
    (void)report;
    astro__lanes->healpix_pixel(context, n, in, out);
}

/* Those that take a pixel. */
#define RUN(kernel)                                                                                \
    static void run_##kernel(const void *context, size_t n, const void *const in[],                \
                             void *const out[], struct astro_report *report)                       \
    {                                                                                              \
        const struct astro__healpix *h = context;                                                  \
        if (astro__healpix_passes("pixel", h->pixels, n, in[0], report))                           \
            astro__lanes->kernel(context, n, in, out);                                             \
    }

RUN(healpix_centre)
RUN(healpix_corners)
RUN(healpix_reorder)
RUN(healpix_neighbours)

/* --- descriptions --- */

static const struct astro_field position[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "latitude"),
};

const struct astro_field astro__healpix_pixel[1] = {
    ASTRO__WHOLE("pixel", "number of the pixel, from 0 to 12 nside^2 - 1"),
};

static const struct astro_field eight[] = {
    ASTRO__WHOLE("sw", "neighbour to the south-west"), ASTRO__WHOLE("w", "to the west; -1: none"),
    ASTRO__WHOLE("nw", "to the north-west"),           ASTRO__WHOLE("n", "to the north; -1: none"),
    ASTRO__WHOLE("ne", "to the north-east"),           ASTRO__WHOLE("e", "to the east; -1: none"),
    ASTRO__WHOLE("se", "to the south-east"),           ASTRO__WHOLE("s", "to the south; -1: none"),
};

#define CORNER(letter, where)                                                                      \
    ASTRO__FIELD("lon_" letter, ASTRO_LONGITUDE, "longitude of the " where " corner"),             \
        ASTRO__FIELD("lat_" letter, ASTRO_LATITUDE, "latitude of the " where " corner")

static const struct astro_field four_corners[] = {
    CORNER("n", "northern"),
    CORNER("e", "eastern"),
    CORNER("s", "southern"),
    CORNER("w", "western"),
};

static const char *const orderings[] = {"nested", "ring", NULL};

#define SIDE                                                                                       \
    {.name = "nside",                                                                              \
     .type = ASTRO_INTEGER,                                                                        \
     .optional = true,                                                                             \
     .default_doc = "2^order",                                                                     \
     .minimum = 1,                                                                                 \
     .maximum = MOST_SIDE,                                                                         \
     .unit = "",                                                                                   \
     .doc = "pixels along a side of a base cell; a power of 2 for the nested numbering"},          \
    {                                                                                              \
        .name = "order", .type = ASTRO_INTEGER, .optional = true, .default_doc = "log2(nside)",    \
        .minimum = 0, .maximum = ASTRO__HEALPIX_MOST_ORDER, .unit = "",                            \
        .doc = "log2(nside); instead of it"                                                        \
    }

#define ORDERING                                                                                   \
    ASTRO__CHOICE("ordering", NULL, orderings, "numbering of the pixels; there is no default")

static const struct astro_parameter angle_parameters[] = {ASTRO__UNIT, SIDE, ORDERING};
static const struct astro_parameter pixel_parameters[] = {SIDE, ORDERING};
static const struct astro_parameter side_parameters[] = {SIDE};

#define EVERY                                                                                      \
    .group = "healpix", .reference = "Gorski et al. (2005), ApJ 622, 759", .prepare_ns = 80.0,     \
    .context_size = sizeof(struct astro__healpix)

#define WITH_ANGLES EVERY, ASTRO__PARAMETERS(angle_parameters), .prepare = prepare_angles

#define SAYS_SIDE                                                                                  \
    "nside up to 2^29: any number with the ring numbering, a power of 2 with the nested one. "

static const struct astro_conversion lonlat_to_healpix = {
    .name = "lonlat_to_healpix",
    .summary = "The HEALPix pixel that holds a position",
    .description = SAYS_SIDE
    "Any finite longitude is taken. A position on a boundary may fall to either side. A row "
    "with NaN or infinity gives -1.",
    .accuracy = "exact; either pixel within 4e-15 rad of a boundary",
    ASTRO__INPUTS(position),
    ASTRO__OUTPUTS(astro__healpix_pixel),
    .ns_per_point = 11.0,
    .run = run_pixel,
    WITH_ANGLES,
};

static const struct astro_conversion healpix_to_lonlat = {
    .name = "healpix_to_lonlat",
    .summary = "The centre of a HEALPix pixel",
    .description = SAYS_SIDE "A pixel outside [0, 12 nside^2) is refused.",
    .accuracy = "1e-13 deg",
    ASTRO__INPUTS(astro__healpix_pixel),
    ASTRO__OUTPUTS(position),
    .ns_per_point = 14.0 /* ring; nested 8.6 */,
    .run = run_healpix_centre,
    WITH_ANGLES,
};

#define BOTH_NUMBERINGS                                                                            \
    EVERY,                                                                                         \
        .description = "nside must be a power of 2, up to 2^29. A pixel outside [0, 12 nside^2) "  \
                       "is refused.",                                                              \
        .accuracy = "exact", ASTRO__INPUTS(astro__healpix_pixel),                                  \
        ASTRO__OUTPUTS(astro__healpix_pixel), ASTRO__PARAMETERS(side_parameters),                  \
        .run = run_healpix_reorder

static const struct astro_conversion nested_to_ring = {
    .name = "nested_to_ring",
    .summary = "HEALPix pixels from the nested to the ring numbering",
    .ns_per_point = 5.1,
    .prepare = prepare_from_nested,
    BOTH_NUMBERINGS,
};

static const struct astro_conversion ring_to_nested = {
    .name = "ring_to_nested",
    .summary = "HEALPix pixels from the ring to the nested numbering",
    .ns_per_point = 18.0,
    .prepare = prepare_from_ring,
    BOTH_NUMBERINGS,
};

static const struct astro_conversion healpix_neighbours = {
    .name = "healpix_neighbours",
    .summary = "The eight neighbours of a HEALPix pixel",
    .description = SAYS_SIDE
    "Along the edges of the base cells a neighbour can be missing: -1. East is towards greater "
    "longitude. A pixel outside [0, 12 nside^2) is refused.",
    .accuracy = "exact",
    ASTRO__INPUTS(astro__healpix_pixel),
    ASTRO__OUTPUTS(eight),
    ASTRO__PARAMETERS(pixel_parameters),
    .ns_per_point = 38.0 /* ring; nested 17 */,
    .prepare = prepare_pixels,
    .run = run_healpix_neighbours,
    EVERY,
};

static const struct astro_conversion healpix_corners = {
    .name = "healpix_corners",
    .summary = "The four corners of a HEALPix pixel",
    .description = SAYS_SIDE
    "A corner at a pole has the longitude of the middle of its base cell. A pixel outside "
    "[0, 12 nside^2) is refused.",
    .accuracy = "1e-13 deg",
    ASTRO__INPUTS(astro__healpix_pixel),
    ASTRO__OUTPUTS(four_corners),
    .ns_per_point = 48.0 /* ring; nested 26 */,
    .run = run_healpix_corners,
    WITH_ANGLES,
};

static const struct astro_conversion *const conversions[] = {
    &lonlat_to_healpix,
    &healpix_to_lonlat,
    &nested_to_ring,
    &ring_to_nested,
    &healpix_neighbours,
    &healpix_corners,
    &astro__healpix_change_order,
    &astro__healpix_to_nuniq,
    &astro__nuniq_to_healpix,
};

const struct astro__group astro__group_healpix = {conversions, ASTRO__COUNT(conversions)};
