/*
 * API: the documents that describe the service and its conversions, for other parts of the server.
 *
 * Purpose    Everything that answers with a document rather than with converted columns. The routes
 *            stand in router.c, the handlers in handlers.h.
 * Ownership  api_init() makes and publishes the catalogue of the built-in conversions; documents belong
 *            to the catalogue that they describe (catalogue/catalogue.h).
 * Threads    api_init() before the loops are made, api_release() after they have ended.
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
