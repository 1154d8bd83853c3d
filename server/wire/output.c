/*
 * Output: the queue of answers goes out in as few gather writes as possible.
 *
 * An answer's pieces stay where they are until the last byte is written; then its request ends.
 */
#include <string.h>

#include "memory/alloc.h"
#include "observe/stats.h"
#include "process/loop.h"
#include "wire/connection.h"

enum { FLUSH_PIECES = 256 }; /* pieces of one attempt: several small answers, or one large one */

static const char continue_line[] = "HTTP/1.1 100 Continue\r\n\r\n";

static void answer_done(struct connection *connection)
{
    struct request *request = connection->answers;
    connection->answers = request->next;
    if (connection->answers == NULL)
        connection->answers_end = NULL;
    connection->n_answers--;
    request_destroy(&request);
}

static void count_written(struct connection *connection, size_t bytes)
{
    stats_add(&connection->loop->stats->bytes_written, bytes);
}

/* --- a write that blocks --- */

struct blocked_write {
    uv_write_t write;
    struct connection *connection;
};

static void on_written(uv_write_t *write, int status)
{
    struct blocked_write *blocked = write->data;
    struct connection *connection = blocked->connection;
    mem_free(blocked);
    unsigned n = connection->n_blocked;
    connection->n_blocked = 0;
    if (connection->state == CONNECTION_CLOSED || status != 0) {
        while (connection->answers != NULL)
            answer_done(connection);
        connection_close(connection);
        return;
    }
    while (n-- > 0)
        answer_done(connection);
    connection->loop->recent_ns = 0;
    connection_advance(connection);
}

/* Hands all answers to libuv, but for the first `sent` bytes. False: no memory. */
static bool write_rest(struct connection *connection, size_t sent)
{
    size_t pieces = 0;
    for (struct request *r = connection->answers; r != NULL; r = r->next)
        pieces += r->response.n_pieces;
    struct blocked_write *blocked = mem_alloc(sizeof *blocked);
    uv_buf_t *buffers = mem_zalloc(pieces, sizeof *buffers);
    if (blocked == NULL || buffers == NULL) {
        mem_free(blocked);
        mem_free(buffers);
        return false;
    }
    unsigned n = 0;
    for (struct request *r = connection->answers; r != NULL; r = r->next) {
        connection->n_blocked++;
        for (size_t i = 0; i < r->response.n_pieces; i++) {
            uv_buf_t piece = r->response.pieces[i];
            size_t skip = sent < piece.len ? sent : piece.len;
            sent -= skip;
            if (piece.len == skip)
                continue;
            buffers[n].base = piece.base + skip;
            buffers[n++].len = piece.len - skip;
            count_written(connection, piece.len - skip);
        }
    }
    blocked->write.data = blocked;
    blocked->connection = connection;
    int status = uv_write(&blocked->write, &connection->uv.stream, buffers, n, on_written);
    mem_free(buffers); /* libuv keeps a copy of the list */
    if (status != 0) {
        mem_free(blocked);
        connection->n_blocked = 0;
        return false;
    }
    connection->unwritten = uv_stream_get_write_queue_size(&connection->uv.stream);
    connection_move(connection, CONNECTION_BLOCKED);
    return true;
}

/* --- the usual case: the socket takes it all --- */

static unsigned gather(const struct connection *connection, uv_buf_t *buffers, size_t *ret_size,
                       bool *ret_all)
{
    unsigned n = 0;
    *ret_size = 0;
    *ret_all = true;
    for (struct request *r = connection->answers; r != NULL; r = r->next) {
        if (n + r->response.n_pieces > FLUSH_PIECES) {
            *ret_all = false;
            break;
        }
        for (size_t i = 0; i < r->response.n_pieces; i++) {
            buffers[n] = r->response.pieces[i];
            *ret_size += buffers[n++].len;
        }
    }
    return n;
}

/*
 * Lines without a request of their own, due only when all earlier answers are out, so the queue is
 * empty here: 100 Continue (a client that is not told goes on by itself after a while), and the
 * answer when there was no memory for a request.
 */
static bool send_canned(struct connection *connection)
{
    uv_buf_t line = uv_buf_init((char *)(uintptr_t)continue_line, sizeof continue_line - 1);
    if (connection->memory_answer_due)
        line = response_out_of_memory();
    connection->continue_due = connection->memory_answer_due = false;
    int n = uv_try_write(&connection->uv.stream, &line, 1);
    if (n == (int)line.len || n == UV_EAGAIN)
        return true;
    connection_close(connection);
    return false;
}

bool connection_flush(struct connection *connection)
{
    uv_buf_t buffers[FLUSH_PIECES];
    while (connection->answers != NULL) {
        size_t size;
        bool all;
        unsigned n = gather(connection, buffers, &size, &all);
        int written = n > 0 ? uv_try_write(&connection->uv.stream, buffers, n) : 0;
        if (written == UV_EAGAIN)
            written = 0;
        if (written < 0) {
            connection_close(connection);
            return false;
        }
        count_written(connection, (size_t)written);
        if (n == 0 || (size_t)written < size) {
            if (!write_rest(connection, (size_t)written)) {
                connection_close(connection);
                return false;
            }
            return true;
        }
        while (n > 0) {
            n -= (unsigned)connection->answers->response.n_pieces;
            answer_done(connection);
        }
    }
    if (connection->continue_due || connection->memory_answer_due)
        return send_canned(connection);
    return true;
}
