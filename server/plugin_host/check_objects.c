#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "plugin_host/check_objects.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugin_host/ledger/owners.h"
#include "plugin_host/ledger/tags.h"
#include "plugin_host/numpy.h"

enum { COUNTS = 3 };

static struct {
    PyObject *list;             /* owned: the objects, once each */
    Py_ssize_t *counts[COUNTS]; /* owned */
    Py_ssize_t totals[COUNTS];  /* of a debug build */
    double bytes[COUNTS];       /* of all plugins and the host */
    size_t n_counts;
} objects;

/* New reference; NULL with an exception set. */
static PyObject *find_objects(void)
{
    PyObject *module = PyImport_ImportModule("astrolabe_plugin._trace");              /* new */
    PyObject *list = module ? PyObject_CallMethod(module, "long_lived", NULL) : NULL; /* new */
    Py_XDECREF(module);
    return list;
}

bool objects_open(void)
{
    objects_close();
    objects.list = find_objects();
    if (!objects.list || !PyList_Check(objects.list)) {
        objects_close();
        PyErr_Clear();
        return false;
    }
    for (size_t i = 0; i < COUNTS; i++) {
        objects.counts[i] = calloc((size_t)PyList_GET_SIZE(objects.list) + 1, sizeof(Py_ssize_t));
        if (!objects.counts[i]) {
            objects_close();
            return false;
        }
    }
    return true;
}

void objects_close(void)
{
    Py_CLEAR(objects.list);
    for (size_t i = 0; i < COUNTS; i++) {
        free(objects.counts[i]);
        objects.counts[i] = NULL;
    }
    objects.n_counts = 0;
}

static double all_bytes(void)
{
    double bytes = 0;
    for (unsigned owner = 0; owner <= owners_count(); owner++)
        for (enum tag_kind kind = 0; kind < TAG_KINDS; kind++)
            bytes += (double)(int64_t)tags_read(owner, kind).bytes;
    return bytes;
}

static Py_ssize_t total(void)
{
#ifdef Py_REF_DEBUG
    return _Py_GetRefTotal() - numpy_handed;
#else
    return 0;
#endif
}

void objects_count(void)
{
    if (!objects.list || objects.n_counts == COUNTS)
        return;
    Py_ssize_t *counts = objects.counts[objects.n_counts];
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects.list); i++)
        counts[i] = Py_REFCNT(PyList_GET_ITEM(objects.list, i));
    objects.bytes[objects.n_counts] = all_bytes();
    objects.totals[objects.n_counts++] = total();
}

static bool is_ours(const PyObject *object)
{
    return object == objects.list;
}

/* The same growth in both intervals, at least one reference in twenty calls, and more than what new
 * memory can hold: that is found as memory, or is a cache that fills. */
static bool drifts(Py_ssize_t index, uint64_t calls, double *ret_per_call)
{
    double before = (double)(objects.counts[1][index] - objects.counts[0][index]);
    double now = (double)(objects.counts[2][index] - objects.counts[1][index]);
    double least = fmax((double)calls / 20, (objects.bytes[2] - objects.bytes[1]) / sizeof(void *));
    if (now < least || now < 20 || before < now * 0.8 || before > now * 1.25)
        return false;
    *ret_per_call = now / (double)calls;
    return true;
}

static void name_object(PyObject *object_borrowed, char ret[120])
{
    PyObject *text = PyObject_Repr(object_borrowed); /* new */
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    snprintf(ret, 120, "%s", utf8 ? utf8 : Py_TYPE(object_borrowed)->tp_name);
    Py_XDECREF(text);
    PyErr_Clear();
}

static void insert(struct objects_drift ret[], size_t *n, size_t most, double per_call,
                   PyObject *object_borrowed)
{
    size_t at = *n;
    while (at > 0 && ret[at - 1].per_call < per_call)
        at--;
    if (at == most)
        return;
    size_t kept = *n < most ? *n : most - 1;
    memmove(&ret[at + 1], &ret[at], (kept - at) * sizeof *ret);
    ret[at].per_call = per_call;
    name_object(object_borrowed, ret[at].name);
    *n = kept + 1;
}

size_t objects_drifts(uint64_t calls, struct objects_drift ret[], size_t most)
{
    size_t n = 0;
    if (objects.n_counts < COUNTS || calls == 0)
        return 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects.list); i++) {
        PyObject *object = PyList_GET_ITEM(objects.list, i); /* borrowed */
        double per_call;
        if (!is_ours(object) && drifts(i, calls, &per_call))
            insert(ret, &n, most, per_call, object);
    }
    return n;
}

bool objects_total(uint64_t calls, double *ret_per_call)
{
#ifdef Py_REF_DEBUG
    if (objects.n_counts < COUNTS || calls == 0)
        return false;
    *ret_per_call = (double)(objects.totals[2] - objects.totals[1]) / (double)calls;
    return true;
#else
    (void)calls, (void)ret_per_call;
    return false;
#endif
}
