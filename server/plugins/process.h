/*
 * Child: one process of a plugin host as the kernel sees it: started, watched, reaped. Knows nothing of
 * plugins.
 *
 * Descriptors are all close-on-exec, and the child closes what it is not meant to have. The child is the
 * leader of a process group of its own (a terminal's Ctrl-C is not for it); what it has forked ends with it.
 * It is reaped through its pidfd: other children of the process are nobody's business here.
 */
#ifndef ASTRO_PLUGINS_PROCESS_H
#define ASTRO_PLUGINS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct child {
    pid_t pid;     /* 0: none */
    int pidfd;     /* readable once it has ended */
    int control;   /* our end of the socket */
    int output[2]; /* what it writes to stdout and stderr; not blocking */
};
#define CHILD_NONE ((struct child){.pidfd = -1, .control = -1, .output = {-1, -1}})

struct child_order {
    const char *program; /* absolute path */
    uint64_t max_data;   /* bytes */
    uint64_t max_cpu;    /* s */
    unsigned max_descriptors;
    int region, wake; /* lent: the child gets copies, as HOST_FD_REGION and HOST_FD_WAKE */
    const int *loops; /* lent, as HOST_FD_LOOPS ... */
    size_t n_loops;
};

enum { CHILD_TEXT = 512 };

/* False: `text` says what the kernel refused; nothing is left behind. */
bool child_spawn(const struct child_order *order, struct child *ret, char text[CHILD_TEXT]);
/* SIGKILL. It may have ended already. */
void child_kill(const struct child *child);
/* After its pidfd has become readable, or when it has been killed (then it waits for its end): ends what
 * it has forked, reaps it. The status as waitpid() gives it; -1: it could not be had. */
int child_reap(struct child *child);
void child_close(struct child *child); /* every descriptor; harmless twice */

/* Resident and shared pages in bytes, from /proc. False: it has ended. */
bool child_memory(const struct child *child, uint64_t *ret_resident, uint64_t *ret_shared);

/* Where the plugin host's program is: ASTROLABE_TEST_PLUGIN_HOST, or beside this program. False: it is
 * not there or cannot be run; `text` says so. */
bool child_program(char *ret_path, size_t room, char text[CHILD_TEXT]);

#endif
