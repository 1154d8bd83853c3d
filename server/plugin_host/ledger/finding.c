#include "plugin_host/ledger/finding.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

const char *const verdict_names[3] = {"warming", "steady", "leaking"};

/* In the order of causes. The text is: plugin, verb, amount, rest. */
static const struct {
    enum level level;
    bool is_memory; /* bytes that count in the rate */
    const char *kind, *verb, *rest;
} kinds[] = {
    {LEVEL_GARBAGE, true, "reference cycles (collector off)", "makes",
     "per call in reference cycles and has switched the garbage collector off: break the cycles, "
     "or "
     "leave it on"},
    {LEVEL_INPUTS, false, "retained inputs", "keeps",
     "of its input arrays: a global, a cache or a closure that holds them? Copy what has to "
     "outlive "
     "the call"},
    {LEVEL_OUTPUTS, false, "retained outputs", "keeps",
     "of its result arrays: a list of results, or an extra reference to one?"},
    {LEVEL_RETAINED_BYTES, true, "retained inputs", "keeps",
     "per call in arrays that it was handed: a global, a cache or a closure that holds them?"},
    {LEVEL_DESCRIPTORS, false, "file descriptors", "leaves descriptors open,",
     ": a file or socket that is never closed?"},
    {LEVEL_THREADS, false, "threads", "leaves threads running,",
     ": threads that are started and never joined?"},
    {LEVEL_ARRAYS, true, "array memory", "keeps",
     "per call in array memory (NumPy data never freed): an extra reference to a result, or a "
     "container that grows?"},
    {LEVEL_OBJECTS, true, "python objects", "keeps",
     "per call in Python objects: a container or cache without a bound, or a missing Py_DECREF?"},
    {LEVEL_MEMORY, true, "python memory", "keeps",
     "per call from Python's allocator: PyMem_Malloc without PyMem_Free, or a list or buffer that "
     "grows?"},
    {LEVEL_MALLOC, true, "malloc memory", "keeps",
     "per call from malloc: memory that native code never frees?"},
    {LEVEL_CONSTANTS, false, "references to None", "takes references to None, True or False,",
     ": a Py_INCREF or Py_BuildValue(\"O\") too many?"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

const char *level_name(enum level level)
{
    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].level == level)
            return kinds[i].kind;
    return "";
}

static void say_bytes(double bytes, char ret[48])
{
    if (bytes < 10)
        snprintf(ret, 48, "%.2g bytes", bytes);
    else if (bytes < 10000)
        snprintf(ret, 48, "%.0f bytes", bytes);
    else if (bytes < 1e7)
        snprintf(ret, 48, "%.1f KiB", bytes / 1024);
    else
        snprintf(ret, 48, "%.1f MiB", bytes / (1024 * 1024));
}

/* "1 per call", "1 every 100 calls". */
static void say_objects(double per_call, char ret[48])
{
    if (per_call >= 0.5)
        snprintf(ret, 48, "%.3g per call", per_call);
    else if (per_call > 0)
        snprintf(ret, 48, "1 every %.0f calls", 1 / per_call);
    else
        snprintf(ret, 48, "some");
}

struct finding finding_of(const char *plugin, const struct watch watches[LEVELS])
{
    struct finding finding = {.verdict = TREND_STEADY, .kind = ""};
    size_t cause = KINDS;
    for (size_t i = 0; i < KINDS; i++) {
        const struct watch *watch = &watches[kinds[i].level];
        if (watch->verdict == TREND_WARMING && finding.verdict == TREND_STEADY)
            finding.verdict = TREND_WARMING;
        if (watch->verdict != TREND_LEAKING)
            continue;
        finding.verdict = TREND_LEAKING;
        finding.bytes_per_call += kinds[i].is_memory ? fmax(0, watch->per_call) : 0;
        cause = cause == KINDS ? i : cause;
    }
    if (cause == KINDS)
        return finding;
    finding.kind = kinds[cause].kind;
    char amount[48];
    if (kinds[cause].is_memory)
        say_bytes(finding.bytes_per_call, amount);
    else
        say_objects(watches[kinds[cause].level].per_call, amount);
    snprintf(finding.text, sizeof finding.text, "%s %s %s%s%s", plugin, kinds[cause].verb, amount,
             kinds[cause].rest[0] == ':' ? "" : " ", kinds[cause].rest);
    return finding;
}
