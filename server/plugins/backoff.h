/*
 * Back-off: how long a place waits before its next host is started.
 *
 * The successor of a host that has lived a while starts at once. When hosts die young the wait doubles
 * from 100 ms to at most what the kind of death allows; jitter keeps the places of a fleet apart.
 */
#ifndef ASTRO_PLUGINS_BACKOFF_H
#define ASTRO_PLUGINS_BACKOFF_H

#define BACKOFF_YOUNG_S 10.0 /* who was ready for so long has not died young */
#define BACKOFF_FIRST_S 0.1
#define BACKOFF_MOST_S  30.0

struct backoff {
    unsigned deaths; /* young ones in a row, as far as they lengthen the wait */
};

/*
 * A host has died that had been ready for `lived_s` (0: never). most_s: the longest wait for this kind
 * of death, 0 for those that say nothing about the plugins. random: within [0, 1).
 * Seconds until the successor starts.
 */
double backoff_next(struct backoff *backoff, double lived_s, double most_s, double random);

#endif
