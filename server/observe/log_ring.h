/*
 * A bounded queue of lines: many threads put, one takes, nobody waits.
 *
 * Memory     One static megabyte, touched as it fills; there is no allocation that could fail, and
 * no end of life to race with. Order      As reserved. A thread that is stopped between reserving
 * and writing holds up the taker only; the others go on until the ring is full.
 */
#ifndef ASTRO_OBSERVE_LOG_RING_H
#define ASTRO_OBSERVE_LOG_RING_H

#include <stdbool.h>
#include <stddef.h>

/* False when the ring is full; nothing has happened then. 0 < length <= LOG_LINE_MAX. */
bool log_ring_put(const char *line, size_t length);
bool log_ring_ready(void); /* a line can be taken */
/* Length of the line now in `ret`, 0 when there is none or it is longer than `capacity`. */
size_t log_ring_take(char *ret, size_t capacity);

#endif
