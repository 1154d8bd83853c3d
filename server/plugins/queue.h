/*
 * Queue: brings requests for plugin conversions to hosts and their answers back.
 *
 * Way        pipeline -> queue_submit (on the request's loop) -> at the end of the loop's turn all that
 *            came in it goes to idle hosts or waits -> host -> completion on the request's loop ->
 *            queue_answered in the pipeline. A host that becomes idle takes the next from the queue.
 * Batching   Waiting requests of one loop for the same elementwise conversion with equal parameters
 *            are joined, up to its max_rows and PROTOCOL_MAX_PIECES. While a host is idle nobody waits
 *            for others: what came in one turn of the loop is what is joined, and under load what came
 *            while the hosts were at work.
 * Bound      plugins.queue requests may wait; more are refused with 503 before anything is done.
 * Deadline   A request that waits too long is answered by its connection; it leaves the queue at once.
 *            A call that works longer than plugins.timeout, or whose request's deadline has passed
 *            and that has worked for a second at least, costs its host its life: fleet_kill().
 * Faults     A host that dies: a request that was alone in its call gets 502; joined ones that may be
 *            innocent are tried again, each alone.
 * Threads    One mutex, plugins_lock(), guards queue and hosts. It is held for microseconds.
 */
#ifndef ASTRO_PLUGINS_QUEUE_H
#define ASTRO_PLUGINS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;
struct loop;
struct request;
struct region_memory;
struct plugin_conversion;

/* Once per loop, on the main thread before loops run: the eventfd of its completions is polled by
 * the loop. False: no descriptor. */
bool queue_loop_open(struct loop *loop);
void queue_loop_close(struct loop *loop); /* on its thread; closes the handle */
int queue_loop_descriptor(size_t index);  /* to be inherited by hosts */

/*
 * When the head of a request has been read: may it come at all? Sets *ret_region to the region of the
 * host that will probably serve it, with a reference that the caller drops (NULL: no host is up, but one
 * is expected soon). False: the queue is full, the plugin is switched off, or no host will be up for
 * a while; request->error and request->retry_after are set.
 */
bool queue_admits(struct request *request, const struct plugin_conversion *conversion,
                  struct region_memory **ret_region);

/*
 * The request's call is bound; it is in state WORK and belongs to the queue now. from_loop: on its
 * loop; it is sent at the end of the turn. Else (compute pool): now. It comes back on its loop by
 * pipeline_resume(), or by loop_finish_work() with request->error set.
 */
void queue_submit(struct request *request, bool from_loop);
/* On the request's loop: nobody waits for it any more. If it was waiting it comes back at once by
 * loop_finish_work(); on a host, when that is done with it. */
void queue_cancel(struct request *request);
/* At the end of every turn of a loop (process/loop.c): sends what came in it. */
void queue_flush(struct loop *loop);

void plugins_lock(void);
void plugins_unlock(void);

/* --- for the fleet; locked --- */

/* The host is READY: it is on the list of those that take calls; waiting requests go to it. */
void queue_host_ready(struct host *host);
/* It takes no new calls (DRAINING). */
void queue_host_leaves(struct host *host);
/*
 * It is gone. Completions that it had written are still taken; then its calls are answered:
 * `code` and `text` for the request that was at work, others go back to the queue. The ring of releases
 * is read out and all it has retained is given up.
 */
void queue_host_died(struct host *host, int code, const char *text);
/* Nothing of a host that has died is needed any more: its record may be freed. */
bool queue_host_gone(const struct host *host);
/* Every request that waits for a conversion that is not there any more is answered. */
void queue_conversions_changed(void);
/* No host will ever come (shutdown): everything that waits is answered 503 draining. */
void queue_refuse_all(void);

/* A host that leaves has nothing more to do: no call, and nobody waits whom it alone can serve. */
bool queue_host_idle(const struct host *host);

/* The call that the host works on: its plugin and its first request's id; false when idle. */
bool queue_running(const struct host *host, char ret_plugin[64], char ret_request[64]);
/* Hosts whose call is overdue: called by the fleet's timer; fills ret[], returns how many. */
size_t queue_overdue(uint64_t now_ns, struct host *ret[], size_t most);
/* When the next call is overdue; UINT64_MAX: none. */
uint64_t queue_next_overdue(void);

/* --- figures; any thread; they lock --- */
size_t queue_waiting(void);

#endif
