/* Every route is found, by its own methods only; everything else is a clear refusal. */
#include "support.h"

#include <string.h>

/* `{}` becomes the name of a conversion, or the version behind "versions". */
static void fill_pattern(const char *pattern, char *path, size_t size)
{
    size_t length = 0;
    for (const char *p = pattern; *p != '\0'; p++) {
        const char *text = (char[]){*p, '\0'};
        if (p[0] == '{') {
            text =
                p - pattern > 10 && strncmp(p - 10, "/versions/", 10) == 0 ? "1" : "radec_to_xyz";
            p++;
        }
        assert_true(length + strlen(text) < size);
        strcpy(path + length, text);
        length += strlen(text);
    }
}

static const struct route *route_of(enum request_method method, const char *path,
                                    enum astro_code *ret_code, const char **ret_allow)
{
    struct request *request = ask(method, path, NULL);
    *ret_allow = NULL;
    const bool matched = router_match(request, ret_allow);
    const struct route *route = request->route;
    *ret_code = request->error.code;
    assert_int_equal(matched, route != NULL);
    done(request);
    return route;
}

static void test_every_route(void **state)
{
    (void)state;
    size_t n;
    const struct route *table = router_table(&n);
    assert_true(n > 35);
    for (size_t i = 0; i < n; i++) {
        char path[256];
        enum astro_code code;
        const char *allow;
        fill_pattern(table[i].pattern, path, sizeof path);
        const bool get = (table[i].flags & ROUTE_GET) != 0;
        const bool post = (table[i].flags & ROUTE_POST) != 0;
        assert_true(get || post);
        const struct route *expected = &table[i];
        assert_ptr_equal(route_of(METHOD_GET, path, &code, &allow), get ? expected : NULL);
        assert_ptr_equal(route_of(METHOD_HEAD, path, &code, &allow), get ? expected : NULL);
        assert_ptr_equal(route_of(METHOD_POST, path, &code, &allow), post ? expected : NULL);
        assert_null(route_of(METHOD_OTHER, path, &code, &allow));
        assert_int_equal(code, ASTRO_METHOD_NOT_ALLOWED);
        assert_string_equal(allow, get ? post ? "GET, HEAD, POST" : "GET, HEAD" : "POST");
    }
}

static void test_flags(void **state)
{
    (void)state;
    size_t n;
    const struct route *table = router_table(&n);
    for (size_t i = 0; i < n; i++) {
        const char *pattern = table[i].pattern;
        const bool oip = strncmp(pattern, "/v2", 3) == 0;
        const bool admin = strstr(pattern, "load") != NULL || strstr(pattern, "debug") != NULL;
        const bool open = strstr(pattern, "/v2/health") != NULL || strcmp(pattern, "/") == 0 ||
                          strstr(pattern, "console") != NULL;
        assert_int_equal((table[i].flags & ROUTE_PLAIN) != 0, !oip);
        assert_int_equal((table[i].flags & ROUTE_ADMIN) != 0, admin);
        assert_int_equal((table[i].flags & ROUTE_OPEN) != 0, open);
    }
}

static void test_slash_at_the_end(void **state)
{
    (void)state;
    enum astro_code code;
    const char *allow;
    const struct route *route = route_of(METHOD_GET, "/v2", &code, &allow);
    assert_non_null(route);
    assert_ptr_equal(route_of(METHOD_GET, "/v2/", &code, &allow), route);
    assert_null(route_of(METHOD_GET, "/v2//", &code, &allow));
    assert_null(route_of(METHOD_GET, "//v2", &code, &allow));
}

static void test_not_found(void **state)
{
    (void)state;
    static const char *const paths[] = {"/nowhere",
                                        "/v1",
                                        "/v1/convert",
                                        "/v1/convert/",
                                        "/v3",
                                        "/v2//health",
                                        "/v1/convert/radec_to_xyz/x",
                                        "/v2/models/radec_to_xyz/versions",
                                        "/v2/models/radec_to_xyz/versions/1/ready/now",
                                        "/a/b/c/d/e/f/g/h"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct request *request = ask(METHOD_GET, paths[i], NULL);
        assert_int_equal(answer(request), 404);
        assert_int_equal(request->error.code, ASTRO_NOT_FOUND);
        assert_non_null(strstr(request->error.text, paths[i]));
        assert_non_null(strstr(request->error.text, "/v1/conversions"));
        assert_non_null(strstr(request->error.text, "/v2"));
        done(request);
    }
}

/* A name from outside may hold anything: it must not break the message. */
static void test_hostile_names(void **state)
{
    (void)state;
    char path[400] = "/v1/conversions/";
    memset(path + 16, 'x', 300);
    memcpy(path + 20, "\x01\"\xff\n", 4);
    struct request *request = ask(METHOD_GET, path, NULL);
    assert_int_equal(answer(request), 404);
    assert_int_equal(request->error.code, ASTRO_UNKNOWN_CONVERSION);
    for (const char *p = request->error.text; *p != '\0'; p++)
        assert_true(*p >= ' ' && *p <= '~');
    assert_non_null(strstr(request->error.text, "xxxx????xxxx"));
    assert_non_null(strstr(request->error.text, "..."));
    done(request);
}

static void test_nearest_and_versions(void **state)
{
    (void)state;
    json_t *root = document(METHOD_GET, "/v2/models/radec_to_xzy", NULL, 404);
    assert_int_equal(json_object_size(root), 1);
    assert_non_null(strstr(json_string_value(json_object_get(root, "error")), "radec_to_xyz"));
    json_decref(root);
    root = document(METHOD_GET, "/v2/models/radec_to_xyz/versions/2/config", NULL, 404);
    assert_non_null(strstr(json_string_value(json_object_get(root, "error")), "version"));
    json_decref(root);
    root = document(METHOD_GET, "/v1/conversions/radec_to_xzy", NULL, 404);
    assert_string_equal(json_string_value(json_object_get(root, "code")), "unknown_conversion");
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route),      cmocka_unit_test(test_flags),
        cmocka_unit_test(test_slash_at_the_end), cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_hostile_names),    cmocka_unit_test(test_nearest_and_versions),
    };
    return cmocka_run_group_tests(tests, api_group_setup, api_group_teardown);
}
