/*
 * The plugin host from inside: what its rooms share.
 *
 *   main.c      arguments, limits, orphan check; Python's start; the loop between control and calls
 *   channel.c   the shared region and its rings, sleeping and waking
 *   control.c   control messages in and out (JSON by jansson)
 *   blocks.c    which blocks of the region are referred to, by how many capsules, since when, by whom
 *   arrays.c    NumPy arrays over blocks, scalars, parameters
 *   call.c      one call: arguments, the function, its results, piece by piece or joined
 *   failure.c   Python exceptions turned into code, text and traceback, and cleared
 *   load.c      the package astrolabe_plugin: finding and importing plugins, their conversions
 *   check.c     --check FILE: the same without astrolabed, many times over
 *   ledger/     whose memory is it: tagged allocators, samples, the trend test, tracing
 *
 * Threads    Everything happens on the main thread, which holds the GIL but while it sleeps. Plugins
 *            may have threads of their own: the GIL is released while the host sleeps.
 * Objects    Every PyObject * in these files is named or documented as new (the holder releases it),
 *            borrowed, or stolen (the callee releases it, on failure too).
 */
#ifndef ASTRO_PLUGIN_HOST_HOST_H
#define ASTRO_PLUGIN_HOST_HOST_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/protocol.h"

enum { HOST_NAME = 64 };

/* A file or package of the directory. */
struct plugin {
    char name[HOST_NAME];
    unsigned owner; /* in the ledger; 0 is the host itself */
};

struct conversion_parameter {
    PyObject *name; /* owned: interned str, for the keyword */
    enum astro_parameter_type type;
    PyObject *choices; /* owned: tuple of the Python values behind the choices; NULL */
};

struct conversion {
    char name[HOST_NAME];
    struct plugin *plugin; /* borrowed */
    PyObject *function;    /* owned: what the user wrote */
    bool elementwise;
    bool wants_out; /* has a keyword-only argument `out` */
    size_t max_rows;
    size_t n_inputs, n_outputs, n_parameters;
    char input_names[ASTRO_MAX_INPUTS][HOST_NAME];
    char output_names[ASTRO_MAX_OUTPUTS][HOST_NAME];
    enum astro_type input_types[ASTRO_MAX_INPUTS], output_types[ASTRO_MAX_OUTPUTS];
    struct conversion_parameter parameters[ASTRO_MAX_PARAMETERS];
};

struct host_state {
    struct plugin *plugins;
    size_t n_plugins;
    struct conversion *conversions; /* the index is the number that astrolabed uses */
    size_t n_conversions;
    bool tracebacks;
    uint64_t calls; /* served so far */
};
extern struct host_state host;

#endif
