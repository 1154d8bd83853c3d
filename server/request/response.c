#include "request/response.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/router.h"
#include "memory/alloc.h"
#include "process/loop.h"
#include "request/request.h"

enum {
    HEAD_ROOM = 640,  /* everything in a head but `extra`, warnings and the id */
    ID_ROOM = 40,     /* a made id */
    SMALL_BODY = 512, /* bodies up to this are sent from behind their head */
    ERROR_ROOM = 96   /* keys and quotes of an error document */
};

/* What goes out when not even a head can be allocated. */
static const char last_resort[] = "HTTP/1.1 503 Service Unavailable\r\n"
                                  "Content-Type: application/json\r\n"
                                  "Content-Length: 48\r\n"
                                  "X-Error-Code: overloaded\r\n"
                                  "Retry-After: 1\r\n"
                                  "Connection: close\r\n\r\n"
                                  "{\"error\":\"out of memory; try again in a second\"}";

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *text;
    } reasons[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status)
            return reasons[i].text;
    }
    return "Status";
}

uv_buf_t response_out_of_memory(void)
{
    return uv_buf_init((char *)(uintptr_t)last_resort, sizeof last_resort - 1);
}

static void use_last_resort(struct request *request)
{
    struct response *response = &request->response;
    response->status = 503;
    response->code = ASTRO_OVERLOADED;
    response->last_resort = response_out_of_memory();
    response->pieces = &response->last_resort;
    response->n_pieces = response->capacity = 1;
    response->length = 48;
    response->close = true;
}

static void response_reset(struct response *response)
{
    bool close = response->close;
    *response = (struct response){.header_length = -1, .close = close};
}

bool response_begin(struct request *request, int status, const char *content_type, size_t pieces)
{
    struct response *response = &request->response;
    size_t size;
    if (!size_add(pieces, 1, &pieces) || !size_mul(pieces, sizeof(uv_buf_t), &size))
        return false;
    uv_buf_t *room = arena_alloc(&request->arena, size, _Alignof(uv_buf_t));
    if (room == NULL)
        return false;
    response->status = status;
    response->content_type = content_type;
    response->pieces = room;
    response->capacity = pieces;
    response->n_pieces = 1; /* the head comes last */
    response->length = 0;
    return true;
}

void response_piece(struct request *request, const char *data_borrow, size_t length)
{
    struct response *response = &request->response;
    if (length == 0)
        return;
    if (response->n_pieces >= response->capacity)
        __builtin_trap(); /* the caller promised fewer */
    response->pieces[response->n_pieces++] = uv_buf_init((char *)(uintptr_t)data_borrow, 0);
    response->pieces[response->n_pieces - 1].len = length;
    response->length += length;
}

bool response_header(struct request *request, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof line)
        return false;
    struct response *response = &request->response;
    char *extra = arena_printf(&request->arena, "%s%s\r\n",
                               response->extra != NULL ? response->extra : "", line);
    if (extra == NULL)
        return false;
    response->extra = extra;
    return true;
}

void response_text(struct request *request, int status, const char *content_type,
                   const char *text_borrow, size_t length)
{
    const char *extra = request->response.extra;
    response_reset(&request->response);
    request->response.extra = extra;
    if (!response_begin(request, status, content_type, 1)) {
        use_last_resort(request);
        return;
    }
    response_piece(request, text_borrow, length);
}

/* JSON string without its quotes; room for 6 bytes per byte. Returns the end. */
static char *escape(char *out, const char *text)
{
    static const char digits[] = "0123456789abcdef";
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '"' || c == '\\') {
            *out++ = '\\';
            *out++ = (char)c;
        } else if (c < 0x20 || c == 0x7f) {
            memcpy(out, "\\u00", 4);
            out[4] = digits[c >> 4];
            out[5] = digits[c & 15];
            out += 6;
        } else {
            *out++ = (char)c;
        }
    }
    return out;
}

static char *put(char *out, const char *text)
{
    size_t length = strlen(text);
    memcpy(out, text, length);
    return out + length;
}

/* On the plain API the object also has code and field; OIP clients refuse every other key. */
static bool is_plain(const struct request *request)
{
    return request->route != NULL ? (request->route->flags & ROUTE_PLAIN) != 0
                                  : request_path_is(request, 0, "v1");
}

static const char *error_headers(struct request *request, enum astro_code code)
{
    switch (code) {
    case ASTRO_METHOD_NOT_ALLOWED:
        return arena_printf(&request->arena, "Allow: %s\r\n",
                            request->allow != NULL ? request->allow : "GET, HEAD, POST");
    case ASTRO_UNAUTHORIZED:
        return "WWW-Authenticate: Bearer realm=\"astrolabe\"\r\n";
    case ASTRO_OVERLOADED:
    case ASTRO_DRAINING:
        return arena_printf(&request->arena, "Retry-After: %u\r\n",
                            request->retry_after > 0 ? request->retry_after
                                                     : (unsigned)REQUEST_RETRY_DEFAULT);
    default:
        return NULL;
    }
}

void response_fail(struct request *request)
{
    struct astro_error *err = &request->error;
    struct response *response = &request->response;
    if (err->code == ASTRO_OK)
        astro_fail(err, ASTRO_INTERNAL, NULL, "something failed without saying what");
    response_reset(response);
    response->code = err->code;
    size_t room =
        ERROR_ROOM + 6 * (strlen(err->text) + strlen(err->field) + request->traceback.length);
    char *text = arena_alloc(&request->arena, room, 1);
    if (text == NULL ||
        !response_begin(request, astro_code_status(err->code), "application/json", 1)) {
        use_last_resort(request);
        return;
    }
    char *end = put(text, "{\"error\":\"");
    end = escape(end, err->text);
    if (request->traceback.data != NULL && !is_plain(request))
        end = escape(put(end, "\\n"), request->traceback.data); /* there is no other key */
    end = put(end, "\"");
    if (is_plain(request)) {
        end = put(end, ",\"code\":\"");
        end = put(end, astro_code_word(err->code));
        end = put(end, "\",\"field\":");
        if (err->field[0] != '\0') {
            *end++ = '"';
            end = put(escape(end, err->field), "\"");
        } else {
            end = put(end, "null");
        }
        if (request->traceback.data != NULL)
            end = put(escape(put(end, ",\"traceback\":\""), request->traceback.data), "\"");
    }
    end = put(end, "}");
    response->extra = error_headers(request, err->code);
    response_piece(request, text, (size_t)(end - text));
}

static char *put_bytes(char *out, const char *data, size_t length)
{
    memcpy(out, data, length);
    return out + length;
}

static char *put_unsigned(char *out, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do {
        digits[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    while (n > 0)
        *out++ = digits[--n];
    return out;
}

/* Unique per process start, cheap, ordered per loop. */
static char *make_id(char *out, struct loop *loop)
{
    static const char digits[] = "0123456789abcdef";
    out = put(out, loop->id_prefix);
    uint64_t id = loop->id_next++;
    for (int shift = 36; shift >= 0; shift -= 4)
        *out++ = digits[(id >> shift) & 15];
    return out;
}

bool response_id(struct request *request)
{
    if (request->id.data != NULL)
        return true;
    char *text = arena_alloc(&request->arena, sizeof request->loop->id_prefix + 10, 1);
    if (text == NULL)
        return false;
    request->id = (struct request_text){text, (size_t)(make_id(text, request->loop) - text)};
    return true;
}

/* Echoed when one came; made otherwise. */
static char *put_id(char *out, struct request *request)
{
    char *begin = out;
    if (request->id.data != NULL)
        out = put_bytes(out, request->id.data, request->id.length);
    else
        out = make_id(out, request->loop);
    request->id = (struct request_text){begin, (size_t)(out - begin)};
    return out;
}

static char *put_warnings(char *out, uint32_t warnings)
{
    out = put(out, "X-Astrolabe-Warning: ");
    bool first = true;
    for (int i = 0; i < ASTRO_WARNING_COUNT; i++) {
        if ((warnings & (1u << i)) == 0)
            continue;
        if (!first)
            out = put(out, ", ");
        out = put(out, astro_warning_word((enum astro_warning)i));
        first = false;
    }
    return put(out, "\r\n");
}

/* The lines that only some answers have. */
static char *put_special(char *out, struct request *request)
{
    struct response *response = &request->response;
    if (response->header_length >= 0) {
        out = put(out, "Inference-Header-Content-Length: ");
        out = put(put_unsigned(out, (uint64_t)response->header_length), "\r\n");
    }
    if (response->encoding == RESPONSE_GZIP)
        out = put(out, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    else if (response->encoding == RESPONSE_DEFLATE)
        out = put(out, "Content-Encoding: deflate\r\nVary: Accept-Encoding\r\n");
    if (response->code != ASTRO_OK) {
        out = put(out, "X-Error-Code: ");
        out = put(put(out, astro_code_word(response->code)), "\r\n");
    }
    if (response->warnings != 0)
        out = put_warnings(out, response->warnings);
    if (response->extra != NULL)
        out = put(out, response->extra);
    return out;
}

static char *put_connection(char *out, const struct request *request)
{
    if (request->response.close)
        return put(out, "Connection: close\r\n");
    if (request->minor == 0)
        return put(out, "Connection: keep-alive\r\n");
    return out;
}

void response_finish(struct request *request)
{
    struct response *response = &request->response;
    if (response->status == 0) {
        astro_fail(&request->error, ASTRO_INTERNAL, NULL, "nothing was answered");
        response_fail(request);
    }
    if (response->pieces == &response->last_resort)
        return;
    size_t room = HEAD_ROOM + ID_ROOM + SMALL_BODY + request->id.length +
                  (response->extra != NULL ? strlen(response->extra) : 0);
    char *head = arena_alloc(&request->arena, room, 1);
    if (head == NULL) {
        use_last_resort(request);
        return;
    }
    char *out = put(head, "HTTP/1.1 ");
    out = put_unsigned(out, (unsigned)response->status);
    *out++ = ' ';
    out = put(put(out, reason(response->status)), "\r\nContent-Type: ");
    out = put(put(out, response->content_type), "\r\nContent-Length: ");
    out = put(put_unsigned(out, response->length), "\r\nDate: ");
    out = put(put(out, request->loop->date), "\r\nX-Request-Id: ");
    out = put(put_id(out, request), "\r\n");
    out = put_connection(out, request);
    if (response->header_length >= 0 || response->encoding != RESPONSE_IDENTITY ||
        response->code != ASTRO_OK || response->warnings != 0 || response->extra != NULL)
        out = put_special(out, request);
    out = put(out, "\r\n");
    if (request->method == METHOD_HEAD) {
        response->n_pieces = 1; /* the same head, nothing behind it */
    } else if (response->n_pieces == 2 && response->pieces[1].len <= SMALL_BODY) {
        /* One piece is cheaper to send than two, by more than the copy costs. */
        out = put_bytes(out, response->pieces[1].base, response->pieces[1].len);
        response->n_pieces = 1;
    }
    response->pieces[0] = uv_buf_init(head, (unsigned)(out - head));
}
