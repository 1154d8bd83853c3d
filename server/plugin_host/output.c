#include "plugin_host/output.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "plugin_host/host.h"

/* Microseconds to wait for astrolabed in all, and at once. */
enum { PATIENCE = 5000, PAUSE = 50, PAUSE_LONGEST = 800 };
/* After a wait in vain: calls that do not wait. A thread that prints all the time, or an astrolabed that does
 * not read, must not slow every call down. */
enum { CALLS_WITHOUT_WAIT = 200 };

static unsigned calls_without_wait;

void output_open(void)
{
    setvbuf(stdout, NULL, _IOLBF, 4096);
}

bool output_is_there(void)
{
    return fcntl(STDOUT_FILENO, F_GETFD) >= 0 && fcntl(STDERR_FILENO, F_GETFD) >= 0;
}

static bool is_empty(int descriptor)
{
    int bytes = 0;
    return ioctl(descriptor, FIONREAD, &bytes) != 0 || bytes == 0;
}

static bool wait_until_read(void)
{
    long waited = 0;
    for (long pause = PAUSE; waited < PATIENCE; pause = pause < PAUSE_LONGEST ? 2 * pause : pause) {
        struct timespec time = {.tv_nsec = pause * 1000};
        nanosleep(&time, NULL);
        waited += pause;
        if (is_empty(STDOUT_FILENO) && is_empty(STDERR_FILENO))
            return true;
    }
    return false;
}

void output_settle(void)
{
    fflush(stdout);
    if (calls_without_wait > 0) {
        calls_without_wait--;
        return;
    }
    if (is_empty(STDOUT_FILENO) && is_empty(STDERR_FILENO))
        return;
    PyThreadState *state = PyEval_SaveThread();
    bool read = wait_until_read();
    PyEval_RestoreThread(state);
    if (!read)
        calls_without_wait = CALLS_WITHOUT_WAIT;
}
