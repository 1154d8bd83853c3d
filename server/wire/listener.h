/*
 * Listener: one listening socket on one loop.
 *
 * Owner      the loop's list; memory goes in the close callback.
 */
#ifndef ASTRO_WIRE_LISTENER_H
#define ASTRO_WIRE_LISTENER_H

#include <stdbool.h>

struct loop;

/* Takes the bound descriptor, on failure too; a libuv error code, 0 on success. */
int listener_open(struct loop *loop, int fd_take, bool is_unix);
void listener_close_all(struct loop *loop);
/* Accepts what could not be accepted for want of memory; called now and then. */
void listener_retry(struct loop *loop);

#endif
