/*
 * Slots: the rows that plugin conversions have in the statistics, by name, for the life of the
 * process. Internal to this folder; what others need stands in catalogue.h.
 */
#ifndef ASTRO_CATALOGUE_SLOTS_H
#define ASTRO_CATALOGUE_SLOTS_H

#include <stddef.h>

/* The slot of a name, a new one at its first appearance. Cannot fail: when all are taken, the last one
 * is shared by every name that comes after. Any thread. */
size_t slots_take(const char *name);

#endif
