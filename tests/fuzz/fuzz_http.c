/*
 * libFuzzer: any bytes as they may come over a connection, from the parser to the answers, without a socket.
 *
 * The first byte chooses how the rest is cut into reads. Each message gets one answer, each answer announces
 * the bytes that follow it, an error is JSON with one text, and when the connection closes nothing is left.
 */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "api/api.h"
#include "astrolabe/kernels.h"
#include "memory/alloc.h"
#include "memory/ledger.h"
#include "memory/slab.h"
#include "process/loop.h"
#include "process/server.h"
#include "wire/connection.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct loop *loop;

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mem_init();
    char name[] = "fuzz", *program = name;
    char *nothing = NULL;
    char *error = NULL;
    enum settings_action action;
    require(settings_load(1, &program, &nothing, &server.settings, &action, &error));
    server.settings.loops = 1;
    server.settings.limits_body_bytes = 1 << 20;
    server.settings.limits_header_bytes = 4096;
    server.settings.dispatch_inline = 1e9; /* everything on the loop: there is no pool */
    slab_pool_init(64u << 20);
    require(astro_kernels_init(ASTRO_TARGET_AUTO) && api_init());
    loop = loop_create(0, NULL);
    require(loop != NULL);
    uv_timer_stop(&loop->tick); /* housekeeping wants the pool */
    server.loops = &loop;
    server.n_loops = 1;
    return 0;
}

static void check_answer(const struct request *request)
{
    const struct response *response = &request->response;
    size_t total = 0, at = 0;
    for (size_t i = 0; i < response->n_pieces; i++)
        total += response->pieces[i].len;
    char *text = malloc(total + 1);
    require(text != NULL);
    for (size_t i = 0; i < response->n_pieces; i++) {
        memcpy(text + at, response->pieces[i].base, response->pieces[i].len);
        at += response->pieces[i].len;
    }
    text[total] = '\0';
    const char *body = strstr(text, "\r\n\r\n");
    const char *length = strstr(text, "\r\nContent-Length: ");
    require(strncmp(text, "HTTP/1.1 ", 9) == 0 && body != NULL && length != NULL && length < body);
    size_t rest = total - (size_t)(body + 4 - text);
    if (request->method == METHOD_HEAD)
        require(rest == 0);
    else
        require(rest == strtoul(length + 18, NULL, 10));
    if (response->code != ASTRO_OK && request->method != METHOD_HEAD) {
        json_t *document = json_loadb(body + 4, rest, 0, NULL);
        require(json_is_string(json_object_get(document, "error")));
        json_decref(document);
    }
    free(text);
}

static void take_answers(struct connection *connection)
{
    while (connection->answers != NULL) {
        struct request *answer = connection->answers;
        connection->answers = answer->next;
        check_answer(answer);
        request_destroy(&answer);
    }
    connection->answers_end = NULL;
    connection->n_answers = 0;
    connection->continue_due = false;
    connection_move(connection, connection->reading != NULL ? CONNECTION_READING : CONNECTION_IDLE);
}

static void feed(struct connection *connection, const char *data, size_t size)
{
    connection_parse(connection, data, size);
    take_answers(connection);
    while (connection->stash != NULL && !connection->last_answer) {
        char *stash = connection->stash;
        size_t left = connection->stash_size;
        connection->stash = NULL;
        connection_parse(connection, stash, left);
        mem_free(stash);
        take_answers(connection);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size > LOOP_READ_BUFFER)
        return 0;
    struct connection *connection = mem_zalloc(1, sizeof *connection);
    require(connection != NULL && connection_open(connection, loop, false));
    size_t step = data[0] == 0 ? size : data[0];
    for (size_t at = 1; at < size && !connection->last_answer; at += step) {
        size_t n = size - at < step ? size - at : step;
        char *piece = malloc(n); /* exactly its size: one byte too many is seen */
        require(piece != NULL);
        memcpy(piece, data + at, n);
        feed(connection, piece, n);
        free(piece);
    }
    connection_close(connection);
    uv_run(&loop->uv, UV_RUN_NOWAIT);
    require(loop->requests_live == 0 && loop->n_connections == 0);
    for (int kind = 0; kind < LEDGER_KINDS; kind++)
        require(ledger_read((enum ledger_kind)kind).objects == 0);
    return 0;
}
