#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "plugin_host/ledger/caches.h"

#include <stdbool.h>
#include <string.h>

/* What all entries of a plugin's caches may come to before it is called a leak after all. */
static const double most_bytes = 256 << 20;

struct caches {
    uint64_t entries, room; /* of those that are not full */
};

/* False: there are none that fill, or they could not be asked. */
static bool read_caches(const char *plugin, struct caches *ret)
{
    PyObject *module = PyImport_ImportModule("astrolabe_plugin._trace"); /* new */
    PyObject *pair =
        module ? PyObject_CallMethod(module, "filling_caches", "s", plugin) : NULL; /* new */
    unsigned long long entries = 0, room = 0;
    bool known = pair && PyArg_ParseTuple(pair, "KK", &entries, &room) && room > 0;
    Py_XDECREF(pair);
    Py_XDECREF(module);
    PyErr_Clear();
    ret->entries = entries;
    ret->room = room;
    return known;
}

static bool is_cached_memory(enum level level)
{
    return level == LEVEL_ARRAYS || level == LEVEL_OBJECTS || level == LEVEL_MEMORY ||
           level == LEVEL_MALLOC || level == LEVEL_INPUTS || level == LEVEL_OUTPUTS ||
           level == LEVEL_RETAINED_BYTES || level == LEVEL_CONSTANTS;
}

static bool is_bytes(enum level level)
{
    return level == LEVEL_ARRAYS || level == LEVEL_OBJECTS || level == LEVEL_MEMORY ||
           level == LEVEL_MALLOC || level == LEVEL_RETAINED_BYTES;
}

static void forgive(struct watch watches[LEVELS])
{
    for (enum level level = 0; level < LEVELS; level++)
        if (is_cached_memory(level) && watches[level].verdict == TREND_LEAKING)
            watches[level].verdict = TREND_WARMING;
}

/* The caches are full: what has grown so far is explained, what grows from now on is not. */
static void begin_anew(struct owner *owner, struct watch watches[LEVELS])
{
    owner->is_excused = false;
    history_init(&owner->history, 0);
    memset(owner->watches, 0, sizeof owner->watches);
    forgive(watches);
}

/* The growth since `owner` was first asked is no more than the caches' entries may weigh. */
static bool explains(const struct owner *owner, const struct caches *caches, double bytes_per_call)
{
    double calls = (double)(owner->calls - owner->cache_calls);
    double filled = (double)caches->entries - (double)owner->cache_entries;
    return calls <= 0 ||
           (filled > 0 && bytes_per_call * calls / filled * (double)caches->room <= most_bytes);
}

void caches_excuse(struct owner *owner, struct watch watches[LEVELS])
{
    bool suspected = false;
    double bytes_per_call = 0;
    for (enum level level = 0; level < LEVELS; level++) {
        if (!is_cached_memory(level))
            continue;
        suspected |= watches[level].seen > 0 || watches[level].verdict == TREND_LEAKING;
        if (is_bytes(level) && watches[level].per_call > 0)
            bytes_per_call += watches[level].per_call;
    }
    struct caches caches;
    if (!suspected || !read_caches(owner->name, &caches)) {
        owner->cache_calls = 0;
        if (owner->is_excused)
            begin_anew(owner, watches);
        return;
    }
    if (!owner->cache_calls) {
        owner->cache_calls = owner->calls;
        owner->cache_entries = caches.entries;
    }
    if (!explains(owner, &caches, bytes_per_call))
        return;
    for (enum level level = 0; level < LEVELS; level++)
        owner->is_excused |= is_cached_memory(level) && watches[level].verdict == TREND_LEAKING;
    forgive(watches);
}
