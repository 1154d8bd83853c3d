/*
 * Completions: what the hosts have done, heard on the loop that the requests belong to.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <uv.h>

#include "catalogue/catalogue.h"
#include "dispatch/pipeline.h"
#include "memory/alloc.h"
#include "plugins/fleet.h"
#include "plugins/frame.h"
#include "plugins/queue_internal.h"
#include "plugins/ring.h"
#include "process/loop.h"
#include "request/call.h"
#include "request/request.h"

enum { AT_ONCE = 8 }; /* calls taken from the rings before their requests are answered */

static const double MEAN_SHARE = 0.2; /* of the newest call in the mean */

static struct {
    uv_poll_t poll;
    int descriptor;
    bool open;
} loops[PROTOCOL_MAX_LOOPS];

static void note_time(struct plugin_call *call)
{
    const struct frame *frame = (const struct frame *)(const void *)call->frame.data;
    double busy = (double)frame->busy_ns, mean = call->conversion->mean_ns;
    if (busy > 3.6e12 || busy <= 0) /* an hour: it invents */
        return;
    call->conversion->mean_ns = mean > 0 ? mean + MEAN_SHARE * (busy - mean) : busy;
}

static bool take_call(struct host *host, uint64_t id, struct plugin_call *ret)
{
    for (unsigned c = 0; c < host->n_calls; c++) {
        if (host->calls[c].id != id)
            continue;
        *ret = host->calls[c];
        host->served++;
        note_time(ret);
        retained_take(host, ret);
        queue_call_ended(host, c);
        return true;
    }
    return false;
}

/* Locked. How many were taken; a host that writes nonsense is stuck: the fleet ends it. */
static size_t read_host(struct host *host, size_t loop, struct plugin_call *out, size_t room)
{
    struct call_ring *done = &region_memory_channel(host->region)->loops[loop].done;
    struct ring_entry entry;
    size_t n = 0;
    while (n < room) {
        enum ring_state state = ring_take(done, &entry);
        if (state == RING_EMPTY)
            break;
        if (state == RING_BROKEN || entry.call >> 56 != loop ||
            !take_call(host, entry.call, &out[n])) {
            host->stuck = true;
            break;
        }
        n++;
    }
    if (!retained_read_releases(host))
        host->stuck = true;
    return n;
}

/* Locked. True: the rings are empty and the loop will be woken by the next completion. */
static size_t read_hosts(size_t loop, struct plugin_call *out)
{
    size_t n = 0;
    struct host *next;
    for (struct host *host = queue.hosts; host != NULL && n < AT_ONCE; host = next) {
        next = host->next; /* a dead one leaves the list with its last call */
        n += read_host(host, loop, &out[n], AT_ONCE - n);
    }
    return n;
}

/* Locked. Says that the loop sleeps; false: something came in that moment. */
static bool fall_asleep(size_t loop)
{
    bool quiet = true;
    for (struct host *host = queue.hosts; host != NULL; host = host->next) {
        struct channel *channel = region_memory_channel(host->region);
        atomic_store_explicit(&channel->loops[loop].asleep, 1, memory_order_seq_cst);
        const struct call_ring *done = &channel->loops[loop].done;
        quiet =
            quiet && (host->stuck || atomic_load_explicit(&done->tail, memory_order_seq_cst) ==
                                         atomic_load_explicit(&done->head, memory_order_relaxed));
    }
    return quiet;
}

static void finish(struct plugin_call *call)
{
    bool own = false;
    char plugin[CATALOGUE_NAME];
    memcpy(plugin, call->pieces[0]->call->plugin->conversion->plugin, sizeof plugin);
    for (unsigned i = 0; i < call->n_pieces; i++) {
        struct request *request = call->pieces[i];
        request->call->plugin->state = PART_ENDED;
        own = own || request->error.code == ASTRO_OK;
        pipeline_take_back(request);
        frame_read(call, i);
        pipeline_resume(request);
    }
    slab_release(&call->frame);
    if (own)
        fleet_call_ended(plugin);
}

static void on_completion(uv_poll_t *poll, int status, int events)
{
    (void)events;
    struct loop *loop = poll->data;
    uint64_t count;
    if (status != 0 ||
        (read(loops[loop->index].descriptor, &count, sizeof count) < 0 && errno != EAGAIN))
        return;
    loop->recent_ns = 0;
    for (;;) {
        struct plugin_call done[AT_ONCE];
        plugins_lock();
        size_t n = read_hosts(loop->index, done);
        bool quiet = n == 0 && fall_asleep(loop->index);
        plugins_unlock();
        if (n > 0)
            queue_dispatch(); /* hosts first: they work while the answers are written */
        for (size_t i = 0; i < n; i++)
            finish(&done[i]);
        if (quiet)
            return;
    }
}

int queue_loop_descriptor(size_t index)
{
    return loops[index].descriptor;
}

bool queue_loop_open(struct loop *loop)
{
    if (loop->index >= PROTOCOL_MAX_LOOPS)
        return false;
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (descriptor < 0)
        return false;
    uv_poll_t *poll = &loops[loop->index].poll;
    if (uv_poll_init(&loop->uv, poll, descriptor) != 0) {
        close(descriptor);
        return false;
    }
    poll->data = loop;
    loops[loop->index].descriptor = descriptor;
    loops[loop->index].open = uv_poll_start(poll, UV_READABLE, on_completion) == 0;
    return loops[loop->index].open;
}

static void on_closed(uv_handle_t *handle)
{
    const struct loop *loop = handle->data;
    close(loops[loop->index].descriptor);
}

void queue_loop_close(struct loop *loop)
{
    if (loop->index >= PROTOCOL_MAX_LOOPS || !loops[loop->index].open)
        return;
    loops[loop->index].open = false;
    uv_close((uv_handle_t *)&loops[loop->index].poll, on_closed);
}
