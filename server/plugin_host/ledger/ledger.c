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

enum {
    TELL_NS = 2000000000,  /* how often astrolabed hears of samples that changed nothing */
    CREDIT_NS = 250000000, /* of time that may be taken at once: a new host learns quickly */
    LONG_NS = 20000000,    /* a pause that requests notice counts several times: */
    LONG_COUNTS = 5,
    PROOF_SHARE = 4 /* one part in so many of the time, while something is to be proven */
};

/* The part of the time that may be taken for something. */
struct budget {
    int64_t credit_ns;    /* left; below 0 it has to wait */
    uint64_t credited_ns; /* when it was last added to */
};

static struct {
    bool begun;       /* a call has ended */
    bool changed;     /* a verdict, since it was told last */
    bool fresh;       /* there are samples that were not told */
    uint64_t told_ns; /* when it was told last */
    struct budget samples, proofs;
    uint64_t noise;        /* state of the generator */
    unsigned sample_calls; /* 0: as history.h has it */
} ledger = {.noise = UINT64_C(0x9e3779b97f4a7c15)};

void ledger_set_sample_calls(unsigned calls)
{
    ledger.sample_calls = calls;
}

unsigned ledger_owner_add(const char *name)
{
    unsigned before = tags_enter(0), calls = ledger.sample_calls;
    unsigned number = owner_new(name);
    if (number)
        owner_reset(owner_at(number), calls);
    tags_enter(before);
    return number;
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

/* share 0: whatever it needs. */
static bool can_afford(struct budget *budget, unsigned share)
{
    if (!share)
        return true;
    uint64_t now = process_now();
    uint64_t earned = (now - budget->credited_ns) / share;
    budget->credited_ns = now;
    budget->credit_ns += earned < CREDIT_NS ? (int64_t)earned : CREDIT_NS;
    if (budget->credit_ns > CREDIT_NS)
        budget->credit_ns = CREDIT_NS;
    return budget->credit_ns > 0;
}

static void spend(struct budget *budget, uint64_t begin)
{
    int64_t took = (int64_t)(process_now() - begin);
    budget->credit_ns -= took > LONG_NS ? took * LONG_COUNTS : took;
}

static void sample(struct owner *owner)
{
    uint64_t begin = process_now();
    unsigned before = tags_enter(0);
    ledger.changed |= sample_take(owner);
    tags_enter(before);
    ledger.fresh = true;
    owner->next_sample = owner->calls + distance_of(owner);
    spend(&ledger.samples, begin);
}

/* A watched call begins, is over. */
static void watch_begin(struct owner *owner)
{
    uint64_t begin = process_now();
    proof_call_begins(owner);
    spend(&ledger.proofs, begin);
}

static void watch_end(struct owner *owner, unsigned calls)
{
    uint64_t begin = process_now();
    unsigned before = tags_enter(0);
    proof_call_ended(owner, calls);
    tags_enter(before);
    spend(&ledger.proofs, begin);
}

unsigned ledger_enter(unsigned owner)
{
    unsigned before = tags_enter(0);
    if (Py_IsInitialized())
        sample_watch_collector(before);
    if (proof_watches(owner) && before != owner && can_afford(&ledger.proofs, PROOF_SHARE))
        watch_begin(owner_at(owner));
    tags_enter(owner);
    return before;
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
    if (proof_watches(number))
        watch_end(owner, calls);
    if (owner->calls >= owner->next_sample && can_afford(&ledger.samples, sample_rules.share))
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
