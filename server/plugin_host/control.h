/*
 * Control: the messages of plugins/protocol.h over the socket, as JSON.
 */
#ifndef ASTRO_PLUGIN_HOST_CONTROL_H
#define ASTRO_PLUGIN_HOST_CONTROL_H

#include <jansson.h>
#include <stdbool.h>

enum control_state {
    CONTROL_MESSAGE,
    CONTROL_NOTHING, /* nothing there now */
    CONTROL_ENDED,   /* astrolabed has closed its end */
    CONTROL_BROKEN   /* not a socket any more, or not JSON */
};

/* *ret_message: new reference, an object; *ret_type: its "type", borrowed from it. Waits for one when
 * `wait`. */
enum control_state control_receive(bool wait, json_t **ret_message, const char **ret_type);

/* Takes the message, on failure too; NULL (no memory) fails. Waits while the socket is full. False: the
 * socket is broken or the message too large (nothing was sent: errno is EMSGSIZE). */
bool control_send(json_t *message_take);

#endif
