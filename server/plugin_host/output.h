/*
 * Output: what plugins print goes through pipes into astrolabed's log, with the plugin and the request
 * that is at work at that moment. So a call ends when its output has been read.
 */
#ifndef ASTRO_PLUGIN_HOST_OUTPUT_H
#define ASTRO_PLUGIN_HOST_OUTPUT_H

#include <stdbool.h>

/* Before anything is printed: C's stdout is written at the end of a line at the latest. */
void output_open(void);
/* Flushes C's buffers; waits, bounded, until astrolabed has read what is in the pipes. Holds the GIL but
 * while it waits. */
void output_settle(void);
/* False: a plugin has closed what all of them print to. */
bool output_is_there(void);

#endif
