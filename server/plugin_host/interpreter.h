/*
 * Interpreter: Python's and NumPy's start in this process.
 *
 * Isolated   No environment variables of Python's, no user site, no signal handlers, no byte code
 *            written. sys.path is the interpreter's own (or the virtual environment's) with the
 *            directory of the package astrolabe_plugin in front: ../share/astrolabe/python beside
 *            the executable's directory.
 * Output     stdout and stderr are not buffered: what a plugin prints before it dies is seen.
 */
#ifndef ASTRO_PLUGIN_HOST_INTERPRETER_H
#define ASTRO_PLUGIN_HOST_INTERPRETER_H

#include "plugin_host/host.h"

enum { INTERPRETER_ERROR = 1024 };

/*
 * environment: a virtual environment's directory or the python in its bin, or NULL. The calling thread
 * holds the GIL afterwards. The ledger's allocators are installed on the way. False: text in error;
 * the process cannot try again.
 */
bool interpreter_start(const char *environment, char error[INTERPRETER_ERROR]);
/* The package and its loader: borrowed, for the life of the process. */
PyObject *interpreter_package(void);
PyObject *interpreter_loader(void);
/* What was registered with atexit. The interpreter itself is left as it is: plugins may have threads. */
void interpreter_end(void);

const char *interpreter_python_version(void);
const char *interpreter_numpy_version(void);

#endif
