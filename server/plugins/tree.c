#include "plugins/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct walk {
    tree_visit *visit;
    void *context;
    char *why;
    char path[PATH_MAX]; /* of the entry at hand, from the root */
    unsigned entries;
    uint64_t bytes;
    struct {
        dev_t device;
        ino_t inode;
    } above[TREE_DEPTH]; /* the directories that the walk is in */
};

static bool ends_with(const char *name, size_t length, const char *end)
{
    size_t n = strlen(end);
    return length > n && strcmp(name + length - n, end) == 0;
}

static bool is_passed_over(const char *name)
{
    static const char *const whole[] = {".",   "..",   "__pycache__", ".git",
                                        ".hg", ".svn", ".mypy_cache", ".pytest_cache"};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++) {
        if (strcmp(name, whole[i]) == 0)
            return true;
    }
    size_t length = strlen(name);
    bool is_swap =
        name[0] == '.' && (ends_with(name, length, ".swp") || ends_with(name, length, ".swo") ||
                           ends_with(name, length, ".swx"));
    return is_swap || name[length - 1] == '~' || strncmp(name, ".#", 2) == 0 ||
           (name[0] == '#' && name[length - 1] == '#');
}

static enum tree_result too_much(struct walk *walk, const char *what)
{
    snprintf(walk->why, TREE_WHY, "more than %s", what);
    return TREE_TOO_MUCH;
}

static bool is_above(const struct walk *walk, unsigned depth, const struct stat *status)
{
    for (unsigned i = 0; i < depth; i++) {
        if (walk->above[i].device == status->st_dev && walk->above[i].inode == status->st_ino)
            return true;
    }
    return false;
}

static enum tree_result walk_directory(struct walk *walk, int fd_take, size_t length,
                                       unsigned depth);

static enum tree_result walk_down(struct walk *walk, const struct tree_entry *entry, size_t length,
                                  unsigned depth)
{
    if (is_above(walk, depth, entry->status))
        return TREE_DONE; /* a link to where we are: a loop */
    if (depth == TREE_DEPTH)
        return too_much(walk, "16 directories in one another");
    int fd = openat(entry->directory, entry->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return TREE_DONE; /* it has gone, or is not ours to read */
    return walk_directory(walk, fd, length, depth);
}

static enum tree_result walk_entry(struct walk *walk, int directory, const char *name,
                                   size_t length, unsigned depth)
{
    struct stat status;
    if (is_passed_over(name) || fstatat(directory, name, &status, 0) != 0)
        return TREE_DONE;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return TREE_DONE;
    int more = snprintf(walk->path + length, sizeof walk->path - length, "%s%s",
                        length > 0 ? "/" : "", name);
    if (more < 0 || (size_t)more >= sizeof walk->path - length)
        return too_much(walk, "4096 bytes of path");
    if (++walk->entries > TREE_FILES)
        return too_much(walk, "10000 files");
    if (S_ISREG(status.st_mode)) {
        uint64_t size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
        if (size > TREE_BYTES - walk->bytes)
            return too_much(walk, "512 MiB");
        walk->bytes += size;
    }
    struct tree_entry entry = {directory, name, walk->path, &status};
    if (!walk->visit(walk->context, &entry))
        return TREE_STOPPED;
    if (!S_ISDIR(status.st_mode))
        return TREE_DONE;
    return walk_down(walk, &entry, length + (size_t)more, depth);
}

static enum tree_result walk_directory(struct walk *walk, int fd_take, size_t length,
                                       unsigned depth)
{
    struct stat status;
    DIR *directory = fdopendir(fd_take);
    if (directory == NULL) {
        close(fd_take);
        return TREE_DONE;
    }
    enum tree_result result = TREE_DONE;
    if (fstat(fd_take, &status) == 0) {
        walk->above[depth].device = status.st_dev;
        walk->above[depth].inode = status.st_ino;
        struct dirent *found;
        while (result == TREE_DONE && (found = readdir(directory)) != NULL) {
            result = walk_entry(walk, fd_take, found->d_name, length, depth + 1);
            walk->path[length] = '\0';
        }
    }
    closedir(directory);
    return result;
}

enum tree_result tree_walk(const char *root, tree_visit *visit, void *context, char why[TREE_WHY])
{
    struct walk walk = {.visit = visit, .context = context, .why = why};
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, TREE_WHY, "%s: %s", root, strerror(errno));
        return TREE_UNREADABLE;
    }
    return walk_directory(&walk, fd, 0, 0);
}

/* --- removing --- */

/* Hosts may have written into their copy: what is deeper than this stays. */
enum { REMOVE_DEPTH = 64 };

static bool remove_inside(int fd_take, unsigned depth)
{
    DIR *directory = fdopendir(fd_take);
    if (directory == NULL) {
        close(fd_take);
        return false;
    }
    bool all = true;
    struct dirent *found;
    while ((found = readdir(directory)) != NULL) {
        const char *name = found->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (unlinkat(fd_take, name, 0) == 0)
            continue;
        int inside = depth < REMOVE_DEPTH
                         ? openat(fd_take, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                         : -1;
        all = inside >= 0 && remove_inside(inside, depth + 1) &&
              unlinkat(fd_take, name, AT_REMOVEDIR) == 0 && all;
    }
    closedir(directory);
    return all;
}

bool tree_remove(const char *root)
{
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd >= 0 && remove_inside(fd, 0) && rmdir(root) == 0;
}
