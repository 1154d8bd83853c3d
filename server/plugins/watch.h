/*
 * Watch: has something changed in the directory of plugins? (plugins.reload=watch)
 *
 * A fingerprint is made of path, size, time of change and inode of every file. A change counts once two
 * looks in a row have seen the same: while somebody is still copying files nothing is reloaded.
 */
#ifndef ASTRO_PLUGINS_WATCH_H
#define ASTRO_PLUGINS_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "plugins/tree.h"

/* On a compute thread: reads directories. False: unreadable or beyond the limits; `why` says so. */
bool watch_fingerprint(const char *directory, uint64_t *ret, char why[TREE_WHY]);

struct watch {
    uint64_t base; /* what has been loaded */
    uint64_t last; /* what the previous look saw */
    bool has_last;
};

void watch_base(struct watch *watch, uint64_t fingerprint);
/* One more look. True: the directory has changed and come to rest; it is the new base. */
bool watch_look(struct watch *watch, uint64_t fingerprint);

#endif
