/*
 * Deadlines: one timer per connection, set late and moved rarely.
 *
 * Every wait has a limit: for a head, for the next bytes of a body, for the next request, for the
 * peer to read, for the whole request. The timer is only touched when the wait that now applies
 * ends sooner than it is set to fire; when it fires too early it is set again. So a busy connection
 * never touches it.
 */
#include "dispatch/pipeline.h"
#include "process/loop.h"
#include "process/server.h"
#include "wire/connection.h"

enum { LINGER_MS = 2000 };

static uint64_t milliseconds(double seconds)
{
    return (uint64_t)(seconds * 1e3) + 1;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* When the present wait ends, in loop time. */
static uint64_t due_ms(const struct connection *connection)
{
    const struct settings *s = &server.settings;
    const struct request *reading = connection->reading;
    switch (connection->state) {
    case CONNECTION_IDLE:
        return connection->mark_ms + milliseconds(s->timeouts_idle);
    case CONNECTION_READING: {
        uint64_t whole = reading->deadline_ns / 1000000 + 1;
        uint64_t step = reading->state == REQUEST_HEAD
                            ? reading->began_ns / 1000000 + milliseconds(s->timeouts_head)
                            : connection->mark_ms + milliseconds(s->timeouts_body);
        return earlier(whole, step);
    }
    case CONNECTION_WORKING:
        return connection->working->deadline_ns / 1000000 + 1;
    case CONNECTION_BLOCKED:
        return connection->mark_ms + milliseconds(s->timeouts_write);
    case CONNECTION_LINGER:
        return connection->mark_ms + LINGER_MS;
    default:
        return UINT64_MAX;
    }
}

static void set(struct connection *connection, uint64_t due)
{
    uint64_t now = uv_now(&connection->loop->uv);
    connection->timer_ms = due;
    uv_timer_start(&connection->timer, connection_timer_fired, due > now ? due - now : 0, 0);
}

void connection_timer_set(struct connection *connection)
{
    uint64_t due = due_ms(connection);
    if (due < connection->timer_ms)
        set(connection, due);
}

/* A message that does not come to its end: 408, and the connection goes. */
static void give_up_reading(struct connection *connection)
{
    struct request *request = connection->reading;
    connection->reading = NULL;
    connection->head = NULL;
    uint64_t whole = request->began_ns + (uint64_t)(server.settings.timeouts_request * 1e9);
    bool is_up = loop_clock_ns() >= request->deadline_ns;
    if (is_up && request->deadline_ns < whole)
        astro_fail(&request->error, ASTRO_DEADLINE, NULL,
                   "the deadline (X-Request-Timeout) passed while the request was being read");
    else if (is_up)
        astro_fail(&request->error, ASTRO_TIMEOUT, NULL,
                   "the request was not complete when its time (timeouts.request) was up");
    else
        astro_fail(&request->error, ASTRO_TIMEOUT, NULL,
                   request->state == REQUEST_HEAD
                       ? "the request's head did not arrive in time (timeouts.head)"
                       : "no more of the body arrived for too long (timeouts.body)");
    request->keep_alive = false;
    connection->unread_input = true;
    response_fail(request);
    request_move(request, REQUEST_ANSWER);
    connection_queue(connection, request);
}

/* The work goes on until its last job lets go, but another object carries the answer, now. */
static void give_up_working(struct connection *connection)
{
    struct request *working = connection->working;
    connection->working = NULL;
    working->connection = NULL;
    working->late = true;
    struct request *answer = request_create(connection->loop, connection);
    if (answer == NULL) {
        pipeline_cancel(working);
        connection->last_answer = connection->memory_answer_due = true;
        return;
    }
    answer->stands_in = true;
    answer->method = working->method;
    answer->minor = working->minor;
    answer->keep_alive = working->keep_alive;
    answer->route = working->route;
    if (working->id.data != NULL) {
        char *id = arena_copy(&answer->arena, working->id.data, working->id.length);
        if (id != NULL)
            answer->id = (struct request_text){id, working->id.length};
    }
    pipeline_cancel(working);
    astro_fail(&answer->error, ASTRO_DEADLINE, NULL,
               "the deadline passed before the conversion was done");
    response_fail(answer);
    request_move(answer, REQUEST_ANSWER);
    connection_queue(connection, answer);
}

/* True: the peer has read something since we last looked. */
static bool writes_go_on(struct connection *connection)
{
    size_t left = uv_stream_get_write_queue_size(&connection->uv.stream);
    bool moved = left < connection->unwritten;
    connection->unwritten = left;
    if (moved)
        connection->mark_ms = uv_now(&connection->loop->uv);
    return moved;
}

void connection_timer_fired(uv_timer_t *timer)
{
    struct connection *connection = timer->data;
    connection->timer_ms = UINT64_MAX;
    connection->loop->recent_ns = 0;
    if (connection->state == CONNECTION_CLOSED)
        return;
    uint64_t due = due_ms(connection);
    if (due > uv_now(&connection->loop->uv) ||
        (connection->state == CONNECTION_BLOCKED && writes_go_on(connection))) {
        connection_timer_set(connection);
        return;
    }
    switch (connection->state) {
    case CONNECTION_READING:
        give_up_reading(connection);
        break;
    case CONNECTION_WORKING:
        give_up_working(connection);
        break;
    default:
        connection_close(connection);
        return;
    }
    connection_advance(connection);
}
