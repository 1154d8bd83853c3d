#include "plugins/process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/alloc.h"
#include "plugins/protocol.h"

extern char **environ;

enum {
    FD_ABOVE = HOST_FD_LOOPS + PROTOCOL_MAX_LOOPS, /* no target of a dup2 in the child */
    FD_MOST = FD_ABOVE,
    SOCKET_BUFFER = 2 * PROTOCOL_MESSAGE_MAX,
    ARGUMENTS = 12,
    NUMBER = 24
};

bool child_program(char *ret_path, size_t room, char text[CHILD_TEXT])
{
    const char *given = getenv("ASTROLABE_TEST_PLUGIN_HOST");
    char own[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", own, sizeof own - 1);
    own[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(own, '/');
    if (slash != NULL)
        *slash = '\0';
    int n = given != NULL ? snprintf(ret_path, room, "%s", given)
                          : snprintf(ret_path, room, "%s/astrolabe-plugin-host", own);
    if (n < 0 || (size_t)n >= room) {
        snprintf(text, CHILD_TEXT, "the path of the plugin host's program is too long");
        return false;
    }
    if (access(ret_path, X_OK) == 0)
        return true;
    snprintf(text, CHILD_TEXT, "the plugin host's program %.300s cannot be run: %s", ret_path,
             strerror(errno));
    return false;
}

/* --- descriptors --- */

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* The child's ends, all above the numbers that they will have in it. */
struct ends {
    int from[FD_MOST]; /* by number in the child; -1: none */
    size_t n;
};

static void ends_close(struct ends *ends)
{
    for (size_t i = 0; i < ends->n; i++)
        close_one(&ends->from[i]);
}

/* The next number in the child is a copy of `fd`. */
static bool ends_add(struct ends *ends, int fd)
{
    int copy = fd >= 0 && ends->n < FD_MOST ? fcntl(fd, F_DUPFD_CLOEXEC, FD_ABOVE) : -1;
    if (copy < 0)
        return false;
    ends->from[ends->n++] = copy;
    return true;
}

static bool add_and_close(struct ends *ends, int fd_take)
{
    bool added = ends_add(ends, fd_take);
    close_one(&fd_take);
    return added;
}

static bool add_pipe(struct ends *ends, int *ret_read)
{
    int both[2];
    if (pipe2(both, O_CLOEXEC) != 0)
        return false;
    *ret_read = both[0];
    bool added = add_and_close(ends, both[1]);
    return added && fcntl(both[0], F_SETFL, O_NONBLOCK) == 0;
}

static bool add_control(struct ends *ends, int *ret_own)
{
    int both[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, both) != 0)
        return false;
    *ret_own = both[0];
    const int bytes = SOCKET_BUFFER;
    for (int i = 0; i < 2; i++) {
        setsockopt(both[i], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        setsockopt(both[i], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    return add_and_close(ends, both[1]);
}

/* In the order of their numbers in the child. */
static bool make_ends(const struct child_order *order, struct ends *ends, struct child *child)
{
    bool made = add_and_close(ends, open("/dev/null", O_RDONLY | O_CLOEXEC)) &&
                add_pipe(ends, &child->output[0]) && add_pipe(ends, &child->output[1]) &&
                add_control(ends, &child->control) && ends_add(ends, order->region) &&
                ends_add(ends, order->wake);
    for (size_t i = 0; made && i < order->n_loops; i++)
        made = ends_add(ends, order->loops[i]);
    return made;
}

/* --- the start --- */

/* The environment without what is meant for astrolabed. NULL: no memory. The strings are lent. */
static char **make_environment(void)
{
    size_t n = 0, kept = 0;
    while (environ[n] != NULL)
        n++;
    char **environment = mem_zalloc(n + 1, sizeof *environment);
    for (size_t i = 0; environment != NULL && i < n; i++) {
        if (strncmp(environ[i], "ASTROLABE_", 10) != 0)
            environment[kept++] = environ[i];
    }
    return environment;
}

static int prepare_actions(const struct ends *ends, posix_spawn_file_actions_t *actions)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < ends->n; i++)
        error = posix_spawn_file_actions_adddup2(actions, ends->from[i], (int)i);
    return error != 0 ? error : posix_spawn_file_actions_addclosefrom_np(actions, (int)ends->n);
}

/* Signals as a fresh process finds them, whatever astrolabed blocks or ignores. */
static int prepare_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int error = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (error == 0)
        error = posix_spawnattr_setpgroup(attributes, 0);
    if (error == 0)
        error = posix_spawnattr_setsigmask(attributes, &none);
    return error != 0 ? error : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(const struct child_order *order, const struct ends *ends, char **environment,
                 pid_t *ret_pid)
{
    static char serve[] = "--serve", parent[] = "--parent", max_data[] = "--max-data",
                max_descriptors[] = "--max-descriptors", max_cpu[] = "--max-cpu";
    char name[PATH_MAX], numbers[4][NUMBER];
    snprintf(name, sizeof name, "%s", order->program);
    snprintf(numbers[0], NUMBER, "%ld", (long)getpid());
    snprintf(numbers[1], NUMBER, "%llu", (unsigned long long)order->max_data);
    snprintf(numbers[2], NUMBER, "%u", order->max_descriptors);
    snprintf(numbers[3], NUMBER, "%llu", (unsigned long long)order->max_cpu);
    char *arguments[ARGUMENTS] = {name,       serve,           parent,     numbers[0], max_data,
                                  numbers[1], max_descriptors, numbers[2], max_cpu,    numbers[3],
                                  NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return error;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = prepare_actions(ends, &actions);
        if (error == 0)
            error = prepare_attributes(&attributes);
        if (error == 0)
            error = posix_spawn(ret_pid, name, &actions, &attributes, arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* A child that cannot be watched is none: it ends before it has begun. */
static bool watch(struct child *child)
{
    child->pidfd = pidfd_open(child->pid, 0);
    if (child->pidfd >= 0)
        return true;
    int error = errno;
    kill(child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
    }
    errno = error;
    return false;
}

bool child_spawn(const struct child_order *order, struct child *ret, char text[CHILD_TEXT])
{
    struct child child = CHILD_NONE;
    struct ends ends = {.n = 0};
    char **environment = make_environment();
    errno = ENOMEM;
    bool started = environment != NULL && make_ends(order, &ends, &child);
    if (!started) {
        snprintf(text, CHILD_TEXT, "no descriptors for a plugin host: %s", strerror(errno));
    } else {
        int error = spawn(order, &ends, environment, &child.pid);
        started = error == 0 && watch(&child);
        if (!started)
            snprintf(text, CHILD_TEXT, "%.300s cannot be started: %s", order->program,
                     strerror(error != 0 ? error : errno));
    }
    ends_close(&ends);
    mem_free(environment);
    if (!started)
        child_close(&child);
    else
        *ret = child;
    return started;
}

/* --- the end --- */

void child_kill(const struct child *child)
{
    if (child->pidfd >= 0)
        pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
}

int child_reap(struct child *child)
{
    if (child->pid <= 0)
        return -1;
    /* Until it is reaped its number is nobody else's, nor its group's. */
    kill(-child->pid, SIGKILL);
    siginfo_t info = {.si_pid = 0};
    struct pollfd ended = {.fd = child->pidfd, .events = POLLIN};
    int result;
    /* A pidfd that libuv has polled does not block: waiting is poll()'s. */
    do {
        while (poll(&ended, 1, -1) < 0 && errno == EINTR) {
        }
        result = waitid(P_PIDFD, (id_t)child->pidfd, &info, WEXITED);
    } while (result != 0 && (errno == EINTR || errno == EAGAIN));
    child->pid = 0;
    if (result != 0)
        return -1;
    if (info.si_code == CLD_EXITED)
        return (info.si_status & 0xff) << 8;
    return (info.si_status & 0x7f) | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

void child_close(struct child *child)
{
    close_one(&child->pidfd);
    close_one(&child->control);
    close_one(&child->output[0]);
    close_one(&child->output[1]);
}

bool child_memory(const struct child *child, uint64_t *ret_resident, uint64_t *ret_shared)
{
    char path[64], text[128];
    snprintf(path, sizeof path, "/proc/%ld/statm", (long)child->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (length <= 0)
        return false;
    text[length] = '\0';
    unsigned long long resident, shared;
    if (sscanf(text, "%*u %llu %llu", &resident, &shared) != 2)
        return false;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    *ret_resident = resident * page;
    *ret_shared = shared * page;
    return true;
}
