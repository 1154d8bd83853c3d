#include "reply.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

void reply_init(struct reply *reply)
{
    reply->no_body = false;
    reply->status = 0;
    reply->closes = false;
    reply->body_left = 0;
    reply->in_body = false;
    reply->kept = 0;
}

static bool digits(const char *text, const char *end, uint64_t *ret)
{
    uint64_t value = 0;
    while (text < end && *text == ' ')
        text++;
    if (text == end)
        return false;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9' || value > UINT64_MAX / 10 - 10)
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    *ret = value;
    return true;
}

/* `head` ends with the blank line. */
static bool read_head(struct reply *reply, const char *head, size_t size)
{
    const char *end = head + size - 2;
    if (size < 16 || memcmp(head, "HTTP/1.1 ", 9) != 0)
        return false;
    reply->status = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
    reply->closes = false;
    bool found = false;
    const char *line = memchr(head, '\n', size);
    while (line && ++line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        const char *stop = next ? next - 1 : end;
        size_t length = (size_t)(stop - line);
        if (length > 15 && (line[0] | 32) == 'c' && line[14] == ':' &&
            strncasecmp(line, "content-length", 14) == 0) {
            if (found || !digits(line + 15, stop, &reply->body_left))
                return false;
            found = true;
        } else if (length >= 16 && (line[0] | 32) == 'c' &&
                   strncasecmp(line, "connection: close", 17) == 0) {
            reply->closes = true;
        }
        line = next;
    }
    if (reply->no_body)
        reply->body_left = 0;
    return found;
}

size_t reply_feed(struct reply *reply, const char *data, size_t size, enum reply_event *ret_event)
{
    size_t used = 0;
    *ret_event = REPLY_MORE;
    if (!reply->in_body) {
        const char *head = data;
        size_t head_size;
        const char *blank;
        if (reply->kept == 0 && (blank = memmem(data, size, "\r\n\r\n", 4))) {
            head_size = used = (size_t)(blank - data) + 4;
        } else {
            size_t old = reply->kept;
            size_t more = size < REPLY_HEAD_MAX - old ? size : REPLY_HEAD_MAX - old;
            memcpy(reply->head + old, data, more);
            size_t from = old > 3 ? old - 3 : 0;
            blank = memmem(reply->head + from, old + more - from, "\r\n\r\n", 4);
            if (!blank) {
                reply->kept = old + more;
                if (reply->kept == REPLY_HEAD_MAX)
                    *ret_event = REPLY_BAD;
                return more;
            }
            head = reply->head;
            head_size = (size_t)(blank - reply->head) + 4;
            used = head_size - old;
            reply->kept = 0;
        }
        if (!read_head(reply, head, head_size)) {
            *ret_event = REPLY_BAD;
            return used;
        }
        reply->in_body = true;
    }
    size_t left = size - used;
    size_t take = reply->body_left < left ? (size_t)reply->body_left : left;
    reply->body_left -= take;
    if (reply->body_left == 0) {
        reply->in_body = false;
        *ret_event = REPLY_END;
    }
    return used + take;
}

int reply_connect(const char *unix_path, const char *host, int port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_un un;
    } address;
    socklen_t length;
    memset(&address, 0, sizeof address);
    if (unix_path) {
        if (strlen(unix_path) >= sizeof address.un.sun_path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        address.un.sun_family = AF_UNIX;
        memcpy(address.un.sun_path, unix_path, strlen(unix_path));
        length = sizeof address.un;
    } else {
        address.in.sin_family = AF_INET;
        address.in.sin_port = htons((uint16_t)port);
        if (inet_pton(AF_INET, host, &address.in.sin_addr) != 1) {
            errno = EINVAL;
            return -1;
        }
        length = sizeof address.in;
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int one = 1;
    if (!unix_path)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, &address.any, length) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

uint64_t reply_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
