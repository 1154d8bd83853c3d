/*
 * API: the documents that describe the service and its conversions, for other parts of the server.
 *
 * Purpose    Everything that answers with a document rather than with converted columns. The routes
 *            stand in router.c, the handlers in handlers.h.
 * Ownership  Documents of constant content are made once by api_init() and are immutable text until
 *            api_release(); answers borrow from them.
 * Threads    api_init() before the loops start, api_release() after they have ended.
 */
#ifndef ASTRO_API_API_H
#define ASTRO_API_API_H

#include <stdbool.h>
#include <stdio.h>

/* After astro_kernels_init() and with server.settings filled in. False when out of memory. */
bool api_init(void);
void api_release(void); /* fine without api_init() */

/* The reference that `astrolabed --list` prints. Needs nothing but astro_kernels_init(). */
void api_print_list(FILE *out);

#endif
