#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "plugin_host/ledger/sample.h"

#include <math.h>

#include "plugin_host/blocks.h"
#include "plugin_host/ledger/caches.h"
#include "plugin_host/ledger/process.h"
#include "plugin_host/ledger/shared.h"
#include "plugin_host/ledger/tags.h"

/* A little more history than a verdict needs, so that the samples of late are evenly spread. */
struct sample_rules sample_rules = {.min_calls = 16000, .early_calls = 300, .share = 20};

static const double early_bytes = 32 << 20;
static const double early_objects = 128; /* descriptors, threads: there are limits to both */
static const double least_bytes = 4096;
static const double least_objects = 4;
/* Odds and ends settle for a while. */
static const double full_calls = 9000;

/* --- the collector --- */

static struct {
    bool off;
    unsigned by; /* who switched it off; 0: not known */
} collector;

void sample_watch_collector(unsigned owner)
{
    bool off = !PyGC_IsEnabled();
    if (off == collector.off)
        return;
    collector.off = off;
    collector.by = off ? owner : 0;
}

/* A threshold of 0 is another way to switch it off. */
static bool collector_is_off(PyObject *gc_borrowed)
{
    if (!PyGC_IsEnabled())
        return true;
    PyObject *thresholds = PyObject_CallMethod(gc_borrowed, "get_threshold", NULL); /* new */
    bool off = thresholds && PyTuple_Check(thresholds) && PyTuple_GET_SIZE(thresholds) > 0 &&
               PyLong_AsLong(PyTuple_GET_ITEM(thresholds, 0)) == 0;
    Py_XDECREF(thresholds);
    PyErr_Clear();
    return off;
}

static uint64_t plugins_bytes(void)
{
    uint64_t bytes = 0;
    for (unsigned number = 1; number <= owners_count(); number++)
        for (enum tag_kind kind = 0; kind < TAG_KINDS; kind++)
            bytes += tags_read(number, kind).bytes;
    return bytes;
}

/* What only this collection frees, because nobody else collects, is the doing of who saw to that. */
static void collect(struct owner *owner)
{
    PyObject *gc = PyImport_ImportModule("gc"); /* new */
    if (!gc) {
        PyErr_Clear();
        PyGC_Collect();
        return;
    }
    bool off = collector_is_off(gc);
    uint64_t before = off ? plugins_bytes() : 0;
    PyObject *found = PyObject_CallMethod(gc, "collect", NULL); /* new: int */
    uint64_t after = off ? plugins_bytes() : 0;
    struct owner *charged = collector.by ? owner_at(collector.by) : owner;
    if (off && charged && before > after) {
        charged->garbage_bytes += (double)(before - after);
        long long objects = found ? PyLong_AsLongLong(found) : 0;
        charged->garbage_objects += objects > 0 ? (uint64_t)objects : 0;
    }
    Py_XDECREF(found);
    Py_DECREF(gc);
    PyErr_Clear();
}

void sample_collect(struct owner *owner)
{
    unsigned before = tags_enter(owner->number); /* finalizers are the plugin's */
    collect(owner);
    tags_enter(before);
}

/* --- levels --- */

static double bytes_of(const struct owner *owner, enum tag_kind kind)
{
    return (double)(int64_t)tags_read(owner->number, kind).bytes;
}

void sample_levels(const struct owner *owner, double ret[LEVELS])
{
    struct blocks_totals retained = blocks_retained(owner->number);
    ret[LEVEL_GARBAGE] = owner->garbage_bytes;
    ret[LEVEL_INPUTS] = (double)(retained.objects - retained.outputs);
    ret[LEVEL_OUTPUTS] = (double)retained.outputs;
    ret[LEVEL_RETAINED_BYTES] = (double)retained.bytes;
    ret[LEVEL_DESCRIPTORS] = (double)shared_of(owner->number, SHARED_DESCRIPTORS);
    ret[LEVEL_THREADS] = (double)shared_of(owner->number, SHARED_THREADS);
    ret[LEVEL_CONSTANTS] = (double)shared_of(owner->number, SHARED_CONSTANTS);
    ret[LEVEL_ARRAYS] = bytes_of(owner, TAG_ARRAY);
    ret[LEVEL_OBJECTS] = bytes_of(owner, TAG_OBJECT);
    ret[LEVEL_MEMORY] = bytes_of(owner, TAG_MEMORY);
    ret[LEVEL_MALLOC] = bytes_of(owner, TAG_MALLOC);
}

/* --- verdicts --- */

static struct trend_rule rule_of(enum level level)
{
    struct trend_rule rule = {.min_calls = sample_rules.min_calls,
                              .early_calls = sample_rules.early_calls,
                              .early_growth = INFINITY,
                              .min_growth = least_objects,
                              .full_calls = full_calls};
    switch (level) {
    case LEVEL_DESCRIPTORS:
    case LEVEL_THREADS:
        rule.early_growth = early_objects;
        break;
    case LEVEL_INPUTS:
    case LEVEL_OUTPUTS:
    case LEVEL_CONSTANTS:
        break;
    default:
        rule.early_growth = early_bytes;
        rule.min_growth = least_bytes;
    }
    return rule;
}

/* What is counted for the process and attributed to plugins is a leak only if the process has it too:
 * what one plugin opens another one's call may collect. */
static struct {
    uint64_t calls;
    struct history history;
    struct watch watches[LEVELS];
    bool begun;
} whole;

static const enum level shared_levels[] = {LEVEL_DESCRIPTORS, LEVEL_THREADS, LEVEL_CONSTANTS};

static void judge_whole(void)
{
    if (!whole.begun)
        history_init(&whole.history, 0);
    whole.begun = true;
    whole.calls = 0;
    for (unsigned number = 1; number <= owners_count(); number++)
        whole.calls += owner_at(number)->calls;
    struct sample sample = {.calls = whole.calls};
    sample.levels[LEVEL_DESCRIPTORS] = (double)shared_now(SHARED_DESCRIPTORS);
    sample.levels[LEVEL_THREADS] = (double)shared_now(SHARED_THREADS);
    sample.levels[LEVEL_CONSTANTS] = (double)shared_now(SHARED_CONSTANTS);
    history_add(&whole.history, &sample);
    for (size_t i = 0; i < sizeof shared_levels / sizeof shared_levels[0]; i++) {
        struct trend_rule rule = rule_of(shared_levels[i]);
        watch_look(&whole.watches[shared_levels[i]], &whole.history, shared_levels[i], &rule);
    }
}

static void judge(struct owner *owner, struct watch ret[LEVELS])
{
    for (enum level level = 0; level < LEVELS; level++) {
        struct trend_rule rule = rule_of(level);
        watch_look(&owner->watches[level], &owner->history, level, &rule);
        ret[level] = owner->watches[level];
    }
    for (size_t i = 0; i < sizeof shared_levels / sizeof shared_levels[0]; i++) {
        struct watch *watch = &ret[shared_levels[i]];
        if (watch->verdict == TREND_LEAKING &&
            whole.watches[shared_levels[i]].verdict != TREND_LEAKING)
            watch->verdict = TREND_STEADY;
    }
    /* Half of all descriptors there can be: later there would be no growth to be seen. */
    if (shared_of(owner->number, SHARED_DESCRIPTORS) > process_descriptors_limit() / 2)
        ret[LEVEL_DESCRIPTORS].verdict = TREND_LEAKING;
    proof_consider(owner, ret);
    caches_excuse(owner, ret);
}

bool sample_take(struct owner *owner)
{
    sample_collect(owner);
    shared_ran(owner->number);
    shared_measure();
    struct sample sample = {.calls = owner->calls};
    sample_levels(owner, sample.levels);
    history_add(&owner->history, &sample);
    owner->sampled = owner->calls;
    judge_whole();
    struct watch watches[LEVELS];
    judge(owner, watches);
    struct finding finding = finding_of(owner->name, watches);
    bool changed = finding.verdict != owner->finding.verdict || finding.kind != owner->finding.kind;
    owner->finding = finding;
    return changed;
}
