/*
 * Requests that lie about lengths, sizes and shapes, requests cut short or changed at every byte,
 * and allocations that fail: always an answer or a proper error, never a byte read behind the body
 * (it ends at a forbidden page), never anything left in the ledger.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "memory/alloc.h"

static const double columns[] = {1, 2, 3, 10, 20, 30};

/* Two binary tensors with these words as shape and size of the first, and `size` bytes behind. */
static struct trial liar(char *body, size_t room, const char *shape, const char *binary_size,
                         size_t size)
{
    int length = snprintf(body, room,
                          "{\"inputs\":[{\"name\":\"a\",\"shape\":%s,\"datatype\":\"FP64\","
                          "\"parameters\":{\"binary_data_size\":%s}},{\"name\":\"b\",\"shape\":[3],"
                          "\"datatype\":\"FP64\",\"parameters\":{\"binary_data_size\":24}}]}",
                          shape, binary_size);
    memcpy(body + length, columns, size < sizeof columns ? size : sizeof columns);
    return (struct trial){.conversion = &fake_sums,
                          .codec = &codec_oip,
                          .body = body,
                          .length = (size_t)length + size,
                          .header_length = length};
}

static void test_sizes(void **state)
{
    (void)state;
    char body[1024] = {0};
    static const char *const sizes[] = {
        "0",
        "23",
        "25",
        "48",
        "16",
        "-1",
        "-24",
        "24.0",
        "\"24\"",
        "null",
        "[24]",
        "true",
        "{}",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551640",
        "4611686018427387904",
        "1e2",
        "99999999999999999999999999",
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct trial trial = liar(body, sizeof body, "[3]", sizes[i], sizeof columns);
        struct outcome outcome = trial_all(&trial);
        if (outcome.error.code != ASTRO_INVALID_BINARY_SIZE)
            print_error("%s: %s\n", sizes[i], outcome.error.text);
        assert_int_equal(outcome.error.code, ASTRO_INVALID_BINARY_SIZE);
    }
    for (size_t size = 0; size <= 64; size++) { /* the tail is too short, right, too long */
        struct trial trial = liar(body, sizeof body, "[3]", "24", size);
        struct outcome outcome = trial_all(&trial);
        assert_int_equal(outcome.error.code, size == 48 ? ASTRO_OK : ASTRO_INVALID_BINARY_SIZE);
        outcome_release(&outcome);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *shape;
        enum astro_code code;
    } cases[] = {
        {"[3]", ASTRO_OK},
        {"[1,3]", ASTRO_SHAPE_MISMATCH},
        {"[-1]", ASTRO_INVALID_SHAPE},
        {"[3,-1,-1]", ASTRO_INVALID_SHAPE},
        {"[3.0]", ASTRO_INVALID_SHAPE},
        {"[\"3\"]", ASTRO_INVALID_SHAPE},
        {"[[3]]", ASTRO_INVALID_SHAPE},
        {"[null]", ASTRO_INVALID_SHAPE},
        {"[NaN]", ASTRO_INVALID_SHAPE},
        {"3", ASTRO_INVALID_SHAPE},
        {"null", ASTRO_INVALID_SHAPE},
        {"{}", ASTRO_INVALID_SHAPE},
        {"[9223372036854775808]", ASTRO_INVALID_SHAPE},
        {"[9223372036854775807]", ASTRO_INVALID_SHAPE},
        {"[4294967296,4294967296]", ASTRO_INVALID_SHAPE},
        {"[4294967296,4294967296,0]", ASTRO_INVALID_SHAPE},
        {"[0,4611686018427387904,4]", ASTRO_INVALID_SHAPE},
        {"[2305843009213693951]", ASTRO_INVALID_BINARY_SIZE},
        {"[2305843009213693952]", ASTRO_INVALID_SHAPE}, /* times 8 is 2^64 */
        {"[2]", ASTRO_INVALID_BINARY_SIZE},
        {"[]", ASTRO_INVALID_BINARY_SIZE},
        {"[0]", ASTRO_INVALID_BINARY_SIZE},
        {"[3", ASTRO_INVALID_SHAPE}, /* the next key stands in it */
        {"[3}", ASTRO_INVALID_JSON},
        {"[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,3]", ASTRO_SHAPE_MISMATCH},
        {"[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,3]",
         ASTRO_INVALID_SHAPE},
    };
    char body[1024];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trial trial = liar(body, sizeof body, cases[i].shape, "24", sizeof columns);
        struct outcome outcome = trial_all(&trial);
        if (outcome.error.code != cases[i].code)
            print_error("%s: %s\n", cases[i].shape, outcome.error.text);
        assert_int_equal(outcome.error.code, cases[i].code);
        outcome_release(&outcome);
    }
}

static void test_header_lengths(void **state)
{
    (void)state;
    char body[1024];
    struct trial good = liar(body, sizeof body, "[3]", "24", sizeof columns);
    int64_t json = good.header_length;
    for (int64_t length = 1; length <= (int64_t)good.length + 8; length++) {
        struct trial trial = good;
        trial.header_length = length;
        struct outcome outcome = trial_all(&trial);
        enum astro_code code = outcome.error.code;
        if (length == json)
            assert_int_equal(code, ASTRO_OK);
        else if (length > (int64_t)good.length)
            assert_int_equal(code, ASTRO_INVALID_HEADER_LENGTH);
        else
            assert_true(code == ASTRO_INVALID_JSON || code == ASTRO_INVALID_BINARY_SIZE);
        outcome_release(&outcome);
    }
    static const int64_t large[] = {INT64_MAX, INT64_MAX - 7, INT64_C(1) << 32, INT64_C(1) << 62};
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        good.header_length = large[i];
        expect_failure(&good, ASTRO_INVALID_HEADER_LENGTH, "Inference-Header-Content-Length");
    }
}

static void test_counts(void **state)
{
    (void)state;
    static const struct {
        const char *shape, *data;
        enum astro_code code;
    } cases[] = {
        {"[3]", "[1,2]", ASTRO_INVALID_SHAPE},
        {"[3]", "[1,2,3,4]", ASTRO_INVALID_SHAPE},
        {"[0]", "[1]", ASTRO_INVALID_SHAPE},
        {"[0]", "[1,2]", ASTRO_INVALID_SHAPE},
        {"[1]", "[]", ASTRO_INVALID_SHAPE},
        {"[2,2]", "[[1,2,3,4]]", ASTRO_INVALID_SHAPE},
        {"[2,2]", "[[1,2],[3]]", ASTRO_INVALID_SHAPE},
        {"[3]", "[[1,2],[3]]", ASTRO_SHAPE_MISMATCH},
        {"[4]", "[[1,2],[3,4]]", ASTRO_INVALID_SHAPE},
        {"[4,1]", "[[1,2],[3,4]]", ASTRO_INVALID_SHAPE},
        {"[2,0]", "[[],[],[]]", ASTRO_INVALID_SHAPE},
        {"[1099511627776]", "[1]", ASTRO_INVALID_SHAPE},
        {"[2]", "[,]", ASTRO_INVALID_JSON},
        {"[2]", "[1 2,]", ASTRO_INVALID_JSON},
        {"[2]", "[1,{}]", ASTRO_BAD_TYPE},
        {"[2]", "[1,true]", ASTRO_BAD_TYPE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char body[512];
        snprintf(body, sizeof body,
                 "{\"inputs\":[{\"name\":\"a\",\"datatype\":\"FP64\",\"shape\":%s,\"data\":%s},"
                 "{\"name\":\"b\",\"datatype\":\"FP64\",\"shape\":[1],\"data\":[0]}]}",
                 cases[i].shape, cases[i].data);
        struct trial trial = {.conversion = &fake_sums, .codec = &codec_oip, .body = body};
        expect_failure(&trial, cases[i].code, "a");
    }
}

/* Nothing is computed for an answer that no client could take. */
static void test_answer_too_large(void **state)
{
    (void)state;
    enum { ROWS = 45000000 }; /* 2 x 26 bytes each are more than 2 GiB; the body has a byte each */
    static const char head[] =
        "{\"inputs\":[{\"name\":\"a\",\"datatype\":\"INT8\",\"shape\":[45000000],\"parameters\":"
        "{\"binary_data_size\":45000000}},{\"name\":\"b\",\"datatype\":\"FP64\",\"shape\":[1],"
        "\"data\":[0]}]}";
    slab_pool_init((uint64_t)1 << 30);
    size_t length = sizeof head - 1 + ROWS;
    char *body = calloc(1, length);
    memcpy(body, head, sizeof head - 1);
    struct trial trial = {.conversion = &fake_sums,
                          .codec = &codec_oip,
                          .body = body,
                          .length = length,
                          .header_length = sizeof head - 1};
    struct outcome outcome = trial_run(&trial);
    assert_int_equal(outcome.error.code, ASTRO_TOO_LARGE);
    free(body);
    slab_pool_drain();
    slab_pool_init((uint64_t)256 << 20);
}

/* Columns that do not fit under the memory limit: 503, and nothing taken stays. */
static void test_memory_limit(void **state)
{
    (void)state;
    enum { N = 4000000 }; /* commas: 8 bytes of column for one of text */
    slab_pool_init((uint64_t)16 << 20);
    char *body = malloc(N + 32);
    char *end = body + sprintf(body, "{\"b\":1,\"a\":[");
    memset(end, ',', N);
    strcpy(end + N, "]}");
    struct trial trial = {.conversion = &fake_sums, .codec = &codec_plain, .body = body};
    struct outcome outcome = trial_run(&trial);
    assert_int_equal(outcome.error.code, ASTRO_OVERLOADED);
    assert_string_equal(outcome.error.text, "the memory limit is reached; try again");
    free(body);
    slab_pool_drain();
    slab_pool_init((uint64_t)256 << 20);
}

/* --- every byte --- */

static const char plain_request[] =
    " {\"a\" : [[1.5, -2e3],[null , 4]], \"b\":0.25, \"c\":[[NaN,1],[1,Infinity]],\"factor\":\"2\","
    "\"\\u0066lag\":true, \"label\":\"\\u00e9\303\251\", \"epoch\":\"J2000.0\"} ";
static const char oip_request[] =
    "{\"id\":\"x\\n\",\"inputs\":[{\"name\":\"a\",\"shape\":[2,2],\"datatype\":\"FP64\",\"data\":[["
    "1,2],"
    "[3,null]]},{\"name\":\"b\",\"shape\":[1],\"datatype\":\"INT32\",\"data\":[7],\"parameters\":"
    "{\"headers\":{\"k\":[1,\"v\"]}}}],\"parameters\":{\"factor\":2.5,\"timeout\":1000000},"
    "\"outputs\":[{\"name\":\"sum\",\"parameters\":{\"binary_data\":true}},{\"name\":"
    "\"difference\"}]}";

static void sweep(const struct trial *good)
{
    struct outcome whole = trial_all(good);
    assert_string_equal(whole.error.text, "");
    outcome_release(&whole);
    for (size_t length = 1; length < good->length; length++) {
        struct trial trial = *good;
        trial.length = length;
        struct outcome outcome = trial_all(&trial);
        bool blank = good->body[good->length - 1] == ' ' && length == good->length - 1;
        assert_true((outcome.error.code == ASTRO_OK) == blank);
        outcome_release(&outcome);
    }
}

/* Any byte at any place: an answer or an error of the client's, never ours. */
static void mutate(const struct trial *good)
{
    static const char bytes[] = "\0\"\\[]{},:0-.eNnIt \200\377";
    char *body = malloc(good->length);
    for (size_t i = 0; i < good->length; i++) {
        for (size_t b = 0; b < sizeof bytes - 1; b++) {
            memcpy(body, good->body, good->length);
            body[i] = bytes[b];
            struct trial trial = *good;
            trial.body = body;
            struct outcome outcome = trial_all(&trial);
            assert_true(outcome.error.code == ASTRO_OK ||
                        astro_code_status(outcome.error.code) == 400);
            outcome_release(&outcome);
        }
    }
    free(body);
}

static void test_every_byte(void **state)
{
    (void)state;
    char body[1024];
    struct trial binary = liar(body, sizeof body, "[3]", "24", sizeof columns);
    struct trial plain = {.conversion = &fake_sums,
                          .codec = &codec_plain,
                          .body = plain_request,
                          .length = sizeof plain_request - 1};
    struct trial oip = {.conversion = &fake_sums,
                        .codec = &codec_oip,
                        .body = oip_request,
                        .length = sizeof oip_request - 1};
    sweep(&plain);
    sweep(&oip);
    sweep(&binary);
    mutate(&plain);
    mutate(&oip);
    mutate(&binary);
}

static void test_depth(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *body = malloc(3 * DEPTH + 512);
    static const char *const places[] = {
        "{\"a\":",
        "{\"inputs\":",
        "{\"parameters\":{\"headers\":",
        "{\"id\":",
        "{\"inputs\":[{\"data\":",
        "{\"inputs\":[{\"shape\":",
        "{\"inputs\":[{\"parameters\":{\"headers\":",
        "{\"factor\":",
        "",
    };
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        for (unsigned kind = 0; kind < 2; kind++) {
            char *end = body + sprintf(body, "%s", places[i]);
            for (unsigned depth = 0; depth < DEPTH; depth++)
                end += sprintf(end, "%s", kind == 0 ? "[" : depth % 2 == 0 ? "[" : "{\"a\":");
            *end = '\0';
            struct trial trial = {.conversion = &fake_sums, .codec = &codec_plain, .body = body};
            struct outcome outcome = trial_run(&trial);
            assert_int_equal(astro_code_status(outcome.error.code), 400);
            trial.codec = &codec_oip;
            outcome = trial_run(&trial);
            assert_int_equal(astro_code_status(outcome.error.code), 400);
        }
    }
    free(body);
}

/* --- memory --- */

/* Fails the first allocation, then the second, ... until the request gets through. */
static void fail_each(const struct trial *trial, const char *format)
{
    bool through = false;
    for (unsigned k = 1; !through; k++) {
        char value[32];
        snprintf(value, sizeof value, "%u%s", k, format);
        setenv("ASTROLABE_FAULT_ALLOC", value, 1);
        slab_pool_drain();
        mem_init();
        mem_faults_arm();
        struct outcome outcome = trial_run(trial);
        through = mem_faults_counted() < k;
        assert_true(outcome.error.code == ASTRO_OK || outcome.error.code == ASTRO_OVERLOADED);
        assert_true(through ? outcome.error.code == ASTRO_OK : true);
        outcome_release(&outcome);
        assert_true(k < 200);
    }
    unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
}

static void test_allocations(void **state)
{
    (void)state;
    enum { N = 40000 };
    char *large = malloc(N * 4 + 64), *end = large + sprintf(large, "{\"a\":1,\"b\":[0");
    for (unsigned i = 1; i < N; i++)
        end += sprintf(end, ",%u", i % 10);
    strcpy(end, "],\"mode\":\"loud\"}");
    const struct trial trials[] = {
        {.conversion = &fake_sums,
         .codec = &codec_plain,
         .body = plain_request,
         .query = "mode=loud"},
        {.conversion = &fake_sums, .codec = &codec_plain, .body = large},
        {.conversion = &fake_sums, .codec = &codec_oip, .body = oip_request, .query = "label=x"},
    };
    for (size_t i = 0; i < sizeof trials / sizeof trials[0]; i++) {
        fail_each(&trials[i], "");
        fail_each(&trials[i], "+");
    }
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_header_lengths),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_answer_too_large),
        cmocka_unit_test(test_memory_limit),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, harness_setup, harness_teardown);
}
