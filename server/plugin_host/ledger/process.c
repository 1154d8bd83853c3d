#include "plugin_host/ledger/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

uint64_t process_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Kernels before 6.2 do not say a directory's size. */
static int64_t count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    if (!directory)
        return -1;
    int64_t n = -1; /* the directory's own */
    for (const struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        n += entry->d_name[0] != '.';
    closedir(directory);
    return n;
}

int64_t process_descriptors(void)
{
    struct stat status;
    if (stat("/proc/self/fd", &status) == 0 && status.st_size > 0)
        return status.st_size;
    return count_descriptors();
}

int64_t process_threads(void)
{
    struct stat status;
    if (stat("/proc/self/task", &status) != 0 || status.st_nlink < 3)
        return -1;
    return (int64_t)status.st_nlink - 2; /* a subdirectory for each */
}

int64_t process_descriptors_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT64_MAX)
        return INT64_MAX;
    return (int64_t)limit.rlim_cur;
}

/* "Rss:      1234 kB"; 0 when there is no such line. */
static uint64_t kilobytes(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

static struct process_memory read_memory(void)
{
    struct process_memory memory = {0};
    int fd = open("/proc/self/smaps_rollup", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return memory;
    char text[2048];
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0)
        return memory;
    text[length] = '\0';
    memory.rss = kilobytes(text, "\nRss:");
    memory.pss = kilobytes(text, "\nPss:");
    return memory;
}

struct process_memory process_memory(void)
{
    static struct process_memory known;
    static uint64_t next;
    uint64_t begin = process_now();
    if (begin < next)
        return known;
    known = read_memory();
    uint64_t took = process_now() - begin;
    next =
        begin + (took > 10000000 ? 100 * took : 1000000000); /* a hundredth of the time at most */
    return known;
}
