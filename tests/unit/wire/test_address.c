/* Addresses: what may stand in `listen`, what binding gives, what a stale socket file is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/address.h"

static char error[256];

static void test_good_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed;
        bool loopback;
    } cases[] = {
        {"127.0.0.1:9180", "http://127.0.0.1:9180", true},
        {"127.9.9.9:1", "http://127.9.9.9:1", true},
        {"localhost:80", "http://127.0.0.1:80", true},
        {"0.0.0.0:65535", "http://0.0.0.0:65535", false},
        {"10.1.2.3:0", "http://10.1.2.3:0", false},
        {"[::1]:9180", "http://[::1]:9180", true},
        {"[::]:9180", "http://[::]:9180", false},
        {"unix:/run/a.sock", "unix:/run/a.sock", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        assert_true(address_parse(cases[i].text, &address, error, sizeof error));
        assert_string_equal(address.text, cases[i].printed);
        assert_int_equal(address.loopback, cases[i].loopback);
    }
}

static void test_bad_addresses(void **state)
{
    (void)state;
    char long_path[200] = "unix:/";
    memset(long_path + 6, 'a', 150);
    const char *const cases[] = {
        "",           ":9180",           "9180",          "*:9180",          "127.0.0.1",
        "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",  "1.2.3:80",        "example.org:80",
        "[::1]",      "[::1:80",         "::1:80x",       "127.0.0.1:8 ",    "127.0.0.1:+80",
        "unix:",      long_path,         "[fe80::zz]:80", "127.0.0.1:123456"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct address address;
        memset(&address, 0x5a, sizeof address);
        struct address before = address;
        error[0] = '\0';
        assert_false(address_parse(cases[i], &address, error, sizeof error));
        assert_true(strlen(error) > 10);
        assert_memory_equal(&address, &before, sizeof before); /* untouched on failure */
    }
}

static void test_port_zero_becomes_a_real_one_on_all_loops(void **state)
{
    (void)state;
    struct address address;
    int fds[4];
    assert_true(address_parse("127.0.0.1:0", &address, error, sizeof error));
    assert_true(address_bind(&address, fds, 4, error, sizeof error));
    assert_string_not_equal(address.text, "http://127.0.0.1:0");
    for (size_t i = 0; i < 4; i++) {
        struct sockaddr_storage other;
        socklen_t size = sizeof other;
        assert_int_equal(getsockname(fds[i], (struct sockaddr *)&other, &size), 0);
        assert_memory_equal(&other, &address.socket, size);
        close(fds[i]);
    }
}

static void test_a_second_server_is_told(void **state)
{
    (void)state;
    struct address first, second;
    int fd, other;
    assert_true(address_parse("127.0.0.1:0", &first, error, sizeof error));
    assert_true(address_bind(&first, &fd, 1, error, sizeof error));
    assert_false(first.shared);
    assert_int_equal(listen(fd, 1), 0);
    assert_true(address_parse(first.text + strlen("http://"), &second, error, sizeof error));
    assert_true(address_bind(&second, &other, 1, error, sizeof error)); /* an overlap is allowed, */
    assert_true(second.shared);                                         /* but not in silence */
    close(other);
    close(fd);
    assert_true(address_bind(&second, &fd, 1, error, sizeof error));
    assert_false(second.shared);
    close(fd);
}

static struct address bind_at(const char *path, bool expected, bool listens, int *ret_fd)
{
    char text[160];
    struct address address;
    snprintf(text, sizeof text, "unix:%s", path);
    assert_true(address_parse(text, &address, error, sizeof error));
    int fd = -1;
    assert_int_equal(address_bind(&address, &fd, 1, error, sizeof error), expected);
    if (expected && listens)
        assert_int_equal(listen(fd, 1), 0);
    *ret_fd = fd;
    return address;
}

/* Left over by a server that was killed: replaced. In use, or no socket at all: refused and kept.
 */
static void test_socket_files(void **state)
{
    (void)state;
    char folder[] = "/tmp/astrolabe-address-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    int first, second;
    struct address killed = bind_at(path, true, true, &first);
    bind_at(path, false, false, &second);
    close(first); /* and its file stays */
    struct address address = bind_at(path, true, true, &second);
    address_forget(&address);
    assert_int_not_equal(access(path, F_OK), 0);
    close(second);

    /* A server that ends late does not remove its successor's file: it forgot its own before. */
    bind_at(path, true, true, &second);
    address_forget(&address);
    assert_int_equal(access(path, F_OK), 0);
    close(second);
    address_forget(&killed);

    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    bind_at(path, false, false, &second);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_addresses),
        cmocka_unit_test(test_bad_addresses),
        cmocka_unit_test(test_port_zero_becomes_a_real_one_on_all_loops),
        cmocka_unit_test(test_a_second_server_is_told),
        cmocka_unit_test(test_socket_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
