/*
 * Tracing is done in Python (astrolabe_plugin/_trace.py); here its report becomes JSON.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdio.h>

#include "plugin_host/ledger/ledger.h"
#include "plugin_host/ledger/owners.h"

/* Clears the exception that is set. */
static void take_error(char error[256])
{
    PyObject *type, *value, *traceback; /* new */
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *said = value ? PyObject_Str(value) : NULL; /* new */
    const char *text = said ? PyUnicode_AsUTF8(said) : NULL;
    snprintf(error, 256, "%s", text && *text ? text : "tracing failed");
    Py_XDECREF(said);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
}

/* What _trace.py's function returned: new reference; NULL with text in error. */
static PyObject *call_trace(const char *function, unsigned number, int frames, char error[256])
{
    const struct owner *owner = owner_at(number);
    if (!owner) {
        snprintf(error, 256, "there is no such plugin");
        return NULL;
    }
    PyObject *module = PyImport_ImportModule("astrolabe_plugin._trace"); /* new */
    PyObject *result =
        module ? PyObject_CallMethod(module, function, "si", owner->name, frames) : NULL; /* new */
    Py_XDECREF(module);
    if (!result)
        take_error(error);
    return result;
}

bool ledger_trace_start(unsigned owner, int frames, char error[256])
{
    PyObject *started = call_trace("start", owner, frames, error); /* new */
    Py_XDECREF(started);
    return started != NULL;
}

json_t *ledger_trace_stop(unsigned owner, char error[256])
{
    PyObject *text = call_trace("stop", owner, 0, error); /* new: str, JSON */
    const char *document = text ? PyUnicode_AsUTF8(text) : NULL;
    json_t *report = document ? json_loads(document, 0, NULL) : NULL;
    if (text && !report) {
        PyErr_Clear();
        snprintf(error, 256, "the report is no JSON");
    }
    Py_XDECREF(text);
    return report;
}
