/*
 * The table for people (--help) and the values in force for machines (--check-config).
 */
#include <string.h>

#include "settings/table.h"

enum { HELP_WIDTH = 80, HELP_INDENT = 8 };

/* Whole words, indented, no line beyond HELP_WIDTH unless a word is longer than that. */
static void print_wrapped(FILE *out, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " ");
        if (column > 0 && column + 1 + word > HELP_WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        column += (size_t)fprintf(out, "%*s%.*s", column > 0 ? 1 : HELP_INDENT,
                                  column > 0 ? " " : "", (int)word, text);
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

static void print_setting(FILE *out, const struct setting *setting)
{
    char flag[SETTING_NAME_MAX], range[SETTING_SHOW_MAX], facts[SETTING_SHOW_MAX + 128];
    setting_spell(setting->key, SPELL_FLAG, flag);
    setting_range(setting, range);
    snprintf(facts, sizeof facts, "(%s%sdefault %s)", range, *range ? "; " : "", setting->initial);
    fprintf(out, "  %s %s\n", flag, setting->unit);
    print_wrapped(out, setting->text);
    print_wrapped(out, facts);
}

void settings_print_help(FILE *out)
{
    fputs("Usage: astrolabed [--config FILE] [--KEY VALUE]...\n\n"
          "Converts arrays of celestial coordinates, times, angles and Earth positions\n"
          "over HTTP.\n\n",
          out);
    for (size_t i = 0; i < settings_verb_count; i++) {
        const struct setting_verb *verb = &settings_verbs[i];
        const char *argument = verb->argument ? verb->argument : "";
        int width = fprintf(out, "  %s%s%s", verb->flag, *argument ? " " : "", argument);
        fprintf(out, "%*s%s\n", width < 20 ? 20 - width : 1, "", verb->text);
    }
    fputs("\nSettings. --KEY VALUE and --KEY=VALUE are the same. The flag --a-b-c is the\n"
          "variable ASTROLABE_A_B_C and the key a.b_c of the file; a flag beats a\n"
          "variable beats the file. Sizes are bytes or have a unit (16k, 64MiB), times\n"
          "are seconds or have one (500us, 500ms, 2s, 1min, 1h).\n\n",
          out);
    for (size_t i = 0; i < settings_count; i++)
        print_setting(out, &settings_table[i]);
}

static void print_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 0x20)
            fprintf(out, "\\u%04x", (unsigned)c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void print_list(FILE *out, const struct settings_list *list)
{
    fputc('[', out);
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            fputs(", ", out);
        print_string(out, list->items[i]);
    }
    fputc(']', out);
}

static void print_size(FILE *out, const struct setting *setting, const void *place)
{
    char text[32];
    uint64_t wide;
    size_t narrow;
    if (setting->width == sizeof wide) {
        memcpy(&wide, place, sizeof wide);
    } else {
        memcpy(&narrow, place, sizeof narrow);
        wide = narrow;
    }
    setting_size(wide, text);
    fprintf(out, "\"%s\"", text);
}

static void print_value(FILE *out, const struct setting *setting, const void *place)
{
    char number[32];
    switch (setting->type) {
    case SETTING_COUNT:
    case SETTING_CORES:
        fprintf(out, "%u", *(const unsigned *)place);
        break;
    case SETTING_SIZE:
        print_size(out, setting, place);
        break;
    case SETTING_TIME:
    case SETTING_SHARE:
        setting_real(*(const double *)place, number);
        fputs(number, out);
        break;
    case SETTING_SWITCH:
        fputs(*(const bool *)place ? "true" : "false", out);
        break;
    case SETTING_CHOICE:
        print_string(out, setting->choices[*(const int *)place]);
        break;
    case SETTING_TEXT:
        if (*(char *const *)place)
            print_string(out, *(char *const *)place);
        else
            fputs("null", out);
        break;
    case SETTING_LIST:
        print_list(out, place);
        break;
    }
}

/* Keys of one group stand together in the table; "" is the group of those that have none. */
static size_t group_length(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot ? (size_t)(dot - key) : 0;
}

static bool same_group(const char *a, const char *b)
{
    size_t length = group_length(a);
    return length == group_length(b) && strncmp(a, b, length) == 0;
}

void settings_print(const struct settings *settings, FILE *out)
{
    fputs("{\n", out);
    for (size_t i = 0; i < settings_count; i++) {
        const struct setting *setting = &settings_table[i];
        const char *key = setting->key;
        size_t group = group_length(key);
        bool first = i == 0 || !same_group(key, settings_table[i - 1].key);
        bool last = i + 1 == settings_count || !same_group(key, settings_table[i + 1].key);
        if (group > 0 && first)
            fprintf(out, "  \"%.*s\": {\n", (int)group, key);
        fprintf(out, "%s\"%s\": ", group > 0 ? "    " : "  ", group > 0 ? key + group + 1 : key);
        print_value(out, setting, setting_value(settings, setting));
        if (group > 0 && last)
            fputs("\n  }", out);
        else if (group > 0)
            fputs(",", out);
        if (group == 0 || last)
            fputs(i + 1 < settings_count ? "," : "", out);
        fputc('\n', out);
    }
    fputs("}\n", out);
}
