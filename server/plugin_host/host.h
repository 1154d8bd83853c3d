/*
 * The plugin host from inside: what its rooms share.
 *
 *   main.c         the command line
 *   serve.c        the life of a host under astrolabed: hello, loading, calls and control, the end
 *   limits.c       what the kernel is asked to enforce; no orphans
 *   interpreter.c  Python's and NumPy's start, the virtual environment, the package's directory
 *   load.c         finding and importing plugins, their conversions
 *   channel.c      the shared region and its rings, sleeping and waking
 *   control.c      control messages in and out (JSON by jansson)
 *   blocks.c       which blocks of the region are referred to, since when, by whom
 *   arrays.c       NumPy arrays over blocks, scalars, parameters
 *   frame.c        the frame of a call, checked before anything in it is used
 *   call.c         one call: its pieces one by one or joined
 *   invoke.c       the user's function: its arguments, and that a call is at work
 *   results.c      what it returned: checked and put in its place
 *   failure.c      Python exceptions turned into code, text and traceback, and cleared
 *   output.c       what was printed belongs to the call that printed it
 *   module.c       _astrolabe_host: what the Python package asks the host for
 *   check.c        --check FILE: the same without astrolabed, many times over
 *   ledger/        whose memory is it: tagged allocators, samples, the trend test, tracing
 *
 * Threads    Everything happens on the main thread, which holds the GIL but while it sleeps. Plugins
 *            may have threads of their own: the GIL is released while the host sleeps.
 * Objects    Every PyObject * in these files is named or documented as new (the holder releases it),
 *            borrowed, or stolen (the callee releases it, on failure too).
 */
#ifndef ASTRO_PLUGIN_HOST_HOST_H
#define ASTRO_PLUGIN_HOST_HOST_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h> /* first: it sets feature macros */

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

/* The keywords of one way of calling a conversion: which are given, and their names. */
struct conversion_keywords {
    uint64_t given;  /* bit i: parameter i; bit ASTRO_MAX_PARAMETERS: out */
    PyObject *names; /* owned: tuple of interned str; NULL: not used yet */
};
enum { CONVERSION_KEYWORDS = 4 };

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
    PyObject *input_keywords[ASTRO_MAX_INPUTS];               /* owned: interned str */
    struct conversion_keywords keywords[CONVERSION_KEYWORDS]; /* the latest ways, for speed */
    unsigned next_keywords;                                   /* the one to be replaced next */
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
