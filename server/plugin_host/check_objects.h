/*
 * Objects: references to objects that live on, one by one. A reference that is taken and never
 * released needs no memory when its object lives anyway (None, a type, a dtype, a constant of the
 * code), but it can be counted, in every build of Python.
 *
 * Threads    the main thread, with the GIL.
 */
#ifndef ASTRO_PLUGIN_HOST_CHECK_OBJECTS_H
#define ASTRO_PLUGIN_HOST_CHECK_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Everything that is alive now and that can be reached: about 100,000 objects. False: no memory. */
bool objects_open(void);
/* Counts; the first time at a third of the calls, then at two thirds, then at the end. */
void objects_count(void);
void objects_close(void);

struct objects_drift {
    double per_call;
    char name[120]; /* repr() */
};
/* Objects whose count has grown by as much in the second interval as in the first, of `calls` calls each. At
 * most `most`, the largest first; returns how many. */
size_t objects_drifts(uint64_t calls, struct objects_drift ret[], size_t most);

/* All references of a debug build at the last two counts: what is counted there of the difference, per call.
 * False: not a debug build. */
bool objects_total(uint64_t calls, double *ret_per_call);

#endif
