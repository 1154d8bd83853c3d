/*
 * Values and limits for people: error messages, --help and the manual page.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/alloc.h"
#include "settings/table.h"

bool settings_fail(char **ret_error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : mem_alloc((size_t)length + 1);
    if (text) {
        va_start(arguments, format);
        vsnprintf(text, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    *ret_error = text;
    return false;
}

const char *settings_quote(const char *text, char ret[SETTING_QUOTE_MAX])
{
    size_t at = 0;
    ret[at++] = '"';
    for (; *text && at < SETTING_QUOTE_MAX - 5; text++) {
        unsigned char c = (unsigned char)*text;
        ret[at++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    strcpy(ret + at, *text ? "...\"" : "\"");
    return ret;
}

void setting_real(double value, char ret[32])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(ret, 32, "%.*g", digits, value);
        double back = strtod(ret, NULL);
        if (!(back < value || back > value))
            return;
    }
}

void setting_size(uint64_t bytes, char ret[32])
{
    static const char *const units[] = {"", "KiB", "MiB", "GiB", "TiB"};
    size_t unit = 0;
    while (unit < 4 && bytes > 0 && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    snprintf(ret, 32, "%llu%s", (unsigned long long)bytes, units[unit]);
}

static void show_time(double seconds, char ret[32])
{
    static const struct {
        const char *unit;
        double factor;
    } units[] = {{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}};
    size_t unit = 0;
    if (!(seconds > 0)) {
        strcpy(ret, "0");
        return;
    }
    while (unit < 5 && seconds < units[unit].factor)
        unit++;
    char digits[24];
    snprintf(digits, sizeof digits, "%.9g", seconds / units[unit].factor);
    snprintf(ret, 32, "%s%s", digits, units[unit].unit);
}

static void show_limit(const struct setting *setting, double value, char ret[32])
{
    if (setting->type == SETTING_SIZE)
        setting_size((uint64_t)value, ret);
    else if (setting->type == SETTING_TIME)
        show_time(value, ret);
    else
        snprintf(ret, 32, "%.15g", value);
}

void setting_range(const struct setting *setting, char ret[SETTING_SHOW_MAX])
{
    char min[32], max[32];
    size_t at = 0;
    ret[0] = '\0';
    switch (setting->type) {
    case SETTING_COUNT:
    case SETTING_CORES:
    case SETTING_SIZE:
    case SETTING_TIME:
        show_limit(setting, setting->min, min);
        show_limit(setting, setting->max, max);
        snprintf(ret, SETTING_SHOW_MAX, "%s to %s", min, max);
        break;
    case SETTING_SHARE:
        strcpy(ret, "off, on, or 0 to 1");
        break;
    case SETTING_SWITCH:
        strcpy(ret, "on or off");
        break;
    case SETTING_CHOICE:
        for (size_t i = 0; setting->choices[i]; i++) {
            const char *glue = i == 0 ? "" : setting->choices[i + 1] ? ", " : " or ";
            int n = snprintf(ret + at, SETTING_SHOW_MAX - at, "%s%s", glue, setting->choices[i]);
            at += (size_t)n;
        }
        break;
    case SETTING_LIST:
        snprintf(ret, SETTING_SHOW_MAX, "%.15g to %.15g entries", setting->min, setting->max);
        break;
    case SETTING_TEXT:
        break;
    }
}

void setting_describe(const struct setting *setting, char ret[SETTING_SHOW_MAX])
{
    char range[SETTING_SHOW_MAX];
    setting_range(setting, range);
    switch (setting->type) {
    case SETTING_COUNT:
        snprintf(ret, SETTING_SHOW_MAX, "a whole number from %.200s", range);
        break;
    case SETTING_CORES:
        snprintf(ret, SETTING_SHOW_MAX, "a whole number from %.200s, or cores", range);
        break;
    case SETTING_SIZE:
        snprintf(ret, SETTING_SHOW_MAX, "bytes or a size such as %s, from %.200s", setting->initial,
                 range);
        break;
    case SETTING_TIME:
        snprintf(ret, SETTING_SHOW_MAX, "seconds or a time such as 500ms, 2s or 1min, from %.200s",
                 range);
        break;
    case SETTING_SHARE:
    case SETTING_SWITCH:
    case SETTING_CHOICE:
        strcpy(ret, range);
        break;
    case SETTING_TEXT:
        snprintf(ret, SETTING_SHOW_MAX, "a path%s",
                 strcmp(setting->initial, "none") == 0 ? ", or none" : "");
        break;
    case SETTING_LIST:
        snprintf(ret, SETTING_SHOW_MAX, "ADDR:PORT, [V6]:PORT or unix:PATH, %.200s", range);
        break;
    }
}
