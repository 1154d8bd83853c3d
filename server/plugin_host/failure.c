#include "plugin_host/failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PyObject *failure_wrong_result;   /* owned, for ever */
static PyObject *clear_name;      /* owned, for ever: "clear" */
static PyObject *invalid;         /* owned, for ever: the class astrolabe_plugin.Invalid */
static PyObject *format_function; /* owned, for ever: _loader.format_exception */

enum { CHAIN = 100 }; /* exceptions that follow from each other */

bool failure_open(PyObject *package_borrowed, PyObject *loader_borrowed)
{
    failure_wrong_result = PyErr_NewException("_astrolabe_host.WrongResult", NULL, NULL);
    invalid = PyObject_GetAttrString(package_borrowed, "Invalid");
    format_function = PyObject_GetAttrString(loader_borrowed, "format_exception");
    clear_name = PyUnicode_InternFromString("clear");
    return failure_wrong_result != NULL && clear_name != NULL && invalid != NULL &&
           format_function != NULL;
}

/* --- texts --- */

size_t failure_copy(char *ret, size_t size, const char *text, size_t length)
{
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(ret, text, length);
    ret[length] = '\0';
    return length;
}

/* Any str as UTF-8 (surrogates escaped): new bytes object; NULL with no exception set. */
static PyObject *utf8_of(PyObject *text_borrowed)
{
    PyObject *bytes = NULL;
    if (text_borrowed != NULL && PyUnicode_Check(text_borrowed))
        bytes = PyUnicode_AsEncodedString(text_borrowed, "utf-8", "backslashreplace");
    PyErr_Clear();
    return bytes;
}

/* What cannot be shown on one line becomes a space. */
static void make_one_line(char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = ' ';
}

/* str as bounded UTF-8; false (and "") when it is none. */
static bool copy_str(char *ret, size_t size, PyObject *text_borrowed)
{
    ret[0] = '\0';
    PyObject *bytes = utf8_of(text_borrowed);
    if (bytes == NULL)
        return false;
    size_t length =
        failure_copy(ret, size, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    for (size_t i = 0; i < length; i++)
        if (ret[i] == '\0')
            ret[i] = ' ';
    Py_DECREF(bytes);
    return true;
}

/* --- exceptions --- */

/* The exception that is set, cleared: new reference with its traceback in it; NULL when there is none, or
 * no memory to make it. */
static PyObject *take_exception(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (type == NULL)
        return NULL;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback != NULL && value != NULL)
        PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    PyErr_Clear();
    return value;
}

static void clear_frames(PyObject *exception_borrowed)
{
    PyObject *traceback = PyException_GetTraceback(exception_borrowed);
    while (traceback != NULL && PyTraceBack_Check(traceback)) {
        PyTracebackObject *entry = (PyTracebackObject *)(void *)traceback;
        PyObject *done = PyObject_CallMethodNoArgs((PyObject *)(void *)entry->tb_frame, clear_name);
        Py_XDECREF(done);
        PyErr_Clear(); /* still at work: somebody else's frame */
        PyObject *next = (PyObject *)(void *)entry->tb_next;
        Py_XINCREF(next);
        Py_SETREF(traceback, next);
    }
    Py_XDECREF(traceback);
}

/* Gives an exception up. A function that holds its exception in a variable makes a circle of exception,
 * traceback and frame, with all that the frame refers to: arguments would stay until a collection. So the
 * frames that it has passed through, which are at their end, are emptied first. */
static void give_up(PyObject *exception_stolen)
{
    PyObject *exception = exception_stolen;
    for (int i = 0; exception != NULL && i < CHAIN; i++) {
        clear_frames(exception);
        PyObject *next = PyException_GetCause(exception);
        if (next == NULL)
            next = PyException_GetContext(exception);
        Py_SETREF(exception, next);
    }
    Py_XDECREF(exception);
    PyErr_Clear(); /* whatever the death of all that has raised */
}

/* One line and a traceback by the package; by hand when that fails too. */
static void describe(PyObject *exception_borrowed, char *line, size_t line_size, char *traceback,
                     size_t traceback_size)
{
    PyObject *pair = PyObject_CallOneArg(format_function, exception_borrowed);
    traceback[0] = '\0';
    bool good = pair != NULL && PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2 &&
                copy_str(line, line_size, PyTuple_GET_ITEM(pair, 0));
    if (good)
        copy_str(traceback, traceback_size, PyTuple_GET_ITEM(pair, 1));
    else
        snprintf(line, line_size, "%s", Py_TYPE(exception_borrowed)->tp_name);
    Py_XDECREF(pair);
    PyErr_Clear();
    make_one_line(line);
}

/* --- Invalid --- */

static const struct {
    const char *word;
    uint32_t code;
} codes[] = {
#define X(id, word, status) {status == 400 ? word : "", ASTRO_##id},
    ASTRO_CODES(X)
#undef X
};

/* Codes that say that the request makes no sense; anything else is the plugin's error. */
static uint32_t code_of(const char *word)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (word[0] != '\0' && strcmp(codes[i].word, word) == 0)
            return codes[i].code;
    return ASTRO_PLUGIN_ERROR;
}

static void copy_attribute(char *ret, size_t size, PyObject *object_borrowed, const char *name)
{
    PyObject *attribute = PyObject_GetAttrString(object_borrowed, name);
    PyErr_Clear();
    copy_str(ret, size, attribute);
    Py_XDECREF(attribute);
    make_one_line(ret);
}

static void fail_invalid(struct frame_piece *piece, PyObject *exception_borrowed)
{
    char word[64];
    copy_attribute(piece->text, sizeof piece->text, exception_borrowed, "text");
    copy_attribute(piece->field, sizeof piece->field, exception_borrowed, "field");
    copy_attribute(word, sizeof word, exception_borrowed, "code");
    piece->code = code_of(word);
    if (piece->text[0] == '\0')
        snprintf(piece->text, sizeof piece->text, "the plugin refuses this request");
}

void failure_raise_invalid(const char *field, const char *code, const char *text)
{
    PyErr_Clear();
    PyObject *exception = PyObject_CallFunction(invalid, "sss", text, field, code);
    if (exception != NULL)
        PyErr_SetObject(invalid, exception);
    Py_XDECREF(exception);
}

/* --- pieces --- */

static struct frame_piece *piece_at(struct frame *frame, uint32_t index)
{
    struct frame_piece *pieces = (void *)((char *)frame + frame->pieces_offset);
    return &pieces[index];
}

static void fail(struct frame_piece *piece, const char *conversion, const char *line)
{
    char text[sizeof piece->text + HOST_NAME + 2];
    int length = snprintf(text, sizeof text, "%s: %s", conversion, line);
    if (length < 0 || (size_t)length >= sizeof text)
        length = (int)sizeof text - 1;
    piece->code = ASTRO_PLUGIN_ERROR;
    failure_copy(piece->text, sizeof piece->text, text, (size_t)length);
}

void failure_from_exception(struct frame *frame, uint32_t index, const char *conversion)
{
    struct frame_piece *piece = piece_at(frame, index);
    char line[sizeof piece->text];
    piece->field[0] = '\0';
    PyObject *exception = take_exception();
    if (exception == NULL) {
        fail(piece, conversion, "MemoryError");
    } else if (PyObject_TypeCheck(exception, (PyTypeObject *)(void *)invalid)) {
        fail_invalid(piece, exception);
    } else if (Py_IS_TYPE(exception, (PyTypeObject *)(void *)failure_wrong_result)) {
        PyObject *text = PyObject_Str(exception);
        PyErr_Clear();
        if (!copy_str(line, sizeof line, text))
            snprintf(line, sizeof line, "the results do not fit");
        Py_XDECREF(text);
        make_one_line(line);
        fail(piece, conversion, line);
    } else {
        describe(exception, line, sizeof line, frame->traceback, sizeof frame->traceback);
        fail(piece, conversion, line);
        frame->traceback_piece = index;
        frame->traceback_length = (uint32_t)strlen(frame->traceback);
    }
    give_up(exception);
    piece->status = PIECE_FAILED;
}

void failure_describe(char text[512], char *traceback, size_t traceback_size)
{
    PyObject *exception = take_exception();
    traceback[0] = '\0';
    if (exception == NULL)
        snprintf(text, 512, "MemoryError");
    else
        describe(exception, text, 512, traceback, traceback_size);
    give_up(exception);
}

void failure_forget(void)
{
    give_up(take_exception());
}
