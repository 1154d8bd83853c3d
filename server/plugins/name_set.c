#include "plugins/name_set.h"

#include <string.h>

#include "memory/alloc.h"

bool name_copy(char ret[NAME_ROOM], const char *name)
{
    size_t length = 0;
    for (; name[length] != '\0'; length++) {
        unsigned char byte = (unsigned char)name[length];
        if (length + 1 >= NAME_ROOM || byte < 0x20 || byte == 0x7f)
            return false;
    }
    if (length == 0)
        return false;
    memcpy(ret, name, length + 1);
    return true;
}

static size_t find(const struct name_set *set, const char *name)
{
    size_t i = 0;
    while (i < set->n && strcmp(set->names[i], name) != 0)
        i++;
    return i;
}

bool name_set_has(const struct name_set *set, const char *name)
{
    return find(set, name) < set->n;
}

bool name_set_add(struct name_set *set, const char *name)
{
    if (name_set_has(set, name))
        return true;
    if (set->n == set->room) {
        size_t room = set->room == 0 ? 8 : set->room * 2;
        if (room > NAME_SET_MOST)
            return false;
        void *names = mem_realloc(set->names, room * sizeof *set->names);
        if (names == NULL)
            return false;
        set->names = names;
        set->room = room;
    }
    if (!name_copy(set->names[set->n], name))
        return false;
    set->n++;
    return true;
}

void name_set_remove(struct name_set *set, const char *name)
{
    size_t at = find(set, name);
    if (at < set->n && at != --set->n)
        memcpy(set->names[at], set->names[set->n], NAME_ROOM);
}

bool name_set_add_all(struct name_set *set, const struct name_set *more)
{
    for (size_t i = 0; i < more->n; i++) {
        if (!name_set_add(set, more->names[i]))
            return false;
    }
    return true;
}

void name_set_release(struct name_set *set)
{
    mem_free(set->names);
    *set = (struct name_set){.names = NULL};
}

json_t *name_set_json(const struct name_set *set)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < set->n; i++) {
        if (json_array_append_new(array, json_string(set->names[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}
