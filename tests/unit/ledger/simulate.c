#include "simulate.h"

#include <stdlib.h>
#include <string.h>

#include "plugin_host/ledger/history.h"

enum { KEYS = 1 << 20 };

static uint64_t state;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

double simulate_random(void)
{
    return (double)(next_random() >> 11) / 9007199254740992.0;
}

struct outcome simulate(behaviour act, struct plugin plugin, uint64_t calls, uint64_t seed,
                        double min_calls)
{
    struct trend_rule rule = {.min_calls = min_calls,
                              .early_calls = 300,
                              .early_growth = 32 << 20,
                              .min_growth = 4096,
                              .full_calls = 9000};
    struct history history;
    struct watch watch = {0};
    struct outcome outcome = {0};
    state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0; i < 10; i++)
        next_random();
    plugin.seen = calloc(1, KEYS);
    history_init(&history, 0);
    uint64_t next = 1;
    for (plugin.call = 1; plugin.call <= calls; plugin.call++) {
        act(&plugin);
        if (plugin.call < next)
            continue;
        struct sample sample = {.calls = plugin.call};
        sample.levels[LEVEL_OBJECTS] = plugin.level;
        history_add(&history, &sample);
        uint64_t distance = history_distance(&history);
        next = plugin.call + distance / 2 + next_random() % (distance + 1);
        watch_look(&watch, &history, LEVEL_OBJECTS, &rule);
        if (watch.verdict == TREND_LEAKING && !outcome.found) {
            outcome.found = plugin.call;
            outcome.per_call = watch.per_call;
        }
    }
    free(plugin.seen);
    outcome.leaking = watch.verdict == TREND_LEAKING;
    outcome.steady = watch.verdict == TREND_STEADY;
    return outcome;
}
