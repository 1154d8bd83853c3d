#include "plugins/control.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/socket.h>

#include "codec/tree.h"
#include "memory/alloc.h"
#include "plugins/name_set.h"
#include "plugins/protocol.h"

enum { DEPTH = 64 }; /* of a message */

/* Calls of a plugin between two samples of the ledger, at first. */
enum { SAMPLE_CALLS = 32 };

static const int64_t largest = INT64_C(1) << 53;

static ssize_t receive(int fd, struct msghdr *header, int flags)
{
    ssize_t length;
    do {
        length = recvmsg(fd, header, MSG_DONTWAIT | flags);
    } while (length < 0 && errno == EINTR);
    return length;
}

enum control_received control_receive(int fd, char *buffer, json_t **ret, const char **ret_why)
{
    struct iovec room = {buffer, PROTOCOL_MESSAGE_MAX};
    struct msghdr header = {.msg_iov = &room, .msg_iovlen = 1}, taken = {0};
    struct astro_error err;
    ssize_t length = receive(fd, &header, MSG_PEEK);
    if (length < 0)
        return errno == EAGAIN ? CONTROL_EMPTY : CONTROL_CLOSED;
    if (length == 0)
        return CONTROL_CLOSED;
    if (header.msg_flags & MSG_TRUNC) {
        *ret_why = "a message of more than 256 KiB";
        return CONTROL_BROKEN;
    }
    json_t *message = json_tree(buffer, (size_t)length, DEPTH, &err);
    if (message == NULL && err.code == ASTRO_OVERLOADED)
        return CONTROL_EMPTY; /* it stays where it is until there is memory */
    receive(fd, &taken, 0);
    if (!json_is_object(message)) {
        json_decref(message);
        *ret_why = "a message that is no JSON object";
        return CONTROL_BROKEN;
    }
    *ret = message;
    return CONTROL_MESSAGE;
}

enum control_sent control_send(int fd, json_t *message_take)
{
    char *text = message_take != NULL ? json_dumps(message_take, JSON_COMPACT) : NULL;
    json_decref(message_take);
    if (text == NULL)
        return CONTROL_LOST;
    size_t length = strlen(text);
    ssize_t sent = -1;
    errno = EMSGSIZE;
    if (length <= PROTOCOL_MESSAGE_MAX) {
        do {
            sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        } while (sent < 0 && errno == EINTR);
    }
    int error = errno;
    mem_free(text); /* jansson allocates through memory/alloc.h */
    if (sent == (ssize_t)length)
        return CONTROL_SENT;
    return error == EAGAIN ? CONTROL_FULL : CONTROL_LOST;
}

enum control_type control_type(const json_t *message)
{
    static const char *const words[CONTROL_TYPES] = {
        [CONTROL_LOADING] = "loading", [CONTROL_LOADED] = "loaded", [CONTROL_FAILED] = "failed",
        [CONTROL_READY] = "ready",     [CONTROL_LEDGER] = "ledger", [CONTROL_TRACED] = "traced",
        [CONTROL_DRAINED] = "drained",
    };
    const char *type = json_string_value(json_object_get(message, "type"));
    int i = 0;
    while (i < CONTROL_TYPES && (type == NULL || strcmp(words[i], type) != 0))
        i++;
    return (enum control_type)i;
}

/* --- messages to a host --- */

json_t *control_hello(const struct control_hello *hello)
{
    json_t *skip = name_set_json(hello->skip), *disabled = name_set_json(hello->disabled);
    /* "o" takes the references, also when it fails; "s?" is null for NULL. */
    return json_pack("{s:s, s:i, s:s, s:s, s:s?, s:o, s:o, s:b, s:I, s:{s:i}}", "type", "hello",
                     "version", PROTOCOL_VERSION, "directory", hello->directory, "shown",
                     hello->shown, "python", hello->python, "skip", skip, "disabled", disabled,
                     "tracebacks", (int)hello->tracebacks, "generation",
                     (json_int_t)hello->generation, "ledger", "sample_calls", SAMPLE_CALLS);
}

json_t *control_trace(const char *plugin, bool start, int frames, uint64_t token)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:I}", "type", "trace", "plugin", plugin, "action",
                     start ? "start" : "stop", "frames", frames, "token", (json_int_t)token);
}

json_t *control_word(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

/* --- members --- */

bool control_name(const json_t *message, const char *key, char ret[64])
{
    const json_t *value = json_object_get(message, key);
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) && name_copy(ret, text);
}

void control_text(const json_t *message, const char *key, char *ret, size_t room)
{
    const char *text = json_string_value(json_object_get(message, key));
    size_t length = text != NULL ? strlen(text) : 0;
    if (length >= room) {
        length = room - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    if (length > 0)
        memcpy(ret, text, length);
    ret[length] = '\0';
}

double control_real(const json_t *message, const char *key)
{
    double value = json_number_value(json_object_get(message, key));
    return isfinite(value) ? value : 0;
}

int64_t control_difference(const json_t *message, const char *key)
{
    double value = control_real(message, key);
    if (value > (double)largest)
        return largest;
    return value < -(double)largest ? -largest : (int64_t)value;
}

uint64_t control_count(const json_t *message, const char *key)
{
    int64_t value = control_difference(message, key);
    return value > 0 ? (uint64_t)value : 0;
}
