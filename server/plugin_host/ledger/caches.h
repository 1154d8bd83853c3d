/*
 * Caches: growth that has an end.
 *
 * While a cache with a bound (functools.lru_cache) in a plugin's modules is filling, growth of memory
 * that is no larger than what its entries may weigh is not called a leak yet.
 */
#ifndef ASTRO_PLUGIN_HOST_CACHES_H
#define ASTRO_PLUGIN_HOST_CACHES_H

#include "plugin_host/ledger/owners.h"

/* Makes `warming` of what is excused. Main thread, with the GIL. */
void caches_excuse(struct owner *owner, struct watch watches[LEVELS]);

#endif
