/*
 * Limits: what the kernel is asked to enforce on a plugin host, before any foreign code runs.
 */
#ifndef ASTRO_PLUGIN_HOST_LIMITS_H
#define ASTRO_PLUGIN_HOST_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct limits {
    uint64_t max_data;        /* bytes of private writable memory; 0: no limit */
    uint64_t max_descriptors; /* 0: no limit of ours */
    uint64_t max_cpu;         /* seconds of processor time of one call; 0: no limit */
    pid_t parent;             /* 0: not checked */
};

/* No new privileges, no core files, death with the parent, the limits. False: text in error. */
bool limits_apply(const struct limits *limits, char error[256]);

/* The allowance of processor time begins anew: `times` the one of a call. Costs two system calls:
 * callers do it once a second at most. */
void limits_cpu_renew(const struct limits *limits, unsigned times);

#endif
