/*
 * Control: JSON messages to and from a plugin host, one per packet (plugins/protocol.h).
 *
 * What a host says is what a stranger says: sizes, types and lengths are checked here, and what does not
 * fit is the mark of a broken peer, whose host is ended.
 */
#ifndef ASTRO_PLUGINS_CONTROL_H
#define ASTRO_PLUGINS_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name_set;

enum control_received {
    CONTROL_EMPTY,   /* nothing there */
    CONTROL_MESSAGE, /* *ret is a new reference to an object */
    CONTROL_CLOSED,  /* the host has closed its end, or is gone */
    CONTROL_BROKEN   /* no message: *ret_why says what it is */
};

/* buffer: PROTOCOL_MESSAGE_MAX bytes. */
enum control_received control_receive(int fd, char *buffer, json_t **ret, const char **ret_why);

enum control_sent { CONTROL_SENT, CONTROL_FULL, CONTROL_LOST };
/* Takes the message; NULL is CONTROL_LOST: there was no memory for it. */
enum control_sent control_send(int fd, json_t *message_take);

enum control_type {
    CONTROL_LOADING,
    CONTROL_LOADED,
    CONTROL_FAILED,
    CONTROL_READY,
    CONTROL_LEDGER,
    CONTROL_TRACED,
    CONTROL_DRAINED,
    CONTROL_TYPES /* unknown */
};
enum control_type control_type(const json_t *message);

/* --- messages to a host; new references, NULL: no memory --- */

struct control_hello {
    const char *directory, *shown, *python; /* python: NULL */
    const struct name_set *skip, *disabled;
    bool tracebacks;
    uint64_t generation;
};
json_t *control_hello(const struct control_hello *hello);
json_t *control_trace(const char *plugin, bool start, int frames, uint64_t token);
json_t *control_word(const char *type); /* sample, drain */

/* --- members of a message --- */

/* A name of a plugin. False: missing, or no name. */
bool control_name(const json_t *message, const char *key, char ret[64]);
/* Text, cut at a character to what fits; "" when it is missing or of another type. */
void control_text(const json_t *message, const char *key, char *ret, size_t room);
/* Within [0, 2^53]; 0 when it is missing or of another type. */
uint64_t control_count(const json_t *message, const char *key);
/* Within +-2^53. */
int64_t control_difference(const json_t *message, const char *key);
double control_real(const json_t *message, const char *key); /* finite */

#endif
