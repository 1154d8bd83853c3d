/*
 * Flags and environment, and the order of the sources: defaults, file, environment, flags. Each is
 * laid over the one before, and each is checked even where a stronger one wins.
 */
#include <stdio.h>
#include <string.h>

#include "memory/alloc.h"
#include "settings/table.h"

/* One flag of the command line: a setting or a verb. `value` is borrowed from argv, or constant. */
struct flag {
    char name[SETTING_NAME_MAX];
    const struct setting *setting;
    const struct setting_verb *verb;
    const char *value;
};

static bool take_name(const char *argument, struct flag *flag, char **ret_error)
{
    char quoted[SETTING_QUOTE_MAX], nearest[SETTING_NAME_MAX];
    if (strcmp(argument, "-h") == 0)
        argument = "--help";
    if (strncmp(argument, "--", 2) != 0)
        return settings_fail(ret_error, "command line: %s is no flag; give --KEY VALUE, see --help",
                             settings_quote(argument, quoted));
    size_t length = strcspn(argument, "=");
    if (length >= sizeof flag->name)
        length = sizeof flag->name - 1;
    memcpy(flag->name, argument, length);
    flag->name[length] = '\0';
    flag->setting = setting_find(flag->name, SPELL_FLAG);
    for (size_t i = 0; i < settings_verb_count; i++) {
        if (strcmp(settings_verbs[i].flag, flag->name) == 0)
            flag->verb = &settings_verbs[i];
    }
    if (flag->setting || flag->verb)
        return true;
    setting_nearest(flag->name, SPELL_FLAG, nearest);
    return settings_fail(ret_error, "command line: unknown flag %s; the nearest is %s",
                         settings_quote(flag->name, quoted), nearest);
}

static bool needs_value(const struct flag *flag, char **ret_error)
{
    char right[SETTING_SHOW_MAX] = "a file";
    if (flag->setting)
        setting_describe(flag->setting, right);
    return settings_fail(ret_error, "%s: has no value; give %s", flag->name, right);
}

/* Takes one flag and its value off the command line; *at moves on. */
static bool take_flag(int argc, char *const *argv, int *at, struct flag *ret, char **ret_error)
{
    struct flag flag = {.value = NULL};
    const char *argument = argv[(*at)++];
    if (!take_name(argument, &flag, ret_error))
        return false;
    const char *equals = strchr(argument, '=');
    bool wants = flag.setting || flag.verb->argument;
    if (equals && !wants)
        return settings_fail(ret_error, "%s: takes no value; give it alone", flag.name);
    if (equals) {
        flag.value = equals + 1;
    } else if (wants) {
        const char *next = *at < argc ? argv[*at] : NULL;
        if (next && strncmp(next, "--", 2) != 0) {
            flag.value = next;
            (*at)++;
        } else if (flag.setting && flag.setting->type == SETTING_SWITCH) {
            flag.value = "on"; /* a switch named alone is on */
        } else {
            return needs_value(&flag, ret_error);
        }
    }
    *ret = flag;
    return true;
}

bool settings_pass_begin(struct settings_pass *pass, const struct setting *setting,
                         const char *source, char **ret_error)
{
    bool *seen = &pass->seen[setting - settings_table];
    if (*seen)
        return settings_fail(ret_error, "%s: is given twice; give it once", source);
    *seen = true;
    if (setting->type == SETTING_LIST)
        setting_clear(pass->settings, setting);
    return true;
}

static bool apply_flags(int argc, char *const *argv, struct settings *settings, char **ret_error)
{
    struct settings_pass pass = {.settings = settings};
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!take_flag(argc, argv, &at, &flag, ret_error))
            return false;
        if (!flag.setting)
            continue;
        bool again = flag.setting->type == SETTING_LIST && pass.seen[flag.setting - settings_table];
        if (!again && !settings_pass_begin(&pass, flag.setting, flag.name, ret_error))
            return false;
        if (!setting_assign(settings, flag.setting, flag.name, flag.value, ret_error))
            return false;
    }
    return true;
}

/* The verbs of the command line. Help and the like end the search: they need nothing else. */
static bool find_verbs(int argc, char *const *argv, enum settings_action *ret_action,
                       const char **ret_config, char **ret_error)
{
    const char *chosen = NULL;
    for (int at = 1; at < argc;) {
        struct flag flag;
        if (!take_flag(argc, argv, &at, &flag, ret_error))
            return false;
        if (!flag.verb)
            continue;
        if (flag.verb->action == SETTINGS_RUN) {
            if (*ret_config)
                return settings_fail(ret_error, "%s: is given twice; give one file", flag.name);
            *ret_config = flag.value;
            continue;
        }
        if (chosen && strcmp(chosen, flag.verb->flag) != 0)
            return settings_fail(ret_error, "%s: does not go with %s; give one of them", flag.name,
                                 chosen);
        chosen = flag.verb->flag;
        *ret_action = flag.verb->action;
        if (*ret_action != SETTINGS_CHECK && *ret_action != SETTINGS_LIST)
            return true;
    }
    return true;
}

/* Entries separated by commas, blanks around them dropped. */
static bool assign_entries(struct settings *settings, const struct setting *setting,
                           const char *source, const char *text, char **ret_error)
{
    *ret_error = NULL;
    char *copy = mem_strdup(text);
    if (!copy)
        return false;
    bool ok = true;
    for (char *entry = copy, *next; ok && entry; entry = next) {
        next = strchr(entry, ',');
        if (next)
            *next++ = '\0';
        entry += strspn(entry, " \t");
        for (size_t end = strlen(entry); end > 0 && strchr(" \t", entry[end - 1]); end--)
            entry[end - 1] = '\0';
        ok = setting_assign(settings, setting, source, entry, ret_error);
    }
    mem_free(copy);
    return ok;
}

/* Kubernetes puts variables named after each Service into every pod. */
static const char *variable_hint(const char *name)
{
    bool service = strncmp(name, "ASTROLABE_SERVICE_", 18) == 0 ||
                   strcmp(name, "ASTROLABE_PORT") == 0 || strncmp(name, "ASTROLABE_PORT_", 15) == 0;
    return service ? " (Kubernetes sets it for a Service named astrolabe: give the pod "
                     "enableServiceLinks: false)"
                   : "";
}

static bool apply_variable(struct settings_pass *pass, const char *entry, char **ret_error)
{
    char name[SETTING_NAME_MAX], nearest[SETTING_NAME_MAX], quoted[SETTING_QUOTE_MAX];
    const char *value = strchr(entry, '=');
    if (!value || strncmp(entry, "ASTROLABE_", 10) != 0)
        return true;
    size_t length = (size_t)(value - entry);
    if (length >= sizeof name)
        length = sizeof name - 1;
    memcpy(name, entry, length);
    name[length] = '\0';
    /* Not ours to read: the allocator's faults, the host that `astrolabe plugin check` is to run, and
     * whatever a test wants to carry along. */
    if (strcmp(name, "ASTROLABE_FAULT_ALLOC") == 0 || strcmp(name, "ASTROLABE_PLUGIN_HOST") == 0 ||
        strncmp(name, "ASTROLABE_TEST_", 15) == 0)
        return true;
    const struct setting *setting = setting_find(name, SPELL_VARIABLE);
    if (!setting) {
        setting_nearest(name, SPELL_VARIABLE, nearest);
        return settings_fail(ret_error, "environment: unknown variable %s; the nearest is %s%s",
                             settings_quote(name, quoted), nearest, variable_hint(name));
    }
    if (!settings_pass_begin(pass, setting, name, ret_error))
        return false;
    if (setting->type == SETTING_LIST)
        return assign_entries(pass->settings, setting, name, value + 1, ret_error);
    return setting_assign(pass->settings, setting, name, value + 1, ret_error);
}

static bool apply_environment(char *const *environment, struct settings *settings, char **ret_error)
{
    struct settings_pass pass = {.settings = settings};
    for (; environment && *environment; environment++) {
        if (!apply_variable(&pass, *environment, ret_error))
            return false;
    }
    return true;
}

static bool apply_defaults(struct settings *settings, char **ret_error)
{
    for (size_t i = 0; i < settings_count; i++) {
        if (!setting_assign(settings, &settings_table[i], settings_table[i].key,
                            settings_table[i].initial, ret_error))
            return false;
    }
    return true;
}

bool settings_load(int argc, char *const *argv, char *const *environment, struct settings *ret,
                   enum settings_action *ret_action, char **ret_error)
{
    const char *config = NULL;
    *ret = (struct settings){.loops = 0};
    *ret_action = SETTINGS_RUN;
    *ret_error = NULL;
    if (!find_verbs(argc, argv, ret_action, &config, ret_error))
        return false;
    if (*ret_action == SETTINGS_HELP || *ret_action == SETTINGS_VERSION ||
        *ret_action == SETTINGS_MAN)
        return true;
    if (apply_defaults(ret, ret_error) && (!config || settings_load_file(ret, config, ret_error)) &&
        apply_environment(environment, ret, ret_error) && apply_flags(argc, argv, ret, ret_error))
        return true;
    settings_release(ret);
    return false;
}

void settings_release(struct settings *settings)
{
    for (size_t i = 0; i < settings_count; i++)
        setting_clear(settings, &settings_table[i]);
    *settings = (struct settings){.loops = 0};
}
