/*
 * Results: what a function returned, checked against its description and put where it belongs.
 *
 * What does not fit is an exception of the host's own (failure.h: failure_wrong_result), with a text that
 * names the output, what was expected and what came.
 */
#ifndef ASTRO_PLUGIN_HOST_RESULTS_H
#define ASTRO_PLUGIN_HOST_RESULTS_H

#include "plugin_host/invoke.h"

/*
 * result_borrowed: what the function returned. One place per output of a single piece: the values are
 * there afterwards. False: an exception is set, and the places hold anything.
 */
bool results_store(struct invocation *invocation, PyObject *result_borrowed,
                   const struct frame_piece *piece);
/* The same for all pieces, from the results of a joined call. */
bool results_scatter(struct invocation *invocation, PyObject *result_borrowed);

#endif
