/*
 * Shared: what is counted for the process as a whole (descriptors, threads, references to None, True
 * and False), and whose it is.
 *
 * Between two measurements calls of one plugin or of several have run. If of one, what has changed is
 * its own. If of several, growth is nobody's at first; once there is some, every call is measured on
 * its own for a while, until the growth has a name.
 * Threads    main thread, with the GIL.
 */
#ifndef ASTRO_PLUGIN_HOST_SHARED_H
#define ASTRO_PLUGIN_HOST_SHARED_H

#include <stdint.h>

enum shared_kind { SHARED_DESCRIPTORS, SHARED_THREADS, SHARED_CONSTANTS, SHARED_KINDS };

/* What is there now belongs to nobody: before the first call. */
void shared_begin(void);
/* A call of this owner has ended. */
void shared_ran(unsigned owner);
/* Measures now; what changed goes to who ran since. */
void shared_measure(void);
/* The sum of what was this owner's; may be negative. */
int64_t shared_of(unsigned owner, enum shared_kind kind);
/* As last measured, for the process. */
int64_t shared_now(enum shared_kind kind);

#endif
