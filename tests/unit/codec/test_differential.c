/* Corpus, generated documents and random mutations of both: the reader and jansson must agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guarded.h"
#include "oracle.h"

enum { DOCUMENT = 8 * 1024, DOCUMENTS = 1024 };

#ifndef CODEC_MUTATIONS
#define CODEC_MUTATIONS 300000
#endif

struct document {
    size_t length;
    char text[DOCUMENT];
};

static struct document *documents;
static size_t n_documents;
static struct guarded guarded;
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_bits(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state * 0x2545f4914f6cdd1du;
}

static size_t below(size_t n)
{
    return (size_t)(random_bits() >> 11) % n;
}

static void append(struct document *document, const char *text)
{
    const size_t n = strlen(text);
    if (document->length + n <= DOCUMENT) {
        memcpy(document->text + document->length, text, n);
        document->length += n;
    }
}

static const char *const tokens[] = {
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\ude00",
    "\\u0000",
    "\\n",
    "\\x",
    "null",
    "true",
    "false",
    "NaN",
    "Infinity",
    "-Infinity",
    "-",
    "+",
    ".",
    "e",
    "E",
    "0",
    "1",
    "00",
    "-0",
    "0.0",
    "1e5",
    "1E+5",
    "1e-400",
    "1e400",
    "1e308",
    "1.5",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "1.7976931348623159e308",
    "2.2250738585072014e-308",
    "4.9e-324",
    "2.4e-324",
    "[]",
    "[[]]",
    "{}",
    "\"a\"",
    "\"a\":1",
    "\"\\u0061\":1",
    " ",
    "\n",
    "\t",
    "\r",
    "\x0b",
    "\x1f",
    "\x7f",
    "\xc3\xa9",
    "\xc0\x80",
    "\xed\xa0\x80",
    "\xf4\x90\x80\x80",
    "\xf0\x9f\x98\x80",
    "\xff",
    "\xef\xbb\xbf",
    "\xe2\x82",
    "0.1,",
    ",,",
    "1 2",
    "//",
    "/**/",
    "'a'",
    "123456789012345678901234567890",
};
enum { TOKENS = sizeof tokens / sizeof tokens[0] };

static void append_number(struct document *document)
{
    char text[64];
    double value;
    const uint64_t bits = random_bits();
    memcpy(&value, &bits, sizeof value);
    switch (below(5)) {
    case 0:
        snprintf(text, sizeof text, "%d", (int)below(1000) - 500);
        break;
    case 1:
        snprintf(text, sizeof text, "%.17g", (double)below(1000000) / 997);
        break;
    case 2:
        snprintf(text, sizeof text, "%.*f", (int)below(25), (double)below(360000) / 977);
        break;
    case 3:
        snprintf(text, sizeof text, "%.*e", (int)below(25), value);
        break;
    default:
        snprintf(text, sizeof text, "%lld", (long long)bits);
    }
    append(document, strpbrk(text, "inf") && !strchr(text, 'e') ? "Infinity" : text);
}

static void append_scalar(struct document *document)
{
    static const char *const scalars[] = {"null",   "true",           "false",
                                          "NaN",    "-Infinity",      "\"\"",
                                          "\"ab\"", "\"\\u00e9\\n\"", "\"\xe2\x82\xac\""};
    if (below(4))
        append_number(document);
    else
        append(document, scalars[below(sizeof scalars / sizeof scalars[0])]);
}

static void append_space(struct document *document)
{
    static const char *const spaces[] = {" ", "\n", "  ", "\t", "\r\n"};
    if (below(6) == 0)
        append(document, spaces[below(5)]);
}

static void append_value(struct document *document, unsigned depth)
{
    append_space(document);
    const size_t kind = depth ? below(3) : 2;
    const size_t n = kind < 2 ? below(5) : 0;
    if (kind < 2)
        append(document, kind ? "[" : "{");
    for (size_t i = 0; i < n; i++) {
        char key[32];
        snprintf(key, sizeof key, "%s\"k%zu\":", i ? "," : "", below(9));
        append(document, kind ? (i ? "," : "") : key);
        append_value(document, depth - 1);
    }
    if (kind < 2)
        append(document, kind ? "]" : "}");
    else
        append_scalar(document);
    append_space(document);
}

/* A rectangular array of numbers, as clients send them. */
static void append_column(struct document *document, unsigned levels)
{
    const size_t n = levels ? below(5) + (below(8) != 0) : 1;
    static size_t extents[4];
    if (levels == 0) {
        append_number(document);
        return;
    }
    if (below(3) == 0)
        extents[levels] = n;
    append(document, "[");
    for (size_t i = 0; i < extents[levels]; i++) {
        append(document, i ? "," : "");
        append_space(document);
        append_column(document, levels - 1);
    }
    append(document, "]");
}

static void read_corpus(void)
{
    FILE *file = fopen(CODEC_CORPUS, "rb");
    char *line = NULL;
    size_t room = 0;
    assert_non_null(file);
    for (ssize_t n; (n = getline(&line, &room, file)) >= 0 && n_documents < DOCUMENTS / 2;) {
        n -= n > 0 && line[n - 1] == '\n';
        assert_true((size_t)n <= DOCUMENT);
        documents[n_documents].length = (size_t)n;
        memcpy(documents[n_documents++].text, line, (size_t)n);
    }
    free(line);
    fclose(file);
}

static int setup(void **state)
{
    (void)state;
    guarded_open(&guarded, 2 * DOCUMENT);
    documents = calloc(DOCUMENTS, sizeof *documents);
    read_corpus();
    for (; n_documents < DOCUMENTS; n_documents++)
        if (n_documents % 2)
            append_column(&documents[n_documents], (unsigned)below(4));
        else
            append_value(&documents[n_documents], (unsigned)below(6));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(documents);
    guarded_close(&guarded);
    return 0;
}

static struct oracle_verdict check(const char *text, size_t length, size_t slice)
{
    const char *place = guarded_put(&guarded, text, length);
    const struct oracle_verdict verdict = oracle_compare(place, length, slice);
    if (verdict.text[0])
        fail_msg("%s\nin: %.*s", verdict.text, (int)length, text);
    return verdict;
}

static void test_documents(void **state)
{
    (void)state;
    size_t accepted = 0, columns = 0;
    for (size_t i = 0; i < n_documents; i++)
        for (size_t slice = 1; slice < 40; slice += 1 + slice / 8) {
            const struct oracle_verdict verdict =
                check(documents[i].text, documents[i].length, slice);
            accepted += verdict.accepted;
            columns += verdict.is_column;
        }
    /* The generator must not have degenerated: what is compared here is mostly good. */
    assert_true(accepted > n_documents && columns > n_documents);
}

static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_documents; i++) {
        const size_t length = documents[i].length < 600 ? documents[i].length : 600;
        for (size_t n = 0; n < length; n++)
            check(documents[i].text, n, 1 + n % 17);
    }
}

static void mutate(struct document *document)
{
    char *text = document->text;
    const size_t at = below(document->length + 1), left = document->length - at;
    size_t n = left ? below(left < 24 ? left : 24) : 0;
    switch (below(6)) {
    case 0: /* a byte */
        if (left)
            text[at] = (char)below(256);
        break;
    case 1: /* one bit */
        if (left)
            text[at] = (char)(text[at] ^ 1 << below(8));
        break;
    case 2: /* a piece goes */
        memmove(text + at, text + at + n, left - n);
        document->length -= n;
        break;
    case 3: { /* a piece of another document comes in its place */
        const struct document *other = &documents[below(n_documents)];
        const size_t from = below(other->length + 1);
        n = other->length - from < left ? other->length - from : left;
        memcpy(text + at, other->text + from, n);
        break;
    }
    default: { /* a token is put in */
        const char *token = tokens[below(TOKENS)];
        n = strlen(token);
        if (document->length + n <= DOCUMENT) {
            memmove(text + at + n, text + at, left);
            memcpy(text + at, token, n);
            document->length += n;
        }
    }
    }
}

static void test_mutations(void **state)
{
    (void)state;
    static struct document document;
    size_t accepted = 0;
    for (size_t i = 0; i < CODEC_MUTATIONS; i++) {
        const struct document *source = &documents[below(n_documents)];
        document.length = source->length;
        memcpy(document.text, source->text, source->length);
        for (size_t n = 1 + below(3); n > 0; n--)
            mutate(&document);
        accepted += check(document.text, document.length, 1 + below(64)).accepted;
    }
    assert_true(accepted > CODEC_MUTATIONS / 50 && accepted < CODEC_MUTATIONS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
