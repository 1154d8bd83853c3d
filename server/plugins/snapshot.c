#include "plugins/snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "plugins/tree.h"
#include "plugins/watch.h"

#define PREFIX "astrolabe-plugins-"
enum { COPY_BUFFER = 64 * 1024, LOCKLESS_S = 3600 };

static const char *temporary_directory(void)
{
    const char *directory = getenv("TMPDIR");
    return directory != NULL && directory[0] == '/' ? directory : "/tmp";
}

/* path = directory/name. False: too long. */
static bool join(char path[PATH_MAX], const char *directory, const char *name)
{
    int length = snprintf(path, PATH_MAX, "%s/%s", directory, name);
    return length > 0 && length < PATH_MAX;
}

/* --- the lock that says that its server lives --- */

/* It is locked before it has its name: nobody ever finds it free while its server lives. */
static int lock_make(const char *base)
{
    char early[PATH_MAX], final[PATH_MAX];
    if (!join(early, base, "lock.new") || !join(final, base, "lock"))
        return -1;
    int fd = open(early, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0 && (flock(fd, LOCK_EX | LOCK_NB) != 0 || rename(early, final) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* A directory without a lock is being made right now, or was being made when its server died. */
static bool is_dead(const char *base, const struct stat *status)
{
    char path[PATH_MAX];
    if (!join(path, base, "lock"))
        return false;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT && time(NULL) - status->st_mtime > LOCKLESS_S;
    bool dead = flock(fd, LOCK_EX | LOCK_NB) == 0;
    close(fd);
    return dead;
}

void snapshots_sweep(void)
{
    DIR *directory = opendir(temporary_directory());
    if (directory == NULL)
        return;
    struct dirent *found;
    while ((found = readdir(directory)) != NULL) {
        char base[PATH_MAX];
        struct stat status;
        if (strncmp(found->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            !join(base, temporary_directory(), found->d_name))
            continue;
        if (lstat(base, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
            is_dead(base, &status))
            tree_remove(base);
    }
    closedir(directory);
}

/* --- copying --- */

struct copying {
    int to;          /* descriptor of the copy's directory */
    uint64_t left;   /* bytes that may still be written: files can grow while they are read */
    unsigned missed; /* files that cannot be read */
    char first_missed[256];
    char *why;
    char *buffer;
};

static bool fail(struct copying *copying, const char *what, const char *path)
{
    snprintf(copying->why, TREE_WHY, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t written = write(fd, bytes, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

static bool copy_bytes(struct copying *copying, int from, int to, const char *path)
{
    for (;;) {
        ssize_t got = read(from, copying->buffer, COPY_BUFFER);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(copying, "cannot read", path);
        if (got == 0)
            return true;
        if ((size_t)got > copying->left) {
            snprintf(copying->why, TREE_WHY, "more than 512 MiB");
            return false;
        }
        copying->left -= (size_t)got;
        if (!write_all(to, copying->buffer, (size_t)got))
            return fail(copying, "cannot write", path);
    }
}

/* A file that is not ours to read is missing in the copy: plugins without it may still be whole. */
static bool copy_file(struct copying *copying, const struct tree_entry *entry)
{
    int from = openat(entry->directory, entry->name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (from < 0) {
        if (copying->missed++ == 0)
            snprintf(copying->first_missed, sizeof copying->first_missed, "%s", entry->path);
        return true;
    }
    int to = openat(copying->to, entry->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool copied = to >= 0 ? copy_bytes(copying, from, to, entry->path)
                          : fail(copying, "cannot write", entry->path);
    if (to >= 0) {
        const struct timespec times[2] = {entry->status->st_atim, entry->status->st_mtim};
        futimens(to, times);
        close(to);
    }
    close(from);
    return copied;
}

static bool copy_entry(void *context, const struct tree_entry *entry)
{
    struct copying *copying = context;
    if (!S_ISDIR(entry->status->st_mode))
        return copy_file(copying, entry);
    return mkdirat(copying->to, entry->path, 0700) == 0 ||
           fail(copying, "cannot make", entry->path);
}

static bool make_base(struct snapshot *snapshot, char why[TREE_WHY])
{
    if (!join(snapshot->base, temporary_directory(), PREFIX "XXXXXX")) {
        snapshot->base[0] = '\0';
        snprintf(why, TREE_WHY, "the name of the temporary directory is too long");
        return false;
    }
    if (mkdtemp(snapshot->base) == NULL) {
        snapshot->base[0] = '\0';
        snprintf(why, TREE_WHY, "cannot make a directory under %s: %s", temporary_directory(),
                 strerror(errno));
        return false;
    }
    snapshot->lock = lock_make(snapshot->base);
    if (snapshot->lock >= 0 && join(snapshot->path, snapshot->base, "plugins") &&
        mkdir(snapshot->path, 0700) == 0)
        return true;
    snprintf(why, TREE_WHY, "cannot write into %.300s: %s", snapshot->base, strerror(errno));
    return false;
}

static bool copy_all(struct snapshot *snapshot, const char *directory, char why[TREE_WHY])
{
    if (!make_base(snapshot, why))
        return false;
    struct copying copying = {.left = TREE_BYTES, .why = why};
    copying.buffer = mem_alloc(COPY_BUFFER);
    copying.to = open(snapshot->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool copied = false;
    if (copying.buffer == NULL || copying.to < 0)
        snprintf(why, TREE_WHY, "out of memory or descriptors");
    else
        copied = tree_walk(directory, copy_entry, &copying, why) == TREE_DONE;
    mem_free(copying.buffer);
    if (copying.to >= 0)
        close(copying.to);
    if (copied && copying.missed > 0)
        snprintf(snapshot->warning, sizeof snapshot->warning,
                 "%u files cannot be read, %s among them", copying.missed, copying.first_missed);
    return copied;
}

static void remove_base(struct snapshot *snapshot)
{
    if (snapshot->base[0] != '\0')
        tree_remove(snapshot->base);
    if (snapshot->lock >= 0)
        close(snapshot->lock);
    snapshot->base[0] = '\0';
    snapshot->lock = -1;
}

struct snapshot *snapshot_take(const char *directory, char text[SNAPSHOT_TEXT])
{
    char why[TREE_WHY] = "", whole[PATH_MAX];
    struct snapshot *snapshot = mem_zalloc(1, sizeof *snapshot);
    if (snapshot == NULL) {
        snprintf(text, SNAPSHOT_TEXT, "out of memory");
        return NULL;
    }
    snapshot->references = 1;
    snapshot->lock = -1;
    if (realpath(directory, whole) == NULL || access(whole, R_OK | X_OK) != 0) {
        snprintf(text, SNAPSHOT_TEXT, "%.200s: %s", directory, strerror(errno));
        mem_free(snapshot);
        return NULL;
    }
    bool counted = watch_fingerprint(whole, &snapshot->fingerprint, why);
    if (!counted || !copy_all(snapshot, whole, why)) {
        remove_base(snapshot);
        memcpy(snapshot->path, whole, sizeof whole);
        snprintf(
            snapshot->warning, sizeof snapshot->warning,
            "no private copy of the plugins (%.300s): hosts that are replaced load the files as "
            "they are then",
            why);
    }
    return snapshot;
}

struct snapshot *snapshot_hold(struct snapshot *snapshot)
{
    snapshot->references++;
    return snapshot;
}

bool snapshot_drop(struct snapshot *snapshot)
{
    return snapshot != NULL && --snapshot->references == 0;
}

void snapshot_destroy(struct snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    remove_base(snapshot);
    mem_free(snapshot);
}
