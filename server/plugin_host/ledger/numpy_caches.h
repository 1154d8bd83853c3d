/*
 * NumPy keeps the memory of a few freed arrays' dimensions. This fills that up, so that it is the same
 * whenever it was called. Main thread, with the GIL.
 */
#ifndef ASTRO_PLUGIN_HOST_NUMPY_CACHES_H
#define ASTRO_PLUGIN_HOST_NUMPY_CACHES_H

void numpy_caches_fill(void);

#endif
