/*
 * The classic mistakes of extension modules, one function each, and one function that is right. Every one
 * adds two arrays of doubles; a comment says what is wrong with it.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#include <numpy/arrayobject.h>

#include <stdlib.h>
#include <string.h>

/* a + b, of a's shape: new reference; NULL with an exception set. */
static PyObject *sum_of(PyObject *args)
{
    PyObject *first, *second; /* borrowed */
    if (!PyArg_ParseTuple(args, "OO", &first, &second))
        return NULL;
    PyObject *sum = PyNumber_Add(first, second); /* new: an array, or a NumPy scalar */
    PyObject *array = sum ? PyArray_FROM_OTF(sum, NPY_DOUBLE, NPY_ARRAY_CARRAY) : NULL; /* new */
    Py_XDECREF(sum);
    return array;
}

static PyObject *right(PyObject *module, PyObject *args)
{
    (void)module;
    return sum_of(args);
}

/* One reference too many: the caller's is not the last one. */
static PyObject *extra_incref(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *array = sum_of(args);
    Py_XINCREF(array);
    return array;
}

/* PyList_Append takes a reference of its own; the one from PyFloat_FromDouble is never given up. */
static PyObject *append_without_decref(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *array = sum_of(args);
    PyObject *list = array ? PyList_New(0) : NULL;
    if (!list) {
        Py_XDECREF(array);
        return NULL;
    }
    PyList_Append(list, PyFloat_FromDouble(1.5 * (double)PyArray_SIZE((PyArrayObject *)array)));
    Py_DECREF(list);
    return array;
}

/* An object that nobody ever gets. */
static PyObject *never_returned(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *array = sum_of(args);
    if (array)
        (void)PyUnicode_FromFormat("sum of %zd", PyArray_SIZE((PyArrayObject *)array));
    return array;
}

static PyObject *never_freed_malloc(PyObject *module, PyObject *args)
{
    (void)module;
    char *volatile scratch = malloc(100);
    if (scratch)
        memset(scratch, 0, 100);
    return sum_of(args);
}

static PyObject *never_freed_pymem(PyObject *module, PyObject *args)
{
    (void)module;
    char *volatile scratch = PyMem_Malloc(100);
    if (scratch)
        memset(scratch, 0, 100);
    return sum_of(args);
}

/* "O" takes a reference for the tuple; the two from sum_of() are never given up. */
static PyObject *unbalanced_build(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *first = sum_of(args), *second = first ? sum_of(args) : NULL;
    if (!second) {
        Py_XDECREF(first);
        return NULL;
    }
    return Py_BuildValue("(OO)", first, second);
}

/* References to what lives anyway need no memory. */
static PyObject *none_taken(PyObject *module, PyObject *args)
{
    (void)module;
    Py_INCREF(Py_None);
    return sum_of(args);
}

/* The same with an object that nobody counts. */
static PyObject *type_taken(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *array = sum_of(args);
    if (array)
        Py_INCREF(PyArray_DESCR((PyArrayObject *)array));
    return array;
}

static PyMethodDef methods[] = {
    {"right", right, METH_VARARGS, NULL},
    {"extra_incref", extra_incref, METH_VARARGS, NULL},
    {"append_without_decref", append_without_decref, METH_VARARGS, NULL},
    {"never_returned", never_returned, METH_VARARGS, NULL},
    {"never_freed_malloc", never_freed_malloc, METH_VARARGS, NULL},
    {"never_freed_pymem", never_freed_pymem, METH_VARARGS, NULL},
    {"unbalanced_build", unbalanced_build, METH_VARARGS, NULL},
    {"none_taken", none_taken, METH_VARARGS, NULL},
    {"type_taken", type_taken, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_native", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__native(void);
PyMODINIT_FUNC PyInit__native(void)
{
    import_array();
    return PyModule_Create(&module);
}
