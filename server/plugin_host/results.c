#include "plugin_host/results.h"

#include <string.h>

#include "plugin_host/arrays.h"
#include "plugin_host/channel.h"
#include "plugin_host/failure.h"
#include "plugin_host/numpy.h"

/* What an output must look like. */
struct expected {
    const char *name;
    enum astro_type type;
    int rank;
    const Py_intptr_t *shape;
    size_t count;
};

/* --- which result is which output --- */

static PyObject *names_of_outputs(const struct conversion *conversion)
{
    char text[ASTRO_MAX_OUTPUTS * (HOST_NAME + 2)] = "";
    size_t length = 0;
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        const char *name = conversion->output_names[i];
        if (i > 0) {
            memcpy(text + length, ", ", 2);
            length += 2;
        }
        memcpy(text + length, name, strlen(name));
        length += strlen(name);
    }
    return PyUnicode_FromStringAndSize(text, (Py_ssize_t)length);
}

static bool wrong_count(const struct conversion *conversion, PyObject *what_stolen)
{
    PyObject *names = names_of_outputs(conversion);
    if (names != NULL && what_stolen != NULL)
        PyErr_Format(failure_wrong_result, "returned %U, expected %zu result%s (%U)", what_stolen,
                     conversion->n_outputs, conversion->n_outputs == 1 ? "" : "s", names);
    Py_XDECREF(names);
    Py_XDECREF(what_stolen);
    return false;
}

static bool take_sequence(const struct conversion *conversion, PyObject *sequence_borrowed,
                          PyObject *ret_items[])
{
    Py_ssize_t n = PySequence_Fast_GET_SIZE(sequence_borrowed);
    if (n != (Py_ssize_t)conversion->n_outputs)
        return wrong_count(conversion, PyUnicode_FromFormat("%zd result%s", n, n == 1 ? "" : "s"));
    for (Py_ssize_t i = 0; i < n; i++)
        ret_items[i] = Py_NewRef(PySequence_Fast_GET_ITEM(sequence_borrowed, i));
    return true;
}

static bool take_dict(const struct conversion *conversion, PyObject *dict_borrowed,
                      PyObject *ret_items[])
{
    size_t found = 0;
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        PyObject *item_borrowed = PyDict_GetItemString(dict_borrowed, conversion->output_names[i]);
        if (item_borrowed == NULL)
            break;
        ret_items[found++] = Py_NewRef(item_borrowed);
    }
    if (found == conversion->n_outputs && PyDict_GET_SIZE(dict_borrowed) == (Py_ssize_t)found)
        return true;
    for (size_t i = 0; i < found; i++)
        Py_DECREF(ret_items[i]);
    PyObject *keys = PyDict_Keys(dict_borrowed);
    PyObject *text = keys == NULL ? NULL : PyUnicode_FromFormat("a dict of %R", keys);
    Py_XDECREF(keys);
    return wrong_count(conversion, text);
}

/* A list of numbers is one result, a list of one array is its array. */
static bool is_one_result(PyObject *result_borrowed)
{
    if (PyTuple_Check(result_borrowed))
        return false;
    if (!PyList_Check(result_borrowed))
        return true;
    return PyList_GET_SIZE(result_borrowed) != 1 ||
           !PyArray_Check(PyList_GET_ITEM(result_borrowed, 0));
}

/* New references to one object per output. */
static bool take_items(struct invocation *invocation, PyObject *result_borrowed,
                       PyObject *ret_items[])
{
    const struct conversion *conversion = invocation->call->conversion;
    if (result_borrowed == Py_None && invocation->outputs != NULL)
        return take_sequence(conversion, invocation->outputs, ret_items);
    if (PyDict_Check(result_borrowed))
        return take_dict(conversion, result_borrowed, ret_items);
    if (conversion->n_outputs == 1 && result_borrowed != Py_None &&
        is_one_result(result_borrowed)) {
        ret_items[0] = Py_NewRef(result_borrowed);
        return true;
    }
    if (PyTuple_Check(result_borrowed) || PyList_Check(result_borrowed))
        return take_sequence(conversion, result_borrowed, ret_items);
    if (result_borrowed == Py_None)
        return wrong_count(conversion, PyUnicode_FromString("None"));
    return wrong_count(conversion,
                       PyUnicode_FromFormat("one %s", Py_TYPE(result_borrowed)->tp_name));
}

/* --- one result --- */

static bool wrong_type(const struct expected *expected, PyObject *got_stolen)
{
    static const char *const words[] = {[ASTRO_FP64] = "numbers (float64)",
                                        [ASTRO_INT64] = "whole numbers (int64)",
                                        [ASTRO_BOOL] = "booleans (bool)"};
    if (got_stolen != NULL)
        PyErr_Format(failure_wrong_result, "result \"%s\" is %U, expected %s", expected->name,
                     got_stolen, words[expected->type]);
    Py_XDECREF(got_stolen);
    return false;
}

static bool check_type(const struct expected *expected, PyArrayObject *array)
{
    int type = PyArray_TYPE(array);
    bool fits = PyTypeNum_ISBOOL(type);
    if (expected->type != ASTRO_BOOL)
        fits = fits || (PyTypeNum_ISINTEGER(type) && type != NPY_ULONG && type != NPY_ULONGLONG);
    if (expected->type == ASTRO_FP64)
        fits = fits || PyTypeNum_ISINTEGER(type) || PyTypeNum_ISFLOAT(type);
    if (fits)
        return true;
    return wrong_type(expected, PyUnicode_FromFormat("an array of %S", PyArray_DESCR(array)));
}

/* A single value stands for all rows: what is computed of a scalar input alone is a scalar. */
static bool check_shape(const struct expected *expected, PyArrayObject *array)
{
    if (PyArray_NDIM(array) == 0)
        return true;
    if (PyArray_NDIM(array) == expected->rank &&
        PyArray_CompareLists(PyArray_DIMS(array), expected->shape, expected->rank))
        return true;
    PyObject *got = PyArray_IntTupleFromIntp(PyArray_NDIM(array), PyArray_DIMS(array));
    PyObject *wanted = PyArray_IntTupleFromIntp(expected->rank, expected->shape);
    if (got != NULL && wanted != NULL)
        PyErr_Format(failure_wrong_result, "result \"%s\" has the shape %R, expected %R",
                     expected->name, got, wanted);
    Py_XDECREF(got);
    Py_XDECREF(wanted);
    return false;
}

/* Quantities have units and masked arrays have masks, which would silently be lost. */
static bool check_plain(const struct expected *expected, PyObject *item_borrowed)
{
    static const char *const attributes[] = {"mask", "unit"};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        PyObject *attribute = PyObject_GetAttrString(item_borrowed, attributes[i]);
        if (attribute == NULL) {
            PyErr_Clear();
            continue;
        }
        bool counts = attribute != Py_None;
        Py_DECREF(attribute);
        if (!counts)
            continue;
        PyErr_Format(failure_wrong_result,
                     "result \"%s\" is a %s with a %s, expected a plain array", expected->name,
                     Py_TYPE(item_borrowed)->tp_name, attributes[i]);
        return false;
    }
    return true;
}

/* A result as an array of the right shape and of a type that converts. New reference. */
static PyArrayObject *array_of(const struct expected *expected, PyObject *item_borrowed)
{
    if (!PyArray_CheckExact(item_borrowed) && !PyFloat_CheckExact(item_borrowed) &&
        !PyLong_CheckExact(item_borrowed) && !PyList_CheckExact(item_borrowed) &&
        !PyTuple_CheckExact(item_borrowed) && !check_plain(expected, item_borrowed))
        return NULL;
    PyArrayObject *array;
    if (PyArray_Check(item_borrowed))
        array = (PyArrayObject *)(void *)Py_NewRef(item_borrowed);
    else
        array = (PyArrayObject *)(void *)PyArray_FromAny(item_borrowed, NULL, 0, 0, 0, NULL);
    if (array == NULL) {
        /* Ragged lists, and whatever __array__ raises: said in our words, with theirs. */
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_Format(failure_wrong_result, "result \"%s\" cannot become an array: %S",
                     expected->name, value != NULL ? value : Py_None);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        return NULL;
    }
    if (check_type(expected, array) && check_shape(expected, array))
        return array;
    Py_DECREF(array);
    return NULL;
}

/* Whether its memory is what the place wants, byte by byte. */
static bool is_plain_memory(const struct expected *expected, PyArrayObject *array)
{
    int type = PyArray_TYPE(array);
    bool same = expected->type == ASTRO_FP64 /* an array of booleans never is */
                    ? type == NPY_DOUBLE
                    : PyTypeNum_ISSIGNED(type) && PyArray_ITEMSIZE(array) == sizeof(int64_t);
    return same && PyArray_NDIM(array) == expected->rank && PyArray_IS_C_CONTIGUOUS(array) &&
           PyArray_ISNOTSWAPPED(array);
}

static bool convert(const struct expected *expected, PyArrayObject *array, void *place)
{
    PyObject *target =
        PyArray_NewFromDescr(&PyArray_Type, PyArray_DescrFromType(arrays_cell_type(expected->type)),
                             expected->rank, expected->shape, NULL, place, NPY_ARRAY_CARRAY, NULL);
    if (target == NULL)
        return false;
    bool good = PyArray_CopyInto((PyArrayObject *)(void *)target, array) == 0;
    Py_DECREF(target);
    return good;
}

static bool copy_array(const struct expected *expected, PyArrayObject *array, void *place)
{
    if (!is_plain_memory(expected, array))
        return convert(expected, array, place);
    const void *data = PyArray_DATA(array);
    /* It may be (a part of) the place itself. */
    if (data != place)
        memmove(place, data, expected->count * sizeof(double));
    return true;
}

/* Numbers of Python and NumPy's own (float64 is a float), without an array between. */
static bool store_number(const struct expected *expected, PyObject *item_borrowed, void *place,
                         bool *ret_stored)
{
    if (expected->type == ASTRO_FP64 && PyFloat_Check(item_borrowed)) {
        double number = PyFloat_AS_DOUBLE(item_borrowed);
        if (place != NULL)
            memcpy(place, &number, sizeof number);
        *ret_stored = true;
    } else if (expected->type == ASTRO_INT64 && PyLong_Check(item_borrowed)) {
        int64_t integer = PyLong_AsLongLong(item_borrowed);
        if (integer == -1 && PyErr_Occurred() != NULL) {
            PyErr_Clear();
            return wrong_type(expected, PyUnicode_FromString("a number beyond 64 bits"));
        }
        if (place != NULL)
            memcpy(place, &integer, sizeof integer);
        *ret_stored = true;
    } else if (expected->type == ASTRO_BOOL && PyBool_Check(item_borrowed)) {
        int64_t cell = item_borrowed == Py_True;
        if (place != NULL)
            memcpy(place, &cell, sizeof cell);
        *ret_stored = true;
    }
    return true;
}

/* place: NULL when nobody wants it; it is checked all the same. */
static bool store(const struct expected *expected, PyObject *item_borrowed, void *place)
{
    bool stored = false;
    if (expected->rank == 0 && !store_number(expected, item_borrowed, place, &stored))
        return false;
    if (stored)
        return true;
    PyArrayObject *array = array_of(expected, item_borrowed);
    if (array == NULL)
        return false;
    bool good = place == NULL || expected->count == 0 || copy_array(expected, array, place);
    Py_DECREF(array);
    return good;
}

/* --- all results --- */

static void release_items(const struct conversion *conversion, PyObject *items[])
{
    for (size_t i = 0; i < conversion->n_outputs; i++)
        Py_DECREF(items[i]);
}

/* Whether an array begins in the place of another output: it would be overwritten before it is read. */
static bool is_in_another_place(const struct conversion *conversion,
                                const struct frame_piece *piece, size_t index, PyArrayObject *array)
{
    uintptr_t data = (uintptr_t)PyArray_DATA(array);
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        if (i == index || !piece->outputs[i].wanted)
            continue;
        uintptr_t place = (uintptr_t)channel_at(piece->outputs[i].offset, 8, 8);
        if (data >= place && data - place < piece->count * sizeof(double))
            return true;
    }
    return false;
}

/* The arrays of the call came back in another order: they are copied before anything is put in its place. */
static bool part_from_places(const struct conversion *conversion, const struct frame_piece *piece,
                             PyObject *items[])
{
    for (size_t i = 0; i < conversion->n_outputs && piece->count > 0; i++) {
        if (!PyArray_Check(items[i]))
            continue;
        PyArrayObject *array = (PyArrayObject *)(void *)items[i];
        if (!is_in_another_place(conversion, piece, i, array))
            continue;
        PyObject *copy = PyArray_NewCopy(array, NPY_KEEPORDER);
        if (copy == NULL)
            return false;
        Py_SETREF(items[i], copy);
    }
    return true;
}

bool results_store(struct invocation *invocation, PyObject *result_borrowed,
                   const struct frame_piece *piece)
{
    const struct conversion *conversion = invocation->call->conversion;
    PyObject *items[ASTRO_MAX_OUTPUTS];
    if (!take_items(invocation, result_borrowed, items))
        return false;
    Py_intptr_t shape[PROTOCOL_MAX_RANK];
    struct expected expected = {
        .rank = arrays_shape(piece, shape), .shape = shape, .count = piece->count};
    bool good = invocation->outputs == NULL || part_from_places(conversion, piece, items);
    for (size_t i = 0; good && i < conversion->n_outputs; i++) {
        const struct frame_output *output = &piece->outputs[i];
        expected.name = conversion->output_names[i];
        expected.type = conversion->output_types[i];
        good = store(&expected, items[i],
                     output->wanted && piece->count > 0 ? channel_at(output->offset, 8, 8) : NULL);
    }
    release_items(conversion, items);
    return good;
}

/* One result of a joined call into the places of all pieces. */
static bool scatter(const struct call_frame *call, size_t index, const struct expected *expected,
                    PyObject *item_borrowed)
{
    PyArrayObject *array = array_of(expected, item_borrowed);
    if (array == NULL)
        return false;
    if (!is_plain_memory(expected, array)) {
        PyObject *converted =
            PyArray_SimpleNew(1, expected->shape, arrays_cell_type(expected->type));
        bool good =
            converted != NULL && PyArray_CopyInto((PyArrayObject *)(void *)converted, array) == 0;
        Py_DECREF(array);
        if (!good) {
            Py_XDECREF(converted);
            return false;
        }
        array = (PyArrayObject *)(void *)converted;
    }
    const char *data = PyArray_DATA(array);
    for (size_t p = 0; p < call->n_pieces; p++) {
        const struct frame_piece *piece = &call->pieces[p];
        size_t bytes = piece->count * sizeof(double);
        if (piece->outputs[index].wanted && bytes > 0)
            memcpy(channel_at(piece->outputs[index].offset, bytes, 8), data, bytes);
        data += bytes;
    }
    Py_DECREF(array);
    return true;
}

bool results_scatter(struct invocation *invocation, PyObject *result_borrowed)
{
    const struct call_frame *call = invocation->call;
    PyObject *items[ASTRO_MAX_OUTPUTS];
    if (!take_items(invocation, result_borrowed, items))
        return false;
    Py_intptr_t shape[1] = {(Py_intptr_t)call->rows};
    struct expected expected = {.rank = 1, .shape = shape, .count = call->rows};
    bool good = true;
    for (size_t i = 0; good && i < call->conversion->n_outputs; i++) {
        expected.name = call->conversion->output_names[i];
        expected.type = call->conversion->output_types[i];
        good = scatter(call, i, &expected, items[i]);
    }
    release_items(call->conversion, items);
    return good;
}
