#include "request/request.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory/ledger.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/call.h"

#define REQUEST_MAGIC 0x52457155u

/* Legal moves: bit b of row a says that a may become b. Error answers skip forward, nothing goes
 * back. */
#define TO(state) (1u << REQUEST_##state)
static const unsigned moves[REQUEST_STATES] = {
    [REQUEST_HEAD] = TO(BODY) | TO(READY) | TO(ANSWER) | TO(DONE),
    [REQUEST_BODY] = TO(READY) | TO(ANSWER) | TO(DONE),
    [REQUEST_READY] = TO(WORK) | TO(ANSWER) | TO(DONE),
    [REQUEST_WORK] = TO(ANSWER) | TO(DONE),
    [REQUEST_ANSWER] = TO(DONE),
    [REQUEST_DONE] = 0,
};
#undef TO

static void broken(const char *what, const struct request *request)
{
    fprintf(stderr, "astrolabed: request %p: %s (state %d)\n", (const void *)request, what,
            (int)request->state);
    abort();
}

static void check(const struct request *request)
{
    if (request->magic != REQUEST_MAGIC)
        broken("not a live request", request);
}

struct request *request_create(struct loop *loop, struct connection *connection_borrow)
{
    struct arena arena;
    arena_init(&arena, &loop->arenas);
    struct request *request = arena_zalloc(&arena, sizeof *request, _Alignof(struct request));
    if (request == NULL) {
        arena_release(&arena);
        return NULL;
    }
    request->arena = arena;
    request->magic = REQUEST_MAGIC;
    request->state = REQUEST_HEAD;
    request->loop = loop;
    request->connection = connection_borrow;
    request->header_length = -1;
    request->response.header_length = -1;
    request->began_before_drain = !loop->draining;
    request->began_ns = loop_recent_ns(loop);
    atomic_init(&request->deadline_ns,
                request->began_ns + (uint64_t)(server.settings.timeouts_request * 1e9));
    ledger_add(LEDGER_REQUESTS, 1, sizeof *request);
    loop->requests_live++;
    stats_add(&loop->stats->requests_begun, 1);
    return request;
}

bool request_attach(struct request *request, void *object, void (*release)(void *))
{
    check(request);
    if (request->n_attached == REQUEST_ATTACHED) {
        release(object);
        return false;
    }
    request->attached[request->n_attached++] = (struct request_attached){object, release};
    return true;
}

void request_move(struct request *request, enum request_state to)
{
    check(request);
    if ((moves[request->state] & (1u << to)) == 0)
        broken("illegal move", request);
    request->state = to;
}

/*
 * The end of a request, in one place: nobody works on it, then what is foreign in reverse order,
 * slabs, the arena with the struct itself.
 */
void request_destroy(struct request **request_take)
{
    if (request_take == NULL || *request_take == NULL)
        return;
    struct request *request = *request_take;
    *request_take = NULL;
    check(request);
    if (request->state == REQUEST_WORK)
        broken("destroyed while the pool works on it", request);
    request_move(request, REQUEST_DONE);
    while (request->n_attached > 0) {
        struct request_attached *last = &request->attached[--request->n_attached];
        last->release(last->object);
    }
    json_decref(request->later_document);
    call_release(request->call);
    body_release(&request->body);
    struct loop *loop = request->loop;
    loop->requests_live--;
    stats_add(&loop->stats->requests_ended, 1);
    ledger_sub(LEDGER_REQUESTS, 1, sizeof *request);
    request->magic = 0;
    struct arena arena = request->arena; /* the struct lies in it */
    arena_release(&arena);
}

bool request_path_is(const struct request *request, size_t segment, const char *text)
{
    return segment < request->n_segments && request->segments[segment].length == strlen(text) &&
           memcmp(request->segments[segment].data, text, strlen(text)) == 0;
}
