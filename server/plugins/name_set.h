/*
 * Name set: a few names of plugins or conversions, without order. Bounded; a plain value that owns its
 * memory; zeroed is empty.
 */
#ifndef ASTRO_PLUGINS_NAME_SET_H
#define ASTRO_PLUGINS_NAME_SET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { NAME_ROOM = 64, NAME_SET_MOST = 1024 };

struct name_set {
    char (*names)[NAME_ROOM];
    size_t n, room;
};

bool name_set_has(const struct name_set *set, const char *name);
/* True when it is in the set now; false: no memory, or the set is full. */
bool name_set_add(struct name_set *set, const char *name);
void name_set_remove(struct name_set *set, const char *name);
bool name_set_add_all(struct name_set *set, const struct name_set *more);
void name_set_release(struct name_set *set); /* leaves it empty */
/* New reference; NULL: no memory. */
json_t *name_set_json(const struct name_set *set);

/* Copies a name that fits; false (nothing written) when it is empty, too long or has control bytes. */
bool name_copy(char ret[NAME_ROOM], const char *name);

#endif
