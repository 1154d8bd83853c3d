#include "catalogue/slots.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "catalogue/catalogue.h"

/* Entries below `used` never change, so readers need no lock. */
static char names[CATALOGUE_PLUGIN_SLOTS][CATALOGUE_NAME];
static _Atomic size_t used;
static pthread_mutex_t taking = PTHREAD_MUTEX_INITIALIZER;

/* No conversion can be called this. */
static const char shared_name[] = "other plugins";

size_t slots_take(const char *name)
{
    pthread_mutex_lock(&taking);
    const size_t n = atomic_load_explicit(&used, memory_order_relaxed);
    size_t i = 0;
    while (i < n && strcmp(names[i], name) != 0)
        i++;
    if (i == n && n < CATALOGUE_PLUGIN_SLOTS) {
        const bool last = n == CATALOGUE_PLUGIN_SLOTS - 1;
        snprintf(names[n], sizeof names[n], "%s", last ? shared_name : name);
        atomic_store_explicit(&used, n + 1, memory_order_release);
    } else if (i == n) {
        i = n - 1;
    }
    pthread_mutex_unlock(&taking);
    return astro_conversion_count() + i;
}

size_t catalogue_slots(void)
{
    return astro_conversion_count() + CATALOGUE_PLUGIN_SLOTS + 1;
}

const char *catalogue_slot_name(size_t slot)
{
    const size_t built_in = astro_conversion_count();
    if (slot < built_in)
        return astro_conversion_at(slot)->name;
    slot -= built_in;
    if (slot < atomic_load_explicit(&used, memory_order_acquire))
        return names[slot];
    return slot == CATALOGUE_PLUGIN_SLOTS ? "none" : NULL;
}
