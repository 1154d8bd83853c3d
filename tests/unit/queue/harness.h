/*
 * The queue without a fleet, a pipeline or a host: hosts are played by the test, which reads their
 * rings and writes their answers.
 *
 * The conversion   "scale": inputs ra, dec (FP64), outputs x, y (FP64), parameters factor (number) and
 * note (string); elementwise.
 */
#ifndef TEST_QUEUE_HARNESS_H
#define TEST_QUEUE_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalogue/catalogue.h"
#include "plugins/frame.h"
#include "plugins/host.h"
#include "plugins/part.h"
#include "plugins/queue.h"
#include "plugins/ring.h"
#include "process/loop.h"
#include "process/server.h"
#include "request/call.h"
#include "request/request.h"

extern struct plugin_conversion scale;       /* elementwise */
extern struct plugin_conversion other_scale; /* the same name, another signature */

int set_up(void **state);    /* one loop, nothing else */
int tear_down(void **state); /* fails when anything is left in the ledger */
extern struct loop *test_loop;

struct host *new_host(unsigned index); /* READY; serves `scale` as number 3 */
void free_host(struct host *host);     /* after its death */

/* A bound request with `n` rows: ra = base + i, dec = a scalar (n arrays when `arrays`). */
struct request *new_request(size_t n, double base, double factor);
void free_request(struct request *request); /* it must have come back */
void submit(struct request *request);       /* queue_submit and the end of the loop's turn */

/* --- the host's side --- */

/* The next call of a host; NULL: none. */
struct frame *next_call(struct host *host);
struct frame_piece *piece_at(struct frame *frame, unsigned i);
/* Reads piece inputs, writes x = factor * ra, y = dec. */
void compute(struct host *host, struct frame *frame);
void complete(struct host *host, const struct frame *frame);
/* The loop hears of it. */
void turn(void);

/* --- what came back --- */

extern unsigned resumed, finished; /* by pipeline_resume(), by loop_finish_work() */
bool is_back(const struct request *request);
void assert_scaled(const struct request *request, double base, double factor);

#endif
