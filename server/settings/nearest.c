/*
 * The known name closest to a mistyped one.
 */
#include <string.h>

#include "settings/table.h"

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment, three rows at a time. */
unsigned setting_distance(const char *a, const char *b)
{
    size_t na = strnlen(a, SETTING_NAME_MAX - 1), nb = strnlen(b, SETTING_NAME_MAX - 1);
    unsigned rows[3][SETTING_NAME_MAX] = {{0}};
    unsigned *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= nb; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= na; i++) {
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= nb; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
        unsigned *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[nb];
}

/* Without the prefix that every name of a spelling has. */
static const char *bare(const char *name, enum setting_spelling how)
{
    if (how == SPELL_FLAG)
        return name + strspn(name, "-");
    return how == SPELL_VARIABLE && strncmp(name, "ASTROLABE_", 10) == 0 ? name + 10 : name;
}

/* People forget the group: `memory` is closer to `limits.memory` than to `threads`. */
static unsigned distance_to_key(const char *name, const char *key, enum setting_spelling how)
{
    char whole[SETTING_NAME_MAX], end[SETTING_NAME_MAX];
    setting_spell(key, how, whole);
    unsigned distance = setting_distance(name, bare(whole, how));
    const char *dot = strrchr(key, '.');
    if (!dot)
        return distance;
    setting_spell(dot + 1, how, end);
    return least(distance, setting_distance(name, bare(end, how)) + 1);
}

void setting_nearest(const char *name, enum setting_spelling how, char ret[SETTING_NAME_MAX])
{
    const char *sought = bare(name, how);
    const struct setting *nearest = &settings_table[0];
    unsigned shortest = distance_to_key(sought, nearest->key, how);
    for (size_t i = 1; i < settings_count; i++) {
        unsigned distance = distance_to_key(sought, settings_table[i].key, how);
        if (distance < shortest) {
            shortest = distance;
            nearest = &settings_table[i];
        }
    }
    setting_spell(nearest->key, how, ret);
    if (how != SPELL_FLAG)
        return;
    for (size_t i = 0; i < settings_verb_count; i++) {
        unsigned distance = setting_distance(sought, bare(settings_verbs[i].flag, how));
        if (distance < shortest) {
            shortest = distance;
            strcpy(ret, settings_verbs[i].flag);
        }
    }
}
