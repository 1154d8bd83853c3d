/*
 * The leak ledger of a host: whose memory is it, and does it grow.
 *
 * Tags       Every block from malloc and from Python's allocators carries 16 bytes in front: its size,
 *            its kind, and its owner: the plugin that was at work when it was made. Live blocks and
 *            bytes are therefore known per plugin at every moment, exactly, whoever frees them and
 *            whenever the collector runs. Kinds: python (the MEM and OBJ domains, and RAW), array
 *            (NumPy's data), malloc (the rest).
 * Samples    Every so many calls of a plugin, after a collection: live blocks and bytes by kind,
 *            retained blocks of the region, descriptors, threads, garbage that the collection found
 *            while the plugin has the collector switched off. The last 64 are kept; the distance grows to
 *            at most 512 calls.
 * Verdict    trend.h, over the samples. Not the sum of calls: levels at equal points.
 * Threads    Counting from any thread (atomics); everything else on the main thread.
 * Off        Under sanitizers and valgrind malloc is not wrapped (LEDGER_MALLOC 0): those figures are 0.
 */
#ifndef ASTRO_PLUGIN_HOST_LEDGER_H
#define ASTRO_PLUGIN_HOST_LEDGER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_OWNERS = 1024 }; /* 0: the host itself */

/* Before Py_Initialize: Python's allocators. After NumPy's import: its data handler. */
bool ledger_python_install(void);
bool ledger_numpy_install(void);

/* Calls from one sample to the next, at first (they become more, up to 512). Before plugins are added.
 * 0: the usual. */
void ledger_set_sample_calls(unsigned calls);
/* A new owner; its number, 0 when there are too many (then the host itself owns). */
unsigned ledger_owner_add(const char *name);
/* Who is at work from now on; returns who was. Cheap: called twice per call. */
unsigned ledger_enter(unsigned owner);

/* After every call (or joined call) of a plugin, outside of it: counts it, and now and then samples. */
void ledger_call_ended(unsigned owner, unsigned calls);
/* Measures all plugins that have been called since their last sample. */
void ledger_sample_all(void);
/* True once after a sample that astrolabed should hear of (a verdict changed, or some time passed). */
bool ledger_is_due(void);
/* The `ledger` message of plugins/protocol.h; new reference; NULL: no memory. */
json_t *ledger_message(void);

/* tracemalloc, collector statistics, growing types: POST /v1/debug/plugins/{name}/trace. Report: new
 * reference; NULL with text in error[]. */
bool ledger_trace_start(unsigned owner, int frames, char error[256]);
json_t *ledger_trace_stop(unsigned owner, char error[256]);

#endif
