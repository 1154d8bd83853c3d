/*
 * The table as a whole: whatever row is added is covered here without a change.
 */
#include <math.h>

#include "harness.h"

/* A right value of each setting that is not its default, as a flag takes it. */
static void other_value(const struct setting *setting, char ret[64])
{
    switch (setting->type) {
    case SETTING_COUNT:
    case SETTING_CORES:
    case SETTING_SIZE:
        snprintf(ret, 64, "%.17g", setting->max);
        break;
    case SETTING_TIME:
    case SETTING_SHARE:
        snprintf(ret, 64, "%.17g", setting->min + (setting->max - setting->min) / 8);
        break;
    case SETTING_SWITCH:
        strcpy(ret, "on");
        break;
    case SETTING_CHOICE:
        snprintf(ret, 64, "%s",
                 setting->choices[strcmp(setting->choices[0], setting->initial) == 0]);
        break;
    case SETTING_TEXT:
    case SETTING_LIST:
        strcpy(ret, "unix:/some where/\"else\"");
        break;
    }
}

/* `value` as JSON: a number where it is one. */
static void to_json(const struct setting *setting, const char *value, char ret[256])
{
    bool number = setting->type == SETTING_COUNT || setting->type == SETTING_CORES ||
                  setting->type == SETTING_SIZE || setting->type == SETTING_TIME ||
                  setting->type == SETTING_SHARE;
    if (number)
        snprintf(ret, 256, "%s", value);
    else if (setting->type == SETTING_SWITCH)
        strcpy(ret, "true");
    else if (strchr(value, '"'))
        strcpy(ret, "\"unix:/some where/\\\"else\\\"\"");
    else
        snprintf(ret, 256, "\"%s\"", value);
}

static void each_key_by_each_source(void **state)
{
    (void)state;
    struct loaded preset, flag, joined, variable, dotted, nested;
    load(&preset, NULL, NULL, NULL);
    assert_loaded(&preset);
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        char name[SETTING_NAME_MAX], value[64], json[256], text[512];
        other_value(setting, value);
        to_json(setting, value, json);

        setting_spell(setting->key, SPELL_FLAG, name);
        load_flags(&flag, name, value);
        assert_loaded(&flag);
        snprintf(text, sizeof text, "%s=%s", name, value);
        load_flags(&joined, text, NULL);
        assert_loaded(&joined);

        setting_spell(setting->key, SPELL_VARIABLE, name);
        snprintf(text, sizeof text, "%s=%s", name, value);
        load_variable(&variable, text);
        assert_loaded(&variable);

        snprintf(text, sizeof text, "{\"%s\": %s}", setting->key, json);
        load_file(&dotted, text);
        assert_loaded(&dotted);
        const char *dot = strchr(setting->key, '.');
        if (dot)
            snprintf(text, sizeof text, "{\"%.*s\": {\"%s\": %s}}", (int)(dot - setting->key),
                     setting->key, dot + 1, json);
        load_file(&nested, text);
        assert_loaded(&nested);

        assert_false(same_value(setting, &preset.settings, &flag.settings));
        assert_true(same_settings(&flag.settings, &joined.settings));
        assert_true(same_settings(&flag.settings, &variable.settings));
        assert_true(same_settings(&flag.settings, &dotted.settings));
        assert_true(same_settings(&flag.settings, &nested.settings));
        for (size_t j = 0; j < settings_count; j++)
            assert_true(j == i || same_value(&settings_table[j], &preset.settings, &flag.settings));
        unload(&flag), unload(&joined), unload(&variable), unload(&dotted), unload(&nested);
    }
    unload(&preset);
}

static bool has_limits(const struct setting *setting)
{
    return setting->type == SETTING_COUNT || setting->type == SETTING_CORES ||
           setting->type == SETTING_SIZE || setting->type == SETTING_TIME ||
           setting->type == SETTING_SHARE;
}

static void try_limit(const struct setting *setting, double limit, double beyond, const char *part)
{
    char flag[SETTING_NAME_MAX], value[64];
    struct loaded loaded;
    setting_spell(setting->key, SPELL_FLAG, flag);
    snprintf(value, sizeof value, "%.17g", limit);
    load_flags(&loaded, flag, value);
    assert_loaded(&loaded);
    unload(&loaded);
    snprintf(value, sizeof value, "%.17g", beyond);
    load_flags(&loaded, flag, value);
    assert_error(&loaded, flag);
    assert_error(&loaded, part);
    assert_error(&loaded, "; give ");
}

static void limits_are_enforced(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        if (!has_limits(setting))
            continue;
        bool whole = setting->type != SETTING_TIME && setting->type != SETTING_SHARE;
        try_limit(setting, setting->min,
                  whole ? setting->min - 1 : nextafter(setting->min, -HUGE_VAL), "too small");
        try_limit(setting, setting->max,
                  whole ? setting->max + 1 : nextafter(setting->max, HUGE_VAL), "too large");
    }
}

static void nonsense_is_refused_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        char name[SETTING_NAME_MAX], text[256];
        struct loaded loaded;
        setting_spell(setting->key, SPELL_FLAG, name);
        load_flags(&loaded, name, "");
        assert_error(&loaded, name);
        if (setting->type != SETTING_TEXT && setting->type != SETTING_LIST) {
            load_flags(&loaded, name, "1 fathom\n");
            assert_error(&loaded, name);
            assert_null(strchr(loaded.error, '\n'));
        }
        setting_spell(setting->key, SPELL_VARIABLE, name);
        snprintf(text, sizeof text, "%s=", name);
        load_variable(&loaded, text);
        assert_error(&loaded, name);
        snprintf(text, sizeof text, "{\"%s\": {}}", setting->key);
        load_file(&loaded, text);
        assert_error(&loaded, setting->key);
        assert_error(&loaded, "is an object; give ");
    }
}

static void help_and_man_name_each_key(void **state)
{
    (void)state;
    char *help = printed(settings_print_help), *man = printed(settings_print_man);
    for (size_t i = 0; i < settings_count; i++) {
        char flag[SETTING_NAME_MAX], entry[SETTING_NAME_MAX + 8];
        setting_spell(settings_table[i].key, SPELL_FLAG, flag);
        snprintf(entry, sizeof entry, "  %s ", flag);
        assert_non_null(strstr(help, entry));
        snprintf(entry, sizeof entry, "\\fB%s\\fR.", settings_table[i].key);
        assert_non_null(strstr(man, entry));
    }
    for (size_t i = 0; i < settings_verb_count; i++)
        assert_non_null(strstr(help, settings_verbs[i].flag));
    for (const char *line = help; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 80);
    free(help);
    free(man);
}

/* Nothing that troff would take for a request, and no hyphen where a minus is meant. */
static void man_is_clean(void **state)
{
    (void)state;
    char *man = printed(settings_print_man);
    assert_memory_equal(man, ".TH ASTROLABED 8", 16);
    for (const char *line = man; *line; line += strcspn(line, "\n") + 1) {
        if (*line == '.')
            assert_true(strncmp(line, ".TH ", 4) == 0 || strncmp(line, ".SH ", 4) == 0 ||
                        strncmp(line, ".TP", 3) == 0 || strncmp(line, ".B ", 3) == 0 ||
                        strncmp(line, ".PP", 3) == 0 || strncmp(line, ".E", 2) == 0);
        assert_int_not_equal(*line, '\'');
    }
    assert_null(strstr(man, " --"));
    free(man);
}

static void rows_are_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *row = &settings_table[i];
        char a[SETTING_NAME_MAX], b[SETTING_NAME_MAX];
        assert_true(strlen(row->key) + strlen("ASTROLABE_") < SETTING_NAME_MAX);
        assert_true(row->width > 0 && row->offset + row->width <= sizeof(struct settings));
        assert_true(strlen(row->text) > 0 && row->text[strlen(row->text) - 1] == '.');
        for (size_t j = 0; j < i; j++) {
            setting_spell(row->key, SPELL_VARIABLE, a);
            setting_spell(settings_table[j].key, SPELL_VARIABLE, b);
            assert_string_not_equal(a, b);
            assert_true(settings_table[j].offset + settings_table[j].width <= row->offset ||
                        row->offset + row->width <= settings_table[j].offset);
        }
    }
}

static void printed_settings_load_back(void **state)
{
    (void)state;
    const char *const plain[] = {NULL};
    const char *const odd[] = {"--listen=unix:/a \"b\"\\\n\x7f\xc3\xa9",
                               "--listen=[::1]:0",
                               "--limits-memory=1234567891",
                               "--timeouts-idle=0.1",
                               "--dispatch-inline=1e-05",
                               "--poll-busy=3us",
                               "--plugins-directory=/p",
                               "--log-access=0.3",
                               "--auth-anonymous",
                               "--plugins-timeout=1.0000000000000002",
                               NULL};
    const char *const *const cases[] = {plain, odd};
    for (size_t i = 0; i < 2; i++) {
        struct loaded first, second;
        load(&first, cases[i], NULL, NULL);
        assert_loaded(&first);
        char *text = printed_settings(&first.settings);
        load_file(&second, text);
        assert_loaded(&second);
        assert_true(same_settings(&first.settings, &second.settings));
        free(text);
        unload(&first), unload(&second);
    }
}

const struct CMUnitTest table_tests[] = {
    cmocka_unit_test(rows_are_sound),
    cmocka_unit_test(each_key_by_each_source),
    cmocka_unit_test(limits_are_enforced),
    cmocka_unit_test(nonsense_is_refused_everywhere),
    cmocka_unit_test(help_and_man_name_each_key),
    cmocka_unit_test(man_is_clean),
    cmocka_unit_test(printed_settings_load_back),
};
const size_t table_tests_count = sizeof table_tests / sizeof table_tests[0];
