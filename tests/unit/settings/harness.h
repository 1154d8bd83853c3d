/*
 * What the tests of the settings share: loading from the three sources, and comparing.
 */
#ifndef TEST_SETTINGS_HARNESS_H
#define TEST_SETTINGS_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory/alloc.h"
#include "settings/table.h"

/* One call of settings_load(). `error` is "" on success and "(memory)" when it was NULL. */
struct loaded {
    bool ok;
    struct settings settings;
    enum settings_action action;
    char error[1024];
};

/* NULL for a source that is absent. Lists end with NULL; the file is given as its text. */
void load(struct loaded *ret, const char *const *flags, const char *const *environment,
          const char *file);
void load_flags(struct loaded *ret, const char *a, const char *b);
void load_variable(struct loaded *ret, const char *entry);
void load_file(struct loaded *ret, const char *text);
void unload(struct loaded *loaded);

/* The path of the file that load() writes; errors about the file begin with it. */
const char *config_path(void);

/* One setting of both, by its type. */
bool same_value(const struct setting *setting, const struct settings *a, const struct settings *b);
bool same_settings(const struct settings *a, const struct settings *b);

/* Everything that `print` writes, as text that the caller frees with free(). */
char *printed_settings(const struct settings *settings);
char *printed(void (*print)(FILE *));

#define assert_error(loaded, part)                                                                 \
    do {                                                                                           \
        assert_false((loaded)->ok);                                                                \
        if (!strstr((loaded)->error, (part)))                                                      \
            fail_msg("\"%s\" does not say \"%s\"", (loaded)->error, (part));                       \
    } while (0)
#define assert_loaded(loaded)                                                                      \
    do {                                                                                           \
        if (!(loaded)->ok)                                                                         \
            fail_msg("%s", (loaded)->error);                                                       \
    } while (0)

extern const struct CMUnitTest table_tests[], parse_tests[], load_tests[], torture_tests[];
extern const size_t table_tests_count, parse_tests_count, load_tests_count, torture_tests_count;

#endif
