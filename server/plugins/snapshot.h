/*
 * Snapshot: the private copy of plugins.directory that one generation of hosts loads from, so that a
 * host that is replaced loads what its siblings have loaded.
 *
 * Place      A directory of its own (mode 0700) under $TMPDIR or /tmp, named astrolabe-plugins-XXXXXX:
 *            `plugins/` with the files, and `lock`, held locked as long as the server lives. Whoever finds
 *            one whose lock is free removes it: its server is dead (snapshots_sweep).
 * No copy    Beyond the limits of plugins/tree.h, or when nothing can be written: hosts load from the
 *            directory itself; `warning` says why.
 * Ownership  Counted references; the last one removes the files. Counting is loop 0's alone.
 * Threads    snapshot_take and snapshots_sweep are for a compute thread: they read and write files.
 */
#ifndef ASTRO_PLUGINS_SNAPSHOT_H
#define ASTRO_PLUGINS_SNAPSHOT_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum { SNAPSHOT_TEXT = 512 };

struct snapshot {
    unsigned references;
    char path[PATH_MAX];         /* what hosts load from */
    char base[PATH_MAX];         /* the private directory; "": there is none */
    int lock;                    /* -1: none */
    uint64_t fingerprint;        /* of the directory before it was copied: plugins/watch.h */
    char warning[SNAPSHOT_TEXT]; /* "": it is a copy, and complete */
};

/* New reference; NULL: the directory cannot be read, or no memory; `text` says so. */
struct snapshot *snapshot_take(const char *directory, char text[SNAPSHOT_TEXT]);
struct snapshot *snapshot_hold(struct snapshot *snapshot);
/* True: that was the last reference, and the caller must call snapshot_destroy(), on any thread. */
bool snapshot_drop(struct snapshot *snapshot);
void snapshot_destroy(struct snapshot *snapshot); /* NULL is fine */

/* Removes what dead servers of the same user have left behind. */
void snapshots_sweep(void);

#endif
