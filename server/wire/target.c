/* The request target: origin form and absolute form, percent-decoding, segments of the path. */
#include <string.h>
#include <strings.h>

#include "wire/head.h"

static bool fail_target(struct request *request, const char *why)
{
    return astro_fail(&request->error, ASTRO_INVALID_REQUEST, NULL, "the request target %s", why);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* One segment, decoded into the arena; in place when nothing is encoded. */
static bool decode_segment(struct request *request, const char *data, size_t length,
                           struct request_text *ret)
{
    if (memchr(data, '%', length) == NULL) {
        *ret = (struct request_text){data, length};
        return true;
    }
    char *out = arena_alloc(&request->arena, length, 1);
    if (out == NULL)
        return astro_fail(&request->error, ASTRO_OVERLOADED, NULL, "out of memory; try again");
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        char c = data[i];
        if (c == '%') {
            int high = i + 1 < length ? hex_digit(data[i + 1]) : -1;
            int low = i + 2 < length ? hex_digit(data[i + 2]) : -1;
            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return fail_target(request, "has a broken percent-encoding");
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[n++] = c;
    }
    *ret = (struct request_text){out, n};
    return true;
}

static bool split_path(struct request *request)
{
    const char *next = request->path.data + 1;
    const char *end = request->path.data + request->path.length;
    while (next < end) {
        const char *slash = memchr(next, '/', (size_t)(end - next));
        const char *stop = slash != NULL ? slash : end;
        if (request->n_segments == REQUEST_SEGMENTS)
            return astro_fail(&request->error, ASTRO_NOT_FOUND, NULL,
                              "no such path; GET /v1/conversions lists the conversions");
        if (!decode_segment(request, next, (size_t)(stop - next),
                            &request->segments[request->n_segments]))
            return false;
        request->n_segments++;
        next = stop + 1; /* a slash at the very end opens no segment */
    }
    return true;
}

bool head_split_target(struct request *request, const char *target, size_t length)
{
    if (length > 7 && strncasecmp(target, "http://", 7) == 0) {
        size_t authority = 7;
        while (authority < length && target[authority] != '/' && target[authority] != '?')
            authority++;
        target += authority;
        length -= authority;
        if (length == 0) { /* an empty path is the root (RFC 9110, 4.2.3) */
            target = "/";
            length = 1;
        }
    }
    if (length == 0 || target[0] != '/')
        return fail_target(request, "must be a path that begins with '/'");
    const char *question = memchr(target, '?', length);
    request->path =
        (struct request_text){target, question != NULL ? (size_t)(question - target) : length};
    if (question != NULL)
        request->query = (struct request_text){question + 1, length - request->path.length - 1};
    return split_path(request);
}
