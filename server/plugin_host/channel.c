#include "plugin_host/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What a descriptor was when we were born: plugins may close it and open something else in its place. */
struct identity {
    dev_t device;
    ino_t inode;
};

static struct {
    struct channel *channel;
    char *base;
    size_t bytes;
    uint32_t n_loops; /* our own copy: plugins can write to the channel */
    bool offline;     /* no descriptors: nobody to wake */
    bool child;       /* forked by a plugin */
    bool main_forks;  /* the fork under way was asked for by the main thread */
    struct identity identities[HOST_FD_LOOPS + PROTOCOL_MAX_LOOPS];
} here;

static bool identity_of(int descriptor, struct identity *ret)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return false;
    *ret = (struct identity){.device = status.st_dev, .inode = status.st_ino};
    return true;
}

static bool is_ours(int descriptor)
{
    struct identity now;
    return identity_of(descriptor, &now) && now.device == here.identities[descriptor].device &&
           now.inode == here.identities[descriptor].inode;
}

/* --- forks --- */

static void before_fork(void)
{
    here.main_forks = getpid() == (pid_t)syscall(SYS_gettid);
}

/* In the child: it dies with us (when the thread that made it does not end before), and keeps none of our
 * descriptors open, so that our end is seen by astrolabed. */
static void after_fork_in_child(void)
{
    here.child = true;
    if (here.offline)
        return;
    if (here.main_forks)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int d = HOST_FD_CONTROL; d < HOST_FD_LOOPS + (int)here.n_loops; d++)
        if (is_ours(d))
            close(d);
}

bool channel_is_child(void)
{
    return here.child;
}

/* --- opening --- */

static bool map_region(char error[256])
{
    struct stat status;
    if (fstat(HOST_FD_REGION, &status) != 0 || status.st_size < PROTOCOL_CHANNEL_BYTES) {
        snprintf(error, 256, "descriptor %d is not a region", HOST_FD_REGION);
        return false;
    }
    size_t bytes = (size_t)status.st_size;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, HOST_FD_REGION, 0);
    if (base == MAP_FAILED) {
        snprintf(error, 256, "cannot map the region of %zu bytes: %s", bytes, strerror(errno));
        return false;
    }
    here.base = base;
    here.bytes = bytes;
    here.channel = base;
    return true;
}

static bool check_region(char error[256])
{
    const struct channel *channel = here.channel;
    if (channel->version != PROTOCOL_VERSION) {
        snprintf(error, 256, "the region speaks version %u of the protocol, this host %d",
                 channel->version, PROTOCOL_VERSION);
        return false;
    }
    if (channel->region_bytes != here.bytes || channel->n_loops == 0 ||
        channel->n_loops > PROTOCOL_MAX_LOOPS) {
        snprintf(error, 256, "the region's head makes no sense");
        return false;
    }
    here.n_loops = channel->n_loops;
    return true;
}

static bool keep_descriptors(char error[256])
{
    int end = HOST_FD_LOOPS + (int)here.n_loops;
    for (int d = HOST_FD_CONTROL; d < end; d++) {
        if (!identity_of(d, &here.identities[d]) || fcntl(d, F_SETFD, FD_CLOEXEC) != 0) {
            snprintf(error, 256, "descriptor %d is missing", d);
            return false;
        }
    }
    close_range((unsigned)end, ~0U, 0);
    return true;
}

bool channel_open(char error[256])
{
    if (!map_region(error) || !check_region(error) || !keep_descriptors(error))
        return false;
    if (pthread_atfork(before_fork, NULL, after_fork_in_child) != 0) {
        snprintf(error, 256, "no memory");
        return false;
    }
    return true;
}

void channel_use(void *base, size_t bytes)
{
    here.base = base;
    here.bytes = bytes;
    here.channel = base;
    here.n_loops = 1;
    here.offline = true;
    pthread_atfork(before_fork, NULL, after_fork_in_child);
}

void *channel_at(uint64_t offset, uint64_t bytes, size_t alignment)
{
    if (offset < PROTOCOL_CHANNEL_BYTES || offset > here.bytes || bytes > here.bytes - offset ||
        offset % alignment != 0)
        return NULL;
    return here.base + offset;
}

/* --- rings --- */

enum ring_state channel_take(struct ring_entry *ret)
{
    return ring_take(&here.channel->calls, ret);
}

void channel_running(uint64_t call)
{
    atomic_store_explicit(&here.channel->running, call, memory_order_relaxed);
}

bool channel_complete(struct ring_entry entry)
{
    uint32_t loop = ring_loop(entry.call);
    if (loop >= here.n_loops || !ring_put(&here.channel->loops[loop].done, entry))
        return false;
    /* The entry is seen by a loop that has said that it sleeps, or we see that it has said so. */
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&here.channel->loops[loop].asleep, memory_order_relaxed) == 0 ||
        atomic_exchange(&here.channel->loops[loop].asleep, 0) == 0 || here.offline)
        return true;
    int descriptor = HOST_FD_LOOPS + (int)loop;
    const uint64_t one = 1;
    if (!is_ours(descriptor))
        return false;
    ssize_t n;
    do
        n = write(descriptor, &one, sizeof one);
    while (n < 0 && errno == EINTR);
    return n == sizeof one || errno == EAGAIN; /* EAGAIN: it is full of wake-ups */
}

bool channel_release(uint64_t block)
{
    return !here.child && releases_put(&here.channel->releases, block);
}

/* --- sleeping --- */

static bool has_call(void)
{
    return atomic_load_explicit(&here.channel->calls.tail, memory_order_acquire) !=
           atomic_load_explicit(&here.channel->calls.head, memory_order_relaxed);
}

static struct channel_events look(int timeout_ms)
{
    struct pollfd polled[2] = {{.fd = HOST_FD_CONTROL, .events = POLLIN},
                               {.fd = HOST_FD_WAKE, .events = POLLIN}};
    struct channel_events events = {0};
    if (poll(polled, 2, timeout_ms) < 0) {
        events.broken = errno != EINTR;
        return events;
    }
    events.control = polled[0].revents != 0;
    events.broken = (polled[0].revents & POLLNVAL) != 0 ||
                    (polled[1].revents & (POLLNVAL | POLLERR | POLLHUP)) != 0;
    if ((polled[1].revents & POLLIN) != 0) {
        uint64_t count;
        ssize_t n = is_ours(HOST_FD_WAKE) ? read(HOST_FD_WAKE, &count, sizeof count) : 0;
        if (n != sizeof count && !(n < 0 && (errno == EAGAIN || errno == EINTR)))
            events.broken = true;
    }
    return events;
}

struct channel_events channel_sleep(int timeout_ms)
{
    atomic_store(&here.channel->host_asleep, 1);
    /* A call is seen here, or its submitter sees the flag. */
    atomic_thread_fence(memory_order_seq_cst);
    struct channel_events events = look(has_call() ? 0 : timeout_ms);
    atomic_store(&here.channel->host_asleep, 0);
    return events;
}

struct channel_events channel_look(void)
{
    return look(0);
}
