/*
 * Invoke: the user's function is called. While it is at work, the package asks here (module.c) what the
 * call is and where its results may go.
 */
#ifndef ASTRO_PLUGIN_HOST_INVOKE_H
#define ASTRO_PLUGIN_HOST_INVOKE_H

#include "plugin_host/frame.h"

/* Makes the array that an output goes to: new reference, NULL with an exception set. */
typedef PyObject *invoke_output(void *context, size_t index);

/* One calling of a function. */
struct invocation {
    const struct call_frame *call;
    const struct frame_piece *piece; /* the only one, or the first of those joined */
    size_t rows;
    invoke_output *make_output;
    void *context;
    PyObject *outputs; /* owned: tuple of the output arrays, once somebody has asked for them */
};

/* False: an exception is set. */
bool invoke_open(void);
/*
 * Calls the function: inputs are in args[1] ... args[n_inputs], which it releases on all ways; args[0]
 * is scratch, and behind the inputs there is room for parameters and `out`. Returns what the function
 * returned, new reference, or NULL with an exception set. invocation->outputs is the caller's to release,
 * after it has looked at the results.
 */
enum { INVOKE_ARGUMENTS = 1 + ASTRO_MAX_INPUTS + ASTRO_MAX_PARAMETERS + 1 };
PyObject *invoke(struct invocation *invocation, PyObject *args[INVOKE_ARGUMENTS]);

/* The invocation at work, when this is the thread that it works on; NULL. */
struct invocation *invoke_current(void);
/* Its outputs: borrowed; NULL with an exception set. */
PyObject *invoke_outputs(struct invocation *invocation);

#endif
