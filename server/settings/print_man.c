/*
 * astrolabed(8) in troff, from the table.
 */
#include <string.h>

#include "settings/table.h"

/* Minus signs, backslashes, and a dot or quote that would begin a request. */
static void troff(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '-')
            fputs("\\-", out);
        else if (*text == '\\')
            fputs("\\e", out);
        else
            fputc(*text, out);
    }
}

static void man_verb(FILE *out, const struct setting_verb *verb)
{
    fputs(".TP\n.B ", out);
    troff(out, verb->flag);
    if (verb->argument)
        fprintf(out, " \\fI%s\\fR", verb->argument);
    fputc('\n', out);
    troff(out, verb->text);
    fputc('\n', out);
}

static void man_setting(FILE *out, const struct setting *setting)
{
    char flag[SETTING_NAME_MAX], range[SETTING_SHOW_MAX];
    setting_spell(setting->key, SPELL_FLAG, flag);
    setting_range(setting, range);
    fputs(".TP\n.B ", out);
    troff(out, flag);
    fprintf(out, " \\fI%s\\fR\nKey \\fB%s\\fR.\n", setting->unit, setting->key);
    troff(out, setting->text);
    fputs("\n", out);
    if (*range) {
        fputs("Takes ", out);
        troff(out, range);
        fputs(".\n", out);
    }
    fputs("Default: ", out);
    troff(out, setting->initial);
    fputs(".\n", out);
}

static const char before_options[] =
    ".SH NAME\n"
    "astrolabed \\- convert arrays of celestial coordinates over a socket\n"
    ".SH SYNOPSIS\n"
    ".B astrolabed\n"
    "[\\fB\\-\\-config\\fR \\fIFILE\\fR]\n"
    "[\\fB\\-\\-\\fIKEY\\fR \\fIVALUE\\fR]...\n"
    ".SH DESCRIPTION\n"
    "Converts arrays of celestial coordinates, times, angles and Earth positions, in JSON or "
    "binary,\n"
    "over HTTP/1.1 on TCP and Unix sockets. Speaks a plain interface (/v1) and the Open Inference\n"
    "Protocol (/v2). Conversions in Python run in processes of their own.\n"
    ".PP\n"
    "When it is ready it prints one line per listener on standard output,\n"
    "\\(lqlistening on http://127.0.0.1:9180\\(rq; everything else goes to standard error.\n"
    ".SH OPTIONS\n";

static const char before_settings[] =
    ".SH SETTINGS\n"
    "Each setting is a flag (\\-\\-plugins\\-max\\-rss), a variable (ASTROLABE_PLUGINS_MAX_RSS) "
    "and a\n"
    "key of the configuration file (plugins.max_rss). A flag beats a variable beats the file.\n"
    "\\fB\\-\\-\\fIKEY\\fR \\fIVALUE\\fR and \\fB\\-\\-\\fIKEY\\fR=\\fIVALUE\\fR are the same.\n"
    "Unknown names are errors.\n"
    "Sizes are bytes or have a unit: k, M, G, T and KiB, MiB, GiB, TiB are powers of 1024; kB, "
    "MB,\n"
    "GB, TB are powers of 1000. Times are seconds or have a unit: us, ms, s, min, h, d.\n"
    "Paths that may be absent take \\fBnone\\fR.\n";

static const char after_settings[] =
    ".SH CONFIGURATION FILE\n"
    "One JSON object. Groups are nested or dotted:\n"
    ".PP\n"
    ".EX\n"
    "{\n"
    "  \"listen\": [\"127.0.0.1:9180\", \"unix:/run/astrolabe.sock\"],\n"
    "  \"limits\": {\"memory\": \"1GiB\", \"connections\": 2000},\n"
    "  \"timeouts.idle\": 30\n"
    "}\n"
    ".EE\n"
    ".PP\n"
    "\\fBastrolabed \\-\\-check\\-config\\fR prints all settings in force as such a file.\n"
    ".SH SIGNALS\n"
    ".TP\n"
    ".B SIGTERM, SIGINT\n"
    "Stop listening, finish the requests at work within \\fBshutdown.grace\\fR, and exit. A "
    "second\n"
    "signal ends at once.\n"
    ".TP\n"
    ".B SIGHUP\n"
    "Read plugins, tokens and data files again. What cannot be read is reported, and the old goes\n"
    "on serving.\n"
    ".SH EXIT STATUS\n"
    "0 after an orderly end, 1 when a setting is wrong or the service cannot start.\n"
    ".SH EXAMPLES\n"
    ".EX\n"
    "astrolabed \\-\\-listen unix:/run/astrolabe.sock \\-\\-limits\\-memory 4GiB\n"
    "ASTROLABE_LOG_FORMAT=json astrolabed \\-\\-config /etc/astrolabe.json \\-\\-check\\-config\n"
    ".EE\n";

void settings_print_man(FILE *out)
{
    fputs(".TH ASTROLABED 8 \"\" \"Astrolabe " ASTROLABE_VERSION "\" \"Astrolabe\"\n", out);
    fputs(before_options, out);
    for (size_t i = 0; i < settings_verb_count; i++)
        man_verb(out, &settings_verbs[i]);
    fputs(before_settings, out);
    for (size_t i = 0; i < settings_count; i++)
        man_setting(out, &settings_table[i]);
    fputs(after_settings, out);
}
