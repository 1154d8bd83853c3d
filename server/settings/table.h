/*
 * The table of settings, and what the readers and printers of this folder share. Internal: the rest
 * of the server sees settings.h only.
 *
 * Errors     Functions with `ret_error` return false and set it to a text "SOURCE: MISTAKE; RIGHT"
 * that the caller frees with mem_free(). NULL there means that memory ran out.
 */
#ifndef ASTRO_SETTINGS_TABLE_H
#define ASTRO_SETTINGS_TABLE_H

#include "settings/settings.h"

enum setting_type {
    SETTING_COUNT,  /* whole number; unsigned */
    SETTING_CORES,  /* whole number or `cores`; unsigned */
    SETTING_SIZE,   /* bytes; size_t or uint64_t, see `width` */
    SETTING_TIME,   /* seconds; double */
    SETTING_SHARE,  /* off, on, or 0 to 1; double */
    SETTING_SWITCH, /* bool */
    SETTING_CHOICE, /* index into `choices`; int or an enum */
    SETTING_TEXT,   /* char *, NULL for `none` where the default is `none` */
    SETTING_LIST    /* struct settings_list, one entry at least */
};

struct setting {
    const char *key; /* "limits.memory" */
    enum setting_type type;
    const char *unit;    /* what a value is, for people: "size", "seconds", "path" */
    double min, max;     /* inclusive, bytes or seconds; lists: entries */
    const char *initial; /* the default, as a user would write it */
    const char *text;    /* one or two sentences, plain ASCII */
    const char *const
        *choices;         /* SETTING_CHOICE: words in the order of the enum, NULL at the end */
    size_t offset, width; /* place in struct settings */
};

extern const struct setting settings_table[];
extern const size_t settings_count;

/* Flags that are no settings: what to do, and where the file is. */
struct setting_verb {
    const char *flag;
    const char *argument; /* NULL: takes none */
    const char *text;
    enum settings_action action; /* SETTINGS_RUN for --config */
};
extern const struct setting_verb settings_verbs[];
extern const size_t settings_verb_count;

/* The three spellings of a key. */
enum setting_spelling { SPELL_KEY, SPELL_FLAG, SPELL_VARIABLE };
enum { SETTING_NAME_MAX = 64, SETTING_SHOW_MAX = 256 };
void setting_spell(const char *key, enum setting_spelling how, char ret[SETTING_NAME_MAX]);
/* NULL when there is none. `name` is spelt as `how` says. */
const struct setting *setting_find(const char *name, enum setting_spelling how);
/* True when `name` is the first part of some key: "limits". */
bool setting_is_group(const char *name);
/* The known name closest to an unknown one, in the same spelling. */
void setting_nearest(const char *name, enum setting_spelling how, char ret[SETTING_NAME_MAX]);
/* Fewest insertions, deletions, replacements and swaps of neighbours; long names are cut. */
unsigned setting_distance(const char *a, const char *b);

/* What a right value looks like: "a size from 1MiB to 64TiB, such as 1GiB". Always fits when cut.
 */
void setting_describe(const struct setting *setting, char ret[SETTING_SHOW_MAX]);
/* The limits alone, "1MiB to 64TiB", "off | on", or "" when there are none worth telling. */
void setting_range(const struct setting *setting, char ret[SETTING_SHOW_MAX]);
/* The shortest decimal number that reads back the same. */
void setting_real(double value, char ret[32]);
/* Bytes in the largest unit that divides them: 1073741824 is "1GiB". */
void setting_size(uint64_t bytes, char ret[32]);

/* Reads `text` into its place; lists get one more entry. The old value stays on failure. */
bool setting_assign(struct settings *settings, const struct setting *setting, const char *source,
                    const char *text, char **ret_error);
/* Empties a list or frees a text. Values that own nothing are left alone. */
void setting_clear(struct settings *settings, const struct setting *setting);

/* One source at work: no key may come twice, and a list replaces what a weaker source gave. */
enum { SETTINGS_MAX = 64 };
struct settings_pass {
    struct settings *settings;
    bool seen[SETTINGS_MAX];
};
bool settings_pass_begin(struct settings_pass *pass, const struct setting *setting,
                         const char *source, char **ret_error);

/* The configuration file over what `settings` holds. */
bool settings_load_file(struct settings *settings, const char *path, char **ret_error);

/* Sets *ret_error and returns false, so that a failing function can end with it. */
bool settings_fail(char **ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Text from outside, made fit for a message: quoted, bounded, control characters replaced. */
enum { SETTING_QUOTE_MAX = 96 };
const char *settings_quote(const char *text, char ret[SETTING_QUOTE_MAX]);

static inline void *setting_place(struct settings *settings, const struct setting *setting)
{
    return (char *)settings + setting->offset;
}
static inline const void *setting_value(const struct settings *settings,
                                        const struct setting *setting)
{
    return (const char *)settings + setting->offset;
}

#endif
