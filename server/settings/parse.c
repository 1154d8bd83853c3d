/*
 * Text into values: numbers with units, switches, choices, lists. Every source goes through here,
 * so that a flag, a variable and the file accept and refuse the same.
 */
#include <ctype.h>
#include <math.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "settings/table.h"

struct unit {
    const char *word;
    double factor, divisor; /* both whole, so that 100us is the double nearest to 1e-4 */
};

/* A bare letter is the binary unit, as in systemd; kB and the like are powers of ten. */
static const struct unit size_units[] = {
    {"B", 1, 1},
    {"k", 1024.0, 1},
    {"Ki", 1024.0, 1},
    {"KiB", 1024.0, 1},
    {"M", 1048576.0, 1},
    {"Mi", 1048576.0, 1},
    {"MiB", 1048576.0, 1},
    {"G", 1073741824.0, 1},
    {"Gi", 1073741824.0, 1},
    {"GiB", 1073741824.0, 1},
    {"T", 1099511627776.0, 1},
    {"Ti", 1099511627776.0, 1},
    {"TiB", 1099511627776.0, 1},
    {"kB", 1e3, 1},
    {"MB", 1e6, 1},
    {"GB", 1e9, 1},
    {"TB", 1e12, 1},
    {NULL, 0, 1},
};

/* Lower case only: an M that might be a minute or a mistake is refused. */
static const struct unit time_units[] = {
    {"us", 1, 1e6}, {"ms", 1, 1e3},    {"s", 1, 1},     {"sec", 1, 1},     {"min", 60, 1},
    {"h", 3600, 1}, {"hour", 3600, 1}, {"d", 86400, 1}, {"day", 86400, 1}, {NULL, 0, 1},
};

static const struct unit no_units[] = {{NULL, 0, 1}};

static bool refuse(const struct setting *setting, const char *source, const char *text,
                   const char *mistake, char **ret_error)
{
    char right[SETTING_SHOW_MAX], quoted[SETTING_QUOTE_MAX];
    setting_describe(setting, right);
    return settings_fail(ret_error, "%s: %s %s; give %s", source, settings_quote(text, quoted),
                         mistake, right);
}

/* Length of the decimal number at the start of `text`, 0 when there is none. No hex, no infinities.
 */
static size_t number_length(const char *text)
{
    size_t at = text[0] == '-' || text[0] == '+';
    size_t digits = strspn(text + at, "0123456789");
    at += digits;
    if (text[at] == '.') {
        size_t fraction = strspn(text + at + 1, "0123456789");
        digits += fraction;
        at += 1 + fraction;
    }
    if (digits == 0)
        return 0;
    if (text[at] == 'e' || text[at] == 'E') {
        size_t sign = text[at + 1] == '-' || text[at + 1] == '+';
        size_t exponent = strspn(text + at + 1 + sign, "0123456789");
        if (exponent > 0)
            at += 1 + sign + exponent;
    }
    return at;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* NULL, or what is wrong. The program never calls setlocale(), so strtod() reads a decimal point.
 */
static const char *read_number(const char *text, const struct unit *units, double *ret)
{
    char digits[64];
    bool any_case = units == size_units;
    text = skip_blanks(text);
    size_t length = number_length(text);
    if (length == 0)
        return "is not a number";
    if (length >= sizeof digits)
        return "has too many digits";
    memcpy(digits, text, length);
    digits[length] = '\0';
    double value = strtod(digits, NULL);
    const char *word = skip_blanks(text + length);
    size_t end = strlen(word);
    while (end > 0 && (word[end - 1] == ' ' || word[end - 1] == '\t'))
        end--;
    if (end == 0) {
        *ret = value;
        return NULL;
    }
    for (; units->word; units++) {
        bool same = any_case ? strncasecmp(units->word, word, end) == 0
                             : strncmp(units->word, word, end) == 0;
        if (same && units->word[end] == '\0') {
            *ret = value * units->factor / units->divisor;
            return NULL;
        }
    }
    return "has an unknown unit";
}

static const char *check_range(const struct setting *setting, double value)
{
    if (value < setting->min)
        return "is too small";
    return value > setting->max ? "is too large" : NULL;
}

static unsigned usable_cores(void)
{
    cpu_set_t set;
    long cores;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        cores = CPU_COUNT(&set);
    else
        cores = sysconf(_SC_NPROCESSORS_ONLN); /* a machine with more cores than cpu_set_t holds */
    return cores < 1 ? 1 : cores > 1024 ? 1024 : (unsigned)cores;
}

static const char *read_whole(const struct setting *setting, const char *text, double *ret)
{
    const char *mistake =
        read_number(text, setting->type == SETTING_SIZE ? size_units : no_units, ret);
    if (!mistake)
        mistake = check_range(setting, *ret);
    if (!mistake && floor(*ret) < *ret)
        mistake =
            setting->type == SETTING_SIZE ? "is no whole number of bytes" : "is no whole number";
    return mistake;
}

static const char *assign_count(void *place, const struct setting *setting, const char *text)
{
    double value;
    unsigned count;
    if (setting->type == SETTING_CORES && strcmp(text, "cores") == 0) {
        count = usable_cores();
    } else {
        const char *mistake = read_whole(setting, text, &value);
        if (mistake)
            return mistake;
        count = (unsigned)value;
    }
    memcpy(place, &count, sizeof count);
    return NULL;
}

static const char *assign_size(void *place, const struct setting *setting, const char *text)
{
    double value;
    const char *mistake = read_whole(setting, text, &value);
    if (mistake)
        return mistake;
    uint64_t wide = (uint64_t)value;
    size_t bytes = (size_t)value;
    if (setting->width == sizeof wide)
        memcpy(place, &wide, sizeof wide);
    else if (bytes == wide) /* size_t narrower than 64 bits */
        memcpy(place, &bytes, sizeof bytes);
    else
        return "is too large for this machine";
    return NULL;
}

static const char *assign_real(void *place, const struct setting *setting, const char *text)
{
    double value;
    const char *mistake = NULL;
    bool share = setting->type == SETTING_SHARE;
    if (share && strcmp(text, "off") == 0)
        value = 0;
    else if (share && strcmp(text, "on") == 0)
        value = 1;
    else
        mistake = read_number(text, share ? no_units : time_units, &value);
    if (!mistake)
        mistake = check_range(setting, value);
    if (mistake)
        return mistake;
    value = value > 0 ? value : 0; /* no negative zero */
    memcpy(place, &value, sizeof value);
    return NULL;
}

static const char *assign_switch(void *place, const char *text)
{
    static const char *const words[2][4] = {{"off", "false", "no", "0"},
                                            {"on", "true", "yes", "1"}};
    for (int value = 0; value < 2; value++) {
        for (size_t i = 0; i < 4; i++) {
            if (strcasecmp(words[value][i], text) == 0) {
                *(bool *)place = value;
                return NULL;
            }
        }
    }
    return "is neither on nor off";
}

static const char *assign_choice(void *place, const struct setting *setting, const char *text)
{
    for (int i = 0; setting->choices[i]; i++) {
        if (strcmp(setting->choices[i], text) == 0) {
            memcpy(place, &i, sizeof i);
            return NULL;
        }
    }
    return "is not one of the words known here";
}

/* Settings are printed as JSON and logged; neither can carry bytes that are not UTF-8. */
static bool is_utf8(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        unsigned more = *at < 0x80 ? 0 : *at < 0xc2 ? 9 : *at < 0xe0 ? 1 : *at < 0xf0 ? 2 : 3;
        if (more == 9 || *at > 0xf4)
            return false;
        /* overlong forms, surrogates, beyond U+10FFFF */
        if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
            (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
            return false;
        for (at++; more > 0; more--, at++) {
            if ((*at & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

/* One reading of `text` for all that own memory: NULL, or what is wrong. */
static const char *check_text(const char *text)
{
    if (text[0] == '\0')
        return "is empty";
    return is_utf8(text) ? NULL : "is not UTF-8";
}

/* On failure *ret_error is NULL: memory ran out. */
static bool assign_text(char **place, const struct setting *setting, const char *text)
{
    bool none = strcmp(setting->initial, "none") == 0 && strcmp(text, "none") == 0;
    char *copy = none ? NULL : mem_strdup(text);
    if (!none && !copy)
        return false;
    mem_free(*place);
    *place = copy;
    return true;
}

static bool append(struct settings_list *list, const char *text)
{
    char *copy = mem_strdup(text);
    char **items = copy ? mem_realloc(list->items, (list->n + 1) * sizeof *items) : NULL;
    if (!items) {
        mem_free(copy);
        return false;
    }
    list->items = items;
    list->items[list->n++] = copy;
    return true;
}

static bool assign_owned(void *place, const struct setting *setting, const char *source,
                         const char *text, char **ret_error)
{
    const char *mistake = check_text(text);
    struct settings_list *list = setting->type == SETTING_LIST ? place : NULL;
    if (!mistake && list && (double)list->n >= setting->max)
        mistake = "is one entry too many";
    if (mistake)
        return refuse(setting, source, text, mistake, ret_error);
    *ret_error = NULL;
    return list ? append(list, text) : assign_text(place, setting, text);
}

bool setting_assign(struct settings *settings, const struct setting *setting, const char *source,
                    const char *text, char **ret_error)
{
    void *place = setting_place(settings, setting);
    const char *mistake = NULL;
    switch (setting->type) {
    case SETTING_COUNT:
    case SETTING_CORES:
        mistake = assign_count(place, setting, text);
        break;
    case SETTING_SIZE:
        mistake = assign_size(place, setting, text);
        break;
    case SETTING_TIME:
    case SETTING_SHARE:
        mistake = assign_real(place, setting, text);
        break;
    case SETTING_SWITCH:
        mistake = assign_switch(place, text);
        break;
    case SETTING_CHOICE:
        mistake = assign_choice(place, setting, text);
        break;
    case SETTING_TEXT:
    case SETTING_LIST:
        return assign_owned(place, setting, source, text, ret_error);
    }
    return mistake ? refuse(setting, source, text, mistake, ret_error) : true;
}

void setting_clear(struct settings *settings, const struct setting *setting)
{
    if (setting->type == SETTING_TEXT) {
        char **text = setting_place(settings, setting);
        mem_free(*text);
        *text = NULL;
    } else if (setting->type == SETTING_LIST) {
        struct settings_list *list = setting_place(settings, setting);
        for (size_t i = 0; i < list->n; i++)
            mem_free(list->items[i]);
        mem_free(list->items);
        *list = (struct settings_list){NULL, 0};
    }
}
