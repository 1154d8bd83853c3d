/*
 * History: the levels of one plugin at equal points, twice: of late, and over its whole life.
 *
 * Of late: samples at least `distance` calls apart; when 64 are there every other one goes and the
 * distance doubles, up to 512; from then on the oldest goes. So it covers 32,768 calls in the end,
 * and a leak that has stopped leaves it.
 * Whole life: the same without an upper bound of the distance. It sees what the other one cannot:
 * that a buffer was as full before, that a table grows once in ten thousand calls.
 * Ownership  plain values. Threads: one at a time.
 */
#ifndef ASTRO_PLUGIN_HOST_HISTORY_H
#define ASTRO_PLUGIN_HOST_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugin_host/ledger/trend.h"

/* Levels: bytes, or (retained, descriptors, threads, references) objects. */
enum level {
    LEVEL_GARBAGE, /* bytes in cycles that only the ledger's collections freed, in sum */
    LEVEL_INPUTS,  /* retained blocks */
    LEVEL_OUTPUTS,
    LEVEL_DESCRIPTORS,
    LEVEL_THREADS,
    LEVEL_ARRAYS, /* bytes from here on ... */
    LEVEL_OBJECTS,
    LEVEL_MEMORY,
    LEVEL_MALLOC,
    LEVEL_RETAINED_BYTES,
    LEVEL_CONSTANTS, /* references to None, True and False */
    LEVELS
};

struct sample {
    uint64_t calls;
    double levels[LEVELS];
};

struct track {
    size_t n;
    uint64_t distance, most_distance; /* calls; 0: no bound */
    struct sample samples[TREND_MOST];
};

struct history {
    struct track late, life;
};

enum { HISTORY_FIRST_DISTANCE = 16, HISTORY_MOST_DISTANCE = 512 };

/* first_distance 0: the usual one. */
void history_init(struct history *history, uint64_t first_distance);
/* `sample` is copied where it is far enough from the last one. */
void history_add(struct history *history, const struct sample *sample);
/* Calls from one sample to the next, at present. */
uint64_t history_distance(const struct history *history);

/*
 * What is known of one level. A leak has to be seen again and again while the calls go on by an
 * eighth, and is over when it has not been seen for many samples.
 */
struct watch {
    enum trend_verdict verdict;
    double per_call; /* growth, of late */
    double growth;   /* over the half of the history that the verdict comes from */
    uint64_t since;  /* calls at the first sighting */
    unsigned seen, quiet;
};
/* After every history_add(). */
void watch_look(struct watch *watch, const struct history *history, enum level level,
                const struct trend_rule *rule);

#endif
