#include "plugin_host/module.h"

#include "plugin_host/invoke.h"
#include "plugin_host/numpy.h"

#ifdef Py_REF_DEBUG
Py_ssize_t numpy_handed;
#endif

/* Borrowed from invoke.c; NULL with an exception set. */
static struct invocation *current(void)
{
    struct invocation *invocation = invoke_current();
    if (invocation == NULL)
        PyErr_SetString(PyExc_RuntimeError, "no conversion is at work on this thread");
    return invocation;
}

static PyObject *outputs(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    struct invocation *invocation = current();
    if (invocation == NULL)
        return NULL;
    PyObject *arrays_borrowed = invoke_outputs(invocation);
    return Py_XNewRef(arrays_borrowed);
}

static PyObject *output_names(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    struct invocation *invocation = current();
    if (invocation == NULL)
        return NULL;
    const struct conversion *conversion = invocation->call->conversion;
    PyObject *names = PyTuple_New((Py_ssize_t)conversion->n_outputs);
    for (size_t i = 0; names != NULL && i < conversion->n_outputs; i++) {
        PyObject *name_stolen = PyUnicode_FromString(conversion->output_names[i]);
        if (name_stolen == NULL)
            Py_CLEAR(names);
        else
            PyTuple_SET_ITEM(names, (Py_ssize_t)i, name_stolen);
    }
    return names;
}

static PyObject *call_info(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    struct invocation *invocation = current();
    if (invocation == NULL)
        return NULL;
    return Py_BuildValue("(ssn)", invocation->call->conversion->name, invocation->piece->request_id,
                         (Py_ssize_t)invocation->rows);
}

static PyObject *request_id(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    struct invocation *invocation = invoke_current();
    return PyUnicode_FromString(invocation == NULL ? "" : invocation->piece->request_id);
}

#ifdef Py_REF_DEBUG
static PyObject *references(PyObject *self, PyObject *unused)
{
    (void)self, (void)unused;
    return PyLong_FromSsize_t(_Py_GetRefTotal() - numpy_handed);
}
#endif

PyObject *module_init(void)
{
    static PyMethodDef methods[] = {
        {"outputs", outputs, METH_NOARGS, "The arrays that the results go to."},
        {"output_names", output_names, METH_NOARGS, "Their names."},
        {"call_info", call_info, METH_NOARGS, "(conversion, request id, rows) of the call."},
        {"request_id", request_id, METH_NOARGS, "The id of the request at work, or \"\"."},
#ifdef Py_REF_DEBUG
        {"references", references, METH_NOARGS, "All references that are counted."},
#endif
        {NULL, NULL, 0, NULL},
    };
    static struct PyModuleDef module = {
        PyModuleDef_HEAD_INIT,
        .m_name = "_astrolabe_host",
        .m_doc = "The plugin host, as its plugins' package sees it.",
        .m_size = -1,
        .m_methods = methods,
    };
    return PyModule_Create(&module);
}
