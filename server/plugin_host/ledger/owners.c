#include "plugin_host/ledger/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_host/ledger/ledger.h"

static struct owner *owners[LEDGER_OWNERS];
static unsigned n_owners;

struct owner *owner_at(unsigned number)
{
    return number < LEDGER_OWNERS ? owners[number] : NULL;
}

unsigned owners_count(void)
{
    return n_owners;
}

unsigned owner_new(const char *name)
{
    if (n_owners + 1 >= LEDGER_OWNERS)
        return 0;
    struct owner *owner = calloc(1, sizeof *owner);
    if (!owner)
        return 0;
    owner->number = ++n_owners;
    snprintf(owner->name, sizeof owner->name, "%s", name);
    history_init(&owner->history, 0);
    owners[owner->number] = owner;
    return owner->number;
}

void owner_reset(struct owner *owner, uint64_t first_distance)
{
    memset(owner->watches, 0, sizeof owner->watches);
    memset(&owner->finding, 0, sizeof owner->finding);
    owner->finding.kind = "";
    owner->calls = owner->next_sample = owner->sampled = owner->cache_calls = 0;
    owner->is_excused = false;
    history_init(&owner->history, first_distance);
}
