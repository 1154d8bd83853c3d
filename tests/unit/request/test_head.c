/* Heads: targets, joined and repeated headers, however they are cut, and their limits. */
#include "support.h"

struct line {
    const char *name, *value;
};

/* Feeds target and headers in pieces of `step` bytes, as a slow wire would. */
static struct request *feed(const char *target, const struct line *lines, size_t step,
                            bool *ret_good)
{
    struct request *request = request_create(test_loop(), NULL);
    request->minor = 1;
    struct head *head = head_create(request);
    bool good = true;
    for (size_t i = 0; good && i < strlen(target); i += step)
        good = head_target(request, head, target + i, strnlen(target + i, step));
    for (; good && lines->name != NULL; lines++) {
        for (size_t i = 0; good && i < strlen(lines->name); i += step)
            good = head_name(request, head, lines->name + i, strnlen(lines->name + i, step));
        good = good && head_name_complete(request, head);
        for (size_t i = 0; good && i < strlen(lines->value); i += step)
            good = head_value(request, head, lines->value + i, strnlen(lines->value + i, step));
    }
    *ret_good = good && head_complete(request, head);
    return request;
}

static void test_however_it_is_cut(void **state)
{
    (void)state;
    static const struct line lines[] = {
        {"HOST", "example:1"},        {"Accept-Encoding", "br, gzip;q=0.5"},
        {"X-Other", "nothing"},       {"accept-encoding", "deflate ; q=0"},
        {"X-Request-Id", "id-1 "},    {"Inference-Header-Content-Length", "123"},
        {"X-Request-Timeout", "1.5"}, {NULL, NULL},
    };
    for (size_t step = 1; step < 40; step++) {
        bool good;
        struct request *request = feed("/v1/convert/a%20b?unit=rad&x=%31", lines, step, &good);
        assert_true(good);
        assert_int_equal(request->n_segments, 3);
        assert_int_equal(request->segments[2].length, 3);
        assert_memory_equal(request->segments[2].data, "a b", 3);
        assert_memory_equal(request->query.data, "unit=rad&x=%31", request->query.length);
        assert_true(request->accepts_gzip);
        assert_false(request->accepts_deflate);
        assert_int_equal(request->header_length, 123);
        assert_int_equal(request->id.length, 4);
        assert_int_equal(request->deadline_ns - request->began_ns, 1500000000);
        request_destroy(&request);
    }
    test_ledger_is_zero();
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *target;
        struct line line;
        enum astro_code code;
    } cases[] = {
        {"/", {"Host", "b"}, ASTRO_INVALID_REQUEST}, /* twice, see below */
        {"/%", {"x", "y"}, ASTRO_INVALID_REQUEST},
        {"/%0", {"x", "y"}, ASTRO_INVALID_REQUEST},
        {"/%zz", {"x", "y"}, ASTRO_INVALID_REQUEST},
        {"/%00", {"x", "y"}, ASTRO_INVALID_REQUEST},
        {"https://host/", {"x", "y"}, ASTRO_INVALID_REQUEST},
        {"nothing", {"x", "y"}, ASTRO_INVALID_REQUEST},
        {"/a/b/c/d/e/f/g/h/i", {"x", "y"}, ASTRO_NOT_FOUND},
        {"/", {"Transfer-Encoding", "gzip, chunked"}, ASTRO_UNSUPPORTED_ENCODING},
        {"/", {"Inference-Header-Content-Length", "-1"}, ASTRO_INVALID_HEADER_LENGTH},
        {"/", {"Inference-Header-Content-Length", "1e3"}, ASTRO_INVALID_HEADER_LENGTH},
        {"/",
         {"Inference-Header-Content-Length", "9223372036854775808"},
         ASTRO_INVALID_HEADER_LENGTH},
        {"/", {"X-Request-Timeout", "0"}, ASTRO_INVALID_REQUEST},
        {"/", {"X-Request-Timeout", "-1"}, ASTRO_INVALID_REQUEST},
        {"/", {"X-Request-Timeout", "soon"}, ASTRO_INVALID_REQUEST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line lines[] = {{"Host", "a"}, cases[i].line, {NULL, NULL}};
        bool good;
        struct request *request = feed(cases[i].target, lines, 1000, &good);
        assert_false(good);
        assert_int_equal(request->error.code, cases[i].code);
        request_destroy(&request);
    }
    struct line none[] = {{NULL, NULL}};
    bool good;
    struct request *request = feed("/", none, 1, &good);
    assert_false(good); /* no Host */
    request_destroy(&request);
    static const char *const hosts[] = {"a b", "a/b", "a?b", "a,b", "user@a", "a\\b"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        struct line lines[] = {{"Host", hosts[i]}, {NULL, NULL}};
        request = feed("/", lines, 1000, &good);
        assert_false(good);
        assert_int_equal(request->error.code, ASTRO_INVALID_REQUEST);
        request_destroy(&request);
    }
}

/* The authority ends at the path, the query, or the end; an empty path is the root. */
static void test_absolute_form(void **state)
{
    (void)state;
    static const struct {
        const char *target, *path;
        bool has_query;
    } cases[] = {{"http://h/v2", "/v2", false},
                 {"HTTP://h:1/v2?a=/b", "/v2", true},
                 {"http://h", "/", false}};
    struct line lines[] = {{"Host", "[::1]:80"}, {NULL, NULL}};
    bool good;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request *request = feed(cases[i].target, lines, 3, &good);
        assert_true(good);
        assert_int_equal(request->path.length, strlen(cases[i].path));
        assert_memory_equal(request->path.data, cases[i].path, request->path.length);
        assert_int_equal(request->query.data != NULL, cases[i].has_query);
        request_destroy(&request);
    }
    struct request *request = feed("http://h?q=/v2", lines, 1, &good);
    assert_false(good); /* a query without a path is not served as one */
    request_destroy(&request);
}

static void test_limits(void **state)
{
    (void)state;
    char *long_text = malloc(20001);
    memset(long_text, '/', 20000);
    long_text[20000] = '\0';
    struct line none[] = {{"Host", "a"}, {NULL, NULL}};
    struct line large[] = {{"Host", "a"}, {"Authorization", long_text}, {NULL, NULL}};
    bool good;
    struct request *request = feed(long_text, none, 333, &good);
    assert_int_equal(request->error.code, ASTRO_URI_TOO_LONG);
    request_destroy(&request);
    request = feed("/", large, 333, &good);
    assert_int_equal(request->error.code, ASTRO_HEADERS_TOO_LARGE);
    request_destroy(&request);

    /* Byte by byte, a head of the full size costs a few times its size, not its square. */
    long_text[16000] = '\0';
    request = feed("/", large, 1, &good);
    assert_true(good);
    assert_true(request->arena.bytes < 100000);
    request_destroy(&request);

    struct line many[200];
    for (size_t i = 0; i < 199; i++)
        many[i] = (struct line){"X", "y"};
    many[199] = (struct line){NULL, NULL};
    request = feed("/", many, 10, &good);
    assert_int_equal(request->error.code, ASTRO_HEADERS_TOO_LARGE);
    request_destroy(&request);
    free(long_text);
}

const struct CMUnitTest head_tests[] = {
    cmocka_unit_test(test_however_it_is_cut),
    cmocka_unit_test(test_what_is_refused),
    cmocka_unit_test(test_absolute_form),
    cmocka_unit_test(test_limits),
};
const size_t n_head_tests = sizeof head_tests / sizeof head_tests[0];
