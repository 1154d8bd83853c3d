/*
 * Trend: does a level that is measured now and then grow without end?
 *
 * A level that leaks grows in every part of its history, about as fast at the end as before, far
 * above its own noise, to heights it never had. A cache that fills grows and then does not; one that
 * fills with what it has not seen yet grows more and more slowly; a buffer that is emptied now and
 * then comes back to where it was. Medians decide, so a few odd samples do not matter.
 *
 * Pure arithmetic: no allocation, no Python, no state.
 */
#ifndef ASTRO_PLUGIN_HOST_TREND_H
#define ASTRO_PLUGIN_HOST_TREND_H

#include <stdbool.h>
#include <stddef.h>

enum { TREND_MOST = 64 }; /* samples */

struct trend_sample {
    double calls; /* of the plugin so far: ascending */
    double level; /* bytes, or objects */
};

enum trend_verdict {
    TREND_WARMING, /* not enough history, or growth that may still come to an end */
    TREND_STEADY,
    TREND_LEAKING
};

struct trend_rule {
    double min_calls;    /* a leak needs a history of so many calls, */
    double early_calls;  /* or of so many when it has grown by early_growth */
    double early_growth; /* bytes */
    double min_growth;   /* what grows less in the later half of the history does not count, */
    double full_calls;   /* in one of so many calls; a shorter one has to show more */
};

struct trend {
    enum trend_verdict verdict;
    double per_call; /* growth of the level in the later half; robust; may be negative */
    double growth;   /* over the later half */
    bool slows_down; /* it grew clearly less in the last quarter than in the one before */
};

/* The first TREND_MOST samples are looked at. */
struct trend trend_judge(const struct trend_sample *samples, size_t n,
                         const struct trend_rule *rule);

#endif
