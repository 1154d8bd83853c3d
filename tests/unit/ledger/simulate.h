/*
 * Simulated plugins: how much one has, call after call; and what the ledger says of it.
 */
#ifndef TEST_LEDGER_SIMULATE_H
#define TEST_LEDGER_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

struct plugin {
    double level;  /* bytes, after the call */
    uint64_t call; /* the number of this one; from 1 */
    double amount; /* parameters of the kinds of plugin */
    double rate, period, most;
    double kept, base; /* what it remembers */
    unsigned char *seen;
};

typedef void (*behaviour)(struct plugin *plugin);

double simulate_random(void); /* uniform in [0, 1) */

struct outcome {
    uint64_t found; /* calls at the first verdict `leaking`; 0: never */
    bool leaking;   /* at the end */
    bool steady;
    double per_call; /* at the first verdict */
};
/* Runs `calls` calls, sampled as a host does it. */
struct outcome simulate(behaviour act, struct plugin plugin, uint64_t calls, uint64_t seed,
                        double min_calls);

#endif
