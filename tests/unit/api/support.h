/* Requests without a socket: a loop and a server of the test's own, and the real handlers. */
#ifndef TEST_API_SUPPORT_H
#define TEST_API_SUPPORT_H

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdbool.h>

#include "api/handlers.h"
#include "process/loop.h"
#include "process/server.h"

int api_group_setup(void **state);    /* server, two loops, api_init() */
int api_group_teardown(void **state); /* asserts that the ledger is zero */
bool start_api(void);                 /* api_init(), and the loops have its catalogue */
void stop_api(void);
void use_catalogue(struct catalogue *catalogue_take); /* both loops */

/* A conversion of a plugin, with the inputs a (FP64) and n (INT64), the parameters k (a number) and
 * mode (a choice). */
struct plugin_conversion *plugin_conversion_of(const char *name, const char *plugin,
                                               const char *group);
/* Plugins `tools` (my_scale, my_shift) and `broken` (my_break) beside the built-in ones. */
struct catalogue *plugin_catalogue(void);

/* A request with this head, as the wire makes it; NULL body: none. Caller ends it. */
struct request *ask(enum request_method method, const char *path, const char *body);
/* Routes it and calls the handler; errors become response_fail(). Returns the status. */
int answer(struct request *request);
void done(struct request *request);
/* The answer's body; new memory, free(). */
char *body_text(const struct request *request, size_t *ret_length);
/* ask, answer (asserting the status), parse, done. New reference. */
json_t *document(enum request_method method, const char *path, const char *body, int status);

/* The counters of loop 0 or 1 for a conversion. */
struct stats_conversion *counters(size_t loop, const char *conversion);

#endif
