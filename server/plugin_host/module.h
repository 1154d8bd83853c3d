/*
 * Module: the built-in module _astrolabe_host, which the package astrolabe_plugin asks about the call at
 * work. Outside of a call its functions raise RuntimeError, but for request_id().
 *
 *   outputs()       tuple of the writable arrays that the results go to; made once per call
 *   output_names()  tuple of str
 *   call_info()     (name of the conversion, id of the request, number of rows)
 *   request_id()    str; "" outside of a call
 *   references()    debug builds of Python only: all references that are counted, but for those that
 *                   NumPy gives back without counting (numpy.h)
 */
#ifndef ASTRO_PLUGIN_HOST_MODULE_H
#define ASTRO_PLUGIN_HOST_MODULE_H

#include "plugin_host/host.h"

/* For PyImport_AppendInittab; new reference. */
PyObject *module_init(void);

#endif
