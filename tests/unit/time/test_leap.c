/* leap/: the loader and what it refuses, the built-in table, every step, tables that change. */
#include "support.h"

#include <erfa.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sha1.h>

#include "astrolabe/time_data.h"

static struct astro_time_data parsed(const char *file)
{
    struct astro_time_data data;
    struct astro_error err = {0};
    size_t length;
    char *text = golden_text(file, &length);

    if (!astro_time_data_parse(text, length, &data, &err))
        fail_msg("%s: %s", file, err.text);
    free(text);
    return data;
}

static void use(const struct astro_time_data *data)
{
    struct astro_error err = {0};

    if (!astro_time_data_use(data, &err))
        fail_msg("%s", err.text);
}

static double tai_minus_utc(double jd1, double jd2)
{
    double in[2] = {jd1, jd2}, out;

    convert_once("tai_minus_utc", "", in, &out);
    return out;
}

/* --- files --- */

static void both_files_are_taken(void **state)
{
    struct astro_time_data builtin, now, old;

    (void)state;
    astro_time_data_builtin(&builtin);
    now = parsed("time/leap-seconds.list");
    old = parsed("time/leap-seconds-expired.list");
    assert_int_equal(now.expires, 1814140800); /* 2027-06-28 */
    assert_int_equal(old.expires, 1782604800); /* 2026-06-28 */
    assert_false(now.is_builtin);
    assert_true(builtin.is_builtin);
    assert_int_equal(now.count, 28);
    assert_int_equal(builtin.updated, now.updated);
    assert_int_equal(builtin.expires, now.expires);
    assert_int_equal(builtin.count, now.count);
    for (size_t i = 0; i < now.count; i++) {
        assert_int_equal(builtin.steps[i].mjd, now.steps[i].mjd);
        assert_int_equal(builtin.steps[i].tai_minus_utc, now.steps[i].tai_minus_utc);
        assert_int_equal(old.steps[i].mjd, now.steps[i].mjd);
    }
}

/* A file with these lines and its right SHA-1. */
static char *file_of(const char *lines)
{
    char digits[4096], *text = malloc(8192);
    uint8_t digest[SHA1_DIGEST_LENGTH];
    SHA1_CTX sha1;
    size_t n = 0;

    assert_non_null(text);
    for (const char *at = lines; *at;) {
        const char *end = at + strcspn(at, "\n");
        const char *from = strncmp(at, "#$", 2) == 0 || strncmp(at, "#@", 2) == 0 ? at + 2 : at;
        for (const char *c = from; c < end && *c != '#'; c++) {
            if (*c >= '0' && *c <= '9')
                digits[n++] = *c;
        }
        at = end + (*end == '\n');
    }
    SHA1Init(&sha1);
    SHA1Update(&sha1, (const uint8_t *)digits, n);
    SHA1Final(digest, &sha1);
    n = (size_t)sprintf(text, "%s#h", lines);
    for (size_t w = 0; w < 5; w++)
        n += (size_t)sprintf(text + n, " %x",
                             (unsigned)digest[4 * w] << 24 | (unsigned)digest[4 * w + 1] << 16 |
                                 (unsigned)digest[4 * w + 2] << 8 | digest[4 * w + 3]);
    strcpy(text + n, "\n");
    return text;
}

#define HEAD  "#$ 3692217600\n#@ 4023129600\n"
#define FIRST "2272060800 10\n"

static void other_files_are_refused(void **state)
{
    static const struct {
        const char *lines, *says;
    } rows[] = {
        {"", "no #@ line"},
        {HEAD, "no leap seconds"},
        {FIRST, "no #@ line"},
        {"#@ 1\n#@ 2\n" FIRST, "line 2, \"#@ 2\": there is such a line already"},
        {"#$ 1\n#$ 1\n" FIRST, "already"},
        {"#@ x\n", "expected one number"},
        {"#@ 1 2\n", "expected one number"},
        {"#@ 9999999999999999\n", "expected one number"},
        {HEAD "2272060800 11\n", "the first value must be 10 s"},
        {HEAD "2287785600 10\n", "the first value must be 10 s"},
        {HEAD FIRST "2287785601 11\n", "at the end of a day"},
        {HEAD FIRST "2272060800 11\n", "not later"},
        {HEAD FIRST "2272060800\n", "expected two numbers"},
        {HEAD FIRST "2287785600 11 1\n", "expected two numbers"},
        {HEAD FIRST "2287785600 -11\n", "expected two numbers"},
        {HEAD FIRST "2287785600 12\n", "one second at a time"},
        {HEAD FIRST "2287785600 10\n", "one second at a time"},
        {HEAD FIRST "999999999993600 11\n", "beyond the year 9999"},
        {HEAD FIRST "line\n", "line 4, \"line\": expected two numbers"},
        {HEAD FIRST "#h 1 2 3 4 5\n", "already"},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_time_data data = {.count = 77};
        struct astro_error err = {0};
        char *text = file_of(rows[i].lines);
        assert_false(astro_time_data_parse(text, strlen(text), &data, &err));
        assert_int_equal(err.code, ASTRO_BAD_TIME);
        assert_string_equal(err.field, "leap_seconds");
        if (!strstr(err.text, rows[i].says))
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(data.count, 77);
        free(text);
    }
}

static void variants_are_taken(void **state)
{
    static const char *const rows[] = {
        "#@ 4023129600\n" FIRST,                        /* no #$ */
        "\r\n \t\n" HEAD "  2272060800\t10 # 1972\r\n", /* blanks, returns */
        HEAD FIRST "2287785600 9\n",                    /* negative */
        "#@4023129600\n#\n#x\n##\n" FIRST "2287785600 11#c\n",
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct astro_time_data data;
        struct astro_error err = {0};
        char *text = file_of(rows[i]);
        if (!astro_time_data_parse(text, strlen(text), &data, &err))
            fail_msg("row %zu: %s", i, err.text);
        text[strlen(text) - 1] = '\0'; /* no end of line at the end */
        assert_true(astro_time_data_parse(text, strlen(text), &data, &err));
        free(text);
    }
}

/* Cut anywhere, one byte changed: never taken with other steps than the right ones. */
static void damaged_files_are_refused(void **state)
{
    size_t length, taken = 0;
    char *text = golden_text("time/leap-seconds.list", &length);
    struct astro_time_data whole = parsed("time/leap-seconds.list"), data;

    (void)state;
    for (size_t cut = 0; cut < length - 2; cut++) {
        struct astro_error err = {0};
        char *copy = malloc(cut + 1); /* of exactly that size: reads beyond show */
        assert_non_null(copy);
        memcpy(copy, text, cut);
        assert_false(astro_time_data_parse(copy, cut, &data, &err));
        free(copy);
    }
    random_seed(3);
    for (size_t i = 0; i < 6000; i++) {
        struct astro_error err = {0};
        size_t at = (size_t)random_between(0, (double)length);
        char before = text[at];
        text[at] = (char)random_between(0, 256);
        if (astro_time_data_parse(text, length, &data, &err)) {
            taken++; /* within a comment */
            assert_int_equal(data.count, whole.count);
            assert_int_equal(data.expires, whole.expires);
            assert_memory_equal(data.steps, whole.steps, sizeof whole.steps[0] * whole.count);
        } else {
            assert_true(err.text[0]);
        }
        text[at] = before;
    }
    assert_true(taken > 0 && taken < 6000);
    struct astro_error err = {0};
    assert_false(astro_time_data_parse(text, (size_t)2 << 20, &data, &err)); /* by its length */
    free(text);
}

/* --- TAI-UTC --- */

static void every_step_and_just_before(void **state)
{
    struct astro_time_data data = parsed("time/leap-seconds.list");

    (void)state;
    for (size_t i = 0; i < data.count; i++) {
        double midnight = 2400000.5 + data.steps[i].mjd;
        assert_true(tai_minus_utc(midnight, 0) == data.steps[i].tai_minus_utc);
        assert_true(tai_minus_utc(midnight, 0.9) == data.steps[i].tai_minus_utc);
        if (i)
            assert_true(tai_minus_utc(midnight, -1e-11) == data.steps[i - 1].tai_minus_utc);
    }
    assert_true(tai_minus_utc(1e17, 0) == 37);
}

static void bulletin_c_says_the_same(void **state)
{
    size_t length, rows = 0;
    char *text = golden_text("time/Leap_Second.dat", &length), *rest = NULL;

    (void)state;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        double mjd, seconds;
        int day, month, year;
        if (sscanf(line, " %lf %d %d %d %lf", &mjd, &day, &month, &year, &seconds) != 5)
            continue;
        assert_true(tai_minus_utc(2400000.5, mjd) == seconds);
        rows++;
    }
    assert_int_equal(rows, 28);
    free(text);
}

static void every_day_as_erfa_has_it(void)
{
    struct converter converter = converter_open("tai_minus_utc", "");

    for (double mjd = 36934; mjd < 62000; mjd++) {
        int year, month, day;
        double fraction, wanted, got, share = random_unit();
        assert_int_equal(eraJd2cal(2400000.5, mjd, &year, &month, &day, &fraction), 0);
        assert_true(eraDat(year, month, day, share, &wanted) >= 0);
        double in[2] = {2400000.5 + mjd, share};
        convert_row(&converter, in, &got);
        if (mjd >= 41317)
            assert_true(got == wanted);
        else
            assert_near(got, (long double)wanted, 1e-12, "TAI-UTC");
    }
    converter_close(&converter);
}

static void days_of_erfa(void **state)
{
    (void)state;
    random_seed(4);
    for_each_target(every_day_as_erfa_has_it);
}

/* --- tables that change --- */

static struct astro_time_data with_negative_leap(void)
{
    struct astro_time_data data;

    astro_time_data_builtin(&data);
    data.steps[data.count++] = (struct astro_time_step){62502, 36}; /* 2030-01-01 */
    data.expires = 2000000000;
    return data;
}

static void a_new_table_is_for_new_contexts(void **state)
{
    struct astro_time_data negative = with_negative_leap(), builtin, now;
    struct converter old = converter_open("tai_minus_utc", "");
    double in[2] = {2462502.5 + 1, 0}, out;

    (void)state;
    use(&negative);
    struct converter new = converter_open("tai_minus_utc", "");
    convert_row(&old, in, &out);
    assert_true(out == 37);
    convert_row(&new, in, &out);
    assert_true(out == 36);
    converter_close(&old);
    astro_time_data_get(&now);
    assert_int_equal(now.expires, 2000000000);
    assert_int_equal(now.count, 29);
    astro_time_data_builtin(&builtin);
    use(&builtin);
    convert_row(&new, in, &out);
    assert_true(out == 36);
    converter_close(&new);
    astro_time_data_get(&now);
    assert_true(now.is_builtin);
}

static void a_second_taken_away(void **state)
{
    struct astro_time_data negative = with_negative_leap(), builtin;
    struct date last = {2462502, 0.25}; /* noon of 2029-12-31, a day of 86399 s; its 18:00 */

    (void)state;
    use(&negative);
    struct date tai = date_once("utc_to_tai", "", last);
    struct date wanted = {tai.jd1, (2462501.5 - tai.jd1) + (0.75 * 86399 + 37) / DAY};
    assert_date(tai, wanted, 2.5e-11, "86399 s");
    assert_date(date_once("tai_to_utc", "", tai), last, 2.5e-11, "and back");
    astro_time_data_builtin(&builtin);
    use(&builtin);
}

/* As many tables as are referred to; then there is room again. */
static void places_run_out_and_come_back(void **state)
{
    struct astro_time_data builtin;
    struct converter holders[32];
    struct astro_error err = {0};
    size_t n = 0;

    (void)state;
    astro_time_data_builtin(&builtin);
    do {
        assert_true(n < LENGTH(holders));
        holders[n++] = converter_open("utc_to_tai", "");
    } while (astro_time_data_use(&builtin, &err));
    assert_int_equal(err.code, ASTRO_OVERLOADED);
    assert_true(n >= 4);
    assert_true(tai_minus_utc(2457754.5, 0) == 37);
    while (n)
        converter_close(&holders[--n]);
    use(&builtin);
}

/* Threads prepare, run and release while tables change: each sees one table, whole. */
static _Atomic bool stop;
static _Atomic uint64_t runs;

static void *reader(void *argument)
{
    double in[2] = {2462510, 0}, out;

    (void)argument;
    while (!atomic_load(&stop)) {
        struct converter converter = converter_open("tai_minus_utc", "");
        for (int i = 0; i < 3; i++) {
            convert_row(&converter, in, &out);
            assert_true(out == 37 || out == 36);
        }
        converter_close(&converter);
        atomic_fetch_add(&runs, 1);
    }
    return NULL;
}

static void tables_change_beside_threads(void **state)
{
    struct astro_time_data tables[2] = {with_negative_leap()};
    pthread_t threads[4];
    struct astro_error err;
    size_t changed = 0;

    (void)state;
    astro_time_data_builtin(&tables[1]);
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, NULL), 0);
    while (changed < 2000 || atomic_load(&runs) < 2000) {
        err.code = ASTRO_OK;
        changed += astro_time_data_use(&tables[changed % 2], &err);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < LENGTH(threads); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    use(&tables[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_files_are_taken),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(variants_are_taken),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(every_step_and_just_before),
        cmocka_unit_test(bulletin_c_says_the_same),
        cmocka_unit_test(days_of_erfa),
        cmocka_unit_test(a_new_table_is_for_new_contexts),
        cmocka_unit_test(a_second_taken_away),
        cmocka_unit_test(places_run_out_and_come_back),
        cmocka_unit_test(tables_change_beside_threads),
    };
    return cmocka_run_group_tests_name("time.leap", tests, harness_start, NULL);
}
