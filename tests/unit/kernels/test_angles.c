/*
 * The group angles: wrapping against 80-bit arithmetic; texts in all spellings, refusals and the
 * rows they name; numbers to text with ties and carries; there and back; bytes of a stranger.
 */
#include "harness.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- wrap_angle --- */

static double in[MOST_ROWS], out[MOST_ROWS];

static void wrap(const char *parameters)
{
    const double *const from[] = {in};
    double *const to[] = {out};
    struct converter c = converter_open("wrap_angle", parameters);

    convert(&c, MOST_ROWS, from, to);
    converter_close(&c);
}

static void wrapped(void)
{
    static const double ends[] = {360, 180, 0, 90, -180, 540, 33.25, 36000};
    char parameters[80];

    for (size_t e = 0; e < LENGTH(ends); e++) {
        for (size_t i = 0; i < MOST_ROWS; i++) {
            in[i] = i % 3 ? random_between(-1000, 1000)
                          : ldexp(random_between(-1, 1), (int)(i % 60) - 10);
            if (i % 17 == 0)
                in[i] = ends[e] + 360 * (double)((int)(i % 5) - 2);
            if (i % 19 == 0)
                in[i] = nextafter(ends[e] - 360 * (double)(i % 2), i % 38 ? 1e9 : -1e9);
        }
        snprintf(parameters, sizeof parameters, "wrap_at=%g", ends[e]);
        wrap(parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            assert_true(out[i] >= ends[e] - 360 && out[i] < ends[e]);
            assert_near((double)longitude_difference(in[i], out[i]), 0,
                        fabs(ends[e]) > 1000 ? 4e-12 : 6e-14, "wrap_angle");
            if (in[i] >= ends[e] - 360 && in[i] < ends[e])
                assert_true(in[i] == out[i]);
        }
        for (size_t i = 0; i < MOST_ROWS; i++)
            in[i] /= i % 2 ? 15 : -15;
        snprintf(parameters, sizeof parameters, "wrap_at=%g&unit=hourangle", ends[e]);
        wrap(parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            assert_true(out[i] >= ends[e] / 15 - 24 - 1e-12 && out[i] < ends[e] / 15 + 1e-12);
            assert_near(
                (double)longitude_difference(15 * (long double)in[i], 15 * (long double)out[i]), 0,
                fabs(ends[e]) > 1000 ? 4e-12 : 1e-13, "wrap_angle, hours");
        }
        for (size_t i = 0; i < MOST_ROWS; i++)
            in[i] = fmod(in[i], 4096);
        snprintf(parameters, sizeof parameters, "wrap_at=%g&unit=rad", ends[e]);
        wrap(parameters);
        for (size_t i = 0; i < MOST_ROWS; i++) {
            double limit = ends[e] / (double)DEG, turn = 360 / (double)DEG;
            assert_true(out[i] >= limit - turn * (1 + 1e-15) - 1e-12 && out[i] < limit + 1e-12);
            long double apart = remainderl((long double)out[i] - in[i], 2 * PI_LONG);
            assert_near((double)apart, 0, fabs(ends[e]) > 1000 ? 2e-13 : 2e-15,
                        "wrap_angle, radians");
        }
    }
}

static void wraps(void **state)
{
    (void)state;
    random_seed(91);
    for_each_target(wrapped);
}

static void wrap_edges(void)
{
    static const struct {
        const char *parameters;
        double angle, wanted;
    } rows[] = {
        {"", -1e-20, 0},
        {"", 360, 0},
        {"", -360, 0},
        {"", -0.0, 0},
        {"", 725, 5},
        {"wrap_at=180", 180, -180},
        {"wrap_at=180", -180, -180},
        {"wrap_at=180", -1e-20, -1e-20},
        {"wrap_at=180", 359.5, -0.5},
        {"wrap_at=180", 190, -170},
        {"wrap_at=0", 0, -360},
        {"wrap_at=0", -5e-324, -5e-324},
        {"unit=hourangle&wrap_at=180", 13, -11},
        {"unit=hourangle", -1, 23},
    };
    double got;

    for (size_t i = 0; i < LENGTH(rows); i++) {
        convert_once("wrap_angle", rows[i].parameters, &rows[i].angle, &got);
        if (!(got == rows[i].wanted) || (got == 0 && signbit(got)))
            fail_msg("wrap %s of %g on %s: %.17g", rows[i].parameters, rows[i].angle, target_name(),
                     got);
    }
    convert_once("wrap_angle", "", &(double){1e300}, &got);
    assert_true(got == fmod(1e300, 360));
}

static void edges_of_the_range(void **state)
{
    (void)state;
    for_each_target(wrap_edges);
}

/* --- parse_angle --- */

static struct astro_report parse(const char *parameters, const char *text, size_t length,
                                 double *angle)
{
    struct converter c = converter_open("parse_angle", parameters);
    struct astro_text column = {text, length};
    struct astro_report report = {0};
    void *results[] = {angle};

    *angle = -999;
    c.conversion->run(c.context, 1, (const void *[]){&column}, results, &report);
    converter_close(&c);
    return report;
}

static void reads(const char *parameters, const char *text, double wanted)
{
    double got;
    struct astro_report report = parse(parameters, text, strlen(text), &got);

    if (report.error.code != ASTRO_OK || !same_bits(got, wanted))
        fail_msg("parse_angle %s \"%s\": %.17g %s, wanted %.17g", parameters, text, got,
                 report.error.text, wanted);
}

static void refuses(const char *parameters, const char *text, enum astro_code code)
{
    double got;
    struct astro_report report = parse(parameters, text, strlen(text), &got);

    if (report.error.code != code || got != -999)
        fail_msg("parse_angle %s \"%s\": %s, %.17g, wanted %s", parameters, text,
                 astro_code_word(report.error.code), got, astro_code_word(code));
    assert_string_equal(report.error.field, "text");
    assert_int_equal(strncmp(report.error.text, "text = \"", 8), 0);
}

static void spellings(void **state)
{
    (void)state;
    reads("", "12h", 180);
    reads("", "12H00M00S", 180);
    reads("", "12hr 30 min 30 sec", 187.625);
    reads("", "12 hours", 180);
    reads("", "12hourangle", 180);
    reads("", "1.5 degrees", 1.5);
    reads("", ".5d", 0.5);
    reads("", "5.deg", 5);
    reads("", "  +5\xC2\xB0 30\xE2\x80\xB2 ", 5.5);
    reads("",
          "5\xC2\xB0"
          "30'36''",
          5.51);
    reads("", "30'", 0.5);
    reads("", "36\"", 0.01);
    reads("", "36 arcsec", 0.01);
    reads("", "-30 arcmin", -0.5);
    reads("", "5'30\"", 5.5 / 60);
    reads("",
          "-5\xE2\x80\xB2"
          "30\xE2\x80\xB3",
          -5.5 / 60);
    reads("", "45d30mS", -45.5);
    reads("", "45d30m36sN", 45.51);
    reads("", "45 deg S", -45);
    reads("", "45degW", -45);
    reads("assume=deg", "45 30 W", -45.5);
    reads("assume=deg", "45 30 00 E", 45.5);
    reads("assume=deg", "45:30S", -45.5);
    reads("", "5H4M3S", 76.0125);
    reads("", "5d4m3S", -(5 + 4 / 60.0 + 3 / 3600.0));
    reads("", "\xE2\x88\x92 3h", -45);
    reads("", "-0h", 0);
    reads("", "-00d00m00s", 0);
    reads("", "24h", 360);
    reads("assume=rad", "1.5", (double)(1.5 * DEG));
    reads("", "1 rad", 57.29577951308232);
    reads("unit=rad", "1 rad", 1);
    reads("unit=rad", "180d", 3.141592653589793);
    reads("unit=hourangle", "180d", 12);
    reads("unit=hourangle", "12h30m", 12.5);
    reads("unit=hourangle",
          "15\xC2\xB0"
          "15'",
          15.25 / 15);
}

static void codes(void **state)
{
    (void)state;
    refuses("", "", ASTRO_EMPTY);
    refuses("", " \t ", ASTRO_EMPTY);
    refuses("", "5", ASTRO_AMBIGUOUS_UNIT);
    refuses("", "5:30", ASTRO_AMBIGUOUS_UNIT);
    refuses("assume=rad", "5:30", ASTRO_AMBIGUOUS_UNIT);
    refuses("", "24.5h", ASTRO_HOUR_OUT_OF_RANGE);
    refuses("", "25h00m", ASTRO_HOUR_OUT_OF_RANGE);
    refuses("", "5h61m", ASTRO_MINUTE_OUT_OF_RANGE);
    refuses("", "5d60.5m", ASTRO_MINUTE_OUT_OF_RANGE);
    refuses("", "5d30m60.001s", ASTRO_SECOND_OUT_OF_RANGE);
    refuses("", "5'61\"", ASTRO_SECOND_OUT_OF_RANGE);
    static const char *const bad[] = {
        "d",          "5d 30d",     "5x",        "5d30",   "5.5d30m",
        "5d30.5m20s", "h5",         "5m",        "5s",     "5 m",
        "5m30s",      "1e5",        "1e5d",      "0x10d",  "inf",
        "5,5d",       "5d--3m",     "5d30m20s5", "5::30",  ":5:30",
        "5:30:",      "5d30s",      "5rad3m",    "-5dS",   "+5N",
        "5dNS",       "5 30 20 10", "5..5d",     "5\"30'", "\xC2\xB0",
        "N5d",        "5\xC2",      "- - 5d",    "5d\n",   "18446744073709551616d",
    };
    for (size_t i = 0; i < LENGTH(bad); i++) {
        if (strcmp(bad[i], "5d30") == 0)
            reads("", bad[i], 5.5); /* the last mark may be left out */
        else
            refuses("assume=deg", bad[i], ASTRO_SYNTAX);
    }
}

static void rows_that_cannot_be_read(void **state)
{
    static const char *const texts[] = {"1d", "2d", "x", "3d60m", "", "4d59m60s", "5"};
    struct astro_text column[LENGTH(texts)];
    double angles[LENGTH(texts)];
    void *results[] = {angles};
    struct astro_report report = {0};

    (void)state;
    for (size_t i = 0; i < LENGTH(texts); i++)
        column[i] = (struct astro_text){texts[i], strlen(texts[i])};
    struct converter c = converter_open("parse_angle", "");
    c.conversion->run(c.context, LENGTH(texts), (const void *[]){column}, results, &report);
    converter_close(&c);
    assert_int_equal(report.error.code, ASTRO_SYNTAX);
    assert_int_equal(report.failed_row, 2);
    memset(&report, 0, sizeof report);
    c = converter_open("parse_angle", "on_error=nan");
    c.conversion->run(c.context, LENGTH(texts), (const void *[]){column}, results, &report);
    converter_close(&c);
    assert_int_equal(report.error.code, ASTRO_OK);
    assert_int_equal(report.warnings[ASTRO_WARN_BAD_ROWS], 3);
    assert_int_equal(report.warnings[ASTRO_WARN_SEXAGESIMAL_60], 2);
    assert_true(angles[0] == 1 && angles[1] == 2 && isnan(angles[2]) && angles[3] == 4 &&
                isnan(angles[4]) && angles[5] == 5 && isnan(angles[6]));
}

/* Decimal texts are rounded once: strtod() is the oracle, and long double for three fields. */
static void values(void **state)
{
    char text[80];

    (void)state;
    random_seed(92);
    for (size_t i = 0; i < 20000; i++) {
        double got;
        int decimals = (int)(i % 16);
        snprintf(text, sizeof text, "%.*f", decimals, random_between(-360, 360));
        parse("assume=deg", text, strlen(text), &got);
        double wanted = strtod(text, NULL);
        /* up to 53 bits exactly; beyond, long double may round twice */
        if (decimals <= 12)
            assert_true(got == wanted);
        else
            assert_near(got, wanted, fabs(wanted) * 1.2e-16 * 2, text);
    }
    for (size_t i = 0; i < 20000; i++) {
        int d = (int)random_between(0, 360), m = (int)random_between(0, 60);
        int decimals = (int)(i % 14);
        double got;
        snprintf(text, sizeof text, "%dd%dm%.*fs", d, m, decimals, random_between(0, 59.9));
        const char *seconds = strchr(text, 'm') + 1;
        long double wanted = (strtold(seconds, NULL) + 60 * m + 3600.0L * d) / 3600;
        struct astro_report report = parse("", text, strlen(text), &got);
        assert_int_equal(report.error.code, ASTRO_OK);
        assert_near(got, wanted, (double)wanted * 1.12e-16, text);
    }
    /* far more decimals than a double has, and zeros that mean nothing */
    reads("", "54.12412000000000000000000000000000000000000000000000d", 54.12412);
    reads("", "0.1000000000000000055511151231257827021181583404541015625d", 0.1);
    reads("", "000000000000000000000000000000012.5d", 12.5);
}

/* Whatever the bytes, the answer is a number or an error. */
static void bytes_of_a_stranger(void **state)
{
    static const char alphabet[] = "0123456789.-+:dhms'\" \tNESW\xC2\xB0\xE2\x80\xB2\xB3\x88\x92"
                                   "degarcminsourx\n";
    struct astro_report report = {0};

    (void)state;
    random_seed(93);
    for (size_t i = 0; i < 200000; i++) {
        size_t length = (size_t)random_between(0, 14);
        char *text = malloc(length ? length : 1); /* the sanitizer sees its end */
        double angle;
        assert_non_null(text);
        for (size_t k = 0; k < length; k++)
            text[k] = i % 5 ? alphabet[(size_t)random_between(0, sizeof alphabet - 1)]
                            : (char)(int)random_between(-128, 128);
        report = parse("assume=deg", text, length, &angle);
        assert_true(report.error.code == ASTRO_OK ? isfinite(angle) : angle == -999);
        free(text);
    }
}

/* --- format_angle --- */

enum { WIDTH = 48 };

static const char *format(const char *parameters, double angle, struct astro_report *report)
{
    static char room[WIDTH + 16];
    struct converter c = converter_open("format_angle", parameters);
    struct astro_text text = {room, 0};
    void *results[] = {&text};

    assert_int_equal(c.conversion->text_width, WIDTH);
    memset(room, '#', sizeof room);
    memset(report, 0, sizeof *report);
    c.conversion->run(c.context, 1, (const void *[]){&angle}, results, report);
    converter_close(&c);
    assert_ptr_equal(text.data, room);
    assert_true(text.length <= WIDTH);
    for (size_t i = WIDTH; i < sizeof room; i++)
        assert_int_equal(room[i], '#');
    room[text.length] = '\0';
    return room;
}

static void writes(const char *parameters, double angle, const char *wanted)
{
    struct astro_report report;
    const char *got = format(parameters, angle, &report);

    assert_int_equal(report.error.code, ASTRO_OK);
    if (strcmp(got, wanted) != 0)
        fail_msg("format_angle %s of %.17g: %s, wanted %s", parameters, angle, got, wanted);
}

static void styles(void **state)
{
    (void)state;
    writes("", -0.5, "-0d30m00.000s");
    writes("style=hms", 15.125, "1h00m30.000s");
    writes("sep=colon", 1.5, "1:30:00.000");
    writes("sep=space&precision=0", 1.5, "1 30 00");
    writes("sep=unicode&precision=1", 1.5,
           "1\xC2\xB0"
           "30\xE2\x80\xB2"
           "00.0\xE2\x80\xB3");
    writes("sep=unicode&style=hms&precision=0", 22.5,
           "1\xCA\xB0"
           "30\xE1\xB5\x90"
           "00\xCB\xA2");
    writes("fields=2&precision=4", 1.51, "1d30.6000m");
    writes("fields=1&precision=2", 1.51, "1.51d");
    writes("fields=2&precision=0&sep=colon", 1.51, "1:31");
    writes("fields=1&precision=0&sep=space", 1.51, "2");
    writes("pad=true&precision=0", 1.5, "01d30m00s");
    writes("pad=true&precision=0", 100.5, "100d30m00s");
    writes("alwayssign=true&precision=0", 1.5, "+1d30m00s");
    writes("alwayssign=true&precision=0", -1.5, "-1d30m00s");
    writes("unit=hourangle&style=hms&precision=0", 1.5, "1h30m00s");
    writes("unit=hourangle&precision=0", 1.5, "22d30m00s");
    writes("unit=rad&precision=9", 1, "57d17m44.806247096s");
    writes("unit=rad&precision=12", 3.141592653589793, "179d59m59.999999999975s");
    writes("unit=rad&precision=6&style=hms", -3.141592653589793, "-12h00m00.000000s");
    writes("precision=12", 0.1, "0d06m00.000000000000s");
    writes("fields=1&precision=12", 0.1, "0.100000000000d");
    writes("precision=0", 1e15, "1000000000000000d00m00s");
    writes("precision=12&unit=hourangle", -1e15, "-15000000000000000d00m00.000000000000s");
    writes("", NAN, "nan");
    writes("", -HUGE_VAL, "nan");
    writes("", -1e-300, "0d00m00.000s");
    writes("unit=rad", 5e-324, "0d00m00.000s");
    writes("precision=12&unit=rad", 1e-20, "0d00m00.000000000000s");
    writes("alwayssign=true", -0.0, "+0d00m00.000s");
}

static void ties_and_carries(void **state)
{
    (void)state;
    writes("fields=1&precision=0", 0.5, "0d");
    writes("fields=1&precision=0", 1.5, "2d");
    writes("fields=1&precision=0", -2.5, "-2d");
    writes("fields=1&precision=2", 0.125, "0.12d");
    writes("fields=1&precision=2", 0.375, "0.38d");
    writes("fields=1&precision=1&style=hms", 0.75, "0.0h"); /* 0.05 h, a tie */
    writes("fields=1&precision=1&style=hms", 2.25, "0.2h"); /* 0.15 h, a tie */
    writes("fields=1&precision=0", nextafter(0.5, 1), "1d");
    writes("precision=0", 59.99999, "60d00m00s");
    writes("precision=3", 1 - 1e-7, "1d00m00.000s");
    writes("precision=4", 1 - 1e-7, "0d59m59.9996s");
    writes("fields=2&precision=0", 0.9999, "1d00m");
    writes("precision=0&style=hms", 359.9999, "24h00m00s");
}

static void too_large(void **state)
{
    struct astro_report report;

    (void)state;
    (void)format("", 1.1e15, &report);
    assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
    assert_string_equal(report.error.text, "angle = 1.1e+15 is too large to be written in fields");
    (void)format("unit=rad", -1e300, &report);
    assert_int_equal(report.error.code, ASTRO_OUT_OF_RANGE);
}

/* What is written is within half a unit of its last place, and is read back as that. */
static void there_and_back(void **state)
{
    static const char *const units[] = {"deg", "rad", "hourangle"};
    static const char *const separators[] = {"letters", "colon", "space", "unicode"};

    (void)state;
    random_seed(94);
    for (size_t i = 0; i < 60000; i++) {
        char parameters[160], reading[60], text[WIDTH + 1];
        struct astro_report report;
        int fields = (int)(i % 3) + 1, precision = (int)(i / 3 % 11);
        bool hours = i % 2, radians = i % 7 == 1;
        const char *unit = units[i % 7 == 0 ? 2 : radians ? 1 : 0];
        double turn = radians ? 6.283 : i % 7 == 0 ? 23.9 : 359;
        double angle = i % 5 ? random_between(-turn, turn) : random_between(-1e-3, 1e-3);
        snprintf(parameters, sizeof parameters,
                 "unit=%s&style=%s&fields=%d&precision=%d&sep=%s&pad=%s", unit,
                 hours ? "hms" : "dms", fields, precision, separators[i / 7 % 4],
                 i % 11 ? "false" : "true");
        strcpy(text, format(parameters, angle, &report));
        snprintf(reading, sizeof reading, "unit=%s&assume=%s", unit, hours ? "hourangle" : "deg");
        /* superscript letters are for people only */
        if (strchr(text, '\xCA') || strchr(text, '\xCB') || strstr(text, "\xE1\xB5\x90"))
            continue;
        double got;
        report = parse(reading, text, strlen(text), &got);
        if (report.error.code != ASTRO_OK)
            fail_msg("%s: %s", parameters, report.error.text);
        double one = (hours ? 15 : 1) * pow(60, 1 - fields) * pow(10, -precision); /* deg */
        if (radians)
            one /= (double)DEG;
        if (i % 7 == 0)
            one /= 15;
        assert_near(got, angle, one / 2 + fabs(angle) * 3e-16, parameters);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps),
        cmocka_unit_test(edges_of_the_range),
        cmocka_unit_test(spellings),
        cmocka_unit_test(codes),
        cmocka_unit_test(rows_that_cannot_be_read),
        cmocka_unit_test(values),
        cmocka_unit_test(bytes_of_a_stranger),
        cmocka_unit_test(styles),
        cmocka_unit_test(ties_and_carries),
        cmocka_unit_test(too_large),
        cmocka_unit_test(there_and_back),
    };
    return cmocka_run_group_tests_name("kernels.angles", tests, harness_start, NULL);
}
