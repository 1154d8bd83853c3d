/*
 * Pipeline: drives a call through its stages, on the loop while it is cheap, on the pool when it is not.
 *
 * pipeline_start() takes a request in state READY with its call created. When it returns true the request
 * is in state ANSWER with its response complete (inline); false: it is in state WORK, and
 * loop_finish_work() (process/loop.h) will be given it back on its loop, in state WORK, with
 * the response said but not finished (or request->error set).
 */
#ifndef ASTRO_DISPATCH_PIPELINE_H
#define ASTRO_DISPATCH_PIPELINE_H

#include <stdbool.h>

struct request;

bool pipeline_start(struct request *request);
/* On the loop, for a request in state WORK: what has not begun never begins. */
void pipeline_cancel(struct request *request);
/* On the loop, after the pool has given the request back: says the answer, state ANSWER. */
void pipeline_finish(struct request *request);

/*
 * A request comes back from its plugin host, on its loop: first its memory, so that what the host says
 * can be read, then the rest of its stages; its connection gets it when they are done.
 */
void pipeline_take_back(struct request *request);
void pipeline_resume(struct request *request);

#endif
