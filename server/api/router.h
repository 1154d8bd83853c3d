/*
 * Router: one table of paths, methods and handlers for everything the server answers.
 *
 * Routing happens when the head is complete, before a byte of the body is kept, so that a request that
 * will be refused costs nothing but its head. `{}` in a pattern matches one segment, handed to the
 * handler in request->segments.
 */
#ifndef ASTRO_API_ROUTER_H
#define ASTRO_API_ROUTER_H

#include <stdbool.h>
#include <stddef.h>

#include "request/request.h"

enum route_kind {
    ROUTE_DOCUMENT, /* answered on the loop by handler() */
    ROUTE_CONVERT   /* handler() creates request->call; the pipeline does the rest */
};

enum route_flags {
    ROUTE_GET = 1, /* GET and HEAD */
    ROUTE_POST = 2,
    ROUTE_ADMIN = 4, /* scope admin; without tokens: loopback and Unix peers */
    ROUTE_OPEN = 8,  /* needs no token: health */
    ROUTE_PLAIN = 16 /* errors of the plain API: with `code` and `field` */
};

struct route {
    const char *pattern; /* "/v1/convert/{}" */
    unsigned flags;
    enum route_kind kind;
    bool (*handler)(struct request *request); /* false: request->error is set */
    const char *summary;                      /* for OpenAPI */
};

/*
 * Sets request->route, or request->error (not_found, unknown_conversion, method_not_allowed with
 * *ret_allow as the value of Allow, in static memory). Paths are compared after percent-decoding.
 */
bool router_match(struct request *request, const char **ret_allow);
const struct route *router_table(size_t *ret_count);

#endif
