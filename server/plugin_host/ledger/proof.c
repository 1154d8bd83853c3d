#include "plugin_host/ledger/proof.h"

#include "plugin_host/ledger/numpy_caches.h"
#include "plugin_host/ledger/owners.h"
#include "plugin_host/ledger/sample.h"
#include "plugin_host/ledger/shared.h"
#include "plugin_host/ledger/tags.h"

enum {
    CALLS_LEAST = 64,    /* watched before anything is said */
    CALLS_MOST = 1024,   /* and after which it is */
    BYTES_ENOUGH = 2048, /* expected growth that would have been seen, */
    OBJECTS_ENOUGH = 16  /* in bytes, or in descriptors, threads, references */
};

/* What one plugin can make look like another's. */
static const enum level confused[] = {LEVEL_OBJECTS,     LEVEL_MEMORY,  LEVEL_MALLOC,
                                      LEVEL_DESCRIPTORS, LEVEL_THREADS, LEVEL_CONSTANTS};
enum { CONFUSED = sizeof confused / sizeof confused[0] };

static struct {
    unsigned n_waiting; /* plugins */
    unsigned at_work;   /* whose watched call is at work; 0: none */
    double before[LEVELS];
} watching;

static bool others_have_run(const struct owner *owner)
{
    for (unsigned number = 1; number <= owners_count(); number++)
        if (number != owner->number && owner_at(number)->calls)
            return true;
    return false;
}

/* --- what is asked --- */

static void ask(struct owner *owner, const struct watch watches[LEVELS])
{
    owner->proof = (struct proof){.state = PROOF_WAITING};
    for (size_t i = 0; i < CONFUSED; i++)
        if (watches[confused[i]].verdict == TREND_LEAKING)
            owner->proof.expected[confused[i]] = watches[confused[i]].per_call;
    watching.n_waiting++;
}

static bool is_answered(const struct owner *owner, enum level level)
{
    const struct proof *proof = &owner->proof;
    return proof->state == PROOF_GIVEN && proof->expected[level] > 0 &&
           (proof->confirmed[level] || owner->calls < proof->again);
}

void proof_consider(struct owner *owner, struct watch watches[LEVELS])
{
    if (!others_have_run(owner))
        return;
    bool open = false;
    for (size_t i = 0; i < CONFUSED; i++)
        open |= watches[confused[i]].verdict == TREND_LEAKING && !is_answered(owner, confused[i]);
    if (open && owner->proof.state != PROOF_WAITING)
        ask(owner, watches);
    for (size_t i = 0; i < CONFUSED; i++) {
        enum level level = confused[i];
        if (watches[level].verdict != TREND_LEAKING)
            continue;
        if (!is_answered(owner, level))
            watches[level].verdict = TREND_WARMING;
        else if (!owner->proof.confirmed[level])
            watches[level].verdict = TREND_STEADY;
        else
            watches[level].per_call = owner->proof.found[level] / (double)owner->proof.calls;
    }
}

/* --- watched calls --- */

bool proof_watches(unsigned number)
{
    if (!watching.n_waiting)
        return false;
    const struct owner *owner = owner_at(number);
    return owner && owner->proof.state == PROOF_WAITING;
}

static double all_bytes(enum tag_kind kind)
{
    double bytes = 0;
    for (unsigned number = 0; number <= owners_count(); number++)
        bytes += (double)(int64_t)tags_read(number, kind).bytes;
    return bytes;
}

static void measure(struct owner *owner, double ret[LEVELS])
{
    sample_collect(owner); /* empties Python's lists of freed objects */
    numpy_caches_fill();
    shared_measure();
    ret[LEVEL_OBJECTS] = all_bytes(TAG_OBJECT);
    ret[LEVEL_MEMORY] = all_bytes(TAG_MEMORY);
    ret[LEVEL_MALLOC] = all_bytes(TAG_MALLOC);
    ret[LEVEL_DESCRIPTORS] = (double)shared_now(SHARED_DESCRIPTORS);
    ret[LEVEL_THREADS] = (double)shared_now(SHARED_THREADS);
    ret[LEVEL_CONSTANTS] = (double)shared_now(SHARED_CONSTANTS);
}

void proof_call_begins(struct owner *owner)
{
    measure(owner, watching.before);
    watching.at_work = owner->number;
}

/* Answers with true or false in *ret_confirmed, or cannot tell yet. */
static bool decide(const struct proof *proof, enum level level, bool *ret_confirmed)
{
    double expected = proof->expected[level] * (double)proof->calls, found = proof->found[level];
    bool is_bytes = level == LEVEL_OBJECTS || level == LEVEL_MEMORY || level == LEVEL_MALLOC;
    if (proof->calls < CALLS_LEAST)
        return false;
    *ret_confirmed = found >= expected / 2;
    if (*ret_confirmed)
        return true;
    if (found < expected / 5 && expected >= (is_bytes ? BYTES_ENOUGH : OBJECTS_ENOUGH))
        return true;
    *ret_confirmed = found >= expected / 4;
    return proof->calls >= CALLS_MOST;
}

static void conclude(struct owner *owner)
{
    struct proof *proof = &owner->proof;
    for (size_t i = 0; i < CONFUSED; i++)
        if (proof->expected[confused[i]] > 0 &&
            !decide(proof, confused[i], &proof->confirmed[confused[i]]))
            return;
    proof->state = PROOF_GIVEN;
    proof->again = owner->calls + owner->calls / 2;
    watching.n_waiting--;
}

void proof_call_ended(struct owner *owner, unsigned calls)
{
    bool was_seen = watching.at_work == owner->number;
    watching.at_work = 0;
    if (!was_seen)
        return;
    double after[LEVELS];
    measure(owner, after);
    for (size_t i = 0; i < CONFUSED; i++)
        owner->proof.found[confused[i]] += after[confused[i]] - watching.before[confused[i]];
    owner->proof.calls += calls;
    conclude(owner);
}
