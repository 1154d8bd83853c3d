/* eop/: the files and what is refused of them, looking up, policies, tables that change. */
#include "support.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "astrolabe/eop_data.h"
#include "time/eop/eop.h"

#define EXCERPT "eop/finals2000A.excerpt"

static struct astro_eop_data table, other; /* too large for a stack */

static bool parse(const char *text, size_t length, struct astro_eop_data *ret,
                  struct astro_error *err)
{
    *err = (struct astro_error){0};
    return astro_eop_data_parse(text, length, ret, err);
}

static void use(const struct astro_eop_data *data)
{
    struct astro_error err = {0};

    if (!astro_eop_use(data, &err))
        fail_msg("%s", err.text);
}

static void use_excerpt(void)
{
    struct astro_error err;
    size_t length;
    char *text = golden_text(EXCERPT, &length);

    if (!parse(text, length, &table, &err))
        fail_msg("%s", err.text);
    free(text);
    use(&table);
}

/* --- files --- */

static void the_excerpt(void **state)
{
    struct astro_eop_summary has;

    (void)state;
    use_excerpt();
    astro_eop_get_summary(&has);
    assert_int_equal(has.count, 4616);
    assert_int_equal(has.first_mjd, 57023);
    assert_int_equal(has.last_mjd, 61638);
    assert_int_equal(has.first_measured, 57023);
    assert_int_equal(has.last_measured + 1, has.first_predicted);
    assert_int_equal(has.last_predicted, 61638);
    /* Bulletin B wins, A where there is no B. */
    assert_true(table.days[0].xp == 0.030755 && table.days[0].dut1 == -0.4599090);
    assert_true(table.days[0].dx == -0.221 && table.days[0].dy == 0.130);
    assert_true(table.days[61257 - 57023].dut1 == 0.0108210);
    assert_true(table.days[61257 - 57023].dx == 0.444);
    assert_int_equal(table.days[61257 - 57023].kind, ASTRO_EOP_MEASURED);
    assert_true(table.days[4615].yp == 0.372959 && isnan(table.days[4615].dx));
    use(NULL);
    astro_eop_get_summary(&has);
    assert_int_equal(has.count, 0);
    assert_int_equal(has.last_mjd, 0);
}

#define C04_HEAD "  EOP (IERS) 14 C04\n####\n      Date      MJD      x\n   (0h UTC)\n\n"
#define C04_A                                                                                      \
    "1962   1   1  37665  -0.012700   0.213000   0.0326338   0.0017230   0.000001   0.000002\n"
#define C04_B                                                                                      \
    "1962   1   2  37666  -0.015900   0.214100   0.0320547   0.0016690   0.000003   0.000004\n"
#define C20_A                                                                                      \
    "2022  12  31   0  59944.00    0.1 0.2 -0.0180 0.000228 -0.000054 0.0 0.0 0.0001 1 1 1\n"
#define C20_B                                                                                      \
    "2023   1   1   0  59945.00    0.1 0.2 -0.0181 0.000227 -0.000055 0.0 0.0 0.0001 1 1 1\n"
#define DAY_1  "15 1 1 57023.00 I  0.030741 0.000027  0.280838 0.000029  I-0.4599167 0.0000095\n"
#define DAY_2  "15 1 2 57024.00 P  0.029600 0.000027  0.281235 0.000028  P-0.4608302 0.0000103\n"
#define DAY_3  "15 1 3 57025.00 P  0.028919 0.000021  0.281620 0.000018  P-0.4616545 0.0000141\n"
#define BARE_3 "15 1 3 57025.00\n"

static void variants_are_taken(void **state)
{
    static const struct {
        const char *text;
        size_t days;
    } rows[] = {
        {C04_HEAD C04_A C04_B, 2},
        {"# YR MM DD HH MJD\n#\n" C20_A C20_B, 2},
        {"\r\n" C20_A "\r\n\r\n# done\n", 1},
        {DAY_1 DAY_2 DAY_3, 3},
        {"# a comment\r\n" DAY_1 "\n" DAY_2 BARE_3, 2},
        {BARE_3 "15 1 4 57026.00 I\n16 1 4 57391.00 I  0.030741 0.000027  0.280838 0.000029  "
                "I-0.4599167\n",
         1},
        {"15 1 1 57023.00 I  0.030741 0.000027  0.280838 0.000029  I-0.4599167", 1},
        {" 0 1 1 51544.00 I   .030741 0.000027 +0.280838 0.000029  I -.4599167", 1},
    };
    struct astro_error err;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (!parse(rows[i].text, strlen(rows[i].text), &table, &err))
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(table.count, rows[i].days);
    }
    assert_true(parse(C04_A C04_B, strlen(C04_A C04_B), &table, &err));
    assert_true(table.first_mjd == 37665 && table.days[1].xp == -0.0159);
    assert_true(table.days[1].dut1 == 0.0320547 && fabs(table.days[1].dy - 0.004) < 1e-15);
    assert_true(parse(C20_A, strlen(C20_A), &table, &err));
    assert_true(table.first_mjd == 59944 && table.days[0].yp == 0.2);
    assert_true(table.days[0].dut1 == -0.018 && fabs(table.days[0].dx - 0.228) < 1e-15);
    assert_int_equal(table.days[0].kind, ASTRO_EOP_MEASURED);
}

static void others_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", "no day with UT1-UTC"},
        {"\n\n# x\n", "no day with UT1-UTC"},
        {"<html>\n<body>\n", "no day with UT1-UTC"},
        {BARE_3, "no day with UT1-UTC"},
        {DAY_1 DAY_1, "line 2, \"15 1 1 57023.00 I"},
        {DAY_2 DAY_1, "not later"},
        {DAY_1 DAY_3, "\": the days before this one are missing"},
        {DAY_1 "15 1 2 57024.00\n" DAY_3, "no UT1-UTC or no pole"},
        {"15 1 2 57023.00 I  0.030741 0.000027  0.280838 0.000029  I-0.4599167\n", "same day"},
        {"15 1 1 57023.50 I  0.030741 0.000027  0.280838 0.000029  I-0.4599167\n", "whole"},
        {"15 1 1 57023.0\n", "it is cut"},
        {"15 1 1        \n", "it is cut"},
        {"15 1 1          I  0.030741\n", "the MJD must be whole"},
        {"15 1 1 57023.00 I  0.0307\n", "columns 19 to 27 must be x"},
        {"15 1 1 57023.00 I  0.030741 0.000027  0.280838 0.000029  I-0.45\n", "59 to 68"},
        {"15 1 1 57023.00 I  0.03e741 0.000027  0.280838 0.000029  I-0.4599167\n", "19 to 27"},
        {"15 1 1 57023.00 I  0.0 0741 0.000027  0.280838 0.000029  I-0.4599167\n", "19 to 27"},
        {"15 1 1 57023.00 I  nan      0.000027  0.280838 0.000029  I-0.4599167\n", "19 to 27"},
        {"15 1 1 57023.00 X  0.030741 0.000027  0.280838 0.000029  I-0.4599167\n", "flags"},
        {"15 1 1 57023.00 I  0.030741 0.000027  0.280838 0.000029   -0.4599167\n", "flags"},
        {"15 1 1 57023.00 I  0.030741 0.000027  0.280838 0.000029  I-1.4599167\n", "within 1 s"},
        {"15 1 1 57023.00 I 20.030741 0.000027  0.280838 0.000029  I-0.4599167\n", "2 arcsec"},
        {DAY_1 "15 1 2 57024.00 I  0.030741 0.000027  0.280838 0.000029  I 0.3599167\n",
         "rotation"},
        {DAY_1 "15 1 2 57024.00 I  0.130842 0.000027  0.280838 0.000029  I-0.4599167\n",
         "0.1 arcsec"},
        {DAY_1 C04_A, "line 2"},
        {C04_A "1962   1   2  37666  -0.015900   0.214100   0.0320547   0.0016690   0.000003\n",
         "cut"},
        {C04_A "1962   1   2  37666  -0.015900   0.2x   0.0320547   0.0016690   0.1 0.1\n",
         "numbers"},
        {C04_A "1962   1   2  37666  inf   0.21   0.0320547   0.0016690   0.1 0.1\n", "numbers"},
        {C04_A "1962   1   2  37667  0.1   0.21   0.0320547   0.0016690   0.1 0.1\n", "same day"},
        {C04_A "1962   1   3  37667  -.012   0.21   0.032   0.0016690   0.1 0.1\n", "are missing"},
        {C04_A C04_A, "not later"},
        {"2022  12  31   6  59944.00    0.1 0.2 -0.0180 0.000228 -0.000054 0.0\n", "0h"},
        {"2022  12  31   0  59944.25    0.1 0.2 -0.0180 0.000228 -0.000054 0.0\n", "whole"},
        {"2022  12  31   0  59944.00    0.1 0.2 -0.0180 2.000228 -0.000054 0.0\n", "1 arcsec"},
        {"99999999999999999999\n", "whole"},
    };
    struct astro_error err;

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (parse(rows[i].text, strlen(rows[i].text), &table, &err))
            fail_msg("row %zu was taken", i);
        assert_int_equal(err.code, ASTRO_BAD_TIME);
        assert_string_equal(err.field, "eop");
        if (!strstr(err.text, rows[i].says))
            fail_msg("row %zu: %s", i, err.text);
    }
    static const char nul[] = DAY_1 "15 1 2 57024.00 I\0 0.029600";
    assert_false(parse(nul, sizeof nul - 1, &table, &err));
    assert_non_null(strstr(err.text, "line 2"));
    assert_non_null(strstr(err.text, "NUL"));
}

/* Lines and files beyond any measure. */
static void large_files_end(void **state)
{
    struct astro_error err;
    size_t most = ((size_t)32 << 20) + 1;
    char *text = malloc(most);

    (void)state;
    assert_non_null(text);
    memset(text, '1', most);
    assert_false(parse(text, most, &table, &err));
    assert_non_null(strstr(err.text, "32 MiB"));
    assert_false(parse(text, most - 1, &table, &err));
    assert_non_null(strstr(err.text, "longer than 1000 bytes"));
    memset(text, '\n', most - 1);
    assert_false(parse(text, most - 1, &table, &err));
    assert_non_null(strstr(err.text, "no day"));
    for (size_t i = 0; i + 2 < most; i += 2)
        memcpy(text + i, "x\n", 2);
    assert_false(parse(text, most - 1, &table, &err));
    assert_non_null(strstr(err.text, "neither finals2000A nor eopc04"));
    free(text);
}

/* 137 years of days are taken, a day more is not. */
static void as_many_days_as_there_is_room_for(void **state)
{
    enum { LINE = 80 };
    char *text = malloc((size_t)(ASTRO_EOP_DAYS + 1) * LINE);
    size_t length = 0, before = 0;
    struct astro_error err;

    (void)state;
    assert_non_null(text);
    for (int i = 0; i <= ASTRO_EOP_DAYS; i++) {
        int64_t j = 37665 + i + 2400001 + 68569; /* by Fliegel and Van Flandern */
        int64_t n = 4 * j / 146097;
        j -= (146097 * n + 3) / 4;
        int64_t y = 4000 * (j + 1) / 1461001;
        j -= 1461 * y / 4 - 31;
        int64_t m = 80 * j / 2447, d = j - 2447 * m / 80;
        before = length;
        length += (size_t)snprintf(text + length, LINE, "%d %d %d %d 0.1 0.2 0.3 0 0 0\n",
                                   (int)(100 * (n - 49) + y + m / 11), (int)(m + 2 - 12 * (m / 11)),
                                   (int)d, 37665 + i);
    }
    if (!parse(text, before, &table, &err))
        fail_msg("%s", err.text);
    assert_int_equal(table.count, ASTRO_EOP_DAYS);
    assert_false(parse(text, length, &table, &err));
    assert_non_null(strstr(err.text, "line 50001"));
    free(text);
}

/* Cut anywhere, bytes changed: an error that says something, or a table within its limits. */
static void damaged_files(void **state)
{
    enum { DAYS = 60 };
    struct astro_error err;
    size_t length, taken = 0;
    char *text = golden_text(EXCERPT, &length);

    (void)state;
    length = 0; /* of the lines in which the measured ones end */
    char *from = strstr(text, "26 720 ");
    assert_non_null(from);
    for (size_t line = 0; line < DAYS; line++)
        length += strcspn(from + length, "\n") + 1;
    for (size_t cut = 0; cut < length; cut += 1 + cut % 3) {
        char *copy = malloc(cut + 1); /* of that size: reads beyond show */
        assert_non_null(copy);
        memcpy(copy, from, cut);
        taken += parse(copy, cut, &table, &err);
        assert_true(err.code == ASTRO_OK || err.text[0]);
        free(copy);
    }
    assert_true(taken > 0);
    taken = 0;
    random_seed(5);
    for (size_t i = 0; i < 20000; i++) {
        char before[4];
        size_t at[4], n = 1 + i % 4;
        for (size_t k = 0; k < n; k++) {
            at[k] = (size_t)random_between(0, (double)length);
            before[k] = from[at[k]];
            from[at[k]] = (char)random_between(0, 256);
        }
        if (parse(from, length, &other, &err)) {
            taken++;
            assert_true(other.count > 0 && other.count <= DAYS);
            for (size_t d = 0; d < other.count; d++) {
                assert_true(fabs(other.days[d].dut1) <= 1 && fabs(other.days[d].xp) <= 2);
                assert_true(other.days[d].kind != ASTRO_EOP_ABSENT);
            }
        } else {
            assert_non_null(strstr(err.text, "line"));
        }
        while (n--)
            from[at[n]] = before[n];
    }
    assert_true(taken > 0 && taken < 20000);
    free(text);
}

/* --- looking up --- */

struct looked_up {
    double values[5];
    int64_t status;
    struct astro_report report;
};

static struct looked_up look_up(const char *parameters, double jd1, double jd2)
{
    struct converter converter = converter_open("eop_lookup", parameters);
    struct looked_up ret;
    const void *in[] = {&jd1, &jd2, NULL};
    void *out[] = {&ret.values[0], &ret.values[1], &ret.values[2],
                   &ret.values[3], &ret.values[4], &ret.status};

    memset(&ret, 0, sizeof ret);
    ret.report = run_rows(&converter, 1, in, out);
    converter_close(&converter);
    return ret;
}

static void between_days(void **state)
{
    (void)state;
    use_excerpt();
    for (size_t i = 0; i < 4615; i += 7) {
        const struct astro_eop_day *a = &table.days[i], *b = a + 1;
        double mjd = 57023 + (double)i;
        struct looked_up at = look_up("", 2400000.5, mjd),
                         then = look_up("", 2400000.5, mjd + 0.25);
        assert_true(at.values[0] == a->dut1 && at.values[1] == a->xp && at.values[2] == a->yp);
        assert_int_equal(at.status, a->kind == ASTRO_EOP_MEASURED ? 0 : 1);
        assert_int_equal(at.report.warnings[ASTRO_WARN_EOP_PREDICTED], at.status);
        double grows = b->dut1 - a->dut1;
        assert_near(then.values[0], a->dut1 + 0.25 * (grows - rint(grows)), 1e-10, "dut1");
        assert_near(then.values[1], a->xp + 0.25 * (b->xp - a->xp), 1e-10, "xp");
        assert_near(then.values[2], a->yp + 0.25 * (b->yp - a->yp), 1e-10, "yp");
        if (!isnan(b->dx))
            assert_near(then.values[3], a->dx + 0.25 * (b->dx - a->dx), 1e-10, "dx");
        else
            assert_true(isnan(then.values[3]) && isnan(then.values[4]));
    }
}

/* 2016-12-31 had 86401 s: UT1-UTC goes on as it was to its end, and then is 1 s more. */
static void over_a_leap_second(void **state)
{
    double eve, after;

    (void)state;
    use_excerpt();
    eve = table.days[57753 - 57023].dut1;
    after = table.days[57754 - 57023].dut1;
    assert_true(after - eve > 0.99);
    assert_near(look_up("", 2457753.5, 0.5).values[0], eve + 0.5 * (after - 1 - eve), 1e-12,
                "noon");
    assert_near(look_up("", 2457753.5, 0.9999999).values[0], after - 1, 1e-9, "the leap second");
    assert_true(look_up("", 2457754.5, 0).values[0] == after);
}

static void policies(void **state)
{
    struct astro_eop_summary has;
    struct looked_up got;

    (void)state;
    use_excerpt();
    astro_eop_get_summary(&has);
    double last = 2400000.5 + has.last_measured, end = 2400000.5 + has.last_mjd;
    assert_int_equal(look_up("eop=strict", last, 0).status, 0);
    assert_int_equal(look_up("eop=strict", last, 1e-9).report.error.code, ASTRO_EOP_UNAVAILABLE);
    assert_int_equal(look_up("", last, 1e-9).status, 1);
    assert_int_equal(look_up("eop=zero", last, 1e-9).status, 1);
    assert_int_equal(look_up("", end, 0).status, 1);
    got = look_up("", end, 1e-9);
    assert_int_equal(got.report.error.code, ASTRO_EOP_UNAVAILABLE);
    assert_string_equal(got.report.error.field, "jd1");
    assert_non_null(strstr(got.report.error.text, "covers MJD 57023 to 61638, measured up to"));
    assert_non_null(strstr(got.report.error.text, "eop=zero"));
    assert_non_null(strstr(got.report.error.text, "dut1="));
    got = look_up("eop=zero", end, 1e-9);
    assert_int_equal(got.status, 2);
    assert_int_equal(got.report.warnings[ASTRO_WARN_EOP_ZERO], 1);
    assert_true(got.values[0] == 0 && got.values[1] == 0 && got.values[4] == 0);
    assert_int_equal(look_up("", 2457023.5, -1e-9).report.error.code, ASTRO_EOP_UNAVAILABLE);
    assert_int_equal(look_up("", 2457023.5, 0).status, 0);
    assert_int_equal(look_up("eop=zero", 1e300, 0).status, 2);
    assert_int_equal(look_up("scale=tt&eop=zero", -1e300, 0).report.error.code, ASTRO_OUT_OF_RANGE);
    got = look_up("", NAN, 0);
    assert_int_equal(got.status, -1);
    assert_true(isnan(got.values[0]) && got.report.error.code == ASTRO_OK);
    use(NULL);
    assert_non_null(strstr(look_up("", end, 0).report.error.text, "the server has no table"));
}

/* The table lies about a leap second that the list of leap seconds does not know: still no slope. */
static void tables_that_disagree(void **state)
{
    struct astro_error err;
    const char *text =
        DAY_1 "15 1 2 57024.00 P  0.029600 0.000027  0.281235 0.000028  P 0.5391000\n";

    (void)state;
    assert_true(parse(text, strlen(text), &table, &err));
    use(&table);
    assert_near(look_up("", 2457023.5, 0.5).values[0], (-0.4599167 + 0.5391 - 1) / 2, 1e-12,
                "noon");
}

/* At the end of January 1968 UTC was set back by 0.1 s. */
static void over_a_step_of_the_sixties(void **state)
{
    struct astro_error err;
    const char *text =
        "1968 1 31 39886 0.1 0.2  0.050 0 0 0\n1968 2 1 39887 0.1 0.2 -0.052 0 0 0\n";

    (void)state;
    assert_true(parse(text, strlen(text), &table, &err));
    use(&table);
    assert_near(look_up("", 2439886.5, 0.5).values[0], 0.049L, 1e-12, "noon");
    use(NULL);
}

/* All scales are the same instant. */
static void in_other_scales(void **state)
{
    static const char *const scales[] = {"tai", "tt", "tdb", "tcg", "tcb", "ut1"};

    (void)state;
    use_excerpt();
    for (size_t i = 0; i < LENGTH(scales); i++) {
        char parameters[64];
        struct date utc = {2459000, 0.3}, there;
        snprintf(parameters, sizeof parameters, "scale_in=utc&scale_out=%s", scales[i]);
        there = date_once("convert_time", parameters, utc);
        snprintf(parameters, sizeof parameters, "scale=%s", scales[i]);
        struct looked_up got = look_up(parameters, there.jd1, there.jd2);
        struct looked_up wanted = look_up("", utc.jd1, utc.jd2);
        for (size_t k = 0; k < 5; k++)
            assert_near(got.values[k], (long double)wanted.values[k], 1e-12, scales[i]);
        assert_int_equal(got.report.warnings[ASTRO_WARN_EOP_PREDICTED], 0);
    }
}

static void with_obstime(void **state)
{
    struct converter converter;
    struct astro_error err;
    struct looked_up got;
    double date = 2459000;
    const void *in[] = {NULL, NULL, NULL}, *both[] = {&date, NULL, NULL};
    void *out[] = {&got.values[0], &got.values[1], &got.values[2],
                   &got.values[3], &got.values[4], &got.status};

    (void)state;
    use_excerpt();
    converter = converter_open("eop_lookup", "obstime=2026-11-21T12:00:00");
    assert_int_equal(converter.warnings, 1u << ASTRO_WARN_EOP_PREDICTED);
    got.report = run_rows(&converter, 1, in, out);
    assert_int_equal(got.report.error.code, ASTRO_OK);
    assert_near(got.values[0], (long double)look_up("", 2461366, 0).values[0], 1e-14, "dut1");
    assert_int_equal(got.status, 1);
    assert_int_equal(run_rows(&converter, 1, both, out).error.code, ASTRO_CONFLICT);
    converter_close(&converter);
    converter = converter_open("eop_lookup", "");
    got.report = run_rows(&converter, 1, in, out);
    assert_int_equal(got.report.error.code, ASTRO_MISSING_PARAMETER);
    assert_string_equal(got.report.error.field, "obstime");
    converter_close(&converter);
    assert_false(converter_try("eop_lookup", "obstime=2040-01-01", &err));
    assert_int_equal(err.code, ASTRO_EOP_UNAVAILABLE);
    assert_string_equal(err.field, "obstime");
    converter = converter_open("eop_lookup", "obstime=2040-01-01&eop=zero");
    assert_int_equal(converter.warnings,
                     1u << ASTRO_WARN_EOP_ZERO | 1u << ASTRO_WARN_LEAP_SECONDS_EXPIRED);
    converter_close(&converter);
}

/* --- tables that change --- */

static void places_run_out_and_come_back(void **state)
{
    struct converter holders[32];
    struct astro_error err = {0};
    size_t n = 0;

    (void)state;
    use_excerpt();
    do {
        assert_true(n < LENGTH(holders));
        holders[n++] = converter_open("utc_to_ut1", "");
    } while (astro_eop_use(&table, &err));
    assert_int_equal(err.code, ASTRO_OVERLOADED);
    assert_string_equal(err.field, "eop");
    while (n)
        converter_close(&holders[--n]);
    use(NULL);
}

static _Atomic bool stop;
static _Atomic uint64_t runs;

static void *reader(void *argument)
{
    double in[2] = {2457100, 0}, out[2];

    (void)argument;
    while (!atomic_load(&stop)) {
        struct converter converter = converter_open("utc_to_ut1", "eop=zero");
        convert_row(&converter, in, out);
        assert_true(out[0] == 2457100 && (out[1] == 0 || fabs(out[1] * DAY + 0.55) < 0.1));
        converter_close(&converter);
        atomic_fetch_add(&runs, 1);
    }
    return NULL;
}

static void tables_change_beside_threads(void **state)
{
    pthread_t threads[3];
    struct astro_error err;
    size_t changed = 0;

    (void)state;
    use_excerpt();
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, NULL), 0);
    while (changed < 300 || atomic_load(&runs) < 2000) {
        err.code = ASTRO_OK;
        changed += astro_eop_use(changed % 2 ? &table : NULL, &err);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    use(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_excerpt),
        cmocka_unit_test(variants_are_taken),
        cmocka_unit_test(others_are_refused),
        cmocka_unit_test(large_files_end),
        cmocka_unit_test(as_many_days_as_there_is_room_for),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(between_days),
        cmocka_unit_test(over_a_leap_second),
        cmocka_unit_test(policies),
        cmocka_unit_test(tables_that_disagree),
        cmocka_unit_test(over_a_step_of_the_sixties),
        cmocka_unit_test(in_other_scales),
        cmocka_unit_test(with_obstime),
        cmocka_unit_test(places_run_out_and_come_back),
        cmocka_unit_test(tables_change_beside_threads),
    };
    return cmocka_run_group_tests_name("time.eop", tests, harness_start, NULL);
}
