/*
 * Process: what the kernel counts for the whole host.
 *
 * Descriptors and threads cost about a microsecond each and are read at every sample. Sizes are read
 * at most once a second, and less often where the kernel needs long for them.
 */
#ifndef ASTRO_PLUGIN_HOST_PROCESS_H
#define ASTRO_PLUGIN_HOST_PROCESS_H

#include <stdint.h>

/* -1: cannot be told. */
int64_t process_descriptors(void);
int64_t process_threads(void);
/* The soft limit of descriptors; INT64_MAX: none. */
int64_t process_descriptors_limit(void);

struct process_memory {
    uint64_t rss, pss; /* bytes; 0: cannot be told */
};
/* Main thread. */
struct process_memory process_memory(void);

/* CLOCK_MONOTONIC, nanoseconds. */
uint64_t process_now(void);

#endif
