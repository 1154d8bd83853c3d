/*
 * Minimal: the least that a server on libuv and llhttp can do, as a yardstick: reads requests,
 * throws their bodies away, and answers each with the same bytes. One loop, one thread.
 *
 *     test_minimal PORT BYTES        body of BYTES bytes in every answer
 *
 * Answers made in one read leave in one write as long as they are small.
 */
#include <llhttp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { READ_SIZE = 64 * 1024, BATCH = 64 * 1024 };

struct connection {
    uv_tcp_t tcp;
    llhttp_t parser;
    uv_write_t write;
    unsigned due; /* answers to be written */
    bool writing;
};

static char *answer, *batch;
static size_t answer_size, per_batch;
static llhttp_settings_t callbacks;
static char read_buffer[READ_SIZE];

static void closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_written(uv_write_t *write, int status);

static void write_due(struct connection *c)
{
    while (c->due > 0 && !c->writing) {
        size_t n = c->due < per_batch ? c->due : per_batch;
        uv_buf_t buffer = n == 1 ? uv_buf_init(answer, (unsigned)answer_size)
                                 : uv_buf_init(batch, (unsigned)(n * answer_size));
        c->due -= (unsigned)n;
        int sent = uv_try_write((uv_stream_t *)&c->tcp, &buffer, 1);
        if (sent < 0 && sent != UV_EAGAIN)
            return;
        if (sent < 0)
            sent = 0;
        if ((size_t)sent == buffer.len)
            continue;
        buffer.base += sent;
        buffer.len -= (size_t)sent;
        c->writing = uv_write(&c->write, (uv_stream_t *)&c->tcp, &buffer, 1, on_written) == 0;
    }
}

static void on_written(uv_write_t *write, int status)
{
    struct connection *c = write->data;
    c->writing = false;
    if (status == 0)
        write_due(c);
}

static int on_message(llhttp_t *parser)
{
    struct connection *c = parser->data;
    c->due++;
    return 0;
}

static void give_buffer(uv_handle_t *handle, size_t size, uv_buf_t *ret)
{
    (void)handle;
    (void)size;
    *ret = uv_buf_init(read_buffer, READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct connection *c = stream->data;
    if (size < 0 || llhttp_execute(&c->parser, buffer->base, (size_t)size) != HPE_OK) {
        uv_close((uv_handle_t *)stream, closed);
        return;
    }
    write_due(c);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct connection *c = status == 0 ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return;
    uv_tcp_init(listener->loop, &c->tcp);
    c->tcp.data = c;
    c->write.data = c;
    llhttp_init(&c->parser, HTTP_REQUEST, &callbacks);
    c->parser.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0) {
        uv_close((uv_handle_t *)&c->tcp, closed);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    uv_read_start((uv_stream_t *)&c->tcp, give_buffer, on_read);
}

static bool make_answer(size_t body)
{
    answer = malloc(body + 256);
    if (!answer)
        return false;
    int head = snprintf(
        answer, 256,
        "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %zu\r\n\r\n",
        body);
    memset(answer + head, 'x', body);
    answer_size = (size_t)head + body;
    per_batch = answer_size < BATCH ? BATCH / answer_size : 1;
    batch = malloc(per_batch * answer_size);
    for (size_t i = 0; batch && i < per_batch; i++)
        memcpy(batch + i * answer_size, answer, answer_size);
    return batch != NULL;
}

int main(int argc, char **argv)
{
    struct sockaddr_in address;
    uv_tcp_t listener;
    if (argc != 3 || !make_answer((size_t)strtoull(argv[2], NULL, 10))) {
        fprintf(stderr, "usage: test_minimal PORT BYTES\n");
        return 2;
    }
    llhttp_settings_init(&callbacks);
    callbacks.on_message_complete = on_message;
    uv_tcp_init(uv_default_loop(), &listener);
    if (uv_ip4_addr("127.0.0.1", atoi(argv[1]), &address) != 0 ||
        uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0) != 0 ||
        uv_listen((uv_stream_t *)&listener, 1024, on_connection) != 0) {
        fprintf(stderr, "minimal: cannot listen on port %s\n", argv[1]);
        return 1;
    }
    return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
