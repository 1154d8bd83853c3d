/*
 * The fleet on a loop of its own, with a host that is told what to do by its plugins (fake_host.py) and
 * a queue that is told what to say (fake_queue.h). The log goes into a file that tests read.
 */
#ifndef TEST_FLEET_HARNESS_H
#define TEST_FLEET_HARNESS_H

/* cmocka wants these first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_queue.h"
#include "memory/alloc.h"
#include "plugins/fleet_internal.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/request.h"

/* Two hosts, an empty directory of plugins; nothing started. tear_down drains and looks whether
 * descriptors, processes and temporary files are what they were. */
int set_up(void **state);
int tear_down(void **state);

/* A file of the directory; text NULL: it goes. */
void plugin(const char *name, const char *text);
/* Path of a file beside the directory. */
const char *beside(const char *name);

void start(void); /* and waits until fleet_start's ready() was called */
/* Runs the loop until it holds; fails the test when that takes longer than anything should. */
#define await(condition)                                                                           \
    do {                                                                                           \
        await_begin();                                                                             \
        while (!(condition))                                                                       \
            await_turn(#condition, __FILE__, __LINE__);                                            \
    } while (0)
void await_begin(void);
void await_turn(const char *what, const char *file, int line);

/* The host in a place of the serving generation. */
struct fleet_process *host_at(size_t index);
size_t hosts_ready(void);
bool has_conversion(const char *name); /* in the catalogue that is current */
/* Sends {"type": "do", "what": what, "argument": argument}; the argument is taken, and may be NULL. */
void tell(struct fleet_process *process, const char *what, json_t *argument_take);

/* A request that a handler has handed over; answered when *answered is true. */
struct request *new_request(void);
bool is_answered(const struct request *request);
void free_request(struct request *request_take);

/* Is there a line with both texts in the log? Pass "" for any. */
bool logged(const char *event, const char *text);
unsigned times_logged(const char *event, const char *text);

unsigned count_descriptors(void);
unsigned count_children(void);

#endif
