/*
 * HTTP/1.1 on a connection: llhttp's events become a request.
 *
 * Callbacks never close the connection and never write: they build requests and answers, and say by
 * their result whether the parser goes on. connection_advance() does the rest afterwards.
 */
#include <string.h>

#include "api/router.h"
#include "dispatch/pipeline.h"
#include "memory/alloc.h"
#include "plugins/part.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/call.h"
#include "wire/connection.h"
#include "wire/gate.h"
#include "wire/head.h"

enum {
    DOCUMENT_BODY_MAX = 64 * 1024, /* control documents are small; most take none at all */
    DISCARD_MAX =
        16 * 1024 * 1024, /* refused bodies are skipped up to here, to keep the connection */
};

/* --- the message comes in --- */

static int on_message_begin(llhttp_t *parser)
{
    struct connection *connection = parser->data;
    connection->reading = request_create(connection->loop, connection);
    if (connection->reading == NULL)
        return HPE_USER;
    if (!connection->used) /* who was let in before the listeners closed is served once */
        connection->reading->began_before_drain = true;
    connection->used = true;
    connection->head = head_create(connection->reading);
    if (connection->head == NULL) {
        astro_fail(&connection->reading->error, ASTRO_OVERLOADED, NULL, "out of memory; try again");
        return HPE_USER;
    }
    connection_move(connection, CONNECTION_READING);
    return 0;
}

static int on_url(llhttp_t *parser, const char *data, size_t length)
{
    struct connection *connection = parser->data;
    return head_target(connection->reading, connection->head, data, length) ? 0 : HPE_USER;
}

static int on_header_field(llhttp_t *parser, const char *data, size_t length)
{
    struct connection *connection = parser->data;
    if (connection->reading->state != REQUEST_HEAD)
        return 0; /* trailers of a chunked body mean nothing here */
    return head_name(connection->reading, connection->head, data, length) ? 0 : HPE_USER;
}

static int on_header_field_complete(llhttp_t *parser)
{
    struct connection *connection = parser->data;
    if (connection->reading->state != REQUEST_HEAD)
        return 0;
    return head_name_complete(connection->reading, connection->head) ? 0 : HPE_USER;
}

/*
 * A header folded over lines (RFC 9112, 5.2) has to be refused, and llhttp unfolds it silently. A
 * value comes in pieces for two reasons: the buffer ended, or it is folded. It was the buffer if
 * and only if the last piece went up to the end of the last feed and this one begins where this
 * feed begins.
 */
static bool is_folded(const struct connection *connection, const char *data)
{
    const struct head *head = connection->head;
    return head->value_begun && (head->value_feed + 1 != connection->feeds ||
                                 head->value_stop != NULL || data != connection->feed);
}

static int on_header_value(llhttp_t *parser, const char *data, size_t length)
{
    struct connection *connection = parser->data;
    struct head *head = connection->head;
    if (connection->reading->state != REQUEST_HEAD)
        return 0;
    if (is_folded(connection, data)) {
        astro_fail(&connection->reading->error, ASTRO_INVALID_REQUEST, NULL,
                   "a header is folded over several lines; that is not allowed any more");
        return HPE_USER;
    }
    head->value_begun = true;
    head->value_feed = connection->feeds;
    head->value_stop = data + length == connection->feed_end ? NULL : data + length;
    return head_value(connection->reading, head, data, length) ? 0 : HPE_USER;
}

static void read_method(const llhttp_t *parser, struct request *request)
{
    request->minor = parser->http_minor;
    request->keep_alive = llhttp_should_keep_alive(parser) != 0;
    switch (parser->method) {
    case HTTP_GET:
        request->method = METHOD_GET;
        break;
    case HTTP_HEAD:
        request->method = METHOD_HEAD;
        break;
    case HTTP_POST:
        request->method = METHOD_POST;
        break;
    default:
        request->method = METHOD_OTHER;
    }
}

static bool find_encoding(struct request *request, enum body_encoding *ret)
{
    struct request_text text = request->content_encoding;
    if (text.data == NULL || (text.length == 8 && strncasecmp(text.data, "identity", 8) == 0))
        *ret = BODY_IDENTITY;
    else if ((text.length == 4 && strncasecmp(text.data, "gzip", 4) == 0) ||
             (text.length == 6 && strncasecmp(text.data, "x-gzip", 6) == 0))
        *ret = BODY_GZIP;
    else if (text.length == 7 && strncasecmp(text.data, "deflate", 7) == 0)
        *ret = BODY_DEFLATE;
    else
        return astro_fail(&request->error, ASTRO_UNSUPPORTED_ENCODING, "Content-Encoding",
                          "Content-Encoding must be gzip, deflate or identity");
    return true;
}

/* Everything that can be decided before a byte of the body is kept. */
static bool prepare(struct request *request, const llhttp_t *parser, struct head *head)
{
    enum body_encoding encoding = BODY_IDENTITY;
    bool is_path = head->target.length > 0 && head->text[head->target.offset] == '/';
    if (request->method == METHOD_OTHER && !is_path) /* OPTIONS *, CONNECT host:port */
        return astro_fail(&request->error, ASTRO_METHOD_NOT_ALLOWED, NULL,
                          "only GET, HEAD and POST of a path are answered here");
    if (!head_complete(request, head) || !gate_open(request) || !find_encoding(request, &encoding))
        return false;
    bool chunked = (parser->flags & F_CHUNKED) != 0;
    size_t expected = chunked ? SIZE_MAX : (size_t)parser->content_length;
    if ((parser->flags & F_CONTENT_LENGTH) == 0 && !chunked)
        expected = 0;
    if (request->route->kind == ROUTE_CONVERT && !request->route->handler(request))
        return false;
    request->body_limit = server.settings.limits_body_bytes;
    if (request->route->kind == ROUTE_DOCUMENT) {
        if (request->body_limit > DOCUMENT_BODY_MAX)
            request->body_limit = DOCUMENT_BODY_MAX;
        if (request->method != METHOD_POST) {
            request->body.discard = true; /* nobody reads it: no memory is taken for it */
            return true;
        }
    }
    /* The arrays of a binary body are read to where the plugin will see them. */
    struct slab_source *source = request->call != NULL && request->header_length > 0
                                     ? plugin_part_source(request->call->plugin)
                                     : NULL;
    return body_begin(&request->body, &request->arena, expected, request->header_length, encoding,
                      request->body_limit, source, &request->error);
}

/* The answer is an error already. The body is skipped when that is cheap; else the answer goes out
 * now and the connection with it. */
static int refuse_body(struct request *request, const llhttp_t *parser)
{
    slab_release(&request->body.slab);
    request->body.data = NULL;
    request->body.discard = true;
    bool has_body = (parser->flags & F_CHUNKED) != 0 || parser->content_length > 0;
    /* How much a chunked body has left is not known; on_body() counts. */
    bool skippable = (parser->flags & F_CHUNKED) != 0 || parser->content_length <= DISCARD_MAX;
    if (has_body && (request->expects_continue || !skippable))
        return HPE_USER;
    request_move(request, REQUEST_BODY);
    return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct connection *connection = parser->data;
    struct request *request = connection->reading;
    /* `Upgrade` (curl --http2 sends it) is an offer that may be ignored; CONNECT is not. */
    if (parser->method != HTTP_CONNECT)
        parser->upgrade = 0;
    read_method(parser, request);
    if (parser->http_major != 1 || parser->http_minor > 1) {
        astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL,
                   "this server speaks HTTP/1.1 and HTTP/1.0");
        return HPE_USER;
    }
    if (!prepare(request, parser, connection->head))
        return refuse_body(request, parser);
    request_move(request, REQUEST_BODY);
    connection->mark_ms = uv_now(&connection->loop->uv);
    bool has_body = (parser->flags & F_CHUNKED) != 0 || parser->content_length > 0;
    connection->continue_due = request->expects_continue && has_body;
    return 0;
}

static int on_body(llhttp_t *parser, const char *data, size_t length)
{
    struct connection *connection = parser->data;
    struct request *request = connection->reading;
    connection->mark_ms = uv_now(&connection->loop->uv);
    connection->continue_due = false; /* it did not wait */
    if (!body_write(&request->body, &request->arena, data, length, request->body_limit,
                    &request->error)) {
        slab_release(&request->body.slab);
        request->body.data = NULL;
        request->body.discard = true;
        if (request->body.expected == SIZE_MAX)
            return HPE_USER; /* nobody knows how much is still to come: answer now, and close */
    }
    if (request->body.discard && request->body.received > DISCARD_MAX) {
        astro_fail(&request->error, ASTRO_TOO_LARGE, NULL, "this path takes no body of that size");
        return HPE_USER;
    }
    return 0;
}

/* --- the message is complete --- */

/* True: answered. False: it is lent to others. */
static bool handle(struct request *request)
{
    request_move(request, REQUEST_READY);
    if (request->error.code == ASTRO_OK &&
        uv_now(&request->loop->uv) * 1000000 >=
            request->deadline_ns) /* the loop's own, coarse clock */
        astro_fail(&request->error, ASTRO_DEADLINE, NULL,
                   "the deadline passed while the request was being read");
    if (request->error.code == ASTRO_OK) {
        if (request->route->kind == ROUTE_CONVERT)
            return pipeline_start(request);
        if (!request->route->handler(request))
            response_fail(request);
        else if (request->state == REQUEST_WORK)
            return false; /* its answer comes later (request->later) */
    } else {
        response_fail(request);
    }
    request_move(request, REQUEST_ANSWER);
    return true;
}

static int on_message_complete(llhttp_t *parser)
{
    struct connection *connection = parser->data;
    struct request *request = connection->reading;
    connection->reading = NULL;
    connection->head = NULL;
    connection->continue_due = false;
    if (!handle(request)) {
        connection->working = request;
        return HPE_PAUSED;
    }
    connection_queue(connection, request);
    bool enough = connection->n_answers >= server.settings.limits_pipeline;
    return connection->last_answer || enough ? HPE_PAUSED : 0;
}

static const llhttp_settings_t callbacks = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

void connection_parser_init(struct connection *connection)
{
    llhttp_init(&connection->parser, HTTP_REQUEST, &callbacks);
    connection->parser.data = connection;
}

/* --- feeding --- */

static void explain(struct connection *connection, llhttp_errno_t status, struct astro_error *err)
{
    if (status == HPE_PAUSED_H2_UPGRADE) /* curl --http2-prior-knowledge */
        astro_fail(err, ASTRO_INVALID_REQUEST, NULL, "this server speaks HTTP/1.1 and HTTP/1.0");
    if (status == HPE_CB_MESSAGE_BEGIN)
        astro_fail(err, ASTRO_OVERLOADED, NULL, "out of memory; try again");
    const char *reason = llhttp_get_error_reason(&connection->parser);
    astro_fail(err, ASTRO_INVALID_REQUEST, NULL, "not a valid HTTP/1.1 request: %s (%s)",
               reason != NULL && reason[0] != '\0' ? reason : "malformed",
               llhttp_errno_name(status));
}

/* The framing is lost, or the rest of the message is not worth reading: one last answer. */
static void fail_message(struct connection *connection, llhttp_errno_t status)
{
    connection->last_answer = true;
    connection->unread_input = true;
    connection->continue_due = false;
    struct request *request = connection->reading;
    /* The parser knows the method of this message only once the target has begun. */
    bool is_head = connection->head != NULL && connection->head->target.present &&
                   connection->parser.method == HTTP_HEAD;
    connection->reading = NULL;
    connection->head = NULL;
    if (request == NULL)
        request = request_create(connection->loop, connection);
    if (request == NULL) {
        connection->memory_answer_due = true;
        return;
    }
    explain(connection, status, &request->error);
    if (is_head)
        request->method = METHOD_HEAD;
    request->keep_alive = false;
    response_fail(request);
    request_move(request, REQUEST_ANSWER);
    connection_queue(connection, request);
}

/* Keeps what came behind the message that paused the parser. */
static void keep_rest(struct connection *connection, const char *data, size_t size)
{
    if (size == 0)
        return;
    if (connection->last_answer) {
        connection->unread_input = true;
        return;
    }
    connection->stash = mem_alloc(LOOP_READ_BUFFER);
    if (connection->stash == NULL) {
        connection->last_answer = connection->unread_input = true; /* not kept, not answered */
        return;
    }
    memcpy(connection->stash, data, size);
    connection->stash_size = size;
}

void connection_parse(struct connection *connection, const char *data, size_t size)
{
    connection->feed = data;
    connection->feed_end = data + size;
    connection->feeds++;
    llhttp_errno_t status = llhttp_execute(&connection->parser, data, size);
    connection->feed = connection->feed_end = NULL;
    if (status == HPE_OK)
        return;
    const char *stop = llhttp_get_error_pos(&connection->parser);
    if (status == HPE_PAUSED || status == HPE_PAUSED_UPGRADE) {
        /* CONNECT pauses the parser too; it was refused, so what follows is still HTTP. */
        if (status == HPE_PAUSED)
            llhttp_resume(&connection->parser);
        else
            llhttp_resume_after_upgrade(&connection->parser);
        keep_rest(connection, stop, (size_t)(data + size - stop));
        return;
    }
    fail_message(connection, status);
}
