/*
 * Gate: who may ask what. Routing, tokens, the rule for admin paths, and draining, in that order,
 * before a byte of the body is kept.
 */
#ifndef ASTRO_WIRE_GATE_H
#define ASTRO_WIRE_GATE_H

#include <stdbool.h>

struct request;

/* Sets request->route; false: request->error is set. */
bool gate_open(struct request *request);

#endif
