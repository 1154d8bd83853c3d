/*
 * The group wcs: pixels of images and the sky, by the image's FITS header.
 */
#include <string.h>

#include "../registry/fields.h"
#include "../registry/groups.h"
#include "cards.h"
#include "wcs.h"

/* --- costs --- */

/* Nanoseconds a row: of vector code, and of wcslib, where AIR takes 630 and MOL back 910. */
#define TANGENT_TO_WORLD 10.0
#define TANGENT_TO_PIXEL 25.0
#define WCSLIB_TO_WORLD  150.0
#define WCSLIB_TO_PIXEL  180.0

/* Whether it is a gnomonic image, as far as its beginning tells. */
static bool looks_tangent(const struct astro_text *header)
{
    enum { SEEN_MOST = 8192 };
    size_t seen = header->length < SEEN_MOST ? header->length : SEEN_MOST;

    return seen > 0 &&
           (memmem(header->data, seen, "-TAN", 4) || memmem(header->data, seen, "-TPV", 4));
}

static double cost_to_world(const struct astro_value *values, size_t n, const void *const in[],
                            const size_t count[])
{
    (void)in;
    (void)count;
    return (double)n * (looks_tangent(&values[1].text) ? TANGENT_TO_WORLD : WCSLIB_TO_WORLD);
}

static double cost_to_pixel(const struct astro_value *values, size_t n, const void *const in[],
                            const size_t count[])
{
    (void)in;
    (void)count;
    return (double)n * (looks_tangent(&values[1].text) ? TANGENT_TO_PIXEL : WCSLIB_TO_PIXEL);
}

static double cost_of_two(const struct astro_value *values, size_t n, const void *const in[],
                          const size_t count[])
{
    (void)in;
    (void)count;
    return (double)n * ((looks_tangent(&values[0].text) ? TANGENT_TO_WORLD : WCSLIB_TO_WORLD) +
                        (looks_tangent(&values[1].text) ? TANGENT_TO_PIXEL : WCSLIB_TO_PIXEL));
}

/* --- one header --- */

/* values: unit, header, origin */
static bool prepare(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                    struct astro_error *err)
{
    struct astro__wcs_header header;

    (void)ret_warnings;
    return astro__wcs_header_read(&header, "header", &values[1].text, err) &&
           astro__wcs_make(context, &header, (enum astro_unit)values[0].choice, values[2].integer,
                           err);
}

static void run_to_world(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    (void)report;
    astro__wcs_to_world(context, n, in, out);
}

static void run_to_pixel(const void *context, size_t n, const void *const in[], void *const out[],
                         struct astro_report *report)
{
    (void)report;
    astro__wcs_to_pixel(context, n, in, out);
}

/* --- two headers --- */

struct two {
    struct astro__wcs in, out;
};

static bool check_frames(const struct astro__wcs_frame *in, const struct astro__wcs_frame *out,
                         struct astro_error *err)
{
    char first[ASTRO__WCS_FRAME_ROOM], second[ASTRO__WCS_FRAME_ROOM];

    if (astro__wcs_same_frame(in, out))
        return true;
    return astro_fail(err, ASTRO_BAD_HEADER, "header_out",
                      "header_in is in %s and header_out in %s; they must be in the same frame. "
                      "Between frames go by pixel_to_world, a conversion of the positions, and "
                      "world_to_pixel",
                      astro__wcs_frame_text(in, first), astro__wcs_frame_text(out, second));
}

static bool prepare_side(struct astro__wcs *side, const char *parameter,
                         const struct astro_value *header, const struct astro_value *origin,
                         struct astro__wcs_frame *ret_frame, struct astro_error *err)
{
    struct astro__wcs_header read;

    if (!astro__wcs_header_read(&read, parameter, &header->text, err) ||
        !astro__wcs_make(side, &read, ASTRO_DEG, origin->integer, err))
        return false;
    *ret_frame = astro__wcs_frame(&read);
    return true;
}

/* values: header_in, header_out, origin */
static bool prepare_two(const struct astro_value *values, void *context, uint32_t *ret_warnings,
                        struct astro_error *err)
{
    struct two *two = context;
    struct astro__wcs_frame in, out;

    (void)ret_warnings;
    return prepare_side(&two->in, "header_in", &values[0], &values[2], &in, err) &&
           prepare_side(&two->out, "header_out", &values[1], &values[2], &out, err) &&
           check_frames(&in, &out, err);
}

static void run_two(const void *context, size_t n, const void *const in[], void *const out[],
                    struct astro_report *report)
{
    enum { BLOCK = 256 };
    const struct two *two = context;
    double lon[BLOCK], lat[BLOCK];

    (void)report;
    for (size_t i = 0, rows; i < n; i += rows) {
        size_t skip = i * sizeof(double);
        rows = n - i < BLOCK ? n - i : BLOCK;
        astro__wcs_to_world(
            &two->in, rows,
            (const void *[]){(const char *)in[0] + skip, (const char *)in[1] + skip},
            (void *[]){lon, lat});
        astro__wcs_to_pixel(&two->out, rows, (const void *[]){lon, lat},
                            (void *[]){(char *)out[0] + skip, (char *)out[1] + skip});
    }
}

/* --- description --- */

#define HEADER(parameter_name, text)                                                               \
    {                                                                                              \
        .name = (parameter_name), .type = ASTRO_STRING, .maximum = ASTRO__HEADER_MOST_BYTES,       \
        .unit = "", .doc = (text)                                                                  \
    }

#define ORIGIN                                                                                     \
    {                                                                                              \
        .name = "origin", .type = ASTRO_INTEGER, .default_text = "1", .minimum = 0.0,              \
        .maximum = 1.0, .unit = "", .doc = "number of the first pixel: 1 as in FITS, 0 as in C"    \
    }

#define A_HEADER                                                                                   \
    "FITS cards as text, one per line or 80 columns each, at most 64 KiB and 4 axes; END may be "  \
    "left out"

static const struct astro_field pixel[] = {
    ASTRO__PLAIN("x", "pixel", "along the first of the two axes, the centre of a pixel is whole"),
    ASTRO__PLAIN("y", "pixel", "along the second of the two axes"),
};

static const struct astro_field world[] = {
    ASTRO__FIELD("lon", ASTRO_LONGITUDE, "longitude in the header's frame: right ascension, l"),
    ASTRO__FIELD("lat", ASTRO_LATITUDE, "latitude in the header's frame: declination, b"),
};

static const struct astro_parameter one_header[] = {ASTRO__UNIT, HEADER("header", A_HEADER),
                                                    ORIGIN};

static const struct astro_parameter two_headers[] = {
    HEADER("header_in", "of the image that x and y are of: " A_HEADER),
    HEADER("header_out", "of the image to go to: " A_HEADER),
    ORIGIN,
};

#define SAYS_HEADER                                                                                \
    "The two celestial axes of the header are taken, whatever their order; other axes stay at "    \
    "their reference pixel. All projections of FITS, CD, PC, CDELT with CROTA, PV, LONPOLE, "      \
    "LATPOLE, SIP and TPV (in degrees; PV1_1 and PV2_1 are 1 unless given); defaults are those "   \
    "of FITS. Alternate descriptions (CTYPE1A) are not read. Tables and other distortions are "    \
    "refused. "

#define EVERY .group = "wcs", .prepare_ns = 6000.0 /* 220 us for 64 KiB */

static const struct astro_conversion pixel_to_world = {
    .name = "pixel_to_world",
    .summary = "Pixels of an image to the sky, by its FITS header",
    .description = SAYS_HEADER
    "The longitude comes first, in [0, 360), in the frame of the header: RADESYS is not "
    "converted. A pixel off the sky gives NaN, and so does a row with NaN or infinity.",
    .reference = "wcslib wcsp2s (celx2s); gnomonic images: own code, A&A 395, 1077 (2002)",
    .accuracy = "1e-9 arcsec against AST; CSC 0.02 arcsec",
    ASTRO__INPUTS(pixel),
    ASTRO__OUTPUTS(world),
    ASTRO__PARAMETERS(one_header),
    .ns_per_point = WCSLIB_TO_WORLD,
    .cost = cost_to_world,
    .context_size = sizeof(struct astro__wcs),
    .prepare = prepare,
    .run = run_to_world,
    EVERY,
};

static const struct astro_conversion world_to_pixel = {
    .name = "world_to_pixel",
    .summary = "The sky to pixels of an image, by its FITS header",
    .description = SAYS_HEADER
    "SIP and TPV are inverted by iteration; AP and BP are not looked at. A position outside the "
    "projection gives NaN, and so does one for which the iteration finds no pixel, and a row with "
    "NaN or infinity.",
    .reference = "wcslib wcss2p (cels2x); gnomonic images: own code, A&A 395, 1077 (2002)",
    .accuracy = "1e-8 pixel; CSC 0.5 pixel",
    ASTRO__INPUTS(world),
    ASTRO__OUTPUTS(pixel),
    ASTRO__PARAMETERS(one_header),
    .ns_per_point = WCSLIB_TO_PIXEL,
    .cost = cost_to_pixel,
    .context_size = sizeof(struct astro__wcs),
    .prepare = prepare,
    .run = run_to_pixel,
    EVERY,
};

static const struct astro_conversion pixel_to_pixel = {
    .name = "pixel_to_pixel",
    .summary = "Pixels of one image to pixels of another, by their FITS headers",
    .description = SAYS_HEADER
    "Both headers must be in the same celestial frame: the same axes and, where they matter, "
    "RADESYS and EQUINOX, with the defaults of FITS. A pixel off the sky, or whose position is "
    "outside the other projection, gives NaN, and so does a row with NaN or infinity.",
    .reference = "pixel_to_world, then world_to_pixel",
    .accuracy = "2e-8 pixel",
    ASTRO__INPUTS(pixel),
    ASTRO__OUTPUTS(pixel),
    ASTRO__PARAMETERS(two_headers),
    .ns_per_point = WCSLIB_TO_WORLD + WCSLIB_TO_PIXEL,
    .cost = cost_of_two,
    .context_size = sizeof(struct two),
    .prepare = prepare_two,
    .run = run_two,
    EVERY,
};

static const struct astro_conversion *const conversions[] = {
    &pixel_to_world,
    &world_to_pixel,
    &pixel_to_pixel,
};

const struct astro__group astro__group_wcs = {conversions, ASTRO__COUNT(conversions)};
