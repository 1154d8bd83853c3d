#include "harness.h"

#include <unistd.h>

enum { ARGUMENTS_MAX = 16 };

const char *config_path(void)
{
    static char path[64];
    if (path[0] == '\0')
        snprintf(path, sizeof path, "test_settings_%ld.json", (long)getpid());
    return path;
}

static void write_config(const char *text)
{
    FILE *file = fopen(config_path(), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* settings_load() takes what main() has: arrays of writable strings. */
static size_t copy(const char *const *from, char **to, size_t n)
{
    for (; from && *from; from++) {
        assert_true(n < ARGUMENTS_MAX - 1);
        to[n++] = strdup(*from);
    }
    to[n] = NULL;
    return n;
}

static void free_all(char **list)
{
    for (; *list; list++)
        free(*list);
}

void load(struct loaded *ret, const char *const *flags, const char *const *environment,
          const char *file)
{
    const char *const start[] = {"astrolabed", file ? "--config" : NULL, config_path(), NULL};
    char *arguments[ARGUMENTS_MAX], *variables[ARGUMENTS_MAX], *error = NULL;
    size_t n = copy(start, arguments, 0);
    n = copy(flags, arguments, n);
    copy(environment, variables, 0);
    if (file)
        write_config(file);
    memset(ret, 0, sizeof *ret);
    ret->ok = settings_load((int)n, arguments, variables, &ret->settings, &ret->action, &error);
    snprintf(ret->error, sizeof ret->error, "%s", ret->ok ? "" : error ? error : "(memory)");
    mem_free(error);
    free_all(arguments);
    free_all(variables);
    if (file)
        unlink(config_path());
}

void load_flags(struct loaded *ret, const char *a, const char *b)
{
    const char *const flags[] = {a, b, NULL};
    load(ret, flags, NULL, NULL);
}

void load_variable(struct loaded *ret, const char *entry)
{
    const char *const environment[] = {entry, NULL};
    load(ret, NULL, environment, NULL);
}

void load_file(struct loaded *ret, const char *text)
{
    load(ret, NULL, NULL, text);
}

void unload(struct loaded *loaded)
{
    settings_release(&loaded->settings);
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(const struct settings_list *a, const struct settings_list *b)
{
    for (size_t i = 0; i < a->n && a->n == b->n; i++) {
        if (!same_text(a->items[i], b->items[i]))
            return false;
    }
    return a->n == b->n;
}

bool same_value(const struct setting *setting, const struct settings *a, const struct settings *b)
{
    const void *x = setting_value(a, setting), *y = setting_value(b, setting);
    if (setting->type == SETTING_TEXT)
        return same_text(*(char *const *)x, *(char *const *)y);
    if (setting->type == SETTING_LIST)
        return same_list(x, y);
    return memcmp(x, y, setting->width) == 0;
}

bool same_settings(const struct settings *a, const struct settings *b)
{
    for (size_t i = 0; i < settings_count; i++) {
        if (!same_value(&settings_table[i], a, b))
            return false;
    }
    return true;
}

char *printed(void (*print)(FILE *))
{
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    assert_non_null(file);
    print(file);
    assert_int_equal(fclose(file), 0);
    return text;
}

static const struct settings *to_print;
static void print_them(FILE *out)
{
    settings_print(to_print, out);
}

char *printed_settings(const struct settings *settings)
{
    to_print = settings;
    return printed(print_them);
}
