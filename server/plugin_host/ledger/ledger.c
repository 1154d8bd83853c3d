/*
 * The ledger's face: who is at work, when to sample, when to tell.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "plugin_host/ledger/ledger.h"

#include "plugin_host/ledger/owners.h"
#include "plugin_host/ledger/process.h"
#include "plugin_host/ledger/sample.h"
#include "plugin_host/ledger/shared.h"
#include "plugin_host/ledger/tags.h"

_Static_assert((int)LEDGER_OWNERS == (int)TAG_OWNERS, "an owner has a number in every tag");

enum { TELL_NS = 2000000000 }; /* how often astrolabed hears of samples that changed nothing */

static struct {
    bool begun;            /* a call has ended */
    bool changed;          /* a verdict, since it was told last */
    bool fresh;            /* there are samples that were not told */
    uint64_t told_ns;      /* when it was told last */
    uint64_t next_ns;      /* no sample before */
    uint64_t noise;        /* state of the generator */
    unsigned sample_calls; /* 0: as history.h has it */
} ledger = {.noise = UINT64_C(0x9e3779b97f4a7c15)};

void ledger_set_sample_calls(unsigned calls)
{
    ledger.sample_calls = calls;
}

unsigned ledger_owner_add(const char *name)
{
    unsigned before = tags_enter(0);
    unsigned number = owner_new(name);
    if (number)
        history_init(&owner_at(number)->history, ledger.sample_calls);
    tags_enter(before);
    return number;
}

unsigned ledger_enter(unsigned owner)
{
    unsigned before = tags_enter(owner);
    if (Py_IsInitialized())
        sample_watch_collector(before);
    return before;
}

/* Uneven on purpose: even distances would see only one phase of what comes back every so many calls. */
static uint64_t distance_of(const struct owner *owner)
{
    ledger.noise ^= ledger.noise << 13;
    ledger.noise ^= ledger.noise >> 7;
    ledger.noise ^= ledger.noise << 17;
    uint64_t distance = history_distance(&owner->history);
    return distance / 2 + ledger.noise % (distance + 1);
}

static void sample(struct owner *owner)
{
    uint64_t begin = process_now();
    unsigned before = tags_enter(0);
    ledger.changed |= sample_take(owner);
    tags_enter(before);
    ledger.fresh = true;
    owner->next_sample = owner->calls + distance_of(owner);
    uint64_t end = process_now();
    ledger.next_ns = end + sample_rules.share * (end - begin);
}

void ledger_call_ended(unsigned number, unsigned calls)
{
    struct owner *owner = owner_at(number);
    if (!owner)
        return;
    if (!ledger.begun)
        shared_begin();
    ledger.begun = true;
    owner->calls += calls;
    shared_ran(number);
    if (owner->calls >= owner->next_sample && process_now() >= ledger.next_ns)
        sample(owner);
}

void ledger_sample_all(void)
{
    for (unsigned number = 1; number <= owners_count(); number++) {
        struct owner *owner = owner_at(number);
        if (owner->calls > owner->sampled)
            sample(owner);
    }
}

bool ledger_is_due(void)
{
    if (!ledger.changed && !ledger.fresh)
        return false;
    uint64_t now = process_now();
    if (!ledger.changed && now - ledger.told_ns < TELL_NS)
        return false;
    ledger.changed = ledger.fresh = false;
    ledger.told_ns = now;
    return true;
}
