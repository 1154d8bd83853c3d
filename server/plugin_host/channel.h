/*
 * Channel: the region that a host shares with astrolabed, its rings, sleeping and waking.
 *
 * Trust      astrolabed writes the frames, but plugins can write anywhere in the region: what is read from
 *            it is bounded by channel_at(). Things that make no sense end the host (HOST_EXIT_CHANNEL).
 * Forks      A child of a plugin's fork() inherits the mapping. It must never serve: channel_is_child().
 * Threads    Rings are written under the GIL alone.
 */
#ifndef ASTRO_PLUGIN_HOST_CHANNEL_H
#define ASTRO_PLUGIN_HOST_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/ring.h"

/* Maps HOST_FD_REGION, checks it, closes all descriptors that are none of ours, and marks ours not
 * to be inherited by programs that plugins start. False: text in error. */
bool channel_open(char error[256]);
/* Offline (--check): memory of the caller with a struct channel at its beginning, n_loops = 1; wakes
 * nobody. It stays the caller's. */
void channel_use(void *base, size_t bytes);

/* `bytes` bytes at an offset, aligned to `alignment`; NULL when they are not within the region. */
void *channel_at(uint64_t offset, uint64_t bytes, size_t alignment);

/* The next call. BROKEN: the ring makes no sense. */
enum ring_state channel_take(struct ring_entry *ret);
/* The call at work, for who looks in from outside; 0: none. */
void channel_running(uint64_t call);
/* Its frame is complete: tells its loop. False: the channel is broken. */
bool channel_complete(struct ring_entry entry);
/* False: the ring is full, or this is a forked child. */
bool channel_release(uint64_t block);

/* What channel_sleep() saw. */
struct channel_events {
    bool control; /* there is something to read on the control socket, or it has ended */
    bool broken;  /* a descriptor of ours is not ours any more */
};
/* Sleeps until there is a call, control traffic, or the timeout (ms; -1: none) has passed. Does not sleep
 * when a call has come meanwhile. Called without the GIL. */
struct channel_events channel_sleep(int timeout_ms);
/* The same without sleeping, for hosts that are never idle. */
struct channel_events channel_look(void);

/* We are a child that a plugin forked. */
bool channel_is_child(void);

#endif
