#include "plugin_host/arrays.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plugin_host/channel.h"
#include "plugin_host/failure.h"
#include "plugin_host/numpy.h"

int arrays_type(enum astro_type type)
{
    static const int types[] = {[ASTRO_FP64] = NPY_DOUBLE,
                                [ASTRO_INT64] = NPY_INT64,
                                [ASTRO_BYTES] = NPY_OBJECT,
                                [ASTRO_BOOL] = NPY_BOOL};
    return types[type];
}

int arrays_cell_type(enum astro_type type)
{
    return arrays_type(type == ASTRO_BOOL ? ASTRO_INT64 : type);
}

/* Bytes of an item of an array for NumPy. */
static size_t item_size(enum astro_type type)
{
    return type == ASTRO_BOOL ? sizeof(npy_bool) : sizeof(double); /* pointers are as large */
}
_Static_assert(sizeof(double) == sizeof(int64_t) && sizeof(double) == sizeof(PyObject *),
               "all columns of NumPy arrays but those of booleans have items of one size");

int arrays_shape(const struct frame_piece *piece, Py_intptr_t ret_shape[PROTOCOL_MAX_RANK])
{
    for (uint32_t d = 0; d < piece->rank; d++)
        ret_shape[d] = (Py_intptr_t)piece->shape[d];
    return (int)piece->rank;
}

/* New array over memory of the region or, with data NULL, of its own (not initialised; objects: None). */
static PyObject *array_new(enum astro_type type, int rank, const Py_intptr_t *shape, void *data,
                           int flags)
{
    PyArray_Descr *type_stolen = PyArray_DescrFromType(arrays_type(type));
    PyObject *array =
        PyArray_NewFromDescr(&PyArray_Type, type_stolen, rank, shape, NULL, data, flags, NULL);
    if (array != NULL && data == NULL)
        NUMPY_HANDED(1); /* the allocator, which Python's context variable has given */
    return array;
}

/* --- over blocks --- */

static PyObject *array_over_block(struct lent *lent, const struct frame_piece *piece,
                                  uint32_t index, uint64_t offset, enum astro_type type,
                                  bool output)
{
    const struct frame_block *place = &piece->blocks[index];
    struct block **block = &lent->blocks[index];
    if (*block == NULL) {
        *block = blocks_enter(place->offset, place->bytes, lent->owner, piece->request_id, output);
        if (*block == NULL)
            return NULL;
    }
    Py_intptr_t shape[PROTOCOL_MAX_RANK];
    int rank = arrays_shape(piece, shape);
    PyObject *array = array_new(type, rank, shape, channel_at(offset, 1, 1),
                                output ? NPY_ARRAY_CARRAY : NPY_ARRAY_CARRAY_RO);
    if (array == NULL)
        return NULL;
    PyObject *base_stolen = blocks_capsule(*block);
    Py_INCREF(base_stolen);
    if (PyArray_SetBaseObject((PyArrayObject *)(void *)array, base_stolen) != 0) {
        Py_DECREF(array);
        return NULL;
    }
    NUMPY_HANDED(1); /* the base */
    return array;
}

static void make_read_only(PyObject *array_borrowed)
{
    PyArray_CLEARFLAGS((PyArrayObject *)(void *)array_borrowed, NPY_ARRAY_WRITEABLE);
}

/* --- texts --- */

static PyObject *text_new(const char *text, size_t length, const char *name)
{
    PyObject *object = PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "strict");
    if (object == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        char error[HOST_NAME + 32];
        snprintf(error, sizeof error, "%s is not UTF-8", name);
        failure_raise_invalid(name, "bad_type", error);
    }
    return object;
}

/* `count` texts into the places of an array of objects, which own what is put there. */
static bool fill_with_texts(PyObject **places, uint64_t count, const struct call_frame *call,
                            const struct frame_piece *piece, size_t index)
{
    const struct frame_input *input = &piece->inputs[index];
    const char *name = call->conversion->input_names[index];
    if (input->scalar) {
        PyObject *text =
            text_new(frame_text(call->frame, input->text_offset), input->text_length, name);
        if (text == NULL)
            return false;
        for (uint64_t i = 0; i < count; i++) {
            Py_INCREF(text);
            Py_XSETREF(places[i], text);
        }
        NUMPY_HANDED((Py_ssize_t)count);
        Py_DECREF(text);
        return true;
    }
    const struct frame_text *texts = channel_at(input->offset, 1, _Alignof(struct frame_text));
    for (uint64_t i = 0; i < count; i++) {
        const char *data = texts[i].length > 0 ? channel_at(texts[i].offset, 1, 1) : "";
        PyObject *text = text_new(data, texts[i].length, name);
        if (text == NULL)
            return false;
        Py_XSETREF(places[i], text);
        NUMPY_HANDED(1);
    }
    return true;
}

static PyObject *text_input(const struct call_frame *call, const struct frame_piece *piece,
                            size_t index)
{
    const struct frame_input *input = &piece->inputs[index];
    Py_intptr_t shape[PROTOCOL_MAX_RANK];
    int rank = input->scalar ? 0 : arrays_shape(piece, shape);
    PyObject *array = array_new(ASTRO_BYTES, rank, shape, NULL, 0);
    if (array == NULL)
        return NULL;
    uint64_t count = input->scalar ? 1 : piece->count;
    if (!fill_with_texts(PyArray_DATA((PyArrayObject *)(void *)array), count, call, piece, index)) {
        Py_DECREF(array);
        return NULL;
    }
    make_read_only(array);
    return array;
}

/* --- booleans: cells of 8 bytes in the region, bytes for NumPy --- */

static void fill_with_booleans(npy_bool *places, uint64_t count, const struct frame_input *input)
{
    if (input->scalar) {
        memset(places, input->integer != 0, count);
        return;
    }
    const char *cells = count > 0 ? channel_at(input->offset, 1, 1) : NULL;
    for (uint64_t i = 0; i < count; i++) {
        int64_t cell;
        memcpy(&cell, cells + i * sizeof cell, sizeof cell);
        places[i] = cell != 0;
    }
}

static PyObject *boolean_input(const struct frame_piece *piece, const struct frame_input *input)
{
    Py_intptr_t shape[PROTOCOL_MAX_RANK];
    int rank = input->scalar ? 0 : arrays_shape(piece, shape);
    PyObject *array = array_new(ASTRO_BOOL, rank, shape, NULL, 0);
    if (array == NULL)
        return NULL;
    fill_with_booleans(PyArray_DATA((PyArrayObject *)(void *)array),
                       input->scalar ? 1 : piece->count, input);
    make_read_only(array);
    return array;
}

/* --- one piece --- */

static PyObject *scalar_input(const struct frame_input *input)
{
    PyObject *array = array_new(input->type, 0, NULL, NULL, 0);
    if (array == NULL)
        return NULL;
    void *data = PyArray_DATA((PyArrayObject *)(void *)array);
    if (input->type == ASTRO_FP64)
        memcpy(data, &input->number, sizeof input->number);
    else
        memcpy(data, &input->integer, sizeof input->integer);
    make_read_only(array);
    return array;
}

PyObject *arrays_input(struct lent *lent, const struct call_frame *call,
                       const struct frame_piece *piece, size_t index)
{
    const struct frame_input *input = &piece->inputs[index];
    if (!input->present)
        return Py_NewRef(Py_None);
    if (input->type == ASTRO_BYTES)
        return text_input(call, piece, index);
    if (input->type == ASTRO_BOOL)
        return boolean_input(piece, input);
    if (input->scalar)
        return scalar_input(input);
    if (piece->count > 0)
        return array_over_block(lent, piece, input->block, input->offset, input->type, false);
    Py_intptr_t shape[PROTOCOL_MAX_RANK];
    int rank = arrays_shape(piece, shape);
    PyObject *array = array_new(input->type, rank, shape, NULL, 0);
    if (array != NULL)
        make_read_only(array);
    return array;
}

static uint32_t block_of(const struct frame_piece *piece, uint64_t offset)
{
    uint32_t block = 0;
    while (block + 1 < PIECE_BLOCKS &&
           (offset < piece->blocks[block].offset ||
            offset - piece->blocks[block].offset >= piece->blocks[block].bytes))
        block++;
    return block;
}

/* What a plugin does not write must not be what another request has left there. Passes NULL on. */
static PyObject *cleared(PyObject *array, enum astro_type type)
{
    if (array == NULL)
        return NULL;
    size_t n = (size_t)PyArray_SIZE((PyArrayObject *)(void *)array);
    double *reals = PyArray_DATA((PyArrayObject *)(void *)array);
    if (type != ASTRO_FP64)
        memset(reals, 0, n * item_size(type));
    for (size_t i = 0; type == ASTRO_FP64 && i < n; i++)
        reals[i] = (double)NAN;
    return array;
}

PyObject *arrays_output(struct lent *lent, const struct call_frame *call,
                        const struct frame_piece *piece, size_t index)
{
    const struct frame_output *output = &piece->outputs[index];
    enum astro_type type = call->conversion->output_types[index];
    /* Booleans have no place of their size: they are written to an array of their own, and copied. */
    if (output->wanted && piece->count > 0 && type != ASTRO_BOOL)
        return cleared(array_over_block(lent, piece, block_of(piece, output->offset),
                                        output->offset, type, true),
                       type);
    Py_intptr_t shape[PROTOCOL_MAX_RANK];
    int rank = arrays_shape(piece, shape);
    return cleared(array_new(type, rank, shape, NULL, 0), type);
}

void arrays_leave(struct lent *lent, struct frame_piece *piece)
{
    for (uint32_t i = 0; i < PIECE_BLOCKS; i++) {
        if (lent->blocks[i] != NULL && blocks_leave(lent->blocks[i]))
            piece->blocks[i].retained = 1;
        lent->blocks[i] = NULL;
    }
}

/* --- joined --- */

bool arrays_can_join(const struct call_frame *call)
{
    for (size_t i = 0; i < call->conversion->n_inputs; i++)
        for (size_t p = 1; p < call->n_pieces; p++)
            if (!call->pieces[p].inputs[i].present != !call->pieces[0].inputs[i].present)
                return false;
    return true;
}

static void fill_with_numbers(char *place, const struct frame_piece *piece,
                              const struct frame_input *input)
{
    if (!input->scalar) {
        if (piece->count > 0)
            memcpy(place, channel_at(input->offset, 1, 1), piece->count * sizeof(double));
        return;
    }
    const void *value =
        input->type == ASTRO_FP64 ? (const void *)&input->number : (const void *)&input->integer;
    for (uint64_t i = 0; i < piece->count; i++)
        memcpy(place + i * sizeof(double), value, sizeof(double));
}

PyObject *arrays_joined_input(const struct call_frame *call, size_t index)
{
    if (!call->pieces[0].inputs[index].present)
        return Py_NewRef(Py_None);
    enum astro_type type = call->conversion->input_types[index];
    Py_intptr_t shape[1] = {(Py_intptr_t)call->rows};
    PyObject *array = array_new(type, 1, shape, NULL, 0);
    if (array == NULL)
        return NULL;
    char *place = PyArray_DATA((PyArrayObject *)(void *)array);
    for (size_t p = 0; p < call->n_pieces; p++) {
        const struct frame_piece *piece = &call->pieces[p];
        const struct frame_input *input = &piece->inputs[index];
        if (type == ASTRO_BOOL) {
            fill_with_booleans((npy_bool *)(void *)place, piece->count, input);
        } else if (type != ASTRO_BYTES) {
            fill_with_numbers(place, piece, input);
        } else if (!fill_with_texts((PyObject **)(void *)place, piece->count, call, piece, index)) {
            Py_DECREF(array);
            return NULL;
        }
        place += piece->count * item_size(type);
    }
    make_read_only(array);
    return array;
}

PyObject *arrays_joined_output(const struct call_frame *call, size_t index)
{
    Py_intptr_t shape[1] = {(Py_intptr_t)call->rows};
    enum astro_type type = call->conversion->output_types[index];
    return cleared(array_new(type, 1, shape, NULL, 0), type);
}

/* --- parameters --- */

PyObject *arrays_value(const struct call_frame *call, const struct frame_value *value)
{
    const struct conversion_parameter *parameter = &call->conversion->parameters[value->parameter];
    switch (parameter->type) {
    case ASTRO_CHOICE:
        return Py_NewRef(PyTuple_GET_ITEM(parameter->choices, value->choice));
    case ASTRO_BOOLEAN:
        return PyBool_FromLong(value->choice != 0);
    case ASTRO_INTEGER:
        return PyLong_FromLongLong(value->integer);
    case ASTRO_NUMBER:
        return PyFloat_FromDouble(value->number);
    case ASTRO_STRING:
    case ASTRO_EPOCH:
        break;
    }
    const char *text = frame_text(call->frame, value->text_offset);
    return text_new(text, value->text_length, PyUnicode_AsUTF8(parameter->name));
}
