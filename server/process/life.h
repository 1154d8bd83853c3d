/*
 * Life: the process from start to end: signals, drain, grace, reload.
 *
 * SIGTERM, SIGINT  drain: ready is false, listeners close, requests that have begun finish, exit 0;
 *                  a second one ends at once, exit 1. shutdown.grace bounds the drain.
 * SIGHUP           reload: tokens.
 * Threads          everything here runs on loop 0 (the main thread), but for what says otherwise.
 */
#ifndef ASTRO_PROCESS_LIFE_H
#define ASTRO_PROCESS_LIFE_H

#include <stdbool.h>

struct loop;

bool life_begin(void); /* signal handlers on loop 0, before the loops run */
/* Any loop: may it end? Loop 0 ends last, so that signals and the grace period are still served. */
bool life_may_end(const struct loop *loop);
void life_loop_ended(struct loop *loop); /* any loop, once */
/* Idle memory goes back to the kernel, on a compute thread: giving back a GiB takes a loop 0.1 s.
 * Loop 0, every 2 s; does nothing while the last time is still at work. */
void life_return_memory(void);
void life_settle(void); /* waits for that; after the loops, before the pool ends */

#endif
