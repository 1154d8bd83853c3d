/*
 * Failure: Python exceptions turned into what a request is answered with, and cleared.
 *
 * After each function no exception is set, and nothing of it is alive unless the plugin keeps it.
 */
#ifndef ASTRO_PLUGIN_HOST_FAILURE_H
#define ASTRO_PLUGIN_HOST_FAILURE_H

#include "plugin_host/host.h"

/* What is raised by the host itself for results that do not fit: its text is the whole answer, without
 * traceback. Borrowed. */
extern PyObject *failure_wrong_result;

/* After the package's import. False: an exception is set. */
bool failure_open(PyObject *package_borrowed, PyObject *loader_borrowed);

/*
 * The exception that is set fails a piece: code, field and text, and the traceback into the frame.
 * astrolabe_plugin.Invalid has no traceback: it is an answer. Exceptions of all kinds, SystemExit and
 * MemoryError included, are that request's alone.
 */
void failure_from_exception(struct frame *frame, uint32_t piece, const char *conversion);

/* Raises astrolabe_plugin.Invalid: what a client has sent makes no sense. `code`: a word of ASTRO_CODES. */
void failure_raise_invalid(const char *field, const char *code, const char *text);

/* The exception that is set as one line and a traceback, for `failed` messages. */
void failure_describe(char text[512], char *traceback, size_t traceback_size);

/* The exception that is set, if any, is forgotten. */
void failure_forget(void);

/* Copies a text that fits into `size`, terminated, cut between characters. */
size_t failure_copy(char *ret, size_t size, const char *text, size_t length);

#endif
