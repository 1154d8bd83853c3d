/*
 * Finding: what the watches over a plugin's levels say together, in one line.
 *
 * When several levels grow, the one nearest to the cause has the name: a plugin that keeps its input
 * arrays also keeps array objects and dictionaries of them.
 */
#ifndef ASTRO_PLUGIN_HOST_FINDING_H
#define ASTRO_PLUGIN_HOST_FINDING_H

#include "plugin_host/ledger/history.h"

struct finding {
    enum trend_verdict verdict;
    const char *kind;      /* what leaks; "" */
    double bytes_per_call; /* in all kinds of memory that leak; 0: none does */
    char text[320];        /* for people; "" */
};

extern const char *const verdict_names[3]; /* by enum trend_verdict */
/* "retained inputs", "array memory" ...; borrowed, for ever. */
const char *level_name(enum level level);

struct finding finding_of(const char *plugin, const struct watch watches[LEVELS]);

#endif
