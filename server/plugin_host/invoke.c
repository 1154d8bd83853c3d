#include "plugin_host/invoke.h"

#include <time.h>
#include <unistd.h>

#include "plugin_host/arrays.h"
#include "plugin_host/channel.h"

static PyObject *out_name; /* owned, for ever: "out" */
static struct invocation *at_work;
static unsigned long host_thread;

bool invoke_open(void)
{
    host_thread = PyThread_get_thread_ident();
    out_name = PyUnicode_InternFromString("out");
    return out_name != NULL;
}

struct invocation *invoke_current(void)
{
    /* A thread that a plugin has left running must not write into a stranger's results. */
    return PyThread_get_thread_ident() == host_thread ? at_work : NULL;
}

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

PyObject *invoke_outputs(struct invocation *invocation)
{
    if (invocation->outputs != NULL)
        return invocation->outputs;
    size_t n = invocation->call->conversion->n_outputs;
    PyObject *outputs = PyTuple_New((Py_ssize_t)n);
    for (size_t i = 0; outputs != NULL && i < n; i++) {
        PyObject *array_stolen = invocation->make_output(invocation->context, i);
        if (array_stolen == NULL)
            Py_CLEAR(outputs);
        else
            PyTuple_SET_ITEM(outputs, (Py_ssize_t)i, array_stolen);
    }
    invocation->outputs = outputs;
    return outputs;
}

/* --- keywords --- */

static PyObject *names_new(const struct conversion *conversion, uint64_t given)
{
    Py_ssize_t n = __builtin_popcountll(given), at = 0;
    PyObject *names = PyTuple_New(n);
    if (names == NULL)
        return NULL;
    for (size_t i = 0; i < conversion->n_parameters; i++)
        if ((given & UINT64_C(1) << i) != 0)
            PyTuple_SET_ITEM(names, at++, Py_NewRef(conversion->parameters[i].name));
    if (at < n)
        PyTuple_SET_ITEM(names, at, Py_NewRef(out_name));
    return names;
}

/* The tuple of keyword names, borrowed from the conversion; NULL with an exception set. */
static PyObject *keywords_of(struct conversion *conversion, uint64_t given)
{
    for (unsigned i = 0; i < CONVERSION_KEYWORDS; i++)
        if (conversion->keywords[i].names != NULL && conversion->keywords[i].given == given)
            return conversion->keywords[i].names;
    PyObject *names = names_new(conversion, given);
    if (names == NULL)
        return NULL;
    struct conversion_keywords *place = &conversion->keywords[conversion->next_keywords];
    conversion->next_keywords = (conversion->next_keywords + 1) % CONVERSION_KEYWORDS;
    place->given = given;
    Py_XSETREF(place->names, names);
    return names;
}

/* --- the call --- */

/* Parameters and `out` behind the inputs, in the order of the description. Returns the number of arguments;
 * *ret_given says which they are. 0: an exception is set, and args[from...] is empty. */
static size_t add_keywords(struct invocation *invocation, PyObject *args[], size_t from,
                           uint64_t *ret_given)
{
    const struct call_frame *call = invocation->call;
    const struct frame_value *values[ASTRO_MAX_PARAMETERS] = {0};
    for (size_t i = 0; i < call->n_values; i++)
        values[call->values[i].parameter] = &call->values[i];
    uint64_t given = 0;
    size_t n = from;
    bool good = true;
    for (size_t i = 0; good && i < call->conversion->n_parameters; i++) {
        if (values[i] == NULL)
            continue;
        good = (args[n] = arrays_value(call, values[i])) != NULL;
        n += good;
        given |= UINT64_C(1) << i;
    }
    if (good && call->conversion->wants_out) {
        PyObject *outputs = invoke_outputs(invocation);
        good = outputs != NULL;
        if (good)
            args[n++] = Py_NewRef(outputs);
        given |= UINT64_C(1) << ASTRO_MAX_PARAMETERS;
    }
    if (good) {
        *ret_given = given;
        return n;
    }
    for (size_t i = from; i < n; i++)
        Py_DECREF(args[i]);
    return 0;
}

static PyObject *call_function(struct invocation *invocation, PyObject *args[], size_t n_inputs,
                               PyObject *names)
{
    const struct call_frame *call = invocation->call;
    uint64_t begun = now_ns();
    at_work = invocation;
    PyObject *result = PyObject_Vectorcall(call->conversion->function, args + 1,
                                           n_inputs | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
    at_work = NULL;
    /* A child that the plugin has forked and let run out of its function: not ours to serve. */
    if (channel_is_child())
        _exit(result == NULL);
    call->frame->busy_ns += now_ns() - begun;
    return result;
}

PyObject *invoke(struct invocation *invocation, PyObject *args[INVOKE_ARGUMENTS])
{
    struct conversion *conversion = invocation->call->conversion;
    size_t n_inputs = conversion->n_inputs, n = 1 + n_inputs;
    PyObject *names = NULL, *result = NULL;
    bool good = true;
    if (invocation->call->n_values > 0 || conversion->wants_out) {
        uint64_t given = 0;
        size_t all = add_keywords(invocation, args, n, &given);
        good = all > 0;
        if (good) {
            n = all;
            good = (names = keywords_of(conversion, given)) != NULL;
        }
    }
    if (good) {
        /* The plugin may be called again while it works (by itself): the tuple must live. */
        Py_XINCREF(names);
        result = call_function(invocation, args, n_inputs, names);
        Py_XDECREF(names);
    }
    for (size_t i = 1; i < n; i++)
        Py_DECREF(args[i]);
    return result;
}
