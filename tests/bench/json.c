/*
 * Numeric JSON: 200,000 doubles of 17 digits in and out, ours beside jansson, the C library and the
 * bare libraries that we use, in one run: processor time, the best of several rounds.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "codec/number.h"
#include "codec/reader.h"

size_t bare_fast_float(const char *text, const char *end, double *out);
size_t bare_to_chars(char *out, const double *values, size_t n);

enum { NUMBERS = 200000, ROUNDS = 15, TEXT = NUMBERS * 40 };

static double values[NUMBERS], results[NUMBERS + 1];
static char text[TEXT + 1], written[TEXT];
static size_t length;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static double reference; /* ns of the line that the ratios refer to */

static void measure(const char *name, size_t (*run)(void), bool is_reference)
{
    double best = 0;
    size_t bytes = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const double begin = now();
        bytes = run();
        const double time = now() - begin;
        if (bytes == 0) {
            fprintf(stderr, "%s failed\n", name);
            exit(1);
        }
        if (i == 0 || time < best)
            best = time;
    }
    if (is_reference)
        reference = best;
    printf("  %-34s %8.0f MB/s %8.2f ns/number %7.2f x\n", name, (double)bytes * 1e3 / best,
           best / NUMBERS, best / reference);
}

static size_t parse_bare(void)
{
    return bare_fast_float(text, text + length, results) == NUMBERS ? length : 0;
}

static size_t parse_strtod(void)
{
    char *p = text + strspn(text, "[");
    for (size_t i = 0; i < NUMBERS; i++) {
        results[i] = strtod(p, &p);
        while (*p == ',' || *p == ' ' || *p == ']' || *p == '[')
            p++;
    }
    return *p ? 0 : length;
}

static size_t parse_jansson(void)
{
    json_t *tree = json_loadb(text, length, JSON_DECODE_INT_AS_REAL, NULL), *value;
    size_t i;
    json_array_foreach(tree, i, value) results[i] = json_real_value(value);
    json_decref(tree);
    return i == NUMBERS ? length : 0;
}

static struct astro_error err;

static bool take_span(struct reader_span *span)
{
    struct reader reader;
    reader_init(&reader, text, length, 32, &err);
    return reader_array_span(&reader, span);
}

static size_t span_only(void)
{
    struct reader_span span;
    return take_span(&span) ? span.length : 0;
}

static size_t parse_sliced(size_t slice)
{
    struct reader_span span;
    struct column_scan scan;
    if (!take_span(&span))
        return 0;
    column_scan_init(&scan, COLUMN_FP64, "ra", span, 32, results, NUMBERS + 1, &err);
    enum scan_status status;
    while ((status = column_scan_step(&scan, slice)) == SCAN_MORE)
        ;
    return status == SCAN_DONE && scan.count == NUMBERS ? length : 0;
}

static size_t parse_ours(void)
{
    return parse_sliced(SIZE_MAX);
}

static size_t parse_ours_sliced(void)
{
    return parse_sliced(64 * 1024);
}

static size_t skip_ours(void)
{
    struct reader reader;
    reader_init(&reader, text, length, 32, &err);
    return reader_value_skip(&reader) ? length : 0;
}

static size_t write_ours(void)
{
    return number_write_doubles(written, values, NUMBERS);
}

static size_t write_bare(void)
{
    return bare_to_chars(written, values, NUMBERS);
}

static size_t write_snprintf(void)
{
    char *p = written;
    for (size_t i = 0; i < NUMBERS; i++)
        p += snprintf(p, 40, "%.17g,", values[i]);
    return (size_t)(p - written);
}

static size_t write_jansson(void)
{
    json_t *array = json_array();
    for (size_t i = 0; i < NUMBERS; i++)
        json_array_append_new(array, json_real(values[i]));
    const size_t n = json_dumpb(array, written, TEXT, JSON_COMPACT);
    json_decref(array);
    return n <= TEXT ? n : 0;
}

/* `inner` > 0: rows of so many numbers. */
static void make_text(const char *separator, size_t inner)
{
    char *p = text;
    *p++ = '[';
    for (size_t i = 0; i < NUMBERS; i++) {
        if (i)
            p += sprintf(p, "%s", inner && i % inner == 0 ? "]," : separator);
        if (inner && i % inner == 0)
            *p++ = '[';
        p += sprintf(p, "%.17g", values[i]);
    }
    p += sprintf(p, inner ? "]]" : "]");
    length = (size_t)(p - text);
}

static void parse_all(const char *title, bool flat)
{
    printf("%s, %zu bytes\n", title, length);
    if (flat)
        measure("fast_float, bare loop", parse_bare, true);
    measure("column_scan", parse_ours, false);
    if (memcmp(values, results, sizeof values) != 0) {
        fprintf(stderr, "values differ\n");
        exit(1);
    }
    measure("column_scan, slices of 64 KiB", parse_ours_sliced, false);
    measure("reader_array_span alone", span_only, false);
    measure("reader_value_skip", skip_ours, false);
    measure("strtod, bare loop", parse_strtod, false);
    if (flat)
        measure("jansson tree and extraction", parse_jansson, false);
}

int main(void)
{
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < NUMBERS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        values[i] = (double)(random >> 11) * 0x1p-53 * 360;
    }
    make_text(",", 0);
    parse_all("parse [a,b,...]", true);
    make_text(", ", 0);
    parse_all("parse [a, b, ...]", true);
    make_text(",", 2);
    parse_all("parse [[a,b],[c,d],...]", false);
    printf("write\n");
    measure("std::to_chars, bare loop", write_bare, true);
    measure("number_write_doubles", write_ours, false);
    measure("snprintf(\"%.17g\")", write_snprintf, false);
    measure("jansson tree and dump", write_jansson, false);
    return 0;
}
