#define HOST_IMPORTS_NUMPY
#include "plugin_host/interpreter.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugin_host/failure.h"
#include "plugin_host/invoke.h"
#include "plugin_host/ledger/ledger.h"
#include "plugin_host/module.h"
#include "plugin_host/numpy.h"

static PyObject *package, *loader; /* owned, for ever */
static char numpy_version[64] = "unknown";

PyObject *interpreter_package(void)
{
    return package;
}

PyObject *interpreter_loader(void)
{
    return loader;
}

const char *interpreter_python_version(void)
{
    return PY_VERSION;
}

const char *interpreter_numpy_version(void)
{
    return numpy_version;
}

/* --- where things are --- */

static bool is_directory(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* The executable that Python takes itself for: it finds its library, or its virtual environment, from it. */
static bool find_executable(const char *environment, char ret[PATH_MAX],
                            char error[INTERPRETER_ERROR])
{
    if (environment == NULL) {
        snprintf(ret, PATH_MAX, "%s", HOST_PYTHON);
        return true;
    }
    const char *tail = is_directory(environment) ? "/bin/python" : "";
    if (snprintf(ret, PATH_MAX, "%s%s", environment, tail) >= PATH_MAX - 32) {
        snprintf(error, INTERPRETER_ERROR, "the name of the virtual environment is too long");
        return false;
    }
    if (access(ret, X_OK) != 0) {
        snprintf(error, INTERPRETER_ERROR, "%.400s: there is no Python there: %s", environment,
                 strerror(errno));
        return false;
    }
    char home[PATH_MAX], library[PATH_MAX];
    memcpy(home, ret, PATH_MAX);
    const char *root = dirname(dirname(home));
    int length = snprintf(library, sizeof library, "%s/lib/python%d.%d", root, PY_MAJOR_VERSION,
                          PY_MINOR_VERSION);
    if (length > 0 && (size_t)length < sizeof library && is_directory(library))
        return true;
    snprintf(error, INTERPRETER_ERROR,
             "%.400s: there is no %.400s: it was not made with the Python of this host, %d.%d",
             environment, library, PY_MAJOR_VERSION, PY_MINOR_VERSION);
    return false;
}

/* ../share/astrolabe/python beside the directory of this program. */
static bool find_package(char ret[PATH_MAX])
{
    char program[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (n <= 0)
        return false;
    program[n] = '\0';
    const char *root = dirname(dirname(program));
    return snprintf(ret, PATH_MAX, "%s/share/astrolabe/python", root) < PATH_MAX;
}

/* --- starting --- */

/* Thread pools of numeric libraries in each of N hosts would fight for the cores. */
static void set_threads(void)
{
    static const char *const names[] = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
                                        "MKL_NUM_THREADS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        setenv(names[i], "1", 0);
    /* For processes that plugins start. */
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
}

static PyStatus configure(PyConfig *config, const char *executable)
{
    config->write_bytecode = 0;
    config->buffered_stdio = 0;
    config->pathconfig_warnings = 0;
    config->install_signal_handlers = 0;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    config->faulthandler = 1; /* where a plugin was when it crashed goes into the log */
#endif
    PyStatus status = PyConfig_SetBytesString(config, &config->executable, executable);
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(config, &config->stdio_encoding, "utf-8");
    if (!PyStatus_Exception(status))
        status = PyConfig_SetBytesString(config, &config->stdio_errors, "backslashreplace");
    return status;
}

static bool start_python(const char *executable, char error[INTERPRETER_ERROR])
{
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    PyStatus status = Py_PreInitialize(&before);
    if (!PyStatus_Exception(status)) {
        PyConfig config;
        PyConfig_InitIsolatedConfig(&config);
        status = configure(&config, executable);
        if (!PyStatus_Exception(status))
            status = Py_InitializeFromConfig(&config);
        PyConfig_Clear(&config);
    }
    if (!PyStatus_Exception(status))
        return true;
    snprintf(error, INTERPRETER_ERROR, "Python cannot be started: %s",
             status.err_msg != NULL ? status.err_msg : "it says no reason");
    return false;
}

/* The exception that is set, as far as it can be told before the package is there. */
static bool cannot_import(const char *what, char error[INTERPRETER_ERROR])
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = value == NULL ? NULL : PyObject_Str(value);
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    int length = snprintf(error, INTERPRETER_ERROR, "%s cannot be imported: ", what);
    const char *reason = utf8 != NULL ? utf8 : "no reason is known";
    failure_copy(error + length, (size_t)(INTERPRETER_ERROR - length), reason, strlen(reason));
    for (char *at = error; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
    Py_XDECREF(text);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
    return false;
}

static bool start_numpy(char error[INTERPRETER_ERROR])
{
    PyObject *module = PyImport_ImportModule("numpy");
    if (module == NULL)
        return cannot_import("NumPy", error);
    PyObject *version = PyObject_GetAttrString(module, "__version__");
    const char *text = version == NULL ? NULL : PyUnicode_AsUTF8(version);
    if (text != NULL)
        snprintf(numpy_version, sizeof numpy_version, "%s", text);
    Py_XDECREF(version);
    Py_DECREF(module);
    PyErr_Clear();
    if (_import_array() < 0)
        return cannot_import("NumPy's C interface", error);
    return true;
}

static bool start_package(char error[INTERPRETER_ERROR])
{
    char directory[PATH_MAX];
    PyObject *path = PySys_GetObject("path"); /* borrowed */
    PyObject *entry = NULL;
    if (path == NULL || !PyList_Check(path) || !find_package(directory) ||
        (entry = PyUnicode_DecodeFSDefault(directory)) == NULL ||
        PyList_Insert(path, 0, entry) != 0) {
        Py_XDECREF(entry);
        return cannot_import("astrolabe_plugin", error);
    }
    Py_DECREF(entry);
    package = PyImport_ImportModule("astrolabe_plugin");
    loader = package == NULL ? NULL : PyImport_ImportModule("astrolabe_plugin._loader");
    if (loader == NULL || !failure_open(package, loader) || !invoke_open())
        return cannot_import("astrolabe_plugin", error);
    return true;
}

bool interpreter_start(const char *environment, char error[INTERPRETER_ERROR])
{
    char executable[PATH_MAX];
    set_threads();
    if (!find_executable(environment, executable, error))
        return false;
    if (!ledger_python_install() || PyImport_AppendInittab("_astrolabe_host", module_init) != 0) {
        snprintf(error, INTERPRETER_ERROR, "Python cannot be started: no memory");
        return false;
    }
    if (!start_python(executable, error) || !start_numpy(error))
        return false;
    if (!ledger_numpy_install()) {
        snprintf(error, INTERPRETER_ERROR, "NumPy does not take the ledger's allocator");
        return false;
    }
    return start_package(error);
}

void interpreter_end(void)
{
    PyObject *module = PyImport_ImportModule("atexit");
    PyObject *done = module == NULL ? NULL : PyObject_CallMethod(module, "_run_exitfuncs", NULL);
    Py_XDECREF(done);
    Py_XDECREF(module);
    PyErr_Clear();
}
