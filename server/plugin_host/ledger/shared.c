#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "plugin_host/ledger/shared.h"

#include <stdbool.h>

#include "plugin_host/ledger/ledger.h"
#include "plugin_host/ledger/process.h"

enum {
    NOBODY = -1,
    SEVERAL = -2,
    SUSPICIOUS_FROM = 4,   /* descriptors or threads that are nobody's */
    SUSPICION_CALLS = 4096 /* how long every call is measured after growth */
};

static struct {
    int64_t now[SHARED_KINDS];
    int64_t of[LEDGER_OWNERS][SHARED_KINDS];
    int64_t unclaimed[SHARED_KINDS];
    int ran; /* since the last measurement: an owner, NOBODY, SEVERAL */
    unsigned suspicion;
} shared = {.ran = NOBODY};

static int64_t constants(void)
{
    return (int64_t)Py_REFCNT(Py_None) + (int64_t)Py_REFCNT(Py_True) + (int64_t)Py_REFCNT(Py_False);
}

static int64_t level_of(enum shared_kind kind)
{
    int64_t level = kind == SHARED_DESCRIPTORS ? process_descriptors()
                    : kind == SHARED_THREADS   ? process_threads()
                                               : constants();
    return level < 0 ? shared.now[kind] : level;
}

void shared_begin(void)
{
    for (enum shared_kind kind = 0; kind < SHARED_KINDS; kind++)
        shared.now[kind] = level_of(kind);
    shared.ran = NOBODY;
}

static void charge(enum shared_kind kind, int64_t change)
{
    shared.now[kind] += change;
    if (shared.ran >= 0) {
        shared.of[shared.ran][kind] += change;
        if (change > 0 && shared.suspicion && kind != SHARED_CONSTANTS)
            shared.suspicion = SUSPICION_CALLS;
        return;
    }
    shared.unclaimed[kind] += change;
    if (shared.unclaimed[kind] < 0)
        shared.unclaimed[kind] = 0;
    if (kind != SHARED_CONSTANTS && shared.unclaimed[kind] >= SUSPICIOUS_FROM) {
        shared.unclaimed[kind] = 0;
        shared.suspicion = SUSPICION_CALLS;
    }
}

void shared_measure(void)
{
    for (enum shared_kind kind = 0; kind < SHARED_KINDS; kind++)
        charge(kind, level_of(kind) - shared.now[kind]);
    shared.ran = NOBODY;
}

void shared_ran(unsigned owner)
{
    /* References cost nothing to read: every call is charged with its own. */
    int64_t change = constants() - shared.now[SHARED_CONSTANTS];
    shared.now[SHARED_CONSTANTS] += change;
    shared.of[owner][SHARED_CONSTANTS] += change;
    shared.ran = shared.ran == NOBODY || shared.ran == (int)owner ? (int)owner : SEVERAL;
    if (shared.suspicion) {
        shared.suspicion--;
        shared_measure();
    }
}

int64_t shared_of(unsigned owner, enum shared_kind kind)
{
    return owner < LEDGER_OWNERS ? shared.of[owner][kind] : 0;
}

int64_t shared_now(enum shared_kind kind)
{
    return shared.now[kind];
}
