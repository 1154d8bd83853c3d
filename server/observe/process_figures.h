/*
 * Process figures: what the kernel says about this process, for the usual process_* metrics.
 */
#ifndef ASTRO_OBSERVE_PROCESS_FIGURES_H
#define ASTRO_OBSERVE_PROCESS_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

struct process_figures {
    uint64_t cpu_us; /* user and system time of all threads */
    bool has_memory;
    uint64_t virtual_bytes, resident_bytes;
    bool has_open_fds;
    uint64_t open_fds;
    bool has_max_fds;
    uint64_t max_fds;
};

/* What cannot be found out is left out. */
void process_figures_read(struct process_figures *ret);

#endif
