/*
 * Headers that cannot be used: each is refused with a text that names the card and says what would be
 * right.
 */
#include "harness.h"

#include <stdio.h>
#include <string.h>

#define TYPES "CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\n"
#define GOOD                                                                                       \
    TYPES "CRPIX1  = 50\nCRPIX2  = 60\nCRVAL1  = 210\nCRVAL2  = -35.5\nCDELT1  = -0.01\n"          \
          "CDELT2  = 0.01\n"

static void wrong_headers_are_named(void **state)
{
    static const struct {
        const char *header, *says;
    } wrong[] = {
        {"", "has no celestial axes"},
        {"hello", "has no celestial axes"},
        {"END\n" GOOD, "has no celestial axes"},
        {"CTYPE1  = 'RA---TAN'", "CTYPE1 = \"RA---TAN\" has no partner"},
        {"CTYPE1  = 'RA'\nCTYPE2  = 'DEC'", "has no celestial axes"},
        {TYPES "CTYPE3  = 'GLON-CAR'", "CTYPE3 = \"GLON-CAR\" is a second longitude"},
        {"CTYPE1  = 'RA---TAN'\nCTYPE2  = 'GLAT-TAN'", "do not belong together"},
        {"CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--SIN'", "do not belong together"},
        {"CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN'", "do not belong together"},
        {"CTYPE1  = 'RA---XYZ'\nCTYPE2  = 'DEC--XYZ'", "projection that is not known"},
        {"CTYPE1  = 'RA---TNX'\nCTYPE2  = 'DEC--TNX'", "projection that is not known"},
        {"CTYPE1  = 'RA---TAB'\nCTYPE2  = 'DEC--TAB'", "is a table"},
        {"CTYPE1  = 'RA---TSC'\nCTYPE2  = 'DEC--TSC'\nCTYPE3  = 'CUBEFACE'", "CTYPE3"},
        {"CTYPE1  = 'RA---TAN-TPD'\nCTYPE2  = 'DEC--TAN-TPD'", "distortion that is not known"},
        {GOOD "NAXIS   = 999", "NAXIS must be a whole number of at most 4 axes"},
        {GOOD "WCSAXES = 5", "WCSAXES must be"},
        {GOOD "WCSAXES = 2.5", "WCSAXES must be"},
        {GOOD "CRPIX7  = 5", "CRPIX7: there are axes 1 to 4"},
        {GOOD "CD1_99  = 5", "CD1_99: there are axes 1 to 4"},
        {GOOD "PC001999= 5", "PC001999: there are axes 1 to 4"},
        {GOOD "PV1_40  = 5", "PV1_40: parameters are numbered 0 to 39"},
        {GOOD "PV1_999 = 5", "PV1_999: parameters are numbered 0 to 39"},
        {GOOD "PV1_5   = 5", "PV1_5 has no meaning with CTYPE1 = 'RA---TAN'"},
        {GOOD "CRPIX1  = 51", "card 9: CRPIX1 is given twice"},
        {GOOD "CTYPE2  = 'DEC--SIN'", "CTYPE2 is given twice"},
        {GOOD "LONPOLE = NaN", "LONPOLE = \"NaN\" is not a finite number"},
        {GOOD "LONPOLE = 1e999", "is not a finite number"},
        {GOOD "LONPOLE = 0x10", "is not a finite number"},
        {GOOD "LONPOLE = 1e300", "LONPOLE is beyond anything sensible"},
        {GOOD "LONPOLE =", "LONPOLE = \"\" is not"},
        {GOOD "LONPOLE = '5'", "is not a"},
        {GOOD "LONPOLE = 5 6", "is not a number"},
        {GOOD "RADESYS = 5", "RADESYS = \"5\" is not a text in single quotes"},
        {GOOD "RADESYS = 'FK5", "is not a text in single quotes"},
        {GOOD "CUNIT1  = 'furlong'", "CUNIT1 = \"furlong\" is not one of deg"},
        {TYPES "CRVAL2  = 90.001", "CRVAL2, a latitude, is outside"},
        {TYPES "CDELT1  = 0", "is singular"},
        {TYPES "CD1_1   = 1\nCD1_2   = 2\nCD2_1   = 2\nCD2_2   = 4", "is singular"},
        {TYPES "CD1_2   = 1", "is singular"},
        {TYPES "CD1_1   = 1\nCD1_2   = 1\nCD2_1   = 1\nCD2_2   = 1.00000000000001", "is singular"},
        {TYPES "CDELT1  = 1e-200\nCDELT2  = 1e-200", "is singular"},
        {GOOD "PC1_1   = 1\nCD1_1   = 1", "both PCi_j and CDi_j"},
        {"CTYPE1  = 'RA---ZPN'\nCTYPE2  = 'DEC--ZPN'", "wcslib: Invalid parameter value"},
        {"CTYPE1  = 'RA---CAR'\nCTYPE2  = 'DEC--CAR'\nLONPOLE = 80\nCRVAL2  = 50", "wcslib: "},
        {GOOD "CPDIS1  = 'Lookup'", "CPDIS1 describes a distortion"},
        {GOOD "DP1     = 'NAXES: 2'", "DP1 describes a distortion"},
        {GOOD "A_ORDER = 2", "B_ORDER is missing"},
        {GOOD "A_2_0   = 2", "A_ORDER is missing"},
        {GOOD "A_ORDER = 10\nB_ORDER = 2", "A_ORDER must be a whole number from 0 to 9"},
        {GOOD "A_ORDER = 2\nB_ORDER = 1.5", "B_ORDER must be"},
        {GOOD "A_ORDER = 2\nB_ORDER = 2\nA_2_1   = 1", "A_2_1 is beyond A_ORDER = 2"},
        {GOOD "A_9_9   = 1", "A_9_9: the order of SIP goes to 9"},
        {"CTYPE3  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nA_ORDER = 2\nB_ORDER = 2", "axes 1 and 2"},
        {"CTYPE1  = 'RA---TPV'\nCTYPE2  = 'DEC--TPV'\nA_ORDER = 2\nB_ORDER = 2",
         "both SIP and TPV"},
        {GOOD "CRPIX1  = \x01", "card 9, column 11: the byte 0x01 is not printable"},
        {GOOD "OBJECT  = 'caf\xc3\xa9'", "the byte 0xc3"},
        {GOOD "\tCRPIX1", "the byte 0x09"},
        {GOOD
         "COMMENT 34567890123456789012345678901234567890123456789012345678901234567890123456789"
         "012",
         "line 9 has 88 characters"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(wrong); i++) {
        char parameters[1024];
        struct astro_error err = {0};
        snprintf(parameters, sizeof parameters, "header=%s", wrong[i].header);
        if (converter_try("pixel_to_world", parameters, &err))
            fail_msg("taken: %s", wrong[i].header);
        assert_int_equal(err.code, ASTRO_BAD_HEADER);
        assert_string_equal(err.field, "header");
        if (!strstr(err.text, wrong[i].says))
            fail_msg("%s\nsays: %s\nlacks: %s", wrong[i].header, err.text, wrong[i].says);
    }
}

static void longer_than_64_kib_is_refused(void **state)
{
    static char text[65536 + 9] = "header=";
    struct astro_error err = {0};

    (void)state;
    memset(text + 7, ' ', 65536 + 1);
    assert_false(converter_try("pixel_to_world", text, &err));
    assert_string_equal(err.text, "header has 65537 bytes; at most 65536 are allowed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_headers_are_named),
        cmocka_unit_test(longer_than_64_kib_is_refused),
    };
    return cmocka_run_group_tests_name("kernels.wcs_errors", tests, harness_start, NULL);
}
