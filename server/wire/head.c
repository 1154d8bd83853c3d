#include "wire/head.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "codec/number.h"
#include "process/server.h"

enum {
    HEAD_FIRST_TEXT = 512,
    HEAD_MIN_TARGET = 256,
    ID_MAX = 128 /* bytes of an X-Request-Id that is echoed */
};

static const struct {
    const char *name;
    size_t length;
    bool many;
} fields[] = {
#define X(id, text, many) {text, sizeof text - 1, many},
    HEAD_FIELDS(X)
#undef X
};

static bool fail_memory(struct request *request)
{
    return astro_fail(&request->error, ASTRO_OVERLOADED, NULL, "out of memory; try again");
}

struct head *head_create(struct request *request)
{
    struct head *head = arena_zalloc(&request->arena, sizeof *head, _Alignof(struct head));
    if (head == NULL)
        return NULL;
    head->text = arena_alloc(&request->arena, HEAD_FIRST_TEXT, 1);
    if (head->text == NULL)
        return NULL;
    head->capacity = HEAD_FIRST_TEXT;
    head->field = HEAD_IGNORED;
    return head;
}

/* Counts bytes of the head against the limit; a few more per line for what the parser eats. */
static bool head_count(struct request *request, struct head *head, size_t bytes)
{
    head->seen += bytes;
    if (head->seen <= server.settings.limits_header_bytes)
        return true;
    return astro_fail(
        &request->error, ASTRO_HEADERS_TOO_LARGE, NULL,
        "the request's head is larger than the limit of %zu bytes (limits.header_bytes)",
        server.settings.limits_header_bytes);
}

static bool head_append(struct request *request, struct head *head, const char *data, size_t length)
{
    if (head->length + length > head->capacity) {
        size_t capacity = head->capacity * 2;
        while (capacity < head->length + length)
            capacity *= 2; /* bounded: head_count() came first */
        char *text = arena_alloc(&request->arena, capacity, 1);
        if (text == NULL)
            return fail_memory(request);
        memcpy(text, head->text, head->length);
        head->text = text;
        head->capacity = capacity;
    }
    memcpy(head->text + head->length, data, length);
    head->length += length;
    return true;
}

bool head_target(struct request *request, struct head *head, const char *data, size_t length)
{
    size_t limit = server.settings.limits_header_bytes / 2;
    if (limit < HEAD_MIN_TARGET)
        limit = HEAD_MIN_TARGET;
    if (head->target.length + length > limit)
        return astro_fail(&request->error, ASTRO_URI_TOO_LONG, NULL,
                          "the request target is longer than %zu bytes", limit);
    head->target.present = true;
    head->target.length += (uint32_t)length;
    return head_count(request, head, length) && head_append(request, head, data, length);
}

bool head_name(struct request *request, struct head *head, const char *data, size_t length)
{
    if (head->name_length < HEAD_NAME_ROOM) {
        size_t room = HEAD_NAME_ROOM - head->name_length;
        memcpy(head->name + head->name_length, data, length < room ? length : room);
    }
    head->name_length += length;
    return head_count(request, head, length);
}

static enum head_field find_field(const struct head *head)
{
    for (size_t i = 0; i < HEAD_FIELD_COUNT; i++) {
        if (fields[i].length == head->name_length && fields[i].name[0] == (head->name[0] | 0x20) &&
            strncasecmp(fields[i].name, head->name, head->name_length) == 0)
            return (enum head_field)i;
    }
    return HEAD_IGNORED;
}

bool head_name_complete(struct request *request, struct head *head)
{
    if (head->name_length == 0) /* llhttp lets it pass */
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL, "a header has no name");
    head->field = find_field(head);
    head->name_length = 0;
    head->value_begun = false;
    if (++head->n_fields > HEAD_MAX_FIELDS)
        return astro_fail(&request->error, ASTRO_HEADERS_TOO_LARGE, NULL,
                          "the request has more than %d headers", (int)HEAD_MAX_FIELDS);
    if (head->field == HEAD_IGNORED)
        return head_count(request, head, 4);
    struct head_value *value = &head->values[head->field];
    if (value->present && !fields[head->field].many)
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, fields[head->field].name,
                          "the header %s came twice", fields[head->field].name);
    if (value->present) {
        /* Joined with what came before: moved behind, so that the value is one piece. */
        uint32_t offset = (uint32_t)head->length;
        uint32_t old = value->length;
        char *copy = arena_copy(&request->arena, head->text + value->offset, old);
        if (copy == NULL)
            return fail_memory(request);
        if (!head_count(request, head, old) || !head_append(request, head, copy, old) ||
            !head_append(request, head, ",", 1))
            return false;
        value->offset = offset;
        value->length = old + 1;
    } else {
        *value = (struct head_value){.offset = (uint32_t)head->length, .present = true};
    }
    return head_count(request, head, 4);
}

bool head_value(struct request *request, struct head *head, const char *data, size_t length)
{
    if (!head_count(request, head, length))
        return false;
    if (head->field == HEAD_IGNORED)
        return true;
    head->values[head->field].length += (uint32_t)length;
    return head_append(request, head, data, length);
}

/* --- what the values mean --- */

static struct request_text value_text(const struct head *head, enum head_field field)
{
    const struct head_value *value = &head->values[field];
    if (!value->present)
        return (struct request_text){0};
    struct request_text text = {head->text + value->offset, value->length};
    while (text.length > 0 &&
           (text.data[text.length - 1] == ' ' || text.data[text.length - 1] == '\t'))
        text.length--;
    return text;
}

static bool text_is(struct request_text text, const char *word)
{
    return text.length == strlen(word) && strncasecmp(text.data, word, text.length) == 0;
}

/* The next element of a comma-separated list, without blanks; *rest moves on. False at the end. */
static bool next_element(struct request_text *rest, struct request_text *ret)
{
    while (rest->length > 0 && (*rest->data == ',' || *rest->data == ' ' || *rest->data == '\t')) {
        rest->data++;
        rest->length--;
    }
    if (rest->length == 0)
        return false;
    const char *comma = memchr(rest->data, ',', rest->length);
    size_t length = comma != NULL ? (size_t)(comma - rest->data) : rest->length;
    *ret = (struct request_text){rest->data, length};
    rest->data += length;
    rest->length -= length;
    while (ret->length > 0 &&
           (ret->data[ret->length - 1] == ' ' || ret->data[ret->length - 1] == '\t'))
        ret->length--;
    return true;
}

/* `q=0`, `q=0.000` */
static bool is_zero_weight(struct request_text weight)
{
    if (weight.length < 3 || strncasecmp(weight.data, "q=0", 3) != 0)
        return false;
    for (size_t i = 3; i < weight.length; i++) {
        if (weight.data[i] != '.' && weight.data[i] != '0')
            return false;
    }
    return true;
}

/* `gzip;q=0` refuses; everything else that names gzip or deflate accepts, and * means gzip. */
static void read_accept_encoding(struct request *request, struct request_text rest)
{
    struct request_text element;
    while (next_element(&rest, &element)) {
        const char *semicolon = memchr(element.data, ';', element.length);
        bool refused = false;
        if (semicolon != NULL) {
            struct request_text weight = {semicolon + 1,
                                          element.length - (size_t)(semicolon + 1 - element.data)};
            element.length = (size_t)(semicolon - element.data);
            while (weight.length > 0 && *weight.data == ' ') {
                weight.data++;
                weight.length--;
            }
            refused = is_zero_weight(weight);
            while (element.length > 0 && element.data[element.length - 1] == ' ')
                element.length--;
        }
        if (text_is(element, "gzip") || text_is(element, "x-gzip"))
            request->accepts_gzip = !refused;
        else if (text_is(element, "deflate"))
            request->accepts_deflate = !refused;
        else if (text_is(element, "*") && !refused)
            request->accepts_gzip = true;
    }
}

static bool read_header_length(struct request *request, struct request_text text)
{
    int64_t length;
    const char *end;
    if (text.length == 0 || text.data[0] == '-' ||
        number_read_integer(text.data, text.data + text.length, &length, &end) != NUMBER_OK ||
        end != text.data + text.length)
        return astro_fail(&request->error, ASTRO_INVALID_HEADER_LENGTH,
                          "Inference-Header-Content-Length",
                          "Inference-Header-Content-Length must be a number of bytes");
    request->header_length = length;
    return true;
}

/* Seconds, as a decimal number; it can only shorten the server's own limit. */
static bool read_timeout(struct request *request, struct request_text text)
{
    double seconds;
    const char *end;
    if (text.length == 0 ||
        number_read(text.data, text.data + text.length, &seconds, &end) != NUMBER_OK ||
        end != text.data + text.length || !(seconds > 0))
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, "X-Request-Timeout",
                          "X-Request-Timeout must be a positive number of seconds");
    double limit = server.settings.timeouts_request;
    if (seconds < limit)
        request->deadline_ns = request->began_ns + (uint64_t)(seconds * 1e9);
    return true;
}

/* An id that comes back in a header and goes into the log: visible ASCII of sensible length, or
 * none. */
static struct request_text usable_id(struct request_text text)
{
    if (text.data == NULL || text.length == 0 || text.length > ID_MAX)
        return (struct request_text){0};
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] <= 0x20 || text.data[i] >= 0x7f)
            return (struct request_text){0};
    }
    return text;
}

/* No more than what keeps a Host from being something else; names are not looked up here. */
static bool is_host(struct request_text host)
{
    for (size_t i = 0; i < host.length; i++) {
        if (host.data[i] <= ' ' || host.data[i] >= 0x7f ||
            strchr("/?#@\\,\"<>", host.data[i]) != NULL)
            return false;
    }
    return true;
}

static bool check_framing(struct request *request, struct head *head)
{
    struct request_text transfer = value_text(head, HEAD_TRANSFER_ENCODING);
    if (transfer.data != NULL && !text_is(transfer, "chunked"))
        return astro_fail(&request->error, ASTRO_UNSUPPORTED_ENCODING, "Transfer-Encoding",
                          "Transfer-Encoding: only chunked is supported");
    if (request->minor == 0 && transfer.data != NULL)
        request->keep_alive = false; /* RFC 9112, 6.1: such framing is not to be trusted further */
    if (request->minor >= 1 && !head->values[HEAD_HOST].present)
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, "Host",
                          "an HTTP/1.1 request must have a Host header");
    if (!is_host(value_text(head, HEAD_HOST)))
        return astro_fail(&request->error, ASTRO_INVALID_REQUEST, "Host",
                          "the Host header must be a host and, if need be, a port");
    return true;
}

bool head_complete(struct request *request, struct head *head)
{
    request->authorization = value_text(head, HEAD_AUTHORIZATION);
    request->content_encoding = value_text(head, HEAD_CONTENT_ENCODING);
    request->id = usable_id(value_text(head, HEAD_REQUEST_ID));
    request->traceparent = usable_id(value_text(head, HEAD_TRACEPARENT));
    read_accept_encoding(request, value_text(head, HEAD_ACCEPT_ENCODING));
    request->expects_continue =
        request->minor >= 1 && text_is(value_text(head, HEAD_EXPECT), "100-continue");
    if (!head_split_target(request, head->text + head->target.offset, head->target.length))
        return false;
    if (!check_framing(request, head))
        return false;
    struct request_text length = value_text(head, HEAD_HEADER_LENGTH);
    if (length.data != NULL && !read_header_length(request, length))
        return false;
    struct request_text timeout = value_text(head, HEAD_REQUEST_TIMEOUT);
    return timeout.data == NULL || read_timeout(request, timeout);
}
