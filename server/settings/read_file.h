/*
 * A whole small file in memory: configuration, tokens.
 *
 * Ownership  The caller frees `bytes` with mem_free(). On failure nothing is to be freed but
 * *ret_error (mem_free(); NULL when memory ran out), which begins with the path.
 */
#ifndef ASTRO_SETTINGS_READ_FILE_H
#define ASTRO_SETTINGS_READ_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct file_text {
    char *bytes; /* a NUL follows them */
    size_t length;
    mode_t mode; /* permissions, of the file that was read and not of a later one */
};

bool file_read(const char *path, size_t max, struct file_text *ret, char **ret_error);

#endif
