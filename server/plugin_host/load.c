#include "plugin_host/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "plugin_host/channel.h"
#include "plugin_host/failure.h"
#include "plugin_host/interpreter.h"
#include "plugin_host/ledger/ledger.h"

struct host_state host;

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* --- reading Loaded; all of these: false with an exception set --- */

static bool copy_name(char ret[HOST_NAME], PyObject *text_borrowed)
{
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(text_borrowed, &length);
    if (text == NULL)
        return false;
    if (length == 0 || length >= HOST_NAME) {
        PyErr_Format(PyExc_ValueError, "the name %R is empty or longer than %d bytes",
                     text_borrowed, HOST_NAME - 1);
        return false;
    }
    memcpy(ret, text, (size_t)length + 1);
    return true;
}

static bool read_flag(PyObject *loaded_borrowed, const char *name, bool *ret)
{
    PyObject *value = PyObject_GetAttrString(loaded_borrowed, name);
    int truth = value == NULL ? -1 : PyObject_IsTrue(value);
    Py_XDECREF(value);
    *ret = truth > 0;
    return truth >= 0;
}

/* A tuple of at most `most`; new reference. */
static PyObject *read_tuple(PyObject *loaded_borrowed, const char *name, size_t most)
{
    PyObject *tuple = PyObject_GetAttrString(loaded_borrowed, name);
    if (tuple == NULL)
        return NULL;
    if (PyTuple_Check(tuple) && (size_t)PyTuple_GET_SIZE(tuple) <= most)
        return tuple;
    PyErr_Format(PyExc_ValueError, "%s: at most %zu are allowed", name, most);
    Py_DECREF(tuple);
    return NULL;
}

static bool read_type(PyObject *word_borrowed, enum astro_type *ret)
{
    static const char *const words[] = {"FP64", "INT64", "BYTES", "BOOL"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (PyUnicode_Check(word_borrowed) &&
            PyUnicode_CompareWithASCIIString(word_borrowed, words[i]) == 0) {
            *ret = (enum astro_type)i;
            return true;
        }
    }
    PyErr_Format(PyExc_ValueError, "%R is no type of a column", word_borrowed);
    return false;
}
_Static_assert(ASTRO_FP64 == 0 && ASTRO_INT64 == 1 && ASTRO_BYTES == 2 && ASTRO_BOOL == 3,
               "the order of the words");

static bool read_columns(PyObject *loaded_borrowed, const char *names_name, const char *types_name,
                         char (*ret_names)[HOST_NAME], enum astro_type *ret_types, size_t most,
                         size_t *ret_n)
{
    PyObject *names = read_tuple(loaded_borrowed, names_name, most);
    PyObject *types = names == NULL ? NULL : read_tuple(loaded_borrowed, types_name, most);
    bool good = types != NULL;
    if (good && PyTuple_GET_SIZE(names) != PyTuple_GET_SIZE(types)) {
        PyErr_Format(PyExc_ValueError, "%s and %s differ in number", names_name, types_name);
        good = false;
    }
    for (Py_ssize_t i = 0; good && i < PyTuple_GET_SIZE(names); i++)
        good = copy_name(ret_names[i], PyTuple_GET_ITEM(names, i)) &&
               read_type(PyTuple_GET_ITEM(types, i), &ret_types[i]);
    if (good)
        *ret_n = (size_t)PyTuple_GET_SIZE(names);
    Py_XDECREF(names);
    Py_XDECREF(types);
    return good;
}

/* (name, word of the type, tuple of the Python values behind the choices or None) */
static bool read_parameter(PyObject *triple_borrowed, struct conversion_parameter *ret)
{
    static const struct {
        const char *word;
        enum astro_parameter_type type;
    } types[] = {{"choice", ASTRO_CHOICE},
                 {"number", ASTRO_NUMBER},
                 {"integer", ASTRO_INTEGER},
                 {"boolean", ASTRO_BOOLEAN},
                 {"string", ASTRO_STRING}};
    const char *word;
    PyObject *name, *choices; /* borrowed */
    if (!PyArg_ParseTuple(triple_borrowed, "UsO;a parameter is (name, type, choices)", &name, &word,
                          &choices))
        return false;
    size_t i = 0, n = sizeof types / sizeof *types;
    while (i < n && strcmp(types[i].word, word) != 0)
        i++;
    bool is_choice = i < n && types[i].type == ASTRO_CHOICE;
    if (i == n || (is_choice && !PyTuple_Check(choices))) {
        PyErr_Format(PyExc_ValueError, "the parameter %U: %s is no type", name, word);
        return false;
    }
    ret->type = types[i].type;
    ret->name = Py_NewRef(name);
    PyUnicode_InternInPlace(&ret->name);
    ret->choices = is_choice ? Py_NewRef(choices) : NULL;
    return true;
}

static bool read_parameters(PyObject *loaded_borrowed, struct conversion *conversion)
{
    PyObject *parameters = read_tuple(loaded_borrowed, "parameters", ASTRO_MAX_PARAMETERS);
    if (parameters == NULL)
        return false;
    bool good = true;
    for (Py_ssize_t i = 0; good && i < PyTuple_GET_SIZE(parameters); i++) {
        PyObject *triple = PyTuple_GET_ITEM(parameters, i); /* borrowed */
        good = PyTuple_Check(triple) &&
               read_parameter(triple, &conversion->parameters[conversion->n_parameters]);
        conversion->n_parameters += good;
    }
    if (!good && PyErr_Occurred() == NULL)
        PyErr_SetString(PyExc_TypeError, "a parameter is (name, type, choices)");
    Py_DECREF(parameters);
    return good;
}

static bool check_outputs(const struct conversion *conversion)
{
    for (size_t i = 0; i < conversion->n_outputs; i++) {
        if (conversion->output_types[i] != ASTRO_BYTES)
            continue;
        PyErr_Format(PyExc_TypeError,
                     "%s: the output \"%s\" is text; results of plugins are numbers or booleans "
                     "(float, int, bool)",
                     conversion->name, conversion->output_names[i]);
        return false;
    }
    return true;
}

static void conversion_release(struct conversion *conversion)
{
    Py_CLEAR(conversion->function);
    for (size_t i = 0; i < conversion->n_parameters; i++) {
        Py_CLEAR(conversion->parameters[i].name);
        Py_CLEAR(conversion->parameters[i].choices);
    }
    for (size_t i = 0; i < CONVERSION_KEYWORDS; i++)
        Py_CLEAR(conversion->keywords[i].names);
}

/* *ret is filled as far as it went: released by conversion_release() in any case. */
static bool read_loaded(PyObject *loaded_borrowed, struct conversion *ret)
{
    PyObject *name = PyObject_GetAttrString(loaded_borrowed, "name");
    bool good = name != NULL && copy_name(ret->name, name);
    Py_XDECREF(name);
    if (!good)
        return false;
    PyObject *rows = PyObject_GetAttrString(loaded_borrowed, "max_rows");
    ret->max_rows = rows == NULL ? 0 : PyLong_AsSize_t(rows);
    Py_XDECREF(rows);
    ret->function = PyObject_GetAttrString(loaded_borrowed, "function");
    return PyErr_Occurred() == NULL && ret->function != NULL &&
           read_flag(loaded_borrowed, "elementwise", &ret->elementwise) &&
           read_flag(loaded_borrowed, "wants_out", &ret->wants_out) &&
           read_columns(loaded_borrowed, "input_names", "input_types", ret->input_names,
                        ret->input_types, ASTRO_MAX_INPUTS, &ret->n_inputs) &&
           read_columns(loaded_borrowed, "output_names", "output_types", ret->output_names,
                        ret->output_types, ASTRO_MAX_OUTPUTS, &ret->n_outputs) &&
           read_parameters(loaded_borrowed, ret) && check_outputs(ret);
}

/* The description as it goes to astrolabed; new reference. */
static json_t *describe(PyObject *loaded_borrowed, size_t number)
{
    PyObject *text = PyObject_GetAttrString(loaded_borrowed, "description");
    Py_ssize_t length;
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8AndSize(text, &length);
    json_t *description =
        utf8 == NULL ? NULL : json_loadb(utf8, (size_t)length, JSON_REJECT_DUPLICATES, NULL);
    Py_XDECREF(text);
    if (json_is_object(description) &&
        json_object_set_new(description, "number", json_integer((json_int_t)number)) == 0)
        return description;
    json_decref(description);
    if (PyErr_Occurred() == NULL)
        PyErr_SetString(PyExc_ValueError, "the description is not a JSON object");
    return NULL;
}

/* --- a plugin --- */

static bool is_listed(const json_t *names, const char *name)
{
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *listed = json_string_value(json_array_get(names, i));
        if (listed != NULL && strcmp(listed, name) == 0)
            return true;
    }
    return false;
}

static void forget_conversions(size_t down_to)
{
    while (host.n_conversions > down_to)
        conversion_release(&host.conversions[--host.n_conversions]);
}

static bool add_conversion(struct plugin *plugin, PyObject *loaded_borrowed, json_t *descriptions)
{
    struct conversion *conversions =
        realloc(host.conversions, (host.n_conversions + 1) * sizeof *conversions);
    if (conversions == NULL) {
        PyErr_NoMemory();
        return false;
    }
    host.conversions = conversions;
    struct conversion *conversion = &conversions[host.n_conversions++];
    *conversion = (struct conversion){.plugin = plugin};
    if (!read_loaded(loaded_borrowed, conversion))
        return false;
    json_t *description_stolen = describe(loaded_borrowed, host.n_conversions - 1);
    if (description_stolen == NULL)
        return false;
    if (json_array_append_new(descriptions, description_stolen) == 0)
        return true;
    PyErr_NoMemory();
    return false;
}

static bool is_disabled(PyObject *loaded_borrowed, const json_t *disabled)
{
    PyObject *name = PyObject_GetAttrString(loaded_borrowed, "name");
    const char *text = name == NULL ? NULL : PyUnicode_AsUTF8(name);
    bool listed = text != NULL && is_listed(disabled, text);
    Py_XDECREF(name);
    PyErr_Clear(); /* told by add_conversion() */
    return listed;
}

static bool import_plugin(struct plugin *plugin, const json_t *disabled, json_t *descriptions)
{
    PyObject *list = PyObject_CallMethod(interpreter_loader(), "load", "s", plugin->name);
    if (channel_is_child())
        _exit(1); /* forked at import, and run on in its parent's clothes */
    if (list == NULL)
        return false;
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "the loader returned no list");
        Py_DECREF(list);
        return false;
    }
    bool good = true;
    for (Py_ssize_t i = 0; good && i < PyList_GET_SIZE(list); i++) {
        PyObject *loaded = PyList_GET_ITEM(list, i); /* borrowed */
        good = is_disabled(loaded, disabled) || add_conversion(plugin, loaded, descriptions);
    }
    Py_DECREF(list);
    return good;
}

static void load_one(struct plugin *plugin, const struct load_order *order,
                     const struct load_listener *listener)
{
    static char traceback[PROTOCOL_TRACEBACK];
    char error[512];
    size_t before = host.n_conversions;
    double begun = now_s();
    json_t *descriptions = json_array();
    listener->loading(listener->context, plugin->name);
    unsigned owner = ledger_enter(plugin->owner);
    bool good = import_plugin(plugin, order->disabled, descriptions);
    traceback[0] = '\0';
    if (!good)
        failure_describe(error, traceback, sizeof traceback);
    ledger_enter(owner);
    if (good)
        good =
            listener->loaded(listener->context, plugin->name, now_s() - begun, descriptions, error);
    json_decref(descriptions);
    if (good)
        return;
    forget_conversions(before);
    listener->failed(listener->context, plugin->name, error, traceback);
}

/* --- all plugins --- */

static bool add_plugin(PyObject *name_borrowed, const json_t *skip)
{
    struct plugin plugin = {0};
    if (!copy_name(plugin.name, name_borrowed))
        return false;
    if (is_listed(skip, plugin.name))
        return true;
    plugin.owner = ledger_owner_add(plugin.name);
    host.plugins[host.n_plugins++] = plugin;
    return true;
}

static bool discover(const struct load_order *order)
{
    PyObject *list =
        PyObject_CallMethod(interpreter_loader(), "discover", "ss", order->directory, order->shown);
    if (list == NULL)
        return false;
    bool good = PyList_Check(list);
    if (!good)
        PyErr_SetString(PyExc_TypeError, "the loader returned no list");
    size_t n = good ? (size_t)PyList_GET_SIZE(list) : 0;
    if (good && (host.plugins = calloc(n + 1, sizeof *host.plugins)) == NULL) {
        PyErr_NoMemory();
        good = false;
    }
    for (size_t i = 0; good && i < n; i++)
        good = add_plugin(PyList_GET_ITEM(list, (Py_ssize_t)i), order->skip);
    Py_DECREF(list);
    return good;
}

bool load_all(const struct load_order *order, const struct load_listener *listener, char error[512])
{
    if (!discover(order)) {
        char traceback[1024];
        failure_describe(error, traceback, sizeof traceback);
        return false;
    }
    for (size_t i = 0; i < host.n_plugins; i++)
        load_one(&host.plugins[i], order, listener);
    return true;
}

static void call_collector(const char *name)
{
    PyObject *module = PyImport_ImportModule("gc");
    PyObject *done = module == NULL ? NULL : PyObject_CallMethod(module, name, NULL);
    Py_XDECREF(done);
    Py_XDECREF(module);
    PyErr_Clear();
}

void load_settle(void)
{
    call_collector("collect");
    call_collector("freeze");
}

void load_teardown(void)
{
    PyObject *done = PyObject_CallMethod(interpreter_loader(), "teardown", NULL);
    Py_XDECREF(done);
    PyErr_Clear();
}

struct plugin *load_plugin_find(const char *name)
{
    for (size_t i = 0; i < host.n_plugins; i++)
        if (strcmp(host.plugins[i].name, name) == 0)
            return &host.plugins[i];
    return NULL;
}
