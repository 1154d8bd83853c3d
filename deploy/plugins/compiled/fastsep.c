/*
 * fastsep: a NumPy extension module whose reference counting can be followed line by line.
 *
 * Words      Every PyObject * below is one of three things:
 *              new       we own one reference and must give it up: Py_DECREF, or return it
 *              borrowed  somebody else keeps it alive while we look at it; we neither keep nor give it up
 *              stolen    we owned it and a call has taken it over, on failure too; it is not ours any more
 * Ownership  separation() owns its four converted inputs and its result until it returns. It has one exit
 *            for success and failure: what is owned is in a variable that is NULL until then, and
 *            Py_XDECREF(NULL) does nothing. That is the whole trick.
 * Threads    Called with the GIL held; given up during the loop, which touches no Python object.
 * Units      Degrees in and out.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#include <math.h>
#include <numpy/arrayobject.h>

enum { INPUTS = 4 };

static const double RADIANS = 0.017453292519943295;

/* Vincenty's formula: no loss of digits at 0, at 90 or at 180 degrees. NaN in, NaN out. */
static double separation_of(double lon1, double lat1, double lon2, double lat2)
{
    const double dlon = (lon2 - lon1) * RADIANS;
    const double sin1 = sin(lat1 * RADIANS), cos1 = cos(lat1 * RADIANS);
    const double sin2 = sin(lat2 * RADIANS), cos2 = cos(lat2 * RADIANS);
    const double across = cos2 * sin(dlon);
    const double along = cos1 * sin2 - sin1 * cos2 * cos(dlon);
    const double inward = sin1 * sin2 + cos1 * cos2 * cos(dlon);
    return atan2(hypot(across, along), inward) / RADIANS;
}

/* One column of doubles and how far it is to the next: 0 for a scalar, which stands for every row. */
struct column {
    const double *data;
    npy_intp step;
};

static void separate(npy_intp count, const struct column in[INPUTS], double *out)
{
    for (npy_intp i = 0; i < count; i++)
        out[i] = separation_of(in[0].data[i * in[0].step], in[1].data[i * in[1].step],
                               in[2].data[i * in[2].step], in[3].data[i * in[3].step]);
}

/* The array that decides the shape of the result: the first that is no scalar. Borrowed from `in`. */
static PyArrayObject *leader(PyArrayObject *const in[INPUTS])
{
    for (int i = 0; i < INPUTS; i++) {
        if (PyArray_NDIM(in[i]) > 0)
            return in[i];
    }
    return in[0];
}

/* False: a ValueError is set. Looks only: all arrays are borrowed. */
static int shapes_agree(PyArrayObject *const in[INPUTS], PyArrayObject *lead)
{
    for (int i = 0; i < INPUTS; i++) {
        if (PyArray_NDIM(in[i]) > 0 && !PyArray_SAMESHAPE(in[i], lead)) {
            PyErr_SetString(PyExc_ValueError, "arrays must have the same shape, or none");
            return 0;
        }
    }
    return 1;
}

PyDoc_STRVAR(
    separation_doc,
    "separation(lon1, lat1, lon2, lat2, /)\n--\n\n"
    "Angular separation in degrees of points in degrees: arrays of one shape, or scalars.");

/* module: borrowed. args: an array of borrowed references; the caller keeps them alive. Returns a new
 * reference, or NULL with an exception set. */
static PyObject *separation(PyObject *module, PyObject *const *args, Py_ssize_t n_args)
{
    PyArrayObject *in[INPUTS] = {NULL, NULL, NULL, NULL}; /* each: nothing, or new: ours */
    PyArrayObject *result = NULL;                         /* nothing, or new: ours */
    struct column columns[INPUTS];

    (void)module; /* borrowed and not used: nothing to do */
    if (n_args != INPUTS) {
        /* Nothing is owned yet, so leaving is simply leaving. PyErr_Format keeps what it needs. */
        PyErr_Format(PyExc_TypeError, "separation() takes 4 arguments, not %zd", n_args);
        return NULL;
    }

    for (int i = 0; i < INPUTS; i++) {
        /* args[i] stays borrowed: PyArray_FROM_OTF does not steal it. What it returns is new, even when
         * args[i] fits as it is: then it is the same object with one more reference, and that one is
         * ours. So it is released below in either case. */
        in[i] = (PyArrayObject *)PyArray_FROM_OTF(args[i], NPY_DOUBLE, NPY_ARRAY_IN_ARRAY);
        if (in[i] == NULL)
            goto done; /* in[0] ... in[i-1] are ours, the others NULL: `done` releases just those */
    }

    PyArrayObject *lead = leader(in); /* borrowed from in[]: no Py_INCREF, no Py_DECREF */
    if (!shapes_agree(in, lead))
        goto done; /* the exception is set, result is NULL */

    /* New: ours. PyArray_SimpleNew takes the dtype by its number, so there is no descriptor to own.
     * (PyArray_NewFromDescr would steal a descriptor, even when it fails.) */
    result = (PyArrayObject *)PyArray_SimpleNew(PyArray_NDIM(lead), PyArray_DIMS(lead), NPY_DOUBLE);
    if (result == NULL)
        goto done;

    for (int i = 0; i < INPUTS; i++) {
        /* Pointers into arrays that we own until `done`: valid throughout the loop. */
        columns[i].data = PyArray_DATA(in[i]);
        columns[i].step = PyArray_NDIM(in[i]) > 0 ? 1 : 0;
    }
    const npy_intp count = PyArray_SIZE(result);
    double *const out = PyArray_DATA(result);
    Py_BEGIN_ALLOW_THREADS /* from here no Python object may be touched ... */
        separate(count, columns, out);
    Py_END_ALLOW_THREADS /* ... to here */

        done
        : for (int i = 0; i < INPUTS; i++)
              Py_XDECREF(in[i]); /* ours end here; those never made are NULL, and that is fine */

    /* `result` is NULL (an exception is set) or new: our reference goes to the caller, so there is no
     * Py_DECREF; and no Py_INCREF either, which would keep every array that was ever returned. */
    return (PyObject *)result;
}

static PyMethodDef methods[] = {
    {"separation", (PyCFunction)(void (*)(void))separation, METH_FASTCALL, separation_doc},
    {NULL, NULL, 0, NULL},
};

/* module: borrowed; it is being made. 0, or -1 with an exception set. */
static int execute(PyObject *module)
{
    (void)module;
    import_array1(
        -1); /* fetches NumPy's function table; returns -1, exception set, when it cannot */
    return 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, (void *)execute},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "fastsep", .m_doc = "Angular separations in C.",
    .m_size = 0, /* no state: nothing to traverse, clear or free */
    .m_methods = methods,  .m_slots = slots,
};

/* Returns the definition, borrowed and static; Python makes the module from it. */
PyMODINIT_FUNC PyInit_fastsep(void)
{
    return PyModuleDef_Init(&definition);
}
