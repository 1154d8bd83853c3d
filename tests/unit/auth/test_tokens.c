/*
 * Token files, look-up, references, and each allocation failing in turn.
 */
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

#include "auth/tokens.h"
#include "memory/alloc.h"
#include "observe/log.h"

/* printf %s TEXT | sha256sum */
#define ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define FOO   "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const char *path(void)
{
    static char text[64];
    if (text[0] == '\0')
        snprintf(text, sizeof text, "test_tokens_%ld", (long)getpid());
    return text;
}

static void write_file(const char *bytes, size_t length)
{
    FILE *file = fopen(path(), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path(), 0600), 0);
}

static struct token_table *read_text(const char *text, char **ret_error)
{
    write_file(text, strlen(text));
    struct token_table *table = token_table_read(path(), ret_error);
    unlink(path());
    return table;
}

static void look_up(void **state)
{
    (void)state;
    char *error;
    struct token_table *table =
        read_text("# who may do what\n\n"
                  "  " ABC "\tconvert  the pipeline # since 2026\r\n" FOO " convert,admin",
                  &error);
    assert_non_null(table);
    assert_int_equal(token_table_count(table), 2);
    assert_int_equal(token_table_scopes(table, "abc", 3), TOKEN_CONVERT);
    assert_int_equal(token_table_scopes(table, "foobar", 3), TOKEN_CONVERT | TOKEN_ADMIN);
    assert_int_equal(token_table_scopes(table, "foobar", 6), 0);
    assert_int_equal(token_table_scopes(table, "ab", 2), 0);
    assert_int_equal(token_table_scopes(table, "abc\0", 4), 0);
    assert_int_equal(token_table_scopes(table, ABC, 64), 0); /* the digest is no token */
    token_table_release(table);
}

static void upper_case_digests(void **state)
{
    (void)state;
    char *error, line[] = ABC " admin\n";
    for (size_t i = 0; i < 64; i++)
        line[i] = line[i] >= 'a' ? (char)(line[i] - 'a' + 'A') : line[i];
    struct token_table *table = read_text(line, &error);
    assert_non_null(table);
    assert_int_equal(token_table_scopes(table, "abc", 3), TOKEN_ADMIN);
    token_table_release(table);
}

/* An empty `Authorization: Bearer` lets nobody in, whatever the file says. */
static void the_empty_token(void **state)
{
    (void)state;
    char *error;
    struct token_table *table = read_text(EMPTY " admin\n", &error);
    assert_non_null(table);
    assert_int_equal(token_table_scopes(table, "", 0), 0);
    token_table_release(table);
}

/* Revoking all tokens is a table too; an error would keep the old ones valid. */
static void an_empty_file(void **state)
{
    (void)state;
    char *error;
    struct token_table *table = read_text("# nobody\n", &error);
    assert_non_null(table);
    assert_int_equal(token_table_count(table), 0);
    assert_int_equal(token_table_scopes(table, "abc", 3), 0);
    token_table_release(table);
}

static void mistakes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"secret convert\n", ": line 1 does not begin with a SHA-256 digest"},
        {"#\n" ABC "0 convert\n", ": line 2 does not begin"},
        {"g" ABC "\n", ": line 1 does not begin"},
        {"za7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad admin", "line 1 does"},
        {ABC "\n", ": line 1 has no known scopes after the digest"},
        {ABC " \n", ": line 1 has no known scopes"},
        {ABC " write\n", "give convert, admin or convert,admin"},
        {ABC " convert,write\n", ": line 1 has no known scopes"},
        {ABC " ,\n", ": line 1 has no known scopes"},
        {ABC " Convert\n", ": line 1 has no known scopes"},
        {ABC " admin\n" FOO " admin\n" ABC " convert\n", ": line 3 has the digest of an earlier"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *error = NULL;
        assert_null(read_text(cases[i][0], &error));
        assert_non_null(error);
        assert_memory_equal(error, path(), strlen(path()));
        if (!strstr(error, cases[i][1]))
            fail_msg("\"%s\" does not say \"%s\"", error, cases[i][1]);
        assert_null(strstr(error, "secret")); /* it may be the token itself */
        mem_free(error);
    }
}

static void odd_files(void **state)
{
    (void)state;
    char *error;
    static const char nul[] = ABC " admin\0x\n";
    write_file(nul, sizeof nul - 1);
    assert_null(token_table_read(path(), &error));
    assert_non_null(strstr(error, "line 1 has a NUL byte"));
    mem_free(error);
    char *large = malloc((1 << 20) + 1);
    memset(large, '\n', (1 << 20) + 1);
    write_file(large, 1 << 20);
    struct token_table *table = token_table_read(path(), &error);
    assert_non_null(table);
    token_table_release(table);
    write_file(large, (1 << 20) + 1);
    assert_null(token_table_read(path(), &error));
    assert_non_null(strstr(error, "is larger than 1048576 bytes"));
    mem_free(error);
    free(large);
    unlink(path());
    assert_null(token_table_read(path(), &error));
    assert_non_null(strstr(error, "cannot be opened: No such file"));
    mem_free(error);
}

static void many_tokens(void **state)
{
    (void)state;
    enum { N = 500 };
    char *error, *text = malloc(N * 80), *at = text;
    for (unsigned i = 0; i < N; i++)
        at += sprintf(at, "%08x%.56s admin\n", i, &ABC[8]);
    at += sprintf(at, ABC " convert"); /* the last line may end without a newline */
    struct token_table *table = read_text(text, &error);
    assert_non_null(table);
    assert_int_equal(token_table_count(table), N + 1);
    assert_int_equal(token_table_scopes(table, "abc", 3), TOKEN_CONVERT);
    token_table_release(table);
    free(text);
}

static void references(void **state)
{
    (void)state;
    char *error;
    struct token_table *table = read_text(ABC " admin", &error);
    assert_ptr_equal(token_table_hold(table), table);
    token_table_release(table);
    assert_int_equal(token_table_scopes(table, "abc", 3), TOKEN_ADMIN);
    token_table_release(table);
    token_table_release(NULL);
}

/* What the log says about the mode, on a stderr of our own. */
static void open_modes_are_warned_of(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        const char *event;
    } cases[] = {{0600, ""},
                 {0640, ""},
                 {0644, "event=tokens_readable_by_others path="},
                 {0660, "event=tokens_writable_by_others path="}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int fds[2], saved = dup(STDERR_FILENO);
        char *error, said[1024];
        write_file(ABC " admin", strlen(ABC " admin"));
        assert_int_equal(chmod(path(), cases[i].mode), 0);
        assert_int_equal(pipe(fds), 0);
        dup2(fds[1], STDERR_FILENO);
        close(fds[1]);
        struct token_table *table = token_table_read(path(), &error);
        dup2(saved, STDERR_FILENO);
        close(saved);
        ssize_t n = read(fds[0], said, sizeof said - 1);
        close(fds[0]);
        unlink(path());
        assert_non_null(table);
        token_table_release(table);
        assert_true(n >= 0);
        said[n] = '\0';
        assert_int_equal(n > 0, cases[i].event[0] != '\0');
        assert_non_null(strstr(said, cases[i].event));
    }
}

static void arm(const char *faults)
{
    if (faults)
        setenv("ASTROLABE_FAULT_ALLOC", faults, 1);
    else
        unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    mem_faults_arm();
}

static void each_allocation_fails(void **state)
{
    (void)state;
    char *error, text[200 * 80], *at = text;
    for (unsigned i = 0; i < 200; i++) /* larger than the first block that is read into */
        at += sprintf(at, "%08x%.56s admin\n", i, &ABC[8]);
    arm("count");
    struct token_table *table = read_text(text, &error);
    uint64_t n = mem_faults_counted();
    token_table_release(table);
    assert_true(table && n >= 3);
    for (uint64_t k = 1; k <= n; k++) {
        char faults[32];
        snprintf(faults, sizeof faults, "%llu", (unsigned long long)k);
        error = text;
        arm(faults);
        table = read_text(text, &error);
        arm(NULL);
        assert_null(table);
        assert_null(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_up),
        cmocka_unit_test(upper_case_digests),
        cmocka_unit_test(the_empty_token),
        cmocka_unit_test(an_empty_file),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(odd_files),
        cmocka_unit_test(many_tokens),
        cmocka_unit_test(references),
        cmocka_unit_test(open_modes_are_warned_of),
        cmocka_unit_test(each_allocation_fails),
    };
    unsetenv("ASTROLABE_FAULT_ALLOC");
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
