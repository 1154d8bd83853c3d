#include "fake_queue.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "process/loop.h"

struct fake_queue fake_queue;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void work_on(struct fleet_process *process, const char *plugin, const char *request)
{
    fake_queue.busy = &process->host;
    process->host.n_calls = 1;
    process->host.calls[0].begun_ns = loop_clock_ns();
    process->host.calls[0].kill_ns = UINT64_MAX;
    snprintf(fake_queue.plugin, sizeof fake_queue.plugin, "%s", plugin);
    snprintf(fake_queue.request, sizeof fake_queue.request, "%s", request);
}

void rest(void)
{
    if (fake_queue.busy != NULL)
        fake_queue.busy->n_calls = 0;
    fake_queue.busy = NULL;
}

void plugins_lock(void)
{
    pthread_mutex_lock(&mutex);
}

void plugins_unlock(void)
{
    pthread_mutex_unlock(&mutex);
}

bool queue_loop_open(struct loop *loop)
{
    (void)loop;
    return true;
}

void queue_loop_close(struct loop *loop)
{
    (void)loop;
}

int queue_loop_descriptor(size_t index)
{
    (void)index;
    return 2; /* any that is open */
}

bool queue_admits(struct request *request, const struct plugin_conversion *conversion,
                  struct region_memory **ret_region)
{
    (void)request;
    (void)conversion;
    (void)ret_region;
    return false;
}

void queue_submit(struct request *request, bool from_loop)
{
    (void)request;
    (void)from_loop;
}

void queue_cancel(struct request *request)
{
    (void)request;
}

void queue_flush(struct loop *loop)
{
    (void)loop;
}

void queue_host_ready(struct host *host)
{
    (void)host;
    fake_queue.ready++;
}

void queue_host_leaves(struct host *host)
{
    (void)host;
    fake_queue.left++;
}

void queue_host_died(struct host *host, int code, const char *text)
{
    fake_queue.died++;
    if (fake_queue.busy == host) {
        fake_queue.code = code;
        snprintf(fake_queue.text, sizeof fake_queue.text, "%s", text);
        rest();
    }
}

bool queue_host_gone(const struct host *host)
{
    return host->state == HOST_DEAD;
}

void queue_conversions_changed(void)
{
    fake_queue.changed++;
}

void queue_refuse_all(void)
{
    fake_queue.refused++;
}

bool queue_host_idle(const struct host *host)
{
    return host->n_calls == 0;
}

bool queue_running(const struct host *host, char ret_plugin[64], char ret_request[64])
{
    if (fake_queue.busy != host)
        return false;
    memcpy(ret_plugin, fake_queue.plugin, 64);
    memcpy(ret_request, fake_queue.request, 64);
    return true;
}

size_t queue_overdue(uint64_t now_ns, struct host *ret[], size_t most)
{
    (void)most;
    if (fake_queue.overdue == NULL || fake_queue.overdue->state == HOST_DEAD)
        return 0;
    fake_queue.overdue->calls[0].kill_ns = now_ns;
    ret[0] = fake_queue.overdue;
    fake_queue.overdue = NULL;
    return 1;
}

uint64_t queue_next_overdue(void)
{
    return fake_queue.overdue != NULL ? 0 : UINT64_MAX;
}

size_t queue_waiting(void)
{
    return 7;
}
