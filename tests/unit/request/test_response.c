/* Responses: heads, error documents, what happens when even those cannot be allocated. */
#include "support.h"

#include "api/router.h"

static char *whole(struct request *request, size_t *ret_length)
{
    size_t length = 0;
    for (size_t i = 0; i < request->response.n_pieces; i++)
        length += request->response.pieces[i].len;
    char *text = calloc(1, length + 1);
    *ret_length = 0;
    for (size_t i = 0; i < request->response.n_pieces; i++) {
        memcpy(text + *ret_length, request->response.pieces[i].base,
               request->response.pieces[i].len);
        *ret_length += request->response.pieces[i].len;
    }
    return text;
}

static struct request *begin(void)
{
    struct request *request = request_create(test_loop(), NULL);
    assert_non_null(request);
    request->minor = 1;
    return request;
}

static void test_head_and_body(void **state)
{
    (void)state;
    struct request *request = begin();
    request->id = (struct request_text){"abc", 3};
    response_text(request, 200, "text/plain", "hello", 5);
    response_finish(request);
    size_t length;
    char *text = whole(request, &length);
    assert_string_equal(text,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
                        "Date: Sat, 21 Nov 2026 08:00:00 GMT\r\nX-Request-Id: abc\r\n\r\nhello");
    free(text);
    request_destroy(&request);
}

static void test_head_request_has_no_body(void **state)
{
    (void)state;
    struct request *request = begin();
    request->method = METHOD_HEAD;
    response_text(request, 200, "text/plain", "hello", 5);
    response_finish(request);
    size_t length;
    char *text = whole(request, &length);
    assert_non_null(strstr(text, "Content-Length: 5\r\n"));
    assert_non_null(strstr(text, "\r\n\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
    free(text);
    request_destroy(&request);
}

/* OIP clients refuse every key but `error`; the plain API has two more. */
static void test_error_documents(void **state)
{
    (void)state;
    struct route plain = {.flags = ROUTE_PLAIN}, oip = {.flags = 0};
    for (int i = 0; i < 2; i++) {
        struct request *request = begin();
        request->route = i == 0 ? &plain : &oip;
        astro_fail(&request->error, ASTRO_OUT_OF_RANGE, "dec", "dec \"%s\"\n\x01 bad", "x\\y");
        response_fail(request);
        response_finish(request);
        size_t length;
        char *text = whole(request, &length);
        const char *body = strstr(text, "\r\n\r\n") + 4;
        assert_string_equal(body, i == 0 ? "{\"error\":\"dec \\\"x\\\\y\\\"\\u000a\\u0001 bad\","
                                           "\"code\":\"out_of_range\",\"field\":\"dec\"}"
                                         : "{\"error\":\"dec \\\"x\\\\y\\\"\\u000a\\u0001 bad\"}");
        assert_non_null(strstr(text, "HTTP/1.1 400 Bad Request\r\n"));
        assert_non_null(strstr(text, "X-Error-Code: out_of_range\r\n"));
        free(text);
        request_destroy(&request);
    }
}

static void test_codes_bring_their_headers(void **state)
{
    (void)state;
    static const struct {
        enum astro_code code;
        const char *status, *header;
    } cases[] = {
        {ASTRO_METHOD_NOT_ALLOWED, "405 Method Not Allowed", "Allow: GET\r\n"},
        {ASTRO_OVERLOADED, "503 Service Unavailable", "Retry-After: 1\r\n"},
        {ASTRO_DRAINING, "503 Service Unavailable", "Retry-After: 1\r\n"},
        {ASTRO_UNAUTHORIZED, "401 Unauthorized", "WWW-Authenticate: Bearer"},
        {ASTRO_DEADLINE, "504 Gateway Timeout", "X-Error-Code: deadline\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request *request = begin();
        request->allow = "GET";
        astro_fail(&request->error, cases[i].code, NULL, "no");
        response_fail(request);
        response_finish(request);
        size_t length;
        char *text = whole(request, &length);
        assert_non_null(strstr(text, cases[i].status));
        assert_non_null(strstr(text, cases[i].header));
        free(text);
        request_destroy(&request);
    }
}

/* The canned answer announces exactly the bytes that follow it. */
static void test_last_resort_is_consistent(void **state)
{
    (void)state;
    uv_buf_t answer = response_out_of_memory();
    char *text = calloc(1, answer.len + 1);
    memcpy(text, answer.base, answer.len);
    unsigned long announced = strtoul(strstr(text, "Content-Length: ") + 16, NULL, 10);
    assert_int_equal(strlen(strstr(text, "\r\n\r\n") + 4), announced);
    free(text);
}

const struct CMUnitTest response_tests[] = {
    cmocka_unit_test(test_head_and_body),
    cmocka_unit_test(test_head_request_has_no_body),
    cmocka_unit_test(test_error_documents),
    cmocka_unit_test(test_codes_bring_their_headers),
    cmocka_unit_test(test_last_resort_is_consistent),
};
const size_t n_response_tests = sizeof response_tests / sizeof response_tests[0];
