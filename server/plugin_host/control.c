#include "plugin_host/control.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "plugins/protocol.h"

static bool wait_for(short events)
{
    struct pollfd polled = {.fd = HOST_FD_CONTROL, .events = events};
    int n;
    do
        n = poll(&polled, 1, -1);
    while (n < 0 && errno == EINTR);
    return n == 1 && (polled.revents & POLLNVAL) == 0;
}

enum control_state control_receive(bool wait, json_t **ret_message, const char **ret_type)
{
    static char packet[PROTOCOL_MESSAGE_MAX]; /* the main thread's */
    ssize_t n;
    do {
        if (wait && !wait_for(POLLIN))
            return CONTROL_BROKEN;
        n = recv(HOST_FD_CONTROL, packet, sizeof packet, MSG_DONTWAIT | MSG_TRUNC);
    } while (n < 0 && (errno == EINTR || (wait && errno == EAGAIN)));
    if (n < 0)
        return errno == EAGAIN       ? CONTROL_NOTHING
               : errno == ECONNRESET ? CONTROL_ENDED
                                     : CONTROL_BROKEN;
    if (n == 0)
        return CONTROL_ENDED;
    if ((size_t)n > sizeof packet)
        return CONTROL_BROKEN;
    json_t *message = json_loadb(packet, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(message, "type"));
    if (type == NULL) {
        json_decref(message);
        return CONTROL_BROKEN;
    }
    *ret_message = message;
    *ret_type = type;
    return CONTROL_MESSAGE;
}

static bool send_packet(const char *packet, size_t length)
{
    /* A packet must fit into the socket's buffer as a whole. */
    static bool buffer_set;
    if (!buffer_set) {
        int bytes = PROTOCOL_MESSAGE_MAX;
        setsockopt(HOST_FD_CONTROL, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        buffer_set = true;
    }
    for (;;) {
        ssize_t n = send(HOST_FD_CONTROL, packet, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0)
            return true;
        if (errno == EAGAIN ? !wait_for(POLLOUT) : errno != EINTR)
            return false;
    }
}

bool control_send(json_t *message_take)
{
    char *text = json_dumps(message_take, JSON_COMPACT);
    json_decref(message_take);
    if (text == NULL) {
        errno = ENOMEM;
        return false;
    }
    size_t length = strlen(text);
    bool sent = false;
    if (length > PROTOCOL_MESSAGE_MAX)
        errno = EMSGSIZE;
    else
        sent = send_packet(text, length);
    int saved = errno;
    free(text);
    errno = saved;
    return sent;
}
