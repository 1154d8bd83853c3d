/*
 * NumPy's C interface, as all files of the host see it: one table of functions, filled in by
 * interpreter.c alone (which defines HOST_IMPORTS_NUMPY).
 */
#ifndef ASTRO_PLUGIN_HOST_NUMPY_H
#define ASTRO_PLUGIN_HOST_NUMPY_H

#include "plugin_host/host.h"

#define NPY_NO_DEPRECATED_API  NPY_1_22_API_VERSION
#define NPY_TARGET_VERSION     NPY_1_22_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL astrolabe_numpy
#ifndef HOST_IMPORTS_NUMPY
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

/*
 * NumPy gives back the references that it is handed (a base, the items of an array of objects, its own
 * allocator) without counting them where Python is a debug build and NumPy is not: the total of all
 * references then drifts by what it was handed. The tests of balance subtract this.
 */
#ifdef Py_REF_DEBUG
extern Py_ssize_t numpy_handed;
#define NUMPY_HANDED(n) (numpy_handed += (n))
#else
#define NUMPY_HANDED(n) ((void)0)
#endif

#endif
