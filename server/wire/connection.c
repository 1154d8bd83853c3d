#include "wire/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dispatch/pipeline.h"
#include "memory/alloc.h"
#include "process/loop.h"
#include "process/server.h"
#include "wire/listener.h"

#define CONNECTION_MAGIC 0x436f6e6eu

enum {
    STASH_MAX = LOOP_READ_BUFFER,  /* bytes of further requests taken in while one is at work */
    LINGER_MAX = 16 * 1024 * 1024, /* bytes thrown away before a connection is cut */
    LINGER_CONNECTIONS = 64        /* of one loop, at the same time */
};

#define TO(state) (1u << CONNECTION_##state)
static const unsigned moves[CONNECTION_STATES] = {
    [CONNECTION_IDLE] = TO(READING) | TO(WORKING) | TO(BLOCKED) | TO(LINGER) | TO(CLOSED),
    [CONNECTION_READING] = TO(IDLE) | TO(WORKING) | TO(BLOCKED) | TO(LINGER) | TO(CLOSED),
    [CONNECTION_WORKING] = TO(IDLE) | TO(READING) | TO(BLOCKED) | TO(LINGER) | TO(CLOSED),
    [CONNECTION_BLOCKED] = TO(IDLE) | TO(READING) | TO(WORKING) | TO(LINGER) | TO(CLOSED),
    [CONNECTION_LINGER] = TO(CLOSED),
    [CONNECTION_CLOSED] = 0,
};
#undef TO

static void broken(const char *what, const struct connection *connection)
{
    fprintf(stderr, "astrolabed: connection %p: %s (state %d)\n", (const void *)connection, what,
            (int)connection->state);
    abort();
}

static void check(const struct connection *connection)
{
    if (connection->magic != CONNECTION_MAGIC)
        broken("not a live connection", connection);
}

void connection_move(struct connection *connection, enum connection_state to)
{
    check(connection);
    if (connection->state == to)
        return;
    if ((moves[connection->state] & (1u << to)) == 0)
        broken("illegal move", connection);
    connection->state = to;
    connection->mark_ms = uv_now(&connection->loop->uv);
}

/* --- life --- */

void connection_uncount(struct connection *connection)
{
    if (connection->counted)
        atomic_fetch_sub_explicit(&server.connections, 1, memory_order_relaxed);
    connection->counted = false;
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;
    check(connection);
    if (--connection->handles > 0)
        return;
    struct loop *loop = connection->loop;
    loop->n_connections--;
    connection_uncount(connection);
    stats_add(&loop->stats->connections_closed, 1);
    connection->magic = 0;
    bool was_spare = connection->is_spare;
    connection_free(connection, loop);
    if (was_spare)
        listener_retry(loop); /* others may have waited for it */
    if (loop->draining)
        uv_async_send(&loop->wake); /* it may have been what the end of the loop waited for */
}

static void list_add(struct loop *loop, struct connection *connection)
{
    connection->next = loop->connections;
    if (loop->connections != NULL)
        loop->connections->previous = connection;
    loop->connections = connection;
    loop->n_connections++;
}

static void list_remove(struct connection *connection)
{
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        connection->loop->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    connection->previous = connection->next = NULL;
}

bool connection_open(struct connection *connection, struct loop *loop, bool is_pipe)
{
    int status = is_pipe ? uv_pipe_init(&loop->uv, &connection->uv.pipe, 0)
                         : uv_tcp_init(&loop->uv, &connection->uv.tcp);
    if (status != 0)
        return false;
    uv_timer_init(&loop->uv, &connection->timer); /* cannot fail */
    connection->uv.handle.data = connection;
    connection->timer.data = connection;
    connection->handles = 2;
    connection->magic = CONNECTION_MAGIC;
    connection->loop = loop;
    connection->timer_ms = UINT64_MAX;
    connection->mark_ms = uv_now(&loop->uv);
    list_add(loop, connection);
    atomic_fetch_add_explicit(&server.connections, 1, memory_order_relaxed);
    connection->counted = true;
    stats_add(&loop->stats->connections_opened, 1);
    connection_parser_init(connection);
    return true;
}

void connection_close(struct connection *connection)
{
    check(connection);
    if (connection->state == CONNECTION_CLOSED)
        return;
    if (connection->state == CONNECTION_LINGER)
        connection->loop->n_lingering--;
    connection_move(connection, CONNECTION_CLOSED);
    list_remove(connection);
    if (connection->working != NULL) {
        /* The jobs hold it; it ends when the last of them lets go. */
        struct request *working = connection->working;
        connection->working = NULL;
        working->connection = NULL;
        pipeline_cancel(working);
    }
    request_destroy(&connection->reading);
    /* A write under way borrows its answers until its callback, which always comes. */
    if (connection->n_blocked == 0) {
        while (connection->answers != NULL) {
            struct request *answer = connection->answers;
            connection->answers = answer->next;
            request_destroy(&answer);
        }
        connection->answers_end = NULL;
    }
    mem_free(connection->stash);
    connection->stash = NULL;
    uv_close(&connection->uv.handle, on_handle_closed);
    uv_close((uv_handle_t *)&connection->timer, on_handle_closed);
}

/* --- reading --- */

/* A body of known length is read to where it will be used; everything else into the loop's buffer.
 */
static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    (void)suggested;
    struct connection *connection = handle->data;
    struct loop *loop = connection->loop;
    char *data;
    size_t size;
    if (connection->state == CONNECTION_READING && connection->reading->state == REQUEST_BODY &&
        body_window(&connection->reading->body, &data, &size) && size >= 4096) {
        *ret = uv_buf_init(data, size < LOOP_READ_BUFFER ? (unsigned)size : LOOP_READ_BUFFER);
        return;
    }
    *ret = uv_buf_init(loop->buffer, LOOP_READ_BUFFER);
}

/* Bytes that cannot be parsed yet; there is at most one stash, then reading stops. False: no
 * memory, the connection has to go. */
static bool stash_put(struct connection *connection, const char *data, size_t size)
{
    connection->stash = mem_alloc(STASH_MAX);
    if (connection->stash == NULL)
        return false;
    memcpy(connection->stash, data, size);
    connection->stash_size = size;
    return true;
}

static void linger(struct connection *connection, size_t size)
{
    connection->lingered += (uint32_t)size;
    if (connection->lingered > LINGER_MAX)
        connection_close(connection);
}

static void on_read(uv_stream_t *stream, ssize_t nread, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    check(connection);
    if (connection->state == CONNECTION_CLOSED || nread == 0)
        return;
    if (nread < 0) {
        /* Gone, or done sending. The two cannot be told apart before an answer is written, and work
         * for a client that has left is waste: who closes its sending side while its request is at
         * work is taken to have left. */
        connection_close(connection);
        return;
    }
    size_t size = (size_t)nread;
    connection->loop->recent_ns = 0;
    stats_add(&connection->loop->stats->bytes_read, size);
    if (connection->state == CONNECTION_LINGER) {
        linger(connection, size);
        return;
    }
    if (connection->state == CONNECTION_WORKING || connection->state == CONNECTION_BLOCKED) {
        if (!stash_put(connection, buffer->base, size)) {
            connection_close(connection);
            return;
        }
    } else {
        connection_parse(connection, buffer->base, size);
    }
    connection_advance(connection);
}

/* While a request is at work one stash of further bytes is taken in, so that a client that leaves
 * is noticed; then, and while answers wait for the peer to read them, reading stops. */
static bool should_read(const struct connection *connection)
{
    if (connection->state == CONNECTION_BLOCKED || connection->state == CONNECTION_CLOSED)
        return false;
    if (connection->state == CONNECTION_WORKING)
        return connection->stash == NULL;
    return true;
}

static bool read_as_needed(struct connection *connection)
{
    bool wanted = should_read(connection);
    if (wanted == connection->reads)
        return true;
    connection->reads = wanted;
    if (!wanted) {
        uv_read_stop(&connection->uv.stream);
        return true;
    }
    return uv_read_start(&connection->uv.stream, on_alloc, on_read) == 0;
}

/* Lingering is a courtesy: with many of them the rest is cut, so that it cannot use up descriptors.
 */
static bool may_linger(const struct connection *connection)
{
    return connection->unread_input && connection->loop->n_lingering < LINGER_CONNECTIONS;
}

/* --- moving on --- */

/* The state that follows from what the connection holds. */
static enum connection_state resting_state(const struct connection *connection)
{
    if (connection->working != NULL)
        return CONNECTION_WORKING;
    return connection->reading != NULL ? CONNECTION_READING : CONNECTION_IDLE;
}

/* The last answer is out. What the peer is still sending must not turn into a reset that destroys
 * the answer on its way, so the sending side is closed first and the rest thrown away. */
void connection_finish(struct connection *connection)
{
    int fd;
    if (connection->stash != NULL)
        connection->unread_input = true;
    if (!may_linger(connection) || uv_fileno(&connection->uv.handle, &fd) != 0 ||
        shutdown(fd, SHUT_WR) != 0) {
        connection_close(connection);
        return;
    }
    connection_move(connection, CONNECTION_LINGER);
    connection->loop->n_lingering++;
    mem_free(connection->stash);
    connection->stash = NULL;
}

static void parse_stash(struct connection *connection)
{
    char *stash = connection->stash;
    size_t size = connection->stash_size;
    connection->stash = NULL; /* connection_parse() makes a new one from what is left */
    connection_parse(connection, stash, size);
    mem_free(stash);
}

void connection_advance(struct connection *connection)
{
    for (;;) {
        if (connection->state == CONNECTION_CLOSED || connection->state == CONNECTION_LINGER ||
            connection->n_blocked > 0)
            break;
        if (!connection_flush(connection) || connection->n_blocked > 0)
            break;
        if (connection->last_answer && connection->working == NULL) {
            connection_finish(connection);
            break;
        }
        connection_move(connection, resting_state(connection));
        if (connection->working != NULL || connection->stash == NULL)
            break;
        parse_stash(connection);
    }
    if (connection->state == CONNECTION_CLOSED)
        return;
    if (!read_as_needed(connection)) {
        connection_close(connection);
        return;
    }
    connection_timer_set(connection);
}

void connection_queue(struct connection *connection, struct request *request)
{
    struct response *response = &request->response;
    if (!request->keep_alive || connection->loop->draining)
        response->close = true;
    response_finish(request);
    if (response->close && request->keep_alive)
        connection->unread_input = true; /* our wish, not the client's: it may be sending more */
    /* Before it is written: who has read the answer finds it counted. */
    connection_account(connection, request);
    if (response->close)
        connection->last_answer = true;
    request->next = NULL;
    if (connection->answers_end != NULL)
        connection->answers_end->next = request;
    else
        connection->answers = request;
    connection->answers_end = request;
    connection->n_answers++;
}

void connection_answered(struct connection *connection, struct request *request)
{
    check(connection);
    if (connection->working != request)
        broken("an answer that nobody waits for", connection);
    connection->working = NULL;
    connection->loop->recent_ns = 0; /* what has waited in the stash begins now */
    connection_queue(connection, request);
    connection_advance(connection);
}
