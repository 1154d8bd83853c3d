/*
 * Tree: a walk over a directory of plugins: what the private copy is made of and what the watch looks
 * at. Regular files; symbolic links are followed; what editors, version control and Python leave behind
 * is passed over.
 *
 * Limits     TREE_FILES entries, TREE_BYTES bytes, TREE_DEPTH directories deep.
 * Threads    Any: a walk has no state but its arguments.
 */
#ifndef ASTRO_PLUGINS_TREE_H
#define ASTRO_PLUGINS_TREE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum { TREE_FILES = 10000, TREE_DEPTH = 16, TREE_WHY = 512 };
#define TREE_BYTES (UINT64_C(512) << 20)

enum tree_result {
    TREE_DONE,
    TREE_UNREADABLE, /* the directory itself cannot be read */
    TREE_TOO_MUCH,   /* beyond a limit */
    TREE_STOPPED     /* by the visitor */
};

struct tree_entry {
    int directory;             /* descriptor of the directory it stands in */
    const char *name;          /* in it */
    const char *path;          /* from the root: "pack/module.py" */
    const struct stat *status; /* of what a link points to */
};

/* Directories come before what is in them. False: the walk stops. */
typedef bool tree_visit(void *context, const struct tree_entry *entry);

/* why: what is wrong unless TREE_DONE; set by the walk but for TREE_STOPPED. */
enum tree_result tree_walk(const char *root, tree_visit *visit, void *context, char why[TREE_WHY]);

/* Removes a directory with all that is in it, following nothing. False: something is left. */
bool tree_remove(const char *root);

#endif
