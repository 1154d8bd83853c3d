/*
 * Sockets: what the process listens on, from the settings or from the service manager.
 *
 * Ownership  The addresses live as long as the process; descriptors move to the loops' listeners.
 * Threads    The main thread.
 */
#ifndef ASTRO_PROCESS_SOCKETS_H
#define ASTRO_PROCESS_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

/* Mistakes are told on stderr. */
bool sockets_parse(void);    /* the setting `listen`, and who may be reached by it */
bool sockets_open(void);     /* binds, and hands one descriptor to each loop; the loops exist */
void sockets_announce(void); /* `listening on ...` */
/*
 * Removes the files of Unix sockets: when the listeners close, not later, because by then the file at that
 * path may be a successor's. Idempotent.
 */
void sockets_forget(void);
size_t sockets_count(void);

#endif
