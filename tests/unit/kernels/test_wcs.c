/*
 * Images: every projection against wcslib's own reading of the same header; the ways to write one;
 * distortions there and back; two headers.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <wcslib/wcs.h>
#include <wcslib/wcshdr.h>

enum { TEXT = 4096, POINTS = 200, CARDS = 80 };

/* --- wcslib as it stands --- */

struct peer {
    struct wcsprm *all;
    int count;
};

static struct peer peer_open(const char *text)
{
    static char cards[CARDS][80];
    struct peer peer = {NULL, 0};
    int n = 0, rejected;

    memset(cards, ' ', sizeof cards);
    for (; *text && n < CARDS; n++) {
        size_t length = strcspn(text, "\n");
        memcpy(cards[n], text, length);
        text += length + (text[length] == '\n');
    }
    assert_int_equal(wcspih(cards[0], n, WCSHDR_all, 0, &rejected, &peer.count, &peer.all), 0);
    assert_int_equal(rejected, 0);
    assert_true(peer.count >= 1);
    assert_int_equal(wcsset(peer.all), 0);
    return peer;
}

static void peer_close(struct peer *peer)
{
    wcsvfree(&peer->count, &peer->all);
}

/* Two axes, longitude first; NaN where wcslib says no. */
static void peer_world(struct peer *peer, const double pixel[2], double world[2])
{
    double img[2], phi, theta, out[2];
    int stat;

    if (wcsp2s(peer->all, 1, 2, pixel, img, &phi, &theta, out, &stat) != 0 || stat)
        out[0] = out[1] = (double)NAN;
    world[0] = out[peer->all->lng];
    world[1] = out[peer->all->lat];
}

/* --- projections --- */

#define LINES(lon, lat, code)                                                                      \
    "CTYPE1  = '" lon code "'\nCTYPE2  = '" lat code "'\nCRPIX1  = 150.25\nCRPIX2  = 120.5\n"

static const char *const images[] = {
    LINES("RA---", "DEC--", "AZP") "PV2_1   = 2.0\nPV2_2   = 30.0\n",
    LINES("RA---", "DEC--", "SZP") "PV2_1   = 2.0\nPV2_2   = 180.0\nPV2_3   = 60.0\n",
    LINES("RA---", "DEC--", "TAN"),
    LINES("GLON-", "GLAT-", "TAN") "LONPOLE = 33.0\n",
    LINES("RA---", "DEC--", "TAN") "PV1_1   = 20.0\nPV1_2   = 70.0\n",
    LINES("RA---", "DEC--", "TAN") "PV1_0   = 1\nPV1_1   = 20.0\nPV1_2   = 70.0\n",
    LINES("ELON-", "ELAT-", "STG"),
    LINES("RA---", "DEC--", "SIN") "PV2_1   = 0.1\nPV2_2   = -0.12\n",
    LINES("RA---", "DEC--", "ARC"),
    LINES("RA---", "DEC--", "ZPN") "PV2_1   = 0.975\nPV2_2   = -0.807\nPV2_3   = 0.337\n",
    LINES("RA---", "DEC--", "ZEA"),
    LINES("RA---", "DEC--", "AIR") "PV2_1   = 45.0\n",
    LINES("RA---", "DEC--", "CYP") "PV2_1   = 1.0\nPV2_2   = 0.7071\n",
    LINES("RA---", "DEC--", "CEA") "PV2_1   = 1.0\n",
    LINES("RA---", "DEC--", "CAR"),
    LINES("HPLN-", "HPLT-", "MER"),
    LINES("RA---", "DEC--", "COP") "PV2_1   = 45.0\nPV2_2   = 25.0\n",
    LINES("RA---", "DEC--", "COE") "PV2_1   = 45.0\nPV2_2   = 25.0\n",
    LINES("RA---", "DEC--", "COD") "PV2_1   = 45.0\nPV2_2   = 25.0\n",
    LINES("RA---", "DEC--", "COO") "PV2_1   = 45.0\nPV2_2   = 25.0\n",
    LINES("RA---", "DEC--", "SFL"),
    LINES("RA---", "DEC--", "PAR"),
    LINES("GLON-", "GLAT-", "MOL"),
    LINES("GLON-", "GLAT-", "AIT"),
    LINES("RA---", "DEC--", "BON") "PV2_1   = 45.0\n",
    LINES("RA---", "DEC--", "PCO"),
    LINES("RA---", "DEC--", "TSC"),
    LINES("RA---", "DEC--", "CSC"),
    LINES("RA---", "DEC--", "QSC"),
    LINES("RA---", "DEC--", "HPX") "PV2_1   = 4.0\nPV2_2   = 3.0\n",
    LINES("RA---", "DEC--", "XPH"),
    LINES("RA---", "DEC--", "NCP"),
    LINES("RA---", "DEC--", "GLS"),
    "CTYPE1  = 'DEC--TAN'\nCTYPE2  = 'RA---TAN'\nCRPIX1  = 150.25\nCRPIX2  = 120.5\n",
    LINES("RA---", "DEC--", "TPV") "PV1_0   = 1.0E-5\nPV1_1   = 1.01\nPV1_3   = 1.0E-4\n"
                                   "PV1_7   = 2.0E-5\nPV1_39  = 1.0E-10\nPV1_31  = 1.0E-9\n"
                                   "PV2_1   = 0.99\nPV2_2   = -1.0E-3\nPV2_4   = 4.0E-4\n"
                                   "PV2_9   = 3.0E-6\nPV2_11  = 1.0E-5\nPV2_22  = 1.0E-8\n",
    LINES("RA---", "DEC--", "TAN-SIP") "A_ORDER = 3\nB_ORDER = 4\nA_2_0   = 1.5E-5\n"
                                       "A_0_3   = 1.0E-9\nB_1_1   = 3.0E-5\nB_0_2   = -2.0E-5\n"
                                       "B_2_2   = 2.0E-12\n",
    LINES("RA---", "DEC--", "ZEA-SIP") "A_ORDER = 2\nB_ORDER = 2\nA_2_0   = 1.5E-5\n"
                                       "A_1_1   = -2.0E-5\nB_0_2   = -2.0E-5\n",
};

static const char *const matrices[] = {
    "CDELT1  = -0.11\nCDELT2  = 0.12\n",
    "CDELT1  = -0.11\nCDELT2  = 0.12\nCROTA2  = 30.0\n",
    ("CDELT1  = 0.11\nCDELT2  = 0.12\nPC1_1   = 0.8\nPC1_2   = -0.6\nPC2_1   = 0.6\n"
     "PC2_2   = 0.8\n"),
    "CD1_1   = -0.1\nCD1_2   = 0.01\nCD2_1   = 0.02\nCD2_2   = 0.11\n",
    "CD1_1   = -0.1\nCD2_2   = 0.11\nCDELT1  = 5.0\nCROTA2  = 12.0\n",
    "CDELT1  = -396.0\nCDELT2  = 432.0\nCUNIT1  = 'arcsec'\nCUNIT2  = 'arcsec'\n",
};

static const char *header_of(size_t image, size_t matrix)
{
    static char text[TEXT];
    bool swapped = strstr(images[image], "'DEC--TAN'\nCTYPE2") != NULL;
    double scale = strstr(matrices[matrix], "arcsec") ? 3600 : 1;
    double lon = random_between(0, 360) * scale, lat = random_between(1, 89) * scale;

    snprintf(text, sizeof text, "header=NAXIS   = 2\n%s%sCRVAL1  = %.10f\nCRVAL2  = %.10f\n",
             images[image], matrices[matrix], swapped ? lat : lon, swapped ? lon : lat);
    return text;
}

static void compare(size_t image, size_t matrix)
{
    const char *header = header_of(image, matrix);
    struct peer peer = peer_open(header + strlen("header="));
    struct converter forward = converter_open("pixel_to_world", header);
    struct converter back = converter_open("world_to_pixel", header);
    bool rough = strstr(header, "CSC") != NULL;
    bool has_limb =
        strstr(header, "SIN") || strstr(header, "NCP"); /* there rounding is amplified */

    for (size_t i = 0; i < POINTS; i++) {
        double pixel[2] = {random_between(-100, 400), random_between(-100, 400)};
        double wanted[2], got[2], again[2], second[2];
        peer_world(&peer, pixel, wanted);
        convert_row(&forward, pixel, got);
        if (isnan(wanted[0]) != isnan(got[0]))
            fail_msg("%s\n(%.17g, %.17g): %g, wcslib %g", header, pixel[0], pixel[1], got[0],
                     wanted[0]);
        if (isnan(got[0]))
            continue;
        double apart = (double)separation_degrees(got[0], got[1], wanted[0], wanted[1]) / ARCSEC;
        if (apart > (has_limb ? 1e-7 : 1e-9))
            fail_msg("%s\n(%.17g, %.17g) on %s: %g arcsec from wcslib", header, pixel[0], pixel[1],
                     target_name(), apart);
        /* Pixels beyond the edge of a projection do not come back; their positions do. */
        convert_row(&back, got, again);
        if (isnan(again[0]))
            continue;
        convert_row(&forward, again, second);
        apart = (double)separation_degrees(got[0], got[1], second[0], second[1]) / ARCSEC;
        if (apart > (rough ? 60 : 4e-6)) /* 1e-8 pixel of 400 arcsec */
            fail_msg("%s\n(%.17g, %.17g) on %s comes back %g arcsec off", header, pixel[0],
                     pixel[1], target_name(), apart);
    }
    converter_close(&forward);
    converter_close(&back);
    peer_close(&peer);
}

static void projections(void)
{
    random_seed(7);
    for (size_t i = 0; i < LENGTH(images); i++) {
        for (size_t m = 0; m < LENGTH(matrices); m++) {
            /* wcslib takes the variables of TPV before CDELT, and they are degrees only with CD. */
            if (!strstr(images[i], "TPV") || strstr(matrices[m], "CD1_1"))
                compare(i, m);
        }
    }
}

static void every_projection_agrees_with_wcslib(void **state)
{
    (void)state;
    for_each_target(projections);
}

/* --- ways to write a header --- */

#define SMALL                                                                                      \
    "CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCRPIX1  = 50.0\nCRPIX2  = 60.0\n"                 \
    "CRVAL1  = 210.0\nCRVAL2  = -35.5\nCDELT1  = -0.01\nCDELT2  = 0.01\n"

static void same_as_small(const char *header)
{
    const double pixel[2] = {12.5, 90.25};
    double wanted[2], got[2];

    convert_once("pixel_to_world", "header=" SMALL, pixel, wanted);
    convert_once("pixel_to_world", header, pixel, got);
    if (!same_bits(got[0], wanted[0]) || !same_bits(got[1], wanted[1]))
        fail_msg("%s\n%.17g %.17g instead of %.17g %.17g", header, got[0], got[1], wanted[0],
                 wanted[1]);
}

static void cards_of_80_columns(void **state)
{
    char block[TEXT] = "header=";
    const char *line = SMALL;
    size_t used = strlen(block);

    (void)state;
    for (; *line; line += strcspn(line, "\n") + 1)
        used += (size_t)snprintf(block + used, sizeof block - used, "%-80.*s",
                                 (int)strcspn(line, "\n"), line);
    same_as_small(block);
    snprintf(block + used, sizeof block - used, "%-80s%-80s", "END", "CRVAL1  = 5.0");
    same_as_small(block);
    block[used] = '\0';
    memcpy(block + used, "END", 4); /* a short last card */
    same_as_small(block);
}

static void lenient_where_nothing_is_unclear(void **state)
{
    (void)state;
    same_as_small("header=" SMALL "END\nCRVAL1  = 1.0\n");
    same_as_small("header=CTYPE1= 'RA---TAN'\r\nCTYPE2 ='DEC--TAN' / it's a comment\r\n"
                  "CRPIX1=5.0D1\r\nCRPIX2  =   6E+1/ pixel\r\nCRVAL1=  2.10d+02\r\n"
                  "CRVAL2=-35.5\r\nCDELT1=-.01\r\nCDELT2=+.01\r\n\r\n");
    same_as_small("header=SIMPLE  = T\nCOMMENT = 'not a value\nHISTORY CRVAL1  = 3\n\n"
                  "CRVAL1A = 7.0\nPV2_1A  = 'what'\nCTYPE1A = 'FREQ'\nEXTNAME = 'it''s'\n" SMALL);
    same_as_small("header=" SMALL "CRVAL1  = 210\nCRPIX2  = 60.\n"); /* twice, but the same */
    same_as_small("header=" SMALL "CTYPE3  = 'FREQ-LOG'\nCUNIT3  = 'Hz'\nCRVAL3  = 1.0E9\n"
                  "CDELT3  = 0\nCTYPE4  = 'STOKES'\nPC1_3   = 4.0\n");
    same_as_small("header=" SMALL "PC001001= 1.0\nPC001002= 0.0\n");
}

static void other_axes_between(void **state)
{
    double pixel[2] = {60.0, 50.0}, got[2];

    (void)state;
    convert_once("pixel_to_world",
                 "header=WCSAXES = 4\nCTYPE2  = 'DEC--TAN'\nCTYPE4  = 'RA---TAN'\n"
                 "CTYPE1  = 'STOKES'\nCTYPE3  = 'VOPT-F2W'\nCRPIX2  = 60\nCRPIX4  = 50\n"
                 "CRVAL2  = -35.5\nCRVAL4  = 210.0\nCDELT2  = 0.01\nCDELT4  = -0.01\n",
                 pixel, got);
    assert_near(got[0], 210.0L, 1e-12, "lon");
    assert_near(got[1], -35.5L, 1e-12, "lat");
}

static void first_pixel_is_number_origin(void **state)
{
    const double one[2] = {12.5, 90.25}, zero[2] = {11.5, 89.25};
    double a[2], b[2];

    (void)state;
    convert_once("pixel_to_world", "header=" SMALL, one, a);
    convert_once("pixel_to_world", "origin=0&header=" SMALL, zero, b);
    assert_memory_equal(a, b, sizeof a);
    convert_once("world_to_pixel", "origin=0&header=" SMALL, a, b);
    assert_near(b[0], 11.5L, 1e-9, "x");
    assert_near(b[1], 89.25L, 1e-9, "y");
}

static void the_far_side_is_nan(void **state)
{
    const double behind[2] = {30.0, 35.5}, edge[2] = {210.0, 54.5};
    double got[2];

    (void)state;
    convert_once("world_to_pixel", "header=" SMALL, behind, got);
    assert_true(isnan(got[0]) && isnan(got[1]));
    convert_once("world_to_pixel", "header=" SMALL, edge, got);
    assert_true(isnan(got[0]) || fabs(got[1]) > 1e15);
}

/* --- two headers --- */

#define IN(extra) "header_in=" SMALL extra "&header_out="

static void frames_must_agree(void **state)
{
    static const struct {
        const char *parameters, *says;
    } different[] = {
        {IN("RADESYS = 'FK5'") SMALL "RADESYS = 'ICRS'",
         "RA/DEC FK5 J2000 and header_out in RA/DEC ICRS"},
        {IN("EQUINOX = 1950") SMALL "RADECSYS= 'FK5'", "RA/DEC FK4 B1950 and"},
        {IN("EPOCH   = 2000.") SMALL "EQUINOX = 2010.5", "header_out in RA/DEC FK5 J2010.5"},
        {IN("") "CTYPE1  = 'GLON-CAR'\nCTYPE2  = 'GLAT-CAR'", "header_out in GLON/GLAT;"},
    };
    static const char *const equal[] = {
        IN("") SMALL "RADESYS = 'ICRS'\nEQUINOX = 2000.0",
        IN("EQUINOX = 2000") SMALL "RADESYS = 'FK5'",
        IN("EQUINOX = 1950") SMALL "RADECSYS= 'FK4'",
    };
    struct astro_error err;

    (void)state;
    for (size_t i = 0; i < LENGTH(different); i++) {
        err = (struct astro_error){0};
        assert_false(converter_try("pixel_to_pixel", different[i].parameters, &err));
        assert_int_equal(err.code, ASTRO_BAD_HEADER);
        assert_string_equal(err.field, "header_out");
        if (!strstr(err.text, different[i].says))
            fail_msg("%s\nlacks: %s", err.text, different[i].says);
    }
    for (size_t i = 0; i < LENGTH(equal); i++)
        assert_true(converter_try("pixel_to_pixel", equal[i], &err));
}

static void from_image_to_image(void **state)
{
    const double pixel[2] = {33.0, 44.0};
    double world[2], wanted[2], got[2];

    (void)state;
    convert_once("pixel_to_world", "header=" SMALL, pixel, world);
    convert_once("world_to_pixel", "origin=1&header=" SMALL "CROTA2  = 25", world, wanted);
    convert_once("pixel_to_pixel", IN("") SMALL "CROTA2  = 25", pixel, got);
    assert_near(got[0], wanted[0], 2e-8, "x");
    assert_near(got[1], wanted[1], 2e-8, "y");
    assert_true(fabs(got[0] - 33) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_projection_agrees_with_wcslib),
        cmocka_unit_test(cards_of_80_columns),
        cmocka_unit_test(lenient_where_nothing_is_unclear),
        cmocka_unit_test(other_axes_between),
        cmocka_unit_test(first_pixel_is_number_origin),
        cmocka_unit_test(the_far_side_is_nan),
        cmocka_unit_test(frames_must_agree),
        cmocka_unit_test(from_image_to_image),
    };
    return cmocka_run_group_tests_name("kernels.wcs", tests, harness_start, NULL);
}
