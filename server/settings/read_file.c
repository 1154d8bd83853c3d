#include "settings/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "settings/table.h"

static bool fail_errno(const char *path, const char *what, char **ret_error)
{
    char text[128];
    const char *reason = strerror_r(errno, text, sizeof text);
    return settings_fail(ret_error, "%s: cannot be %s: %s; give a readable file", path, what,
                         reason);
}

/* Reads to the end rather than to st_size: pipes have none, and files grow. */
static bool read_all(int fd, const char *path, size_t max, struct file_text *file, char **ret_error)
{
    size_t capacity = 0;
    for (;;) {
        if (file->length == capacity) {
            capacity = capacity ? capacity * 2 : 4096;
            char *grown = mem_realloc(file->bytes, capacity + 1);
            if (!grown)
                return false;
            file->bytes = grown;
        }
        ssize_t n = read(fd, file->bytes + file->length, capacity - file->length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(path, "read", ret_error);
        file->length += (size_t)n;
        file->bytes[file->length] = '\0';
        if (file->length > max)
            return settings_fail(ret_error, "%s: is larger than %zu bytes; give a smaller file",
                                 path, max);
        if (n == 0)
            return true;
    }
}

bool file_read(const char *path, size_t max, struct file_text *ret, char **ret_error)
{
    struct file_text file = {NULL, 0, 0};
    struct stat status;
    *ret_error = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return fail_errno(path, "opened", ret_error);
    if (fstat(fd, &status) == 0)
        file.mode = status.st_mode & 07777;
    bool ok = read_all(fd, path, max, &file, ret_error);
    close(fd);
    if (ok)
        *ret = file;
    else
        mem_free(file.bytes);
    return ok;
}
