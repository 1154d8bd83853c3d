#include "wire/listener.h"

#include <unistd.h>
#include <uv.h>

#include "memory/alloc.h"
#include "observe/log.h"
#include "process/loop.h"
#include "wire/connection.h"

enum { BACKLOG = 4096 };
static const uint64_t COMPLAIN_EVERY_NS = 1000000000;

struct listener {
    union {
        uv_handle_t handle;
        uv_stream_t stream;
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv;
    struct loop *loop; /* borrowed */
    struct listener *next;
    bool is_unix;
    bool stalled; /* libuv waits for a connection to be accepted; there was no memory for it */
};

static void accept_one(struct listener *listener)
{
    listener->stalled = !connection_accept(listener->loop, &listener->uv.stream, listener->is_unix);
}

/*
 * Out of descriptors, in this process or the whole system (limits.connections stays below what this
 * process may have, see main.c). libuv calls again and again until an accept succeeds, so something
 * has to give: an idle connection, or else a moment of everybody's time.
 */
static void cannot_accept(struct loop *loop, int status)
{
    uint64_t now = loop_clock_ns();
    if (now - loop->complained_ns > COMPLAIN_EVERY_NS) {
        loop->complained_ns = now;
        LOG_EVENT(LEVEL_WARN, "accept_failed", LOG_S("reason", uv_strerror(status)));
    }
    for (struct connection *c = loop->connections; c != NULL; c = c->next) {
        if (c->state == CONNECTION_IDLE || c->state == CONNECTION_LINGER) {
            connection_close(c); /* its descriptor is free at once */
            return;
        }
    }
    uv_sleep(1);
}

static void on_connection(uv_stream_t *stream, int status)
{
    struct listener *listener = stream->data;
    if (status != 0) {
        cannot_accept(listener->loop, status);
        return;
    }
    accept_one(listener);
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

int listener_open(struct loop *loop, int fd_take, bool is_unix)
{
    struct listener *listener = mem_zalloc(1, sizeof *listener);
    if (listener == NULL) {
        close(fd_take);
        return UV_ENOMEM;
    }
    int status = is_unix ? uv_pipe_init(&loop->uv, &listener->uv.pipe, 0)
                         : uv_tcp_init(&loop->uv, &listener->uv.tcp);
    if (status != 0) {
        close(fd_take);
        mem_free(listener);
        return status;
    }
    listener->uv.handle.data = listener;
    listener->loop = loop;
    listener->is_unix = is_unix;
    status = is_unix ? uv_pipe_open(&listener->uv.pipe, fd_take)
                     : uv_tcp_open(&listener->uv.tcp, fd_take);
    if (status != 0)
        close(fd_take);
    else
        status = uv_listen(&listener->uv.stream, BACKLOG, on_connection);
    if (status != 0) {
        uv_close(&listener->uv.handle, on_closed);
        return status;
    }
    listener->next = loop->listeners;
    loop->listeners = listener;
    return 0;
}

void listener_close_all(struct loop *loop)
{
    while (loop->listeners != NULL) {
        struct listener *listener = loop->listeners;
        loop->listeners = listener->next;
        uv_close(&listener->uv.handle, on_closed);
    }
}

void listener_retry(struct loop *loop)
{
    for (struct listener *l = loop->listeners; l != NULL; l = l->next) {
        if (l->stalled)
            accept_one(l);
    }
}
