#include "plugin_host/limits.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* The shadow memory of the sanitizers is private writable memory, of terabytes. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { LIMIT_DATA = 0 };
#else
enum { LIMIT_DATA = 1 };
#endif

static bool limit(int resource, rlim_t value, const char *name, char error[256])
{
    struct rlimit current;
    if (getrlimit(resource, &current) != 0)
        current.rlim_max = RLIM_INFINITY;
    /* Never above what we were given: that needs a privilege. */
    if (current.rlim_max != RLIM_INFINITY && value > current.rlim_max)
        value = current.rlim_max;
    struct rlimit wanted = {.rlim_cur = value, .rlim_max = value};
    if (setrlimit(resource, &wanted) == 0)
        return true;
    snprintf(error, 256, "cannot set the limit %s: %s", name, strerror(errno));
    return false;
}

bool limits_apply(const struct limits *limits, char error[256])
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        snprintf(error, 256, "prctl: %s", strerror(errno));
        return false;
    }
    /* The parent may have died before the kernel was told to watch it. */
    if (limits->parent != 0 && getppid() != limits->parent) {
        snprintf(error, 256, "the process %ld that started this host is gone",
                 (long)limits->parent);
        return false;
    }
    if (!limit(RLIMIT_CORE, 0, "of core files", error))
        return false;
    if (limits->max_descriptors > 0 &&
        !limit(RLIMIT_NOFILE, limits->max_descriptors, "of descriptors", error))
        return false;
    if (LIMIT_DATA && limits->max_data > 0 &&
        !limit(RLIMIT_DATA, limits->max_data, "of memory", error))
        return false;
    return true;
}

void limits_cpu_renew(const struct limits *limits, unsigned times)
{
    if (limits->max_cpu == 0)
        return;
    struct rusage usage;
    struct rlimit cpu;
    if (getrusage(RUSAGE_SELF, &usage) != 0 || getrlimit(RLIMIT_CPU, &cpu) != 0)
        return;
    /* The kernel counts whole seconds; one more for the one that has begun. */
    rlim_t used = (rlim_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 2;
    rlim_t end = used + (rlim_t)limits->max_cpu * times;
    /* Only the soft limit: the hard one could never be raised again. */
    cpu.rlim_cur = cpu.rlim_max != RLIM_INFINITY && end > cpu.rlim_max ? cpu.rlim_max : end;
    setrlimit(RLIMIT_CPU, &cpu);
}
