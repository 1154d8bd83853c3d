/*
 * The configuration file: one JSON object, groups nested or dotted.
 *
 * Ownership  The root lives for the length of settings_load_file(); values are copied into the
 *            settings, and everything else here borrows from the root.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "settings/read_file.h"
#include "settings/table.h"

enum { CONFIG_MAX = 1 << 20 };

struct config {
    struct settings_pass pass;
    const char *path;
    char **ret_error;
};

/* "PATH: KEY", what every message about one key begins with. */
enum { SOURCE_MAX = 320 };
static const char *source_of(const struct config *config, const char *key, char ret[SOURCE_MAX])
{
    /* The end of a long path says more than its beginning. */
    size_t length = strlen(config->path);
    const char *path = length > 200 ? config->path + length - 200 : config->path;
    snprintf(ret, SOURCE_MAX, "%s: %.100s", path, key);
    return ret;
}

static bool fail_kind(const struct setting *setting, const char *source, const json_t *value,
                      char **ret_error)
{
    static const char *const kinds[] = {"an object", "an array", "a string", "a whole number",
                                        "a number",  "true",     "false",    "null"};
    char right[SETTING_SHOW_MAX];
    setting_describe(setting, right);
    return settings_fail(
        ret_error, "%s: is %s; give %s%s", source, kinds[json_typeof(value)],
        setting->type == SETTING_TEXT || setting->type == SETTING_LIST ? "as a string " : "",
        right);
}

/*
 * The value as the text that a flag would carry: borrowed from the JSON string, constant, or in
 * `buffer`. NULL when a value of this kind makes no sense for the setting.
 */
static const char *text_of(const struct setting *setting, const json_t *value, char buffer[32])
{
    bool words = setting->type == SETTING_TEXT || setting->type == SETTING_LIST ||
                 setting->type == SETTING_CHOICE;
    bool toggles = setting->type == SETTING_SWITCH || setting->type == SETTING_SHARE;
    switch (json_typeof(value)) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        if (words || setting->type == SETTING_SWITCH)
            return NULL;
        snprintf(buffer, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return buffer;
    case JSON_REAL:
        if (words || setting->type == SETTING_SWITCH)
            return NULL;
        setting_real(json_real_value(value), buffer);
        return buffer;
    case JSON_TRUE:
        return toggles ? "on" : NULL;
    case JSON_FALSE:
        return toggles ? "off" : NULL;
    case JSON_NULL:
        return setting->type == SETTING_TEXT && strcmp(setting->initial, "none") == 0 ? "none"
                                                                                      : NULL;
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return NULL;
}

static bool apply_array(struct config *config, const struct setting *setting, const char *source,
                        const json_t *array)
{
    char entry[SOURCE_MAX + 32];
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i); /* borrowed */
        snprintf(entry, sizeof entry, "%s[%zu]", source, i);
        if (!json_is_string(value))
            return fail_kind(setting, entry, value, config->ret_error);
        if (!setting_assign(config->pass.settings, setting, entry, json_string_value(value),
                            config->ret_error))
            return false;
    }
    if (json_array_size(array) > 0)
        return true;
    return settings_fail(config->ret_error, "%s: is an empty array; give at least one entry",
                         source);
}

static bool apply_value(struct config *config, const struct setting *setting, const char *key,
                        const json_t *value)
{
    char source[SOURCE_MAX], buffer[32];
    source_of(config, key, source);
    if (!settings_pass_begin(&config->pass, setting, source, config->ret_error))
        return false;
    if (setting->type == SETTING_LIST && json_is_array(value))
        return apply_array(config, setting, source, value);
    const char *text = text_of(setting, value, buffer);
    if (!text)
        return fail_kind(setting, source, value, config->ret_error);
    return setting_assign(config->pass.settings, setting, source, text, config->ret_error);
}

static bool fail_unknown(const struct config *config, const char *key)
{
    char source[SOURCE_MAX], nearest[SETTING_NAME_MAX];
    if (setting_is_group(key))
        return settings_fail(config->ret_error,
                             "%s: is a group of settings; give an object with its keys",
                             source_of(config, key, source));
    setting_nearest(key, SPELL_KEY, nearest);
    return settings_fail(config->ret_error, "%s: unknown key; the nearest is %s",
                         source_of(config, key, source), nearest);
}

/* Ends because only names of groups are entered, and each level makes the name longer. */
static bool apply_object(struct config *config, const char *group, json_t *object)
{
    const char *name;
    json_t *value; /* borrowed */
    json_object_foreach(object, name, value)
    {
        char key[2 * SETTING_NAME_MAX];
        snprintf(key, sizeof key, "%s%s%.*s", group, *group ? "." : "", SETTING_NAME_MAX - 1, name);
        const struct setting *setting = setting_find(key, SPELL_KEY);
        bool ok;
        if (setting)
            ok = apply_value(config, setting, key, value);
        else if (json_is_object(value) && setting_is_group(key))
            ok = apply_object(config, key, value);
        else
            ok = fail_unknown(config, key);
        if (!ok)
            return false;
    }
    return true;
}

static bool fail_syntax(const char *path, const json_error_t *error, char **ret_error)
{
    char text[sizeof error->text];
    *ret_error = NULL;
    if (json_error_code(error) == json_error_out_of_memory || error->text[0] == '\0')
        return false;
    memcpy(text, error->text, sizeof text);
    for (char *at = text; *at; at++)
        *at = (unsigned char)*at < 0x20 ? ' ' : *at;
    return settings_fail(ret_error, "%s: line %d, column %d: %s; give one JSON object", path,
                         error->line, error->column, text);
}

bool settings_load_file(struct settings *settings, const char *path, char **ret_error)
{
    struct config config = {.pass = {.settings = settings}, .path = path, .ret_error = ret_error};
    struct file_text file;
    json_error_t error = {.text = ""};
    if (!file_read(path, CONFIG_MAX, &file, ret_error))
        return false;
    json_t *root = json_loadb(file.bytes, file.length, JSON_REJECT_DUPLICATES, &error);
    mem_free(file.bytes);
    if (!root)
        return fail_syntax(path, &error, ret_error);
    bool ok =
        json_is_object(root)
            ? apply_object(&config, "", root)
            : settings_fail(ret_error, "%s: is no JSON object; give {\"KEY\": VALUE, ...}", path);
    json_decref(root);
    return ok;
}
