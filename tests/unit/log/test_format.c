/*
 * One event as one line.
 */
#include <jansson.h>
#include <math.h>

#include "tests.h"

static const struct timespec noon = {.tv_sec = 1767323045, .tv_nsec = 678999999};
#define HEAD      "ts=2026-01-02T03:04:05.678Z level=info event=try"
#define JSON_HEAD "{\"ts\":\"2026-01-02T03:04:05.678Z\",\"level\":\"info\",\"event\":\"try\""

static const char *line_of(enum settings_log_format format, const struct log_field *fields,
                           size_t n)
{
    static char line[LOG_LINE_MAX + 1];
    size_t length = log_format(format, noon, LEVEL_INFO, "try", fields, n, line);
    assert_true(length > 0 && length <= LOG_LINE_MAX);
    line[length] = '\0';
    assert_int_equal(strlen(line), length);
    assert_ptr_equal(strchr(line, '\n'), line + length - 1);
    return line;
}

/* One field in both formats. */
static void check(struct log_field field, const char *logfmt, const char *json)
{
    char expected[256];
    snprintf(expected, sizeof expected, HEAD " k=%s\n", logfmt);
    assert_string_equal(line_of(LOG_FORMAT_LOGFMT, &field, 1), expected);
    snprintf(expected, sizeof expected, JSON_HEAD ",\"k\":%s}\n", json);
    assert_string_equal(line_of(LOG_FORMAT_JSON, &field, 1), expected);
}

static void events_without_fields(void **state)
{
    (void)state;
    assert_string_equal(line_of(LOG_FORMAT_LOGFMT, NULL, 0), HEAD "\n");
    assert_string_equal(line_of(LOG_FORMAT_JSON, NULL, 0), JSON_HEAD "}\n");
}

static void values(void **state)
{
    (void)state;
    check(LOG_S("k", "http://127.0.0.1:9180"), "http://127.0.0.1:9180",
          "\"http://127.0.0.1:9180\"");
    check(LOG_S("k", ""), "\"\"", "\"\"");
    check(LOG_S("k", NULL), "null", "null");
    check(LOG_S("k", "two words"), "\"two words\"", "\"two words\"");
    check(LOG_S("k", "a=b"), "\"a=b\"", "\"a=b\"");
    check(LOG_B("k", "word and more", 4), "word", "\"word\"");
    check(LOG_B("k", "", 0), "\"\"", "\"\"");
    check(LOG_I("k", INT64_MIN), "-9223372036854775808", "-9223372036854775808");
    check(LOG_F("k", 0.1), "0.1", "0.1");
    check(LOG_F("k", (double)NAN), "nan", "null");
    check(LOG_F("k", -HUGE_VAL), "-inf", "null");
}

/* Nobody from outside begins a line, closes a quote or speaks to a terminal. */
static void escapes(void **state)
{
    (void)state;
    check(LOG_S("k", "a\nts=1"), "\"a\\nts=1\"", "\"a\\nts=1\"");
    check(LOG_S("k", "\"\\\r\t"), "\"\\\"\\\\\\r\\t\"", "\"\\\"\\\\\\r\\t\"");
    check(LOG_S("k", "\x1b[2J\x7f"), "\"\\u001b[2J\\u007f\"", "\"\\u001b[2J\\u007f\"");
    check(LOG_S("k", "\xc2\x9b"), "\"\\u009b\"", "\"\\u009b\"");
    check(LOG_B("k", "a\0b", 3), "\"a\\u0000b\"", "\"a\\u0000b\"");
    check(LOG_S("k", "\xce\xb1 \xe2\x82\xac \xf0\x9f\x94\xad"),
          "\"\xce\xb1 \xe2\x82\xac \xf0\x9f\x94\xad\"",
          "\"\xce\xb1 \xe2\x82\xac \xf0\x9f\x94\xad\"");
    check(LOG_S("k", "\xff"), "\"\\ufffd\"", "\"\\ufffd\"");
    check(LOG_B("k", "\xe2\x82\xac", 2), "\"\\ufffd\\ufffd\"", "\"\\ufffd\\ufffd\"");
    check(LOG_S("k", "\xed\xa0\x80"), "\"\\ufffd\\ufffd\\ufffd\"", "\"\\ufffd\\ufffd\\ufffd\"");
}

static void long_values_are_cut(void **state)
{
    (void)state;
    char *text = malloc(100001);
    memset(text, 'x', 100000);
    text[100000] = '\0';
    const struct log_field fields[] = {LOG_S("k", text), LOG_I("after", 1)};
    const char *line = line_of(LOG_FORMAT_LOGFMT, fields, 2);
    assert_int_equal(strspn(strchr(line, 'x'), "x"), LOG_VALUE_MAX);
    assert_non_null(strstr(line, "x...\" after=1\n"));
    assert_non_null(strstr(line_of(LOG_FORMAT_JSON, fields, 2), "x...\",\"after\":1}\n"));
    free(text);
}

static void long_lines_are_cut(void **state)
{
    (void)state;
    struct log_field fields[300];
    for (size_t i = 0; i < 300; i++)
        fields[i] = LOG_S("key", "a value with blanks");
    const char *line = line_of(LOG_FORMAT_LOGFMT, fields, 300);
    assert_string_equal(line + strlen(line) - 16, " truncated=true\n");
    line = line_of(LOG_FORMAT_JSON, fields, 300);
    assert_string_equal(line + strlen(line) - 19, ",\"truncated\":true}\n");
    /* A value that meets the end of the line is closed before it. */
    char *text = malloc(2 * LOG_VALUE_MAX);
    memset(text, '\x01', 2 * LOG_VALUE_MAX);
    const struct log_field field = LOG_B("k", text, 2 * LOG_VALUE_MAX);
    line = line_of(LOG_FORMAT_JSON, &field, 1);
    assert_string_equal(line + strlen(line) - 6, "...\"}\n");
    free(text);
}

/* xorshift: the same bytes every time. */
static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void any_bytes_make_valid_json(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char bytes[2][1500];
        size_t n[2];
        for (int k = 0; k < 2; k++) {
            n[k] = next_random(&seed) % (round % 10 == 0 ? sizeof bytes[k] : 12);
            for (size_t i = 0; i < n[k]; i++)
                bytes[k][i] = (char)(next_random(&seed) >> (round % 2 ? 24 : 25));
        }
        const struct log_field fields[] = {LOG_B("a", bytes[0], n[0]), LOG_B("b", bytes[1], n[1])};
        const char *line = line_of(LOG_FORMAT_JSON, fields, 2);
        json_error_t error;
        json_t *json = json_loads(line, JSON_ALLOW_NUL, &error);
        if (!json)
            fail_msg("%s in %s", error.text, line);
        json_decref(json);
        line_of(LOG_FORMAT_LOGFMT, fields, 2);
    }
}

static void dates(void **state)
{
    (void)state;
    char line[LOG_LINE_MAX], expected[64];
    for (int64_t t = 0; t < 4102444800; t += 86400 * 3 + 12345) {
        const struct timespec time = {.tv_sec = t};
        struct tm civil;
        gmtime_r(&time.tv_sec, &civil);
        strftime(expected, sizeof expected, "ts=%Y-%m-%dT%H:%M:%S.000Z ", &civil);
        log_format(LOG_FORMAT_LOGFMT, time, LEVEL_WARN, "e", NULL, 0, line);
        assert_memory_equal(line, expected, strlen(expected));
    }
}

const struct CMUnitTest format_tests[] = {
    cmocka_unit_test(events_without_fields),
    cmocka_unit_test(values),
    cmocka_unit_test(escapes),
    cmocka_unit_test(long_values_are_cut),
    cmocka_unit_test(long_lines_are_cut),
    cmocka_unit_test(any_bytes_make_valid_json),
    cmocka_unit_test(dates),
};
const size_t format_tests_count = sizeof format_tests / sizeof format_tests[0];
