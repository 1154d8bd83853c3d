/* Numbers in and out: grammar, rounding, and the round trip of every kind of double. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "codec/number.h"
#include "guarded.h"

#ifndef CODEC_ROUND_TRIPS
#define CODEC_ROUND_TRIPS 1000000
#endif

static struct guarded guarded;
static uint64_t random_state = 88172645463325252u;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static enum number_status read_text(const char *text, size_t length, double *ret, size_t *ret_used)
{
    const char *place = guarded_put(&guarded, text, length), *behind = place;
    const enum number_status status = number_read(place, place + length, ret, &behind);
    *ret_used = (size_t)(behind - place);
    return status;
}

static void test_grammar(void **state)
{
    (void)state;
    static const char *const good[] = {"0",   "-0",  "1",    "-1",    "10",  "0.0",      "-0.5",
                                       "1e5", "1E5", "1e+5", "1e-05", "0e0", "12.34e-5", "100.001"};
    static const char *const bad[] = {"",     "-",    "+1",   ".5",  "-.5",     "1.",  "-1.",
                                      "1.e5", "01",   "-01",  "00",  "1e",      "1e+", "1e-",
                                      "1E",   "0.e1", "e5",   "a",   "-a",      " 1",  "0.1e",
                                      "nan",  "inf",  "-inf", "NaN", "Infinity"};
    double value;
    size_t used;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(read_text(good[i], strlen(good[i]), &value, &used), NUMBER_OK);
        assert_int_equal(used, strlen(good[i]));
        assert_true(same_bits(value, strtod(good[i], NULL)));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_text(bad[i], strlen(bad[i]), &value, &used), NUMBER_SYNTAX);
    /* What follows is not looked at, whatever it is. */
    assert_int_equal(read_text("1.5,2", 5, &value, &used), NUMBER_OK);
    assert_int_equal(used, 3);
    assert_int_equal(read_text("1.5.2", 5, &value, &used), NUMBER_OK);
    assert_int_equal(used, 3);
    assert_int_equal(read_text("1x", 2, &value, &used), NUMBER_OK);
    assert_int_equal(used, 1);
}

static void test_limits(void **state)
{
    (void)state;
    double value;
    size_t used;
    assert_int_equal(read_text("1.7976931348623158e308", 22, &value, &used), NUMBER_OK);
    assert_true(value == DBL_MAX);
    assert_int_equal(read_text("1.7976931348623159e308", 22, &value, &used), NUMBER_OVERFLOW);
    assert_int_equal(used, 22);
    assert_int_equal(read_text("-1e309", 6, &value, &used), NUMBER_OVERFLOW);
    assert_int_equal(read_text("1e99999999999999999999", 22, &value, &used), NUMBER_OVERFLOW);
    assert_int_equal(read_text("0e99999999999999999999", 22, &value, &used), NUMBER_OK);
    assert_true(value == 0);
    assert_int_equal(read_text("-1e-99999999999999999999", 24, &value, &used), NUMBER_OK);
    assert_true(value == 0 && signbit(value));
    assert_int_equal(read_text("5e-324", 6, &value, &used), NUMBER_OK);
    assert_true(same_bits(value, from_bits(1)));
    assert_int_equal(read_text("2.4703282292062327e-324", 23, &value, &used), NUMBER_OK);
    assert_true(same_bits(value, 0.0));
    assert_int_equal(read_text("2.4703282292062328e-324", 23, &value, &used), NUMBER_OK);
    assert_true(same_bits(value, from_bits(1)));
}

static void expect_as_strtod(const char *text)
{
    double value;
    size_t used;
    assert_int_equal(read_text(text, strlen(text), &value, &used), NUMBER_OK);
    if (used != strlen(text) || !same_bits(value, strtod(text, NULL)))
        fail_msg("%s: %a, strtod: %a", text, value, strtod(text, NULL));
}

/* Texts of every length, exact ties between two doubles and their neighbours among them. */
static void test_rounding(void **state)
{
    (void)state;
    char text[1200];
    for (int i = 0; i < CODEC_ROUND_TRIPS / 10; i++) {
        const double value = from_bits(random_bits() & ~(1ull << 62) & ~(1ull << 63));
        if (!isfinite(value))
            continue;
        snprintf(text, sizeof text, "%.*e", i % 40, value);
        expect_as_strtod(text);
        const double near = from_bits((random_bits() >> 12) | (1000ull + random_bits() % 60) << 52);
        snprintf(text, sizeof text, "%.*f", i % 30, near);
        expect_as_strtod(text);
        if (i % 50 == 0) {
            /* Half way to the next double, exactly: 1100 digits are always enough. */
            const long double tie =
                ((long double)near + (long double)nextafter(near, (double)INFINITY)) / 2;
            const int n = snprintf(text, sizeof text, "%.1100Lf", tie);
            expect_as_strtod(text);
            text[n - 1] = '1';
            expect_as_strtod(text);
        }
    }
}

static void test_read_integer(void **state)
{
    (void)state;
    const struct {
        const char *text;
        enum number_status status;
        int64_t value;
        size_t used;
    } cases[] = {
        {"0", NUMBER_OK, 0, 1},
        {"-0", NUMBER_OK, 0, 2},
        {"7,", NUMBER_OK, 7, 1},
        {"9223372036854775807", NUMBER_OK, INT64_MAX, 19},
        {"-9223372036854775808", NUMBER_OK, INT64_MIN, 20},
        {"9223372036854775808", NUMBER_OVERFLOW, 0, 19},
        {"-9223372036854775809", NUMBER_OVERFLOW, 0, 20},
        {"99999999999999999999999", NUMBER_OVERFLOW, 0, 23},
        {"1.0", NUMBER_SYNTAX, 0, 0},
        {"1e0", NUMBER_SYNTAX, 0, 0},
        {"01", NUMBER_SYNTAX, 0, 0},
        {"-", NUMBER_SYNTAX, 0, 0},
        {"", NUMBER_SYNTAX, 0, 0},
        {"+1", NUMBER_SYNTAX, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const size_t length = strlen(cases[i].text);
        const char *place = guarded_put(&guarded, cases[i].text, length), *behind = place;
        int64_t value = 0;
        assert_int_equal(number_read_integer(place, place + length, &value, &behind),
                         cases[i].status);
        assert_int_equal(behind - place, cases[i].used);
        if (cases[i].status == NUMBER_OK)
            assert_true(value == cases[i].value);
    }
}

static void expect_written(double value, const char *text)
{
    char *place = guarded_put(&guarded, NULL, NUMBER_TEXT);
    const size_t length = number_write(place, value);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(place, text, length);
}

static void test_write(void **state)
{
    (void)state;
    expect_written(0.0, "0.0");
    expect_written(-0.0, "-0.0");
    expect_written(1, "1.0");
    expect_written(-1, "-1.0");
    expect_written(100, "100.0");
    expect_written(0.1, "0.1");
    expect_written(10.684, "10.684");
    expect_written(1.0 / 3, "0.3333333333333333");
    expect_written(0.1 + 0.2, "0.30000000000000004");
    expect_written(1e22, "1e+22");
    expect_written(1e23, "1e+23");
    expect_written(123456789, "123456789.0");
    expect_written(0x1p53, "9007199254740992.0");
    expect_written(5e-324, "5e-324");
    expect_written(DBL_MAX, "1.7976931348623157e+308");
    expect_written(-DBL_MAX, "-1.7976931348623157e+308");
    expect_written(-DBL_MIN, "-2.2250738585072014e-308");
    expect_written((double)NAN, "null");
    expect_written(-(double)NAN, "null");
    expect_written((double)INFINITY, "null");
    expect_written(-(double)INFINITY, "null");
}

/*
 * Fewest significant digits that read back as the value, found by trying them all. Just above a
 * power of two there can be a text with one digit less, which is not the nearest one of its length.
 */
static size_t fewest_digits(double value)
{
    char text[32];
    for (int digits = 1; digits < 17; digits++) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return (size_t)digits;
    }
    return 17;
}

/* Significant digits of a written number, and the length of the plainest notation for as many. */
static size_t count_digits(const char *text)
{
    size_t digits = 0, zeros = 0;
    for (; *text && *text != 'e'; text++)
        if (*text == '0' && digits)
            zeros++;
        else if (*text >= '1' && *text <= '9') {
            digits += zeros + 1;
            zeros = 0;
        }
    return digits;
}

static void check_round_trip(double value, bool shortest)
{
    char text[NUMBER_TEXT + 1];
    char *place = guarded_put(&guarded, NULL, NUMBER_TEXT);
    const size_t length = number_write(place, value);
    assert_true(length <= NUMBER_TEXT);
    memcpy(text, place, length);
    text[length] = '\0';
    if (!isfinite(value)) {
        assert_string_equal(text, "null");
        return;
    }
    double back;
    size_t used;
    assert_non_null(strpbrk(text, ".e"));
    assert_true(same_bits(strtod(text, NULL), value));
    assert_int_equal(read_text(text, length, &back, &used), NUMBER_OK);
    assert_int_equal(used, length);
    assert_true(same_bits(back, value));
    if (!shortest || value == 0)
        return;
    /* Integers beyond 2^53 in plain notation may have all their digits where zeros would do. */
    const size_t fewest = fewest_digits(value);
    if (strchr(text, 'e') || fabs(value) < 0x1p53)
        assert_true(count_digits(text) <= fewest);
    else
        assert_true(length <= fewest + 7 + (value < 0)); /* d.ddde+xx, and ".0" */
}

static void test_round_trips(void **state)
{
    (void)state;
    for (int i = 0; i < CODEC_ROUND_TRIPS; i++)
        check_round_trip(from_bits(random_bits()), i % 10 == 0);
    for (int i = 0; i < CODEC_ROUND_TRIPS; i++) /* the magnitudes of real columns */
        check_round_trip(((double)(random_bits() >> 11) * 0x1p-53 - 0.5) * 720, i % 10 == 0);
    for (int i = 0; i < CODEC_ROUND_TRIPS / 10; i++) {
        check_round_trip((double)(int64_t)random_bits() / (double)(1ull << (random_bits() % 64)),
                         true);
        check_round_trip((double)((int64_t)random_bits() >> (random_bits() % 64)), true);
        check_round_trip((double)(random_bits() % 100000) / 1000, true);
    }
}

static void test_special_values(void **state)
{
    (void)state;
    for (uint64_t exponent = 0; exponent < 2048; exponent++)
        for (unsigned i = 0; i < 8; i++) {
            const uint64_t mantissas[] = {0,
                                          1,
                                          2,
                                          (1ull << 52) - 1,
                                          (1ull << 52) - 2,
                                          1ull << 51,
                                          (1ull << 51) - 1,
                                          0x5555555555555};
            const uint64_t bits = exponent << 52 | mantissas[i];
            check_round_trip(from_bits(bits), true);
            check_round_trip(from_bits(bits | 1ull << 63), true);
        }
    double power = 1e-323;
    for (int i = -323; i <= 308; i++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", i);
        power = strtod(text, NULL);
        check_round_trip(power, true);
        check_round_trip(nextafter(power, (double)INFINITY), true);
        check_round_trip(nextafter(power, 0), true);
        check_round_trip(-power * 9.5, true);
    }
}

static void test_write_integers(void **state)
{
    (void)state;
    char *place = guarded_put(&guarded, NULL, NUMBER_TEXT);
    assert_int_equal(number_write_integer(place, INT64_MIN), 20);
    assert_memory_equal(place, "-9223372036854775808", 20);
    assert_int_equal(number_write_integer(place, 0), 1);
    assert_memory_equal(place, "0", 1);
    const int64_t values[] = {0, -1, INT64_MAX};
    place = guarded_put(&guarded, NULL, 3 * (NUMBER_TEXT + 1));
    assert_int_equal(number_write_integers(place, values, 3), 24);
    assert_memory_equal(place, "0,-1,9223372036854775807", 24);
    assert_int_equal(number_write_integers(place, values, 0), 0);
}

static void test_write_arrays(void **state)
{
    (void)state;
    const double values[] = {1.5, (double)NAN, -0.0, 1e300, -2.2250738585072014e-308};
    static const char expected[] = "1.5,null,-0.0,1e+300,-2.2250738585072014e-308";
    unsigned char unaligned[sizeof values + 1];
    memcpy(unaligned + 1, values, sizeof values);
    char *place = guarded_put(&guarded, NULL, 5 * (NUMBER_TEXT + 1));
    assert_int_equal(number_write_doubles(place, unaligned + 1, 5), sizeof expected - 1);
    assert_memory_equal(place, expected, sizeof expected - 1);
    assert_int_equal(number_write_doubles(place, values, 0), 0);
    /* The longest of all: the announced room is enough. */
    double longest[64];
    for (int i = 0; i < 64; i++)
        longest[i] = -2.2250738585072014e-308;
    place = guarded_put(&guarded, NULL, 64 * (NUMBER_TEXT + 1));
    assert_int_equal(number_write_doubles(place, longest, 64), 64 * 25 - 1);
}

static int setup(void **state)
{
    (void)state;
    guarded_open(&guarded, 64 * 1024);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guarded_close(&guarded);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_rounding),       cmocka_unit_test(test_read_integer),
        cmocka_unit_test(test_write),          cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_special_values), cmocka_unit_test(test_write_integers),
        cmocka_unit_test(test_write_arrays),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
